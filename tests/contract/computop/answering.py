"""Paygate as a function: answers that no sandbox gives, made up inside the process."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from adapters.computop import PaygateAccount, PaygateHolds
from domain.authorization.ports import AuthorizeRequest, Case, HoldCaptureRequest, HoldVoidRequest, Instrument
from paygate.envelope import Key, Scheme, open_fields, seal
from paygate.fields import Fields, read, write

KEY = Key.of(Scheme.BLOWFISH, "sandbox-blowfish")
PAY_ID = "0000000000000000000000000000a1b2"
NEW_PAY_ID = "0000000000000000000000000000c3d4"
REFERENCE = "MZXW6YTBOI5GKZLMMZXW6YTBOI5GKZLM"
CASE = Case(
    first_hold_id=PAY_ID,
    currency="EUR",
    case_reference="00012",
    payout_reference="000INV",
    instrument=Instrument(token="0123456789012345", brand="VISA", expires="203912", scheme_reference="012345678901234"),
)
CAPTURE = HoldCaptureRequest(CASE, PAY_ID, 4_000, REFERENCE)
VOID = HoldVoidRequest(CASE, PAY_ID, 4_000, REFERENCE)
AUTHORIZE = AuthorizeRequest(CASE, 4_000, REFERENCE, PAY_ID)
YES = {"mid": "shop", "PayID": PAY_ID, "XID": "0" * 31 + "7", "TransID": "00012", "Status": "OK", "Code": "00000000"}
HELD = {**YES, "AmountAuth": "4000", "AmountCap": "0", "AmountCred": "0", "Currency": "EUR", "LastStatus": "AUTHORIZED"}


def account(**changed: Any) -> PaygateAccount:
    """The merchant `shop`."""
    given = {"name": "main", "merchant_id": "shop", "key": KEY, "mac_password": "hmac", **changed}
    return PaygateAccount(**given)


def sealed(fields: dict[str, str], key: Key = KEY) -> bytes:
    """An answer as Paygate encrypts it."""
    return seal(write(fields.items()), key).body().encode("iso-8859-1")


@dataclass
class Paygate:
    """Gives the same answer to every request, or what `answers` has for a page, and keeps what it was sent."""

    answer: bytes = b""
    answers: dict[str, bytes] = field(default_factory=dict)
    status: int = 200
    sent: list[tuple[str, Fields]] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        page = request.url.path.strip("/")
        self.sent.append((page, open_fields(read(request.content.decode("iso-8859-1")), KEY)))
        return httpx.Response(self.status, content=self.answers.get(page, self.answer))

    def adapter(self, **changed: Any) -> PaygateHolds:
        return holds(self, **changed)


def holds(handler: Callable[[httpx.Request], httpx.Response], **changed: Any) -> PaygateHolds:
    """The adapter in front of a function."""
    made = account(**changed)
    return PaygateHolds({"main": made}.__getitem__, transport=httpx.MockTransport(handler))
