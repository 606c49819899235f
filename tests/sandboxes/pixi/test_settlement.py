"""The customer account: captures reported, bookings made, what is settled and what is matched too much."""

from typing import Any

import pytest

from tests.sandboxes.pixi.access import Access, Reply


def report(pixi: Access, invoice: str, **changes: Any) -> Reply:
    params = {
        "InvoiceNr": invoice,
        "Success": 1,
        "PayID": "s-chg-1",
        "Message": "captured",
        "PayCode": "CC",
        "CaptureSum": "69.87",
        "EventID": "UZE",
        "SetRemainingOrdersToHAL": 0,
    }
    return pixi.call("pixiPaySetInvoiceCapture", **(params | changes))


def to_capture(pixi: Access, **params: Any) -> list[str]:
    return [row["InvoiceNr"] for row in pixi.call("pixiPayGetInvoicesToCapture", **params).rows]


def test_capture_list(pixi: Access) -> None:
    """Unpaid invoices of the payment type are listed with all a capture needs; credit notes are not."""
    nr, invoice = pixi.shipped(order_nr_external="W-1")
    pixi.hook(f"/orders/{nr}/return", {"lines": [2]})
    pixi.shipped(payment_code="P")
    row = pixi.call("pixiPayGetInvoicesToCapture", PaymentCode="K").row
    found = {key: row[key] for key in ("InvoiceNr", "OrderNr", "Total", "ccpPayID", "OrderNrExternal", "CurrencyCode")}
    assert found == {
        "InvoiceNr": invoice,
        "OrderNr": str(nr),
        "Total": "69.8700",
        "ccpPayID": "s-pay-1",
        "OrderNrExternal": "W-1",
        "CurrencyCode": "EUR",
    }


def test_capture_list_pages(pixi: Access) -> None:
    """FromInvoiceId is an exclusive lower bound and RowCount limits the page."""
    invoices = [pixi.shipped()[1] for _ in range(3)]
    rows = pixi.call("pixiPayGetInvoicesToCapture", RowCount=2).rows
    assert [row["InvoiceNr"] for row in rows] == invoices[:2]
    assert to_capture(pixi, FromInvoiceId=rows[-1]["InvoiceKey"]) == invoices[2:]


def test_success_books_and_settles(pixi: Access) -> None:
    """A reported capture books its event, pays the invoice, takes it off the list and shows in header and match."""
    nr, invoice = pixi.shipped()
    reply = report(pixi, invoice)
    assert (reply.result_code, reply.messages, reply.named("SqlRowSet")) == (0, [], [])
    shown = pixi.show(nr)["invoices"][0]
    assert (shown["paid"], shown["paid_sum_minor"], shown["balance_minor"]) == (True, 6987, 0)
    assert [(one["event"], one["amount_minor"]) for one in shown["booked"]] == [("UZE", 6987)]
    assert to_capture(pixi, ShowAll=1) == []
    match = pixi.call("pixiCAGetInvoiceMatch", InvoiceNr=invoice).row
    found = {key: match[key] for key in ("Amount", "Matched", "EventID", "Reference", "OrderCurrency")}
    assert found == {
        "Amount": "69.8700",
        "Matched": "69.8700",
        "EventID": "UZE",
        "Reference": "s-chg-1",
        "OrderCurrency": "EUR",
    }
    header = pixi.call("pixiGetOrderHeader", OrderNr=nr).row
    assert (header["Paid"], header["PayedSum"]) == ("1", "69.8700")
    effect = pixi.effects()[0]
    assert effect["kind"] == "capture_reported"
    assert (effect["order_nr"], effect["invoice_nr"], effect["amount_minor"], effect["event"]) == (
        nr,
        invoice,
        6987,
        "UZE",
    )


def test_nothing_matched_before(pixi: Access) -> None:
    """An invoice nobody settled has no match, and its balance is the whole amount."""
    nr, invoice = pixi.shipped()
    assert pixi.call("pixiCAGetInvoiceMatch", InvoiceNr=invoice).rows == []
    assert pixi.show(nr)["invoices"][0]["balance_minor"] == -6987


