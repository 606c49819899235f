"""Single decisions that a scenario would show only through many others."""

from typing import Any

import pytest

from domain import reasons
from domain.facts import (
    CheckFailed,
    CheckPassed,
    ErpReported,
    InvoiceRow,
    LineSums,
    PaymentHinted,
    PaymentUnreadable,
    Phase,
    ProblemRaised,
    ShippedUnpaid,
    Standing,
    Told,
    Wish,
)
from domain.operations import WHOLE_ORDER, Kind, Operation
from domain.order import Decision, ReadPayment, decide, ends_at, refusal
from domain.order_state import OrderState
from domain.outcomes import Outcome
from domain.tenant_config import AppMode
from tests.domain.building import (
    AT,
    DAY,
    HOUR,
    MINUTE,
    PACING,
    WORKFLOW_ID,
    after,
    checked,
    config,
    decided,
    ended,
    next_effect,
    payment,
    picture,
    prepayment,
    read,
    shipped,
)

OPEN: dict[str, Any] = {"phase": Phase.OPEN, "held": LineSums(), "open": LineSums(1, 100_00)}
CANCELLED: dict[str, Any] = {"phase": Phase.CLOSED, "held": LineSums(), "cancelled": LineSums(1, 100_00)}
RELEASED = ended(Kind.RELEASE, WHOLE_ORDER, Outcome.SUCCEEDED)
LOCKED = ended(Kind.RELEASE, WHOLE_ORDER, Outcome.SUCCEEDED, lock=True)


def _operation(decision: Decision) -> Operation:
    assert isinstance(decision.step, Operation), decision
    return decision.step


def _kinds(state: OrderState, **settings: Any) -> list[tuple[Kind, str]]:
    """Everything that the order does when each effect succeeds at once."""
    done: list[tuple[Kind, str]] = []
    for _ in range(50):
        state, decision = next_effect(state, **settings)
        if not isinstance(decision.step, Operation):
            return done
        done.append((decision.step.kind, decision.step.subject))
        amount = decision.step.amount_minor
        state = after(
            ended(
                decision.step.kind,
                decision.step.subject,
                Outcome.SUCCEEDED,
                amount=amount,
                attempt=decision.step.attempt,
                lock=decision.step.lock,
                invoice_no=decision.step.invoice_no,
            ),
            state=state,
        )
    raise AssertionError("the order never rests")


def test_without_a_picture_nothing_is_decided() -> None:
    """An order that knows nothing waits for messages only."""
    assert decide(OrderState(WORKFLOW_ID), config(), PACING, AT) == Decision()


@pytest.mark.rule("P7")
def test_an_order_out_of_scope_does_nothing_whatever_it_hears() -> None:
    """Hints, wishes and shipments change nothing."""
    erp = shipped(AT, InvoiceRow("R1", 100_00), payment_id="", shop_order_no="P4711")
    state = after(ErpReported(erp), PaymentHinted(AT), Told("r", Wish.LOOK_AGAIN, AT))
    assert decide(state, config(), PACING, AT) == Decision()


@pytest.mark.rule("P15")
@pytest.mark.parametrize("minutes", [-60, 0])
def test_an_instant_in_the_past_does_not_hurry_the_next_look(minutes: int) -> None:
    """The provider may name any instant; the order rests before it looks again."""
    told = PaymentUnreadable(AT, reasons.RATE, AT + minutes * MINUTE)
    decision = decided(after(ErpReported(picture()), told))
    assert decision.step is None
    assert decision.next_due == AT + PACING.first_pause


@pytest.mark.rule("P12")
def test_a_hint_is_followed_by_a_look_before_anything_is_concluded() -> None:
    """The check waits for the payment as it is now."""
    state = after(PaymentHinted(AT), state=read(after(ErpReported(picture())), payment(standing=Standing.DECLINED)))
    assert isinstance(decided(state).step, ReadPayment)


