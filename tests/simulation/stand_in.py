"""A system outside as an object, a store of offsets in memory, and the log of who acted when."""

import bisect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from simulation.clock import Agenda

Deliver = Callable[[], Awaitable[object]]


class StandIn:
    """Has a clock, changes that a poller takes, and deliveries at their instants."""

    def __init__(self, name: str = "outside") -> None:
        self.name = name
        self.offset = timedelta(0)
        self.hold = False
        self.changed: list[tuple[str, str]] = []  # workflow id, fact
        self.count = 0
        self.deliveries: list[tuple[datetime, int, Deliver]] = []

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset

    def change(self, workflow_id: str, fact: str) -> None:
        """Something the poller will find."""
        self.changed.append((workflow_id, fact))
        self.count += 1

    def take(self) -> list[tuple[str, str]]:
        taken, self.changed = self.changed, []
        return taken

    def deliver_at(self, instant: datetime, action: Deliver) -> None:
        bisect.insort(self.deliveries, (instant, len(self.deliveries), action), key=lambda one: one[:2])

    async def set(self, instant: datetime, *, hold: bool) -> None:
        self.offset = instant - datetime.now(UTC)
        self.hold = hold

    async def agenda(self) -> Agenda:
        pending = sum(1 for one in self.deliveries if one[0] <= self.now())
        return Agenda(self.deliveries[0][0] if self.deliveries else None, pending)

    async def release(self) -> int:
        assert self.hold, "released without having been held"
        done = 0
        while self.deliveries and self.deliveries[0][0] <= self.now():
            await self.deliveries.pop(0)[2]()
            done += 1
        return done

    async def changes(self) -> int:
        return self.count


@dataclass(frozen=True)
class Noted:
    workflow_id: str


class MemoryOffsets:
    """Offsets of some tenants, in memory."""

    def __init__(self) -> None:
        self.offsets: dict[str, timedelta] = {}
        self.noted: dict[str, dict[str, datetime]] = {}

    def offset(self, tenant: str) -> timedelta | None:
        return self.offsets.get(tenant)

    def set_offset(self, tenant: str, offset: timedelta) -> None:
        self.offsets[tenant] = offset

    def opened(self, tenant: str, workflow_id: str, started_at: datetime) -> None:
        self.noted.setdefault(tenant, {}).setdefault(workflow_id, started_at)

    def closed(self, tenant: str, workflow_id: str) -> None:
        self.noted.get(tenant, {}).pop(workflow_id, None)

    def open_workflows(self, tenant: str) -> list[Noted]:
        return [Noted(one) for one in sorted(self.noted.get(tenant, {}))]


@dataclass(frozen=True)
class Act:
    """One activity: what, for which workflow, at its own time and at the time of the system outside."""

    what: str
    workflow_id: str
    at: datetime
    outside: datetime

    @property
    def apart(self) -> timedelta:
        return abs(self.at - self.outside)


@dataclass
class Log:
    """Everything that was done for one tenant."""

    acts: list[Act] = field(default_factory=list)

    def of(self, what: str) -> list[datetime]:
        """When it was done, in the order of doing."""
        return [one.at for one in self.acts if one.what == what]

    def furthest_apart(self) -> timedelta:
        """The largest distance between an activity and the clock of the system outside."""
        return max(one.apart for one in self.acts)
