"""An order in a few words."""

import pytest

from domain.facts import InvoiceRow, LineSums, Phase, ProblemRaised, Told, Wish
from domain.operations import WHOLE_ORDER, Kind
from domain.order_state import OrderState
from domain.outcomes import Outcome
from domain.summary import OrderStatus, status_of, summarize
from tests.domain.building import AT, WORKFLOW_ID, after, checked, ended, payment, picture, prepayment, shipped

LOCKED = ended(Kind.RELEASE, WHOLE_ORDER, Outcome.SUCCEEDED, lock=True)


@pytest.mark.rule("P20", "P29")
@pytest.mark.parametrize("received", [0, 1, 99_99])
def test_a_prepaid_order_waits_for_as_long_as_our_lock_stands(received: int) -> None:
    """Whatever has arrived and whatever was marked as solved: it cannot ship, so it is not free."""
    state = after(
        LOCKED,
        ProblemRaised(AT, "waiting_for_transfer", "", "1", (("expected", "100.00 EUR"),)),
        Told("r", Wish.MARK_SOLVED, AT),
        state=checked(read_payment=prepayment(received=received)),
    )
    assert status_of(state) is OrderStatus.WAITING_TRANSFER
    assert status_of(after(ended(Kind.UNLOCK, "release-order", Outcome.SUCCEEDED), state=state)) is OrderStatus.RELEASED


def test_an_order_is_settled_when_it_is_closed_and_everything_is_booked() -> None:
    """By us or by somebody else; an open line or an open invoice keeps it shipping."""
    rows = InvoiceRow("R1", 60_00, settled=True), InvoiceRow("R2", 40_00)
    assert status_of(checked(shipped(AT, *rows))) is OrderStatus.SHIPPING
    ours = after(ended(Kind.BOOK, "R2", Outcome.SUCCEEDED), state=checked(shipped(AT, *rows)))
    assert status_of(ours) is OrderStatus.SETTLED
    assert status_of(checked(shipped(AT, rows[0], phase=Phase.OPEN))) is OrderStatus.SHIPPING


def test_an_order_without_shipment_that_is_closed_was_cancelled() -> None:
    """Whatever its check said."""
    cancelled = picture(phase=Phase.CLOSED, held=LineSums(), cancelled=LineSums(1, 100_00))
    assert status_of(checked(cancelled)) is OrderStatus.CANCELLED
    assert status_of(checked(cancelled, problem="amount_differs")) is OrderStatus.CANCELLED


def test_the_gravest_problem_is_named() -> None:
    """An error goes before a notice, the latest of each first."""
    notice = ProblemRaised(AT, "hold_aging", "", "1", (("days", "14"),))
    error = ProblemRaised(AT, "chargeback", "", "1", (("amount", "1.00 EUR"),))
    row = summarize(after(error, notice, state=checked()))
    assert (row.problem, row.severity, row.needs_human) == ("chargeback", "error", True)
    row = summarize(after(notice, state=checked()))
    assert (row.problem, row.severity, row.needs_human) == ("hold_aging", "notice", False)


def test_sums_are_what_the_shop_and_we_took_and_booked() -> None:
    """A refused capture and a booking that is not known to stand do not count."""
    state = after(
        ended(Kind.CAPTURE, "R1", Outcome.SUCCEEDED, amount=30_00),
        ended(Kind.CAPTURE, "R2", Outcome.DECLINED, amount=20_00),
        ended(Kind.BOOK, "R1", Outcome.SUCCEEDED, amount=30_00),
        ended(Kind.BOOK, "R2", Outcome.UNKNOWN, amount=20_00),
        state=checked(read_payment=payment(captured_minor=40_00, remaining_minor=60_00)),
    )
    row = summarize(state)
    assert (row.captured_minor, row.booked_minor) == (70_00, 30_00)


def test_an_order_that_knows_nothing_has_a_row_too() -> None:
    """Lists show it as received."""
    row = summarize(OrderState(WORKFLOW_ID))
    assert (row.status, row.problem, row.total_minor) == (OrderStatus.RECEIVED, "", 0)