@pytest.mark.rule("P13", "P14")
def test_a_release_that_was_not_sent_is_sent_as_the_check_now_says() -> None:
    """The payment was exchanged for one that fails while the ERP could not be reached."""
    state = after(
        ended(Kind.RELEASE, WHOLE_ORDER, Outcome.NOT_SENT, retry_at=AT + MINUTE),
        ErpReported(picture(AT + MINUTE, payment_id="s-pay-2")),
        state=checked(),
    )
    state = read(state, payment(payment_id="s-pay-2", standing=Standing.DECLINED))
    release = _operation(decided(state, AT + HOUR))
    assert (release.kind, release.attempt, release.lock) == (Kind.RELEASE, 1, True)


@pytest.mark.rule("P20", "P21")
def test_a_lock_that_was_wanted_once_is_taken_away_with_a_comment() -> None:
    """A release with a lock was held back, the money came: the lock may stand already, so it is set and lifted."""
    waiting = checked(read_payment=prepayment())
    release = _operation(decided(waiting))
    assert release.lock
    not_sent = ended(Kind.RELEASE, WHOLE_ORDER, Outcome.NOT_SENT, lock=True, note=release.note)
    state = read(after(not_sent, state=waiting), prepayment(received=100_00))
    assert _operation(decided(state, AT + HOUR)).lock
    assert _kinds(after(LOCKED, state=state))[0] == (Kind.UNLOCK, "release-order")


@pytest.mark.rule("P8", "P13")
def test_while_a_release_is_unclear_only_it_is_asked_for() -> None:
    """No lock, no second release, until it is known what became of the first."""
    state = after(ended(Kind.RELEASE, WHOLE_ORDER, Outcome.UNKNOWN), state=checked(problem="amount_differs"))
    later = AT + PACING.in_flight
    assert _operation(decided(state)).kind is Kind.MAIL  # the failed check is told meanwhile
    told = after(ended(Kind.MAIL, "amount_differs//1", Outcome.SUCCEEDED), state=state)
    assert decided(told, AT).step is None
    assert _operation(decided(told, later)).kind is Kind.RELEASE


@pytest.mark.rule("P11")
def test_a_picture_older_than_the_release_does_not_release_again() -> None:
    """It was taken before the release took effect."""
    state = after(
        ended(Kind.RELEASE, WHOLE_ORDER, Outcome.SUCCEEDED, AT + HOUR),
        ErpReported(picture(AT + MINUTE)),
        state=checked(),
    )
    assert decided(state, AT + HOUR).step is None


@pytest.mark.rule("P14")
def test_an_open_order_whose_check_fails_is_locked() -> None:
    """An order that was never on hold is locked all the same, unless it is locked or has shipped."""
    assert (Kind.LOCK, "check-1") in _kinds(checked(picture(**OPEN), problem="amount_differs"))
    assert Kind.LOCK not in dict(_kinds(checked(picture(locked=True, **OPEN), problem="amount_differs")))
    gone = shipped(AT, InvoiceRow("R1", 100_00), phase=Phase.OPEN)
    assert Kind.LOCK not in dict(_kinds(checked(gone, problem="amount_differs")))


@pytest.mark.rule("P14", "P30")
def test_only_an_unsettled_invoice_of_an_unchecked_payment_is_a_problem() -> None:
    """What a person has settled needs nobody any more."""
    rows = InvoiceRow("R1", 60_00, settled=True), InvoiceRow("R2", 40_00)
    state, _ = next_effect(checked(shipped(AT, *rows), problem="amount_differs"))
    subjects = [one.subject for one in state.open_problems() if one.code == "capture_unverified"]
    assert subjects == ["R2"]


@pytest.mark.rule("P14", "P2")
def test_the_same_failure_of_another_payment_is_told_again() -> None:
    """Two unknown ids are two problems with two mails."""
    state = after(
        ProblemRaised(AT, "payment_unknown", "", "1", (("payment_id", "s-pay-1"),)),
        ended(Kind.MAIL, "payment_unknown//1", Outcome.SUCCEEDED),
        LOCKED,
        ErpReported(picture(AT + HOUR, payment_id="s-pay-2", locked=True, **OPEN)),
        state=checked(problem="payment_unknown"),
    )
    state = read(state, payment(payment_id="s-pay-2", standing=Standing.MISSING))
    assert _kinds(state) == [(Kind.MAIL, "payment_unknown//2")]


