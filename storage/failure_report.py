"""Writing the failure files of a tenant, each exactly once, and what is known of their way to the merchant.

A file and the assignment of its lines are one transaction. Two that write the same file at the same time leave one:
the second finds its row taken and writes nothing. What became of a delivery stands in the journal of operations, which
is copied to the file's row for lists.
"""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import structlog
from sqlalchemy import Connection, Row, and_, bindparam, select

from domain.authorization.notices import FailureLine
from domain.authorization.operations import ExtensionKind
from domain.authorization.terms import Channel
from domain.failure_report import (
    Delivery,
    FailureLayout,
    FailureReports,
    OpenAttempt,
    ReportPicture,
    WaitingFile,
    last_closed,
    mail_of,
)
from domain.tenant_config import Language
from storage.database import Database
from storage.failure_deliveries import file_key, settled, tried
from storage.open_attempts import AuthorizationNames, open_attempts
from storage.tables import failure_files, failure_lines, file_drops, tenants
from storage.writing import insert_new

log = structlog.get_logger()


class SqlFailureReports(FailureReports):
    """Failure files in SQL. `layout` says how they are named and written."""

    def __init__(self, db: Database, layout: FailureLayout, names: AuthorizationNames) -> None:
        self._db = db
        self._layout = layout
        self._names = names

    def look(self, tenant: str, workflow_id: str, at: datetime) -> ReportPicture:
        """Write every file that is complete at `at` (UTC), and tell what is left to do. May be repeated."""
        closed = last_closed(at)
        with self._db.read() as sql:
            found = sql.execute(select(tenants.c.language).where(tenants.c.id == tenant)).one_or_none()
            if found is None:
                return ReportPicture(active=False)
            unfiled = _unfiled_days(sql, tenant, closed)
            since = min((day for _, day in unfiled), default=closed)
            # looked up before the lines are: what is over by now has left its lines already
            attempts = open_attempts(sql, tenant, self._names, since, closed)
        written, waiting, late = [], [], 0
        for account in sorted({account for account, _ in unfiled} | attempts.keys()):
            lines = {day: count for (owner, day), count in unfiled.items() if owner == account}
            for plan in self._plans(tenant, account, lines, attempts.get(account, ()), closed):
                if plan.open:
                    waiting.append(WaitingFile(account, plan.day, plan.lines, plan.open))
                    continue
                name = self._write(plan, Language(found.language), at)
                if name is None:  # somebody else was at it just now
                    waiting.append(WaitingFile(account, plan.day, 0, 0))
                    continue
                written.append(name)
                late += sum(lines[day] for day in plan.days if day != plan.day)
        with self._db.write() as sql:
            files = settled(sql, tenant, workflow_id)
            waits = tuple(replace(one, mail=tried(sql, mail_of(one).operation, workflow_id)) for one in waiting)
        return ReportPicture(written=tuple(written), files=files, waiting=waits, late=late)

    def content(self, tenant: str, account: str, day: date) -> bytes:
        """A written file. Raises LookupError when there is none."""
        with self._db.read() as sql:
            found = sql.execute(select(failure_files.c.content).where(*file_key(tenant, account, day))).scalar()
        if found is None:
            raise LookupError(f"no failure file of {account} for {day}")
        return bytes(found)

    def _plans(
        self, tenant: str, account: str, lines: dict[date, int], attempts: Sequence[OpenAttempt], closed: date
    ) -> "list[_Plan]":
        """The days of an account that have something to say, oldest first.

        Lines of a day that is written already go into the latest closed day's file, so nothing is lost and nothing
        rewritten; where that is written too, they wait for the next.
        """
        days = {one.day for one in attempts if one.day <= closed} | lines.keys()
        with self._db.read() as sql:
            query = select(failure_files.c.day).where(
                failure_files.c.tenant == tenant,
                failure_files.c.account == account,
                failure_files.c.day.in_({*days, closed}),
            )
            taken = set(sql.execute(query).scalars())
        wanted: dict[date, set[date]] = defaultdict(set)
        for day in days:
            if day not in taken:
                wanted[day].add(day)
            elif day in lines and closed not in taken:
                wanted[closed].add(day)
        plans = []
        for day, sources in sorted(wanted.items()):
            told = sum(lines.get(one, 0) for one in sources)
            count = sum(one.keeps_open(day) for one in attempts)
            if told or count:
                plans.append(_Plan(tenant, account, day, tuple(sorted(sources)), told, count))
        return plans

    def _write(self, plan: "_Plan", language: Language, at: datetime) -> str | None:
        """Write the file of a day; its name, or None when its row was taken meanwhile."""
        with self._db.write() as sql:
            mine = and_(_unfiled(plan.tenant), failure_lines.c.account == plan.account)
            rows = sql.execute(
                select(failure_lines)
                .where(mine, failure_lines.c.day.in_(plan.days))
                .order_by(failure_lines.c.failed_at, failure_lines.c.workflow_id, failure_lines.c.key)
                .with_for_update()
            ).all()
            if not rows:
                return None
            content = self._layout.content([_line(row) for row in rows], language)
            dropped = sql.execute(select(file_drops.c.active).where(file_drops.c.tenant == plan.tenant)).scalar()
            name = self._name(sql, plan)
            values = {
                "tenant": plan.tenant,
                "account": plan.account,
                "day": plan.day,
                "name": name,
                "content": content,
                "sha256": hashlib.sha256(content).hexdigest(),
                "lines": len(rows),
                "written_at": at,
                "wanted_at": at if dropped else None,
                "delivery": (Delivery.OPEN if dropped else Delivery.NONE).value,
                "reason": "",
                "attempt": 1,
                "grants": 0,
                "told": False,
            }
            if not insert_new(sql, failure_files, values):
                return None
            sql.execute(_ASSIGNED, [{"of": row.workflow_id, "named": row.key, "file_day": plan.day} for row in rows])
        for row in rows:
            if row.day != plan.day:
                log.warning("failure_file.late_line", tenant=plan.tenant, file=name, day=row.day.isoformat())
        log.info("failure_file.written", tenant=plan.tenant, file=name, lines=len(rows))
        return name

    def _name(self, sql: Connection, plan: "_Plan") -> str:
        names = self._layout.names(plan.tenant, plan.account, plan.day)
        query = select(failure_files.c.name).where(
            failure_files.c.tenant == plan.tenant, failure_files.c.name.in_(names)
        )
        taken = set(sql.execute(query).scalars())
        return next((one for one in names if one not in taken), names[-1])


