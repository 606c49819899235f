"""What an order has to give back: cancelled orders, cancelled lines, returned goods (rules P50-P57, P60-P75).

All of it is arithmetic over the ERP's picture, the payment's picture and what was given back before; which moment is
the right one follows from the method's family. A void gives up what is held or still owed, a refund gives back an
amount.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain import reasons
from domain.facts import CheckPassed, CreditNoteRow, ErpSnapshot, PaymentSnapshot, Phase
from domain.invoices import billed_minor, captures_stopped, invoice_needs, takes_at_release
from domain.operations import WHOLE_ORDER, Cause, Kind
from domain.order_state import OperationRecord, OrderState
from domain.outcomes import FINAL, Outcome
from domain.payment_check import all_cancelled, awaits_decision, check_payment
from domain.payment_methods import Extent, Family, PaymentMethod, method
from domain.tenant_config import OrderConfig
from domain.transfers import CANCELLED_LINES, lines_given_back_minor, transfer

CANCELLED_ORDER = "cancelled-order"  # subject of what is given back for a cancelled order, refunds by their running sum
REST = "rest"  # subject of the void that closes the payment of a delivered order
REST_WAITS = timedelta(days=1)  # for invoices that the ERP may still write


@dataclass(frozen=True)
class GiveBack:
    """One amount that has to be given back, in minor units.

    `wanted_minor` is what the ERP says, `amount_minor` what to send: a rounding difference less at most. `exceeds`:
    more than the payment can give, so nothing is sent (rule P73). `impossible`: the method gives nothing back.
    `by_hand_minor`: so much went back by hand at the provider, and this may have been part of it; a person decides.
    """

    kind: Kind
    subject: str
    wanted_minor: int
    cause: Cause
    document_no: str = ""
    amount_minor: int = 0
    exceeds: bool = False
    impossible: bool = False
    by_hand_minor: int = 0

    @property
    def may_go(self) -> bool:
        return not (self.exceeds or self.impossible or self.by_hand_minor)


def needs_fresh_payment(state: OrderState, config: OrderConfig, now: datetime) -> bool:
    """Whether something may have to be given back, so that an outdated picture of the payment will not do."""
    if state.rules < 2 or state.erp is None or not state.erp.payment_id:
        return False
    return all_cancelled(state.erp) or any(True for _ in _wanted(state, config, now))


def payment_is_fresh(state: OrderState) -> bool:
    """Whether the payment was read after the ERP's latest picture and after our latest movement of money."""
    known = max(state.erp_seq, state.money_seq)
    return state.payment is not None and state.unreadable is None and state.payment_seq >= known


def giving_back_is_known(state: OrderState) -> bool:
    """Whether it can be told now what has to be given back: the payment's picture is fresh, the money is not disputed,
    and no movement of it is open."""
    return state.rules > 1 and payment_is_fresh(state) and not captures_stopped(state)


def give_backs(state: OrderState, config: OrderConfig, now: datetime) -> tuple[GiveBack, ...]:
    """What is due to be given back now, in the order in which it is to be done; nothing while that cannot be told."""
    erp, payment = state.erp, state.payment
    if erp is None or payment is None or not giving_back_is_known(state):
        return ()
    if all_cancelled(erp):
        return tuple(_of_cancelled_order(state, erp, payment, config))
    row = _row(state)
    if row is None:
        return ()
    left = _can_be_given(state, payment, row)
    by_hand = state.by_hand_minor() if state.rules > 2 else 0
    found = []
    for wanted in _wanted(state, config, now):
        if wanted.kind is Kind.VOID:
            if payment.remaining_minor > 0:
                found.append(_sized(wanted, payment.remaining_minor, 0))
            continue
        if row.refund is Extent.NONE:
            found.append(_impossible(wanted))
            continue
        sized = _sized(wanted, left, config.tolerance_minor)
        if by_hand > config.tolerance_minor and not sized.exceeds and not _decided_by_person(state, wanted):
            sized = replace(sized, by_hand_minor=by_hand)
            by_hand = max(0, by_hand - sized.amount_minor)
        left -= sized.amount_minor if sized.may_go else 0
        found.append(sized)
    return tuple(found)


