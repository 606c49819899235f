"""Shipping, cancelling and returning: lines, documents, the change lists."""

import pytest

from tests.sandboxes.pixi.access import Access


def statuses(pixi: Access, nr: int) -> list[str]:
    return [line["status"] for line in pixi.show(nr)["lines"]]


def test_ship_everything(pixi: Access) -> None:
    """A full shipment closes the order and writes an invoice over goods, shipping and discount."""
    nr = pixi.released(discount_minor=250)
    invoice = pixi.hook(f"/orders/{nr}/ship")
    assert (invoice["total_minor"], invoice["type"], invoice["paid"]) == (6737, "R", False)
    assert invoice["invoice_nr"].startswith("DEM")
    shown = pixi.show(nr)
    assert (shown["status"], [line["status"] for line in shown["lines"]]) == ("CLOSED", ["AUS", "AUS"])
    assert [(one["event"], one["amount_minor"]) for one in shown["account_events"]] == [("INV", -6737)]


def test_partial_quantity_splits_a_line(pixi: Access) -> None:
    """A part of a line becomes a line of its own; shipping cost is on the first invoice only, sums stay whole."""
    nr = pixi.released()
    first = pixi.hook(f"/orders/{nr}/ship", {"lines": [{"line": 1, "qty": 2}]})
    lines = [(line["line"], line["qty"], line["status"]) for line in pixi.show(nr)["lines"]]
    assert lines == [(1, 1, "ANG"), (2, 1, "ANG"), (3, 2, "AUS")]
    second = pixi.hook(f"/orders/{nr}/ship")
    assert (first["total_minor"], second["total_minor"]) == (4488, 2499)
    assert pixi.show(nr)["total_minor"] == first["total_minor"] + second["total_minor"]
    assert pixi.show(nr)["status"] == "CLOSED"


def test_shipping_cost_can_wait(pixi: Access) -> None:
    """With `ship_cost` false the shipping cost comes with a later invoice."""
    nr = pixi.released()
    totals = [
        pixi.hook(f"/orders/{nr}/ship", {"lines": [line], "ship_cost": cost})["total_minor"]
        for line, cost in ((1, False), (2, True))
    ]
    assert totals == [5997, 990]


def test_held_orders_do_not_ship(pixi: Access) -> None:
    """Held lines cannot be shipped, neither all nor one by one, and nothing is written."""
    nr = pixi.order()
    assert pixi.try_hook(f"/orders/{nr}/ship").status_code == 409
    assert pixi.try_hook(f"/orders/{nr}/ship", {"lines": [1]}).status_code == 409
    assert pixi.show(nr)["invoices"] == []


@pytest.mark.parametrize("whose", ["order", "customer"])
def test_locks_stop_shipping(pixi: Access, whose: str) -> None:
    """A locked order and an order of a locked customer are refused until the lock is gone."""
    nr = pixi.released()
    key = pixi.show(nr)["customer"]["key"]
    call, named = ("pixiSetOrderShippingLock", {"OrderNr": nr})
    if whose == "customer":
        call, named = "pixiSetShippingLock", {"CustKey": key}
    pixi.call(call, **named, Locked=1)
    assert pixi.try_hook(f"/orders/{nr}/ship").status_code == 409
    pixi.call(call, **named, Locked=0)
    assert pixi.hook(f"/orders/{nr}/ship")["total_minor"] == 6987


def test_locks_of_people(pixi: Access) -> None:
    """Locks set by hooks work alike and are nobody's effect."""
    nr = pixi.released()
    pixi.hook(f"/orders/{nr}/lock", {"locked": True, "reason": "fraud?"})
    assert pixi.try_hook(f"/orders/{nr}/ship").status_code == 409
    pixi.hook(f"/orders/{nr}/lock", {"locked": False})
    pixi.hook(f"/customers/{pixi.show(nr)['customer']['key']}/lock", {"locked": True})
    assert pixi.try_hook(f"/orders/{nr}/ship").status_code == 409
    assert pixi.effects() == []


