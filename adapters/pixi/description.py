"""The WSDL of one database: which methods and parameters it has, and requests built from it by zeep.

zeep builds and never sees an answer: it cannot read what SQL Server sends (`envelope` does).
"""

import io
import threading
from collections.abc import Mapping
from typing import Any

from lxml import etree
from zeep import Client, Settings, Transport
from zeep.exceptions import Error as ZeepError
from zeep.wsdl.bindings.soap import Soap11Binding
from zeep.xsd import SkipValue

from adapters.pixi.trouble import Kind, Trouble
from adapters.pixi.xml import read_xml


class _NoTransport(Transport):
    """zeep opens no connection: a WSDL that refers to other places is refused."""

    def __init__(self) -> None:
        """Open nothing, so that nothing has to be closed."""
        self._close_session = False

    def load(self, url: str) -> bytes:
        raise Trouble(Kind.MISCONFIGURED, "the description refers to another place")


class Description:
    """Methods and parameters by name whatever their case; requests in the order that the WSDL wants."""

    def __init__(self, wsdl: bytes) -> None:
        read_xml(wsdl)
        settings = Settings(strict=False, raw_response=True, forbid_dtd=True, forbid_external=True)
        try:
            self._client: Any = Client(  # type: ignore[no-untyped-call]
                io.BytesIO(wsdl), transport=_NoTransport(), settings=settings
            )
        except (ZeepError, etree.XMLSyntaxError, LookupError, ValueError, TypeError, AttributeError) as error:
            raise Trouble(Kind.BAD_ANSWER, "the description") from error
        self._service, operations = self._bind()
        self._operations = {name.lower(): operation for name, operation in operations.items()}
        self._building = threading.Lock()

    def _bind(self) -> tuple[Any, dict[str, Any]]:
        for service in self._client.wsdl.services.values():
            for port in service.ports.values():
                binding: Any = port.binding
                if isinstance(binding, Soap11Binding):
                    return self._client.bind(service.name, port.name), binding.all()  # type: ignore[no-untyped-call]
        raise Trouble(Kind.BAD_ANSWER, "the description has no port")

    def offers(self, method: str) -> bool:
        return method.lower() in self._operations

    def takes(self, method: str, parameter: str) -> bool:
        return self.offers(method) and parameter.lower() in self._parameters(method)

    def _parameters(self, method: str) -> dict[str, str]:
        """The WSDL's own spelling of each parameter, by lower case, in wire order."""
        body = self._operations[method.lower()].input.body
        return {name.lower(): name for name, _ in body.type.elements} if body is not None else {}

    def request(self, method: str, values: Mapping[str, str]) -> tuple[bytes, str]:
        """Envelope and SOAPAction. What is not named is left out: nil would mean NULL and defeat defaults."""
        operation = self._operations[method.lower()]
        parameters = self._parameters(method)
        sent: dict[str, Any] = dict.fromkeys(parameters.values(), SkipValue)
        for name, value in values.items():
            sent[parameters[name.lower()]] = value
        try:
            with self._building:
                envelope = self._client.create_message(self._service, operation.name, **sent)
        except (ZeepError, ValueError, TypeError) as error:
            raise Trouble(Kind.MISCONFIGURED, f"{method} is described in an unknown way") from error
        return etree.tostring(envelope, encoding="utf-8", xml_declaration=True), operation.soapaction or ""
