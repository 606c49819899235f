"""Writes an answer byte-shaped as the database server does: result stream with inline schemas and a diffgram."""

from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape

from sandboxes.pixi.soap import namespaces as ns
from sandboxes.pixi.soap.procedure import Answer, Column, Message, Procedure, Row
from sandboxes.pixi.soap.schema import element, simple_types
from sandboxes.pixi.texts import xml_safe

SERVER = "PIXISQL01"


def _head(endpoint: str, *, soap_12: bool) -> str:
    envelope = ns.ENVELOPE_12 if soap_12 else ns.ENVELOPE_11
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<SOAP-ENV:Envelope xml:space="preserve" xmlns:SOAP-ENV="{envelope}"'
        f' xmlns:xsd="{ns.XSD}" xmlns:xsi="{ns.XSI}" xmlns:sql="{ns.SQL}" xmlns:sqlsoaptypes="{ns.SOAP_TYPES}"'
        f' xmlns:sqlrowcount="{ns.ROW_COUNT}" xmlns:sqlmessage="{ns.MESSAGE}"'
        f' xmlns:sqlresultstream="{ns.RESULT_STREAM}" xmlns:sqltransaction="{ns.TRANSACTION}"'
        f' xmlns:sqltypes="{ns.SQL_TYPES}" xmlns:method="{_text(endpoint)}"><SOAP-ENV:Body>'
    )


TAIL = "</SOAP-ENV:Body></SOAP-ENV:Envelope>"


def _text(value: str) -> str:
    return escape(xml_safe(value), {'"': "&quot;", "\r": "&#xD;"})


def write_answer(
    procedure: Procedure, answer: Answer, endpoint: str, columns: Sequence[Column], *, soap_12: bool
) -> bytes:
    """The whole envelope in UTF-8; `columns` are those this account returns."""
    name = procedure.name
    parts = [_head(endpoint, soap_12=soap_12), f"<method:{name}Response>"]
    if procedure.scalar and not answer.messages:
        value = "" if answer.scalar is None else str(answer.scalar)
        parts.append(f'<method:{name}Result xmlns="">{value}</method:{name}Result>')
    else:
        parts.append(f'<method:{name}Result xmlns="" xsi:type="sqlresultstream:SqlResultStream">')
        parts.extend(_message(one, name) for one in answer.messages)
        if answer.rows is not None:
            parts.append(_row_set(1, answer.columns or columns, answer.rows))
        parts.append(
            '<sqlresultstream:SqlResultCode xsi:type="sqlsoaptypes:SqlResultCode">'
            f"{answer.result_code}</sqlresultstream:SqlResultCode></method:{name}Result>"
        )
    parts.extend(f"<method:{key}>{_text(value)}</method:{key}>" for key, value in answer.outputs.items())
    parts.append(f"</method:{name}Response>{TAIL}")
    return "".join(parts).encode()


def _message(message: Message, procedure: str) -> str:
    fields = {
        "Class": message.severity,
        "LineNumber": 1,
        "Message": message.text,
        "Number": message.number,
        "Procedure": f"pipi{procedure.removeprefix('pixi')}",
        "Server": SERVER,
        "Source": "Microsoft-SQL/9.0",
        "State": message.state,
    }
    inner = "".join(f"<sqlmessage:{key}>{_text(str(value))}</sqlmessage:{key}>" for key, value in fields.items())
    return f'<sqlresultstream:SqlMessage xsi:type="sqlmessage:SqlMessage">{inner}</sqlresultstream:SqlMessage>'


def _row_set(number: int, columns: Sequence[Column], rows: Iterable[Row]) -> str:
    name = f"SqlRowSet{number}"
    written = "".join(_row(columns, row) for row in rows)
    body = f'<{name} xmlns="{ns.row_set(number)}">{written}</{name}>' if written else ""
    return (
        '<sqlresultstream:SqlRowSet xsi:type="sqlsoaptypes:SqlRowSet" msdata:UseDataSetSchemaOnly="true"'
        f' msdata:UDTColumnValueWrapped="true" xmlns:msdata="{ns.MSDATA}">'
        f'<xsd:schema targetNamespace="{ns.SQL_TYPES}" elementFormDefault="qualified">'
        f"{simple_types(column.type.name for column in columns)}</xsd:schema>"
        f'<xsd:schema targetNamespace="{ns.row_set(number)}" elementFormDefault="qualified">'
        f'<xsd:import namespace="{ns.SQL_TYPES}"/><xsd:element name="{name}" msdata:IsDataSet="true"'
        f' msdata:DataSetName="{name}"><xsd:complexType><xsd:sequence>'
        '<xsd:element name="row" minOccurs="0" maxOccurs="unbounded"><xsd:complexType><xsd:sequence>'
        + "".join(element(column.name, column.type, 'minOccurs="0"') for column in columns)
        + "</xsd:sequence></xsd:complexType></xsd:element></xsd:sequence></xsd:complexType></xsd:element></xsd:schema>"
        f'<diffgr:diffgram xmlns:diffgr="{ns.DIFFGRAM}">{body}</diffgr:diffgram></sqlresultstream:SqlRowSet>'
    )


def _row(columns: Sequence[Column], row: Row) -> str:
    cells = []
    for column in columns:
        value = row.get(column.name)
        if value is not None:
            cells.append(f"<{column.name}>{_text(column.type.render(value))}</{column.name}>")
    return f"<row>{''.join(cells)}</row>"


def write_fault(subcode: str, reason: str, endpoint: str, *, soap_12: bool) -> bytes:
    """A fault; a 1.1 fault carries the whole 1.2 fault inside its detail."""
    text = _text(f"There was an error in the incoming SOAP request packet: Sender, {subcode}. {reason}")
    prefix = "SOAP-ENV" if soap_12 else "SOAP-1_2-ENV"
    inner = (
        f"<{prefix}:Code><{prefix}:Value>{prefix}:Sender</{prefix}:Value><{prefix}:Subcode>"
        f"<{prefix}:Value>sqlsoapfaultcode:{subcode}</{prefix}:Value></{prefix}:Subcode></{prefix}:Code>"
        f'<{prefix}:Reason><{prefix}:Text xml:lang="en-US">{text}</{prefix}:Text></{prefix}:Reason>'
        f"<{prefix}:Node>{_text(endpoint)}</{prefix}:Node>"
    )
    declared = f'xmlns:sqlsoapfaultcode="{ns.SQL}/SqlSoapFaultCode"'
    if soap_12:
        fault = f"<SOAP-ENV:Fault {declared}>{inner}</SOAP-ENV:Fault>"
    else:
        fault = (
            f"<SOAP-ENV:Fault><faultcode>SOAP-ENV:Client</faultcode><faultstring>{text}</faultstring>"
            f"<faultactor>{_text(endpoint)}</faultactor><detail>"
            f'<SOAP-1_2-ENV:Fault xmlns:SOAP-1_2-ENV="{ns.ENVELOPE_12}" {declared}>{inner}</SOAP-1_2-ENV:Fault>'
            "</detail></SOAP-ENV:Fault>"
        )
    return f"{_head(endpoint, soap_12=soap_12)}{fault}{TAIL}".encode()
