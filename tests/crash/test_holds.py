"""Authorizations live for weeks at both providers while workers are killed and answers are lost: each effect once."""

import asyncio
import contextlib
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from functools import partial
from pathlib import Path

import pytest
from temporalio.service import RPCError, RPCStatusCode

from cli.hold_stage import HoldStage, RefusedByStandIn
from domain.operations import Kind
from domain.parties import Tenant
from domain.tenant_config import Language
from domain.windows import next_local
from simulation.driver import Driver
from simulation.skipping import Skipper
from tests.crash.chaos import Figures, start_worker
from tests.crash.holds import HOUSES, HoldBooks, Life, events, open_business
from tests.support.stack import Stack
from workflows.sending_holds import AuthorizationSender

pytestmark = [pytest.mark.crash, pytest.mark.timeout(900)]

DAY = timedelta(days=1)
LASTS = 12 * DAY
PATIENCE = timedelta(seconds=60)
TAKEN_WITHIN = 10.0
HELD_SECONDS = 1.0
HELD = (Kind.AUTHORIZE, Kind.CAPTURE, Kind.VOID)
NOBODY_WORKS = (RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED)


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    """Temporal, a worker and the providers; nobody calls back, so no starter is needed."""
    without, further = ("pixi", "unzer", "mailbox", "starter"), ("stripe", "paygate")
    with Stack.start(tmp_path, without=without, further=further) as running:
        yield running


@dataclass
class Chaos:
    """Kills the worker, half of the times in the middle of a request: before it took effect, or after."""

    stack: Stack
    stages: list[HoldStage]
    rng: random.Random
    told: list[str] = field(default_factory=list)
    moments: Counter[str] = field(default_factory=Counter)

    async def go_on(self, kills: int) -> None:
        for number in range(1, kills + 1):
            moment = await self._moment()
            for one in self.stack.running("worker"):
                self.stack.kill(one)
            self.moments[moment.partition(":")[0]] += 1
            self.told.append(f"{number}. worker killed {moment}")
            await start_worker(self.stack)

    async def _moment(self) -> str:
        if self.rng.random() < 0.25:
            seconds = self.rng.uniform(0, 2)
            await asyncio.sleep(seconds)
            return f"at any time: after {seconds:.1f} s"
        kind = self.rng.choice(("delay", "delay_before"))
        calls = [(one, call) for one in self.stages for asked in HELD for call in HOUSES[one.provider].calls[asked]]
        for stage, call in calls:
            await asyncio.to_thread(partial(stage.call, "POST", "/faults", call=call, kind=kind, seconds=HELD_SECONDS))
        limit, taken = time.monotonic() + TAKEN_WITHIN, ""
        while not taken and time.monotonic() < limit:
            await asyncio.sleep(0.02)
            waiting = await asyncio.to_thread(self._waiting, kind)
            taken = next((f"{stage.provider} {call}" for stage, call in calls if (stage, call) not in waiting), "")
        await asyncio.sleep(self.rng.uniform(0, HELD_SECONDS / 2))
        await asyncio.to_thread(self._take_back, kind)
        return f"{'after' if kind == 'delay' else 'before'} the effect: {taken}" if taken else "while nothing was sent"

    def _waiting(self, kind: str) -> list[tuple[HoldStage, str]]:
        """The calls that have not come yet."""
        faults = [(stage, one) for stage in self.stages for one in stage.call("GET", "/faults")]
        return [(stage, one["call"]) for stage, one in faults if one["kind"] == kind]

    def _take_back(self, kind: str) -> None:
        """Let no later call meet what none has met."""
        for stage in self.stages:
            for one in stage.call("GET", "/faults"):
                if one["kind"] == kind:
                    with contextlib.suppress(RefusedByStandIn):  # met just now
                        stage.call("DELETE", f"/faults/{one['id']}")


async def open_stage(stack: Stack, provider: str, begins: datetime) -> HoldStage:
    """A merchant with an account at a provider, in simulated time."""
    stores, settings, places = stack.stores, stack.settings, stack.places
    stores.directory.put_tenant(Tenant(provider, provider, Language.ENGLISH, simulated=True))
    stores.clocks.set_offset(provider, begins - datetime.now(UTC))
    sender = AuthorizationSender(await stack.client(), settings.timing.pacing, settings.profile.value)
    url = places.url(places.stripe if provider == "stripe" else places.paygate)
    stage = HoldStage(provider, url, provider, stores, sender)
    await asyncio.to_thread(stage.set_up)
    await stage.clock().set(begins, hold=True)
    return stage


async def through_kills(stack: Stack, seed: int, kills: int) -> None:
    """Let every plan live at both providers while workers are killed; then compare all books."""
    began, rng = time.monotonic(), random.Random(seed)
    begins = next_local(datetime.now(UTC) + DAY, clock_time(12))
    stages = [await open_stage(stack, one, begins) for one in HOUSES]
    lives = {one.provider: await open_business(one, begins, rng) for one in stages}
    chaos = Chaos(stack, stages, random.Random(seed + 1))
    killing = asyncio.create_task(chaos.go_on(kills))
    try:
        await asyncio.gather(*(live(stack, one, lives[one.provider], begins) for one in stages))
        ended_first = killing.done()
    finally:
        killing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await killing
        sys.stdout.write("\n".join([f"seed {seed}", *chaos.told]) + "\n")
    books = [await asyncio.to_thread(HoldBooks, one, stack.stores.db, lives[one.provider]) for one in stages]
    wrong = [said for one in books for said in one.check()]
    figures = Figures(
        {
            "authorizations": sum(len(one) for one in lives.values()),
            "effects": {one.stage.provider: len(one.effects) for one in books},
            "kills": dict(chaos.moments),
            "unknown at first": sum(one.unknowns for one in books),
            "faults": {one.stage.provider: dict(one.lost) for one in books},
            "refused": [said for found in lives.values() for one in found for said in one.refused],
            "seconds": round(time.monotonic() - began),
        }
    )
    sys.stdout.write(f"{figures}\n")
    for stage in stages:
        stage.close()
    assert not wrong, "\n".join([*wrong, str(figures), *chaos.told])
    assert all(one.unknowns for one in books), f"no answer was ever missed, so less is proved: {figures}"
    assert ended_first, f"the lives were over before the kills, so less is proved: {figures}"


async def live(stack: Stack, stage: HoldStage, lives: list[Life], begins: datetime) -> None:
    """Move the clock of one merchant and everything that it has."""
    client = await stack.client()
    driver = Driver(client, Skipper(client), stage.tenant, stack.stores.clocks, [stage.clock()], patience=PATIENCE)
    while True:
        try:
            await driver.run_until(begins + LASTS, events(lives, begins))
        except RPCError as error:
            if error.status not in NOBODY_WORKS:
                raise
        else:
            return


@pytest.mark.rule("R20", "R75", "SI3")
async def test_every_effect_on_a_hold_happens_once(stack: Stack) -> None:
    """Five kinds of authorizations at two providers, renewed, split, captured, given back and refused."""
    await through_kills(stack, seed=20264, kills=6)


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_many_more_kills(stack: Stack, seed: int) -> None:
    """The same with other seeds, and until hardly anything is left to do."""
    await through_kills(stack, seed=seed, kills=14)
