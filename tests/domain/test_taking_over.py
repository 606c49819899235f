"""What an order that another application began still has to do, told by the preview."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.facts import CreditNoteRow, ErpSnapshot, InvoiceRow, LineSums, PaymentSnapshot, Phase, Standing
from domain.operations import Kind
from domain.preview import Preview, anticipated, preview
from domain.summary import OrderStatus
from domain.taking_over import LINES, Known, begun, take_over
from domain.tenant_config import AppMode
from tests.domain.building import AT, PACING, WORKFLOW_ID, config, payment, picture

R1, R2 = InvoiceRow("R1", 60_00), InvoiceRow("R2", 40_00)
G1, G2 = CreditNoteRow("G1", 60_00, from_return=True), CreditNoteRow("G2", 40_00, from_return=True)


def settled(row: Any) -> Any:
    return replace(row, settled=True)


def erp(*documents: InvoiceRow | CreditNoteRow, cancelled: int = 0, closed: bool = True, **changes: Any) -> ErpSnapshot:
    """An order of 100.00 EUR that was released; what is neither billed nor cancelled is still open."""
    invoices = tuple(one for one in documents if isinstance(one, InvoiceRow))
    credits_ = tuple(one for one in documents if isinstance(one, CreditNoteRow))
    billed, back = sum(one.total_minor for one in invoices), sum(one.total_minor for one in credits_)
    rest = 0 if closed else 100_00 - billed - cancelled
    return picture(
        phase=Phase.CLOSED if closed else Phase.OPEN,
        held=LineSums(),
        open=LineSums(1 if rest else 0, rest),
        shipped=LineSums(len(invoices), billed - back),
        cancelled=LineSums(1 if cancelled else 0, cancelled),
        returned=LineSums(len(credits_), back),
        invoices=invoices,
        credit_notes=credits_,
        **changes,
    )


def paid(taken: int = 0, back: int = 0, held: int | None = None, **changes: Any) -> PaymentSnapshot:
    """`taken` was captured and `back` of it given back; the rest is held unless told otherwise."""
    return payment(
        captured_minor=taken - back,
        refunded_minor=back,
        remaining_minor=100_00 - taken if held is None else held,
        **changes,
    )


def transferred(received: int, waived: int = 0, back: int = 0) -> PaymentSnapshot:
    return paid(
        received,
        back,
        held=100_00 - waived - received,
        method="prepayment",
        total_minor=100_00 - waived,
        received_minor=received - back,
    )


def foreseen(seen: ErpSnapshot, read: PaymentSnapshot | None, known: Known = Known(), **changes: Any) -> Preview:
    settings_ = config(**changes)
    fact = take_over(seen, read, settings_, AT, known)
    return preview(begun(WORKFLOW_ID, fact, seen), read, settings_, PACING, AT)


def effects(told: Preview) -> list[str]:
    return [f"{one.kind.value} {one.subject} {one.amount_minor or 0}".removesuffix(" 0") for one in told.effects]


def problems(told: Preview) -> list[tuple[str, str]]:
    return [(one.code, one.subject) for one in told.problems]


@pytest.mark.parametrize("mode", AppMode)
@pytest.mark.parametrize(
    ("seen", "read", "wanted"),
    [
        pytest.param(erp(closed=False), paid(100_00), [], id="captured in full, not shipped"),
        pytest.param(erp(R1, closed=False), paid(100_00), ["book R1 6000"], id="captured in full, booking missing"),
        pytest.param(erp(settled(R1), closed=False), paid(60_00), [], id="first captured and booked, second unshipped"),
        pytest.param(
            erp(settled(R1), R2), paid(60_00), ["capture R2 4000", "book R2 4000"], id="second shipped meanwhile"
        ),
        pytest.param(erp(settled(R1), R2), paid(100_00), ["book R2 4000"], id="second captured, not booked"),
        pytest.param(
            erp(R1, settled(R2)), paid(40_00), ["capture R1 6000", "book R1 6000"], id="only the second captured"
        ),
        pytest.param(erp(R1, closed=False), paid(60_00), ["book R1 6000"], id="captured, but the booking is missing"),
        pytest.param(
            erp(settled(R1), settled(R2), settled(G2)), paid(100_00, 40_00), [], id="refunded and settled: history"
        ),
        pytest.param(
            erp(settled(R1), settled(R2), G2), paid(100_00, 40_00), ["book G2 4000"], id="refunded, not booked"
        ),
        pytest.param(
            erp(settled(R1), settled(R2), G2),
            paid(100_00),
            ["refund G2 4000", "book G2 4000"],
            id="neither refunded nor booked",
        ),
        pytest.param(
            erp(settled(R1), settled(R2), settled(G1), G2),
            paid(100_00, 60_00),
            ["refund G2 4000", "book G2 4000"],
            id="one refunded, the other not",
        ),
        pytest.param(
            erp(settled(R1), settled(R2), G1, G2),
            paid(100_00, 40_00),
            ["refund G1 6000", "book G1 6000", "book G2 4000"],
            id="the second refunded, neither booked",
        ),
        pytest.param(erp(settled(R1), cancelled=40_00), paid(100_00, 40_00), [], id="lines given back"),
        pytest.param(
            erp(settled(R1), cancelled=40_00),
            paid(100_00),
            ["refund cancelled-lines/4000 4000"],
            id="lines not given back yet",
        ),
        pytest.param(
            erp(settled(R1), cancelled=40_00), paid(60_00, held=0, total_minor=60_00), [], id="rest of the hold void"
        ),
        pytest.param(erp(settled(R1), cancelled=40_00), paid(60_00), ["void rest 4000"], id="rest of the hold held"),
        pytest.param(
            erp(cancelled=100_00),
            paid(100_00, 30_00),
            ["refund cancelled-order/10000 7000"],
            id="cancelled, in part back",
        ),
    ],
)
def test_what_is_left_to_do(seen: ErpSnapshot, read: PaymentSnapshot, wanted: list[str], mode: AppMode) -> None:
    """Whatever the mode of both applications: what was taken or given back counts, and only the rest is due."""
    told = foreseen(seen, read, mode=mode)
    assert effects(told) == wanted
    assert problems(told) == []


@pytest.mark.parametrize(
    ("seen", "read"),
    [
        (erp(settled(R1), settled(R2)), paid(100_00)),
        (erp(settled(R1), settled(R2), settled(G1)), paid(100_00, 60_00)),
        (erp(settled(R1), settled(R2), settled(G1), settled(G2)), paid(100_00, 100_00, standing=Standing.VOIDED)),
        (erp(settled(R1), cancelled=40_00), paid(100_00, 40_00)),
        (erp(cancelled=100_00), paid(0, held=0, total_minor=0, standing=Standing.VOIDED)),
    ],
)
def test_a_closed_and_settled_order_is_finished(seen: ErpSnapshot, read: PaymentSnapshot) -> None:
    """Nothing to do, nothing to tell: it need not be taken over."""
    told = foreseen(seen, read)
    assert told.finished
    assert told.operations == ()


@pytest.mark.parametrize(
    ("seen", "read", "subjects"),
    [
        pytest.param(
            erp(settled(R1), settled(R2), CreditNoteRow("G1", 20_00, from_return=True), G2),
            paid(100_00, 30_00),
            ["refund/G1", "refund/G2"],
            id="no credit note explains it",
        ),
        pytest.param(
            erp(settled(R1), settled(R2), replace(G2, number="G1"), G2),
            paid(100_00, 40_00),
            ["refund/G1", "refund/G2"],
            id="either explains it",
        ),
        pytest.param(
            erp(settled(R1), cancelled=40_00),
            paid(100_00, 15_00),
            ["refund/cancelled-lines/4000"],
            id="less than lines",
        ),
        pytest.param(
            erp(settled(R1), R2), paid(40_00, held=60_00), ["capture/R2"], id="less taken than settled, some is due"
        ),
    ],
)
def test_what_nobody_can_tell_is_not_guessed(seen: ErpSnapshot, read: PaymentSnapshot, subjects: list[str]) -> None:
    """No money moves; a person gets one error for each and decides."""
    told = foreseen(seen, read)
    assert [one for one in problems(told) if one[0] != "refund_exceeds"] == [
        ("taken_over_unclear", one) for one in subjects
    ]
    assert effects(told) == []


@pytest.mark.parametrize(
    ("seen", "read", "known", "wanted"),
    [
        (
            erp(settled(R1), settled(R2), replace(G2, number="G1"), G2),
            paid(100_00, 40_00),
            Known(refunded=frozenset({"G2"})),
            ["refund G1 4000", "book G1 4000", "book G2 4000"],
        ),
        (erp(settled(R1), cancelled=40_00), paid(100_00, 40_00), Known(refunded=frozenset({LINES})), []),
        (erp(settled(R1), R2), paid(40_00, held=60_00), Known(captured=frozenset({"R2"})), ["book R2 4000"]),
        (
            erp(settled(R1), R2),
            paid(40_00, held=60_00),
            Known(captured=frozenset({"R1"})),
            ["capture R2 4000", "book R2 4000"],
        ),
    ],
)
def test_a_person_who_knows_settles_the_doubt(
    seen: ErpSnapshot, read: PaymentSnapshot, known: Known, wanted: list[str]
) -> None:
    """What the file says decides where ERP and provider leave it open."""
    told = foreseen(seen, read, known)
    assert effects(told) == wanted
    assert problems(told) == []


def test_a_person_who_is_contradicted_by_the_provider_is_not_believed() -> None:
    """The file says that both credit notes went back, the provider shows the money of one."""
    told = foreseen(erp(settled(R1), settled(R2), G1, G2), paid(100_00, 40_00), Known(refunded=frozenset({"G1", "G2"})))
    assert effects(told) == []
    assert problems(told)[:2] == [("taken_over_unclear", "refund/G1"), ("taken_over_unclear", "refund/G2")]


@pytest.mark.parametrize(
    ("read", "known", "wanted", "codes"),
    [
        (transferred(0), Known(), [], ["waiting_for_transfer"]),
        (transferred(100_00), Known(), [], ["taken_over_unclear"]),
        (transferred(100_00), Known(lock_is_payments=True), ["unlock taken-over"], []),
        (transferred(100_00), Known(lock_is_payments=False), [], []),
        (paid(), Known(), [], []),
    ],
)
def test_whose_lock_it_is(read: PaymentSnapshot, known: Known, wanted: list[str], codes: list[str]) -> None:
    """The lock of an order that awaits its transfer is the payment's; of any other it is not ours to lift."""
    told = foreseen(erp(closed=False, locked=True), read, known)
    assert effects(told) == wanted
    assert [one.code for one in told.problems] == codes


