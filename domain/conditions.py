"""Which problems an order has: conditions over its state, each from the instant on at which it holds.

A problem is raised when its condition holds and no occurrence with the same cause was raised before, and it goes away
with its condition. Marking it solved clears the mark and nothing else (rule P3), so the same cause stays silent.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from domain import reasons
from domain.facts import ErpSnapshot, Phase, Standing
from domain.invoices import invoice_needs
from domain.money import Money
from domain.operations import ERP, Kind
from domain.order_state import OperationRecord, OrderState
from domain.outcomes import FINAL, Outcome
from domain.payment_check import all_cancelled
from domain.payment_methods import Family, method
from domain.tenant_config import OrderConfig
from domain.transfers import transfer

# it was us who did not ask: no disturbance
_NOT_ASKED = frozenset({reasons.QUIET_WINDOW, reasons.PAUSED, reasons.RATE, reasons.BUSY, reasons.INACTIVE})
UNKNOWN_IS_ERROR_AFTER = 4  # executions without an answer


@dataclass(frozen=True)
class Condition:
    """A problem's code, subject and cause; it holds from `since` (UTC) on."""

    code: str
    since: datetime
    subject: str = ""
    cause: str = "1"
    params: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        return "/".join((self.code, self.subject, self.cause))


def conditions(state: OrderState, config: OrderConfig, now: datetime) -> tuple[Condition, ...]:
    """Every condition of the order, those that will hold later included."""
    erp = state.erp
    if erp is None:
        return ()
    return (
        *_of_payment(state, erp, config, now),
        *_of_transfer(state, erp, config, now),
        *_of_invoices(state, erp, config, now),
        *(found for record in state.operations for found in _of_operation(record, config)),
        *_of_people(state, erp, now),
    )


def _of_payment(state: OrderState, erp: ErpSnapshot, config: OrderConfig, now: datetime) -> Iterator[Condition]:
    payment, check = state.payment, state.check
    if state.unreadable is not None and state.unreadable.reason not in _NOT_ASKED:
        broken = state.unreadable.reason == reasons.MISCONFIGURED
        code = "misconfigured" if broken else "payment_unreadable"
        params = (("system", "provider"),) if broken else (("reason", state.unreadable.reason),)
        yield Condition(code, now, cause=f"read-{state.payment_seq}", params=params)
    if check is None and payment is not None and payment.standing is Standing.PENDING and erp.phase is Phase.HELD:
        yield Condition("payment_pending", now)
    if check is not None and not check.passed:
        yield Condition(check.problem, now, cause=str(check.number), params=check.params)
    if payment is not None and payment.charged_back_minor > 0:
        amount = Money(payment.charged_back_minor, payment.currency)
        yield Condition("chargeback", now, cause=str(amount.amount_minor), params=(("amount", str(amount)),))
    row = method(check.method) if check else None
    held_back = payment is not None and payment.captured_minor + payment.remaining_minor > 0
    # raised on a fresh look only, and dropped on none: a later picture must not hide it for good
    told = any(one.code == "cancellation_by_hand" for one in state.open_problems())
    if all_cancelled(erp) and held_back and payment is not None and (told or state.payment_seq >= state.erp_seq):
        sums = (
            ("captured", str(Money(payment.captured_minor, payment.currency))),
            ("held", str(Money(payment.remaining_minor, payment.currency))),
        )
        yield Condition("cancellation_by_hand", now, params=sums)
    if check is not None and row is not None and row.hold_can_age_out and erp.phase is not Phase.CLOSED:
        # rule P39: the lifetime of the hold cannot be read, so its age is shown
        days = (("days", str(config.warn_hold_after.days)),)
        yield Condition("hold_aging", check.at + config.warn_hold_after, params=days)


def _of_transfer(state: OrderState, erp: ErpSnapshot, config: OrderConfig, now: datetime) -> Iterator[Condition]:
    check = state.check
    row = method(check.method) if check else None
    if check is None or not check.passed or row is None or row.family is not Family.PREPAYMENT:
        return
    found = transfer(state, config)
    amounts = (
        ("received", str(Money(found.received_minor, erp.currency))),
        ("expected", str(Money(found.wanted_minor, erp.currency))),
    )
    if found.too_little:
        yield Condition("transfer_too_little", now, cause=str(found.received_minor), params=amounts)
    if found.too_much:
        yield Condition("transfer_too_much", now, cause=str(found.received_minor), params=amounts)
    if not found.complete and erp.phase is not Phase.CLOSED:
        if not found.too_little:
            yield Condition("waiting_for_transfer", now, params=amounts[1:])
        days = (("days", str(config.warn_prepayment_after.days)),)
        yield Condition("transfer_overdue", check.at + config.warn_prepayment_after, params=days)


