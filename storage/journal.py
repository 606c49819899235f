"""The book of record of operations: written before anything leaves, and it wins over workflow state.

Here is decided whether an operation may be sent (again): who owns it, what is known of earlier sends, whether the
gate is open. What the outside says is not interpreted here.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Connection, select

from domain import reasons
from domain.errors import NotSent
from domain.outcomes import FINAL, Evidence, NewHold, OperationResult, Outcome
from domain.ports import Begun, Earlier, Journal, OperationHeader
from storage.database import Database
from storage.gates import Gates
from storage.tables import operations
from storage.values import from_json, to_json
from storage.writing import insert_new


class SqlJournal(Journal):
    """Operations in SQL.

    `in_flight`: how long a request may still take effect after its answer was lost. `sends`: how often an operation
    may be sent without an answer being heard, until a person asks to go on with it.
    """

    def __init__(self, db: Database, gates: Gates, *, in_flight: timedelta, sends: int) -> None:
        self._db = db
        self._gates = gates
        self._in_flight = in_flight
        self._budget = sends

    def begin(self, header: OperationHeader, at: datetime, owner: str) -> Begun:
        """Insert the operation, or take over the row that is there from whoever had it."""
        with self._db.write() as connection:
            if insert_new(connection, operations, _fresh(header, at, owner)):
                return Begun(None, Earlier(0, may_send=not header.only_ask, withdrawn=header.only_ask))
            row = _locked(connection, header.id)
            if _is_final(row):
                return Begun(result_of(row), Earlier(row.sends, False))
            lost = row.executing and row.sent_now  # an execution that sent and never came back
            unresolved = row.unresolved + (1 if lost else 0)
            changes: dict[str, Any] = {}
            differs = (row.amount_minor, row.currency) != (header.amount_minor, header.currency)
            other_money = differs and bool(unresolved or row.accepted)  # what may have been sent keeps its figures
            if row.input_hash != header.input_hash and not other_money:
                changes = _content(header)
            # a clock that ran backwards starts the wait anew instead of making it endless
            last_sent_at = row.last_sent_at and min(row.last_sent_at, at)
            if lost:
                changes |= {"outcome": Outcome.UNKNOWN.value, "reason": reasons.WORKER_LOST, "retry_at": None}
            changes |= {
                "owner": owner,
                "begun_at": at,
                "executing": True,
                "sent_now": False,
                "executions": row.executions + 1,
                "unresolved": unresolved,
                "last_sent_at": last_sent_at,
            }
            _update(connection, header.id, changes)
        over = last_sent_at is not None and at >= last_sent_at + self._in_flight
        may_send = not row.accepted and (unresolved == 0 or (over and unresolved < self._budget * (1 + header.grants)))
        withdrawn = header.only_ask and not row.accepted  # what was accepted is on its way, wanted or not
        may_send = may_send and not other_money and not header.only_ask
        earlier = Earlier(row.sends, may_send, over, withdrawn, unresolved)
        return Begun(None, earlier, row.amount_minor, row.currency) if other_money else Begun(None, earlier)

    def permit(self, operation_id: str, owner: str, at: datetime) -> None:
        """Called immediately before a request leaves that changes something; raises `NotSent` when it must not."""
        with self._db.write() as connection:
            row = _locked(connection, operation_id)
            if row is None or not _may_work(row, owner):
                raise NotSent(reasons.STALE_OWNER)
            refusal = self._gates.check(connection, row.gate, at)
            if refusal is None:
                sends = row.sends + (0 if row.sent_now else 1)
                _update(connection, operation_id, {"sends": sends, "sent_now": True, "last_sent_at": at})
        if refusal is not None:
            raise refusal

    def look(self, operation_id: str, owner: str, at: datetime) -> None:
        """The same before a request that only asks: it counts towards the rate, and as no send."""
        with self._db.read() as connection:
            row = connection.execute(select(operations).where(operations.c.id == operation_id)).one_or_none()
        if row is None or not _may_work(row, owner):
            raise NotSent(reasons.STALE_OWNER)
        self._gates.permit(row.gate, at)

    def finish(self, operation_id: str, owner: str, at: datetime, result: OperationResult) -> OperationResult:
        """Store outcome and evidence; returns what stands.

        An earlier final outcome wins. Of an owner who lost the operation only a proven success counts. *Not sent*
        ends neither *unknown* nor *pending*: what an earlier execution left open stays open.
        """
        with self._db.write() as connection:
            row = _locked(connection, operation_id)
            if row is None:
                raise LookupError(f"the operation {operation_id} was never begun")
            if _is_final(row):
                return result_of(row)
            if row.owner != owner or not row.executing:
                return _finish_late(connection, row, at, result)
            unresolved = row.unresolved
            if result.outcome is Outcome.UNKNOWN and row.sent_now:
                unresolved += 1
            if result.outcome is Outcome.NOT_SENT and (row.accepted or unresolved):
                standing = Outcome.PENDING if row.accepted else Outcome.UNKNOWN
                result = OperationResult(standing, result.reason, result.evidence, result.retry_at)
            accepted = row.accepted or result.outcome is Outcome.PENDING
            _update(connection, operation_id, _ended(result, at) | {"unresolved": unresolved, "accepted": accepted})
        return result


def result_of(row: Any) -> OperationResult:
    """The outcome that a row of `operations` holds; only for rows that have one."""
    evidence = Evidence(
        reference=row.evidence_reference,
        trace=row.evidence_trace,
        amount_minor=row.evidence_amount_minor,
        currency=row.evidence_currency,
        at=row.evidence_at,
        found_by_reading=row.found_by_reading,
        code=row.evidence_code,
        advised_against=row.advised_against,
        hold=from_json(NewHold, row.evidence_hold) if row.evidence_hold is not None else None,
    )
    return OperationResult(Outcome(row.outcome), row.reason, evidence, row.retry_at)


class Recorded(Protocol):
    """What a workflow knows of an operation."""

    @property
    def attempt(self) -> int: ...
    @property
    def outcome(self) -> Outcome: ...


def begun(connection: Connection, workflow_id: str) -> Sequence[Any]:
    """The rows of everything that a workflow has begun, in that order."""
    mine = (operations.c.workflow_id == workflow_id, operations.c.content.is_not(None))
    query = select(operations).where(*mine).order_by(operations.c.begun_at, operations.c.id)
    return connection.execute(query).all()


def is_unheard(record: Recorded | None, row: Any) -> bool:
    """Whether a workflow's record of an operation is older than its row."""
    if record is None or record.attempt < row.attempt:
        return True
    return record.attempt == row.attempt and record.outcome not in FINAL and _is_final(row)