def test_the_lock_of_a_prepayment_is_lifted_when_the_money_comes() -> None:
    """Set by the former app, taken away by Holdfast."""
    seen, read = erp(closed=False, locked=True), transferred(0)
    state = begun(WORKFLOW_ID, take_over(seen, read, config(), AT), seen)
    assert preview(state, read, config(), PACING, AT).status is OrderStatus.WAITING_TRANSFER
    assert effects(preview(state, transferred(100_00), config(), PACING, AT)) == ["unlock taken-over"]


def test_lines_of_a_prepayment_that_are_claimed_no_longer_are_not_waived_again() -> None:
    """40.00 were cancelled and waived before the transfer; 60.00 complete it."""
    assert effects(foreseen(erp(closed=False, cancelled=40_00), transferred(0, waived=40_00))) == []
    told = foreseen(erp(closed=False, cancelled=40_00, locked=True), transferred(60_00, waived=40_00))
    assert [one.code for one in told.problems] == ["taken_over_unclear"]
    assert effects(told) == []


@pytest.mark.parametrize(
    ("read", "code"),
    [
        (paid(60_00, 20_00, held=0, total_minor=60_00), "amount_differs"),
        (paid(standing=Standing.DECLINED), "payment_declined"),
        (paid(total_minor=150_00), "amount_differs"),
    ],
)
def test_an_open_order_is_never_locked_by_its_check(read: PaymentSnapshot, code: str) -> None:
    """A person gets the error; the order was let go before, so it is not stopped behind anybody's back."""
    told = foreseen(erp(closed=False), read)
    assert [one.code for one in told.problems] == [code]
    assert effects(told) == []


