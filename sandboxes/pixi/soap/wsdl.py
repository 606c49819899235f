"""The WSDL of one account: document/literal, one element per procedure, parameters in wire order."""

from xml.sax.saxutils import quoteattr

from sandboxes.pixi.settings import AccountSettings
from sandboxes.pixi.soap import namespaces as ns
from sandboxes.pixi.soap.procedure import Procedure
from sandboxes.pixi.soap.schema import ALL_TYPES, element, simple_types

SERVICE = "pixi"
_ROW_SET = {
    # the vendor's own way: one schema by reference and one wildcard, though an answer brings two schemas
    "microsoft": '<xsd:element ref="xsd:schema"/><xsd:any/>',
    "any": '<xsd:any minOccurs="0" maxOccurs="unbounded" processContents="skip"/>',
}
_MESSAGE_FIELDS = (
    ("Class", "xsd:unsignedByte"),
    ("LineNumber", "xsd:int"),
    ("Message", "xsd:string"),
    ("Number", "xsd:int"),
    ("Procedure", "xsd:string"),
    ("Server", "xsd:string"),
    ("Source", "xsd:string"),
    ("State", "xsd:unsignedByte"),
)


def write_wsdl(procedures: list[Procedure], endpoint: str, settings: AccountSettings) -> bytes:
    """The description as this account offers it; `endpoint` is the URL the client used, trailing slash included."""
    target = quoteattr(endpoint)
    return "".join(
        [
            '<?xml version="1.0" encoding="utf-8"?>\n<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/"'
            ' xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:soap12="http://schemas.xmlsoap.org/wsdl/soap12/"'
            f' xmlns:xsd="{ns.XSD}" xmlns:sqltypes="{ns.SQL_TYPES}" xmlns:sqlsoaptypes="{ns.SOAP_TYPES}"'
            f' xmlns:sqlresultstream="{ns.RESULT_STREAM}" xmlns:sqlmessage="{ns.MESSAGE}"'
            f' xmlns:sqlrowcount="{ns.ROW_COUNT}" xmlns:tns={target} targetNamespace={target} name="{SERVICE}">',
            "<wsdl:types>",
            _stream_schemas(settings),
            f'<xsd:schema targetNamespace={target} elementFormDefault="qualified" attributeFormDefault="qualified">'
            f'<xsd:import namespace="{ns.SQL_TYPES}"/><xsd:import namespace="{ns.RESULT_STREAM}"/>',
            *(_elements(one, settings) for one in procedures),
            "</xsd:schema></wsdl:types>",
            *(_messages(one) for one in procedures),
            f'<wsdl:portType name="{SERVICE}Soap">',
            *(_operation(one) for one in procedures),
            "</wsdl:portType>",
            *(_binding(kind, procedures, endpoint) for kind in ("soap", "soap12")),
            f'<wsdl:service name="{SERVICE}">',
            *(
                f'<wsdl:port name="{SERVICE}{kind.capitalize()}" binding="tns:{SERVICE}{kind.capitalize()}">'
                f"<{kind}:address location={target}/></wsdl:port>"
                for kind in ("soap", "soap12")
            ),
            "</wsdl:service></wsdl:definitions>",
        ]
    ).encode()


