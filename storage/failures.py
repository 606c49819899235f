"""Turns what a database driver says into one sentence for the person who has to act."""

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, ProgrammingError

from domain.errors import HoldfastError, Transient


class DatabaseUnusable(HoldfastError):
    """The database cannot be used as it is; the sentence says what is wrong and what to do."""


class DatabaseBusy(DatabaseUnusable, Transient):
    """The database cannot be used just now; the same may work in a moment."""


# what the driver says in lower case, and what it means
_BROKEN = ("file is not a database", "malformed", "file is encrypted", "disk i/o error")
_BUSY = ("locked", "busy")
_CLOSED = ("unable to open database file", "readonly database", "read-only")
_FULL = ("disk is full", "no space left")
_NO_TABLES = ("no such table", "no such column", "undefinedtable", "undefinedcolumn")


def place(url: URL) -> str:
    """How a database is called in a sentence: its file, or host and name, never its password."""
    if url.get_backend_name() == "sqlite":
        return f"the database file {url.database}"
    return f"the database {url.database} on {url.host or 'this machine'}:{url.port or 5432}"


def broken(url: URL) -> DatabaseUnusable:
    return DatabaseUnusable(f"{place(url)} is damaged or no database: put a backup in its place, or move it away")


def busy(url: URL) -> DatabaseBusy:
    return DatabaseBusy(f"{place(url)} is locked by another program: stop that program, or wait until it is done")


def newer(url: URL) -> DatabaseUnusable:
    return DatabaseUnusable(f"{place(url)} was written by a newer Holdfast: start that version, or restore a backup")


def without_tables(url: URL) -> DatabaseUnusable:
    return DatabaseUnusable(f"{place(url)} lacks tables of this Holdfast: run its migrations first")


def explained(error: DBAPIError, url: URL) -> DatabaseUnusable | None:
    """The sentence for a failure that lies in the database itself, or None when it lies in the statement."""
    said = f"{type(error.orig).__name__}: {error.orig}".lower()
    if any(one in said for one in _BROKEN):
        return broken(url)
    if any(one in said for one in _NO_TABLES):
        return without_tables(url)
    if isinstance(error, ProgrammingError) or not isinstance(error, OperationalError | InterfaceError):
        return None
    if any(one in said for one in _BUSY):
        return busy(url)
    if any(one in said for one in _FULL):
        return DatabaseUnusable(f"{place(url)} cannot grow, the disk is full: free some space")
    if any(one in said for one in _CLOSED):
        return DatabaseUnusable(f"{place(url)} cannot be opened or written: check its folder and who owns it")
    return DatabaseBusy(f"{place(url)} does not answer: check that it runs and that the credentials are right")
