"""From a held order to a released one: the payment lists, the decision, locks, comments, bank data."""

import pytest

from tests.sandboxes.pixi.access import NIL, Access


def held(pixi: Access, **params: object) -> list[int]:
    return [int(row["OrderNr"]) for row in pixi.call("pixiPayGetOrdersToAuthorize", **params).rows]


def test_import_answers_numbers_and_totals(pixi: Access) -> None:
    """An imported order is held, has the next number and its total in minor units."""
    first = pixi.hook("/orders", {"lines": [{"qty": 2, "price": 1050}], "ship_cost_minor": 490, "discount_minor": 100})
    second = pixi.hook("/orders", {"order_nr_external": "W-9"})
    assert (first["total_minor"], first["status"]) == (2490, "HOLD")
    assert second["order_nr"] == first["order_nr"] + 1
    assert second["order_nr_external"] == "W-9"


def test_import_of_a_list(pixi: Access) -> None:
    """Several orders come in one request, and a number that exists is refused."""
    answers = pixi.hook("/orders", [{"order_nr": 7}, {"order_nr": 8}])
    assert [one["order_nr"] for one in answers] == [7, 8]
    assert pixi.try_hook("/orders", {"order_nr": 7}).status_code == 409
    assert pixi.try_hook("/orders", {"shop_id": "XYZ"}).status_code == 409
    assert pixi.try_hook("/orders", {"nonsense": 1}).status_code == 422


def test_same_customer(pixi: Access) -> None:
    """Two orders with the same customer number of the shop share one customer."""
    keys = [pixi.hook("/orders", {"customer": {"external_nr": nr}})["cust_key"] for nr in ("C1", "c1", "C2")]
    assert keys[0] == keys[1] != keys[2]


def test_held_list_filters_by_payment_type(pixi: Access) -> None:
    """Only held orders of the asked payment type are listed; its letter is compared with case."""
    card = pixi.order(payment_code="K")
    other = pixi.order(payment_code="k")
    pixi.released(payment_code="K")
    pixi.order(payment_code="K", status="NEW")
    assert held(pixi, PaymentCode="K") == [card]
    assert held(pixi, PaymentCode="k") == [other]
    assert held(pixi) == [card, other]


def test_held_list_columns(pixi: Access) -> None:
    """The list brings payment id and shipping cost, and neither total nor e-mail nor customer."""
    pixi.order(order_nr_external="W-1", kk_id="s-pay-7")
    row = pixi.call("pixiPayGetOrdersToAuthorize", PaymentCode="K").row
    assert (row["ccpPayID"], row["ShipCost"], row["OrderNrExternal"]) == ("s-pay-7", "4.9000", "W-1")
    assert not {"Total", "eMail", "CustKey", "Status"} & set(row)


def test_default_row_count(pixi: Access) -> None:
    """Thirty rows when RowCount is left out, as many as asked otherwise, all of them when it is NULL."""
    pixi.hook("/orders", [{} for _ in range(35)])
    counts = [len(held(pixi, **params)) for params in ({}, {"RowCount": 33}, {"RowCount": NIL}, {"RowCount": 0})]
    assert counts == [30, 33, 35, 30]


def test_success_releases(pixi: Access) -> None:
    """Success turns held lines to ANG, keeps other lines, writes the payment id and answers no row set."""
    nr = pixi.order(lines=[{"sku": "A"}, {"sku": "B", "status": "STO"}])
    reply = pixi.call("pixiPaySetAuthorizationStatus", OrderNr=nr, Success=1, AuthID="s-pay-2", AuthCode="OK")
    assert (reply.result_code, reply.named("SqlRowSet")) == (0, [])
    shown = pixi.show(nr)
    assert ([line["status"] for line in shown["lines"]], shown["status"]) == (["ANG", "STO"], "OPEN")
    assert (shown["kk_id"], shown["auth_code"]) == ("s-pay-2", "OK")
    assert held(pixi) == []
    effect = pixi.effects()[0]
    assert {key: effect[key] for key in ("kind", "order_nr", "lines")} == {
        "kind": "release",
        "order_nr": nr,
        "lines": 1,
    }


def test_second_release_changes_nothing(pixi: Access) -> None:
    """Releasing again with the same payment id records no second effect."""
    nr = pixi.order()
    for _ in range(2):
        pixi.call("pixiPaySetAuthorizationStatus", OrderNr=nr, Success=1, AuthID="s-pay-1")
    assert pixi.kinds() == ["release"]