@pytest.mark.rule("P16")
def test_a_refusal_of_the_former_payment_says_nothing_about_the_next() -> None:
    """Another payment id gets its own attempt to take the money before release."""
    standard: dict[str, Any] = {"mode": AppMode.STANDARD}
    refused = ended(Kind.CAPTURE, WHOLE_ORDER, Outcome.DECLINED, amount=100_00, reason=reasons.REFUSED)
    state, _ = next_effect(after(refused, state=checked()), **standard)
    assert state.check is not None
    assert state.check.problem == "capture_failed"
    state = after(ErpReported(picture(AT + HOUR, payment_id="s-pay-2")), state=state)
    state = read(state, payment(payment_id="s-pay-2"))
    capture = _operation(decided(state, **standard))
    assert (capture.kind, capture.attempt, capture.payment_id) == (Kind.CAPTURE, 2, "s-pay-2")


@pytest.mark.rule("P17", "P16")
def test_money_taken_by_hand_after_a_refusal_is_not_asked_for_again() -> None:
    """The repeated check finds everything taken, so the order goes on without a capture, not even of nothing."""
    refused = ended(Kind.CAPTURE, WHOLE_ORDER, Outcome.DECLINED, amount=100_00)
    state = after(refused, LOCKED, Told("r", Wish.LOOK_AGAIN, AT), state=checked(picture(), problem="capture_failed"))
    state = read(state, payment(captured_minor=100_00, remaining_minor=0))
    assert _kinds(state, mode=AppMode.STANDARD) == [(Kind.UNLOCK, "release-order")]


@pytest.mark.rule("P16")
def test_an_order_that_others_settled_is_not_taken_money_for() -> None:
    """Everything shipped and settled before the check passed: there is nothing left to pay."""
    settled = shipped(AT, InvoiceRow("R1", 100_00, settled=True))
    assert Kind.CAPTURE not in dict(_kinds(checked(settled), mode=AppMode.STANDARD))
    open_invoice = shipped(AT, InvoiceRow("R1", 100_00))
    assert _kinds(checked(open_invoice), mode=AppMode.STANDARD)[0] == (Kind.CAPTURE, WHOLE_ORDER)


@pytest.mark.rule("P35", "P39")
@pytest.mark.parametrize(
    ("reason", "problem"), [(reasons.REFUSED, "capture_failed"), (reasons.EXPIRED, "authorization_expired")]
)
def test_a_refused_capture_is_told_and_not_repeated(reason: str, problem: str) -> None:
    """Its reason decides which problem it is; only a person brings another attempt about."""
    erp = shipped(AT, InvoiceRow("R1", 100_00))
    refused = ended(Kind.CAPTURE, "R1", Outcome.DECLINED, amount=100_00, invoice_no="R1", reason=reason)
    state = after(refused, state=checked(erp))
    assert _kinds(state) == [(Kind.COMMENT, f"{problem}/R1/1"), (Kind.MAIL, f"{problem}/R1/1")]
    asked = read(after(Told("r", Wish.LOOK_AGAIN, AT), state=state), payment())
    capture = next(one for one in [_operation(decided(asked))])
    assert (capture.kind, capture.subject, capture.attempt) == (Kind.CAPTURE, "R1", 2)


@pytest.mark.rule("P32", "P33")
@pytest.mark.parametrize(
    ("phase", "totals", "books"),
    [(Phase.CLOSED, (100_00,), True), (Phase.OPEN, (100_00,), False), (Phase.CLOSED, (100_01,), False)],
)
def test_late_money_settles_only_a_closed_order_within_its_amount(
    phase: Phase, totals: tuple[int, ...], books: bool
) -> None:
    """The switch changes when money may come, not what else is needed."""
    invoices = [InvoiceRow(f"R{no}", total) for no, total in enumerate(totals, 1)]
    state = after(ShippedUnpaid(AT, "R1"), state=checked(shipped(AT, *invoices, phase=phase), prepayment()))
    paid = read(state, prepayment(received=100_00))
    assert ((Kind.BOOK, "R1") in _kinds(paid, late_settle=True)) is books
    assert Kind.BOOK not in dict(_kinds(paid))


