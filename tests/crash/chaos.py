"""Kills processes of a running Holdfast at random moments; every choice follows from a seed that is printed."""

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
from sqlalchemy import func, select

from cli.launcher import Running
from cli.stage import Stage
from storage.tables import journal_facts
from tests.support.stack import Stack

PAUSE = 0.1
STARTS_WITHIN = 120.0
TAKEN_WITHIN = 8.0
MOVES_WITHIN = 60.0
FACTS_BETWEEN = 6
HELD_SECONDS = 1.0

# calls in the middle of which a process dies, and where they arrive
CALLS = (
    ("unzer", "capture"),
    ("unzer", "reversal"),
    ("unzer", "refund"),
    ("unzer", "read_payment"),
    ("pixi", "pixiPaySetAuthorizationStatus"),
    ("pixi", "pixiPaySetInvoiceCapture"),
    ("pixi", "pixiCACreateManualBooking"),
    ("pixi", "pixiCreateOrderComment"),
    ("pixi", "pixiGetOrderHeader"),
)


async def until(what: str, happened: Callable[[], bool], within: float) -> None:
    """Wait for a condition; fails with `what` when it never comes true."""
    deadline = time.monotonic() + within
    while not await asyncio.to_thread(_answered, happened):
        if time.monotonic() > deadline:
            raise AssertionError(f"after {within:.0f} s: {what}")
        await asyncio.sleep(PAUSE)


def _answered(happened: Callable[[], bool]) -> bool:
    """A connection to a sandbox that breaks says nothing."""
    try:
        return happened()
    except httpx.TransportError:
        return False


async def start_worker(stack: Stack) -> Running:
    """Start one more worker and wait until it works."""
    before = ready_count(stack)
    worker = stack.run("worker")
    await until("the worker has not started", lambda: ready_count(stack) > before, STARTS_WITHIN)
    return worker


def ready_count(stack: Stack) -> int:
    """How often a worker has said that it works; all workers of a stack write into one file."""
    log = stack.places.folder / "logs" / "worker.log"
    return log.read_text(encoding="utf-8", errors="replace").count("worker.started") if log.exists() else 0


@dataclass(frozen=True)
class HeldCall:
    """A fault, mostly a delay, that waits for the next such call."""

    url: str
    id: str

    def taken(self) -> bool:
        """Whether the call has come by now."""
        left = httpx.get(self.url, timeout=60, trust_env=False).raise_for_status().json()
        return all(one["id"] != self.id for one in left)

    def take_back(self) -> None:
        """Let no later call meet it: that one may have a loss of its own."""
        httpx.delete(f"{self.url}/{self.id}", timeout=60, trust_env=False)


def hold(stage: Stage, system: str, call: str, kind: str, seconds: float, **match: str) -> HeldCall:
    """Arm a fault on the next such call."""
    url = {"unzer": stage.unzer, "pixi": stage.pixi}[system] + "/faults"
    fault = {"call": call, "kind": kind, "seconds": seconds, "match": match}
    # connections of its own: the stage belongs to whoever moves the orders, in another thread
    armed = httpx.post(url, json=fault, timeout=60, trust_env=False).raise_for_status().json()
    return HeldCall(url, str(armed["id"]))


@dataclass
class Killer:
    """Kills and starts again. `told` lists what was done, for the report of a failure."""

    stack: Stack
    stage: Stage
    rng: random.Random
    told: list[str] = field(default_factory=list)
    kills: int = 0
    _facts: int = 0

    async def kill_worker(self) -> None:
        """Wait for a random moment, kill -9 every worker, start one anew."""
        await self._work_goes_on()
        moment = await self._moment()
        for one in self.stack.running("worker"):
            self.stack.kill(one)
        self._tell(f"worker killed {moment}")
        await start_worker(self.stack)

    async def kill_server(self) -> None:
        """Wait for a random moment, kill -9 the Temporal server, start it anew on the same state file."""
        await self._work_goes_on()
        moment = await self._moment()
        for one in self.stack.running("temporal"):
            self.stack.kill(one)
        self._tell(f"Temporal killed {moment}")
        await asyncio.sleep(self.rng.uniform(0, 2))
        self.stack.run("temporal")

    async def _work_goes_on(self) -> None:
        """Let a few facts be written between two kills, so that each of them meets another piece of work."""
        deadline = time.monotonic() + MOVES_WITHIN
        while time.monotonic() < deadline and await asyncio.to_thread(self._count) < self._facts + FACTS_BETWEEN:
            await asyncio.sleep(PAUSE)
        self._facts = await asyncio.to_thread(self._count)

    def _count(self) -> int:
        with self.stack.stores.db.read() as sql:
            return sql.execute(select(func.count()).select_from(journal_facts)).scalar_one()

    async def _moment(self) -> str:
        """Half of the kills come while a call is held in the air, the others at any time."""
        if self.rng.random() < 0.5:
            seconds = self.rng.uniform(0, 2)
            await asyncio.sleep(seconds)
            return f"after {seconds:.1f} s"
        system, call = self.rng.choice(CALLS)
        kind = self.rng.choice(("delay", "delay_before"))
        held = await asyncio.to_thread(hold, self.stage, system, call, kind, HELD_SECONDS)
        deadline = time.monotonic() + TAKEN_WITHIN
        while not await asyncio.to_thread(held.taken):
            if time.monotonic() > deadline:
                await asyncio.to_thread(held.take_back)
                return f"waiting for {call}"
            await asyncio.sleep(0.02)
        await asyncio.sleep(self.rng.uniform(0, HELD_SECONDS))
        return f"in the middle of {call} ({kind})"

    def _tell(self, what: str) -> None:
        self.kills += 1
        self.told.append(f"{self.kills}. {what}")


@dataclass
class Figures:
    """What a run amounted to; printed, so that a reader sees what it proves."""

    values: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return ", ".join(f"{name}: {value}" for name, value in self.values.items())
