"""Version profiles: the WSDL declares, and the server accepts, what a release line has."""

from typing import Any

import pytest
from lxml import etree

from tests.sandboxes.pixi.access import Access

XSD = "{http://www.w3.org/2001/XMLSchema}"
TWENTY = {
    "pixiPayGetOrdersToAuthorize",
    "pixiPayGetInvoicesToCapture",
    "pixiGetOrderline",
    "pixiGetInvoice",
    "pixiGetInvoiceLines",
    "pixiGetChangedOrders",
    "pixiImportFindXML",
    "pixiCACreateManualBooking",
    "pixiPaySetInvoiceCapture",
    "pixiPaySetAuthorizationStatus",
    "pixiGetOrderTotals",
    "pixiGetOrderHeader",
    "pixiAddCustomerComment",
    "pixiGetAddress",
    "pixiSetShippingLock",
    "pixiCreateOrderComment",
    "pixiSetOrderShippingLock",
    "pixiCanChangeAddress",
    "pixiGetItemInfo",
    "pixiGetCreditCardInfo",
}
MORE = {
    "pixiChangeAddress",
    "pixiGetShops",
    "pixiGetPaymenttypes",
    "pixiReleaseOrder",
    "pixiGetInvoicesByOrderNr",
    "pixiCAGetInvoiceMatch",
    "pixiGetOrderComments",
    "pixiGetOrderChanges",
    "pixiAddOrderComment",
}


def wsdl(pixi: Access) -> dict[str, list[dict[str, str]]]:
    """Calls with their parameters in wire order, as the WSDL declares them."""
    root = etree.fromstring(pixi.http.get(f"{pixi.endpoint}?wsdl", auth=pixi.auth).content)
    schema = next(one for one in root.iter(f"{XSD}schema") if one.get("targetNamespace") == pixi.endpoint)
    return {
        str(one.get("name")): [{str(k): str(v) for k, v in param.attrib.items()} for param in one[0][0]]
        for one in schema
        if one.tag == f"{XSD}element" and not str(one.get("name")).endswith("Response")
    }


def names(pixi: Access, call: str) -> list[str]:
    return [param["name"] for param in wsdl(pixi)[call]]


def test_all_calls(pixi: Access) -> None:
    """The current profile has the 20 calls and the nine beyond."""
    assert set(wsdl(pixi)) == TWENTY | MORE


def test_parameters_are_nillable_and_obligatory(pixi: Access) -> None:
    """Every parameter is declared the hard way: once, and nillable."""
    found = {
        (param["minOccurs"], param["maxOccurs"], param["nillable"])
        for params in wsdl(pixi).values()
        for param in params
    }
    assert found == {("1", "1", "true")}


def test_result_is_an_unbounded_choice(pixi: Access) -> None:
    """The result stream is a choice of four kinds of parts, and SqlRowSet is one schema and one wildcard."""
    root = etree.fromstring(pixi.http.get(f"{pixi.endpoint}?WSDL", auth=pixi.auth).content)
    types = {str(one.get("name")): one for one in root.iter(f"{XSD}complexType") if one.get("name")}
    choice = types["SqlResultStream"][0]
    assert (choice.tag, choice.get("maxOccurs")) == (f"{XSD}choice", "unbounded")
    parts = [one.get("name") for one in choice]
    assert parts == ["SqlRowSet", "SqlMessage", "SqlRowCount", "SqlResultCode"]
    assert [(one.tag, one.get("ref")) for one in types["SqlRowSet"][0]] == [
        (f"{XSD}element", "xsd:schema"),
        (f"{XSD}any", None),
    ]


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("pixiPayGetInvoicesToCapture", ["PaymentCode", "ShowAll", "RowCount", "FromInvoiceId"]),
        ("pixiSetOrderShippingLock", ["OrderNr", "Locked", "UserName", "Reason"]),
        ("pixiPaySetAuthorizationStatus", ["OrderNr", "Success", "AuthID", "AuthCode", "Message"]),
        ("pixiGetOrderTotals", ["OrderNr", "OrderNrExternal", "CustKey"]),
        ("pixiImportFindXML", ["Type", "Id", "Channel"]),
    ],
)
def test_wire_order(pixi: Access, call: str, expected: list[str]) -> None:
    """Parameters stand in the order of the procedure."""
    assert names(pixi, call) == expected


@pytest.mark.parametrize(
    ("profile", "call", "params", "works"),
    [
        ("LOU46", "pixiGetChangedOrders", {"DateTimeFrom": "2026-01-01T00:00:00"}, False),
        ("AVA", "pixiGetChangedOrders", {"DateTimeFrom": "2026-01-01T00:00:00"}, True),
        ("AVA", "pixiGetOrderHeader", {"FromUpdateTime": "2026-01-01T00:00:00"}, False),
        ("current", "pixiGetOrderHeader", {"FromUpdateTime": "2026-01-01T00:00:00"}, True),
        ("AVA", "pixiPayGetOrdersToAuthorize", {"RowCount": 5}, False),
        ("AVA", "pixiPayGetInvoicesToCapture", {"FromInvoiceId": 5}, False),
        ("AVA", "pixiSetOrderShippingLock", {"OrderNr": 1, "UserName": "x"}, False),
        ("AVA", "pixiSetOrderShippingLock", {"OrderNr": 1, "Reason": "x"}, False),
        ("AVA", "pixiSetShippingLock", {"CustKey": 1, "UserName": "x"}, False),
        ("LOU46", "pixiCACreateManualBooking", {"CustKey": 1, "EventID": "E", "Amount": 1, "CurrencyId": 1}, False),
        ("AVA", "pixiCACreateManualBooking", {"CustKey": 1, "EventID": "E", "Amount": 1, "CurrencyId": 1}, True),
        ("LOU46", "pixiGetOrderChanges", {}, True),
    ],
)
def test_profile(pixi: Access, profile: str, call: str, params: dict[str, Any], works: bool) -> None:
    """What a profile lacks is a fault and missing from its WSDL; what it has works."""
    pixi.settings(profile=profile)
    assert (pixi.call(call, **params).status == 200) is works
    declared = wsdl(pixi)
    offered = call in declared and set(params) <= {param["name"] for param in declared[call]}
    assert offered is works


def test_no_limit_before_row_count_existed(pixi: Access) -> None:
    """In a profile without RowCount the payment list is not cut off."""
    pixi.settings(profile="LOU46")
    pixi.hook("/orders", [{} for _ in range(35)])
    assert len(pixi.call("pixiPayGetOrdersToAuthorize").rows) == 35


def test_unknown_profile(pixi: Access) -> None:
    """A profile that does not exist is refused."""
    assert pixi.try_hook("", {"profile": "17.07"}, "PUT").status_code == 422
