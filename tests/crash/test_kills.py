"""Orders of every family come to their end, each effect once, however often processes are killed on the way."""

import asyncio
import contextlib
import random
import sys
import time
from collections.abc import Sequence
from datetime import timedelta

import pytest

from tests.crash.business import Business
from tests.crash.chaos import Figures, Killer
from tests.crash.ledger import Books, differences_after_rebuild
from tests.crash.shop import ALL_PLANS, CODES
from tests.support.stack import Stack

pytestmark = [pytest.mark.crash, pytest.mark.timeout(1800)]

SETTLED_WITHIN = 600.0
TENANT = "crash"


async def through_kills(stack: Stack, seed: int, orders: int, victims: Sequence[str]) -> Figures:
    """Place `orders` while one process after the other is killed, let everything end, and check every book."""
    began, rng = time.monotonic(), random.Random(seed)
    stage = stack.stage(TENANT, simulated=False, poll_interval=timedelta(seconds=1), codes=CODES)
    business, killer = Business(stack, stage, rng), Killer(stack, stage, random.Random(seed + 1))
    await business.open(stack)
    open_for_business = asyncio.create_task(business.stay_open())
    try:
        for number, victim in enumerate(victims, start=1):
            await asyncio.to_thread(business.place, orders * number // len(victims) - len(business.placed))
            await (killer.kill_server() if victim == "server" else killer.kill_worker())
    finally:
        open_for_business.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await open_for_business
    story = f"seed {seed}\n" + "\n".join(killer.told)
    sys.stdout.write(story + "\n")
    try:
        await business.settled(SETTLED_WITHIN)
    except AssertionError as error:
        raise AssertionError(f"{error}\n{story}") from None
    for one in stack.running("worker"):
        stack.kill(one)  # so that nothing is written any more while the books are compared
    books = Books.of(stage, stack.stores.db, business.placed)
    wrong = [*books.check(business.placed), *differences_after_rebuild(stack.stores.db)]
    assert not wrong, "\n".join([*wrong, story])
    figures = Figures(
        {
            "orders": len(business.placed),
            "kills": killer.kills,
            "operations": len(books.operations),
            "unknown at first": books.unknowns,
            "found by reading": books.found_by_reading,
            "without an answer": books.lost,
            "seconds": round(time.monotonic() - began),
        }
    )
    sys.stdout.write(f"{figures}\n")
    assert not (told := books.answered()), f"less is proved: {told}, {figures}"
    assert all(books.lost.values()), f"a kind of call never lost its answer, so less is proved: {figures}"
    assert books.unknowns >= sum(books.lost.values()), f"an answer was lost and nobody noticed: {figures}"
    return figures


async def test_every_effect_happens_once(stack: Stack) -> None:
    """Forty orders of every kind, eight kills, every first money call without an answer: captures, voids, refunds,
    reports and bookings each happen exactly once, and what was booked is what was moved."""
    assert len(ALL_PLANS) <= 40
    await through_kills(stack, seed=20261, orders=40, victims=["worker"] * 8)


async def test_a_killed_server_loses_nothing(stack: Stack) -> None:
    """The Temporal server is killed and started again between kills of the worker: each effect happens once."""
    await through_kills(stack, seed=20262, orders=12, victims=["worker", "server", "worker", "server"])


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_many_more_kills(stack: Stack, seed: int) -> None:
    """The same for longer, with several seeds, workers and server in turn."""
    await through_kills(stack, seed=seed, orders=120, victims=(["worker"] * 4 + ["server"]) * 8)
