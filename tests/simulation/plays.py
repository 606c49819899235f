"""Small long-lived workflows with the shapes of the real ones: order, authorization, poller, nightly run."""

import asyncio
import contextlib
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from domain.windows import next_local
    from workflows.messages import LookNow

DAY = timedelta(days=1)
LIMIT = timedelta(seconds=20)
ONCE = RetryPolicy(maximum_attempts=1)


async def act(what: str, policy: RetryPolicy = ONCE) -> None:
    await workflow.execute_activity("act", what, start_to_close_timeout=LIMIT, retry_policy=policy)


async def until(due: datetime | None, woken: "asyncio.Event") -> None:
    """Wait for a message, until `due` at the longest."""
    pause = None if due is None else max(due - workflow.now(), timedelta(milliseconds=1))
    with contextlib.suppress(TimeoutError):
        await workflow.wait_condition(woken.is_set, timeout=pause)
    woken.clear()


@workflow.defn
class OrderPlay:
    """Hears facts; asks its authorization for a capture when shipped, books it, ends thirty days later."""

    @workflow.init
    def __init__(self, authorization: str) -> None:
        self.facts: list[str] = []
        self.began = workflow.now()
        self.due: datetime | None = None
        self.woken = asyncio.Event()

    @workflow.run
    async def run(self, authorization: str) -> list[str]:
        asked = booked = False
        while True:
            if "shipped" in self.facts and not asked:
                asked = True
                await workflow.get_external_workflow_handle(authorization).signal(
                    "capture", workflow.info().workflow_id
                )
            elif "captured" in self.facts and not booked:
                booked = True
                await act("book")
                self.due = workflow.now() + 30 * DAY
            elif self.due is not None and workflow.now() >= self.due:
                return [self.began.isoformat(), *self.facts]
            else:
                await until(self.due, self.woken)

    @workflow.signal
    def fact(self, fact: str) -> None:
        self.facts.append(fact)
        self.woken.set()

    @workflow.query
    def next_due(self) -> datetime | None:
        return self.due

    @workflow.query
    def began_at(self) -> datetime:
        return self.began


@dataclass
class Hold:
    at: datetime
    renewals: int = 0
    lives: timedelta = 180 * DAY


@workflow.defn
class AuthorizationPlay:
    """Renews itself every seven days until it is 180 days old; captures when an order asks; continues as new."""

    @workflow.init
    def __init__(self, hold: Hold) -> None:
        self.hold = hold
        self.asking: list[str] = []
        self.woken = asyncio.Event()

    def planned(self) -> datetime:
        hold = self.hold
        return min(hold.at + timedelta(days=7 * (hold.renewals + 1), hours=2), hold.at + hold.lives)

    @workflow.run
    async def run(self, hold: Hold) -> int:
        while True:
            if self.asking:
                order = self.asking.pop(0)
                await act("capture")
                await workflow.get_external_workflow_handle(order).signal("fact", "captured")
            elif workflow.now() >= hold.at + hold.lives:
                return self.hold.renewals
            elif workflow.now() >= self.planned():
                await act("void")
                await act("authorize")
                self.hold = replace(self.hold, renewals=self.hold.renewals + 1)
                if self.hold.renewals % 5 == 0 and not self.asking:
                    workflow.continue_as_new(self.hold)
            else:
                await until(self.planned(), self.woken)

    @workflow.signal
    def capture(self, order: str) -> None:
        self.asking.append(order)
        self.woken.set()

    @workflow.query
    def next_due(self) -> datetime | None:
        return self.planned()


@workflow.defn
class PollPlay:
    """Polls every thirty days, and when told to look."""

    @workflow.init
    def __init__(self) -> None:
        self.woken = asyncio.Event()
        self.due: datetime | None = None

    @workflow.run
    async def run(self) -> None:
        while True:
            self.woken.clear()
            await act("poll")
            self.due = workflow.now() + 30 * DAY
            await until(self.due, self.woken)

    @workflow.signal
    def look_now(self, reason: LookNow) -> None:
        self.woken.set()

    @workflow.query
    def next_due(self) -> datetime | None:
        return self.due


@workflow.defn
class HandingPlay:
    """Due in thirty days; hands over to a next run whenever it is told to look."""

    @workflow.init
    def __init__(self) -> None:
        self.woken = asyncio.Event()
        self.due = workflow.now() + 30 * DAY

    @workflow.run
    async def run(self) -> None:
        await until(self.due, self.woken)
        if workflow.now() < self.due:
            workflow.continue_as_new()

    @workflow.signal
    def look_now(self, reason: LookNow) -> None:
        self.woken.set()

    @workflow.query
    def next_due(self) -> datetime | None:
        return self.due


@workflow.defn
class NightlyPlay:
    """Acts at 04:00 Berlin wall time every day, for so many days."""

    @workflow.init
    def __init__(self, days: int) -> None:
        self.due = next_local(workflow.now(), time(4))

    @workflow.run
    async def run(self, days: int) -> None:
        for _ in range(days):
            await until(self.due, asyncio.Event())
            await act("nightly")
            self.due = next_local(workflow.now(), time(4))

    @workflow.query
    def next_due(self) -> datetime | None:
        return self.due


@dataclass
class Errand:
    """One activity after a while. `said`: what it answers for its due instant, if not the truth."""

    after: timedelta
    what: str
    pause: timedelta = timedelta(hours=1)
    attempts: int = 1
    said: datetime | None = None


@workflow.defn
class ErrandPlay:
    """Waits a while or for a message, does one thing (again after a failure), ends."""

    @workflow.init
    def __init__(self, errand: Errand) -> None:
        self.due: datetime | None = workflow.now() + errand.after
        self.errand = errand
        self.woken = asyncio.Event()

    @workflow.run
    async def run(self, errand: Errand) -> None:
        await until(self.due, self.woken)
        policy = RetryPolicy(initial_interval=errand.pause, maximum_attempts=errand.attempts)
        await act(errand.what, policy)

    @workflow.signal
    def fact(self, fact: str) -> None:
        self.woken.set()

    @workflow.query
    def next_due(self) -> datetime | None:
        return self.errand.said or self.due


PLAYS = [OrderPlay, AuthorizationPlay, PollPlay, HandingPlay, NightlyPlay, ErrandPlay]