def belongs(state: OrderState, config: OrderConfig) -> bool:
    """Whether the payment is this order's, so that it may be given back: it passed the check, or does so now."""
    erp, payment, check = state.erp, state.payment, state.check
    if erp is None or payment is None:
        return False
    if (check is not None and check.passed) or gave_back_order(state):
        return True
    return isinstance(
        check_payment(erp, payment, config, payment.as_of, released_before=state.released_before), CheckPassed
    )


def gave_back_order(state: OrderState) -> bool:
    """Whether the payment of the whole order was given back, or may have been."""
    return any(
        one.kind in (Kind.VOID, Kind.REFUND)
        and one.subject.startswith(CANCELLED_ORDER)
        and one.outcome in (Outcome.SUCCEEDED, Outcome.PENDING, Outcome.UNKNOWN)
        for one in state.operations
    )


def still_wanted(state: OrderState, config: OrderConfig, now: datetime) -> frozenset[str]:
    """Subjects of what the ERP says is to be given back of single lines and returns, whatever the payment allows."""
    told = _told if state.rules > 2 else _wanted
    return frozenset(one.subject for one in told(state, config, now))


def nothing_is_left_for(record: OperationRecord, state: OrderState, erp: ErpSnapshot) -> bool:
    """Whether there is nothing that this void, or this refund of a cancelled order, could give back any more.

    What was refused stays told while the order is open again: it is not tried once more when the order is cancelled.
    """
    of_order = record.subject.startswith(CANCELLED_ORDER)
    if record.outcome in (Outcome.NOT_SENT, Outcome.UNKNOWN) and (
        of_order != all_cancelled(erp) or erp.phase is not Phase.CLOSED
    ):
        return True
    payment = state.payment
    if payment is None:
        return False
    if record.kind is Kind.VOID:
        row = method(payment.method)
        lapses = row is not None and row.family is Family.PAYLATER and payment.captured_minor > 0  # rule P57
        return lapses or payment.remaining_minor <= 0
    taken, _ = _taken_and_held(state, payment)
    return record.subject != _of_order(payment.refunded_minor + taken)


def lines_are_pending(state: OrderState, config: OrderConfig, now: datetime) -> bool:
    """Whether cancelled lines are to be given back at this moment and it has not been tried to the end (rule P65)."""
    for wanted in _wanted(state, config, now):
        if wanted.subject.startswith(CANCELLED_LINES):
            record = state.operation(wanted.kind, wanted.subject)
            if record is None or record.outcome not in FINAL or record.may_be_tried_again:
                found = [one for one in give_backs(state, config, now) if one.subject == wanted.subject]
                return not (found and (found[0].exceeds or found[0].by_hand_minor))
    return False


def shipment_is_reported(state: OrderState) -> bool:
    """Whether the provider knows that the goods are out (rules P36, P37)."""
    said = state.payment is not None and state.payment.shipment_reported
    return said or state.done(Kind.REPORT_SHIPMENT, WHOLE_ORDER)


def _row(state: OrderState) -> PaymentMethod | None:
    return method(state.check.method) if state.check is not None and state.check.passed else None


# -- the whole order