def ended_at(row: Any) -> datetime:
    """When the latest execution ended or, where it never did, when it began (UTC)."""
    return row.finished_at or row.begun_at  # type: ignore[no-any-return]


def outcome_of(row: Any) -> OperationResult:
    """The outcome of a row; what began and has none may have been sent."""
    return OperationResult(Outcome.UNKNOWN, reasons.WORKER_LOST) if row.outcome is None else result_of(row)


def _finish_late(connection: Connection, row: Any, at: datetime, result: OperationResult) -> OperationResult:
    """What an owner reports who no longer has the operation."""
    if result.outcome is Outcome.SUCCEEDED and result.evidence != Evidence():
        _update(connection, row.id, _ended(result, at))
        return result
    if result.outcome is Outcome.PENDING:
        _update(connection, row.id, {"accepted": True})
    return result_of(row) if row.outcome and not row.executing else result


def _may_work(row: Any, owner: str) -> bool:
    return row.owner == owner and row.executing and not _is_final(row)


def _is_final(row: Any) -> bool:
    return row.outcome is not None and Outcome(row.outcome) in FINAL


def _locked(connection: Connection, operation_id: str) -> Any:
    return connection.execute(select(operations).where(operations.c.id == operation_id).with_for_update()).one_or_none()


def _update(connection: Connection, operation_id: str, values: dict[str, Any]) -> None:
    connection.execute(operations.update().where(operations.c.id == operation_id).values(**values))


def _content(header: OperationHeader) -> dict[str, Any]:
    return {
        "key": header.key,
        "workflow_id": header.workflow_id,
        "kind": header.kind,
        "subject": header.subject,
        "attempt": header.attempt,
        "amount_minor": header.amount_minor,
        "currency": header.currency,
        "input_hash": header.input_hash,
        "gate": header.gate,
        "origin": header.origin,
        "content": header.content or None,
    }


def _fresh(header: OperationHeader, at: datetime, owner: str) -> dict[str, Any]:
    return _content(header) | {
        "id": header.id,
        "created_at": at,
        "owner": owner,
        "begun_at": at,
        "executing": True,
        "sent_now": False,
        "executions": 1,
        "sends": 0,
        "unresolved": 0,
        "accepted": False,
        "reason": "",
        "evidence_reference": "",
        "evidence_trace": "",
        "evidence_currency": "",
        "found_by_reading": False,
    }


def _ended(result: OperationResult, at: datetime) -> dict[str, Any]:
    evidence = result.evidence
    return {
        "outcome": result.outcome.value,
        "reason": result.reason,
        "evidence_reference": evidence.reference,
        "evidence_trace": evidence.trace,
        "evidence_amount_minor": evidence.amount_minor,
        "evidence_currency": evidence.currency,
        "evidence_at": evidence.at,
        "found_by_reading": evidence.found_by_reading,
        "evidence_code": evidence.code,
        "advised_against": evidence.advised_against,
        "evidence_hold": to_json(evidence.hold) if evidence.hold is not None else None,
        "retry_at": result.retry_at,
        "finished_at": at,
        "executing": False,
        "sent_now": False,
    }
