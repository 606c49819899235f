"""Problems last as long as what they tell of, whatever happens beside it."""

import pytest

from domain import reasons
from domain.facts import CheckPassed, ErpReported, InvoiceRow, LineSums, PaymentUnreadable, Phase, Told, Wish
from domain.operations import Kind, Operation
from domain.outcomes import Outcome
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
