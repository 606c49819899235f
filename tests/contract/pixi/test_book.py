"""Booking: once per document, by the capture's report or by hand, never by both and never twice."""

from collections.abc import Callable

import pytest

from adapters.pixi.client import Value
from adapters.pixi.clients import Clients
from adapters.pixi.connection import Limits
from domain import reasons
from domain.outcomes import Outcome
from tests.contract.pixi.house import AGAIN, ASK_ONLY, House, free

CAPTURED = "pixiPaySetInvoiceCapture"
BY_HAND = "pixiCACreateManualBooking"
BOOKINGS = ("capture_reported", "booking")


def booked(house: House) -> list[str]:
    return [one for one in house.effects() if one in BOOKINGS]


def test_a_capture_is_reported_and_settles_the_invoice(house: House) -> None:
    """The report of the capture books the event; there is no booking by hand beside it."""
    order_no, invoice_no = house.shipped()
    result = house.book(order_no, invoice_no)
    assert (result.outcome, result.evidence.reference, result.evidence.amount_minor) == (Outcome.SUCCEEDED, "UZE", 1000)
    assert house.effects() == ["capture_reported", "comment"]
    effect = house.get("/effects")[0]
    assert (effect["booked_minor"], effect["event"], effect["pay_id"]) == (1000, "UZE", "s-chg-1")
    assert house.snapshot(order_no).invoices[0].settled


def test_the_rest_of_a_partial_delivery_stays_released(house: House) -> None:
    """Booking the first invoice does not put the remaining lines back on hold."""
    order_no = house.order(status="ANG", lines=[{"sku": "A"}, {"sku": "B"}])
    invoice_no = house.ship(order_no, lines=[1])
    house.book(order_no, invoice_no)
    assert house.snapshot(order_no).open.count == 1


@pytest.mark.rule("P8")
@pytest.mark.parametrize("kind", ["drop_after", "status_after", "malformed"])
@pytest.mark.parametrize("call", [CAPTURED, "pixiCreateOrderComment"])
def test_a_lost_answer_books_once(house: House, call: str, kind: str) -> None:
    """After a lost answer the paid flag is read, and nothing is booked a second time."""
    order_no, invoice_no = house.shipped()
    house.fault(call, kind)
    assert house.book(order_no, invoice_no).outcome is Outcome.UNKNOWN
    result = house.book(order_no, invoice_no, earlier=AGAIN)
    assert (result.outcome, result.evidence.found_by_reading) == (Outcome.SUCCEEDED, True)
    assert result.evidence.reference == "UZE"
    assert house.effects() == ["capture_reported", "comment"]


@pytest.mark.rule("P8")
def test_a_lost_booking_by_hand_is_found_in_the_match(make_house: Callable[..., House]) -> None:
    """Where the capture call is missing, the booking by hand is found again by its event."""
    house = make_house({"without": [CAPTURED]})
    order_no, invoice_no = house.shipped()
    house.fault(BY_HAND, "drop_after")
    assert house.book(order_no, invoice_no, 900).outcome is Outcome.UNKNOWN
    assert house.book(order_no, invoice_no, 900, AGAIN).outcome is Outcome.SUCCEEDED
    assert booked(house) == ["booking"]


def test_a_partial_booking_by_hand_is_found_in_the_match(make_house: Callable[..., House]) -> None:
    """An invoice that is booked below its total shows no paid flag; the match still shows the booking."""
    house = make_house({"without": [CAPTURED]})
    order_no, invoice_no = house.shipped()
    assert house.book(order_no, invoice_no, 999).outcome is Outcome.SUCCEEDED
    assert house.book(order_no, invoice_no, 1000).outcome is Outcome.SUCCEEDED
    assert booked(house) == ["booking"]


def test_without_the_match_a_lost_booking_by_hand_is_not_repeated(make_house: Callable[..., House]) -> None:
    """Where nothing can tell whether the booking arrived, a second one is never sent."""
    house = make_house({"without": [CAPTURED, "pixiCAGetInvoiceMatch"]})
    order_no, invoice_no = house.shipped()
    house.fault(BY_HAND, "drop_after")
    assert house.book(order_no, invoice_no, 900).outcome is Outcome.UNKNOWN
    assert house.book(order_no, invoice_no, 950, AGAIN).outcome is Outcome.UNKNOWN
    assert booked(house) == ["booking"]


def test_an_invoice_that_a_person_settled_is_settled(house: House) -> None:
    """What a person booked stands; we add our comment and no booking."""
    order_no, invoice_no = house.shipped()
    house.post(f"/invoices/{invoice_no}/settle")
    result = house.book(order_no, invoice_no)
    assert (result.outcome, result.evidence.found_by_reading, result.evidence.reference) == (
        Outcome.SUCCEEDED,
        True,
        "",
    )
    assert booked(house) == []


