"""What pixi's codes mean to us: line statuses, documents, answers, faults, HTTP. The only place that knows them."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, auto
from typing import TYPE_CHECKING

from adapters.pixi.trouble import Kind, Trouble
from domain import reasons
from domain.errors import HoldfastError, Misconfigured, Rejected, Transient
from domain.facts import Phase
from domain.outcomes import Evidence, OperationResult, Outcome

if TYPE_CHECKING:
    from adapters.pixi.envelope import Answer, Fault
    from adapters.pixi.values import RowSet

# Columns that must not lie about are never read out of an answer: card data from none, bank data from one only.
_CARD_COLUMNS = frozenset({"cardcvc", "cardowner", "cccardnr", "cccardexp", "cccardname", "cccardtype"})
_BANK_COLUMNS = frozenset(
    {"iban", "bic", "blz", "kontoblz", "account", "accountname", "accountholder", "cardholdername", "bankname"}
)
_READ_BACK = "pixigetaddress"  # shows whether the bank data that were written stand there


def forbidden_columns(method: str) -> frozenset[str]:
    """The columns (lower case) that are dropped from every answer to `method`."""
    return _CARD_COLUMNS if method.lower() == _READ_BACK else _CARD_COLUMNS | _BANK_COLUMNS


class Group(Enum):
    """Where a line stands."""

    HELD = auto()
    OPEN = auto()
    SHIPPED = auto()
    CANCELLED = auto()
    RETURNED = auto()
    REPLACED = auto()  # the minus line of a replacement order: no part of what was ordered


HELD_CODE = "HAL"  # parked, waits for the payment
UNSAVED_CODE = "NEW"  # entered by hand and not yet saved: a release does not reach it
RETURNED_CODE = "RET"

_GROUPS = {
    HELD_CODE: Group.HELD,
    UNSAVED_CODE: Group.HELD,
    "ANG": Group.OPEN,  # accepted
    "BES": Group.OPEN,  # ordered at the supplier
    "FUT": Group.OPEN,  # lies at the supplier
    "EIN": Group.OPEN,  # scanned into the box
    "AUS": Group.SHIPPED,
    "STO": Group.CANCELLED,
    "NLB": Group.CANCELLED,  # cannot be delivered
    RETURNED_CODE: Group.RETURNED,
    "MIN": Group.REPLACED,
}
_BILLED = frozenset({"EIN", "AUS", RETURNED_CODE})  # an invoice is written when the box is packed
CREDIT_NOTE = "G"
INVOICE = "R"


def group_of(status: str) -> Group:
    """The group of a line's status; one that nobody knows keeps the order open, for closing has consequences."""
    return _GROUPS.get(status.upper(), Group.OPEN)


def is_billed(status: str) -> bool:
    """Whether an invoice over a line in this status stands for goods that left the house or are about to."""
    return status.upper() in _BILLED


def phase_of(groups: Iterable[Group]) -> Phase:
    """Held, open or closed, from the lines alone; an order without lines is not finished yet."""
    seen = set(groups)
    if Group.OPEN in seen or not seen:
        return Phase.OPEN
    return Phase.HELD if Group.HELD in seen else Phase.CLOSED


def yes_or_no(text: str) -> bool | None:
    """What a scalar answer says, None when it says nothing that is known."""
    return {"1": True, "true": True, "0": False, "false": False}.get(text.strip().lower())


# --- answers

_DEADLOCK = 1205
_WARNING_UP_TO = 10
_SERVER_FROM = 17
_GOOD = frozenset({"OK", "INFO", "0", "200", ""})
_STATUS_COLUMNS = 4  # a set of status columns is narrow, data are wide
_MISSING = "404"
_BREAKAGE = ("out of memory", "timeout", "timed out", "unavailable")
_LOGIN = ("login failed", "logon failed", "authentication", "not authorized", "unauthorized", "18456")
_ROLLED_BACK = ("deadlock", str(_DEADLOCK))


def trouble_in(answer: Answer, status: int) -> Kind | None:
    """What an answer that could be read complains about, layer by layer, or None."""
    if answer.fault is not None:
        return fault_kind(answer.fault)
    return http_kind(status) or _message_kind(answer) or _code_kind(answer) or _status_kind(answer)


def fault_kind(fault: Fault) -> Kind:
    """A fault is a definite no, except where the other side broke down or undid its work."""
    said = f"{fault.codes} {fault.text}"
    if any(word in said for word in _LOGIN):
        return Kind.MISCONFIGURED
    if any(word in said for word in _ROLLED_BACK):
        return Kind.ROLLED_BACK
    if any(word in said for word in _BREAKAGE):
        return Kind.SERVER_ERROR
    return Kind.MALFORMED


