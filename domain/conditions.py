"""Which problems an order has: conditions over its state, each from the instant on at which it holds.

A problem is raised when its condition holds and no occurrence with the same cause was raised before, and it goes away
with its condition. Marking it solved clears the mark and nothing else (rule P3), so the same cause stays silent. Money
that could not be given back is told anew when it went away, as for an order that was opened again, and comes back.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from domain import reasons
from domain.facts import ErpSnapshot, Phase, Standing
from domain.giving_back import (
    CANCELLED_ORDER,
    GiveBack,
    belongs,
    captures_come_first,
    give_backs,
    giving_back_is_known,
    nothing_is_left_for,
    still_wanted,
    surplus_returns,
)
from domain.invoices import invoice_needs
from domain.money import Money
from domain.operations import ERP, Cause, Kind
from domain.order_state import REFUNDED_BY_HAND, OperationRecord, OrderState
from domain.outcomes import FINAL, Outcome
from domain.payment_check import all_cancelled
from domain.payment_methods import Family, method
from domain.tenant_config import OrderConfig
from domain.transfers import CANCELLED_LINES, lines_are_superseded, transfer

# it was us who did not ask: no disturbance
NOT_ASKED = frozenset({reasons.QUIET_WINDOW, reasons.PAUSED, reasons.RATE, reasons.BUSY, reasons.INACTIVE})
SHIPMENT = "shipment"  # subject of problems with the report of a shipment
_OF_FRESH_PICTURES = frozenset({"refund_exceeds", REFUNDED_BY_HAND, "pay_back_by_transfer", "cancellation_by_hand"})
_OF_RECEIPTS = frozenset({"transfer_too_little", "transfer_too_much", "transfer_overdue", "waiting_for_transfer"})
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
    found = (
        *_of_payment(state, erp, config, now),
        *_of_transfer(state, erp, config, now),
        *_of_invoices(state, erp, config, now),
        *_of_documents(state, erp, now),
        *_of_giving_back(state, erp, config, now),
        *(found for record in _standing(state, erp) for found in _of_operation(record, config)),
        *_of_people(state, erp, now),
    )
    return tuple(_occurrence(state, one) for one in found)


def _occurrence(state: OrderState, found: Condition) -> Condition:
    """Tells a condition that is back after it went away from its earlier occurrences."""
    if state.rules < 2 or found.code not in _OF_FRESH_PICTURES:
        return found
    cause = found.cause.partition("~")[0]
    before = [
        one
        for one in state.problems
        if (one.code, one.subject, one.cause.partition("~")[0]) == (found.code, found.subject, cause)
    ]
    if not before:
        return found
    return replace(found, cause=f"{cause}~{len(before) + 1}" if before[-1].gone else before[-1].cause)


def _of_payment(state: OrderState, erp: ErpSnapshot, config: OrderConfig, now: datetime) -> Iterator[Condition]:
    payment, check = state.payment, state.check
    if state.unreadable is not None and state.unreadable.reason not in NOT_ASKED:
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
    if state.rules < 2:
        yield from _of_cancellation_by_hand(state, erp, now)
    if check is not None and row is not None and row.hold_can_age_out and erp.phase is not Phase.CLOSED:
        # rule P39: the lifetime of the hold cannot be read, so its age is shown
        days = (("days", str(config.warn_hold_after.days)),)
        yield Condition("hold_aging", check.at + config.warn_hold_after, params=days)


def _of_cancellation_by_hand(state: OrderState, erp: ErpSnapshot, now: datetime) -> Iterator[Condition]:
    """A cancelled order whose money is held or taken, and that Holdfast does not give back by itself."""
    payment = state.payment
    held_back = payment is not None and payment.captured_minor + payment.remaining_minor > 0
    # raised on a fresh look only, and dropped on none: a later picture must not hide it for good
    told = any(one.code == "cancellation_by_hand" for one in state.open_problems())
    if all_cancelled(erp) and held_back and payment is not None and (told or state.payment_seq >= state.erp_seq):
        sums = (
            ("captured", str(Money(payment.captured_minor, payment.currency))),
            ("held", str(Money(payment.remaining_minor, payment.currency))),
        )
        yield Condition("cancellation_by_hand", now, params=sums)


def _of_transfer(state: OrderState, erp: ErpSnapshot, config: OrderConfig, now: datetime) -> Iterator[Condition]:
    check = state.check
    row = method(check.method) if check else None
    if check is None or not check.passed or row is None or not row.awaits_transfer:
        return
    if row.family is Family.SECURED or (state.rules > 1 and all_cancelled(erp)):
        return  # when the customer pays is the provider's business; a cancelled order awaits nothing
    if state.rules > 1 and state.payment_seq < state.money_seq:  # what we moved ourselves is not in the picture yet
        for one in state.open_problems():
            if one.code in _OF_RECEIPTS:
                yield Condition(one.code, now, one.subject, one.cause, one.params)
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
    if not found.complete and erp.phase is not Phase.CLOSED and row.family is Family.PREPAYMENT:
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
            total, order = Money(need.sum_minor, erp.currency), Money(need.ordered_minor, erp.currency)
            facts = (("invoice", number), ("sum", str(total)), ("order", str(order)))
            yield Condition("invoices_exceed_order", now, number, str(need.sum_minor), facts)
    if state.check is not None and not state.check.passed:
        for invoice in erp.invoices:
            if invoice.shipped and not invoice.settled:
                yield Condition("capture_unverified", now, invoice.number, params=(("invoice", invoice.number),))


def _of_documents(state: OrderState, erp: ErpSnapshot, now: datetime) -> Iterator[Condition]:
    """Documents that a person has to deal with (rules P72, P75, P83)."""
    for invoice in erp.invoices:
        if invoice.by_hand and not invoice.settled:
            amount = Money(invoice.total_minor, erp.currency)
            yield Condition(
                "invoice_by_hand", now, invoice.number, params=(("invoice", invoice.number), ("amount", str(amount)))
            )
    surplus = {one.number for one in surplus_returns(erp)}
    for credit in erp.credit_notes:
        number = credit.number
        details = (("credit_note", number), ("amount", str(Money(credit.total_minor, erp.currency))))
        told = any(one.subject == number and one.code != "credit_note_settled" for one in state.problems)
        ours = any(one.subject == number for one in state.operations if one.kind in (Kind.REFUND, Kind.BOOK))
        if credit.settled:
            if state.rules > 1 and credit.from_return and credit.total_minor > 0 and not ours and not told:
                yield Condition("credit_note_settled", now, number, params=details)
        elif state.rules < 2 or not credit.from_return:
            yield Condition("credit_note_by_hand", now, number, params=details)
        elif number in surplus and not ours:
            yield Condition("credit_notes_exceed_return", now, number, params=details)


def _of_giving_back(state: OrderState, erp: ErpSnapshot, config: OrderConfig, now: datetime) -> Iterator[Condition]:
    payment = state.payment
    if state.rules < 2 or payment is None:
        return
    waits = state.rules > 2 and captures_come_first(state, config) and not all_cancelled(erp)
    if waits or not giving_back_is_known(state):  # what was found on a fresh picture stands until the next one
        wanted = still_wanted(state, config, now)
        for one in state.open_problems():
            if one.code in _OF_FRESH_PICTURES and (all_cancelled(erp) or one.subject in wanted):
                yield Condition(one.code, now, one.subject, one.cause, one.params)
        return
    for due in give_backs(state, config, now):
        yield from _of_give_back(due, state, erp, now)
    row = method(payment.method)
    taken, held = payment.captured_minor, max(0, payment.remaining_minor)
    reported = row is not None and row.family is Family.PAYLATER and taken > 0  # rule P57: done is what is done
    if all_cancelled(erp) and taken + held > 0 and (reported or not belongs(state, config)):
        sums = (("captured", str(Money(taken, payment.currency))), ("held", str(Money(held, payment.currency))))
        yield Condition("cancellation_by_hand", now, params=sums)


def _of_give_back(due: GiveBack, state: OrderState, erp: ErpSnapshot, now: datetime) -> Iterator[Condition]:
    wanted = str(Money(due.wanted_minor, erp.currency))
    if due.impossible:
        yield Condition("pay_back_by_transfer", now, due.subject, params=(("amount", wanted),))
    elif due.exceeds and state.payment is not None:
        taken = str(Money(max(0, state.payment.captured_minor), erp.currency))
        yield Condition("refund_exceeds", now, due.subject, wanted, (("amount", wanted), ("captured", taken)))
    elif due.by_hand_minor and not _is_refused(state.operation(due.kind, due.subject)):
        by_hand = str(Money(due.by_hand_minor, erp.currency))
        yield Condition(REFUNDED_BY_HAND, now, due.subject, wanted, (("amount", wanted), ("refunded", by_hand)))


def _is_refused(record: OperationRecord | None) -> bool:
    """Whether a refusal was told already, and nobody asked again."""
    return record is not None and record.outcome is Outcome.DECLINED and not record.may_be_tried_again


def _standing(state: OrderState, erp: ErpSnapshot) -> Iterator[OperationRecord]:
    """The operations that still tell something: what took no effect and is wanted no longer does not."""
    for record in state.operations:
        refused = record.kind in (Kind.VOID, Kind.REFUND) and record.outcome is Outcome.DECLINED
        # cancelled while we asked what became of the release: there is nothing to release any more
        refused |= _nothing_to_release(record) and all_cancelled(erp)
        held_back = record.outcome is Outcome.NOT_SENT and state.rules > 1
        withdrawn = record.outcome is Outcome.DECLINED and record.reason == reasons.WITHDRAWN
        if not withdrawn and not ((refused or held_back) and is_over(record, state, erp)):
            yield record


def is_over(record: OperationRecord, state: OrderState, erp: ErpSnapshot) -> bool:
    """Whether an operation is wanted no longer: its document was settled by somebody else, its order was cancelled or
    opened again, nothing is left for it, or a later one stands for it."""
    document = record.operation.invoice_no
    stays = state.cancel_wished_at is not None and not erp.invoices  # nothing is to leave the house
    if document:
        of_credit_notes = record.kind is Kind.REFUND or record.operation.cause is Cause.RETURN
        found = [
            one.settled for one in (erp.credit_notes if of_credit_notes else erp.invoices) if one.number == document
        ]
        return any(found) or (not found and state.rules > 2)  # settled ones may be left out of the picture
    match record.kind:
        case Kind.REFUND if record.subject.startswith(CANCELLED_LINES):
            return lines_are_superseded(state, erp, record)
        case Kind.VOID | Kind.REFUND:
            return nothing_is_left_for(record, state, erp)
        case Kind.CAPTURE:
            return all_cancelled(erp) or stays
        case Kind.RELEASE:
            return erp.phase is not Phase.HELD or (stays and state.check is not None and state.check.passed)
        case Kind.WRITE_BANK_DATA:
            return erp.phase is Phase.CLOSED or stays
        case Kind.LOCK | Kind.UNLOCK:
            return erp.phase is Phase.CLOSED
        case Kind.COMMENT:
            return any(one.name == record.subject and one.solved_at is not None for one in state.problems)
        case _:
            return False


def _nothing_to_release(record: OperationRecord) -> bool:
    """Whether the ERP found no line that a release could reach: the order may have been cancelled a moment ago, and its
    picture is on the way."""
    return record.kind is Kind.RELEASE and record.reason == reasons.ORDER_STATE


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
        yield from _of_refusal(record, config, subject, cause)
    short = (operation.amount_minor or 0) - (record.amount_minor or 0)
    if operation.kind is Kind.REFUND and record.outcome is Outcome.SUCCEEDED and short > 0:
        sums = (
            ("amount", str(Money(operation.amount_minor or 0, operation.currency))),
            ("refunded", str(Money(record.amount_minor or 0, operation.currency))),
        )
        yield Condition("refund_incomplete", record.at, operation.subject, cause, sums)
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
    if operation.kind in (Kind.VOID, Kind.REFUND, Kind.REPORT_SHIPMENT) and record.outcome not in FINAL:
        yield Condition("give_back_late", record.first_at + config.alarm_after, subject, cause, named)  # rule P67


def _of_refusal(record: OperationRecord, config: OrderConfig, subject: str, cause: str) -> Iterator[Condition]:
    operation = record.operation
    amount = ("amount", str(Money(operation.amount_minor or 0, operation.currency)))
    invoice, reason = ("invoice", operation.invoice_no), ("reason", record.reason)
    if record.reason == reasons.TAKEN_OVER:
        what = amount[1] if operation.amount_minor is not None else "-"
        named = (("operation", operation.kind.value), ("subject", operation.subject), ("amount", what))
        yield Condition("taken_over_unclear", record.at, subject, cause, named)
        return
    if operation.kind is Kind.CAPTURE and operation.invoice_no:  # without an invoice it failed the check
        if record.reason == reasons.EXPIRED:
            yield Condition("authorization_expired", record.at, operation.subject, cause, (amount,))
        else:
            yield Condition("capture_failed", record.at, operation.subject, cause, (amount, reason))
    elif operation.kind in (Kind.VOID, Kind.REFUND):
        code = "cancellation_failed" if operation.subject.startswith(CANCELLED_ORDER) else "refund_failed"
        yield Condition(code, record.at, operation.subject, cause, (amount, reason))
    elif operation.kind is Kind.REPORT_SHIPMENT and record.reason == reasons.EXPIRED:
        yield Condition("authorization_expired", record.at, SHIPMENT, cause, (amount,))  # rule P39
    elif operation.kind is Kind.REPORT_SHIPMENT:
        yield Condition("shipment_failed", record.at, SHIPMENT, cause, (reason,))
    elif operation.kind is Kind.WRITE_BANK_DATA:
        yield Condition("bank_data_missing", record.at, cause=cause, params=(reason,))
    elif operation.kind is Kind.BOOK:
        yield Condition("booking_failed", record.at, operation.subject, cause, (amount, invoice))
    elif operation.kind in ERP:
        which = ("operation", operation.kind.value)
        since = record.at + config.alarm_after if _nothing_to_release(record) else record.at
        yield Condition("erp_refused", since, subject, cause, (which, reason))


def _of_people(state: OrderState, erp: ErpSnapshot, now: datetime) -> Iterator[Condition]:
    if state.cancel_wished_at is not None and erp.phase is not Phase.CLOSED:
        yield Condition("cancel_wished", now)
    if state.workflow_cancelled_at is not None:
        yield Condition("workflow_cancelled", now, cause=state.workflow_cancelled_at.isoformat())
