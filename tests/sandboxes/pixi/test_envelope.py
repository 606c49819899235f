"""The shape of an answer, compared with the tree that recorded traffic shows."""

import re

import httpx
from lxml import etree

from tests.sandboxes.pixi.access import ENVELOPE_12, Access, local

SQL = "http://schemas.microsoft.com/sqlserver/2004/SOAP"
PREFIXES = {
    "SOAP-ENV": "http://schemas.xmlsoap.org/soap/envelope/",
    "sql": SQL,
    "sqlsoaptypes": f"{SQL}/types",
    "sqlrowcount": f"{SQL}/types/SqlRowCount",
    "sqlmessage": f"{SQL}/types/SqlMessage",
    "sqlresultstream": f"{SQL}/types/SqlResultStream",
    "sqltransaction": f"{SQL}/types/SqlTransaction",
    "sqltypes": "http://schemas.microsoft.com/sqlserver/2004/sqltypes",
}
ROW_SET = "urn:schemas-microsoft-com:sql:SqlRowSet1"
XSD = "{http://www.w3.org/2001/XMLSchema}"
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"


def test_prefixes(pixi: Access) -> None:
    """The envelope declares every prefix with its URI, and `method` is the endpoint's own URL."""
    root = pixi.call("pixiGetShops").root
    assert {key: root.nsmap.get(key) for key in PREFIXES} == PREFIXES
    assert root.nsmap["method"] == pixi.endpoint
    assert root.get("{http://www.w3.org/XML/1998/namespace}space") == "preserve"


def test_tree(pixi: Access) -> None:
    """Response, result, one row set with two schemas and a diffgram, and the result code as the last element."""
    pixi.order()
    body = pixi.call("pixiPayGetOrdersToAuthorize", PaymentCode="K").root[0]
    response = body[0]
    assert response.tag == f"{{{pixi.endpoint}}}pixiPayGetOrdersToAuthorizeResponse"
    result = response[0]
    assert result.tag == f"{{{pixi.endpoint}}}pixiPayGetOrdersToAuthorizeResult"
    assert result.get(XSI_TYPE) == "sqlresultstream:SqlResultStream"
    stream = f"{{{SQL}/types/SqlResultStream}}"
    assert [one.tag for one in result] == [f"{stream}SqlRowSet", f"{stream}SqlResultCode"]
    rows = result[0]
    assert rows.get(XSI_TYPE) == "sqlsoaptypes:SqlRowSet"
    assert rows.get("{urn:schemas-microsoft-com:xml-msdata}UseDataSetSchemaOnly") == "true"
    assert rows.get("{urn:schemas-microsoft-com:xml-msdata}UDTColumnValueWrapped") == "true"
    diffgram = "{urn:schemas-microsoft-com:xml-diffgram-v1}diffgram"
    assert [one.tag for one in rows] == [f"{XSD}schema", f"{XSD}schema", diffgram]
    assert rows[0].get("targetNamespace") == PREFIXES["sqltypes"]
    assert rows[1].get("targetNamespace") == ROW_SET
    assert rows[1][0].tag == f"{XSD}import"
    assert rows[1][0].get("namespace") == PREFIXES["sqltypes"]
    assert [one.tag for one in rows[2]] == [f"{{{ROW_SET}}}SqlRowSet1"]
    assert [one.tag for one in rows[2][0]] == [f"{{{ROW_SET}}}row"]


def test_inline_schema_declares_what_rows_hold(pixi: Access) -> None:
    """Every column of a row is declared, in the same order, and every declared column may be absent."""
    pixi.order()
    reply = pixi.call("pixiGetOrderHeader")
    schema = reply.named("schema")[1]
    declared = [one for one in schema.iter(f"{XSD}element") if one.get("name") not in ("SqlRowSet1", "row")]
    assert {one.get("minOccurs") for one in declared} == {"0"}
    names = [one.get("name") for one in declared]
    present = list(reply.row)
    assert present == [name for name in names if name in present]
    simple = {one.get("name") for one in reply.named("schema")[0].iter(f"{XSD}simpleType")}
    used = {value.split(":")[1] for one in schema.iter() for value in one.attrib.values() if "sqltypes:" in value}
    assert used == simple


def test_null_is_absent(pixi: Access) -> None:
    """A NULL column has no element, and it comes back once it has a value."""
    without, with_id = pixi.order(kk_id=None), pixi.order(kk_id="s-pay-9")
    assert "ccpPayID" not in pixi.call("pixiGetOrderHeader", OrderNr=without).row
    assert pixi.call("pixiGetOrderHeader", OrderNr=with_id).row["ccpPayID"] == "s-pay-9"


def test_char_is_padded(pixi: Access) -> None:
    """A char(n) column is filled with blanks to its length, a varchar is not."""
    pixi.settings(shops=[{"id": "DE", "name": "Kurz"}])
    row = pixi.call("pixiGetShops").row
    assert (row["ShopID"], row["Country"], row["ShopName"]) == ("DE ", "D  ", "Kurz")


def test_money_has_four_digits(pixi: Access) -> None:
    """Money carries four decimals, also where the price has fractions of a cent."""
    nr = pixi.order(lines=[{"sku": "X", "qty": 3, "price_exact": "33.3333"}], ship_cost_minor=0)
    row = pixi.call("pixiGetOrderTotals", OrderNr=nr).row
    assert (row["Price"], row["Subtotal"], row["TotalAmount"]) == ("33.3333", "99.9999", "99.9999")
    assert pixi.show(nr)["total_minor"] == 10_000


