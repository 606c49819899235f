"""The poller's activity: a slow ERP, a poller that starts anew, orders that cannot be read."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from activities.jobs import PollJob, PollReport
from activities.polling import PollActivities
from domain import reasons
from domain.errors import Rejected, Transient
from domain.facts import ErpSnapshot, Phase
from domain.order_state import OrderState
from domain.polling import ConnectionSettings, LookedAfter, PollPlace
from domain.ports import Candidate, CandidatePage, PollCursor, PolledCode, Seen, SendPermit
from domain.tenant_config import OrderConfig
from tests.domain import building

NOON = datetime(2027, 3, 3, 11, 0, tzinfo=UTC)
ENOUGH = timedelta(minutes=10)  # the time of one execution


@dataclass
class Passing:
    """Time as the activity measures it."""

    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def passing(monkeypatch: pytest.MonkeyPatch) -> Passing:
    clock = Passing()
    monkeypatch.setattr(time, "monotonic", clock)
    return clock


@dataclass
class SlowErp:
    """Lists the orders after the cursor, two to a page; each picture takes its time."""

    clock: Passing
    orders: Sequence[str]
    takes: float = 1.0
    unreadable: frozenset[str] = frozenset()
    breaks_at: str = ""
    phase: Phase = Phase.OPEN
    created_at: datetime | None = None
    asked: list[str] = field(default_factory=list)

    def candidates(
        self,
        connection: str,
        codes: Sequence[PolledCode],
        cursor: PollCursor,
        now: datetime,
        permit: SendPermit,
        seen: Seen,
    ) -> CandidatePage:
        start = int(cursor.changed_from or 0)
        listed = tuple(Candidate(one, f"mark of {one}") for one in self.orders[start : start + 4])
        end = start + len(listed)
        return CandidatePage(listed, PollCursor(str(end)), more=end < len(self.orders))

    def snapshot(self, connection: str, order_no: str, as_of: datetime, permit: SendPermit) -> ErpSnapshot | None:
        self.asked.append(order_no)
        self.clock.seconds += self.takes
        if order_no == self.breaks_at:
            raise Transient("no answer")
        if order_no in self.unreadable:
            raise Rejected("not this one")
        return building.picture(as_of, order_no=order_no, phase=self.phase, created_at=self.created_at)


@dataclass
class Memory:
    """Remembers in the test's process."""

    kept: PollPlace = field(default_factory=PollPlace)
    active: bool = True
    codes: tuple[PolledCode, ...] = (PolledCode("DEM", "K"),)
    begun: bool = True

    def place(self, tenant: str, connection: str) -> PollPlace:
        return self.kept

    def keep_place(self, tenant: str, connection: str, place: PollPlace) -> None:
        self.kept = place

    def settings(self, tenant: str, connection: str) -> ConnectionSettings:
        return ConnectionSettings(self.active, 300, self.codes)

    def seen(self, tenant: str, connection: str, candidates: Sequence[Candidate]) -> frozenset[str]:
        return frozenset()

    def next_as_of(self, tenant: str, connection: str, order_no: str, now: datetime) -> datetime:
        return now

    def knows(self, tenant: str, connection: str, snapshot: ErpSnapshot) -> bool:
        return False

    def told(self, tenant: str, connection: str, candidate: Candidate, snapshot: ErpSnapshot | None) -> None: ...

    def config(self, tenant: str, connection: str, snapshot: ErpSnapshot) -> tuple[OrderConfig, OrderState | None]:
        return building.config(), None

    def started(self, tenant: str, connection: str, order_no: str) -> bool:
        return self.begun

    def register(self, tenant: str, connection: str, snapshot: ErpSnapshot, config: OrderConfig) -> None: ...


@dataclass
class Told:
    """The orders that were told, in turn."""

    orders: list[str] = field(default_factory=list)

    def report(self, tenant: str, connection: str, snapshot: ErpSnapshot, config: Any, resume: Any) -> None:
        self.orders.append(snapshot.order_no)

    def revive(self, tenant: str, connection: str) -> int:
        return 0


class Free:
    """No gate is closed and a slot is always free."""

    def check(self, name: str, at: datetime) -> None: ...

    def is_active(self, configuration: str) -> bool:
        return True

    def hold(self, connection: str) -> "Free":
        return self

    def renew(self) -> None: ...

    def release(self) -> None: ...


@dataclass
class House:
    """One connection: its ERP, what is remembered of it, and who was told."""

    erp: SlowErp
    memory: Memory = field(default_factory=Memory)
    told: Told = field(default_factory=Told)

    def poll(self, last: PollReport | None = None) -> PollReport:
        """The next poll of a poller that knows its last report, or of one that starts anew."""
        polls = PollActivities(self.erp, self.memory, self.told, Free(), Free())
        environment = ActivityEnvironment()
        environment.info = replace(
            environment.info, started_time=NOON, heartbeat_timeout=None, start_to_close_timeout=ENOUGH
        )
        job = PollJob("acme", "pixi", PollCursor())
        if last is not None:
            job = replace(job, cursor=last.cursor, again=last.again, rest=last.rest)
        report: PollReport = environment.run(polls.poll_erp, job)
        return report


