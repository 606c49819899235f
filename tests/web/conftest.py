"""Each test gets a starter of its own over a fresh, migrated SQLite file."""

import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from httpx import AsyncClient

from settings import Profile
from storage.database import Database
from storage.migrate import migrate
from tests.web.world import World, settings

MakeWorld = Callable[..., World]


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file to copy."""
    path = tmp_path_factory.mktemp("web") / "holdfast.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def make_world(migrated: Path, tmp_path: Path) -> Iterator[MakeWorld]:
    """Makes a starter; keyword arguments are settings."""
    opened: list[Database] = []

    def make(profile: Profile = Profile.FAST, **changes: object) -> World:
        path = tmp_path / f"{len(opened)}.db"
        shutil.copy(migrated, path)
        url = f"sqlite:///{path}"
        opened.append(Database(url))
        return World(opened[-1], settings(url, profile, **changes))

    yield make
    for database in opened:
        database.close()


@pytest.fixture
def world(make_world: MakeWorld) -> World:
    """The usual starter."""
    return make_world()


@pytest.fixture
async def shop(world: World) -> AsyncIterator[AsyncClient]:
    """A shop of the tenant acme that may read and write."""
    async with world.shop() as client:
        yield client


@pytest.fixture
async def anyone(world: World) -> AsyncIterator[AsyncClient]:
    """A caller without a token."""
    async with world.client() as client:
        yield client
