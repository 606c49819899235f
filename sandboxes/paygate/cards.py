"""Cards: real numbers and their pseudo numbers, brands, and the JSON objects that travel in base64."""

import base64
import binascii
import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

BRANDS = {"VISA": "4", "MasterCard": "5", "AMEX": "34", "DINERS": "36", "Discover": "6011", "CBN": "4974"}
_PSEUDO = re.compile(r"0\d{15}")
_NUMBER = re.compile(r"[1-9]\d{11,18}")
_EXPIRY = re.compile(r"20\d\d(0[1-9]|1[0-2])")
DEFAULT_EXPIRY = "203912"


class NotThatObject(Exception):
    """A value is not the JSON object in base64 that was to be there; says what is wrong with it."""


@dataclass(frozen=True)
class Card:
    """What is kept of a card. The real number is not."""

    pseudo_number: str
    brand: str
    expiry: str  # YYYYMM
    masked: str

    def expired(self, year_and_month: str) -> bool:
        """Whether the card's last month lies before `year_and_month` (YYYYMM)."""
        return self.expiry < year_and_month


@dataclass(frozen=True)
class CardData:
    """The `card` object of a request."""

    number: str
    expiry: str = ""
    brand: str = ""

    @property
    def pseudo(self) -> bool:
        return _PSEUDO.fullmatch(self.number) is not None

    @property
    def shown(self) -> str:
        """The number as it may be shown."""
        return self.number if self.pseudo else mask(self.number)


@dataclass(frozen=True)
class Credential:
    """The `credentialOnFile` object: who asks for the authorization, and whether it starts a series."""

    merchant_initiated: bool
    initial: bool


def card_data(value: str) -> CardData:
    """Read the `card` object. Raises NotThatObject."""
    found = json_object(value)
    number, expiry = str(found.get("number", "")), str(found.get("expiryDate", ""))
    data = CardData(number, expiry, str(found.get("brand", "")))
    if not data.pseudo and not _NUMBER.fullmatch(number):
        raise NotThatObject("no card number")
    if (expiry or not data.pseudo) and not _EXPIRY.fullmatch(expiry):
        raise NotThatObject("no expiry date in the form YYYYMM")
    return data


def credential(value: str) -> Credential:
    """Read the `credentialOnFile` object. Raises NotThatObject."""
    found = json_object(value)
    initial, kind = found.get("initialPayment"), found.get("type")
    if not isinstance(initial, bool) or not isinstance(kind, dict):
        raise NotThatObject("type or initialPayment missing")
    if kind.get("unscheduled") in ("CIT", "MIT"):
        return Credential(kind["unscheduled"] == "MIT", initial)
    recurring = kind.get("recurring")
    if isinstance(recurring, dict) and {"recurringFrequency", "recurringExpiryDate"} <= set(recurring):
        return Credential(not initial, initial)
    raise NotThatObject("neither unscheduled nor recurring")


def json_object(value: str) -> dict[str, Any]:
    """The JSON object behind a base64 value. Raises NotThatObject."""
    try:
        found = json.loads(base64.b64decode(value, validate=True))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise NotThatObject("not JSON in base64") from error
    if not isinstance(found, dict):
        raise NotThatObject("not an object")
    return found


def register(merchant_id: str, data: CardData) -> Card:
    """The card behind a real number: always the same pseudo number for the same card of a merchant."""
    digest = hashlib.sha256(f"{merchant_id}:{data.number}".encode()).digest()
    middle = f"{int.from_bytes(digest[:8], 'big') % 10**12:012d}"
    brand = brand_of(data.number) if data.brand not in BRANDS else data.brand
    return Card(f"0{middle}{data.number[-3:]}", brand, data.expiry or DEFAULT_EXPIRY, mask(data.number))


def brand_of(number: str) -> str:
    """The brand that a number's first digits tell, the longest prefix first."""
    for brand, prefix in sorted(BRANDS.items(), key=lambda one: -len(one[1])):
        if number.startswith(prefix):
            return brand
    return "AMEX" if number.startswith("37") else "MasterCard" if number.startswith("2") else "Maestro"


def mask(number: str) -> str:
    """First six and last four digits."""
    return f"{number[:6]}{'X' * (len(number) - 10)}{number[-4:]}"


def luhn(number: str) -> bool:
    """Whether the check digit is right."""
    doubled = [int(one) * (2 if place % 2 else 1) for place, one in enumerate(reversed(number))]
    return sum(one - 9 if one > 9 else one for one in doubled) % 10 == 0


def made_up_number(brand: str, seed: str) -> str:
    """A real-looking number of a brand that follows from `seed`."""
    length = {"AMEX": 15, "DINERS": 14}.get(brand, 16)
    digits = str(int.from_bytes(hashlib.sha256(seed.encode()).digest(), "big"))
    stem = (BRANDS[brand] + digits)[: length - 1]
    return next(stem + str(last) for last in range(10) if luhn(stem + str(last)))