def test_a_slow_erp_is_read_in_portions(passing: Passing) -> None:
    """An execution ends in time with what it told; each order is asked for once, however long the list."""
    orders = [str(number) for number in range(1, 7)]
    house = House(SlowErp(passing, orders, takes=ENOUGH.total_seconds() / 3))
    report = house.poll()
    assert (report.rest, report.more) == (("3", "4"), True)
    while report.more:
        report = house.poll(report)
    assert house.told.orders == house.erp.asked == orders


def test_one_order_that_takes_all_the_time_does_not_stop_the_others(passing: Passing) -> None:
    """At least one order is told at each execution."""
    house = House(SlowErp(passing, ["1", "2", "3"], takes=2 * ENOUGH.total_seconds()))
    report = house.poll()
    for _ in range(2):
        report = house.poll(report)
    assert (house.told.orders, report.rest) == (["1", "2", "3"], ())


def test_a_poller_that_starts_anew_goes_on_where_the_last_one_stopped(passing: Passing) -> None:
    """Cursor, unreadable orders and the rest of a page were kept; nothing is listed again and nothing is lost."""
    orders = [str(number) for number in range(1, 9)]
    house = House(SlowErp(passing, orders, takes=ENOUGH.total_seconds() / 5, unreadable=frozenset({"2"})))
    first = house.poll()
    assert (first.again, first.rest) == (("2",), ("4",))
    house.erp.unreadable = frozenset()
    anew = house.poll()  # as after a termination, or when Temporal has forgotten everything
    assert (anew.again, anew.rest) == ((), ())
    while anew.more:
        anew = house.poll(anew)
    assert sorted(house.told.orders) == orders


def test_a_poll_that_failed_keeps_the_place_before_it(passing: Passing) -> None:
    """What was told before the answer stayed away is told again rather than anything be left out."""
    house = House(SlowErp(passing, ["1", "2", "3"], breaks_at="2"))
    report = house.poll()
    kept = replace(house.memory.kept, looked_after=())
    assert (report.reason, report.cursor, kept) == (reasons.NO_ANSWER, PollCursor(), PollPlace())
    house.erp.breaks_at = ""
    house.poll(report)
    assert house.told.orders == ["1", "1", "2", "3"]


def test_a_refused_list_shows_in_the_report(passing: Passing) -> None:
    """The others are told all the same, and the poller comes back soon."""
    house = House(SlowErp(passing, ["1"]))
    whole = house.erp.candidates
    house.erp.candidates = lambda *said: replace(whole(*said), refused=True)  # type: ignore[method-assign]
    report = house.poll()
    assert (report.reason, report.told) == (reasons.REFUSED, 1)


@pytest.mark.parametrize(
    ("phase", "created", "begins"),
    [
        (Phase.HELD, None, True),
        (Phase.HELD, timedelta(days=-30), True),
        (Phase.OPEN, timedelta(days=-1), False),
        (Phase.OPEN, None, False),
        (Phase.CLOSED, timedelta(hours=-1), False),
        (Phase.OPEN, timedelta(), True),
        (Phase.CLOSED, timedelta(hours=1), True),
        (Phase.OPEN, timedelta(minutes=-5), True),
    ],
)
def test_orders_that_somebody_else_let_go_are_left_alone(
    passing: Passing, phase: Phase, created: timedelta | None, begins: bool
) -> None:
    """A configuration picks up what is on hold and what came after it was switched on (two clocks are never equal)."""
    at = NOON + created if created is not None else None
    house = House(SlowErp(passing, ["1"], phase=phase, created_at=at), Memory(begun=False))
    report = house.poll()
    assert house.told.orders == ["1"] * begins
    assert (report.told, report.unchanged) == (int(begins), int(not begins))


def test_an_order_that_has_begun_is_told_everything(passing: Passing) -> None:
    """One that was taken over, or that began before, hears of its changes whatever its phase."""
    house = House(SlowErp(passing, ["1"], created_at=NOON - timedelta(days=30)), Memory(begun=True))
    house.poll()
    assert house.told.orders == ["1"]


def test_a_configuration_that_was_switched_off_begins_anew(passing: Passing) -> None:
    """Orders that came while it was off are somebody else's, unless they are on hold."""
    earlier = LookedAfter(PolledCode("DEM", "K"), NOON - timedelta(days=9))
    house = House(
        SlowErp(passing, ["1"], created_at=NOON - timedelta(days=1)),
        Memory(PollPlace(looked_after=(earlier,)), codes=(), begun=False),
    )
    house.poll()
    assert house.memory.kept.looked_after == ()
    house.memory.codes = (earlier.code,)
    house.memory.kept = replace(house.memory.kept, cursor=PollCursor())
    house.poll()
    assert house.memory.kept.looked_after == (LookedAfter(earlier.code, NOON),)
    assert house.told.orders == []


def test_a_connection_that_was_switched_off_begins_anew(passing: Passing) -> None:
    """So does every configuration of a connection."""
    earlier = LookedAfter(PolledCode("DEM", "K"), NOON - timedelta(days=9))
    house = House(SlowErp(passing, ["1"]), Memory(PollPlace(looked_after=(earlier,)), active=False))
    house.poll()
    assert house.memory.kept.looked_after == ()
