"""What an authorization learns: pictures of its holds, outcomes of its operations, what merchants ask for.

Facts are hints that are looked at, not commands: a duplicate, late or reordered fact changes nothing. Instants are
UTC, amounts minor units of the authorization's currency.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from domain.authorization.operations import ExtensionKind, HoldOperation
from domain.authorization.schemes import Initiator, Scheme
from domain.authorization.terms import AuthorizationTerms
from domain.facts import PaymentUnreadable, ProblemGone, ProblemRaised
from domain.outcomes import OperationResult


class HoldStanding(StrEnum):
    """What the provider says about one hold."""

    HELD = "held"  # money is held, some of it may have been captured
    CAPTURED = "captured"  # nothing is held any more, all or a part was captured
    VOIDED = "voided"
    LAPSED = "lapsed"
    PENDING = "pending"  # not decided yet, or the customer has not finished
    DECLINED = "declined"
    MISSING = "missing"  # the provider knows no such hold


@dataclass(frozen=True)
class HoldSnapshot:
    """The provider's picture of one hold, read at `as_of`.

    `amount_minor` was authorized, `open_minor` can still be captured, `deadline` is when the hold runs out, None where
    the provider does not tell. `card` names the card without saying anything about it. `renewable`: it can be
    authorized again without the customer. `in_parts`: it stays open after a partial capture. `scheme_reference`: what
    later authorizations refer to. `may_authorize`: the card's scheme and issuer allow another authorization now;
    otherwise from `authorize_from` on, or never with this card.
    """

    hold_id: str
    standing: HoldStanding
    as_of: datetime
    currency: str = ""
    amount_minor: int = 0
    open_minor: int = 0
    captured_minor: int = 0
    refunded_minor: int = 0
    held_at: datetime | None = None
    deadline: datetime | None = None
    initiator: Initiator = Initiator.CUSTOMER
    scheme: Scheme = Scheme.OTHER
    card: str = ""
    renewable: bool = True
    in_parts: bool = False
    scheme_reference: str = ""
    may_authorize: bool = True
    authorize_from: datetime | None = None


class Origin(StrEnum):
    """Who asks for something to be done with an authorization."""

    API = "api"
    FORM = "form"  # the interface by encrypted forms
    BATCH = "batch"
    ORDER = "order"
    OPERATOR = "operator"


class ActionKind(StrEnum):
    """What can be asked for."""

    CAPTURE = "capture"
    VOID = "void"  # give up the hold; refused when there is none
    GIVE_UP = "give_up"  # no more of it is wanted: void what is held, renew and split nothing
    REVERSE = "reverse"  # undo whatever was done last (rule R40)
    REFUND = "refund"
    STOP_RENEWAL = "stop_renewal"


@dataclass(frozen=True)
class Action:
    """One wish. `amount_minor` None: all that is open, or all that can be given back. `final`: a capture after which
    none will follow (rule R44). `patient`: rather wait for the next allowed instant than be refused. `reference`: the
    merchant's document, such as an invoice number."""

    kind: ActionKind
    amount_minor: int | None = None
    final: bool = False
    patient: bool = False
    reference: str = ""


@dataclass(frozen=True)
class Registered:
    """The authorization is looked after from here on. `case_reference` and `payout_reference` are the merchant's own
    names for the payment, the same for everything that follows it (rule R28). `amount_minor` 0: whatever the first hold
    says."""

    at: datetime
    hold_id: str
    terms: AuthorizationTerms
    case_reference: str = ""
    payout_reference: str = ""
    amount_minor: int = 0
    currency: str = ""
    kind: Literal["Registered"] = "Registered"


@dataclass(frozen=True)
class HoldRead:
    """The hold was read at the provider. `asked_seq`: how much was known when it was asked for."""

    snapshot: HoldSnapshot
    asked_seq: int
    kind: Literal["HoldRead"] = "HoldRead"


@dataclass(frozen=True)
class HoldHinted:
    """Something happened at the provider: look."""

    at: datetime
    kind: Literal["HoldHinted"] = "HoldHinted"


@dataclass(frozen=True)
class HoldOperationEnded:
    """One execution of an operation came back."""

    operation: HoldOperation
    at: datetime
    result: OperationResult
    kind: Literal["HoldOperationEnded"] = "HoldOperationEnded"


