"""Connections, transactions, instants, and what a person reads when the database cannot be used."""

import sqlite3
import threading
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import StatementError

from storage import database as module
from storage.database import Database, DatabaseBusy, DatabaseUnusable, check_file
from storage.gates import Gates
from storage.migrate import migrate
from storage.tables import gates, leases
from tests.storage.builders import T0, after


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits a moment for a lock instead of seconds."""
    monkeypatch.setattr(module, "BUSY_TIMEOUT_MS", 50)


def _slot(db: Database, slot: int) -> datetime | None:
    with db.read() as connection:
        found: datetime | None = connection.execute(
            select(leases.c.expires_at).where(leases.c.name == "n", leases.c.slot == slot)
        ).scalar()
        return found


def _put(db: Database, slot: int, expires_at: datetime = T0, holder: str = "h") -> None:
    with db.write() as connection:
        connection.execute(leases.insert().values(name="n", slot=slot, holder=holder, expires_at=expires_at))


def test_instants_come_back_aware_and_in_utc(db: Database) -> None:
    """An instant given in another zone, with microseconds, is the same instant in UTC afterwards."""
    at = datetime(2027, 3, 28, 3, 30, 0, 123456, timezone(timedelta(hours=2)))
    _put(db, 1, at)
    found = _slot(db, 1)
    assert found == at
    assert found is not None
    assert found.utcoffset() == timedelta(0)


def test_instants_are_ordered_by_time(db: Database) -> None:
    """Instants with and without microseconds, given in several zones, compare by time in the database."""
    west = timezone(timedelta(hours=-9))
    _put(db, 1, after(seconds=1).astimezone(west))
    _put(db, 2, after(microseconds=1))
    _put(db, 3, T0)
    with db.read() as connection:
        slots = connection.execute(select(leases.c.slot).order_by(leases.c.expires_at)).scalars().all()
        late = connection.execute(select(leases.c.slot).where(leases.c.expires_at >= after(seconds=1))).scalars().all()
    assert slots == [3, 2, 1]
    assert late == [1]


def test_an_instant_without_zone_is_refused(db: Database) -> None:
    """Nobody can say later what a zone-less instant meant, so none is stored."""
    with pytest.raises(StatementError, match="without a zone"):
        _put(db, 1, T0.replace(tzinfo=None))


def test_a_failed_block_writes_nothing(db: Database) -> None:
    """What raises inside a writing transaction takes everything back."""

    def fail() -> None:
        with db.write() as connection:
            connection.execute(leases.insert().values(name="n", slot=1, holder="h", expires_at=T0))
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert _slot(db, 1) is None


def test_text_that_no_column_can_hold_is_stored_readably(db: Database) -> None:
    """NUL and half surrogate pairs in foreign text become the replacement character instead of an error."""
    _put(db, 1, holder="a\0b\ud800ü😀")
    with db.read() as connection:
        assert connection.execute(select(leases.c.holder)).scalar_one() == "a\ufffdb?ü😀"


def test_a_reading_block_sees_one_instant(db: Database) -> None:
    """What others write while a transaction reads does not show in it."""
    with db.read() as connection:
        before = connection.execute(select(leases.c.slot)).all()
        other = threading.Thread(target=_put, args=(db, 1))
        other.start()
        other.join()
        assert connection.execute(select(leases.c.slot)).all() == before == []
    assert _slot(db, 1) == T0


def test_writers_of_many_threads_lose_nothing(db: Database) -> None:
    """Eight threads that read, add and write under a lock count every single step."""
    Gates(db).set_rate("counter", 1)

    def count() -> None:
        for _ in range(20):
            with db.write() as connection:
                query = select(gates.c.rate_per_second).where(gates.c.name == "counter").with_for_update()
                value = connection.execute(query).scalar_one()
                connection.execute(gates.update().values(rate_per_second=(value or 0) + 1))

    threads = [threading.Thread(target=count) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    with db.read() as connection:
        assert connection.execute(select(gates.c.rate_per_second)).scalar_one() == 161


def test_sqlite_writes_ahead_and_to_the_disk(template: Path) -> None:
    """The embedded database runs with the settings that survive a lost machine."""
    db = Database(f"sqlite:///{template}")
    with db.read() as connection:
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]
    db.close()
    assert found == ["wal", 2]


def test_a_transaction_inside_a_transaction_is_refused(template: Path) -> None:
    """On SQLite a thread that already writes would wait for itself; it is told at once."""
    db = Database(f"sqlite:///{template}")
    with db.write(), pytest.raises(RuntimeError, match="already writes"), db.write():
        pass
    with db.write():
        pass
    db.close()


@pytest.mark.usefixtures("impatient")
def test_a_locked_file_is_named(template: Path) -> None:
    """Another program that holds the write lock gives one sentence, when checking and when writing."""
    url = f"sqlite:///{template}"
    db = Database(url)
    other = sqlite3.connect(template, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(DatabaseBusy, match=r"holdfast\.db is locked by another program"):
            check_file(url)
        with pytest.raises(DatabaseBusy, match="is locked"), db.write():
            pass
        with db.read() as connection:
            assert connection.execute(select(leases.c.slot)).all() == []
    finally:
        other.close()
        db.close()


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    """A text file in the database's place is neither used nor overwritten."""
    path = tmp_path / "holdfast.db"
    path.write_text("this is a shopping list, " * 200)
    before = path.read_bytes()
    for check in (check_file, migrate):
        with pytest.raises(DatabaseUnusable, match=r"holdfast\.db is damaged or no database"):
            check(f"sqlite:///{path}")
    assert path.read_bytes() == before


def test_a_damaged_file_is_found(template: Path, tmp_path: Path) -> None:
    """A file whose pages were overwritten is found before anything is built on it."""
    path = tmp_path / "holdfast.db"
    content = bytearray(template.read_bytes())
    content[4096 : 4096 * 6] = b"\x5a" * 4096 * 5
    path.write_bytes(content)
    with pytest.raises(DatabaseUnusable, match="is damaged"):
        check_file(f"sqlite:///{path}")


def test_a_newer_schema_is_left_alone(url: str, db: Database) -> None:
    """A database of a later version is neither used nor migrated by this one."""
    with db.write() as connection:
        kept = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    try:
        for check in (check_file, migrate):
            with pytest.raises(DatabaseUnusable, match="was written by a newer Holdfast"):
                check(url)
    finally:
        with db.write() as connection:
            connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{kept}'")


def test_a_database_without_tables_is_named(tmp_path: Path) -> None:
    """Whoever forgot the migrations is told so."""
    db = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(DatabaseUnusable, match="run its migrations first"):
        _put(db, 1)
    db.close()


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("nonsense", "cannot be read"),
        ("sqlite://", "forgets"),
        ("sqlite:///:memory:", "forgets"),
        ("mysql://host/name", "not mysql"),
        ("sqlite:////proc/nowhere/holdfast.db", "folder /proc/nowhere"),
        ("sqlite:////", "folder"),
        ("postgresql://me:s3cret@127.0.0.1:1/name", "the database name on 127.0.0.1:1 does not answer"),
    ],
)
def test_an_unusable_address_gives_one_sentence(url: str, sentence: str) -> None:
    """Whatever is wrong with the address, a person reads one line, without the password."""
    with pytest.raises(DatabaseUnusable, match=sentence) as caught:
        migrate(url)
    assert "\n" not in str(caught.value)
    assert "s3cret" not in str(caught.value)
