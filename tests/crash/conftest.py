"""A whole Holdfast on real processes whose ERP is awake, whatever the hour."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.daytime import midday_in_berlin
from tests.support.stack import Stack


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    """One Holdfast for one test."""
    with midday_in_berlin(tmp_path / "zones"), Stack.start(tmp_path) as running:
        yield running


@pytest.fixture(scope="module")
def shared_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One Holdfast for the tests of a module that play on tenants of their own."""
    folder = tmp_path_factory.mktemp("holdfast")
    with midday_in_berlin(folder / "zones"), Stack.start(folder) as running:
        yield running
