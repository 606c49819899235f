"""Every scenario is played twice: in the pure core, and through the workflow."""

from collections.abc import Iterator
from functools import partial
from typing import cast

import pytest

from tests.authorizations.playing import Begin
from tests.authorizations.real_life import RealLife, Stand
from tests.domain.authorization.life import Life


@pytest.fixture(scope="session")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """Server, workers and database of the session."""
    opened = Stand(tmp_path_factory.mktemp("authorizations"))
    yield opened
    opened.close()


@pytest.fixture(params=["pure", "workflow"])
def begin(request: pytest.FixtureRequest) -> Begin:
    """Begins an authorization, the customer's hold included."""
    if request.param == "pure":
        return Life.begin
    return cast("Begin", partial(RealLife.begin, request.getfixturevalue("stand")))