@pytest.mark.rule("P32")
def test_goods_count_as_unpaid_only_after_a_fresh_look() -> None:
    """The money may have come since the payment was last read."""
    state = after(ErpReported(shipped(AT + HOUR, InvoiceRow("R1", 100_00))), state=checked(read_payment=prepayment()))
    assert isinstance(decided(state, AT + HOUR).step, ReadPayment)
    looked, _ = next_effect(read(state, prepayment(AT + HOUR)), AT + HOUR)
    assert looked.unpaid_invoices == ("R1",)


def test_a_cancelled_order_is_judged_by_a_fresh_look() -> None:
    """What goes back is what our own capture took, webhook or not."""
    captured = ended(Kind.CAPTURE, WHOLE_ORDER, Outcome.SUCCEEDED, amount=100_00)
    state = after(captured, ErpReported(picture(AT + HOUR, **CANCELLED)), state=checked())
    assert isinstance(decided(state, AT + HOUR).step, ReadPayment)
    assert state.open_problems() == ()
    step = next_effect(read(state, payment(captured_minor=100_00, remaining_minor=0)), AT + HOUR)[1].step
    assert isinstance(step, Operation)
    assert (step.kind, step.amount_minor) == (Kind.REFUND, 100_00)


def test_a_cancelled_order_without_money_is_no_problem() -> None:
    """Nothing is held and nothing was taken."""
    state = checked(picture(**CANCELLED), payment(total_minor=100_00, remaining_minor=0))
    assert _kinds(state) == []


@pytest.mark.rule("P40")
def test_an_unclear_outcome_alarms_after_the_normal_time_only() -> None:
    """Four inquiries without an answer in nine minutes are not yet a reason to call somebody."""
    state = checked(shipped(AT, InvoiceRow("R1", 100_00)))
    for minute in (0, 3, 6, 9):
        asked = ended(Kind.BOOK, "R1", Outcome.UNKNOWN, AT + minute * MINUTE, invoice_no="R1")
        state = after(asked, state=state)
    early, _ = next_effect(state, AT + 10 * MINUTE)
    assert early.open_problems() == ()
    late, _ = next_effect(state, AT + 15 * MINUTE)
    assert sorted(one.code for one in late.open_problems()) == ["outcome_unknown", "settlement_late"]


def test_wrong_credentials_are_told_whether_or_not_something_was_sent_before() -> None:
    """An inquiry that stops at the credentials leaves the outcome unknown and the cause visible."""
    for outcomes in ([Outcome.NOT_SENT], [Outcome.UNKNOWN, Outcome.NOT_SENT]):
        state = checked(shipped(AT, InvoiceRow("R1", 100_00)))
        for minute, outcome in enumerate(outcomes):
            at = AT + minute * MINUTE
            stopped = ended(Kind.BOOK, "R1", outcome, at, invoice_no="R1", reason=reasons.MISCONFIGURED)
            state = after(stopped, state=state)
        state, _ = next_effect(state, AT + HOUR)
        assert "misconfigured" in {one.code for one in state.open_problems()}


def test_a_cancel_wish_keeps_an_order_from_being_released() -> None:
    """It is locked instead; after goods have left the wish is refused."""
    wished = after(Told("r", Wish.CANCEL, AT), state=checked())
    assert _kinds(wished) == [(Kind.LOCK, "cancel-wish")]
    assert refusal(wished, Wish.CANCEL) == ""
    gone = checked(shipped(AT, InvoiceRow("R1", 1), phase=Phase.OPEN))
    assert refusal(gone, Wish.CANCEL) == "shipped"
    assert refusal(gone, Wish.LOOK_AGAIN) == ""


def test_the_lock_of_a_wish_is_never_taken_away() -> None:
    """Goods left in spite of the wish: whatever lock stands now belongs to a person."""
    state = after(
        Told("r", Wish.CANCEL, AT),
        ended(Kind.LOCK, "cancel-wish", Outcome.SUCCEEDED),
        ErpReported(shipped(AT + HOUR, InvoiceRow("R1", 60_00), phase=Phase.OPEN, locked=True)),
        state=checked(picture(**OPEN)),
    )
    assert Kind.UNLOCK not in dict(_kinds(state))


