"""Which schema revisions this version knows, and which one a database stands at."""

from functools import cache
from pathlib import Path

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

_SCRIPTS = Path(__file__).parent / "migrations"


def revision(connection: Connection) -> str | None:
    """The schema revision that a database stands at, None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


@cache
def known_revisions() -> frozenset[str]:
    """Every revision this version can upgrade from or is."""
    return frozenset(one.revision for one in ScriptDirectory.from_config(alembic_config()).walk_revisions())


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's settings; what it runs, it runs on `connection`."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
