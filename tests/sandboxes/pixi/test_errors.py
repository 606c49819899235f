"""The layers in which this server says no before a procedure runs."""

import pytest

from tests.sandboxes.pixi.access import NIL, Access, local


@pytest.mark.parametrize("auth", [None, ("pixiX", "sandbox"), ("", "")])
def test_unauthorized(pixi: Access, auth: tuple[str, str] | None) -> None:
    """Without the right credentials neither call nor WSDL is answered, and the realm is named."""
    assert pixi.send(pixi.envelope("pixiGetShops", {}), auth=auth).status == 401
    response = pixi.http.get(f"{pixi.endpoint}?wsdl", auth=auth)
    assert (response.status_code, response.headers["www-authenticate"]) == (401, 'Basic realm="pixi"')


def test_wrong_password(pixi: Access) -> None:
    """The password counts, and a changed one takes over at once."""
    pixi.settings(password="other")
    assert pixi.call("pixiGetShops").status == 401
    assert pixi.send(pixi.envelope("pixiGetShops", {}), auth=(f"pixi{pixi.name}", "other")).status == 200


def test_unknown_database(pixi: Access) -> None:
    """A database that does not exist has no path."""
    assert pixi.send(pixi.envelope("pixiGetShops", {}), url=f"{pixi.base}/soap/pixiNONE/").status == 404


@pytest.mark.parametrize(
    ("call", "params", "words"),
    [
        ("pixiNothing", {}, "UnknownMethod"),
        ("pixigetshops", {}, "UnknownMethod"),
        ("pixiGetOrderHeader", {"OrderNR": 1}, "has no parameter OrderNR"),
        ("pixiGetOrderline", {"RowCount": 1, "OrderNR": 1}, "OrderNR is out of order"),
        ("pixiGetAddress", {}, "expects parameter AddrKey"),
        ("pixiGetOrderHeader", {"OrderNr": "seven"}, "not a int"),
        ("pixiGetOrderHeader", {"OrderNr": 3_000_000_000}, "not a int"),
        ("pixiPayGetOrdersToAuthorize", {"ShowAll": "yes"}, "not a bit"),
        ("pixiGetOrderHeader", {"FromTime": "2026-06-01T10:00:00.123456"}, "pattern of datetime"),
        ("pixiGetOrderHeader", {"FromTime": "2026-06-01T10:00:00+02:00"}, "pattern of datetime"),
    ],
)
def test_parameter_faults(pixi: Access, call: str, params: dict[str, object], words: str) -> None:
    """What is wrong with method or parameters is a fault with HTTP 500 that carries the 1.2 fault in its detail."""
    reply = pixi.call(call, **params)
    assert reply.status == 500
    assert words in reply.fault
    assert [local(one) for one in reply.named("detail")[0]] == ["Fault"]


def test_twice_the_same_parameter(pixi: Access) -> None:
    """A parameter that comes twice is a fault."""
    body = pixi.envelope("pixiGetOrderHeader", {"OrderNr": 1}).replace("</m:OrderNr>", "</m:OrderNr><m:OrderNr/>")
    assert "more than once" in pixi.send(body).fault


def test_order_check_can_be_switched_off(pixi: Access) -> None:
    """An account can be told to accept any order of parameters."""
    pixi.settings(order_check=False)
    nr = pixi.order()
    assert len(pixi.call("pixiGetOrderline", RowCount=1, OrderNR=nr).rows) == 1


def test_null_satisfies_required(pixi: Access) -> None:
    """A required parameter sent as NULL passes the signature and then finds nothing."""
    assert pixi.call("pixiGetAddress", AddrKey=NIL).rows == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<half",
        b"\xff\xfe\x00",
        b"<a/>",
        b'<!DOCTYPE s [<!ENTITY x "y">]><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body/>'
        b"</s:Envelope>",
        b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body/></s:Envelope>',
        b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"/>',
    ],
)
def test_unreadable_requests(pixi: Access, body: bytes) -> None:
    """Whatever is not a SOAP call gets a fault, never a crash."""
    reply = pixi.send(body)
    assert reply.status == 500
    assert reply.fault


def test_wrong_method_namespace(pixi: Access) -> None:
    """The method belongs to the namespace of the URL; another one is an unknown method."""
    body = pixi.envelope("pixiGetShops", {}).replace(pixi.endpoint, "http://elsewhere.example/")
    assert "UnknownMethod" in pixi.send(body).fault


def test_markup_inside_a_parameter(pixi: Access) -> None:
    """Embedded XML that is neither escaped nor in CDATA is a fault."""
    body = pixi.envelope("pixiGetItemInfo", {"ItemXML": "@"}).replace("@", "<ITEMS/>")
    assert "CDATA" in pixi.send(body).fault


def test_content_type(pixi: Access) -> None:
    """A request that does not claim to be XML is refused as HTTP."""
    assert pixi.send(pixi.envelope("pixiGetShops", {}), headers={"Content-Type": "application/json"}).status == 400


def test_too_large(pixi: Access) -> None:
    """A body above 12 MB is refused, one just below still works."""
    nr = pixi.order()
    big = pixi.envelope("pixiAddOrderComment", {"OrderNr": nr, "Comment": "x" * (13 * 1024 * 1024)})
    assert pixi.send(big).status == 413
    assert pixi.kinds() == []
    fits = pixi.envelope("pixiAddOrderComment", {"OrderNr": nr, "Comment": "x" * (11 * 1024 * 1024)})
    assert pixi.send(fits).status == 200
    assert len(pixi.show(nr)["comments"][0]["text"]) == 8000