def _of_invoices(state: OrderState, erp: ErpSnapshot, config: OrderConfig, now: datetime) -> Iterator[Condition]:
    for need in invoice_needs(state, config):
        number = need.invoice.number
        if number in state.unpaid_invoices:
            yield Condition("shipped_unpaid", now, number, params=(("invoice", number),))
        elif need.exceeds and not state.done(Kind.BOOK, number):
            total, order = Money(need.sum_minor, erp.currency), Money(erp.total_minor, erp.currency)
            facts = (("invoice", number), ("sum", str(total)), ("order", str(order)))
            yield Condition("invoices_exceed_order", now, number, str(need.sum_minor), facts)
    if state.check is not None and not state.check.passed:
        for invoice in erp.invoices:
            if invoice.shipped and not invoice.settled:
                yield Condition("capture_unverified", now, invoice.number, params=(("invoice", invoice.number),))
    for credit in erp.credit_notes:
        if not credit.settled:
            amount = Money(credit.total_minor, erp.currency)
            details = (("credit_note", credit.number), ("amount", str(amount)))
            yield Condition("credit_note_by_hand", now, credit.number, params=details)


_REFUSED = {
    Kind.BOOK: "booking_failed",
    Kind.RELEASE: "erp_refused",
    Kind.LOCK: "erp_refused",
    Kind.UNLOCK: "erp_refused",
    Kind.COMMENT: "erp_refused",
}


def _of_operation(record: OperationRecord, config: OrderConfig) -> Iterator[Condition]:
    operation = record.operation
    if operation.kind is Kind.MAIL:
        return
    subject, cause = f"{operation.kind.value}/{operation.subject}", str(operation.attempt)
    named = (("operation", operation.kind.value),)
    if record.outcome is Outcome.DECLINED:
        yield from _of_refusal(record, subject, cause)
    if record.outcome is Outcome.UNKNOWN and record.executions >= UNKNOWN_IS_ERROR_AFTER:
        # rule P40 here too: no alarm before the time that is normal has passed
        yield Condition("outcome_unknown", max(record.at, record.first_at + config.alarm_after), subject, cause, named)
    if record.outcome not in FINAL and record.reason == reasons.MISCONFIGURED:
        system = "erp" if operation.kind in ERP else "provider"
        yield Condition("misconfigured", record.at, subject, cause, (("system", system),))
    if operation.kind in (Kind.CAPTURE, Kind.BOOK) and operation.invoice_no and record.outcome not in FINAL:
        # rule P40: up to ten minutes from the condition to settlement are normal
        invoice = (("invoice", operation.invoice_no),)
        yield Condition("settlement_late", record.first_at + config.alarm_after, subject, cause, invoice)


def _of_refusal(record: OperationRecord, subject: str, cause: str) -> Iterator[Condition]:
    operation = record.operation
    amount = ("amount", str(Money(operation.amount_minor or 0, operation.currency)))
    invoice, reason = ("invoice", operation.invoice_no), ("reason", record.reason)
    if operation.kind is Kind.CAPTURE and operation.invoice_no:  # without an invoice it failed the check
        if record.reason == reasons.EXPIRED:
            yield Condition("authorization_expired", record.at, operation.subject, cause, (amount,))
        else:
            yield Condition("capture_failed", record.at, operation.subject, cause, (amount, reason))
    elif operation.kind is Kind.BOOK:
        yield Condition("booking_failed", record.at, operation.subject, cause, (amount, invoice))
    elif operation.kind in ERP:
        named = ("operation", operation.kind.value)
        yield Condition("erp_refused", record.at, subject, cause, (named, reason))


def _of_people(state: OrderState, erp: ErpSnapshot, now: datetime) -> Iterator[Condition]:
    if state.cancel_wished_at is not None and erp.phase is not Phase.CLOSED:
        yield Condition("cancel_wished", now)
    if state.workflow_cancelled_at is not None:
        yield Condition("workflow_cancelled", now, cause=state.workflow_cancelled_at.isoformat())
