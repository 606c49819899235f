"""One database: connections, transactions, and the sentences when it cannot be used.

SQLite (embedded) writes ahead with `synchronous=FULL`, takes its write lock when a writing transaction begins and
waits five seconds for it. PostgreSQL writes in READ COMMITTED and locks rows; a reading transaction sees one instant
on both. No transaction may span a call over the network.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from storage.failures import DatabaseBusy, DatabaseUnusable, broken, busy, explained, newer
from storage.revisions import known_revisions, revision

__all__ = ["Database", "DatabaseBusy", "DatabaseUnusable", "check_file", "parse_url"]

BUSY_TIMEOUT_MS = 5000
# threads of one process queue for the only writer of a SQLite file in turn, instead of polling its lock
TURN_SECONDS = 30.0
_WRITES = "holdfast_writes"


def parse_url(url: str) -> URL:
    """The address of a database as SQLAlchemy uses it; PostgreSQL is spoken to through psycopg."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise DatabaseUnusable(
            "the database address cannot be read: give sqlite:///path/to/file or postgresql://user:password@host/name"
        ) from None
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        if not parsed.database or parsed.database == ":memory:":
            raise DatabaseUnusable("a database in memory forgets what it must remember: give sqlite:///path/to/file")
        return parsed.set(drivername="sqlite+pysqlite")
    if backend in {"postgresql", "postgres"}:
        return parsed.set(drivername="postgresql+psycopg")
    raise DatabaseUnusable(f"Holdfast knows sqlite and postgresql, not {backend}")


class Database:
    """Connections to one database, safe to share between threads."""

    def __init__(self, url: str) -> None:
        self.url = parse_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._engine = _sqlite(self.url) if self.is_sqlite else _postgres(self.url)
        self._turn = threading.Lock()
        self._writer = 0
        event.listen(self._engine, "before_cursor_execute", _storable, retval=True)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads and sees one instant. Raises `DatabaseUnusable`."""
        options: dict[str, Any] = (
            {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        )
        with self._explaining(), self._engine.connect() as raw:
            connection = raw.execution_options(**options)
            with connection.begin():
                yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that may write; rolled back when the block raises. Raises `DatabaseUnusable`."""
        with self._explaining(), self._in_turn(), self._engine.connect() as raw:
            connection = raw.execution_options(**{_WRITES: True})
            with connection.begin():
                yield connection

    def close(self) -> None:
        """Give all connections back; the object must not be used afterwards."""
        self._engine.dispose()

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        if not self.is_sqlite:
            yield
            return
        me = threading.get_ident()
        if self._writer == me:
            raise RuntimeError("this thread already writes: a second transaction would wait for the first for ever")
        if not self._turn.acquire(timeout=TURN_SECONDS):
            raise busy(self.url)
        self._writer = me
        try:
            yield
        finally:
            self._writer = 0
            self._turn.release()

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            sentence = explained(error, self.url)
            if sentence is None:
                raise
            raise sentence from error


def check_file(url: str) -> None:
    """Whether the database can be opened, is whole, is not locked and not newer than this Holdfast.

    A SQLite file that does not exist yet passes when it can be created. Raises `DatabaseUnusable` with one sentence.
    """
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite" and not _there(parsed):
        return
    database = Database(url)
    try:
        with database.read() as connection:
            if database.is_sqlite and connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() != "ok":
                raise broken(parsed)
        with database.write() as connection:  # finds out whether somebody holds the lock
            found = revision(connection)
        if found is not None and found not in known_revisions():
            raise newer(parsed)
    finally:
        database.close()


def _there(url: URL) -> bool:
    path = Path(url.database or "")
    if path.is_dir():
        raise DatabaseUnusable(f"{path} is a folder: give the name of a file")
    return path.exists()


def _sqlite(url: URL) -> Engine:
    engine = create_engine(
        url, pool_size=20, max_overflow=80, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False}
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(dbapi_connection: sqlite3.Connection, _record: object) -> None:
    # the driver's own transactions begin too late for BEGIN IMMEDIATE: they are begun in _begin_sqlite
    dbapi_connection.isolation_level = None
    for pragma in (f"busy_timeout={BUSY_TIMEOUT_MS}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        dbapi_connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgres(url: URL) -> Engine:
    return create_engine(
        url,
        pool_size=10,
        max_overflow=40,
        pool_pre_ping=True,
        isolation_level="READ COMMITTED",
        connect_args={"connect_timeout": 5, "application_name": "holdfast"},
    )


def _storable(
    _connection: object, _cursor: object, statement: str, parameters: Any, _context: object, _many: bool
) -> tuple[str, Any]:
    """Replace what no text column can hold (NUL, half surrogate pairs), so that foreign text never breaks a write."""
    return statement, _clean(parameters)


def _clean(value: Any) -> Any:
    match value:
        case str():
            if value.isascii() and "\0" not in value:
                return value
            return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")
        case dict():
            return {name: _clean(one) for name, one in value.items()}
        case tuple():
            return tuple(_clean(one) for one in value)
        case list():
            return [_clean(one) for one in value]
        case _:
            return value
