"""What can become of an operation: five outcomes as values, with the evidence for them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Outcome(StrEnum):
    """The five ways an outside effect can end."""

    SUCCEEDED = "succeeded"
    PENDING = "pending"  # accepted by the other side, not yet done
    DECLINED = "declined"  # a definite no: nothing took effect
    NOT_SENT = "not_sent"  # certainly never left us: stopped by a window, a pause, a rate or a refused connection
    UNKNOWN = "unknown"  # sent, no usable answer: only asking the other side ends this


FINAL = frozenset({Outcome.SUCCEEDED, Outcome.DECLINED})


@dataclass(frozen=True)
class NewHold:
    """What is known of a hold that was just placed: until when it is good (UTC, None where nobody tells), whether it
    stays open after a partial capture, and what later authorizations with this card refer to."""

    deadline: datetime | None = None
    in_parts: bool = False
    scheme_reference: str = ""


@dataclass(frozen=True)
class Evidence:
    """What proves an outcome: the other side's own id, amount and time, never personal data.

    `code` is the other side's own code of a refusal, `advised_against`: it came with the advice not to try again.
    """

    reference: str = ""  # id of the transaction at the other side (`s-chg-1`, a booking's event)
    trace: str = ""  # what the other side's support asks for (short id, trace id)
    amount_minor: int | None = None
    currency: str = ""
    at: datetime | None = None  # UTC, when we learned it
    found_by_reading: bool = False  # the effect was found by asking, not by the answer to our request
    code: str = ""
    advised_against: bool = False
    hold: NewHold | None = None


@dataclass(frozen=True)
class OperationResult:
    """The outcome of one operation as its activity returns it.

    `reason` is a short code of ours (`domain.reasons`), never the other side's text. `retry_at` (UTC) comes with
    *not sent* when it is known when sending is allowed again.
    """

    outcome: Outcome
    reason: str = ""
    evidence: Evidence = Evidence()
    retry_at: datetime | None = None