def test_failure_resets_and_hides(pixi: Access) -> None:
    """A reported failure takes the payment back and counts; after the fourth the invoice leaves the list."""
    nr, invoice = pixi.shipped()
    report(pixi, invoice)
    report(pixi, invoice, Success=0)
    shown = pixi.show(nr)["invoices"][0]
    assert (shown["paid"], shown["paid_sum_minor"], shown["fail_tries"]) == (False, 0, 1)
    for _ in range(2):
        report(pixi, invoice, Success=0)
    assert to_capture(pixi) == [invoice]
    report(pixi, invoice, Success=0)
    assert to_capture(pixi) == []
    assert to_capture(pixi, ShowAll=1) == [invoice]
    assert pixi.kinds() == ["capture_reported"] + ["capture_failed"] * 4


def test_rest_goes_back_to_hold(pixi: Access) -> None:
    """With SetRemainingOrdersToHAL lines not yet shipped wait for a new decision, without it they stay."""
    nr = pixi.released()
    invoice = pixi.hook(f"/orders/{nr}/ship", {"lines": [2]})["invoice_nr"]
    report(pixi, invoice)
    assert pixi.show(nr)["lines"][0]["status"] == "ANG"
    report(pixi, invoice, SetRemainingOrdersToHAL=1)
    assert pixi.show(nr)["lines"][0]["status"] == "HAL"


@pytest.mark.parametrize(("field", "value"), [("InvoiceNr", "DEM9999999"), ("EventID", "XXX")])
@pytest.mark.parametrize("answer", ["none", "row"])
def test_capture_of_nonsense(pixi: Access, field: str, value: str, answer: str) -> None:
    """Unknown invoice or event is an error in the way the account answers, and books nothing."""
    pixi.settings(capture_answer=answer)
    _, invoice = pixi.shipped()
    reply = report(pixi, invoice, **{field: value})
    if answer == "row":
        assert (reply.row["ReturnCode"], reply.messages) == ("ERROR", [])
    else:
        assert (reply.result_code, reply.messages[0]["Class"], reply.rows) == (1, "16", [])
    assert pixi.kinds() == []


def test_capture_answers_a_row_when_told(pixi: Access) -> None:
    """The other form of the answer: ReturnCode OK."""
    pixi.settings(capture_answer="row")
    _, invoice = pixi.shipped()
    assert report(pixi, invoice).row["ReturnCode"] == "OK"


def book(pixi: Access, nr: int, **params: Any) -> Reply:
    values = {"CustKey": pixi.show(nr)["customer"]["key"]} | params
    wire = ("CustKey", "EventID", "Amount", "EventDate", "Comment", "MatchToInvoiceNr", "MatchKey", "CurrencyId")
    return pixi.call("pixiCACreateManualBooking", **{name: values[name] for name in wire if name in values})


def test_refund_settles_a_credit(pixi: Access) -> None:
    """The return event is negative by definition and settles the positive credit note."""
    nr, _ = pixi.shipped()
    credit = pixi.hook(f"/orders/{nr}/return", {"lines": [2]})["invoice_nr"]
    row = book(pixi, nr, EventID="UZR", Amount="5.00", MatchToInvoiceNr=credit, Comment="s-cnl-1").row
    assert row["ReturnCode"] == "OK"
    shown = pixi.hook(f"/invoices/{credit}", method="GET")
    assert (shown["balance_minor"], shown["paid"], shown["booked"][0]["amount_minor"]) == (0, True, -500)
    effect = pixi.effects()[0]
    assert (effect["kind"], effect["invoice_nr"], effect["amount_minor"], effect["event"]) == (
        "booking",
        credit,
        -500,
        "UZR",
    )
    assert pixi.call("pixiCAGetInvoiceMatch", InvoiceNr=credit).row["Amount"] == "-5.0000"


