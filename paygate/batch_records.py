"""Records of batch files: `CC,Capture,Amount,Currency,TransID,RefNr,PayID`, in version 1.4 with FinishAuth behind.

Nothing is quoted, so a comma inside a reference makes too many fields, and its record fails. A wrong record fails
alone; it keeps its number and, as far as they can be told, its action and payment, so that whoever counts failed
captures can tell whose failed.
"""

from dataclasses import dataclass
from enum import StrEnum

from paygate.codes import Code, Wrong
from paygate.errors import PaygateError, Refusal
from paygate.formats import Violation, judge, violation

CARD = "CC"
_NEEDED = {"Amount": True, "Currency": True, "TransID": True, "RefNr": False, "PayID": True}  # in their order
_LEAST = 2 + len(_NEEDED)
_FINISHING = frozenset({"Y", "N", ""})
# numbers of what only a record has, beside those of fields
_PAYMENT_TYPE, _ACTION, _RECORD = "0090", "0091", "0099"
_LAYOUT = (
    " The fields are CC, action, amount, currency, TransID, RefNr, PayID, and for a capture of version 1.4 Y, N or"
    " nothing; none of them contains a comma."
)


class Version(StrEnum):
    """Versions of the format that are spoken here."""

    V1_2 = "1.2"
    V1_4 = "1.4"


class Action(StrEnum):
    """What a record asks for."""

    CAPTURE = "Capture"
    CREDIT = "Credit"
    REVERSE = "Reverse"


_ACTIONS = {action.value: action for action in Action}


@dataclass(frozen=True, slots=True)
class Record:
    """One record: the 1-based `number` among the records of its file, which belongs into the idempotency key.

    `amount_minor` in minor units of `currency`; 0 is a format that captures know (rule R49). `finish_auth` ends the
    renewal of the payment (rule R45). References are texts: leading zeros stay (rule R74).
    """

    number: int
    action: Action
    amount_minor: int
    currency: str
    trans_id: str
    ref_nr: str
    pay_id: str
    finish_auth: bool = False


@dataclass(frozen=True, slots=True)
class BadRecord:
    """A record that fails before it is carried out, and why; `pay_id` is '' and `action` None where they are unclear.

    The sentence is English and quotes no value; `line` is the 1-based line of the file.
    """

    number: int
    line: int
    code: Code
    sentence: str
    action: Action | None = None
    pay_id: str = ""


def read_record(text: str, version: Version, number: int, line: int) -> Record | BadRecord:
    """The record behind a line. Raises nothing."""
    parts = text.split(",")
    action = _ACTIONS.get(parts[1]) if len(parts) > 1 else None
    if fault := _fault(parts, action, version):
        return BadRecord(number, line, fault[0].code, f"{fault[0].sentence}{fault[1]}", action, _payment(parts))
    return Record(
        number=number,
        action=Action(parts[1]),
        amount_minor=int(parts[2]),
        currency=parts[3].upper(),
        trans_id=parts[4],
        ref_nr=parts[5],
        pay_id=parts[6],
        finish_auth=parts[7:] == ["Y"],
    )


def _fault(parts: list[str], action: Action | None, version: Version) -> tuple[Violation, str] | None:
    """The first thing that is wrong with a record, with a hint, or None."""
    if parts[0] != CARD:
        wrong = Wrong.UNKNOWN_VALUE if parts[0] else Wrong.MISSING
        return Violation("The payment type", wrong, _PAYMENT_TYPE), " A record begins with CC."
    if action is None:
        wrong = Wrong.UNKNOWN_VALUE if len(parts) > 1 and parts[1] else Wrong.MISSING
        return Violation("The action", wrong, _ACTION), " Capture, Credit and Reverse are known."
    if len(parts) < _LEAST:
        return violation(list(_NEEDED)[len(parts) - 2], Wrong.MISSING), _LAYOUT
    if surplus := _surplus(parts[_LEAST:], action, version):
        return surplus, _LAYOUT
    for (name, needed), value in zip(_NEEDED.items(), parts[2:], strict=False):
        if found := judge(name, value, needed=needed):
            return found, ""
    return None


def _surplus(more: list[str], action: Action, version: Version) -> Violation | None:
    """What is wrong with the fields behind the seventh, or None."""
    finishing = version is Version.V1_4 and action is Action.CAPTURE
    match more:
        case []:
            return None
        case [value] if value in _FINISHING:
            return None if finishing else violation("FinishAuth", Wrong.NOT_IN_VERSION)
        case [_] if finishing:
            return violation("FinishAuth", Wrong.UNKNOWN_VALUE)
        case _:
            return Violation("The number of fields", Wrong.FORMAT, _RECORD)


def _payment(parts: list[str]) -> str:
    """The PayID of a bad record, where it stands in its place."""
    in_place = len(parts) == _LEAST or (len(parts) == _LEAST + 1 and parts[_LEAST] in _FINISHING)
    return parts[6] if in_place and judge("PayID", parts[6], needed=True) is None else ""


def write_record(record: Record, version: Version) -> str:
    """The line of a record, without its end.

    Raises PaygateError (file-record) for what reading it back would refuse: a comma or another wrong character in a
    reference, a missing one, an amount below zero or too large, FinishAuth where it does not exist.
    """
    parts = (
        CARD,
        record.action.value,
        str(record.amount_minor),
        record.currency,
        record.trans_id,
        record.ref_nr,
        record.pay_id,
        *(("Y",) if record.finish_auth else ()),
    )
    text = ",".join(parts)
    back = read_record(text, version, record.number, 0)
    if isinstance(back, BadRecord):
        raise PaygateError(Refusal.FILE_RECORD, back.sentence)
    if back != record:
        raise PaygateError(Refusal.FILE_RECORD, f"A field is not what its place wants.{_LAYOUT}")
    return text
