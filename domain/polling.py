"""What the poller needs beside the ERP: its memory of a connection, and the way to the orders."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from domain.facts import ErpSnapshot
from domain.order_state import OrderState
from domain.ports import Candidate, PollCursor, PolledCode
from domain.tenant_config import OrderConfig


@dataclass(frozen=True)
class ConnectionSettings:
    """What the poller needs to know of its connection."""

    active: bool
    interval_seconds: float
    codes: tuple[PolledCode, ...]


@dataclass(frozen=True)
class LookedAfter:
    """Since when (UTC) the orders of a shop and payment code are looked after without a break."""

    code: PolledCode
    since: datetime


@dataclass(frozen=True)
class PollPlace:
    """How far polling of a connection has come: every order before `cursor` was told, but for those that could not be
    read yet (`again`) and those whose turn is still to come (`rest`). `looked_after`: since when whose orders are ours.
    """

    cursor: PollCursor = field(default_factory=PollCursor)
    again: tuple[str, ...] = ()
    rest: tuple[str, ...] = ()
    looked_after: tuple[LookedAfter, ...] = ()


class PolledOrders(Protocol):
    """What is remembered about a connection and its orders between polls."""

    def place(self, tenant: str, connection: str) -> PollPlace:
        """Where polling stopped; the default where it never began."""

    def keep_place(self, tenant: str, connection: str, place: PollPlace) -> None:
        """Remember where polling stopped, for a poller that starts anew."""

    def settings(self, tenant: str, connection: str) -> ConnectionSettings:
        """The connection as it is configured now."""

    def seen(self, tenant: str, connection: str, candidates: Sequence[Candidate]) -> frozenset[str]:
        """The numbers of those about which the lists told the very same when they were last read and told."""

    def next_as_of(self, tenant: str, connection: str, order_no: str, now: datetime) -> datetime:
        """The instant of the next picture: `now`, but always later than the last one, whatever the clock does."""

    def knows(self, tenant: str, connection: str, snapshot: ErpSnapshot) -> bool:
        """Whether the order was told this very picture, or expects it as the effect of its own operations."""

    def told(self, tenant: str, connection: str, candidate: Candidate, snapshot: ErpSnapshot | None) -> None:
        """Remember that the order was told this picture (None: the order is left alone)."""

    def config(
        self, tenant: str, connection: str, snapshot: ErpSnapshot
    ) -> tuple[OrderConfig, OrderState | None] | None:
        """The order's configuration and last state; None when no active configuration applies (rule P4)."""

    def started(self, tenant: str, connection: str, order_no: str) -> bool:
        """Whether the order has begun, by itself or by being taken over."""

    def register(self, tenant: str, connection: str, snapshot: ErpSnapshot, config: OrderConfig) -> None:
        """Note that the order is about to start, and which payment is its own."""


class Orders(Protocol):
    """The way to the order workflows."""

    def report(
        self, tenant: str, connection: str, snapshot: ErpSnapshot, config: OrderConfig, resume: OrderState | None
    ) -> None:
        """Signal the picture, starting the order when it does not run; raises `Transient` when it cannot be sent."""

    def revive(self, tenant: str, connection: str) -> int:
        """Start again every order whose workflow was ended from outside; returns how many."""
