"""Answers as literal text, in the shape of the database server and in shapes that gateways make of it."""

from xml.sax.saxutils import escape

SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
STREAM = "http://schemas.microsoft.com/sqlserver/2004/SOAP/types/SqlResultStream"
MESSAGE = "http://schemas.microsoft.com/sqlserver/2004/SOAP/types/SqlMessage"


def envelope(inner: str, namespace: str = SOAP_11) -> bytes:
    return (
        f'<?xml version="1.0" encoding="utf-8"?><SOAP-ENV:Envelope xml:space="preserve" xmlns:SOAP-ENV="{namespace}"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
        f' xmlns:r="{STREAM}" xmlns:m="{MESSAGE}" xmlns:method="https://erp.example/soap/pixiDEM/">'
        f"<SOAP-ENV:Body>{inner}</SOAP-ENV:Body></SOAP-ENV:Envelope>"
    ).encode()


def answer(stream: str, method: str = "pixiX", outputs: str = "") -> bytes:
    return envelope(
        f'<method:{method}Response><method:{method}Result xmlns="" xsi:type="r:SqlResultStream">{stream}'
        f"</method:{method}Result>{outputs}</method:{method}Response>"
    )


def row_set(rows: list[dict[str, str]], columns: str = "", no: int = 1) -> str:
    """`columns` are declared by the inline schema, whether rows have them or not."""
    names = dict.fromkeys([*columns.split(), *(name for row in rows for name in row)])
    declared = "".join(f'<xsd:element name="{name}" minOccurs="0" type="xsd:string"/>' for name in names)
    cells = "".join(
        "<row>" + "".join(f"<{name}>{escape(value)}</{name}>" for name, value in row.items()) + "</row>" for row in rows
    )
    body = f'<SqlRowSet{no} xmlns="urn:schemas-microsoft-com:sql:SqlRowSet{no}">{cells}</SqlRowSet{no}>' if rows else ""
    return (
        '<r:SqlRowSet><xsd:schema targetNamespace="http://schemas.microsoft.com/sqlserver/2004/sqltypes">'
        '<xsd:simpleType name="int"><xsd:restriction base="xsd:int"/></xsd:simpleType></xsd:schema>'
        f'<xsd:schema targetNamespace="urn:schemas-microsoft-com:sql:SqlRowSet{no}">'
        f'<xsd:element name="SqlRowSet{no}"><xsd:complexType><xsd:sequence><xsd:element name="row"><xsd:complexType>'
        f"<xsd:sequence>{declared}</xsd:sequence></xsd:complexType></xsd:element></xsd:sequence></xsd:complexType>"
        '</xsd:element></xsd:schema><d:diffgram xmlns:d="urn:schemas-microsoft-com:xml-diffgram-v1">'
        f"{body}</d:diffgram></r:SqlRowSet>"
    )


def message(severity: int, number: int, text: str = "text") -> str:
    return (
        f"<r:SqlMessage><m:Class>{severity}</m:Class><m:LineNumber>1</m:LineNumber><m:Message>{text}</m:Message>"
        f"<m:Number>{number}</m:Number><m:Procedure>pipiX</m:Procedure></r:SqlMessage>"
    )


def result_code(value: int) -> str:
    return f"<r:SqlResultCode>{value}</r:SqlResultCode>"


def fault(text: str, code: str = "SOAP-ENV:Client") -> bytes:
    return envelope(
        f"<SOAP-ENV:Fault><faultcode>{code}</faultcode><faultstring>{text}</faultstring><detail>"
        f'<f:Fault xmlns:f="{SOAP_12}"><f:Code><f:Value>f:Sender</f:Value></f:Code><f:Reason><f:Text>{text}</f:Text>'
        "</f:Reason></f:Fault></detail></SOAP-ENV:Fault>"
    )
