"""Inserts that meet an existing row."""

from sqlalchemy import select

from storage.database import Database
from storage.tables import leases
from storage.writing import insert_new, put
from tests.storage.builders import T0

ROW = {"name": "n", "slot": 1, "holder": "a", "expires_at": T0}


def test_a_row_is_inserted_once(db: Database) -> None:
    """The first insert says that it was new, the second that it was not, and the first row stays."""
    with db.write() as connection:
        assert insert_new(connection, leases, ROW)
        assert not insert_new(connection, leases, ROW | {"holder": "b"})
        assert connection.execute(select(leases.c.holder)).scalars().all() == ["a"]


def test_put_replaces_what_it_names_and_nothing_else(db: Database) -> None:
    """The second row with the same key takes the first one's place; another key is another row."""
    with db.write() as connection:
        put(connection, leases, ROW)
        put(connection, leases, ROW | {"holder": "b"})
        put(connection, leases, ROW | {"slot": 2})
        found = connection.execute(select(leases.c.slot, leases.c.holder).order_by(leases.c.slot)).all()
    assert [tuple(row) for row in found] == [(1, "b"), (2, "a")]