@dataclass(frozen=True)
class _Plan:
    """A file that is due: the lines of `days` go into that of `day`, unless so many attempts keep it `open`."""

    tenant: str
    account: str
    day: date
    days: tuple[date, ...]
    lines: int
    open: int


_ASSIGNED = failure_lines.update().where(
    failure_lines.c.workflow_id == bindparam("of"), failure_lines.c.key == bindparam("named")
)


def _unfiled(tenant: str) -> Any:
    return and_(
        failure_lines.c.tenant == tenant,
        failure_lines.c.channel == Channel.FILE.value,
        failure_lines.c.file_day.is_(None),
    )


def _unfiled_days(sql: Connection, tenant: str, closed: date) -> dict[tuple[str, date], int]:
    """How many lines of each account and closed day stand in no file."""
    query = select(failure_lines.c.account, failure_lines.c.day).where(_unfiled(tenant), failure_lines.c.day <= closed)
    found: dict[tuple[str, date], int] = defaultdict(int)
    for row in sql.execute(query):
        found[row.account, row.day] += 1
    return found


def _line(row: Row[Any]) -> FailureLine:
    return FailureLine(
        key=row.key,
        extension=ExtensionKind(row.extension),
        amount_minor=row.amount_minor,
        currency=row.currency,
        case_reference=row.case_reference,
        payout_reference=row.payout_reference,
        reference=row.reference,
        failed_at=row.failed_at,
        reason=row.reason,
        code=row.code,
        hope_at=row.hope_at,
    )