def test_event_decides_the_sign(pixi: Access) -> None:
    """A signed amount changes nothing, unless the account takes amounts as they come."""
    nr, invoice = pixi.shipped()
    book(pixi, nr, EventID="UZE", Amount="-10.00", MatchToInvoiceNr=invoice)
    pixi.settings(booking_sign="as_sent")
    book(pixi, nr, EventID="UZE", Amount="-10.00", MatchToInvoiceNr=invoice)
    assert [one["amount_minor"] for one in pixi.effects()] == [1000, -1000]


def test_double_booking_shows(pixi: Access) -> None:
    """Capture report plus manual booking is money twice: the balance turns positive, the second matches nothing."""
    nr, invoice = pixi.shipped()
    report(pixi, invoice)
    book(pixi, nr, EventID="UZE", Amount="69.87", MatchToInvoiceNr=invoice)
    shown = pixi.show(nr)["invoices"][0]
    assert (shown["balance_minor"], len(shown["booked"])) == (6987, 2)
    matched = [row["Matched"] for row in pixi.call("pixiCAGetInvoiceMatch", InvoiceNr=invoice).rows]
    assert matched == ["69.8700", "0.0000"]


def test_part_payment(pixi: Access) -> None:
    """Less than the invoice leaves it unpaid with a rest; the rest settles it."""
    nr, invoice = pixi.shipped()
    book(pixi, nr, EventID="UZE", Amount="60.00", MatchToInvoiceNr=invoice)
    row = pixi.call("pixiGetInvoice", InvoiceNr=invoice).row
    assert (row["Paid"], row["PaidSum"], row["TotalToPay"]) == ("0", "60.0000", "9.8700")
    assert "Payed" not in row
    book(pixi, nr, EventID="UZE", Amount="9.87", MatchToInvoiceNr=invoice)
    row = pixi.call("pixiGetInvoice", InvoiceNr=invoice).row
    assert (row["Paid"], row["Payed"]) == ("1", "2026-06-10T12:00:00.000")


@pytest.mark.parametrize(
    "wrong",
    [{"EventID": "XXX"}, {"CustKey": 1}, {"MatchToInvoiceNr": "DEM9999999"}, {"MatchKey": 999_999}],
)
def test_booking_of_nonsense(pixi: Access, wrong: dict[str, Any]) -> None:
    """Unknown event, customer, invoice or entry answers ERROR and books nothing."""
    nr, _ = pixi.shipped()
    params = {"EventID": "UZE", "Amount": "1.00"} | wrong
    row = book(pixi, nr, **params).row
    assert (row["ReturnCode"], bool(row["ErrorMessage"])) == ("ERROR", True)
    assert pixi.effects() == []


def test_match_by_entry(pixi: Access) -> None:
    """A booking matched to the invoice's own entry settles the invoice as well."""
    nr, invoice = pixi.shipped()
    key = pixi.show(nr)["account_events"][0]["key"]
    book(pixi, nr, EventID="UZE", Amount="69.87", MatchKey=key, EventDate="2026-06-09T08:00:00")
    shown = pixi.hook(f"/invoices/{invoice}", method="GET")
    assert (shown["balance_minor"], shown["paid"]) == (0, True)
    assert pixi.call("pixiCAGetInvoiceMatch", InvoiceNr=invoice).row["EventDate"] == "2026-06-09T08:00:00.000"


def test_settled_by_a_person(pixi: Access) -> None:
    """A person can settle an invoice once; that is nobody's effect and takes it off the capture list."""
    _, invoice = pixi.shipped()
    assert pixi.hook(f"/invoices/{invoice}/settle")["paid"]
    assert pixi.try_hook(f"/invoices/{invoice}/settle").status_code == 409
    assert (to_capture(pixi), pixi.effects()) == ([], [])


def test_invoices_by_order(pixi: Access) -> None:
    """The light list brings the documents of one order only."""
    nr, invoice = pixi.shipped()
    pixi.shipped()
    assert pixi.call("pixiGetInvoicesByOrderNr", OrderNr=nr).row["InvoiceNr"] == invoice
    assert pixi.call("pixiGetInvoicesByOrderNr", OrderNr=1).rows == []
