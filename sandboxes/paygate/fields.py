"""The fields of each call: which are needed, what they look like, and the code of a request that breaks this."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from sandboxes.paygate import codes
from sandboxes.paygate.settings import MerchantSettings

NUMBERS = {
    "PayID": 1,
    "TransID": 2,
    "MerchantID": 3,
    "RefNr": 4,
    "Amount": 5,
    "Currency": 6,
    "MAC": 7,
    "ReqId": 8,
    "Capture": 9,
    "FinishAuth": 10,
    "OrderDesc": 11,
    "URLNotify": 12,
    "MsgVer": 13,
    "card": 14,
    "credentialOnFile": 15,
    "schemeReferenceID": 16,
    "AccVerify": 17,
    "UserData": 18,
    "EtiId": 19,
    "Textfeld1": 20,
    "Textfeld2": 21,
}
SPELLING = {name.lower(): name for name in NUMBERS}
MONEY = ("Amount", "Currency")
FOLLOWING = ("MerchantID", "PayID", "TransID", *MONEY, "MAC")
PASSED_ON = ("UserData", "EtiId", "Textfeld1", "Textfeld2")
STORED_USE = ("credentialOnFile", "schemeReferenceID")
CALLS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {  # needed, allowed
    "direct": (
        ("MerchantID", "TransID", *MONEY, "MAC", "MsgVer", "card"),
        ("RefNr", "ReqId", "Capture", "OrderDesc", "URLNotify", *STORED_USE, "AccVerify", *PASSED_ON),
    ),
    "capture": (FOLLOWING, ("RefNr", "ReqId", "FinishAuth", "OrderDesc", "schemeReferenceID", *PASSED_ON)),
    "credit": (FOLLOWING, ("RefNr", "ReqId", "OrderDesc", "schemeReferenceID", *PASSED_ON)),
    "reverse": (FOLLOWING, ("RefNr", "ReqId", "OrderDesc")),
    "cancelauth": (("MerchantID", "PayID", "TransID", "MAC"), ("RefNr", *MONEY, "ReqId")),
    "inquire": (("MerchantID", "PayID", "TransID", "MAC"), ()),
    "inquire24": (("MerchantID", "TransID", "MAC"), ()),
    "refnrchange": (("MerchantID", "PayID", "RefNr", "MAC"), ("TransID", "ReqId")),
}
CHANGING = ("direct", "capture", "credit", "reverse", "cancelauth")


@dataclass(frozen=True)
class Shape:
    """Length and characters of a value. `exact` is a fixed length, 0 when only the longest is given."""

    longest: int
    pattern: str = r"[\x20-\x7e\xa0-\xff]*"
    exact: int = 0


ASCII = r"[\x21-\x7e]*"
SHAPES = {
    "PayID": Shape(32, r"[A-Za-z0-9]*", exact=32),
    "TransID": Shape(64),
    "MerchantID": Shape(30),
    "RefNr": Shape(30, ASCII),
    "Amount": Shape(10, r"[0-9]*"),
    "Currency": Shape(3, r"[A-Za-z]*", exact=3),
    "ReqId": Shape(32),
    "Capture": Shape(6, r"(?i:AUTO|MANUAL)|0*([1-9]|[1-9]\d|[1-5]\d\d|6[0-8]\d|69[0-6])"),
    "FinishAuth": Shape(1, r"[YN]"),
    "OrderDesc": Shape(768),
    "URLNotify": Shape(256),
    "MsgVer": Shape(5, r"2\.[0-9]"),
    "schemeReferenceID": Shape(64),
    "AccVerify": Shape(3, r"(?i:yes|no)"),
}
REF_NR_SHAPES = {
    "CB2A": Shape(12, r"[A-Za-z0-9]*", exact=12),
    "CardComplete": Shape(25, ASCII),
    "RBI": Shape(20, ASCII),
    "Omnipay": Shape(15, ASCII),
    "Cofidis": Shape(15, ASCII),
}


class Refused(Exception):
    """A request that is not carried out because of one of its fields."""

    def __init__(self, module: str, name: str) -> None:
        self.code = f"{module}{NUMBERS[name]:04d}"
        self.name = name
        super().__init__(f"{name}: {codes.description(self.code)}")


def validate(settings: MerchantSettings, call: str, fields: Mapping[str, str]) -> None:
    """Raises Refused for the first field of `call` (by lower-case name) that is missing or has another form."""
    needed, allowed = CALLS[call]
    for name in needed:
        if name.lower() not in fields:
            if name == "MAC" and not settings.mac_required:
                continue
            raise Refused(codes.MISSING, name)
        if not fields[name.lower()]:
            raise Refused(codes.EMPTY, name)
    for name in (*needed, *allowed):
        value = fields.get(name.lower(), "")
        if value and name in SHAPES:
            _check(name, value, _shape(settings, name))
    if fields["merchantid"] != settings.merchant_id:
        raise Refused(codes.UNKNOWN_VALUE, "MerchantID")
    currency = fields.get("currency", "").upper() if "Currency" in (*needed, *allowed) else ""
    if currency and currency not in settings.currencies:
        raise Refused(codes.UNKNOWN_VALUE, "Currency")
    if fields.get("refnr") and settings.acquirer == "EVO":
        raise Refused(codes.NOT_ALLOWED, "RefNr")
    if fields.get("finishauth") == "Y" and settings.acquirer == "Clearhaus":
        raise Refused(codes.NOT_ALLOWED, "FinishAuth")
    if fields.get("urlnotify"):
        _check_url(fields["urlnotify"])


def _shape(settings: MerchantSettings, name: str) -> Shape:
    return REF_NR_SHAPES.get(settings.acquirer, SHAPES[name]) if name == "RefNr" else SHAPES[name]


def _check(name: str, value: str, shape: Shape) -> None:
    if len(value) > shape.longest:
        raise Refused(codes.TOO_LONG, name)
    if not re.fullmatch(shape.pattern, value):
        raise Refused(codes.FORMAT, name)
    if len(value) < shape.exact:
        raise Refused(codes.TOO_SHORT, name)


def _check_url(url: str) -> None:
    try:
        found = urlsplit(url)
        good = found.scheme == "https" and found.port in (None, 443) and bool(found.hostname) and not found.query
    except ValueError:
        good = False
    if not good:
        raise Refused(codes.FORMAT, "URLNotify")
