"""What people do in the ERP: documents by hand, exchange orders, bundles, reopened orders, payment type settings."""

from typing import Any

import pytest

from tests.sandboxes.pixi.access import Access


def statuses(pixi: Access, nr: int) -> list[str]:
    return [line["status"] for line in pixi.show(nr)["lines"]]


def rows(pixi: Access, call: str, **params: Any) -> list[dict[str, str]]:
    return pixi.call(call, **params).rows


def test_an_invoice_by_hand(pixi: Access) -> None:
    """It ships nothing, bills no line of the order and waits for no capture until it counts as shipped."""
    nr = pixi.released()
    text = pixi.hook(f"/orders/{nr}/invoice", {"amount_minor": 700, "note": "Express"})
    goods = pixi.hook(f"/orders/{nr}/invoice", {"amount_minor": 300, "sku": "A", "shipped": True})
    assert [(one["type"], one["total_minor"], one["balance_minor"]) for one in (text, goods)] == [
        ("R", 700, -700),
        ("R", 300, -300),
    ]
    assert statuses(pixi, nr) == ["ANG", "ANG"]
    assert rows(pixi, "pixiGetInvoiceLines", InvoiceNr=text["invoice_nr"]) == []
    (line,) = rows(pixi, "pixiGetInvoiceLines", InvoiceNr=goods["invoice_nr"])
    assert (line["ItemNr"], line["Status"], "OrderlineKey" in line) == ("A", "AUS", False)
    assert [row["InvoiceNr"] for row in rows(pixi, "pixiPayGetInvoicesToCapture")] == [goods["invoice_nr"]]


def test_a_credit_by_hand_may_list_lines(pixi: Access) -> None:
    """A second credit note over a line that came back lists it as it stands."""
    nr, _ = pixi.shipped()
    pixi.hook(f"/orders/{nr}/return", {"lines": [2]})
    again = pixi.hook(f"/orders/{nr}/credit", {"amount_minor": 500, "lines": [2]})
    (line,) = rows(pixi, "pixiGetInvoiceLines", InvoiceNr=again["invoice_nr"])
    assert (line["Status"], line["OrderlineKey"]) == ("RET", str(pixi.show(nr)["lines"][1]["key"]))


def test_a_credit_settled_in_two_parts(pixi: Access) -> None:
    """A part leaves the rest open, the rest settles; both show in the match of the credit note."""
    nr, _ = pixi.shipped()
    credit = pixi.hook(f"/orders/{nr}/return", {"lines": [2]})["invoice_nr"]
    part = pixi.hook(f"/invoices/{credit}/settle", {"amount_minor": 200})
    assert (part["paid"], part["balance_minor"]) == (False, 300)
    assert pixi.hook(f"/invoices/{credit}/settle")["paid"]
    assert [row["Amount"] for row in rows(pixi, "pixiCAGetInvoiceMatch", InvoiceNr=credit)] == ["-2.0000", "-3.0000"]


def test_an_exchange_order(pixi: Access) -> None:
    """`P` and its own number, no payment id, new goods and a minus line for each piece that came back."""
    nr, _ = pixi.shipped()
    assert pixi.try_hook(f"/orders/{nr}/exchange").status_code == 409
    pixi.hook(f"/orders/{nr}/return", {"lines": [2]})
    made = pixi.hook(f"/orders/{nr}/exchange", {"lines": [{"sku": "C", "price": 800}]})
    other = made["order_nr"]
    assert (made["order_nr_external"], made["kk_id"], made["total_minor"]) == (f"P{other}", None, 300)
    assert statuses(pixi, other) == ["ANG", "MIN"]
    assert pixi.show(other)["customer"]["key"] == pixi.show(nr)["customer"]["key"]


def test_a_bundle_falls_together(pixi: Access) -> None:
    """A part that cannot be delivered takes its bundle along, one that is cancelled does not."""
    parts = [{"sku": "A", "bundle": "set"}, {"sku": "B", "bundle": "set", "price": 0}, {"sku": "C"}]
    nr = pixi.released(lines=parts)
    pixi.hook(f"/orders/{nr}/cancel-lines", {"lines": [2], "status": "NLB"})
    assert statuses(pixi, nr) == ["NLB", "NLB", "ANG"]
    other = pixi.released(lines=parts)
    pixi.hook(f"/orders/{other}/cancel-lines", {"lines": [2], "status": "STO"})
    assert statuses(pixi, other) == ["ANG", "STO", "ANG"]


def test_a_closed_order_is_reopened(pixi: Access) -> None:
    """Cancelled lines, or those named, are accepted again; an order that is open is refused."""
    nr = pixi.released()
    assert pixi.try_hook(f"/orders/{nr}/reopen").status_code == 409
    pixi.hook(f"/orders/{nr}/ship", {"lines": [1]})
    pixi.hook(f"/orders/{nr}/cancel-lines")
    assert pixi.hook(f"/orders/{nr}/reopen")["status"] == "OPEN"
    assert statuses(pixi, nr) == ["AUS", "ANG"]
    pixi.hook(f"/orders/{nr}/ship")
    pixi.hook(f"/orders/{nr}/reopen", {"lines": [2]})
    assert statuses(pixi, nr) == ["AUS", "ANG"]


def kind(**switches: Any) -> dict[str, Any]:
    return {"payment_types": [{"code": "K", "text": "Karte", "xml_tag": "UZCC", **switches}]}


def test_a_payment_type_that_does_not_hold(pixi: Access) -> None:
    """Its orders come in released, unless the import says otherwise."""
    pixi.settings(**kind(hold=False))
    assert (statuses(pixi, pixi.order()), statuses(pixi, pixi.order(status="HAL"))) == (["ANG"] * 2, ["HAL"] * 2)


def test_a_payment_type_with_the_paid_flag(pixi: Access) -> None:
    """Order and invoice are paid although nothing was booked, and no capture is awaited."""
    pixi.settings(**kind(paid=True))
    nr = pixi.released()
    header = pixi.call("pixiGetOrderHeader", OrderNr=nr).row
    assert (header["Paid"], header["PayedSum"]) == ("1", "69.8700")
    invoice = pixi.hook(f"/orders/{nr}/ship")
    assert (invoice["paid"], invoice["booked"]) == (True, [])
    assert rows(pixi, "pixiPayGetInvoicesToCapture") == []


def test_a_payment_type_that_clears_by_itself(pixi: Access) -> None:
    """The new invoice is matched with a payment that nobody made."""
    pixi.settings(**kind(clears=True))
    nr, invoice = pixi.shipped()
    assert pixi.show(nr)["invoices"][0]["paid"]
    assert [(row["EventID"], row["Amount"]) for row in rows(pixi, "pixiCAGetInvoiceMatch", InvoiceNr=invoice)] == [
        ("PAY", "69.8700")
    ]


@pytest.mark.parametrize("known", [True, False])
def test_a_parameter_can_be_unknown(pixi: Access, known: bool) -> None:
    """`call(parameter)` takes a parameter out of description and call."""
    pixi.settings(without=[] if known else ["pixiChangeAddress(BankName)"])
    nr = pixi.order()
    assert (pixi.call("pixiChangeAddress", OrderNr=nr, BankName="X").status == 200) is known
