"""The ways in which real clients write their requests: zeep, PHP without a WSDL, the gateway's samples."""

from typing import Any

import pytest
import requests
import zeep
from zeep.exceptions import XMLParseError
from zeep.transports import Transport

from tests.sandboxes.pixi.access import Access, Reply


def zeep_client(pixi: Access, *, raw: bool = True) -> Any:
    session = requests.Session()
    session.auth = pixi.auth
    session.trust_env = False
    make_client: Any = zeep.Client  # zeep has no annotations
    make_transport: Any = Transport
    settings = zeep.Settings(raw_response=raw)
    return make_client(f"{pixi.endpoint}?wsdl", transport=make_transport(session=session), settings=settings)


def by_zeep(pixi: Access, call: str, **params: Any) -> Reply:
    client = zeep_client(pixi)
    kind = client.get_element(f"{{{pixi.endpoint}}}{call}").type
    names = [name for name, _ in kind.elements]
    response = client.service[call](**{name: params.get(name, zeep.xsd.SkipValue) for name in names})
    return Reply(response.status_code, response.text)


def test_zeep_builds_requests(pixi: Access) -> None:
    """A zeep client that leaves parameters out by SkipValue reads, locks and releases an order."""
    nr = pixi.order()
    assert by_zeep(pixi, "pixiGetOrderHeader", OrderNrExternal=f"W{nr}").row["OrderNr"] == str(nr)
    lock = by_zeep(pixi, "pixiSetOrderShippingLock", OrderNr=nr, Locked=True, UserName="engine", Reason="no money")
    assert lock.row["ReturnCode"] == "OK"
    assert by_zeep(pixi, "pixiPaySetAuthorizationStatus", OrderNr=nr, Success=True, AuthID="s-pay-1").result_code == 0
    shown = pixi.show(nr)
    assert (shown["locked"], shown["status"], shown["lock_reason"]) == (True, "OPEN", "no money")


def test_zeep_without_skip_sends_null(pixi: Access) -> None:
    """Parameters zeep fills in as nil are NULL: the customer-friendly defaults of the procedure do not hold."""
    nr = pixi.order()
    response = zeep_client(pixi).service.pixiSetOrderShippingLock(OrderNr=nr)
    assert Reply(response.status_code, response.text).row["ReturnCode"] == "ERROR"
    assert not pixi.show(nr)["locked"]


def test_zeep_cannot_parse_the_microsoft_way(pixi: Access) -> None:
    """With SqlRowSet declared as the vendor does, zeep itself fails on the second schema; the switch helps it."""
    pixi.order()
    with pytest.raises(XMLParseError):
        zeep_client(pixi, raw=False).service.pixiGetShops(ShopID=zeep.xsd.SkipValue, ShopName=zeep.xsd.SkipValue)
    pixi.settings(row_set_style="any")
    parsed = zeep_client(pixi, raw=False).service.pixiGetShops(ShopID=zeep.xsd.SkipValue, ShopName=zeep.xsd.SkipValue)
    assert parsed is not None


def test_zeep_reads_a_scalar(pixi: Access) -> None:
    """A scalar function is an integer for zeep, without help."""
    client = zeep_client(pixi, raw=False)
    found = client.service.pixiCanChangeAddress(OrderNr=pixi.order(), OrderNrExternal=zeep.xsd.SkipValue)
    assert found == 1


def test_php_style(pixi: Access) -> None:
    """RPC/encoded decoration from PHP's mode without WSDL is accepted: encodingStyle, xsi:type, own prefixes."""
    nr = pixi.order()
    body = f"""<?xml version="1.0" encoding="UTF-8"?>
<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" xmlns:ns1="{pixi.endpoint}"
 xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 xmlns:SOAP-ENC="http://schemas.xmlsoap.org/soap/encoding/"
 SOAP-ENV:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><SOAP-ENV:Body><ns1:pixiGetOrderline>
 <OrderNR xsi:type="xsd:integer">{nr}</OrderNR><RowCount xsi:type="xsd:integer">1</RowCount>
</ns1:pixiGetOrderline></SOAP-ENV:Body></SOAP-ENV:Envelope>"""
    headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{pixi.endpoint}pixiGetOrderline"'}
    assert pixi.send(body, headers=headers).row["Status"] == "HAL"


def test_no_namespace_at_all(pixi: Access) -> None:
    """A method and parameters without any namespace are accepted."""
    body = (
        '<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body>'
        '<pixiGetShops xmlns=""><ShopID>DEM</ShopID></pixiGetShops></Body></Envelope>'
    )
    assert pixi.send(body).row["ShopID"] == "DEM"


def test_unqualified_parameters(pixi: Access) -> None:
    """Parameters without namespace inside a qualified method are accepted, parameters of a foreign one are not."""
    nr = pixi.order()
    good = pixi.send(pixi.envelope("pixiGetOrderHeader", {"OrderNr": nr}, qualified=False))
    assert good.row["OrderNr"] == str(nr)
    foreign = pixi.envelope("pixiGetOrderHeader", {"OrderNr": nr}).replace("<m:OrderNr>", '<x:OrderNr xmlns:x="urn:x">')
    assert pixi.send(foreign.replace("</m:OrderNr>", "</x:OrderNr>")).status == 500


def test_gateway_url(pixi: Access) -> None:
    """One URL for everybody: the account follows from the credentials and the namespace is the gateway's URL."""
    nr = pixi.order()
    gateway = f"{pixi.base}/tms/pixi/"
    body = pixi.envelope("pixiGetOrderHeader", {"OrderNr": nr}, qualified=False).replace(pixi.endpoint, gateway)
    reply = pixi.send(body, url=gateway)
    assert (reply.status, reply.row["OrderNr"]) == (200, str(nr))
    assert reply.root.nsmap["method"] == gateway
    assert pixi.send(body, url=gateway, auth=("pixiNOBODY", "sandbox")).status == 401


def test_namespace_is_the_url_the_client_used(pixi: Access) -> None:
    """Behind another host name the WSDL and the answers carry that name."""
    response = pixi.http.get(f"{pixi.endpoint}?wsdl", auth=pixi.auth, headers={"Host": "erp.example:8443"})
    assert f'targetNamespace="http://erp.example:8443/soap/pixi{pixi.name}/"' in response.text
