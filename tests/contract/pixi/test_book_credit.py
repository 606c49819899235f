"""Booking credit notes: by hand, with the return event, once, and never beside what a person settled."""

from collections.abc import Callable

import pytest

from domain import reasons
from domain.outcomes import Outcome
from tests.contract.pixi.house import AGAIN, ASK_ONLY, House

CAPTURED = "pixiPaySetInvoiceCapture"
BY_HAND = "pixiCACreateManualBooking"
MATCH = "pixiCAGetInvoiceMatch"


def booked(house: House) -> list[str]:
    return [one for one in house.effects() if one in ("capture_reported", "booking")]


def test_a_credit_note_is_booked_by_hand_with_the_return_event(house: House) -> None:
    """The magnitude is sent, the event makes it negative, the credit note is settled and no capture is reported."""
    order_no, credit_no = house.returned()
    result = house.book_credit(order_no, credit_no)
    assert (result.outcome, result.evidence.reference, result.evidence.amount_minor) == (Outcome.SUCCEEDED, "UZR", 1000)
    assert not result.evidence.found_by_reading
    assert house.effects() == ["booking", "comment"]
    effect = house.get("/effects")[0]
    assert (effect["invoice_nr"], effect["amount_minor"], effect["event"], effect["comment"]) == (
        credit_no,
        -1000,
        "UZR",
        "s-cnl-1",
    )
    shown = house.get(f"/invoices/{credit_no}")
    assert (shown["balance_minor"], shown["paid"]) == (0, True)
    assert house.calls()[CAPTURED] + house.calls()["pixiPayGetInvoicesToCapture"] == 0
    assert "Amount>10.00<" in house.bodies(BY_HAND)[0]


@pytest.mark.parametrize("sign", ["positive", "negative"])
def test_the_sign_of_credit_notes_makes_no_difference(make_house: Callable[..., House], sign: str) -> None:
    """Shown negative or positive, the account is even afterwards, and a repetition finds it so."""
    house = make_house({"credit_sign": sign})
    order_no, credit_no = house.returned()
    assert house.book_credit(order_no, credit_no).outcome is Outcome.SUCCEEDED
    assert house.book_credit(order_no, credit_no).evidence.found_by_reading
    assert booked(house) == ["booking"]
    assert house.get(f"/invoices/{credit_no}")["balance_minor"] == 0


@pytest.mark.rule("P8")
@pytest.mark.parametrize("kind", ["drop_after", "status_after", "malformed"])
@pytest.mark.parametrize("call", [BY_HAND, "pixiCreateOrderComment"])
@pytest.mark.parametrize("amount", [1000, 700])
def test_a_lost_answer_books_once(house: House, call: str, kind: str, amount: int) -> None:
    """After a lost answer the booking is found, even one below the credit note's total."""
    order_no, credit_no = house.returned()
    house.fault(call, kind)
    assert house.book_credit(order_no, credit_no, amount).outcome is Outcome.UNKNOWN
    result = house.book_credit(order_no, credit_no, amount, AGAIN)
    assert (result.outcome, result.evidence.found_by_reading, result.evidence.reference) == (
        Outcome.SUCCEEDED,
        True,
        "UZR",
    )
    assert house.effects() == ["booking", "comment"]


def test_a_deadlock_left_nothing_behind(house: House) -> None:
    """Undone work was not sent; the next send books."""
    order_no, credit_no = house.returned()
    house.special(BY_HAND, "deadlock_1205")
    result = house.book_credit(order_no, credit_no)
    assert (result.outcome, result.reason) == (Outcome.NOT_SENT, reasons.ROLLED_BACK)
    assert house.book_credit(order_no, credit_no).outcome is Outcome.SUCCEEDED
    assert booked(house) == ["booking"]


def test_an_error_row_is_a_no(house: House) -> None:
    """ERROR books nothing."""
    order_no, credit_no = house.returned()
    house.special(BY_HAND, "return_code", value="ERROR")
    result = house.book_credit(order_no, credit_no)
    assert (result.outcome, result.reason, house.effects()) == (Outcome.DECLINED, reasons.REFUSED, [])


def test_an_unknown_event_is_declined(house: House) -> None:
    """An event that is not defined in the ERP is a definite no."""
    order_no, credit_no = house.returned()
    result = house.book_credit(order_no, credit_no, event="XXX")
    assert (result.outcome, result.reason, house.effects()) == (Outcome.DECLINED, reasons.REFUSED, [])


