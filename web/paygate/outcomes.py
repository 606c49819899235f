"""Our reasons as Paygate's status and code: one table, for forms and batch files alike."""

import re
from dataclasses import dataclass

from domain import reasons
from domain.authorization.declines import Decline
from domain.authorization.state import ActionRecord
from domain.outcomes import Outcome
from paygate.codes import (
    ABOVE_AUTHORIZATION,
    ISSUER_AWAY,
    NOTHING_OPEN,
    NOTHING_TO_UNDO,
    SECOND_CAPTURE_OF_DAY,
    SUCCESS,
    UNKNOWN_PAYMENT,
    Code,
    Verdict,
)
from web.deliver import NOT_KNOWN

OK, FAILED, PENDING = "OK", "FAILED", "PENDING"
UNFINISHED = Code("60200309")  # taken in, not decided yet: ask again
NOT_DONE_HERE = Code("20200001")  # a page that stays with the provider
OTHER_CASE = Code("20160003")  # the TransID is not that of the PayID
REQUEST_ID_REUSED = Code("20170008")  # the ReqId stands for something else
OTHER_CURRENCY = Code("21000312")
AMOUNT_NOT_ALLOWED = Code("21000313")
DECLINED = Code("21000305")
NO_AMOUNT = Code("40110005")

# refused here, or by a provider whose codes are not of this form
CODES = {
    reasons.NO_AMOUNT: NO_AMOUNT,
    reasons.TOO_SMALL: AMOUNT_NOT_ALLOWED,
    reasons.NOTHING_HELD: NOTHING_OPEN,
    reasons.NOT_HELD_YET: SECOND_CAPTURE_OF_DAY,
    reasons.ONE_A_DAY: SECOND_CAPTURE_OF_DAY,
    reasons.FIVE_MINUTES: SECOND_CAPTURE_OF_DAY,
    reasons.BLACKOUT: SECOND_CAPTURE_OF_DAY,
    reasons.ABOVE_OPEN: ABOVE_AUTHORIZATION,
    reasons.ABOVE_CAPTURED: ABOVE_AUTHORIZATION,
    reasons.LAST_WAS_CAPTURE: NOTHING_TO_UNDO,
    reasons.NOTHING_TO_UNDO: NOTHING_TO_UNDO,
    reasons.EXPIRED: NOTHING_OPEN,
    reasons.EXCEEDS: ABOVE_AUTHORIZATION,
    reasons.NOT_FOUND: UNKNOWN_PAYMENT,
    reasons.UNSUPPORTED: OTHER_CURRENCY,
    NOT_KNOWN: UNKNOWN_PAYMENT,
    Decline.TEMPORARY: Code("21000396"),
    Decline.UNREACHABLE: ISSUER_AWAY,
    Decline.FUNDS: Code("21000351"),
    Decline.NEVER: Code("21000304"),
    Decline.DATA: Code("21000333"),
    Decline.AMOUNT: AMOUNT_NOT_ALLOWED,
}
_CODE = re.compile(r"[0-9A-Za-z]{8}")


@dataclass(frozen=True)
class Result:
    """What became of a request. `text` is for people."""

    status: str
    code: Code
    text: str

    @property
    def final(self) -> bool:
        return self.status != PENDING


SUCCEEDED = Result(OK, SUCCESS, "success")
STILL_OPEN = Result(PENDING, UNFINISHED, "taken in and not decided yet: inquire, or repeat with the same ReqId")


def failed(code: Code, text: str) -> Result:
    return Result(FAILED, code, text)


def refused(reason: str) -> Result:
    """Not even sent; the text is our reason."""
    return failed(CODES.get(reason, DECLINED), reason.replace("_", " ") or "declined")


def result_of(action: ActionRecord | None) -> Result:
    """What became of an action; None: it waits to be heard of."""
    if action is None or action.outcome is None:
        return STILL_OPEN
    if action.outcome is Outcome.SUCCEEDED:
        return SUCCEEDED
    if action.outcome not in (Outcome.DECLINED, Outcome.NOT_SENT):
        return STILL_OPEN
    told = refused(action.reason)
    code = _passed_through(action.code)
    return failed(code, told.text) if code is not None else told


def _passed_through(text: str) -> Code | None:
    """The provider's own code where it is one of this form that says no."""
    if not _CODE.fullmatch(text):
        return None
    code = Code(text)
    return code if code.verdict is Verdict.FAILURE else None