def test_an_invoice_beside_the_capture_list_is_booked_by_hand(house: House) -> None:
    """A document for which no capture is awaited is booked by hand and only so."""
    order_no = house.order()
    invoice_no = house.post(f"/orders/{order_no}/invoice", {"amount_minor": 1000})["invoice_nr"]
    assert house.book(order_no, invoice_no).outcome is Outcome.SUCCEEDED
    assert booked(house) == ["booking"]
    assert house.calls()[CAPTURED] == 0


def test_an_invoice_with_many_failures_still_counts_as_awaited(house: House) -> None:
    """An invoice that the list hides after four failures is still booked by the capture's report."""
    order_no, invoice_no = house.shipped()
    failed: dict[str, Value] = {
        "InvoiceNr": invoice_no,
        "Success": False,
        "PayID": "x",
        "Message": "x",
        "PayCode": "CC",
    }
    session = Clients(house.connection, Limits()).session("c", free)
    for _ in range(4):
        session.write(CAPTURED, {**failed, "CaptureSum": 0, "SetRemainingOrdersToHAL": False})
    house.book(order_no, invoice_no)
    assert booked(house) == ["capture_reported"]


def test_an_old_erp_books_the_same_way(make_house: Callable[..., House]) -> None:
    """Without paging parameters the capture list is read as a whole."""
    house = make_house({"profile": "LOU46"})
    order_no, invoice_no = house.shipped()
    assert house.book(order_no, invoice_no).outcome is Outcome.SUCCEEDED
    assert booked(house) == ["capture_reported"]


@pytest.mark.parametrize("answer", ["none", "row"])
def test_either_form_of_the_answer_is_understood(make_house: Callable[..., House], answer: str) -> None:
    """Whether the report answers with status columns is not known; both forms do."""
    house = make_house({"capture_answer": answer})
    order_no, invoice_no = house.shipped()
    assert house.book(order_no, invoice_no).outcome is Outcome.SUCCEEDED


def test_a_yes_that_booked_nothing_is_not_believed(house: House) -> None:
    """The ERP says yes and the account does not show it: unknown, and repeated by reading."""
    order_no, invoice_no = house.shipped()
    house.special(CAPTURED, "warning_8153", takes_effect=False)
    assert house.book(order_no, invoice_no).outcome is Outcome.UNKNOWN
    assert house.book(order_no, invoice_no, earlier=AGAIN).outcome is Outcome.SUCCEEDED
    assert booked(house) == ["capture_reported"]


def test_asking_only_never_books(house: House) -> None:
    """An open invoice stays open while an earlier request may still arrive."""
    order_no, invoice_no = house.shipped()
    result = house.book(order_no, invoice_no, earlier=ASK_ONLY)
    assert (result.outcome, result.reason) == (Outcome.UNKNOWN, reasons.TOO_EARLY)
    assert house.effects() == []


def test_asking_only_finds_the_booking(house: House) -> None:
    """Booked and commented: asking alone is enough to know."""
    order_no, invoice_no = house.shipped()
    house.book(order_no, invoice_no)
    assert house.book(order_no, invoice_no, earlier=ASK_ONLY).outcome is Outcome.SUCCEEDED
    assert house.effects() == ["capture_reported", "comment"]


def test_an_unknown_event_is_declined(make_house: Callable[..., House]) -> None:
    """An event that is not defined in the ERP is a definite no, and a failed capture is never reported."""
    house = make_house({"events": [{"id": "XXX", "sign": 1}]})
    order_no, invoice_no = house.shipped()
    result = house.book(order_no, invoice_no)
    assert (result.outcome, result.reason) == (Outcome.DECLINED, reasons.REFUSED)
    assert house.effects() == []


@pytest.mark.parametrize("invoice_no", ["DEM9999999", ""])
def test_an_unknown_invoice_is_not_found(house: House, invoice_no: str) -> None:
    """A definite no."""
    order_no, _ = house.shipped()
    assert house.book(order_no, invoice_no).reason == reasons.NOT_FOUND


def test_an_invoice_of_another_order_is_not_booked(house: House) -> None:
    """The document must belong to the order."""
    order_no, _ = house.shipped()
    _, other = house.shipped()
    assert house.book(order_no, other).reason == reasons.NOT_FOUND
    assert house.effects() == []


def test_the_amount_travels_exactly(house: House) -> None:
    """Minor units arrive as they are, without a float in between."""
    order_no, invoice_no = house.shipped(lines=[{"sku": "A", "price": 1999, "qty": 3}])
    house.book(order_no, invoice_no, 5997)
    assert house.get("/effects")[0]["amount_minor"] == 5997
