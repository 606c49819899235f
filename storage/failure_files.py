"""Failure files as lists, downloads and people see them; and having one delivered again."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, select

from domain.failure_report import Delivery
from domain.tenant_config import InvalidConfiguration
from storage import audit
from storage.database import Database
from storage.tables import failure_files, file_drops

LARGEST_PAGE = 500
_SHOWN = [column for column in failure_files.c if column.name != "content"]


@dataclass(frozen=True)
class FailureFileRow:
    """One file without its content. `sha256` in hex; instants are UTC; `reason` is why it is not delivered yet."""

    tenant: str
    account: str
    day: date
    name: str
    sha256: str
    lines: int
    written_at: datetime
    delivery: Delivery
    reason: str
    attempt: int
    delivered_at: datetime | None


class FailureFiles:
    """The written failure files of tenants."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def list_files(
        self, tenant: str, *, account: str = "", after: str = "", limit: int = 100
    ) -> tuple[FailureFileRow, ...]:
        """Files of a tenant, newest day first; `after` names the last one that is known already.

        Raises LookupError when there is no such file.
        """
        query = select(*_SHOWN).where(failure_files.c.tenant == tenant)
        if account:
            query = query.where(failure_files.c.account == account)
        if after:
            last = self.get(tenant, after)
            if last is None:
                raise LookupError("no such file")
            later_name = (failure_files.c.day == last.day) & (failure_files.c.account > last.account)
            query = query.where((failure_files.c.day < last.day) | later_name)
        query = query.order_by(failure_files.c.day.desc(), failure_files.c.account)
        with self._db.read() as sql:
            rows = sql.execute(query.limit(max(1, min(limit, LARGEST_PAGE)))).all()
        return tuple(_row(one) for one in rows)

    def get(self, tenant: str, name: str) -> FailureFileRow | None:
        """One file by its name."""
        query = select(*_SHOWN).where(failure_files.c.tenant == tenant, failure_files.c.name == name)
        with self._db.read() as sql:
            row = sql.execute(query).one_or_none()
        return _row(row) if row is not None else None

    def download(self, tenant: str, name: str) -> bytes | None:
        """The bytes of one file, as they were written; None when there is no such file."""
        query = select(failure_files.c.content).where(failure_files.c.tenant == tenant, failure_files.c.name == name)
        with self._db.read() as sql:
            found = sql.execute(query).scalar()
        return bytes(found) if found is not None else None

    def send_again(self, tenant: str, name: str, *, by: str, at: datetime) -> FailureFileRow | None:
        """Have a file delivered (again) from `at` (UTC) on; None when there is no such file.

        One that was delivered or refused gets a new attempt. One that is under way keeps its attempt, for its outcome
        may be unknown, and gets another budget of sends. Raises `InvalidConfiguration` without an active folder.
        """
        mine = (failure_files.c.tenant == tenant) & (failure_files.c.name == name)
        with self._db.write() as sql:
            row = sql.execute(select(*_SHOWN).where(mine).with_for_update()).one_or_none()
            if row is None:
                return None
            if not sql.execute(select(file_drops.c.active).where(file_drops.c.tenant == tenant)).scalar():
                raise InvalidConfiguration(
                    f"the tenant {tenant} has no active folder on a file server: set one, or download the file"
                )
            changes: dict[str, Any] = {"wanted_at": at, "delivery": Delivery.OPEN.value, "told": False}
            if row.delivery == Delivery.OPEN.value:
                changes["grants"] = row.grants + 1
            elif row.delivery != Delivery.NONE.value:
                changes |= {"attempt": row.attempt + 1, "grants": 0, "delivered_at": None, "reason": ""}
            sql.execute(failure_files.update().where(mine).values(**changes))
            audit.note(sql, by, "failure_file.send_again", name, tenant=tenant)
        return self.get(tenant, name)


def _row(row: Row[Any]) -> FailureFileRow:
    return FailureFileRow(
        tenant=row.tenant,
        account=row.account,
        day=row.day,
        name=row.name,
        sha256=row.sha256,
        lines=row.lines,
        written_at=row.written_at,
        delivery=Delivery(row.delivery),
        reason=row.reason,
        attempt=row.attempt,
        delivered_at=row.delivered_at,
    )