def test_omitted_auth_id_clears_the_payment_id(pixi: Access) -> None:
    """The payment id of the order is overwritten with nothing when AuthID is left out."""
    nr = pixi.order(kk_id="s-pay-1")
    pixi.call("pixiPaySetAuthorizationStatus", OrderNr=nr, Success=1)
    assert pixi.show(nr)["kk_id"] is None
    assert "ccpPayID" not in pixi.call("pixiGetCreditCardInfo", OrderNr=nr).row


def test_failures_hide_an_order(pixi: Access) -> None:
    """A failure keeps the order held and counts; the fourth hides it from the list unless ShowAll is set."""
    nr = pixi.order()
    for _ in range(3):
        pixi.call("pixiPaySetAuthorizationStatus", OrderNr=nr, Success=0, AuthID="s-pay-1")
    assert held(pixi) == [nr]
    pixi.call("pixiPaySetAuthorizationStatus", OrderNr=nr, Success=0, AuthID="s-pay-1")
    assert held(pixi) == []
    assert held(pixi, ShowAll=1) == [nr]
    assert pixi.call("pixiGetOrderHeader", OrderNr=nr).row["ccpSetFailTries"] == "4"
    assert pixi.show(nr)["status"] == "HOLD"
    assert pixi.kinds() == ["authorization_failed"] * 4


def test_decision_about_no_order(pixi: Access) -> None:
    """An unknown order is an error message with a return value, and no effect."""
    reply = pixi.call("pixiPaySetAuthorizationStatus", OrderNr=1, Success=1)
    assert (reply.status, reply.result_code, reply.messages[0]["Class"]) == (200, 1, "16")
    assert pixi.kinds() == []


def test_release_order(pixi: Access) -> None:
    """The plain release tells how many lines it released; a wrong shop releases none."""
    nr = pixi.order(order_nr_external="W-5")
    assert pixi.call("pixiReleaseOrder", OrderNrExternal="W-5", ShopId="XXX").row["ReturnCode"] == "ERROR"
    row = pixi.call("pixiReleaseOrder", OrderNrExternal="w-5", ShopId="DEM").row
    assert (row["ReturnCode"], row["AffectedRows"]) == ("OK", "2")
    assert pixi.show(nr)["status"] == "OPEN"


def test_header_search(pixi: Access) -> None:
    """The header is found by either number; a NULL instead of the default finds nothing."""
    nr = pixi.order(order_nr_external="W-77")
    assert pixi.call("pixiGetOrderHeader", OrderNrExternal="w-77").row["OrderNr"] == str(nr)
    assert pixi.call("pixiGetOrderHeader", OrderNr=nr, OrderNrExternal="W-78").rows == []
    assert pixi.call("pixiGetOrderHeader", OrderNr=NIL, OrderNrExternal="W-77").rows == []
    row = pixi.call("pixiGetOrderHeader", OrderNr=nr).row
    assert "Status" not in row
    assert (row["OrderLocked"], row["PaymentType"], row["CurrencyCode"]) == ("N", "K", "EUR")


def test_header_time_filters(pixi: Access) -> None:
    """Order date and change date are filtered in Berlin wall time, both ends included."""
    nr = pixi.order()  # at 12:00 in Berlin
    for filters, found in [
        ({"FromTime": "2026-06-10T12:00:00.000"}, [str(nr)]),
        ({"FromTime": "2026-06-10T12:00:01"}, []),
        ({"UntilTime": "2026-06-10T11:59:59"}, []),
        ({"FromUpdateTime": "2026-06-10T12:00:00"}, [str(nr)]),
        ({"FromUpdateTime": "2026-06-10T12:00:00.003"}, []),
    ]:
        assert [row["OrderNr"] for row in pixi.call("pixiGetOrderHeader", **filters).rows] == found


def test_totals(pixi: Access) -> None:
    """One row per line repeats the order's sums: lines, shipping, discount, tax and the grand total."""
    nr = pixi.order(discount_minor=250)
    rows = pixi.call("pixiGetOrderTotals", OrderNr=nr).rows
    assert [row["Subtotal"] for row in rows] == ["59.9700", "5.0000"]
    assert {(row["ShipCost"], row["Discount"], row["TotalAmount"]) for row in rows} == {("4.9000", "2.5000", "67.3700")}
    assert {row["VATHigh"] for row in rows} == {"9.5750"}


