"""Runs that hand over to the next: on a server that suggests it after a few events."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from unittest.mock import patch

import pytest
import pytest_asyncio
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from activities.jobs import PollReport
from domain.facts import Wish
from domain.order_state import OrderState
from domain.ports import PollCursor
from simulation import server
from simulation.server import TemporalServer
from tests.workflows.world import World, Worlds, at_rest, details, due_of, events, reaches, rests, until
from workflows.messages import Answer, LookNow, Message, PaymentHint, PickUp, Reply

SUGGESTED_AFTER = 12  # events


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def eager() -> AsyncIterator[Client]:
    """A client of a server that suggests to continue as new early."""
    early = {"limit.historyCount.suggestContinueAsNew": str(SUGGESTED_AFTER)}
    with patch.dict(server.DYNAMIC, early):
        async with TemporalServer() as running:
            yield await running.connect(data_converter=pydantic_data_converter)
            await asyncio.sleep(0.5)  # the native threads must be idle before the interpreter ends


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hasty(eager: Client) -> AsyncIterator[Worlds]:
    """Workers on that server."""
    found = Worlds()
    async with AsyncExitStack() as stack:
        for one in (found.workflow_worker(eager), *found.activity_workers(eager)):
            await stack.enter_async_context(one)
        yield found


@pytest.fixture
def world(hasty: Worlds, eager: Client, request: pytest.FixtureRequest) -> World:
    return hasty.make(eager, request.node.name)


async def run_of(world: World) -> str:
    return (await world.handle().describe()).run_id


async def handed_over(world: World, first: str) -> None:
    """Wait until another run than `first` rests."""

    async def gone() -> bool:
        return await run_of(world) != first and await rests(world.handle())

    await until(gone, "the next run")


async def waiting(world: World) -> str:
    """A prepaid order that waits for its transfer; the id of its first run."""
    world.pays("prepayment", remaining_minor=0)
    await world.report(world.picture())
    first = await run_of(world)
    await reaches(world.handle(), "waiting_transfer")
    return first


async def test_the_next_run_knows_everything(world: World) -> None:
    """State and next due instant are the same before and after, and nothing is done again."""
    first = await waiting(world)
    await handed_over(world, first)
    state = await world.handle().query("state", result_type=OrderState)
    due = await due_of(world.handle())
    assert state == world.batches[-1].state
    assert due == world.batches[-1].next_due
    assert world.done == ["read s-pay-1", "release order #1"]


async def test_the_next_run_starts_the_timer_anew(world: World) -> None:
    """The next run wakes at the instant that the one before had in mind."""
    first = await waiting(world)
    await handed_over(world, first)
    (timer,) = events(await world.handle().fetch_history(), "timer_started")
    assert timer.start_to_fire_timeout.ToTimedelta() > timedelta(days=2, hours=23)
    await world.forward(world.handle(), timedelta(days=3, minutes=1))
    await until(lambda: world.done.count("read s-pay-1") == 2, "the read that was due")


async def test_the_next_run_shows_the_same_without_an_event(world: World) -> None:
    """Search attributes are carried over, not written again; the details are told anew."""
    first = await waiting(world)
    await handed_over(world, first)
    found = (await world.handle().describe()).typed_search_attributes
    shown = {pair.key.name: pair.value for pair in found}
    assert (shown["State"], shown["Problem"], shown["Tenant"]) == (
        "waiting_transfer",
        "waiting_for_transfer",
        world.tenant,
    )
    assert not events(await world.handle().fetch_history(), "upsert_workflow_search_attributes")
    assert await details(world.handle())


async def test_a_message_is_known_in_the_next_run(world: World) -> None:
    """Temporal forgets update ids with the run; the order does not."""
    await waiting(world)
    message = Message("r1", Wish.MARK_SOLVED)
    assert (await world.sender.tell(world.handle().id, message, world.known)).answer is Answer.ACCEPTED
    before = await run_of(world)
    for number in range(3):
        await world.sender.hint(world.known(), PaymentHint(f"h{number}"))
        await at_rest(world.handle())
    await handed_over(world, before)
    reply = await world.handle().execute_update("tell", message, id="r1", result_type=Reply)
    assert reply.answer is Answer.ALREADY


async def test_messages_during_the_handover_are_heard(world: World) -> None:
    """Of many messages that come while runs hand over none is lost."""
    await waiting(world)
    for number in range(12):
        await world.sender.pick_up(world.known(), PickUp(f"p{number}"))
        await world.sender.tell(world.handle().id, Message(f"r{number}", Wish.MARK_SOLVED), world.known)
    await at_rest(world.handle())
    state = await world.handle().query("state", result_type=OrderState)
    assert state.messages == tuple(f"r{number}" for number in range(12))


async def test_a_poller_hands_over_cursor_and_due_instant(world: World) -> None:
    """The next run goes on behind the last page, at the instant that was due, and does not poll for the handover."""
    world.interval = timedelta(hours=1)
    handle = await world.start_poller()
    first = (await handle.describe()).run_id
    poller = world.plain.get_workflow_handle(handle.id)
    looks = 0
    while (await poller.describe()).run_id == first:
        looks += 1
        assert looks < SUGGESTED_AFTER
        await poller.signal("look_now", LookNow(f"look-{looks}"))
        await until(lambda wanted=looks: len(world.polls) >= wanted, "the poll")
        await at_rest(poller)
    polls = len(world.polls)
    due = await due_of(poller)
    assert due is not None
    await world.forward(poller, timedelta(hours=1, minutes=1))
    await until(lambda: len(world.polls) > polls, "the poll that was due")
    assert world.polls[polls].cursor == PollCursor(str(polls))
    assert abs(world.polled_at[polls] - due) < timedelta(seconds=10)


async def test_a_backlog_of_pages_hands_over_between_pages(world: World) -> None:
    """Page after page without a pause is spread over runs, each page asked for once."""
    pages = 12
    world.reports.extend(PollReport(PollCursor(str(number)), more=number < pages) for number in range(1, pages + 1))
    handle = await world.start_poller()
    first = (await handle.describe()).run_id
    await until(lambda: len(world.polls) >= pages, "all pages")
    poller = world.plain.get_workflow_handle(handle.id)
    await at_rest(poller)
    assert [one.cursor.changed_from or "0" for one in world.polls] == [str(number) for number in range(pages)]
    assert (await poller.describe()).run_id != first
