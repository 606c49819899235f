"""A server that answers what a test says: for the shapes that the sandbox does not play."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = tuple[int, dict[str, str], bytes]


@dataclass
class Stub:
    """`wsdl` is handed out for GET; `replies` are (status, headers, body), the last one again and again."""

    url: str = ""
    wsdl: tuple[int, bytes] = (200, b"")
    replies: list[Reply] = field(default_factory=list)
    drip: float = 0.0
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def serving(stub: Stub, prepare: Callable[[ThreadingHTTPServer], None] | None = None) -> Iterator[Stub]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            stub.requests.append(("GET", dict(self.headers), b""))
            self._reply(stub.wsdl[0], {}, stub.wsdl[1].replace(b"@URL@", stub.url.encode()))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            stub.requests.append(("POST", dict(self.headers), body))
            status, headers, answer = stub.replies.pop(0) if len(stub.replies) > 1 else stub.replies[0]
            self._reply(status, headers, answer)

        def _reply(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            step = 10 if stub.drip else max(len(body), 1)
            try:
                for at in range(0, len(body), step):
                    self.wfile.write(body[at : at + step])
                    time.sleep(stub.drip)
            except OSError:
                self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    scheme = "http"
    if prepare is not None:
        prepare(server)
        scheme = "https"
    stub.url = f"{scheme}://127.0.0.1:{server.server_address[1]}/soap/pixiX/"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()


def wsdl(methods: dict[str, str]) -> bytes:
    """A small description: method → its parameters in wire order, all nillable."""
    elements = "".join(
        f'<x:element name="{name}"><x:complexType><x:sequence>'
        + "".join(f'<x:element name="{one}" type="x:string" minOccurs="1" nillable="true"/>' for one in params.split())
        + f'</x:sequence></x:complexType></x:element><x:element name="{name}Response"/>'
        for name, params in methods.items()
    )
    messages = "".join(
        f'<message name="{name}In"><part name="p" element="t:{name}"/></message>'
        f'<message name="{name}Out"><part name="p" element="t:{name}Response"/></message>'
        for name in methods
    )
    ports = "".join(
        f'<operation name="{name}"><input message="t:{name}In"/><output message="t:{name}Out"/></operation>'
        for name in methods
    )
    bound = "".join(
        f'<operation name="{name}"><s:operation soapAction="@URL@{name}"/><input><s:body use="literal"/></input>'
        '<output><s:body use="literal"/></output></operation>'
        for name in methods
    )
    return (
        '<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/"'
        ' xmlns:x="http://www.w3.org/2001/XMLSchema" xmlns:t="@URL@" targetNamespace="@URL@">'
        f'<types><x:schema targetNamespace="@URL@" elementFormDefault="qualified">{elements}</x:schema></types>'
        f'{messages}<portType name="P">{ports}</portType><binding name="B" type="t:P">'
        f'<s:binding transport="http://schemas.xmlsoap.org/soap/http" style="document"/>{bound}</binding>'
        '<service name="S"><port name="Q" binding="t:B"><s:address location="https://inside.example/"/></port></service>'
        "</definitions>"
    ).encode()