def test_columns_can_be_missing(pixi: Access) -> None:
    """An account can be told not to have a column or a call."""
    nr = pixi.order()
    pixi.settings(without=["pixiGetOrderTotals.TotalAmount", "pixiGetChangedOrders"])
    assert "TotalAmount" not in pixi.call("pixiGetOrderTotals", OrderNr=nr).rows[0]
    assert pixi.call("pixiGetChangedOrders", DateTimeFrom="2026-01-01T00:00:00").status == 500


def test_order_lock(pixi: Access) -> None:
    """Locking twice answers INFO and has one effect; without a reason the user's name is written."""
    nr = pixi.order()
    codes = [
        pixi.call("pixiSetOrderShippingLock", OrderNr=nr, Locked=locked, UserName="engine").row["ReturnCode"]
        for locked in (1, 1, 0, 0)
    ]
    assert codes == ["OK", "INFO", "OK", "INFO"]
    assert pixi.kinds() == ["lock", "unlock"]
    assert "engine" in pixi.effects()[0]["reason"]
    assert pixi.call("pixiSetOrderShippingLock", OrderNr=1).row["ReturnCode"] == "ERROR"


def test_lock_defaults_to_locked(pixi: Access) -> None:
    """Locked is 1 when left out, and refused when NULL."""
    nr = pixi.order()
    assert pixi.call("pixiSetOrderShippingLock", OrderNr=nr, Locked=NIL).row["ReturnCode"] == "ERROR"
    assert pixi.call("pixiSetOrderShippingLock", OrderNr=nr).row["ReturnCode"] == "OK"
    assert pixi.call("pixiGetOrderHeader", OrderNr=nr).row["OrderLocked"] == "Y"


def test_customer_lock(pixi: Access) -> None:
    """The customer lock is another lock: the order's own flag stays, and it is found by either key."""
    nr = pixi.order(customer={"external_nr": "C-1"})
    key = pixi.show(nr)["customer"]["key"]
    assert pixi.call("pixiSetShippingLock", CustomerNrExternal="c-1", ShopID="DEM").row["Result"] == "0"
    shown = pixi.show(nr)
    assert (shown["customer"]["locked"], shown["locked"]) == (True, False)
    assert pixi.call("pixiSetShippingLock", CustKey=key, Locked=0).row["Result"] == "0"
    assert pixi.call("pixiSetShippingLock", CustKey=key, Locked=0).row["Result"] == "0"
    assert pixi.call("pixiSetShippingLock", CustKey=1).row["Result"] == "1"
    assert pixi.kinds() == ["customer_lock", "customer_unlock"]


def test_comments(pixi: Access) -> None:
    """Comments of order and customer are kept with user and time, and read back by filters."""
    nr = pixi.order()
    key = pixi.show(nr)["customer"]["key"]
    pixi.call("pixiCreateOrderComment", OrderNr=nr, Comment="one", UserName="engine")
    pixi.clock("2026-06-10T11:00:00+00:00")
    pixi.call("pixiAddOrderComment", OrderNr=nr, Comment="two")
    pixi.call("pixiAddCustomerComment", CustKey=key, Comment="three")
    rows = pixi.call("pixiGetOrderComments", OrderNr=nr).rows
    assert [(row["Comment"], row["UserName"], row["CreateDate"]) for row in rows] == [
        ("one", "engine", "2026-06-10T12:00:00.000"),
        ("two", "API", "2026-06-10T13:00:00.000"),
    ]
    assert [row["Comment"] for row in pixi.call("pixiGetOrderComments", Since="2026-06-10T12:30:00").rows] == ["two"]
    assert len(pixi.call("pixiGetOrderComments", OrderNr=nr, RowCount=1).rows) == 1
    assert len(pixi.call("pixiGetOrderComments", OrderNrShop=f"W{nr}", RowCount=0).rows) == 2
    assert pixi.show(nr)["customer"]["comments"][0]["text"] == "three"
    assert pixi.kinds() == ["comment"] * 3