def _of_cancelled_order(
    state: OrderState, erp: ErpSnapshot, payment: PaymentSnapshot, config: OrderConfig
) -> Iterator[GiveBack]:
    """Give up what is held or owed, refund what was taken (rules P50-P57)."""
    row = method(payment.method)
    if row is None or awaits_decision(payment) or not belongs(state, config):
        return
    given = payment.refunded_minor
    if row.family is Family.PAYLATER and (payment.captured_minor > 0 or given > 0):
        return  # rule P57: the rest lapses
    taken, held = _taken_and_held(state, payment)
    if held > 0:
        yield GiveBack(Kind.VOID, CANCELLED_ORDER, held, Cause.CANCELLATION, amount_minor=held)
    if taken > 0:
        cause = Cause.RETURN if shipment_is_reported(state) else Cause.CANCELLATION
        refund = GiveBack(Kind.REFUND, _of_order(given + taken), taken, cause, amount_minor=taken)
        yield _impossible(refund) if row.refund is Extent.NONE else refund


def _taken_and_held(state: OrderState, payment: PaymentSnapshot) -> tuple[int, int]:
    """What of a payment has to be refunded, and what can be given up: once the customer's time to pay has begun, a
    claim counts as taken (rule P55)."""
    taken, held = payment.captured_minor, max(0, payment.remaining_minor)  # below nothing: more came than was owed
    row = method(payment.method)
    if row is not None and row.report_shipment and shipment_is_reported(state):
        return taken + held, 0
    return taken, held


def _of_order(sum_minor: int) -> str:
    """The subject of a refund of the whole order, by the sum that will have gone back."""
    return f"{CANCELLED_ORDER}/{sum_minor}"


# -- lines and returns


def _wanted(state: OrderState, config: OrderConfig, now: datetime) -> Iterator[GiveBack]:
    """What is to be given back at this moment, whatever the payment allows."""
    if not captures_come_first(state, config):
        yield from _told(state, config, now)


def _told(state: OrderState, config: OrderConfig, now: datetime) -> Iterator[GiveBack]:
    """What the ERP says is to be given back."""
    erp, row = state.erp, _row(state)
    if erp is None or row is None or all_cancelled(erp) or gave_back_order(state):
        return
    lines = _lines_minor(state, erp, row, config)
    subject = f"{CANCELLED_LINES}/{lines_given_back_minor(state) + lines}"
    if lines > 0 and not state.done(Kind.REFUND, subject):  # done: all but a rounding difference (rule P6)
        yield GiveBack(Kind.REFUND, subject, lines, Cause.CANCELLATION)
    closed_from = rest_is_closed_from(state, config)
    if closed_from is not None and closed_from <= now:
        yield GiveBack(Kind.VOID, REST, 0, Cause.CANCELLATION)
    if not _returns_may_go(state, erp, row, config):
        return
    for credit in returns(erp):
        if not credit.settled and not state.done(Kind.REFUND, credit.number):
            yield GiveBack(Kind.REFUND, credit.number, credit.total_minor, Cause.RETURN, credit.number)


def returns(erp: ErpSnapshot) -> tuple[CreditNoteRow, ...]:
    """Credit notes of returned goods that the returned lines account for, in the ERP's order (rules P70, P75)."""
    return tuple(one for one, fits in _held_against_lines(erp) if fits)


def surplus_returns(erp: ErpSnapshot) -> tuple[CreditNoteRow, ...]:
    """Credit notes of returned goods beyond what came back, such as a second one for the same return."""
    return tuple(one for one, fits in _held_against_lines(erp) if not fits)


def _held_against_lines(erp: ErpSnapshot) -> Iterator[tuple[CreditNoteRow, bool]]:
    """A credit note may be worth what came back and the order's shipping costs, together with those before it."""
    lines = (erp.held, erp.open, erp.shipped, erp.cancelled, erp.returned)
    shipping = max(0, erp.total_minor - sum(one.total_minor for one in lines))
    left = erp.returned.total_minor + shipping
    for one in erp.credit_notes:
        if not one.from_return or one.total_minor <= 0:
            continue
        yield one, one.total_minor <= left
        left -= one.total_minor if one.total_minor <= left else 0


