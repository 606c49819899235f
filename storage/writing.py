"""Inserts that meet an existing row without failing, alike on SQLite and PostgreSQL."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_new(connection: Connection, table: Table, values: Mapping[str, Any]) -> bool:
    """Insert a row unless one with a key of it stands; whether it was inserted."""
    statement = _insert_new(connection.dialect.name, table)
    # psycopg's count of inserted rows is kept only on demand
    return connection.execute(statement, dict(values), execution_options={"preserve_rowcount": True}).rowcount == 1


def put(connection: Connection, table: Table, values: Mapping[str, Any]) -> None:
    """Insert a row, or set every given column of the one with the same primary key."""
    connection.execute(_put(connection.dialect.name, table, tuple(values)), dict(values))


def insert(connection: Connection, table: Table) -> "sqlite.Insert | postgresql.Insert":
    """The database's own INSERT, which knows ON CONFLICT."""
    return _insert(connection.dialect.name, table)


def _insert(dialect: str, table: Table) -> "sqlite.Insert | postgresql.Insert":
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


# statements are built once: building takes longer than the database needs to carry one out


@cache
def _insert_new(dialect: str, table: Table) -> Executable:
    return _insert(dialect, table).on_conflict_do_nothing()


@cache
def _put(dialect: str, table: Table, names: tuple[str, ...]) -> Executable:
    keys = [column.name for column in table.primary_key]
    statement = _insert(dialect, table)
    excluded = statement.excluded
    rest = {name: excluded[name] for name in names if name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=rest)
