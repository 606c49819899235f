"""Inserts that meet an existing row without failing, alike on SQLite and PostgreSQL."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_new(connection: Connection, table: Table, values: Mapping[str, Any]) -> bool:
    """Insert a row unless one with a key of it stands; whether it was inserted."""
    statement = insert(connection, table).values(**values).on_conflict_do_nothing()
    # psycopg's count of inserted rows is kept only on demand
    return connection.execute(statement, execution_options={"preserve_rowcount": True}).rowcount == 1


def put(connection: Connection, table: Table, values: Mapping[str, Any]) -> None:
    """Insert a row, or set every given column of the one with the same primary key."""
    keys = [column.name for column in table.primary_key]
    statement = insert(connection, table).values(**values)
    rest = {name: statement.excluded[name] for name in values if name not in keys}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=rest))


def insert(connection: Connection, table: Table) -> "sqlite.Insert | postgresql.Insert":
    """The database's own INSERT, which knows ON CONFLICT."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)
