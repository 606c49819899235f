"""A small client for these tests: envelopes by hand, answers read by local name, hooks as JSON."""

from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

import httpx
from lxml import etree

ENVELOPE_11 = "http://schemas.xmlsoap.org/soap/envelope/"
ENVELOPE_12 = "http://www.w3.org/2003/05/soap-envelope"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
NIL = object()
JSON = Any


def local(element: etree._Element) -> str:
    return etree.QName(element).localname


@dataclass(frozen=True)
class Reply:
    """An answer taken apart."""

    status: int
    text: str

    @property
    def root(self) -> etree._Element:
        return etree.fromstring(self.text.encode(), etree.XMLParser(huge_tree=True))

    def named(self, name: str) -> list[etree._Element]:
        return [one for one in self.root.iter(etree.Element) if local(one) == name]

    @property
    def rows(self) -> list[dict[str, str]]:
        """Every row with the text of its columns, blanks included."""
        return [{local(cell): cell.text or "" for cell in row} for row in self.named("row")]

    @property
    def row(self) -> dict[str, str]:
        rows = self.rows
        assert len(rows) == 1, rows
        return rows[0]

    @property
    def result_code(self) -> int:
        return int(self.named("SqlResultCode")[0].text or "")

    @property
    def messages(self) -> list[dict[str, str]]:
        return [{local(cell): cell.text or "" for cell in one} for one in self.named("SqlMessage")]

    @property
    def fault(self) -> str:
        found = self.named("faultstring")
        return (found[0].text or "") if found else ""


@dataclass
class Access:
    """One account of a running sandbox."""

    base: str
    name: str
    http: httpx.Client

    @property
    def endpoint(self) -> str:
        return f"{self.base}/soap/pixi{self.name}/"

    @property
    def auth(self) -> tuple[str, str]:
        return (f"pixi{self.name}", "sandbox")

    def envelope(self, call: str, params: dict[str, Any], *, soap: str = ENVELOPE_11, qualified: bool = True) -> str:
        prefix = "m:" if qualified else ""
        inner = "".join(
            f'<{prefix}{key} xsi:nil="true"/>'
            if value is NIL
            else f"<{prefix}{key}>{escape(str(value))}</{prefix}{key}>"
            for key, value in params.items()
        )
        return (
            f'<s:Envelope xmlns:s="{soap}" xmlns:xsi="{XSI}"><s:Body><m:{call} xmlns:m="{self.endpoint}">'
            f"{inner}</m:{call}></s:Body></s:Envelope>"
        )

    def send(self, body: str | bytes, **options: Any) -> Reply:
        options = {"auth": self.auth, "headers": {"Content-Type": "text/xml; charset=utf-8"}} | options
        content = body.encode() if isinstance(body, str) else body
        response = self.http.post(options.pop("url", self.endpoint), content=content, **options)
        return Reply(response.status_code, response.text)

    def call(self, call: str, /, **params: Any) -> Reply:
        return self.send(self.envelope(call, params))

    def hook(self, path: str, body: JSON = None, method: str = "POST") -> JSON:
        """A control call that must succeed."""
        response = self.try_hook(path, body, method)
        assert response.is_success, (response.status_code, response.text)
        return response.json() if response.content else None

    def try_hook(self, path: str, body: JSON = None, method: str = "POST") -> httpx.Response:
        return self.http.request(method, f"{self.base}/control/accounts/{self.name}{path}", json=body)

    def settings(self, **settings: Any) -> None:
        self.hook("", settings, "PUT")

    def order(self, **fields: Any) -> int:
        """Import an order, by default two lines (3 x 19.99, 1 x 5.00) and 4.90 shipping; returns its number."""
        lines = [{"sku": "A", "qty": 3, "price": 1999}, {"sku": "B", "qty": 1, "price": 500, "vat": "L"}]
        body = {"lines": lines, "ship_cost_minor": 490, "kk_id": "s-pay-1"} | fields
        return int(self.hook("/orders", body)["order_nr"])

    def released(self, **fields: Any) -> int:
        return self.order(status="ANG", **fields)

    def shipped(self, **fields: Any) -> tuple[int, str]:
        """An order shipped in full; returns its number and the number of its invoice."""
        nr = self.released(**fields)
        return nr, self.hook(f"/orders/{nr}/ship")["invoice_nr"]

    def show(self, nr: int) -> JSON:
        return self.hook(f"/orders/{nr}", method="GET")

    def effects(self) -> list[JSON]:
        return list(self.hook("/effects", method="GET"))

    def kinds(self) -> list[str]:
        return [one["kind"] for one in self.effects()]

    def arm(self, **fault: Any) -> JSON:
        """Arm a fault; returns it with its id."""
        return self.hook("/faults", fault)

    def clock(self, instant: str) -> None:
        self.hook("/clock", {"instant": instant, "frozen": True}, "PUT")
