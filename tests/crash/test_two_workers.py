"""Two workers at once change nothing, and a worker that was frozen for a while does nothing twice."""

import asyncio
import random
import signal
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType

from tests.crash.business import Business
from tests.crash.chaos import hold, start_worker, until
from tests.crash.ledger import Books
from tests.crash.shop import ALL_PLANS, CODES, Plan, Takes
from tests.support.stack import Stack

pytestmark = [pytest.mark.crash, pytest.mark.timeout(1200)]

SETTLED_WITHIN = 600.0
HELD_WITHIN = 120.0
GOES_ON_WITHIN = 120.0
HELD_SECONDS = 1.3
LONG_SECONDS = 6.0  # longer than a worker takes to start, shorter than its place at the ERP is kept
CLOCK_TICK = timedelta(milliseconds=2)  # how exact the log of a sandbox is
CARD = Plan("card expert", "K", "card", Takes.PER_INVOICE)


def business_of(stack: Stack, tenant: str, **how: Any) -> Business:
    """A tenant of its own in real time."""
    stage = stack.stage(tenant, simulated=False, poll_interval=timedelta(seconds=1), codes=CODES)
    return Business(stack, stage, random.Random(4), **how)


async def test_two_workers_share_the_work(stack: Stack) -> None:
    """Two workers carry out each effect once, and never ask one ERP connection two things at a time."""
    await start_worker(stack)
    assert len(stack.running("worker")) == 2
    business = business_of(stack, "two")
    await asyncio.to_thread(business.place, len(ALL_PLANS))
    await business.open(stack)
    await business.settled(SETTLED_WITHIN)
    books = await asyncio.to_thread(Books.of, business.stage, stack.stores.db, business.placed)
    assert [*books.check(business.placed), *at_the_same_time(books.requests["pixi"])] == []
    assert len(await identities(stack, "two")) == 2, "only one of the workers worked, so nothing is proved"


def at_the_same_time(requests: list[dict[str, Any]]) -> list[str]:
    """Pairs of requests of which the later one came before the earlier one was answered."""
    spans = []
    for one in requests:
        began = datetime.fromisoformat(one["at"])
        spans.append((began, began + timedelta(milliseconds=one.get("milliseconds", 0)) - CLOCK_TICK, one["call"]))
    spans.sort()
    return [
        f"{later[2]} at {later[0]} during {before[2]} from {before[0]} to {before[1]}"
        for before, later in pairwise(spans)
        if later[0] < before[1]
    ]


async def identities(stack: Stack, tenant: str) -> set[str]:
    """Which workers carried out activities for a tenant."""
    client = await stack.client()
    found = set()
    async for one in client.list_workflows(f"Tenant = '{tenant}'"):
        async for event in client.get_workflow_handle(one.id, run_id=one.run_id).fetch_history_events():
            if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED:
                found.add(event.activity_task_started_event_attributes.identity)
    return found


@pytest.mark.parametrize("moment", ["after sending", "before sending"])
async def test_a_frozen_worker_captures_once(stack: Stack, moment: str) -> None:
    """A worker stops in the middle of a capture, another takes over, the first goes on: the money is taken once."""
    business = business_of(stack, "frozen", plans=(CARD,), lossy=False)
    stage = business.stage
    await asyncio.to_thread(business.place, 1)
    (order,) = business.placed
    if moment == "after sending":
        held = hold(stage, "unzer", "capture", "delay", HELD_SECONDS, payment_id=order.payment_id)
    else:
        # the first try is refused without effect, so the second one asks before it sends: it stops over its question
        refused = hold(stage, "unzer", "capture", "refuse", 0, payment_id=order.payment_id)
        await business.open(stack)
        await until("nothing was captured", lambda: business.work() or refused.taken(), HELD_WITHIN)
        held = hold(stage, "unzer", "read_payment", "delay", HELD_SECONDS, payment_id=order.payment_id)
    await business.open(stack)
    await until("nothing is in the air", lambda: business.work() or held.taken(), HELD_WITHIN)
    (frozen,) = stack.running("worker")
    frozen.process.send_signal(signal.SIGSTOP)
    try:
        await start_worker(stack)
        await business.settled(SETTLED_WITHIN)
        ended = captures_ended(stack)
    finally:
        frozen.process.send_signal(signal.SIGCONT)
    await until("the first worker did not go on", lambda: captures_ended(stack) > ended, GOES_ON_WITHIN)
    await business.settled(SETTLED_WITHIN)
    books = await asyncio.to_thread(Books.of, stage, stack.stores.db, business.placed)
    assert books.check(business.placed) == []
    assert books.unknowns > 0, "nobody ever missed an answer, so nothing is proved"


def captures_ended(stack: Stack) -> int:
    """How often a worker has said that a capture ended; all workers of a stack write into one file."""
    log = stack.places.folder / "logs" / "worker.log"
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return sum('"operation.ended"' in line and "/capture/" in line for line in lines)


async def test_a_slow_answer_is_heard(stack: Stack) -> None:
    """An answer that takes longer than a beat of the heart ends its operation and holds nobody else up."""
    business = business_of(stack, "slow", plans=(CARD,), lossy=False)
    for call in ("pixiPaySetAuthorizationStatus", "pixiPaySetInvoiceCapture", "pixiCreateOrderComment"):
        business.stage.arm(business.stage.pixi, call=call, kind="delay", seconds=HELD_SECONDS, times=3)
    await asyncio.to_thread(business.place, 3)
    await business.open(stack)
    await business.settled(SETTLED_WITHIN)
    books = await asyncio.to_thread(Books.of, business.stage, stack.stores.db, business.placed)
    assert books.check(business.placed) == []
    log = (stack.places.folder / "logs" / "worker.log").read_text(encoding="utf-8", errors="replace")
    assert "Completing activity as failed" not in log
    assert "heartbeat.failed" not in log


async def test_a_killed_worker_keeps_its_place_at_the_erp_until_it_is_over(stack: Stack) -> None:
    """kill -9 in the middle of a request to the ERP: the other worker asks that connection only after it has ended."""
    business = business_of(stack, "killed", plans=(CARD,), lossy=False)
    stage = business.stage
    await asyncio.to_thread(business.place, 2)
    held = hold(stage, "pixi", "pixiGetOrderHeader", "delay_before", LONG_SECONDS)
    await business.open(stack)
    await until("nothing is in the air", lambda: business.work() or held.taken(), HELD_WITHIN)
    (killed,) = stack.running("worker")
    stack.kill(killed)
    await start_worker(stack)
    await business.settled(SETTLED_WITHIN)
    books = await asyncio.to_thread(Books.of, stage, stack.stores.db, business.placed)
    assert [*books.check(business.placed), *at_the_same_time(books.requests["pixi"])] == []
    longest = max(one.get("milliseconds", 0) for one in books.requests["pixi"])
    assert longest >= LONG_SECONDS * 1000, "the request was not under way when its worker was killed"