def test_a_partial_refund_does_not_fail_the_check() -> None:
    """What was given back since makes the payment no other one."""
    assert problems(foreseen(erp(settled(R1), settled(G1), closed=False), paid(60_00, 60_00))) == []


def test_an_order_on_hold_is_checked_and_released_like_a_new_one() -> None:
    """Nobody has begun it."""
    assert effects(foreseen(picture(), payment())) == ["release order"]
    refused = foreseen(picture(), payment(total_minor=50_00))
    assert [one.lock for one in refused.effects] == [True]


_AMOUNTS = st.sampled_from([10_00, 20_00, 30_00, 40_00, 50_00])


@st.composite
def situations(draw: st.DrawFn) -> tuple[ErpSnapshot, PaymentSnapshot]:
    """Any order of 100.00 EUR with documents settled or not, and any payment that could have been made of it."""
    invoices = tuple(
        InvoiceRow(f"R{number}", draw(_AMOUNTS), settled=draw(st.booleans()))
        for number in range(draw(st.integers(0, 2)))
    )
    credits_ = tuple(
        CreditNoteRow(f"G{number}", draw(_AMOUNTS), draw(st.booleans()), from_return=True)
        for number in range(draw(st.integers(0, 2)) if invoices else 0)
    )
    billed = sum(one.total_minor for one in invoices)
    cancelled = draw(st.sampled_from([0, 100_00 - billed]))
    taken = draw(st.integers(0, 10)) * 10_00
    back = draw(st.integers(0, taken // 10_00)) * 10_00
    method = draw(st.sampled_from(["card", "paylater_invoice", "prepayment", "sofort"]))
    received = taken - back if method == "prepayment" else 0
    seen = erp(*invoices, *credits_, cancelled=cancelled, closed=draw(st.booleans()) or cancelled == 100_00)
    return seen, paid(taken, back, method=method, received_minor=received)


@settings(max_examples=300, deadline=None)
@given(situations(), st.sampled_from(AppMode))
def test_no_situation_moves_too_much_money(situation: tuple[ErpSnapshot, PaymentSnapshot], mode: AppMode) -> None:
    """Captured never more than authorized, given back never more than taken; each document booked at most once, and
    none that was settled; preview of the state that a preview leads to has nothing more to do."""
    seen, read = situation
    told = foreseen(seen, read, mode=mode)
    after = read
    for one in told.effects:
        after = anticipated(after, one)
        assert after.captured_minor >= 0
        assert after.remaining_minor >= min(0, read.remaining_minor) or one.kind is Kind.CAPTURE
    booked = [one.subject for one in told.effects if one.kind is Kind.BOOK]
    assert len(set(booked)) == len(booked)
    assert not {one.number for one in (*seen.invoices, *seen.credit_notes) if one.settled} & set(booked)
    returned = sum(one.total_minor for one in seen.credit_notes)
    most = returned + seen.cancelled.total_minor
    sent_back = sum(one.amount_minor or 0 for one in told.effects if one.kind is Kind.REFUND)
    assert sent_back == 0 or read.refunded_minor + sent_back <= max(most, read.refunded_minor + read.captured_minor)
    captured = sum(one.amount_minor or 0 for one in told.effects if one.kind is Kind.CAPTURE)
    assert captured <= sum(one.total_minor for one in seen.invoices if not one.settled)
