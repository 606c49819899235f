"""Problems last as long as what they tell of, whatever happens beside it."""

import pytest

from domain import reasons
from domain.facts import (
    CheckPassed,
    ErpReported,
    InvoiceRow,
    LineSums,
    OperationEnded,
    PaymentUnreadable,
    Phase,
    Told,
    Wish,
)
from domain.operations import WHOLE_ORDER, Cause, Kind, Operation
from domain.order import ReadPayment
from domain.order_state import OrderState
from domain.outcomes import Evidence, OperationResult, Outcome
from tests.domain.building import (
    AT,
    HOUR,
    MINUTE,
    after,
    checked,
    decided,
    ended,
    next_effect,
    payment,
    picture,
    read,
    shipped,
)

CANCELLED = picture(AT, phase=Phase.CLOSED, held=LineSums(), cancelled=LineSums(1, 100_00))


def test_money_of_a_cancelled_order_is_told_until_it_is_gone() -> None:
    """A later picture of the order asks for a fresh look; until that look the problem stands."""
    foreign = {"total_minor": 250_00, "remaining_minor": 250_00}  # whose payment it is cannot be told
    state = next_effect(read(after(ErpReported(CANCELLED)), payment(**foreign)))[0]
    assert [one.code for one in state.open_problems()] == ["cancellation_by_hand"]
    later = picture(AT + HOUR, phase=Phase.CLOSED, held=LineSums(), cancelled=LineSums(1, 100_00), locked=True)
    state = next_effect(after(ErpReported(later), state=state), AT + HOUR)[0]
    assert [one.code for one in state.open_problems()] == ["cancellation_by_hand"]
    state = next_effect(read(state, payment(AT + HOUR, **foreign)), AT + HOUR)[0]
    assert [one.code for one in state.open_problems()] == ["cancellation_by_hand"]
    state = next_effect(read(state, payment(AT + HOUR, total_minor=0, remaining_minor=0)), AT + HOUR)[0]
    assert state.open_problems() == ()


@pytest.mark.parametrize("reason", [reasons.PAUSED, reasons.RATE, reasons.NO_ANSWER])
def test_a_payment_that_we_did_not_ask_for_is_no_disturbance(reason: str) -> None:
    """Whoever paused an account knows why nothing is read; that the provider does not answer is news."""
    state = after(ErpReported(picture()), PaymentUnreadable(AT, reason, AT + HOUR))
    told = [one.code for one in next_effect(state)[0].open_problems()]
    assert told == (["payment_unreadable"] if reason == reasons.NO_ANSWER else [])


def test_an_invoice_is_never_booked_for_more_than_its_total() -> None:
    """Its capture was counted as taken by a later check: that money pays for it once."""
    state = checked(shipped(AT, InvoiceRow("R1", 50_00), phase=Phase.OPEN))
    state = after(ended(Kind.CAPTURE, "R1", Outcome.SUCCEEDED, amount=50_00, invoice_no="R1"), state=state)
    state = after(CheckPassed(AT + HOUR, "card", 50_00, 50_00), state=state)
    booking = decided(state, AT + HOUR).step
    assert getattr(booking, "kind", None) is Kind.BOOK
    assert getattr(booking, "amount_minor", None) == 50_00


def test_a_person_can_go_on_with_what_is_unknown() -> None:
    """Looking again asks at once, under the same id, and allows further sends each time."""
    state = checked(shipped(AT, InvoiceRow("R1", 50_00)))
    state = after(ended(Kind.CAPTURE, "R1", Outcome.UNKNOWN, amount=50_00, invoice_no="R1"), state=state)
    for number in (1, 2):
        at = AT + number * MINUTE
        state = read(after(Told(f"r{number}", Wish.LOOK_AGAIN, at), state=state), payment(at))
        step = decided(state, at).step
        assert isinstance(step, Operation)
        assert (step.kind, step.attempt, step.amount_minor, step.grants) == (Kind.CAPTURE, 1, 50_00, number)


def _codes(state: OrderState) -> list[str]:
    return [one.code for one in state.open_problems()]


def _cancelled_at(state: OrderState, hours: int, minor: int = 100_00, **payment_as: int) -> OrderState:
    """After a fresh look at the payment of a cancelled order."""
    at = AT + hours * HOUR
    lines = {"held": LineSums(), "cancelled": LineSums(1, minor)}
    state = read(after(ErpReported(picture(at, phase=Phase.CLOSED, **lines)), state=state), payment(at, **payment_as))
    return next_effect(state, at)[0]


