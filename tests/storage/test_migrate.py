"""Migrations lead from nothing to exactly the tables that the code knows."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from storage.database import Database
from storage.migrate import migrate
from storage.revisions import alembic_config, known_revisions, revision
from storage.tables import metadata


def test_the_migrated_schema_is_the_one_in_the_code(db: Database) -> None:
    """Nobody changes a table without a migration."""
    with db.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata) == []


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_processes_that_start_together_migrate_once(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Four migrations of one empty database at the same time all end well."""
    url = f"sqlite:///{tmp_path / 'new' / 'holdfast.db'}" if kind == "sqlite" else None
    url = url or request.getfixturevalue("empty_postgres")
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(migrate, [url] * 4))
    migrate(url)
    db = Database(url)
    with db.read() as connection:
        assert revision(connection) in known_revisions()
        assert MigrationContext.configure(connection).get_current_heads()
    db.close()


def test_there_is_one_line_of_migrations() -> None:
    """Two heads would leave it to chance what a database looks like."""
    from alembic.script import ScriptDirectory

    assert len(ScriptDirectory.from_config(alembic_config()).get_heads()) == 1
