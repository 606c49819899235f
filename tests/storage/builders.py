"""Values that the storage tests begin with; each test says only what matters to it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.facts import ErpSnapshot, Fact, InvoiceRow, LineSums, Phase
from domain.operations import Kind, operation_id, operation_key
from domain.order_state import OrderState, evolve
from domain.outcomes import Evidence, OperationResult, Outcome
from domain.ports import OperationHeader
from domain.records import RecordBatch, RecordedFact
from domain.tenant_config import AppMode, OrderConfig

T0 = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
WORKFLOW = "order/acme/pixi/4711"

CONFIG = OrderConfig(
    configuration="acme-card",
    version=1,
    provider="unzer",
    provider_account="unzer/acme",
    mode=AppMode.EXPERT,
    xml_tag="UNZER",
    invoice_event="RE",
    return_event="GU",
)


def after(**parts: float) -> datetime:
    """`T0` plus a while."""
    return T0 + timedelta(**parts)


def header(**changes: Any) -> OperationHeader:
    """The capture of an invoice."""
    op_id = operation_id(WORKFLOW, Kind.CAPTURE, "R1", 1)
    known = OperationHeader(
        op_id, operation_key(op_id), WORKFLOW, "capture", "R1", 1, 1995, "EUR", "hash-1", "unzer/acme", "order"
    )
    return replace(known, **changes)


def succeeded(reference: str = "s-chg-1") -> OperationResult:
    return OperationResult(Outcome.SUCCEEDED, evidence=Evidence(reference, "t-1", 1995, "EUR", T0, True))


def snapshot(number: int = 1, **changes: Any) -> ErpSnapshot:
    """The ERP's picture of an order with one invoice; a higher number is a later picture with other content."""
    known = ErpSnapshot(
        order_no="4711",
        shop_order_no="W-4711",
        shop_id="SHOP",
        payment_code="CC",
        payment_id="s-pay-1",
        currency="EUR",
        total_minor=1994 + number,
        phase=Phase.OPEN,
        as_of=after(minutes=number),
        digest=f"digest-{number}",
        open=LineSums(1, 1995),
        invoices=(InvoiceRow("R1", 1995),),
    )
    return replace(known, **changes)


def numbered(facts: list[Fact], workflow_id: str = WORKFLOW) -> list[tuple[RecordedFact, OrderState]]:
    """Each fact that says something new with its number and the state after it."""
    state, found = OrderState(workflow_id), []
    for fact in facts:
        following = evolve(state, fact)
        if following is not state:
            found.append((RecordedFact(following.seq, fact), following))
        state = following
    return found


def batch(
    steps: list[tuple[RecordedFact, OrderState]], *, at: datetime = T0, next_due: datetime | None = None, **changes: Any
) -> RecordBatch:
    """What a wake hands over that learned these facts."""
    state = steps[-1][1] if steps else OrderState(WORKFLOW)
    facts = tuple(fact for fact, _ in steps)
    _, tenant, connection, order_no = state.workflow_id.split("/")
    known = RecordBatch(state.workflow_id, tenant, connection, order_no, CONFIG, facts, state, next_due, at)
    return replace(known, **changes)
