"""Rows as pages and the API read them: plain values, instants in UTC, amounts in minor units."""

import json
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from domain.facts import Fact
from domain.outcomes import OperationResult
from storage.journal import result_of
from storage.values import fact_from_json


@dataclass(frozen=True)
class OrderRow:
    """One line of the order list."""

    workflow_id: str
    tenant: str
    connection: str
    order_no: str
    shop_order_no: str
    shop_id: str
    payment_code: str
    payment_id: str
    family: str
    method: str
    status: str
    problem: str
    severity: str
    needs_human: bool
    currency: str
    total_minor: int
    captured_minor: int
    booked_minor: int
    refunded_minor: int
    seq: int
    next_due: datetime | None
    changed_at: datetime
    configuration: str
    config_version: int


@dataclass(frozen=True)
class InvoiceLine:
    """One invoice of an order and what was done about it."""

    number: str
    total_minor: int
    shipped: bool
    settled: bool
    captured_minor: int
    capture_reference: str
    capture_outcome: str
    booked_minor: int
    book_outcome: str


@dataclass(frozen=True)
class CreditNoteLine:
    """One credit note of an order and what was done about it."""

    number: str
    total_minor: int
    from_return: bool
    settled: bool
    refunded_minor: int
    refund_reference: str
    refund_outcome: str
    book_outcome: str


@dataclass(frozen=True)
class ProblemRow:
    """One problem that an order has or had."""

    workflow_id: str
    code: str
    subject: str
    cause: str
    number: int
    severity: str
    raised_at: datetime
    solved_at: datetime | None
    params: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class FactRow:
    """One line of an order's journal. `fact` is None where lost facts were replaced by a picture of the state."""

    seq: int
    kind: str
    at: datetime
    recorded_at: datetime
    fact: Fact | None
    next_due: datetime | None


@dataclass(frozen=True)
class OperationRow:
    """One operation as the journal holds it. `result` is None before the first answer."""

    id: str
    key: str
    workflow_id: str
    kind: str
    subject: str
    attempt: int
    amount_minor: int | None
    currency: str
    gate: str
    origin: str
    created_at: datetime
    executing: bool
    executions: int
    sends: int
    unresolved: int
    last_sent_at: datetime | None
    finished_at: datetime | None
    result: OperationResult | None


def order_row(row: Any) -> OrderRow:
    return OrderRow(**_picked(OrderRow, row))


def invoice_line(row: Any) -> InvoiceLine:
    return InvoiceLine(**_picked(InvoiceLine, row))


def credit_note_line(row: Any) -> CreditNoteLine:
    return CreditNoteLine(**_picked(CreditNoteLine, row))


def problem_row(row: Any) -> ProblemRow:
    return ProblemRow(**_picked(ProblemRow, row) | {"params": tuple(json.loads(row.params).items())})


def fact_row(row: Any) -> FactRow:
    fact = fact_from_json(row.kind, row.payload) if row.kind != "Checkpoint" else None
    return FactRow(row.seq, row.kind, row.at, row.recorded_at, fact, row.next_due)


def operation_row(row: Any) -> OperationRow:
    result = result_of(row) if row.outcome is not None else None
    return OperationRow(**_picked(OperationRow, row), result=result)


def _picked(kind: type[Any], row: Any) -> dict[str, Any]:
    """The columns that a row class has fields for."""
    known = row._mapping
    return {one.name: known[one.name] for one in fields(kind) if one.name in known}
