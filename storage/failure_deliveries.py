"""The way of written failure files to the merchants, as the journal of operations tells it."""

from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, and_, false, or_, select

from domain import reasons
from domain.failure_report import Delivery, Tried, WrittenFile, delivery_of, mail_of
from domain.operations import Operation
from domain.outcomes import FINAL, Outcome
from storage.tables import failure_files, operations


def settled(sql: Connection, tenant: str, workflow_id: str) -> tuple[WrittenFile, ...]:
    """Bring the rows of files up to what the journal knows; returns those about which something is left to do."""
    refused = and_(failure_files.c.delivery == Delivery.REFUSED.value, failure_files.c.told == false())
    query = select(failure_files).where(
        failure_files.c.tenant == tenant, or_(failure_files.c.delivery == Delivery.OPEN.value, refused)
    )
    left = []
    for row in sql.execute(query.order_by(failure_files.c.day, failure_files.c.account)).all():
        plain = WrittenFile(row.account, row.day, row.name, row.wanted_at, row.attempt, row.grants)
        file = replace(plain, delivery=tried(sql, delivery_of(plain).operation, workflow_id))
        file = replace(file, mail=tried(sql, mail_of(file).operation, workflow_id))
        changes = _changes(row, file)
        if changes:
            sql.execute(failure_files.update().where(*file_key(tenant, row.account, row.day)).values(**changes))
        after = {**row._mapping, **changes}
        refused_now = after["delivery"] == Delivery.REFUSED.value
        if after["delivery"] == Delivery.OPEN.value or (refused_now and not after["told"]):
            left.append(file)
    return tuple(left)


def _changes(row: Row[Any], file: WrittenFile) -> dict[str, Any]:
    """What the row of a file lacks."""
    wanted: dict[str, Any] = {}
    delivery = file.delivery
    if delivery is not None:
        wanted["reason"] = "" if delivery.outcome is Outcome.SUCCEEDED else delivery.reason
        if delivery.outcome is Outcome.SUCCEEDED:
            wanted |= {"delivery": Delivery.DELIVERED.value, "delivered_at": delivery.at}
        elif delivery.outcome is Outcome.DECLINED:
            wanted["delivery"] = Delivery.REFUSED.value
            wanted["told"] = file.mail is not None and file.mail.outcome in FINAL
    return {name: value for name, value in wanted.items() if getattr(row, name) != value}


def tried(sql: Connection, operation: Operation, workflow_id: str) -> Tried | None:
    """What the journal knows of an operation; an execution that never came back may have sent, where it was allowed."""
    query = select(operations).where(operations.c.id == operation.id_within(workflow_id))
    row = sql.execute(query).one_or_none()
    if row is None:
        return None
    known = Outcome(row.outcome) if row.outcome is not None else Outcome.NOT_SENT
    if row.executing and known not in FINAL:
        lost = Outcome.UNKNOWN if row.sent_now else known
        return Tried(lost, row.attempt, row.begun_at, row.executions, None, reasons.WORKER_LOST)
    return Tried(known, row.attempt, row.finished_at or row.begun_at, row.executions, row.retry_at, row.reason)


def file_key(tenant: str, account: str, day: date) -> tuple[Any, ...]:
    """The condition for the row of one file."""
    return (failure_files.c.tenant == tenant, failure_files.c.account == account, failure_files.c.day == day)