def _lines_minor(state: OrderState, erp: ErpSnapshot, row: PaymentMethod, config: OrderConfig) -> int:
    """The value of cancelled lines that is due to be given back and was not yet (rules P60-P69)."""
    due = erp.cancelled.total_minor
    closed = erp.phase is Phase.CLOSED
    paid = row.awaits_transfer and transfer(state, config).complete
    match row.family:
        case Family.PAYLATER:
            return 0  # rule P68
        case Family.PREPAYMENT:
            moment = closed or not paid
        case Family.INVOICE:
            moment = closed or paid
        case Family.SECURED | Family.SHOP:
            moment = closed
        case Family.MODE:
            moment = closed
            if state.check is not None and not takes_at_release(state, config):
                # the hold is closed instead (rule P62); only money that was taken before shipping can be too much
                due = min(due, max(0, state.check.taken_minor - billed_minor(erp)))
    return max(0, due - lines_given_back_minor(state)) if moment else 0


def rest_is_closed_from(state: OrderState, config: OrderConfig) -> datetime | None:
    """From when on the rest of a hold must not be captured any more, because everything else was delivered and billed
    (rule P62); None while that is not so. Invoices that do not add up may not be all, so they are waited for."""
    erp, row = state.erp, _row(state)
    if erp is None or row is None or row.family is not Family.MODE or gave_back_order(state):
        return None
    if erp.phase is not Phase.CLOSED or not erp.cancelled.count or not erp.invoices:
        return None
    if any(not one.settled and not state.done(Kind.BOOK, one.number) for one in erp.invoices if not one.by_hand):
        return None
    expected = erp.total_minor - erp.cancelled.total_minor - config.tolerance_minor
    return erp.as_of if billed_minor(erp) >= expected else erp.as_of + REST_WAITS


def _returns_may_go(state: OrderState, erp: ErpSnapshot, row: PaymentMethod, config: OrderConfig) -> bool:
    """Whether the moment of the collective report has come, where there is one (rules P66, P74)."""
    match row.family:
        case Family.INVOICE:
            return erp.phase is Phase.CLOSED or transfer(state, config).complete
        case Family.SECURED:
            return shipment_is_reported(state)
        case _:
            return True


def captures_come_first(state: OrderState, config: OrderConfig) -> bool:
    """Whether money is still to be taken that belongs to the merchant."""
    for need in invoice_needs(state, config):
        record = state.operation(Kind.CAPTURE, need.invoice.number)
        if need.capture_minor > 0 and (record is None or record.outcome not in FINAL or record.may_be_tried_again):
            return True
    return False


def _can_be_given(state: OrderState, payment: PaymentSnapshot, row: PaymentMethod) -> int:
    """What a refund can reach: what was taken, and what a customer who transfers still owes."""
    owed = payment.remaining_minor if row.awaits_transfer else 0
    return max(0, payment.captured_minor) + max(0, owed)


def _decided_by_person(state: OrderState, wanted: GiveBack) -> bool:
    """Whether a person was asked already if this went back by hand, and wants it sent."""
    record = state.operation(wanted.kind, wanted.subject)
    return record is not None and record.reason == reasons.TAKEN_OVER and record.again


def _sized(wanted: GiveBack, left_minor: int, tolerance_minor: int) -> GiveBack:
    """Exactly the amount (rule P73); only a rounding difference over what is left is not sent (rule P6)."""
    if wanted.kind is Kind.VOID:
        return GiveBack(wanted.kind, wanted.subject, left_minor, wanted.cause, amount_minor=left_minor)
    over = wanted.wanted_minor - left_minor
    amount = left_minor if 0 < over <= tolerance_minor else wanted.wanted_minor
    return GiveBack(
        wanted.kind,
        wanted.subject,
        wanted.wanted_minor,
        wanted.cause,
        wanted.document_no,
        amount_minor=amount,
        exceeds=over > tolerance_minor or amount <= 0,
    )


def _impossible(wanted: GiveBack) -> GiveBack:
    return GiveBack(wanted.kind, wanted.subject, wanted.wanted_minor, wanted.cause, wanted.document_no, impossible=True)