@pytest.mark.rule("P3", "P50")
def test_money_of_an_order_that_is_cancelled_a_second_time_is_told_again() -> None:
    """The first problem went away when the order was opened again; nobody had dealt with the money."""
    foreign = {"total_minor": 250_00, "remaining_minor": 250_00}
    state = _cancelled_at(after(), 0, **foreign)
    reopened = picture(AT + HOUR, phase=Phase.OPEN, held=LineSums(), open=LineSums(1, 100_00))
    state = next_effect(read(after(ErpReported(reopened), state=state), payment(AT + HOUR, **foreign)), AT + HOUR)[0]
    assert "cancellation_by_hand" not in _codes(state)
    state = _cancelled_at(state, 2, **foreign)
    assert _codes(state).count("cancellation_by_hand") == 1
    assert state.problems[-1].name == "cancellation_by_hand//1~2"


@pytest.mark.rule("P3")
def test_money_that_a_person_marked_as_dealt_with_is_not_told_again() -> None:
    """Marking is the person's word; a further picture of the cancelled order is no news."""
    foreign = {"total_minor": 250_00, "remaining_minor": 250_00}
    state = after(Told("r", Wish.MARK_SOLVED, AT), state=_cancelled_at(after(), 0, **foreign))
    assert _codes(_cancelled_at(state, 2, **foreign)) == []


@pytest.mark.rule("P50")
def test_what_came_beyond_the_claim_does_not_hide_money_that_is_kept() -> None:
    """More was transferred than was owed, so that less than nothing is left to claim."""
    foreign = {"method": "prepayment", "total_minor": 60_00, "captured_minor": 150_00, "remaining_minor": -90_00}
    assert "cancellation_by_hand" in _codes(_cancelled_at(after(), 0, **foreign, received_minor=150_00))


@pytest.mark.rule("P15")
@pytest.mark.parametrize(
    ("kind", "subject", "document"),
    [(Kind.RELEASE, WHOLE_ORDER, ""), (Kind.WRITE_BANK_DATA, WHOLE_ORDER, ""), (Kind.CAPTURE, WHOLE_ORDER, "")],
)
def test_what_was_held_back_is_no_problem_once_the_order_is_cancelled(kind: Kind, subject: str, document: str) -> None:
    """The settings were wrong when it was to be sent; now nobody wants it sent, so nobody has to do anything."""
    held_back = ended(kind, subject, Outcome.NOT_SENT, invoice_no=document, reason=reasons.MISCONFIGURED)
    state = next_effect(after(held_back, state=checked()))[0]
    assert _codes(state) == ["misconfigured"]
    assert _codes(_cancelled_at(state, 1)) == []


@pytest.mark.rule("P15")
def test_a_release_that_was_held_back_is_no_problem_once_a_cancellation_is_wished() -> None:
    """The order stays on hold for a person to cancel."""
    held_back = ended(Kind.RELEASE, WHOLE_ORDER, Outcome.NOT_SENT, reason=reasons.MISCONFIGURED)
    state = next_effect(after(held_back, Told("r", Wish.CANCEL, AT), state=checked()))[0]
    assert _codes(state) == ["cancel_wished"]


@pytest.mark.rule("P15", "P1")
def test_a_comment_that_was_held_back_is_no_problem_once_its_own_is_gone() -> None:
    """There is nothing to be said any more."""
    state = _cancelled_at(after(), 0, total_minor=250_00, remaining_minor=250_00)
    name = state.open_problems()[0].name
    held_back = ended(Kind.COMMENT, name, Outcome.NOT_SENT, reason=reasons.MISCONFIGURED)
    state = next_effect(after(held_back, state=state))[0]
    assert _codes(state) == ["cancellation_by_hand", "misconfigured"]
    assert _codes(_cancelled_at(state, 1, total_minor=0, remaining_minor=0)) == []


def _lines_given(
    state: OrderState, total: int, outcome: Outcome, minor: int, took_effect: int | None = None
) -> OrderState:
    operation = Operation(
        Kind.REFUND, f"cancelled-lines/{total}", amount_minor=minor, currency="EUR", cause=Cause.CANCELLATION
    )
    evidence = Evidence(amount_minor=minor if took_effect is None else took_effect)
    result = OperationResult(outcome, reasons.REFUSED if outcome is Outcome.DECLINED else "", evidence)
    return after(OperationEnded(operation, AT, result), state=state)


@pytest.mark.rule("P61", "P69")
def test_a_refused_refund_of_lines_is_no_problem_once_a_later_one_gave_all_back() -> None:
    """Another line was cancelled, and the refund of the sum went through."""
    paid = payment(captured_minor=100_00, remaining_minor=0)
    lines = {"cancelled": LineSums(1, 40_00)}
    state = checked(shipped(AT, InvoiceRow("R1", 60_00, settled=True), **lines), paid)
    state = next_effect(_lines_given(state, 40_00, Outcome.DECLINED, 40_00))[0]
    assert _codes(state) == ["refund_failed"]
    state = after(
        ErpReported(shipped(AT + HOUR, InvoiceRow("R1", 50_00, settled=True), cancelled=LineSums(2, 50_00))),
        state=state,
    )
    assert _codes(next_effect(state)[0]) == ["refund_failed"]
    state = _lines_given(state, 50_00, Outcome.SUCCEEDED, 50_00)
    assert _codes(next_effect(state)[0]) == []


