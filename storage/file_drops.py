"""The folders on file servers that failure files are put into, one per tenant."""

from dataclasses import asdict

from sqlalchemy import select

from domain.file_drop import DropLogin, DropProtocol, FileDropSettings
from domain.parties import Sealed
from storage import audit
from storage.database import Database
from storage.revising import Change, check_tenant, put_revision
from storage.tables import file_drops


class FileDrops:
    """Settings of file drops. `by` is who changes them."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def file_drop(self, tenant: str) -> FileDropSettings | None:
        """Where a tenant's files are put, None when nothing is set."""
        with self._db.read() as sql:
            row = sql.execute(select(file_drops).where(file_drops.c.tenant == tenant)).one_or_none()
        if row is None:
            return None
        values = dict(row._mapping) | {"protocol": DropProtocol(row.protocol), "login": DropLogin(row.login)}
        return FileDropSettings(**values)

    def put_file_drop(
        self,
        wanted: FileDropSettings,
        *,
        by: str = audit.NOBODY,
        expected: int | None = None,
        secret: Sealed | None = None,
    ) -> None:
        """Set where a tenant's files are put, with a `secret` if that is new too.

        `expected` is the revision that the change was made from, 0 for none. Raises `InvalidConfiguration` and
        `ChangedMeanwhile`.
        """
        row = asdict(wanted) | {"protocol": wanted.protocol.value, "login": wanted.login.value}
        with self._db.write() as sql:
            check_tenant(sql, wanted.tenant)
            change = Change(wanted.tenant, "file_drop.put", wanted.tenant, by, expected, secret)
            put_revision(sql, file_drops, row, change)
