"""Which fields a message must and may have, and in which format: the check that comes before anything is done.

A notation is made of `a` (letters), `n` (digits) and `s` (special characters), then a length: `..30` is up to 30, a
bare `32` exactly that. Letters of a plain `a` are ASCII. `s` is every printable character of ISO-8859-1, letters with
accents included, and never a control character.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from paygate import structured
from paygate.codes import Code, Wrong, parameter_code
from paygate.errors import PaygateError, Refusal
from paygate.fields import Fields
from paygate.merchants import is_merchant_id

_NOTATION = re.compile(r"(?P<kinds>a?n?s?)(?P<up_to>\.\.)?(?P<length>[0-9]{1,6})")
_CLASSES = {"a": "A-Za-z", "n": "0-9", "s": "\\x20-\\x7e\\xa0-\\xff"}


@dataclass(frozen=True)
class Format:
    """A parsed notation: the characters allowed, and the shortest and longest length of a value that is not empty."""

    characters: re.Pattern[str]
    shortest: int
    longest: int

    def wrong(self, value: str) -> Wrong | None:
        """What is wrong with a value, characters before length, or None."""
        if not self.characters.fullmatch(value):
            return Wrong.FORMAT
        if len(value) > self.longest:
            return Wrong.TOO_LONG
        return Wrong.TOO_SHORT if len(value) < self.shortest else None


@cache
def notation(text: str) -> Format:
    """The format behind a notation such as `ans..64` or `an32`. Raises PaygateError (format-notation)."""
    found = _NOTATION.fullmatch(text)
    if found is None or not found["kinds"]:
        raise PaygateError(Refusal.FORMAT_NOTATION, "A format is written like a3, n..10 or ans..64.")
    allowed = "".join(_CLASSES[kind] for kind in found["kinds"])
    longest = int(found["length"])
    return Format(re.compile(f"[{allowed}]*"), 1 if found["up_to"] else longest, longest)


class Message(StrEnum):
    """The requests whose fields are known; the value is the name of the page, without its ending."""

    DIRECT = "direct"
    CAPTURE = "capture"
    CREDIT = "credit"
    REVERSE = "reverse"
    CANCELAUTH = "cancelauth"
    INQUIRE = "inquire"


@dataclass(frozen=True)
class Rule:
    """One field: its notation ('' where none is documented), its number in codes, and who needs it.

    `needs` has one letter per message, in the order of `Message`: M mandatory, O optional, C depends on the payment
    (and is therefore not demanded here), - not a field of this message, so neither demanded nor checked.
    """

    name: str
    notation: str
    number: str
    needs: str


# RefNr is said to be digits and special characters, yet usual references carry letters; what counts is ASCII.
_RULES = (
    Rule("MerchantID", "ans..30", "0001", "MMMMMM"),
    Rule("PayID", "an32", "0002", "-MMMMM"),
    Rule("TransID", "ans..64", "0003", "MMMMMM"),
    Rule("RefNr", "ans..30", "0004", "CCCOO-"),
    Rule("Amount", "n..10", "0005", "MMMMO-"),
    Rule("Currency", "a3", "0006", "MMMMO-"),
    Rule("MAC", "an64", "0007", "MMMMMM"),
    Rule("ReqId", "ans..32", "0008", "OOOOO-"),
    Rule("Capture", "an..6", "0009", "O-----"),
    Rule("FinishAuth", "a1", "0010", "-C----"),
    Rule("OrderDesc", "ans..768", "0011", "OOO---"),
    Rule("URLNotify", "ans..256", "0012", "C-----"),
    Rule("MsgVer", "ans..5", "0013", "M-----"),
    Rule("card", "", "0014", "M-----"),
    Rule("credentialOnFile", "", "0015", "C-----"),
    Rule("schemeReferenceID", "ans..64", "0016", "COO---"),
    Rule("AccVerify", "a3", "0017", "O-----"),
)
_BY_NAME = {rule.name.lower(): rule for rule in _RULES}
_STRUCTURED = frozenset({"card", "credentialOnFile"})
_YES_NO = frozenset("YyNn")
_WORDS = {
    Wrong.MISSING: "is missing",
    Wrong.FORMAT: "has characters or a form that are not allowed",
    Wrong.TOO_SHORT: "is too short",
    Wrong.TOO_LONG: "is too long",
    Wrong.UNKNOWN_VALUE: "has a value that is not known here",
    Wrong.NOT_IN_VERSION: "does not exist in this version",
}


@dataclass(frozen=True)
class Violation:
    """A field that breaks its format: which, how, and the code that an answer carries."""

    field: str
    wrong: Wrong
    number: str

    @property
    def code(self) -> Code:
        return parameter_code(self.wrong, self.number)

    @property
    def sentence(self) -> str:
        """English, without the value."""
        return f"{self.field} {_WORDS[self.wrong]}."


def violation(name: str, wrong: Wrong) -> Violation:
    """A fault of one known field. Raises PaygateError (field-name) for a field that has no rule."""
    rule = _rule(name)
    return Violation(rule.name, wrong, rule.number)


def judge(name: str, value: str, *, needed: bool) -> Violation | None:
    """What is wrong with one known field, or None; an empty value counts as missing.

    Raises PaygateError (field-name) for a field that has no rule.
    """
    rule = _rule(name)
    if not value:
        return violation(name, Wrong.MISSING) if needed else None
    wrong = (notation(rule.notation).wrong(value) if rule.notation else None) or _wrong_beyond(rule.name, value)
    return violation(name, wrong) if wrong else None


def check(message: Message, fields: Fields) -> tuple[Violation, ...]:
    """Everything that is wrong with a request's fields, in a fixed order; the first one is what an answer names.

    A field that came twice with different values has no form. Unknown fields are left alone. What depends on the
    payment (an amount that is too high, a FinishAuth without the service) is not judged here.
    """
    column = list(Message).index(message)
    found = []
    for rule in _RULES:
        need = rule.needs[column]
        if need == "-":
            continue
        if rule.name.lower() in fields.doubled:
            found.append(violation(rule.name, Wrong.FORMAT))
        elif wrong := judge(rule.name, fields.get(rule.name), needed=need == "M"):
            found.append(wrong)
    return tuple(found)


def finishes(value: str) -> bool:
    """Whether the value of a FinishAuth says that this capture is the last one (rule R44)."""
    return value in ("Y", "y")


def _rule(name: str) -> Rule:
    rule = _BY_NAME.get(name.lower())
    if rule is None:
        raise PaygateError(Refusal.FIELD_NAME, "This field has no format here.")
    return rule


def _wrong_beyond(name: str, value: str) -> Wrong | None:
    """What a notation cannot say."""
    if name == "MerchantID" and not is_merchant_id(value):
        return Wrong.FORMAT
    if name == "RefNr" and not value.isascii():
        return Wrong.FORMAT
    # to ignore an unknown word would go on renewing what somebody may have wanted to end
    if name == "FinishAuth" and value not in _YES_NO:
        return Wrong.UNKNOWN_VALUE
    if name in _STRUCTURED:
        try:
            structured.decode(value)
        except PaygateError:
            return Wrong.FORMAT
    return None