def test_cancel_lines(pixi: Access) -> None:
    """Cancelled lines are STO or NLB; with all of them the order is CLOSED, and shipped lines stay."""
    nr = pixi.released()
    pixi.hook(f"/orders/{nr}/cancel-lines", {"lines": [{"line": 1, "qty": 1}], "status": "NLB"})
    assert statuses(pixi, nr) == ["ANG", "ANG", "NLB"]
    pixi.hook(f"/orders/{nr}/ship", {"lines": [2]})
    pixi.hook(f"/orders/{nr}/cancel-lines")
    assert statuses(pixi, nr) == ["STO", "AUS", "NLB"]
    assert pixi.show(nr)["status"] == "CLOSED"
    assert pixi.try_hook(f"/orders/{nr}/cancel-lines").status_code == 409


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["HAL", "NEW"], "HOLD"),
        (["HAL", "AUS"], "HOLD"),
        (["HAL", "ANG"], "OPEN"),
        (["BES", "STO"], "OPEN"),
        (["FUT"], "OPEN"),
        (["EIN", "AUS"], "OPEN"),
        (["AUS", "RET", "STO", "NLB", "MIN"], "CLOSED"),
    ],
)
def test_derived_status(pixi: Access, lines: list[str], expected: str) -> None:
    """HOLD, OPEN and CLOSED follow from the lines alone."""
    nr = pixi.order(lines=[{"sku": f"S{no}", "status": status} for no, status in enumerate(lines)])
    assert pixi.show(nr)["status"] == expected


def test_lines_call(pixi: Access) -> None:
    """Lines are read by order, by status and by invoice."""
    nr, invoice = pixi.shipped()
    other = pixi.released()
    assert [row["Status"] for row in pixi.call("pixiGetOrderline", OrderNR=nr).rows] == ["AUS", "AUS"]
    assert {row["OrderNr"] for row in pixi.call("pixiGetOrderline", Status="ang").rows} == {str(other)}
    rows = pixi.call("pixiGetOrderline", InvoiceNr=invoice).rows
    assert [(row["OrderNr"], row["Qty"], row["Price"]) for row in rows] == [
        (str(nr), "3", "19.9900"),
        (str(nr), "1", "5.0000"),
    ]


def test_invoice_lines(pixi: Access) -> None:
    """Shipping cost shows as a pseudo line only when asked for."""
    _, invoice = pixi.shipped()
    plain = pixi.call("pixiGetInvoiceLines", InvoiceNr=invoice).rows
    whole = pixi.call("pixiGetInvoiceLines", InvoiceNr=invoice, IncludeSpecialInvLines=1).rows
    assert [row["ArtNr"] for row in plain] == ["A", "B"]
    assert [row["ArtNr"] for row in whole] == ["A", "B", "ZZZSHIP"]
    assert [row["ItemVAT"] for row in plain] == ["H", "L"]


def test_return(pixi: Access) -> None:
    """A return turns lines to RET and writes a credit note of type G: lines plus shipping minus fee."""
    nr, _ = pixi.shipped()
    credit = pixi.hook(f"/orders/{nr}/return", {"lines": [2], "refund_shipping": True, "fee": 100})
    assert (credit["type"], credit["total_minor"], credit["balance_minor"]) == ("G", 890, 890)
    assert statuses(pixi, nr) == ["AUS", "RET"]
    rows = pixi.call("pixiGetInvoice", OrderNR=nr).rows
    assert [(row["DocumentType"], row["total"]) for row in rows] == [("R", "69.8700"), ("G", "8.9000")]
    assert [row["Status"] for row in pixi.call("pixiGetInvoiceLines", InvoiceNr=credit["invoice_nr"]).rows] == ["RET"]
    pixi.settings(credit_sign="negative")
    assert pixi.call("pixiGetInvoice", InvoiceNr=credit["invoice_nr"]).row["total"] == "-8.9000"


def test_return_of_a_part(pixi: Access) -> None:
    """One piece of three comes back; what has come back cannot come back again."""
    nr, _ = pixi.shipped()
    assert pixi.hook(f"/orders/{nr}/return", {"lines": [{"line": 1, "qty": 1}]})["total_minor"] == 1999
    assert statuses(pixi, nr) == ["AUS", "AUS", "RET"]
    assert pixi.try_hook(f"/orders/{nr}/return", {"lines": [3]}).status_code == 409
    assert pixi.try_hook(f"/orders/{nr}/return", {"lines": [{"line": 1, "qty": 3}]}).status_code == 409