def _stream_schemas(settings: AccountSettings) -> str:
    message = "".join(f'<xsd:element name="{name}" type="{kind}" minOccurs="0"/>' for name, kind in _MESSAGE_FIELDS)
    return (
        f'<xsd:schema targetNamespace="{ns.SQL_TYPES}" elementFormDefault="qualified" attributeFormDefault="qualified">'
        '<xsd:attribute name="localeId" type="xsd:string"/><xsd:attribute name="sqlCompareOptions" type="xsd:string"/>'
        f'<xsd:attribute name="sqlSortId" type="xsd:string"/>{simple_types(ALL_TYPES)}</xsd:schema>'
        f'<xsd:schema targetNamespace="{ns.SOAP_TYPES}" elementFormDefault="qualified">'
        f'<xsd:import namespace="{ns.XSD}"/>'
        '<xsd:complexType name="SqlRowSet"><xsd:sequence>'
        f"{_ROW_SET[settings.row_set_style]}"
        '</xsd:sequence><xsd:anyAttribute processContents="skip"/></xsd:complexType>'
        '<xsd:simpleType name="SqlResultCode"><xsd:restriction base="xsd:int"/></xsd:simpleType></xsd:schema>'
        f'<xsd:schema targetNamespace="{ns.MESSAGE}" elementFormDefault="qualified">'
        f'<xsd:complexType name="SqlMessage"><xsd:sequence>{message}</xsd:sequence></xsd:complexType></xsd:schema>'
        f'<xsd:schema targetNamespace="{ns.ROW_COUNT}" elementFormDefault="qualified">'
        '<xsd:complexType name="SqlRowCount"><xsd:sequence><xsd:element name="Count" type="xsd:long"/>'
        "</xsd:sequence></xsd:complexType></xsd:schema>"
        f'<xsd:schema targetNamespace="{ns.RESULT_STREAM}" elementFormDefault="qualified">'
        f'<xsd:import namespace="{ns.SOAP_TYPES}"/><xsd:import namespace="{ns.MESSAGE}"/>'
        f'<xsd:import namespace="{ns.ROW_COUNT}"/>'
        '<xsd:complexType name="SqlResultStream"><xsd:choice minOccurs="1" maxOccurs="unbounded">'
        '<xsd:element name="SqlRowSet" type="sqlsoaptypes:SqlRowSet"/>'
        '<xsd:element name="SqlMessage" type="sqlmessage:SqlMessage"/>'
        '<xsd:element name="SqlRowCount" type="sqlrowcount:SqlRowCount"/>'
        '<xsd:element name="SqlResultCode" type="sqlsoaptypes:SqlResultCode"/>'
        "</xsd:choice></xsd:complexType></xsd:schema>"
    )


def _elements(procedure: Procedure, settings: AccountSettings) -> str:
    params = "".join(
        element(one.name, one.type, 'minOccurs="1" maxOccurs="1" nillable="true"')
        for one in procedure.params_for(settings)
    )
    result = "sqltypes:int" if procedure.scalar else "sqlresultstream:SqlResultStream"
    return (
        f'<xsd:element name="{procedure.name}"><xsd:complexType><xsd:sequence>{params}</xsd:sequence>'
        f'</xsd:complexType></xsd:element><xsd:element name="{procedure.name}Response"><xsd:complexType><xsd:sequence>'
        f'<xsd:element name="{procedure.name}Result" type="{result}" minOccurs="1" maxOccurs="1" nillable="true"/>'
        "</xsd:sequence></xsd:complexType></xsd:element>"
    )


def _messages(procedure: Procedure) -> str:
    name = procedure.name
    return (
        f'<wsdl:message name="{name}In"><wsdl:part name="parameters" element="tns:{name}"/></wsdl:message>'
        f'<wsdl:message name="{name}Out"><wsdl:part name="parameters" element="tns:{name}Response"/></wsdl:message>'
    )


def _operation(procedure: Procedure) -> str:
    name = procedure.name
    return (
        f'<wsdl:operation name="{name}"><wsdl:input message="tns:{name}In"/>'
        f'<wsdl:output message="tns:{name}Out"/></wsdl:operation>'
    )


def _binding(kind: str, procedures: list[Procedure], endpoint: str) -> str:
    operations = "".join(
        f'<wsdl:operation name="{one.name}"><{kind}:operation soapAction={quoteattr(endpoint + one.name)}'
        f' style="document"/><wsdl:input><{kind}:body use="literal"/></wsdl:input>'
        f'<wsdl:output><{kind}:body use="literal"/></wsdl:output></wsdl:operation>'
        for one in procedures
    )
    return (
        f'<wsdl:binding name="{SERVICE}{kind.capitalize()}" type="tns:{SERVICE}Soap">'
        f'<{kind}:binding transport="http://schemas.xmlsoap.org/soap/http" style="document"/>'
        f"{operations}</wsdl:binding>"
    )
