"""Every test here runs on SQLite, and on PostgreSQL where HOLDFAST_TEST_POSTGRES names one with room for databases."""

import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from storage.database import Database, parse_url
from storage.migrate import migrate
from storage.tables import metadata

POSTGRES = "HOLDFAST_TEST_POSTGRES"


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "holdfast.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def empty_postgres() -> Iterator[str]:
    """The address of a fresh PostgreSQL database without tables."""
    yield from _postgres_database()


@pytest.fixture(scope="session")
def migrated_postgres() -> Iterator[str]:
    """The address of a fresh PostgreSQL database with tables."""
    for url in _postgres_database():
        migrate(url)
        yield url


def _postgres_database() -> Iterator[str]:
    given = os.environ.get(POSTGRES)
    if not given:
        pytest.skip(f"{POSTGRES} names no PostgreSQL")
    server = create_engine(parse_url(given), isolation_level="AUTOCOMMIT")
    name = f"holdfast_{uuid.uuid4().hex[:12]}"
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield make_url(given).set(database=name).render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        server.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty, migrated database."""
    if request.param == "sqlite":
        path = tmp_path / "holdfast.db"
        shutil.copy(request.getfixturevalue("template"), path)
        return f"sqlite:///{path}"
    address: str = request.getfixturevalue("migrated_postgres")
    database = Database(address)
    with database.write() as connection:
        tables = ", ".join(metadata.tables)
        connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY"))
    database.close()
    return address


@pytest.fixture
def db(url: str) -> Iterator[Database]:
    """An open, empty, migrated database."""
    database = Database(url)
    yield database
    database.close()
