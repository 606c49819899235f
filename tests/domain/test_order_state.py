"""How facts change what an order knows: duplicates, late and reordered ones change nothing."""

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.facts import (
    CancelRequested,
    ErpReported,
    Fact,
    InvoiceRow,
    LineSums,
    PaymentHinted,
    PaymentRead,
    PaymentUnreadable,
    Phase,
    ProblemGone,
    ProblemRaised,
    ShippedUnpaid,
    Told,
    Wish,
)
from domain.operations import Kind
from domain.order import decide
from domain.order_state import CANCEL_WISH, MESSAGES_KEPT, OrderState, evolve
from domain.outcomes import Outcome
from tests.domain.building import (
    AT,
    HOUR,
    MINUTE,
    PACING,
    WORKFLOW_ID,
    after,
    checked,
    config,
    ended,
    next_effect,
    payment,
    picture,
    prepayment,
    read,
    shipped,
)

PICTURES = [
    ErpReported(picture(AT)),
    ErpReported(picture(AT + MINUTE, phase=Phase.OPEN)),
    ErpReported(shipped(AT + 2 * MINUTE, InvoiceRow("R1", 60_00), phase=Phase.OPEN)),
    ErpReported(shipped(AT + 3 * MINUTE, InvoiceRow("R1", 60_00), InvoiceRow("R2", 40_00))),
]


@pytest.mark.rule("P8")
@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_pictures_in_any_order_end_in_the_newest(order: tuple[int, ...]) -> None:
    """However they arrive, and however often, the order knows the newest and decides the same."""
    straight = after(*PICTURES)
    mixed = after(*(PICTURES[one] for one in order), *(PICTURES[one] for one in reversed(order)))
    assert mixed.erp == straight.erp
    assert decide(mixed, config(), PACING, AT) == decide(straight, config(), PACING, AT)


@pytest.mark.rule("P8")
@pytest.mark.parametrize(
    "fact",
    [
        PICTURES[3],
        PICTURES[0],
        Told("r-1", Wish.LOOK_AGAIN, AT),
        Told("r-1", Wish.CANCEL, AT + HOUR),
        ShippedUnpaid(AT, "R1"),
        ProblemRaised(AT, "payment_pending", "", "1"),
        ProblemGone(AT, "payment_pending", "", "1"),
        ended(Kind.CAPTURE, "R1", Outcome.DECLINED, AT + HOUR),
        ended(Kind.CAPTURE, "R1", Outcome.UNKNOWN, AT + HOUR),
        ended(Kind.RELEASE, "order", Outcome.NOT_SENT, AT + HOUR),
        PaymentRead(payment(payment_id="s-pay-of-another"), 0),
    ],
)
def test_what_says_nothing_new_leaves_the_very_same_state(fact: Fact) -> None:
    """A duplicate, a late fact and an outcome after a final one leave no trace in the journal."""
    state = after(
        *PICTURES,
        Told("r-1", Wish.PAYMENT_RECEIVED, AT),
        ShippedUnpaid(AT, "R1"),
        ProblemRaised(AT, "payment_pending", "", "1"),
        ProblemGone(AT, "payment_pending", "", "1"),
        ended(Kind.CAPTURE, "R1", Outcome.SUCCEEDED),
        ended(Kind.RELEASE, "order", Outcome.NOT_SENT),
        ended(Kind.RELEASE, "order", Outcome.DECLINED, attempt=2),
    )
    assert evolve(state, fact) is state


def test_each_new_fact_counts_once() -> None:
    """The sequence number grows by one with each change and never otherwise."""
    state = OrderState(WORKFLOW_ID)
    facts: tuple[Fact, ...] = (PICTURES[0], PaymentHinted(AT), CancelRequested(AT))
    for number, fact in enumerate(facts, 1):
        state = after(fact, PICTURES[0], state=state)
        assert state.seq == number


@given(st.lists(st.timedeltas(-timedelta(days=3), timedelta(days=3)), max_size=8))
def test_the_last_change_never_lies_before_an_earlier_one(shifts: list[timedelta]) -> None:
    """A clock that runs backwards does not make the order look younger."""
    state = after(PICTURES[0])
    for shift in shifts:
        before = state.changed_at
        state = after(PaymentHinted(AT + shift), state=state)
        assert before is not None
        assert state.changed_at == max(before, AT + shift)


@pytest.mark.rule("P8")
@pytest.mark.parametrize("open_outcome", [Outcome.UNKNOWN, Outcome.PENDING])
def test_not_sent_does_not_end_what_is_open(open_outcome: Outcome) -> None:
    """That an inquiry did not leave says nothing about the request before it."""
    state = after(
        ended(Kind.CAPTURE, "R1", open_outcome),
        ended(Kind.CAPTURE, "R1", Outcome.NOT_SENT, AT + MINUTE, reason="rate", retry_at=AT + HOUR),
        state=checked(),
    )
    record = state.operation(Kind.CAPTURE, "R1")
    assert record is not None
    assert (record.outcome, record.executions, record.retry_at) == (open_outcome, 2, AT + HOUR)


