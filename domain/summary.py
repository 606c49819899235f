"""An order in a few words: what lists, search attributes and pages show. Derived from the state, never stored apart."""

from dataclasses import dataclass
from enum import StrEnum

from domain.facts import Phase
from domain.operations import WHOLE_ORDER, Kind
from domain.order_state import OrderState
from domain.outcomes import Outcome
from domain.payment_methods import Family, method
from domain.problems import Severity


class OrderStatus(StrEnum):
    """Where an order stands for an operator."""

    RECEIVED = "received"  # known, not checked yet
    WAITING_PAYMENT = "waiting_payment"  # on hold in the ERP: the payment is pending or cannot be read
    WAITING_TRANSFER = "waiting_transfer"  # released and locked until the customer's transfer arrives
    BLOCKED = "blocked"  # the check failed: released and locked
    RELEASED = "released"  # may ship
    SHIPPING = "shipping"  # something has shipped, not everything is captured and booked
    SETTLED = "settled"  # everything shipped is captured and booked
    CANCELLED = "cancelled"  # everything was cancelled in the ERP


@dataclass(frozen=True)
class OrderSummary:
    """One row of the order list, amounts in minor units; `problem` is the code of the gravest open one.

    `booked_minor` is what was booked for invoices, `refunded_minor` what Holdfast gave back.
    """

    status: OrderStatus
    family: str
    method: str
    problem: str
    severity: str
    needs_human: bool
    payment_id: str
    shop_order_no: str
    shop_id: str
    payment_code: str
    currency: str
    total_minor: int
    captured_minor: int
    booked_minor: int
    refunded_minor: int


def family_of(state: OrderState) -> Family | None:
    """The family by the payment's type (rule P9), or None while the payment is not known."""
    row = method(state.payment.method) if state.payment else None
    return row.family if row else None


def invoice_is_booked(state: OrderState, number: str) -> bool:
    """Whether the invoice's booking event stands, by us or by somebody else."""
    listed = next((one for one in state.erp.invoices if one.number == number), None) if state.erp else None
    return state.done(Kind.BOOK, number) or (listed is not None and listed.settled)


def status_of(state: OrderState) -> OrderStatus:
    """The order's status as an operator understands it."""
    erp = state.erp
    if erp is None:
        return OrderStatus.RECEIVED
    if erp.phase is Phase.CLOSED and erp.shipped.count == 0 and not erp.invoices:
        return OrderStatus.CANCELLED
    if erp.invoices:
        everything = erp.phase is Phase.CLOSED and all(invoice_is_booked(state, one.number) for one in erp.invoices)
        return OrderStatus.SETTLED if everything else OrderStatus.SHIPPING
    if state.check is not None and not state.check.passed:
        return OrderStatus.BLOCKED
    if not state.done(Kind.RELEASE, WHOLE_ORDER) and erp.phase is Phase.HELD:
        looked = state.payment is not None or state.unreadable is not None
        return OrderStatus.WAITING_PAYMENT if looked and state.check is None else OrderStatus.RECEIVED
    if family_of(state) is Family.PREPAYMENT and state.payment_lock:
        return OrderStatus.WAITING_TRANSFER
    return OrderStatus.RELEASED


def summarize(state: OrderState) -> OrderSummary:
    """The summary of an order; equal for equal states."""
    erp, payment = state.erp, state.payment
    problems = state.open_problems()
    errors = [one for one in problems if one.kind.severity is Severity.ERROR]
    gravest = (errors or list(problems))[-1] if problems else None
    family = family_of(state)
    return OrderSummary(
        status=status_of(state),
        family=family.value if family else "",
        method=payment.method if payment else "",
        problem=gravest.code if gravest else "",
        severity=gravest.kind.severity.value if gravest else "",
        needs_human=bool(errors),
        payment_id=erp.payment_id if erp else "",
        shop_order_no=erp.shop_order_no if erp else "",
        shop_id=erp.shop_id if erp else "",
        payment_code=erp.payment_code if erp else "",
        currency=erp.currency if erp else "",
        total_minor=erp.total_minor if erp else 0,
        captured_minor=(state.check.taken_minor if state.check else 0) + state.captured_since_check(),
        booked_minor=sum(
            one.amount_minor or 0
            for one in state.operations
            if one.kind is Kind.BOOK and one.operation.cause is None and state.done(one.kind, one.subject)
        ),
        refunded_minor=sum(
            one.amount_minor or 0
            for one in state.operations
            if one.kind is Kind.REFUND and one.outcome is Outcome.SUCCEEDED
        ),
    )