def test_settled_return(pixi: Access) -> None:
    """A return that a person already settled is paid and balanced."""
    nr, _ = pixi.shipped()
    credit = pixi.hook(f"/orders/{nr}/return", {"settled": True})
    assert (credit["paid"], credit["balance_minor"]) == (True, 0)
    assert pixi.call("pixiGetInvoice", InvoiceNr=credit["invoice_nr"]).row["Paid"] == "1"


def test_credit_by_hand(pixi: Access) -> None:
    """A credit made by hand is a G document without a returned line."""
    nr, _ = pixi.shipped()
    credit = pixi.hook(f"/orders/{nr}/credit", {"amount_minor": 500, "note": "Kulanz"})
    assert (credit["type"], credit["total_minor"]) == ("G", 500)
    assert statuses(pixi, nr) == ["AUS", "AUS"]
    assert pixi.call("pixiGetInvoiceLines", InvoiceNr=credit["invoice_nr"]).rows == []


def test_invoice_pages(pixi: Access) -> None:
    """TotalRows counts the rows of the page; StartKey goes on behind the last key."""
    for _ in range(3):
        pixi.shipped()
    first = pixi.call("pixiGetInvoice", RowCount=2).rows
    second = pixi.call("pixiGetInvoice", RowCount=2, StartKey=first[-1]["InvoiceKey"]).rows
    assert ([row["TotalRows"] for row in first], [row["TotalRows"] for row in second]) == (["2", "2"], ["1"])
    assert len({row["InvoiceNr"] for row in first + second}) == 3


def test_invoice_numbers_follow_the_shop(pixi: Access) -> None:
    """Every shop has its own prefix and count."""
    pixi.settings(shops=[{"id": "AAA"}, {"id": "BBB"}])
    numbers = [pixi.shipped(shop_id=shop)[1] for shop in ("AAA", "BBB", "AAA")]
    assert numbers == ["AAA0000001", "BBB0000001", "AAA0000002"]


def test_changed_orders(pixi: Access) -> None:
    """A change shows from its own instant on, and DateTimeTo is a cursor that neither loses nor repeats."""
    nr = pixi.released()
    pixi.clock("2026-06-10T10:30:00+00:00")
    first = pixi.call("pixiGetChangedOrders", DateTimeFrom="2026-06-10T12:00:00").row
    assert (first["OrderNr"], first["OrderLocked"], first["DateTimeTo"]) == (str(nr), "N", "2026-06-10T12:30:00.000")
    assert not {"Status", "OrderStatus"} & set(first)
    cursor = first["DateTimeTo"]
    assert pixi.call("pixiGetChangedOrders", DateTimeFrom=cursor).rows == []
    pixi.clock("2026-06-10T10:31:00+00:00")
    pixi.hook(f"/orders/{nr}/ship")
    assert pixi.call("pixiGetChangedOrders", DateTimeFrom=cursor).row["OrderNr"] == str(nr)
    assert pixi.call("pixiGetChangedOrders", DateTimeFrom="2026-06-10T12:31:00.003").rows == []


@pytest.mark.parametrize(
    ("path", "body"),
    [("cancel-lines", None), ("lock", {}), ("status", {"status": "EIN"}), ("ship", {"lines": [1]})],
)
def test_hooks_count_as_changes(pixi: Access, path: str, body: object) -> None:
    """Whatever people do to an order puts it into the list of changed orders."""
    nr = pixi.released()
    pixi.clock("2026-06-10T11:00:00+00:00")
    since = "2026-06-10T13:00:00"
    assert pixi.call("pixiGetChangedOrders", DateTimeFrom=since).rows == []
    pixi.hook(f"/orders/{nr}/{path}", body)
    assert [row["OrderNr"] for row in pixi.call("pixiGetChangedOrders", DateTimeFrom=since).rows] == [str(nr)]


def test_order_changes(pixi: Access) -> None:
    """Single changes are listed by kind, with line key or invoice number beside."""
    nr, invoice = pixi.shipped()
    rows = pixi.call("pixiGetOrderChanges").rows
    assert [row["ChangeType"] for row in rows] == ["CORDER", "IORDER", "UORDERL", "UORDERL", "SORDER"]
    assert pixi.call("pixiGetOrderChanges", ChangeType="IORDER").row["Param1"] == invoice
    assert pixi.call("pixiGetOrderChanges", ChangeType="CORDER", DateFrom="2026-06-10T12:00:01").rows == []
    assert {row["OrderNr"] for row in rows} == {str(nr)}