def test_executions_count_one_attempt_and_begin_anew_with_the_next() -> None:
    """First and last instant belong to the attempt as well."""
    state = after(
        ended(Kind.BOOK, "R1", Outcome.UNKNOWN),
        ended(Kind.BOOK, "R1", Outcome.DECLINED, AT + MINUTE),
        ended(Kind.BOOK, "R1", Outcome.UNKNOWN, AT + HOUR, attempt=2),
    )
    record = state.operation(Kind.BOOK, "R1")
    assert record is not None
    assert (record.attempt, record.executions, record.first_at, record.at) == (2, 1, AT + HOUR, AT + HOUR)


def test_an_outcome_of_an_earlier_attempt_comes_too_late() -> None:
    """What the first attempt reports after the second one began changes nothing."""
    state = after(ended(Kind.BOOK, "R1", Outcome.UNKNOWN, attempt=2))
    assert evolve(state, ended(Kind.BOOK, "R1", Outcome.SUCCEEDED, attempt=1)) is state


@pytest.mark.rule("P12", "P14")
def test_another_payment_is_checked_anew_under_a_number_of_its_own() -> None:
    """Nothing of the former payment's check remains, and no number of a check is used twice."""
    state = checked(problem="payment_unknown")
    state = after(ErpReported(picture(AT + HOUR, payment_id="s-pay-2")), state=state)
    assert (state.check, state.payment, state.unreadable) == (None, None, None)
    state = read(state, payment(payment_id="s-pay-2", total_minor=1))
    state, _ = next_effect(state)
    assert state.check is not None
    assert state.check.number == 2


@pytest.mark.rule("P15")
def test_looking_again_keeps_the_trouble_until_it_is_over() -> None:
    """A payment that cannot be read stays unreadable until it was read; the next look is due at once."""
    state = after(PICTURES[0], PaymentUnreadable(AT, "server_error"), Told("r", Wish.LOOK_AGAIN, AT + MINUTE))
    assert state.unreadable is not None
    assert state.unreadable.retry_at == AT + MINUTE
    assert read(state, payment()).unreadable is None


def test_messages_are_remembered_but_not_without_end() -> None:
    """The newest are kept, each once."""
    state = OrderState(WORKFLOW_ID)
    for number in range(MESSAGES_KEPT + 10):
        state = after(Told(f"r-{number}", Wish.PAYMENT_RECEIVED, AT), state=state)
    assert len(state.messages) == MESSAGES_KEPT
    assert state.messages[-1] == f"r-{MESSAGES_KEPT + 9}"


def test_a_solved_problem_is_solved_once() -> None:
    """Marking keeps the first instant, and touches only what is open."""
    raised = [ProblemRaised(AT, "chargeback", "", str(number)) for number in (1, 2)]
    state = after(*raised, ProblemGone(AT + MINUTE, "chargeback", "", "1"), Told("r", Wish.MARK_SOLVED, AT + HOUR))
    assert [one.solved_at for one in state.problems] == [AT + MINUTE, AT + HOUR]
    assert state.open_problems() == ()


@pytest.mark.rule("P14", "P20", "P21")
def test_the_lock_for_the_payment_is_the_last_of_ours_that_stands() -> None:
    """Locked, unlocked, locked again, whatever the clock says; the lock of a cancel wish is not for the payment."""
    state = after(ended(Kind.LOCK, CANCEL_WISH, Outcome.SUCCEEDED))
    assert state.payment_lock == ""
    for minute, (kind, lock, stands) in enumerate(
        [
            (Kind.RELEASE, True, True),
            (Kind.UNLOCK, False, False),
            (Kind.LOCK, False, True),
            (Kind.RELEASE, True, True),
            (Kind.RELEASE, False, True),
            (Kind.LOCK, False, True),
            (Kind.UNLOCK, False, False),
        ]
    ):
        state = after(ended(kind, f"{minute}", Outcome.SUCCEEDED, AT - minute * MINUTE, lock=lock), state=state)
        assert bool(state.payment_lock) is stands


def test_what_the_order_did_itself_is_no_news() -> None:
    """The picture after our own release, lock and booking is the one that the order expects."""
    state = after(
        ErpReported(picture(AT, payment_tag="UZCC")),
        ended(Kind.RELEASE, "order", Outcome.SUCCEEDED, lock=True),
    )
    assert state.erp is not None
    seen = picture(AT + HOUR, phase=Phase.OPEN, locked=True, held=state.erp.held, open=state.erp.open)
    told = evolve(state, ErpReported(seen))
    assert replace(told, seq=state.seq, erp_confirmed_at=None) == state
    assert evolve(told, ErpReported(seen)) is told


@pytest.mark.rule("P8")
def test_what_was_so_for_a_moment_is_no_news_once_it_is_over() -> None:
    """Cancelled and opened again, and told the other way round: the order never was cancelled."""
    state = after(ErpReported(picture(AT)))
    cancelled = ErpReported(picture(AT + MINUTE, phase=Phase.CLOSED, cancelled=LineSums(2, 100_00), held=LineSums()))
    again = evolve(state, ErpReported(picture(AT + 2 * MINUTE)))
    assert evolve(again, cancelled) is again
    older = replace(state, rules=2)  # histories of that time believed it
    assert evolve(evolve(older, ErpReported(picture(AT + 2 * MINUTE))), cancelled).erp == cancelled.snapshot


@given(st.integers(0, 200_00))
def test_reading_a_prepayment_twice_ends_in_the_same_picture(received: int) -> None:
    """The second look may be newer, but it changes no decision."""
    once = read(after(ErpReported(picture())), prepayment(received=received))
    twice = read(once, prepayment(received=received))
    assert once.payment == twice.payment