@pytest.mark.parametrize("call", ["pixiCreateOrderComment", "pixiAddOrderComment"])
def test_comment_on_nothing(pixi: Access, call: str) -> None:
    """A comment on an unknown order, or an empty one, answers ERROR and leaves no effect."""
    assert pixi.call(call, OrderNr=1, Comment="x").row["ReturnCode"] == "ERROR"
    assert pixi.call(call, OrderNr=pixi.order(), Comment="").row["ReturnCode"] == "ERROR"
    assert pixi.kinds() == []


def test_bank_data(pixi: Access) -> None:
    """Bank data are written to the billing address by order number, other fields stay, and read back."""
    nr = pixi.order()
    bank = {"BIC": "COBADEFFXXX", "IBAN": "DE89370400440532013000", "BankName": "s-ref-1", "AccountHolder": "unzer"}
    assert pixi.call("pixiChangeAddress", OrderNr=nr, **bank).row["ReturnCode"] == "OK"
    header = pixi.call("pixiGetOrderHeader", OrderNr=nr).row
    row = pixi.call("pixiGetAddress", AddrKey=header["AddrKey"]).row
    assert {key: row[key] for key in bank} == bank
    assert (row["City"], row["Country"]) == ("Köln", "D  ")
    pixi.call("pixiChangeAddress", OrderNr=nr, **bank)
    assert pixi.kinds() == ["address_changed"]


def test_address_is_closed_after_shipping(pixi: Access) -> None:
    """Once something left the house the address can no longer be changed."""
    nr, _ = pixi.shipped()
    assert pixi.call("pixiCanChangeAddress", OrderNr=nr).named("pixiCanChangeAddressResult")[0].text == "0"
    assert pixi.call("pixiChangeAddress", OrderNr=nr, BIC="COBADEFFXXX").row["ReturnCode"] == "ERROR"
    assert pixi.kinds() == []


def test_import_log(pixi: Access) -> None:
    """The shop's document has payment tag, payment id, currency and total; its status can be changed by a hook."""
    nr = pixi.order(order_nr_external="W-4", xml_tag="UZPPL", kk_id=None, xml_kk_id="s-pay-4", locked=True)
    row = pixi.call("pixiImportFindXML", Type="order", Id="w-4").row
    for part in ("<PAYMENT_TYPE>UZPPL<", "<PAYMENT_ID>s-pay-4<", "<PRICE_CURRENCY>EUR<", "<ORDER_SHIPLOCK>Y<"):
        assert part in row["Request"]
    assert row["Status"] == "XIM"
    pixi.hook(f"/orders/{nr}/import-status", {"status": "Err", "error": "no stock item"})
    row = pixi.call("pixiImportFindXML", Type="order", Id="W-4").row
    assert (row["Status"], row["Error"]) == ("Err", "no stock item")
    assert pixi.call("pixiImportFindXML", Type="item", Id="W-4").rows == []
    pixi.hook(f"/orders/{nr}/import-status", {"remove": True})
    assert pixi.call("pixiImportFindXML", Type="order", Id="W-4").rows == []


def test_master_data(pixi: Access) -> None:
    """Shops and payment types are those of the account."""
    pixi.settings(
        shops=[{"id": "AAA", "name": "Eins"}, {"id": "BBB", "name": "Zwei"}],
        payment_types=[{"code": "g", "text": "Giropay", "xml_tag": "UZGRP"}],
    )
    assert [row["ShopID"] for row in pixi.call("pixiGetShops").rows] == ["AAA", "BBB"]
    assert pixi.call("pixiGetShops", ShopName="zwei").row["ShopID"] == "BBB"
    row = pixi.call("pixiGetPaymenttypes").row
    assert (row["Code"], row["PaymentText"], row["XMLTag"]) == ("g", "Giropay", "UZGRP")


def test_items(pixi: Access) -> None:
    """Items are found by number and by an XML list of numbers."""
    pixi.order()
    assert pixi.call("pixiGetItemInfo", ItemNrInt="b").row["VAT"] == "L"
    listed = (
        "<ITEMS><ITEM><ITEMNRINT>A</ITEMNRINT></ITEM><ITEM><INTERNALITEMNUMBER>B</INTERNALITEMNUMBER></ITEM></ITEMS>"
    )
    assert [row["ItemNrInt"] for row in pixi.call("pixiGetItemInfo", ItemXML=listed).rows] == ["A", "B"]
    assert pixi.call("pixiGetItemInfo", ItemXML="<broken").result_code == 1