def test_datetime_is_berlin_wall_time(pixi: Access) -> None:
    """Datetimes are Berlin wall time without a zone and end in 0, 3 or 7 thousandths."""
    for instant, shown in [
        ("2026-01-15T10:00:00.004900+00:00", "2026-01-15T11:00:00.003"),
        ("2026-07-15T10:00:00.005900+00:00", "2026-07-15T12:00:00.007"),
        ("2026-07-15T21:59:59.999000+00:00", "2026-07-16T00:00:00.000"),
    ]:
        pixi.clock(instant)
        nr = pixi.order()
        assert pixi.call("pixiGetOrderHeader", OrderNr=nr).row["CreateDate"] == shown


def test_bit_is_a_digit(pixi: Access) -> None:
    """A bit column answers 0 or 1."""
    _, invoice = pixi.shipped()
    assert pixi.call("pixiGetInvoice", InvoiceNr=invoice).row["Paid"] == "0"


def test_no_rows_is_an_empty_diffgram(pixi: Access) -> None:
    """A search without a hit still brings both schemas, and a diffgram without a row set inside."""
    reply = pixi.call("pixiGetOrderHeader", OrderNr=1)
    assert len(reply.named("schema")) == 2
    assert [len(one) for one in reply.named("diffgram")] == [0]
    assert reply.result_code == 0


def test_scalar_is_plain_text(pixi: Access) -> None:
    """A scalar function answers its number as the text of the result element."""
    reply = pixi.call("pixiCanChangeAddress", OrderNr=pixi.order())
    result = reply.named("pixiCanChangeAddressResult")[0]
    assert (result.text, len(result)) == ("1", 0)


def test_text_that_needs_escaping(pixi: Access) -> None:
    """Markup, quotes and line ends survive the way into a comment and back."""
    nr = pixi.order()
    text = 'a < b & "c" <![CDATA[x]]>\nsecond line'
    assert pixi.call("pixiAddOrderComment", OrderNr=nr, Comment=text).row["ReturnCode"] == "OK"
    assert pixi.call("pixiGetOrderComments", OrderNr=nr).row["Comment"] == text


def test_control_characters_never_leave(pixi: Access) -> None:
    """A text with characters that XML forbids, imported by the shop, still yields a readable answer."""
    nr = pixi.order(shop_note="a\x0bb\x00c")
    assert pixi.call("pixiGetOrderHeader", OrderNr=nr).row["ShopNote"] == "abc"


def test_code_page(pixi: Access) -> None:
    """Text columns keep what Windows-1252 has and turn the rest into a question mark, unless switched off."""
    nr = pixi.order()
    pixi.call("pixiAddOrderComment", OrderNr=nr, Comment="Größe 5 € – žluť ě 日")
    assert pixi.call("pixiGetOrderComments", OrderNr=nr).row["Comment"] == "Größe 5 € – žlu? ? ?"
    pixi.settings(code_page=False)
    pixi.call("pixiAddOrderComment", OrderNr=nr, Comment="日本")
    assert pixi.call("pixiGetOrderComments", OrderNr=nr).rows[1]["Comment"] == "日本"


def test_soap_12(pixi: Access) -> None:
    """A SOAP 1.2 envelope is answered in its own namespace and content type, faults included."""
    headers = {"Content-Type": "application/soap+xml; charset=utf-8"}
    good = pixi.send(pixi.envelope("pixiGetShops", {}, soap=ENVELOPE_12), headers=headers)
    assert (good.status, good.root.tag) == (200, f"{{{ENVELOPE_12}}}Envelope")
    bad = pixi.send(pixi.envelope("pixiNothing", {}, soap=ENVELOPE_12), headers=headers)
    fault = bad.named("Fault")[0]
    assert bad.status == 500
    assert [local(one) for one in fault] == ["Code", "Reason", "Node"]


def test_output_parameters_are_siblings_of_the_result(pixi: Access) -> None:
    """Output parameters stand after the result element, in the method's namespace."""
    pixi.arm(call="pixiGetShops", kind="special", name="output_params", params={"Total": 7})
    response = pixi.call("pixiGetShops").root[0][0]
    assert [one.tag for one in response] == [f"{{{pixi.endpoint}}}pixiGetShopsResult", f"{{{pixi.endpoint}}}Total"]
    assert response[1].text == "7"


def test_declared_as_utf8(pixi: Access, http: httpx.Client) -> None:
    """The answer says that it is UTF-8, in its header and in its first line."""
    body = pixi.envelope("pixiGetShops", {})
    response = http.post(pixi.endpoint, content=body, auth=pixi.auth, headers={"Content-Type": "text/xml"})
    assert response.headers["content-type"] == "text/xml; charset=utf-8"
    assert re.match(rb'<\?xml version="1.0" encoding="utf-8"\?>', response.content)


def test_messages_stand_before_rows(pixi: Access) -> None:
    """A message has its eight fields in the recorded order and names the internal procedure."""
    pixi.arm(call="pixiGetShops", kind="special", name="warning_8153")
    reply = pixi.call("pixiGetShops")
    result: etree._Element = reply.root[0][0][0]
    assert [local(one) for one in result] == ["SqlMessage", "SqlRowSet", "SqlResultCode"]
    fields = ["Class", "LineNumber", "Message", "Number", "Procedure", "Server", "Source", "State"]
    assert list(reply.messages[0]) == fields
    assert reply.messages[0]["Procedure"] == "pipiGetShops"
