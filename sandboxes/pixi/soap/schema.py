"""XML schema text of SQL types, shared by the schemas inside an answer and by the WSDL."""

from collections.abc import Iterable
from xml.sax.saxutils import quoteattr

from sandboxes.pixi.soap.types import SqlType

_RESTRICTIONS = {
    "int": '<xsd:restriction base="xsd:int"/>',
    "smallint": '<xsd:restriction base="xsd:short"/>',
    "tinyint": '<xsd:restriction base="xsd:unsignedByte"/>',
    "bit": '<xsd:restriction base="xsd:boolean"/>',
    "money": '<xsd:restriction base="xsd:decimal"><xsd:totalDigits value="19"/><xsd:fractionDigits value="4"/>'
    '<xsd:maxInclusive value="922337203685477.5807"/><xsd:minInclusive value="-922337203685477.5808"/>'
    "</xsd:restriction>",
    "numeric": '<xsd:restriction base="xsd:decimal"/>',
    "datetime": '<xsd:restriction base="xsd:dateTime">'
    '<xsd:pattern value="[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{2}[037])?"/>'
    '<xsd:maxInclusive value="9999-12-31T23:59:59.997"/><xsd:minInclusive value="1753-01-01T00:00:00.000"/>'
    "</xsd:restriction>",
    "char": '<xsd:restriction base="xsd:string"/>',
    "varchar": '<xsd:restriction base="xsd:string"/>',
}
ALL_TYPES = tuple(_RESTRICTIONS)
_COMPARE = "IgnoreCase IgnoreKanaType IgnoreWidth"
_COLLATION = f'sqltypes:localeId="1033" sqltypes:sqlCompareOptions="{_COMPARE}" sqltypes:sqlSortId="52"'


def simple_types(names: Iterable[str]) -> str:
    """The declarations of schema #1: one simple type per SQL type used."""
    used = set(names)
    return "".join(
        f'<xsd:simpleType name="{name}">{_RESTRICTIONS[name]}</xsd:simpleType>'
        for name in _RESTRICTIONS
        if name in used
    )


def element(name: str, kind: SqlType, occurs: str) -> str:
    """One column or parameter; texts carry their length and collation."""
    label = quoteattr(name)
    if not kind.textual:
        return f'<xsd:element name={label} type="sqltypes:{kind.name}" {occurs}/>'
    limit = f'<xsd:maxLength value="{kind.length}"/>' if kind.length >= 0 else ""
    return (
        f"<xsd:element name={label} {occurs}><xsd:simpleType>"
        f'<xsd:restriction base="sqltypes:{kind.name}" {_COLLATION}>{limit}</xsd:restriction>'
        f"</xsd:simpleType></xsd:element>"
    )
