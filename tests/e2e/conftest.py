"""One Holdfast of real processes for all tests that need none of their own; each of them has a tenant of its own."""

import os
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
import pytest_asyncio

from settings import Profile
from tests.e2e.life import Life
from tests.support.stack import Stack

MakeLife = Callable[..., Awaitable[Life]]
PATIENCE = 240.0  # seconds: other heavy work may share the machine


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A whole Holdfast starts slowly on a busy machine."""
    for item in items:
        if "tests/e2e/" in item.path.as_posix():
            item.add_marker(pytest.mark.timeout(900), append=False)


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Every process of Holdfast and every sandbox."""
    with Stack.start(tmp_path_factory.mktemp("holdfast"), profile=Profile.EMBEDDED) as running:
        yield running


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def begin(stack: Stack) -> MakeLife:
    """Begins the life of a tenant: `await begin("name", **fields of its role)`."""

    async def made(tenant: str, **role: Any) -> Life:
        return await Life.begin(stack, tenant, **role)

    return made


@pytest.fixture(scope="session")
def postgres() -> str:
    """Address of a PostgreSQL server on which databases may be created."""
    url = os.environ.get("HOLDFAST_TEST_POSTGRES", "")
    if not url:
        pytest.skip("set HOLDFAST_TEST_POSTGRES to the address of a PostgreSQL server")
    return url


def eventually(what: str, holds: Callable[[], bool], within: float = PATIENCE) -> None:
    """Wait for a condition; fails with `what` when it never comes true."""
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline, f"after {within:.0f} s: {what}"
        time.sleep(0.1)
