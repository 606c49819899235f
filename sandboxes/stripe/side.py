"""One side of an account, test or live: its objects by id, its events, what is due, what keys remember."""

import heapq
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from sandboxes.stripe.idempotency import IdempotencyBook
from sandboxes.stripe.ids import Ids
from sandboxes.stripe.model import (
    CAPTURE,
    BalanceEntry,
    Charge,
    Customer,
    Event,
    Intent,
    Kept,
    PaymentMethod,
    Refund,
    SetupIntent,
)
from sandboxes.stripe.programs import Programs

if TYPE_CHECKING:
    from sandboxes.stripe.account import StripeAccount

EVENT_SECONDS = 30 * 24 * 3600
EVENTS_KEPT = 5_000
K = TypeVar("K", bound=Kept)


class Side:
    """Everything that keys of one mode see."""

    def __init__(self, account: "StripeAccount", *, live: bool) -> None:
        self.account = account
        self.live = live
        self.clear()

    @property
    def mode(self) -> str:
        return "live" if self.live else "test"

    def clear(self) -> None:
        seed = f"{self.account.settings.seed or self.account.name}:{self.mode}"
        self.ids = Ids(seed)
        self.request_ids = Ids(f"{seed}:requests")  # apart, so that reading changes no other id
        self.customers: dict[str, Customer] = {}
        self.methods: dict[str, PaymentMethod] = {}
        self.intents: dict[str, Intent] = {}
        self.charges: dict[str, Charge] = {}
        self.refunds: dict[str, Refund] = {}
        self.setups: dict[str, SetupIntent] = {}
        self.entries: dict[str, BalanceEntry] = {}
        self.events: dict[str, Event] = {}
        self.keys = IdempotencyBook()
        self.programs = Programs()
        self._due: list[tuple[float, str, str]] = []

    def charge_of(self, intent: Intent) -> Charge | None:
        return self.charges.get(intent.latest_charge)

    def method_of(self, intent: Intent) -> PaymentMethod | None:
        return self.methods.get(intent.payment_method)

    # what is due by the clock

    def plan(self, at: float, kind: str, key: str) -> None:
        """Put the end of a hold (`hold`) or of a refund (`refund`) on the agenda."""
        heapq.heappush(self._due, (at, kind, key))
        self.account.agenda.wake()

    def _open(self, entry: tuple[float, str, str]) -> bool:
        at, kind, key = entry
        if kind == "refund":
            refund = self.refunds.get(key)
            return refund is not None and refund.settles_at == at
        intent = self.intents.get(key)
        charge = self.charge_of(intent) if intent is not None else None
        return charge is not None and intent is not None and intent.status == CAPTURE and charge.capture_before == at

    def next_due(self) -> float | None:
        """The instant of what is due first; what has lost its meaning is dropped on the way."""
        while self._due and not self._open(self._due[0]):
            heapq.heappop(self._due)
        return self._due[0][0] if self._due else None

    def take_due(self, now: float) -> tuple[str, str] | None:
        """The kind and id of what is due next at `now`, taken off the agenda."""
        at = self.next_due()
        if at is None or at > now:
            return None
        _, kind, key = heapq.heappop(self._due)
        return kind, key

    def pending(self, now: float) -> int:
        return sum(1 for entry in self._due if entry[0] <= now and self._open(entry))

    # events

    def emit(self, kind: str, shown: dict[str, Any], *, at: int | None = None, **previous: Any) -> None:
        """Record an event with its object as it is now; `previous` are former values of an update."""
        cause = self.account.cause
        event = Event(
            id=self.ids.new("evt"),
            created=self.account.now() if at is None else at,
            type=kind,
            object=json.dumps(shown),
            previous=json.dumps(previous) if previous else "",
            request_id=cause.request_id,
            idempotency_key=cause.idempotency_key,
        )
        self.events[event.id] = event
        oldest = self.account.now() - EVENT_SECONDS
        while len(self.events) > EVENTS_KEPT or next(iter(self.events.values())).created < oldest:
            del self.events[next(iter(self.events))]

    # state

    def dump(self) -> dict[str, Any]:
        return {
            "serial": self.ids.serial,
            "requests": self.request_ids.serial,
            **{name: [one.dump() for one in table.values()] for name, table in self._tables()},
            "keys": self.keys.dump(),
            "programs": self.programs.dump(),
        }

    def _tables(self) -> Iterable[tuple[str, dict[str, Any]]]:
        for name in ("customers", "methods", "intents", "charges", "refunds", "setups", "entries", "events"):
            yield name, getattr(self, name)

    def restore(self, data: dict[str, Any]) -> None:
        self.clear()
        self.ids.serial, self.request_ids.serial = int(data["serial"]), int(data["requests"])
        self.customers = _table(Customer, data["customers"])
        self.methods = _table(PaymentMethod, data["methods"])
        self.intents = _table(Intent, data["intents"])
        self.charges = _table(Charge, data["charges"])
        self.refunds = _table(Refund, data["refunds"])
        self.setups = _table(SetupIntent, data["setups"])
        self.entries = _table(BalanceEntry, data["entries"])
        self.events = _table(Event, data["events"])
        self.keys.restore(data["keys"])
        self.programs.restore(data["programs"])
        for intent in self.intents.values():
            charge = self.charge_of(intent)
            if intent.status == CAPTURE and charge is not None and charge.capture_before is not None:
                self.plan(charge.capture_before, "hold", intent.id)
        for refund in self.refunds.values():
            if refund.settles_at is not None:
                self.plan(refund.settles_at, "refund", refund.id)


def _table(kind: type[K], rows: list[dict[str, Any]]) -> dict[str, K]:
    return {row["id"]: kind(**row) for row in rows}
