"""Facts and states for tests of the domain, with everything that does not matter filled in."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.facts import (
    CheckFailed,
    CheckPassed,
    ErpReported,
    ErpSnapshot,
    Fact,
    InvoiceRow,
    LineSums,
    OperationEnded,
    PaymentRead,
    PaymentSnapshot,
    Phase,
    Standing,
)
from domain.operations import Kind, Operation
from domain.order import Decision, decide
from domain.order_state import RULES, OrderState, evolve
from domain.outcomes import Evidence, OperationResult, Outcome
from domain.tenant_config import AppMode, OrderConfig, Pacing

AT = datetime(2027, 1, 12, 9, tzinfo=UTC)  # a Tuesday, 10:00 in Berlin
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WORKFLOW_ID = "order/demo/pixi/4711"
PAYMENT_ID = "s-pay-1"
PACING = Pacing()


def config(**changes: Any) -> OrderConfig:
    return replace(
        OrderConfig(
            configuration="demo",
            version=1,
            provider="unzer",
            provider_account="main",
            mode=AppMode.EXPERT,
            xml_tag="UZCC",
            invoice_event="UZE",
            return_event="UZR",
        ),
        **changes,
    )


def picture(at: datetime = AT, **changes: Any) -> ErpSnapshot:
    """A held order of 100.00 EUR unless told otherwise; the digest follows from the content."""
    seen = replace(
        ErpSnapshot(
            order_no="4711",
            shop_order_no="W-4711",
            shop_id="DEM",
            payment_code="K",
            payment_id=PAYMENT_ID,
            currency="EUR",
            total_minor=100_00,
            phase=Phase.HELD,
            as_of=at,
            digest="",
            held=LineSums(1, 100_00),
        ),
        **changes,
    )
    return replace(seen, digest=str(hash(replace(seen, as_of=AT))))


def shipped(at: datetime, *invoices: InvoiceRow, phase: Phase = Phase.CLOSED, **changes: Any) -> ErpSnapshot:
    sums = LineSums(len(invoices), sum(one.total_minor for one in invoices))
    return picture(at, phase=phase, held=LineSums(), shipped=sums, invoices=invoices, **changes)


def payment(at: datetime = AT, **changes: Any) -> PaymentSnapshot:
    """An authorized card of 100.00 EUR unless told otherwise."""
    return replace(
        PaymentSnapshot(
            payment_id=PAYMENT_ID,
            standing=Standing.ACCEPTED,
            as_of=at,
            method="card",
            currency="EUR",
            total_minor=100_00,
            remaining_minor=100_00,
        ),
        **changes,
    )


def prepayment(at: datetime = AT, received: int = 0) -> PaymentSnapshot:
    return payment(
        at, method="prepayment", captured_minor=received, remaining_minor=100_00 - received, received_minor=received
    )


def after(*facts: Fact, state: OrderState | None = None) -> OrderState:
    known = state or OrderState(WORKFLOW_ID, rules=RULES)
    for fact in facts:
        known = evolve(known, fact)
    return known


def read(state: OrderState, snapshot: PaymentSnapshot) -> OrderState:
    return evolve(state, PaymentRead(snapshot, state.seq))


def checked(
    erp: ErpSnapshot | None = None, read_payment: PaymentSnapshot | None = None, *, problem: str = ""
) -> OrderState:
    """An order whose payment was read and checked."""
    snapshot = read_payment or payment()
    state = read(after(ErpReported(erp or picture())), snapshot)
    if problem:
        return after(CheckFailed(AT, problem), state=state)
    passed = CheckPassed(AT, snapshot.method, snapshot.captured_minor, snapshot.remaining_minor)
    return after(passed, state=state)


def ended(
    kind: Kind, subject: str, outcome: Outcome, at: datetime = AT, *, amount: int | None = None, **changes: Any
) -> OperationEnded:
    operation = Operation(kind, subject, attempt=changes.pop("attempt", 1), amount_minor=amount, currency="EUR")
    operation = replace(
        operation, **{key: changes.pop(key) for key in ("lock", "invoice_no", "note") if key in changes}
    )
    reference = "charges/s-chg-1" if kind is Kind.CAPTURE and outcome is Outcome.SUCCEEDED else ""
    result = OperationResult(outcome, evidence=Evidence(reference, amount_minor=amount), **changes)
    return OperationEnded(operation, at, result)


def decided(state: OrderState, now: datetime = AT, **changes: Any) -> Decision:
    """The decision once every conclusion is drawn; what is left is an effect, a read, or waiting."""
    return next_effect(state, now, **changes)[1]


def next_effect(state: OrderState, now: datetime = AT, **changes: Any) -> tuple[OrderState, Decision]:
    """As `decided`, with the state that the conclusions lead to."""
    for _ in range(100):
        decision = decide(state, config(**changes), PACING, now)
        step = decision.step
        if step is None or isinstance(step, Operation) or not hasattr(step, "at"):
            return state, decision
        state = evolve(state, step)  # type: ignore[arg-type]
    raise AssertionError("the order draws conclusions without end")