@pytest.mark.rule("P61", "P69", "P73")
def test_what_a_refund_of_lines_left_out_is_not_given_back_with_the_next() -> None:
    """A later step was refused and a person told to give 10.00 back; the next cancellation is refunded by itself."""
    paid = payment(captured_minor=100_00, remaining_minor=0)
    rest = InvoiceRow("R1", 40_00, settled=True)
    state = checked(shipped(AT, rest, cancelled=LineSums(1, 40_00)), paid)
    state = next_effect(_lines_given(state, 40_00, Outcome.SUCCEEDED, 40_00, took_effect=30_00))[0]
    assert _codes(state) == ["refund_incomplete"]
    state = after(ErpReported(shipped(AT + HOUR, rest, cancelled=LineSums(2, 60_00))), state=state)
    state = read(state, payment(AT + HOUR, captured_minor=70_00, refunded_minor=30_00, remaining_minor=0))
    told = ended(Kind.COMMENT, "refund/cancelled-lines/4000", Outcome.SUCCEEDED)
    refund = next_effect(after(told, state=state), AT + HOUR)[1].step
    assert isinstance(refund, Operation)
    assert (refund.kind, refund.subject, refund.amount_minor) == (Kind.REFUND, "cancelled-lines/6000", 20_00)


@pytest.mark.rule("P6", "P61")
def test_a_rounding_difference_that_was_left_out_is_no_excess() -> None:
    """One cent less than the cancelled lines was there to give back, and was given back."""
    state = checked(
        shipped(AT, InvoiceRow("R1", 60_00, settled=True), cancelled=LineSums(1, 40_00)),
        payment(total_minor=99_99, captured_minor=99_99, remaining_minor=0),
    )
    state = _lines_given(state, 40_00, Outcome.SUCCEEDED, 39_99)
    emptied = payment(AT + HOUR, total_minor=99_99, captured_minor=60_00, refunded_minor=39_99, remaining_minor=0)
    state = next_effect(read(state, emptied), AT + HOUR, tolerance_minor=1)[0]
    assert _codes(state) == []


@pytest.mark.rule("P29", "P63", "P64")
def test_a_transfer_is_not_too_much_because_we_gave_a_part_of_it_back() -> None:
    """The picture of the payment is older than our refund: look first."""
    paid = payment(method="prepayment", captured_minor=100_00, remaining_minor=0, received_minor=100_00)
    rest = InvoiceRow("R1", 60_00, settled=True)
    state = checked(shipped(AT, rest, cancelled=LineSums(1, 40_00)), paid)
    state = _lines_given(state, 40_00, Outcome.SUCCEEDED, 40_00)
    state, decision = next_effect(state)
    assert isinstance(decision.step, ReadPayment)
    assert _codes(state) == []


@pytest.mark.rule("P54", "P67")
@pytest.mark.parametrize("outcome", [Outcome.NOT_SENT, Outcome.DECLINED])
def test_a_void_of_what_was_paid_meanwhile_is_no_problem(outcome: Outcome) -> None:
    """The customer transferred before the claim was given up, and the money went back."""
    owed = {"method": "prepayment", "total_minor": 100_00}
    state = checked(picture(), payment(**owed))
    state = _cancelled_at(state, 1, **owed, remaining_minor=100_00)
    void = ended(Kind.VOID, "cancelled-order", outcome, AT + HOUR, amount=100_00, reason=reasons.RATE)
    state = next_effect(after(void, state=state), AT + 2 * HOUR)[0]
    state = next_effect(read(state, payment(AT + 2 * HOUR, **owed)), AT + 2 * HOUR)[0]
    assert _codes(state) == (["give_back_late"] if outcome is Outcome.NOT_SENT else ["cancellation_failed"])
    gone = payment(AT + 3 * HOUR, **owed, refunded_minor=100_00, remaining_minor=0)
    assert _codes(next_effect(read(state, gone), AT + 3 * HOUR)[0]) == []


@pytest.mark.rule("P57")
def test_a_void_is_no_problem_once_a_part_was_captured_of_a_payment_whose_rest_lapses() -> None:
    """The merchant captured by hand before the paylater authorization was given up; a person is told that once."""
    owed = {"method": "paylater_invoice", "total_minor": 100_00}
    state = _cancelled_at(checked(picture(), payment(**owed)), 1, **owed, remaining_minor=100_00)
    void = ended(Kind.VOID, "cancelled-order", Outcome.NOT_SENT, AT + HOUR, amount=100_00, reason=reasons.MISCONFIGURED)
    taken = payment(AT + HOUR, **owed, captured_minor=30_00, remaining_minor=70_00)
    state = next_effect(read(after(void, state=state), taken), AT + HOUR)[0]
    assert _codes(state) == ["cancellation_by_hand"]
