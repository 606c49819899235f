"""The wire contract of the workflows: inputs, signals, updates and answers. Fields are only added, with defaults."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.authorization.facts import Action, Origin
from domain.authorization.state import AuthorizationState
from domain.authorization.terms import AuthorizationTerms
from domain.authorization.terms_change import Rounds
from domain.facts import ErpSnapshot, Wish
from domain.order_state import OrderState
from domain.ports import PollCursor
from domain.tenant_config import OrderConfig, Pacing

ORDER = "OrderWorkflow"
ERP_POLL = "ErpPollWorkflow"
AUTHORIZATION = "AuthorizationWorkflow"
FAILURE_REPORT = "FailureReportWorkflow"
TERMS_CHANGE = "TermsChangeWorkflow"

WORKFLOW_QUEUE = "workflows"
ERP_QUEUE = "erp"
MAIL_QUEUE = "mail"
FILE_QUEUE = "files"


def provider_queue(provider: str) -> str:
    """One activity queue per kind of provider."""
    return f"provider-{provider}"


@dataclass(frozen=True)
class OrderStart:
    """Input of an `OrderWorkflow`. `resume` is the last recorded state of an order that lived before, `rules` the
    generation of rules that the order lives by (`domain.order_state.RULES`)."""

    tenant: str
    connection: str
    order_no: str
    config: OrderConfig
    pacing: Pacing = field(default_factory=Pacing)
    resume: OrderState | None = None
    profile: str = "production"
    rules: int = 1


@dataclass(frozen=True)
class ErpPicture:
    """Signal `erp_reported`: the poller saw a changed picture. `request_id` names picture and order."""

    request_id: str
    snapshot: ErpSnapshot


@dataclass(frozen=True)
class PaymentHint:
    """Signal `payment_hinted`: something happened at the provider, look."""

    request_id: str


@dataclass(frozen=True)
class PickUp:
    """Signal `pick_up`: nothing happened, but make sure that the order is alive and looks at its facts."""

    request_id: str


@dataclass(frozen=True)
class Message:
    """Update `tell`: what a person or a shop wants an order to know; idempotent by `request_id`."""

    request_id: str
    wish: Wish
    actor: str = ""


class Answer(StrEnum):
    """How a message was taken."""

    ACCEPTED = "accepted"
    ALREADY = "already"
    REFUSED = "refused"


@dataclass(frozen=True)
class Reply:
    """Answer of `tell`, given at once. `next_due` (UTC): when the order will look next; `reason` says why refused."""

    answer: Answer
    operation_id: str
    next_due: datetime | None = None
    reason: str = ""


@dataclass(frozen=True)
class AuthorizationStart:
    """Input of an `AuthorizationWorkflow`. `terms` are those that it begins with; later ones come by signal. `resume`
    is the last recorded state of one that lived before. `held_at` (UTC): when the first hold was placed, where the
    merchant knows and the provider does not tell. `begun`: how many holds the runs before have placed."""

    tenant: str
    provider: str
    account: str
    reference: str
    terms: AuthorizationTerms = field(default_factory=AuthorizationTerms)
    case_reference: str = ""
    payout_reference: str = ""
    amount_minor: int = 0
    currency: str = ""
    held_at: datetime | None = None
    pacing: Pacing = field(default_factory=Pacing)
    resume: AuthorizationState | None = None
    profile: str = "production"
    begun: int = 1


@dataclass(frozen=True)
class HoldHint:
    """Signal `hold_hinted`: something happened at the provider, look."""

    request_id: str


@dataclass(frozen=True)
class NewTerms:
    """Signal `terms_changed`: the merchant agreed on other terms."""

    request_id: str
    terms: AuthorizationTerms


class Care(StrEnum):
    """What an operator can tell an authorization besides actions."""

    LOOK_AGAIN = "look_again"
    MARK_SOLVED = "mark_solved"


@dataclass(frozen=True)
class HoldMessage:
    """Update `act`: what a merchant, a shop or an operator wants; idempotent by `request_id`. Exactly one of `action`,
    `care` and `withdraws` is given; the last names an earlier request that is not wanted any more."""

    request_id: str
    action: Action | None = None
    care: Care | None = None
    withdraws: str = ""
    origin: Origin = Origin.API
    actor: str = ""


@dataclass(frozen=True)
class HoldReply:
    """Answer of `act`, given at once. `retry_at` (UTC): when a refused action would be allowed, or when an accepted
    one will be carried out where it has to wait. `reason` says why refused."""

    answer: Answer
    operation_id: str
    retry_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True)
class ErpPollStart:
    """Input of an `ErpPollWorkflow`. The interval is a live setting of the connection; simulation sets 30 days and
    relies on `look_now`. `again`: orders whose picture could not be read yet; `rest`: orders whose turn is still to
    come. `next_due` (UTC): when the run before wanted to ask next; None asks at once."""

    tenant: str
    connection: str
    cursor: PollCursor = field(default_factory=PollCursor)
    again: tuple[str, ...] = ()
    profile: str = "production"
    next_due: datetime | None = None
    rest: tuple[str, ...] = ()


@dataclass(frozen=True)
class FailureReportStart:
    """Input of a `FailureReportWorkflow`. Everything that it must remember stands in SQL."""

    tenant: str
    pacing: Pacing = field(default_factory=Pacing)
    profile: str = "production"


@dataclass(frozen=True)
class TermsChangeStart:
    """Input of a `TermsChangeWorkflow`. What must be remembered stands in SQL; `rounds` spares a run that continues
    another one telling everybody again."""

    tenant: str
    account: str
    pacing: Pacing = field(default_factory=Pacing)
    profile: str = "production"
    rounds: Rounds = field(default_factory=Rounds)


@dataclass(frozen=True)
class LookNow:
    """Signal `look_now`: to a poller, ask at once (outside the quiet window); to a report of failures and to a change
    of terms, look at once."""

    request_id: str
