"""Reads a SOAP request and binds its parameters; everything wrong with it becomes a fault."""

from dataclasses import dataclass
from typing import Any

from lxml import etree

from sandboxes.pixi.settings import AccountSettings
from sandboxes.pixi.soap import namespaces as ns
from sandboxes.pixi.soap.procedure import Args, Procedure
from sandboxes.pixi.texts import stored


class SoapFault(Exception):
    """A fault with its subcode, for example UnknownMethod."""

    def __init__(self, subcode: str, reason: str) -> None:
        super().__init__(reason)
        self.subcode = subcode
        self.reason = reason


@dataclass(frozen=True)
class Sent:
    """One parameter as it came; `text` is None for nil."""

    name: str
    namespace: str
    text: str | None


@dataclass(frozen=True)
class SoapRequest:
    soap_12: bool
    method: str
    namespace: str
    params: tuple[Sent, ...]

    def facts(self) -> dict[str, str]:
        """What an armed fault can match: every short parameter, plus OrderNr and InvoiceNr whatever the spelling."""
        found = {one.name: one.text.strip() for one in self.params if one.text and len(one.text) <= 100}
        for plain, variants in {"OrderNr": ("OrderNR",), "InvoiceNr": ("MatchToInvoiceNr",)}.items():
            for variant in variants:
                if variant in found:
                    found.setdefault(plain, found[variant])
        return found


def read_request(body: bytes) -> SoapRequest:
    """The first element of the body, whatever client wrote it; SoapFault when there is none."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise SoapFault("InvalidXml", f"The SOAP request is not well-formed XML: {error}") from error
    if root.getroottree().docinfo.doctype:
        raise SoapFault("InvalidXml", "A document type declaration is not allowed in a SOAP request.")
    name = etree.QName(root)
    if name.localname != "Envelope" or name.namespace not in (ns.ENVELOPE_11, ns.ENVELOPE_12):
        raise SoapFault("InvalidEnvelope", f"{name.localname} is not a SOAP envelope.")
    soap_body = root.find(f"{{{name.namespace}}}Body")
    method = next((child for child in soap_body.iterchildren(etree.Element)), None) if soap_body is not None else None
    if method is None:
        raise SoapFault("InvalidEnvelope", "The SOAP body is empty.")
    called = etree.QName(method)
    return SoapRequest(
        soap_12=name.namespace == ns.ENVELOPE_12,
        method=called.localname,
        namespace=called.namespace or "",
        params=tuple(_sent(child) for child in method.iterchildren(etree.Element)),
    )


def _sent(element: etree._Element) -> Sent:
    name = etree.QName(element)
    if next(element.iterchildren(etree.Element), None) is not None:
        raise SoapFault("ParametersError", f"Parameter {name.localname} holds markup; embedded XML needs CDATA.")
    nil = element.get(f"{{{ns.XSI}}}nil", "").strip() in ("1", "true")
    return Sent(name.localname, name.namespace or "", None if nil else "".join(element.itertext(etree.Element)))


def bind(request: SoapRequest, procedure: Procedure, endpoint: str, settings: AccountSettings) -> Args:
    """The values by parameter name; SoapFault for what is unknown, doubled, out of order, missing or mistyped."""
    params = procedure.params_for(settings)
    positions = {param.name: index for index, param in enumerate(params)}
    values: dict[str, Any] = {param.name: param.default for param in params}
    seen: set[str] = set()
    last = -1
    for sent in request.params:
        if sent.name not in positions or sent.namespace not in ("", endpoint):
            raise SoapFault("ParametersError", f"Procedure or function {procedure.name} has no parameter {sent.name}.")
        if sent.name in seen:
            raise SoapFault("ParametersError", f"Parameter {sent.name} was supplied more than once.")
        position = positions[sent.name]
        if settings.order_check and position < last:
            raise SoapFault("ParametersError", f"Parameter {sent.name} is out of order.")
        last = position
        seen.add(sent.name)
        param = params[position]
        if sent.text is None:
            values[sent.name] = None
            continue
        try:
            value = param.type.parse(sent.text)
        except ValueError as error:
            raise SoapFault("ParametersError", f"Parameter {sent.name}: {error}.") from error
        values[sent.name] = stored(value, code_page=settings.code_page) if param.type.textual else value
    missing = [param.name for param in params if param.required and param.name not in seen]
    if missing:
        raise SoapFault("ParametersError", f"{procedure.name} expects parameter {missing[0]}, which was not supplied.")
    return Args(values, frozenset(seen))