def test_a_yes_that_booked_nothing_is_not_believed(house: House) -> None:
    """OK, and the account does not show it: unknown, and repeated by reading."""
    order_no, credit_no = house.returned()
    house.special(BY_HAND, "warning_8153", takes_effect=False)
    assert house.book_credit(order_no, credit_no).outcome is Outcome.UNKNOWN
    assert house.book_credit(order_no, credit_no, earlier=AGAIN).outcome is Outcome.SUCCEEDED
    assert booked(house) == ["booking"]


def test_without_the_match_a_lost_booking_is_not_repeated(make_house: Callable[..., House]) -> None:
    """Where nothing can tell whether the booking arrived, a second one is never sent."""
    house = make_house({"without": [MATCH]})
    order_no, credit_no = house.returned()
    house.fault(BY_HAND, "drop_after")
    assert house.book_credit(order_no, credit_no, 900).outcome is Outcome.UNKNOWN
    assert house.book_credit(order_no, credit_no, 950, AGAIN).outcome is Outcome.UNKNOWN
    assert booked(house) == ["booking"]


@pytest.mark.rule("P72")
def test_a_credit_note_that_a_person_settled_is_settled(house: House) -> None:
    """What a person matched stands; we add our comment and no booking, and do not call it ours."""
    order_no, credit_no = house.returned(settled=True)
    result = house.book_credit(order_no, credit_no)
    assert (result.outcome, result.evidence.found_by_reading, result.evidence.reference) == (
        Outcome.SUCCEEDED,
        True,
        "",
    )
    assert booked(house) == []


@pytest.mark.parametrize(("amount", "outcome"), [(1000, Outcome.DECLINED), (600, Outcome.SUCCEEDED)])
def test_a_part_that_a_person_settled_leaves_room_for_the_rest_only(
    house: House, amount: int, outcome: Outcome
) -> None:
    """More than what is left of the credit note is a definite no, the rest is booked."""
    order_no, credit_no = house.returned()
    house.post(f"/invoices/{credit_no}/settle", {"amount_minor": 400})
    result = house.book_credit(order_no, credit_no, amount)
    assert (result.outcome, result.reason) == (outcome, reasons.EXCEEDS if outcome is Outcome.DECLINED else "")
    assert booked(house) == ["booking"] * (outcome is Outcome.SUCCEEDED)


def test_asking_only_never_books(house: House) -> None:
    """An open credit note stays open while an earlier request may still arrive."""
    order_no, credit_no = house.returned()
    result = house.book_credit(order_no, credit_no, earlier=ASK_ONLY)
    assert (result.outcome, result.reason, house.effects()) == (Outcome.UNKNOWN, reasons.TOO_EARLY, [])


def test_an_invoice_is_no_credit_note_and_the_other_way_round(house: House) -> None:
    """An event on the wrong kind of document would double what is open instead of clearing it."""
    order_no, invoice_no = house.shipped()
    credit_no = house.post(f"/orders/{order_no}/return")["invoice_nr"]
    assert house.book_credit(order_no, invoice_no).reason == reasons.NOT_FOUND
    assert house.book(order_no, credit_no).reason == reasons.NOT_FOUND
    assert house.effects() == []


def test_two_credit_notes_are_booked_each_on_its_own(house: House) -> None:
    """The event of one is no booking of the other."""
    order_no = house.order(status="ANG", lines=[{"sku": "A"}, {"sku": "B"}])
    house.ship(order_no)
    numbers = [house.post(f"/orders/{order_no}/return", {"lines": [line]})["invoice_nr"] for line in (1, 2)]
    for credit_no in numbers:
        assert not house.book_credit(order_no, credit_no).evidence.found_by_reading
    assert [one["invoice_nr"] for one in house.get("/effects") if one["kind"] == "booking"] == numbers


def test_a_currency_without_decimals_travels_exactly(house: House) -> None:
    """A thousand yen are a thousand, for the invoice and for the credit note."""
    order_no, invoice_no = house.shipped(currency="JPY", lines=[{"sku": "A", "price_exact": "1000"}])
    credit_no = house.post(f"/orders/{order_no}/return")["invoice_nr"]
    assert house.book(order_no, invoice_no, 1000, currency="JPY").outcome is Outcome.SUCCEEDED
    assert house.book_credit(order_no, credit_no, 1000, currency="JPY").outcome is Outcome.SUCCEEDED
    assert [house.get(f"/invoices/{one}")["balance_minor"] for one in (invoice_no, credit_no)] == [0, 0]
