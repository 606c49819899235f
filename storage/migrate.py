"""Brings a database to the schema of this version. Safe to run from several processes at once."""

from pathlib import Path

from alembic import command
from sqlalchemy import text

from storage.database import Database, check_file, parse_url
from storage.failures import DatabaseUnusable
from storage.revisions import alembic_config

_LOCK_NUMBER = 4_653_110_417  # any number, the same in every process


def migrate(url: str) -> None:
    """Create or upgrade the schema in one transaction. Raises `DatabaseUnusable`."""
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        _make_folder(Path(parsed.database).parent)
    check_file(url)
    database = Database(url)
    try:
        with database.write() as connection:
            if not database.is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK_NUMBER})
            command.upgrade(alembic_config(connection), "head")
    finally:
        database.close()


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseUnusable(f"the folder {folder} for the database cannot be made: {error.strerror}") from error