@pytest.mark.parametrize(
    ("state", "ends"),
    [
        (checked(), False),
        (checked(picture(**CANCELLED), payment(remaining_minor=0)), True),
        (checked(shipped(AT, InvoiceRow("R1", 100_00, settled=True))), True),
        (checked(shipped(AT, InvoiceRow("R1", 100_00))), False),
        (checked(shipped(AT, InvoiceRow("R1", 100_00, settled=True), phase=Phase.OPEN)), False),
        (
            after(
                ended(Kind.COMMENT, "x", Outcome.UNKNOWN), state=checked(shipped(AT, InvoiceRow("R1", 1, settled=True)))
            ),
            False,
        ),
        (
            after(
                ProblemRaised(AT, "chargeback", "", "1", (("amount", "1.00 EUR"),)),
                state=checked(shipped(AT, InvoiceRow("R1", 1, settled=True))),
            ),
            False,
        ),
    ],
)
def test_an_order_ends_only_balanced_and_without_an_error(state: OrderState, ends: bool) -> None:
    """Nothing open, nothing unclear, nobody needed; then it stays for its sixty days."""
    assert (ends_at(state, config()) is not None) is ends
    if ends:
        decision = decide(state, config(), PACING, AT)
        assert decision == Decision(next_due=AT + 60 * DAY)
        assert decide(state, config(), PACING, AT + 60 * DAY).finished


def test_thousands_of_invoices_are_decided_on() -> None:
    """The first that needs something is taken care of; the sum of all is checked."""
    rows = tuple(InvoiceRow(f"R{number}", 1, settled=number < 4_999) for number in range(5_000))
    state = checked(shipped(AT, *rows, total_minor=5_000), payment(total_minor=5_000, remaining_minor=5_000))
    assert _kinds(state)[0] == (Kind.CAPTURE, "R4999")


def test_a_check_is_made_once() -> None:
    """Later changes of the payment do not undo a release; only a person has it checked again."""
    state = after(RELEASED, state=checked())
    voided = read(state, payment(standing=Standing.VOIDED, total_minor=0, remaining_minor=0))
    assert _kinds(voided) == []
    passed = after(Told("r", Wish.LOOK_AGAIN, AT), state=voided)
    assert isinstance(passed.check, type(voided.check))
    assert passed.check == voided.check


def test_conclusions_are_facts_with_the_instant_of_the_decision() -> None:
    """What the order concludes can be written into its journal."""
    state = read(after(ErpReported(picture())), payment())
    assert decide(state, config(), PACING, AT + HOUR).step == CheckPassed(AT + HOUR, "card", 0, 100_00)
    refused = read(after(ErpReported(picture())), payment(standing=Standing.DECLINED))
    assert decide(refused, config(), PACING, AT).step == CheckFailed(AT, "payment_declined")


def test_looks_at_an_undecided_payment_get_rarer() -> None:
    """Every quarter of an hour at first, once a day in the end; a callback is heard at once all the same."""
    state = after(ErpReported(picture(phase=Phase.OPEN, held=LineSums(), open=LineSums(1, 100_00))))
    waits = []
    for look in (AT, AT + 4 * HOUR, AT + 30 * DAY):
        state = read(state, payment(look, standing=Standing.PENDING))
        due = decided(state, look).next_due
        assert due is not None
        waits.append(due - look)
    assert waits == [PACING.pending_look, HOUR / 2, DAY]


def test_a_cancelled_order_whose_payment_is_never_decided_comes_to_an_end() -> None:
    """Reading the same again and again does not keep it alive."""
    state = after(ErpReported(picture(AT, **CANCELLED)))
    now, looks = AT, 0
    while not (decision := decided(state, now)).finished:
        if isinstance(decision.step, ReadPayment):
            state, looks = read(state, payment(now, standing=Standing.PENDING)), looks + 1
        elif decision.step is not None:
            state = next_effect(state, now)[0]
        else:
            assert decision.next_due is not None
            now = decision.next_due
        assert looks < 300
    assert now >= AT + config().keep_after_settled
