"""Reads what unzer posts: JSON sent as text/plain, unsigned, with fields that may be missing. Nothing in it is trusted.

What counts is only which payment moved; the payment itself is read at the provider later, at our own address.
"""

import json
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

_PAYMENT_ID = re.compile(r"[sp]-pay-[A-Za-z0-9]{1,40}")
_LONGEST = 200


@dataclass(frozen=True)
class Delivery:
    """What a delivery says. `payment_id` is '' for events that concern no payment."""

    event: str
    public_key: str
    payment_id: str


def read_delivery(body: bytes) -> Delivery | None:
    """The delivery, or None when the body is not a JSON object."""
    try:
        parsed = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(parsed, dict):
        return None
    payment_id = _text(parsed.get("paymentId"))
    if not _PAYMENT_ID.fullmatch(payment_id):
        payment_id = _payment_in(_text(parsed.get("retrieveUrl")))
    return Delivery(_text(parsed.get("event")), _text(parsed.get("publicKey")), payment_id)


def _payment_in(url: str) -> str:
    """The payment id in the path of an address; its host is of no interest."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return ""
    return next((part for part in path.split("/") if _PAYMENT_ID.fullmatch(part)), "")


def _text(value: object) -> str:
    return value.strip()[:_LONGEST] if isinstance(value, str) else ""
