"""Read models of orders: derived from start, state and next due instant alone, so that they can be rebuilt."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from domain.operations import Kind
from domain.order_state import OrderState
from domain.outcomes import Outcome
from domain.problems import Problem
from domain.summary import summarize
from domain.tenant_config import OrderConfig, Pacing
from storage.tables import READ_MODELS, order_credit_notes, order_invoices, order_problems, orders
from storage.values import to_json
from storage.writing import put


@dataclass(frozen=True)
class StartedOrder:
    """Identity and frozen configuration of an order."""

    workflow_id: str
    tenant: str
    connection: str
    order_no: str
    config: OrderConfig
    pacing: Pacing | None = None
    started_at: datetime | None = None  # set where the order was read


def project(connection: Connection, started: StartedOrder, state: OrderState, next_due: datetime | None) -> None:
    """Replace the order's rows in every read model."""
    put(connection, orders, _order(started, state, next_due))
    for table in (order_invoices, order_credit_notes, order_problems):
        connection.execute(table.delete().where(table.c["workflow_id"] == started.workflow_id))
    invoices = _invoices(state)
    if invoices:
        connection.execute(order_invoices.insert(), invoices)
    credit_notes = _credit_notes(state)
    if credit_notes:
        connection.execute(order_credit_notes.insert(), credit_notes)
    problems = {one.name: one for one in state.problems}
    if problems:
        rows = [_problem(started, one) for one in problems.values()]
        connection.execute(order_problems.insert(), rows)


def forget(connection: Connection, workflow_id: str) -> None:
    """Remove the order's rows from every read model."""
    for table in READ_MODELS:
        connection.execute(table.delete().where(table.c["workflow_id"] == workflow_id))


def _order(started: StartedOrder, state: OrderState, next_due: datetime | None) -> dict[str, Any]:
    summary = asdict(summarize(state)) | {"status": summarize(state).status.value}
    return summary | {
        "workflow_id": started.workflow_id,
        "tenant": started.tenant,
        "connection": started.connection,
        "order_no": started.order_no,
        "seq": state.seq,
        "next_due": next_due,
        "changed_at": state.changed_at or started.started_at,
        "configuration": started.config.configuration,
        "config_version": started.config.version,
        "state": to_json(state),
    }


def _invoices(state: OrderState) -> list[dict[str, Any]]:
    listed = {one.number: one for one in state.erp.invoices} if state.erp else {}
    rows = []
    for invoice in listed.values():
        capture = state.operation(Kind.CAPTURE, invoice.number)
        booking = state.operation(Kind.BOOK, invoice.number)
        captured = capture is not None and capture.outcome is Outcome.SUCCEEDED
        booked = booking is not None and booking.outcome is Outcome.SUCCEEDED
        rows.append(
            {
                "workflow_id": state.workflow_id,
                "number": invoice.number,
                "total_minor": invoice.total_minor,
                "shipped": invoice.shipped,
                "settled": invoice.settled,
                "captured_minor": (capture.amount_minor or 0) if capture and captured else 0,
                "capture_reference": capture.reference if capture else "",
                "capture_outcome": capture.outcome.value if capture else "",
                "booked_minor": (booking.amount_minor or 0) if booking and booked else 0,
                "book_outcome": booking.outcome.value if booking else "",
            }
        )
    return rows


def _credit_notes(state: OrderState) -> list[dict[str, Any]]:
    listed = {one.number: one for one in state.erp.credit_notes} if state.erp else {}
    rows = []
    for credit in listed.values():
        refund = state.operation(Kind.REFUND, credit.number)
        booking = state.operation(Kind.BOOK, credit.number)
        refunded = refund is not None and refund.outcome is Outcome.SUCCEEDED
        rows.append(
            {
                "workflow_id": state.workflow_id,
                "number": credit.number,
                "total_minor": credit.total_minor,
                "from_return": credit.from_return,
                "settled": credit.settled,
                "refunded_minor": (refund.amount_minor or 0) if refund and refunded else 0,
                "refund_reference": refund.reference if refund else "",
                "refund_outcome": refund.outcome.value if refund else "",
                "book_outcome": booking.outcome.value if booking else "",
            }
        )
    return rows


def _problem(started: StartedOrder, problem: Problem) -> dict[str, Any]:
    return {
        "workflow_id": started.workflow_id,
        "tenant": started.tenant,
        "code": problem.code,
        "subject": problem.subject,
        "cause": problem.cause,
        "number": problem.kind.number,
        "severity": problem.kind.severity.value,
        "raised_at": problem.raised_at,
        "solved_at": problem.solved_at,
        "params": json.dumps(dict(problem.params), ensure_ascii=False),
    }