@dataclass(frozen=True)
class ActionAsked:
    """Somebody asks for something, once per request id."""

    request_id: str
    action: Action
    at: datetime
    origin: Origin = Origin.API
    actor: str = ""
    kind: Literal["ActionAsked"] = "ActionAsked"


@dataclass(frozen=True)
class TermsChanged:
    """The merchant agreed on other terms (rule R8)."""

    at: datetime
    terms: AuthorizationTerms
    kind: Literal["TermsChanged"] = "TermsChanged"


@dataclass(frozen=True)
class LookedAgain:
    """A person asks to look at everything again: what is unknown gets a new budget of sends."""

    at: datetime
    request_id: str
    actor: str = ""
    kind: Literal["LookedAgain"] = "LookedAgain"


@dataclass(frozen=True)
class ProblemsSolved:
    """A person takes the marks away; nothing else happens."""

    at: datetime
    request_id: str
    actor: str = ""
    kind: Literal["ProblemsSolved"] = "ProblemsSolved"


class StopReason(StrEnum):
    """Why a hold is not renewed and no remainder is split any more."""

    ASKED = "asked"
    FINISHED = "finished"  # a capture said that none will follow
    ZERO_CAPTURE = "zero_capture"
    REVERSED = "reversed"
    GIVEN_UP = "given_up"  # no more of it is wanted, as when the rest of an order was cancelled
    MAX_AGE = "max_age"
    FAILED_VOID = "failed_void"
    FAILED_CAPTURE = "failed_capture"
    FAILED_REFUND = "failed_refund"
    FAILED_RENEWAL = "failed_renewal"
    FAILED_SPLIT = "failed_split"
    SPLIT_OFF = "split_off"
    TOO_SMALL = "too_small"  # the remainder cannot be captured anyway (rule R24)
    DIFFERS = "differs"  # the provider's books are not ours (rule R72)
    REFUSED_ACTION = "refused_action"  # an action that was not even sent, where the terms are strict (rule R32)


# --- conclusions: judgements at an instant, which stay as they were made


@dataclass(frozen=True)
class ActionSettled:
    """An action ended without a request of its own: refused (`reason`), or done by being noted (`reason` '')."""

    at: datetime
    request_id: str
    reason: str = ""
    retry_at: datetime | None = None
    kind: Literal["ActionSettled"] = "ActionSettled"


@dataclass(frozen=True)
class ExtensionFailed:
    """A renewal or split could not be carried out (rules R10, R51). `attempt` counts the tries for the same successor;
    0: nothing was tried. `failed_at` is when the attempt began, `code` the provider's own. `hope_at`: when it is tried
    once more; None: that was final."""

    at: datetime
    extension: ExtensionKind
    hold: int
    attempt: int
    amount_minor: int
    failed_at: datetime
    reason: str
    code: str = ""
    hope_at: datetime | None = None
    kind: Literal["ExtensionFailed"] = "ExtensionFailed"


@dataclass(frozen=True)
class HopeGivenUp:
    """The hope run that was planned will not be: its day is over (`too_late`), or an action came in between."""

    at: datetime
    hold: int
    too_late: bool
    kind: Literal["HopeGivenUp"] = "HopeGivenUp"


@dataclass(frozen=True)
class RenewalStopped:
    """From here on nothing is renewed or split."""

    at: datetime
    reason: StopReason
    kind: Literal["RenewalStopped"] = "RenewalStopped"


@dataclass(frozen=True)
class HoldRanOut:
    """The hold is taken for lapsed: it is older than any scheme lets it be, or the provider said so."""

    at: datetime
    hold: int
    kind: Literal["HoldRanOut"] = "HoldRanOut"


Conclusion = ActionSettled | ExtensionFailed | HopeGivenUp | RenewalStopped | HoldRanOut | ProblemRaised | ProblemGone
AuthorizationFact = (
    Registered
    | HoldRead
    | HoldHinted
    | PaymentUnreadable
    | HoldOperationEnded
    | ActionAsked
    | TermsChanged
    | LookedAgain
    | ProblemsSolved
    | Conclusion
)