def http_kind(status: int) -> Kind | None:
    """What an HTTP status without a fault says."""
    if 200 <= status < 300:
        return None
    if status in (401, 403, 404, 405, 407, 410):
        return Kind.MISCONFIGURED
    if status == 429:
        return Kind.RATE
    if status == 408:
        return Kind.NO_ANSWER
    if 400 <= status < 500:
        return Kind.MALFORMED
    return Kind.SERVER_ERROR if status >= 500 else Kind.BAD_ANSWER


def _message_kind(answer: Answer) -> Kind | None:
    errors = [message for message in answer.messages if message.severity > _WARNING_UP_TO]
    if any(message.number == _DEADLOCK for message in errors):
        return Kind.ROLLED_BACK
    if any(message.severity >= _SERVER_FROM for message in errors):
        return Kind.SERVER_ERROR
    return Kind.REFUSED if errors else None


def _code_kind(answer: Answer) -> Kind | None:
    return Kind.REFUSED if answer.result_code != 0 else None


def _status_kind(answer: Answer) -> Kind | None:
    """Each call has its own family of status columns; a set of them may stand beside the data."""
    return next((kind for one in answer.sets if (kind := _set_kind(one)) is not None), None)


def _set_kind(row_set: RowSet) -> Kind | None:
    columns = row_set.columns
    narrow = len(columns) <= _STATUS_COLUMNS
    if "returncode" in columns:
        name = "ReturnCode"
    elif {"statuscode", "errormsg"} <= columns:
        name = "StatusCode"
    elif "errornr" in columns:
        name = "ErrorNr"
    elif narrow and "status" in columns and columns & {"message", "info"}:
        name = "Status"
    elif columns == {"result"}:
        name = "Result"
    else:
        return None
    said = [row.text(name).upper() for row in row_set.rows]
    bad = [word for word in said if word not in _GOOD]
    if not bad:
        return None
    return Kind.NOT_FOUND if all(word == _MISSING for word in bad) else Kind.REFUSED


# --- outcomes and errors of ours

_EFFECTS: dict[Kind, tuple[Outcome, str]] = {
    Kind.UNREACHABLE: (Outcome.NOT_SENT, reasons.UNREACHABLE),
    Kind.MISCONFIGURED: (Outcome.NOT_SENT, reasons.MISCONFIGURED),
    Kind.RATE: (Outcome.NOT_SENT, reasons.RATE),
    Kind.ROLLED_BACK: (Outcome.NOT_SENT, reasons.ROLLED_BACK),
    Kind.REFUSED: (Outcome.DECLINED, reasons.REFUSED),
    Kind.NOT_FOUND: (Outcome.DECLINED, reasons.NOT_FOUND),
    Kind.MALFORMED: (Outcome.DECLINED, reasons.REFUSED),
    Kind.NO_ANSWER: (Outcome.UNKNOWN, reasons.NO_ANSWER),
    Kind.BAD_ANSWER: (Outcome.UNKNOWN, reasons.BAD_ANSWER),
    Kind.SERVER_ERROR: (Outcome.UNKNOWN, reasons.SERVER_ERROR),
}


def outcome_of(kind: Kind, evidence: Evidence = Evidence()) -> OperationResult:
    """What a failed request means for the effect that it was to have."""
    outcome, reason = _EFFECTS[kind]
    return OperationResult(outcome, reason, evidence)


def outcome_of_looking(kind: Kind, *, doubt: bool, evidence: Evidence = Evidence()) -> OperationResult:
    """What a failed read means for an effect. `doubt`: something may have taken effect before, so nothing is certain.

    Without doubt nothing has left us that changes anything, whatever became of the read.
    """
    outcome, reason = _EFFECTS[kind]
    if doubt:
        return OperationResult(Outcome.UNKNOWN, reason, evidence)
    if outcome is Outcome.UNKNOWN:
        return OperationResult(Outcome.NOT_SENT, reasons.UNREACHABLE, evidence)
    return OperationResult(outcome, reason, evidence)


def read_error(trouble: Trouble) -> HoldfastError:
    """The error that a failed read becomes for those who asked."""
    text = f"ERP: {trouble}"
    match trouble.kind:
        case Kind.MISCONFIGURED:
            return Misconfigured(text)
        case Kind.REFUSED | Kind.NOT_FOUND | Kind.MALFORMED:
            return Rejected(text)
        case _:
            return Transient(text)
