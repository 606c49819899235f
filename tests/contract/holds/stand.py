"""What the suite needs of a provider to put its adapter to the test: a merchant account that can be steered.

A provider joins the suite with a `House` in `houses.py`. Amounts are minor units, instants UTC. What a provider cannot
do stands in its `Traits`, so that each test can say what it expects instead of being left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from domain.authorization.declines import Decline
from domain.authorization.facts import HoldStanding
from domain.authorization.ports import Case, HoldProvider
from domain.authorization.schemes import Scheme

AMOUNT = 10_000


class Call(StrEnum):
    """What can be refused, left undecided or disturbed at the provider. READ is every question."""

    READ = "read"
    AUTHORIZE = "authorize"
    CAPTURE = "capture"
    VOID = "void"
    REFUND = "refund"  # also the undoing of a capture


class Fault(StrEnum):
    """What goes wrong with the request that decides over an effect."""

    LOST = "lost"  # takes effect, then the connection is closed without an answer
    GARBLED = "garbled"  # takes effect, the answer cannot be read
    ERROR_AFTER = "error_after"  # takes effect, the answer is a server error
    SLOW = "slow"  # takes effect, the answer comes later than an impatient client waits
    NEVER_ARRIVED = "never_arrived"  # the connection is closed before anything takes effect
    ERROR = "error"  # a server error before anything takes effect


TAKES_EFFECT = (Fault.LOST, Fault.GARBLED, Fault.ERROR_AFTER, Fault.SLOW)
WITHOUT_EFFECT = (Fault.NEVER_ARRIVED, Fault.ERROR)


@dataclass(frozen=True)
class Traits:
    """What providers differ in.

    `tells_deadline`: when a hold runs out; `tells_lapse`: that it ran out; `tells_scheme_reference`: a hold that is
    found by reading comes with what later ones refer to. `undoes`: a capture can be taken back as if it had not been,
    and its money is held again. `declines`: the classes of refusals that its stand can play, `pending`: the calls that
    can be accepted without being decided.
    """

    declines: frozenset[Decline]
    pending: frozenset[Call] = frozenset()
    tells_deadline: bool = False
    tells_lapse: bool = False
    tells_scheme_reference: bool = False
    undoes: bool = False


@dataclass(frozen=True)
class Held:
    """A hold and the case it belongs to."""

    case: Case
    hold_id: str
    amount_minor: int = AMOUNT


@dataclass(frozen=True)
class Effect:
    """Something that our side brought about at the provider. `undone`: a capture was taken back, not refunded."""

    call: Call
    hold_id: str
    amount_minor: int
    undone: bool = False


class Stand(Protocol):
    """One merchant account that no other test uses, the adapter that knows it, and all that a test may do to it."""

    @property
    def traits(self) -> Traits: ...

    @property
    def account(self) -> str:
        """The account's name, for the adapter."""

    @property
    def provider(self) -> HoldProvider:
        """The adapter as in production, with a patience of several seconds."""

    def impatient(self) -> HoldProvider:
        """The adapter with a patience that SLOW answers exceed."""

    def unreachable(self) -> HoldProvider:
        """The adapter with an address at which connections are refused."""

    def misconfigured(self) -> Mapping[str, HoldProvider]:
        """What is wrong with the credentials → the adapter with them."""

    def secrets(self) -> tuple[str, ...]:
        """What must never show: keys, passwords, the provider's substitutes for cards."""

    # --- what happens outside

    def first_hold(self, amount_minor: int = AMOUNT, currency: str = "EUR", scheme: Scheme = Scheme.VISA) -> Held:
        """A customer has paid: a hold that can be renewed."""

    def bring_about(self, standing: HoldStanding) -> Held:
        """A customer's hold of AMOUNT EUR that stands so; CAPTURED is all of it. MISSING: well-formed, never made."""

    def not_ours(self) -> Mapping[str, Held]:
        """What is odd about it → a hold that this account does not have."""

    def by_hand(self, call: Call, held: Held, amount_minor: int) -> None:
        """Somebody captures, voids or refunds on the provider's pages."""

    def lapse(self, held: Held) -> None:
        """Move the provider's clock behind the hold's end."""

    def forward(self, by: timedelta) -> None:
        """Move the provider's clock, and the adapter's."""

    def now(self) -> datetime:
        """The clock of both."""

    # --- what the provider says next

    def decline_next(self, decline: Decline, *, advised_against: bool = False) -> str:
        """The next authorization is refused in this class; returns the provider's code. Only for cards of Visa."""

    def refuse_next(self, call: Call) -> str:
        """The next capture, void or refund is refused though the books allow it; returns the provider's code."""

    def leave_open(self, call: Call) -> None:
        """The next request is accepted and stays undecided."""

    def decide(self, hold_id: str, *, succeeds: bool) -> None:
        """What was left open at this hold (of an authorization: the new one) is decided."""

    def disturb(self, call: Call, fault: Fault, *, times: int = 1) -> None:
        """The next requests of this kind meet the fault; of several requests to one effect, that which decides."""

    # --- what came of it

    def effects(self) -> list[Effect]:
        """All that our side brought about, the oldest first; not what happened by hand or by time."""

    def traffic(self) -> list[str]:
        """`look` for each question that reached the provider, `send` for each request to change something."""

    def newest_hold(self, held: Held) -> str:
        """The id of the newest hold of this case."""

    def violations(self) -> list[str]:
        """The provider's rules that our side has broken; the suite wants none after each test."""

    async def close(self) -> None:
        """Close the adapters."""


class House(Protocol):
    """A provider's sandbox, running for the session."""

    def stand(self, name: str) -> Stand:
        """A merchant account of this name (letters and digits)."""

    def stop(self) -> None:
        """End the sandbox."""
