"""What an authorization needs of a payment provider, as a protocol. Adapters fulfil it, activities call it.

As with `domain.ports`: effects return an `OperationResult` and raise only for programming errors and `Misconfigured`;
reads raise `Transient` when they may be repeated. Every effect takes a `SendPermit`, which is called immediately before
a request leaves and raises `NotSent`. The methods are coroutines, for provider clients that wait without a thread; a
permit asks SQL, so it is called in a thread.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from domain.authorization.facts import HoldSnapshot
from domain.authorization.retries import CardAttempt
from domain.authorization.schemes import Scheme
from domain.outcomes import OperationResult
from domain.ports import Earlier, SendPermit


@dataclass(frozen=True)
class Instrument:
    """What an adapter needs to authorize the same card again: the provider's own names for it, never its number.

    `token` is the provider's substitute for the card, `customer` whom it was kept for, `expires` its expiry (`YYYYMM`),
    `brand` the provider's name of the scheme. Kept encrypted outside of workflows; empty where the provider knows all
    of it by the hold's id.
    """

    token: str = field(default="", repr=False)
    customer: str = field(default="", repr=False)
    brand: str = ""
    expires: str = field(default="", repr=False)
    scheme_reference: str = field(default="", repr=False)


@dataclass(frozen=True)
class Case:
    """What all requests of one authorization have in common. `first_hold_id` is the customer's own authorization.

    `case_reference` and `payout_reference` are the merchant's names for the payment and the same in each request (rule
    R28). `held_at` (UTC) is when the first hold was placed, where the merchant knows and the provider does not tell.
    """

    first_hold_id: str
    currency: str
    case_reference: str = ""
    payout_reference: str = ""
    held_at: datetime | None = None
    instrument: Instrument = field(default_factory=Instrument)


@dataclass(frozen=True)
class AuthorizeRequest:
    """Hold `amount_minor` once more, without the customer. `previous_hold_id` is the hold that this one follows,
    `scheme_reference` what the scheme knows it by, `number` counts the holds, `reference` is the derived key."""

    case: Case
    amount_minor: int
    reference: str
    previous_hold_id: str
    scheme_reference: str = ""
    number: int = 2


@dataclass(frozen=True)
class HoldCaptureRequest:
    """Take `amount_minor` of a hold. `final`: what is left of it is given up; otherwise it stays held where the
    provider can do so. `before_minor`: what our books say was captured of this hold before."""

    case: Case
    hold_id: str
    amount_minor: int
    reference: str
    final: bool = True
    before_minor: int = 0
    document: str = ""


@dataclass(frozen=True)
class HoldVoidRequest:
    """Give up what is left of a hold. `captured_minor`: what our books say was captured of it before."""

    case: Case
    hold_id: str
    amount_minor: int
    reference: str
    captured_minor: int = 0


@dataclass(frozen=True)
class HoldRefundRequest:
    """Give `amount_minor` back of what was captured from a hold. `undo`: it is all of the latest capture, taken back as
    if it had not been; where the provider has no such thing, it is a refund. `before_minor`: what our books say was
    given back of this hold before."""

    case: Case
    hold_id: str
    amount_minor: int
    reference: str
    undo: bool = False
    before_minor: int = 0
    document: str = ""


class HoldProvider(Protocol):
    """A provider of card holds. `account` names the provider account whose credentials are used.

    A refused authorization has a `Decline` as its reason; its evidence carries the provider's own code, and whether
    another attempt is advised against. Every effect is safe to repeat with the same `reference`: with `earlier.sends`
    the adapter asks first what became of the request before.
    """

    async def read(self, account: str, case: Case, hold_id: str) -> HoldSnapshot:
        """The hold as it stands; standing *missing* when the provider does not know it.

        Raises `Transient` when no usable answer came, `Misconfigured` when the credentials are refused.
        """

    async def authorize(
        self, account: str, request: AuthorizeRequest, earlier: Earlier, permit: SendPermit
    ) -> OperationResult:
        """Place a hold once. Evidence: the new hold's id, amount, instant and what is known of its deadline."""

    async def capture(
        self, account: str, request: HoldCaptureRequest, earlier: Earlier, permit: SendPermit
    ) -> OperationResult:
        """Capture once. Evidence: the provider's id of it and the amount taken."""

    async def void(
        self, account: str, request: HoldVoidRequest, earlier: Earlier, permit: SendPermit
    ) -> OperationResult:
        """Give up a hold once. One that is gone already without a capture is a success of nothing."""

    async def refund(
        self, account: str, request: HoldRefundRequest, earlier: Earlier, permit: SendPermit
    ) -> OperationResult:
        """Give an amount back once. Evidence: the provider's id of it and the amount given back."""


@dataclass(frozen=True)
class CardName:
    """A card without its number: the provider account that named it, the name, and its scheme."""

    account: str
    card: str
    scheme: Scheme


class CardLedger(Protocol):
    """Every authorization that was tried with a card, whoever's order it was for. What may follow is judged by
    `domain.authorization.retries`."""

    def attempts(self, card: CardName, since: datetime) -> tuple[CardAttempt, ...]:
        """The attempts with a card since then (UTC), in the order in which they were made."""

    def record(self, card: CardName, operation_id: str, attempt: CardAttempt) -> None:
        """Write an attempt down, once per operation."""
