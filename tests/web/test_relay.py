"""The relay: nothing that was stored gets lost, whoever dies when, and one starter at a time works."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from storage.inbox import LookMark
from tests.web.conftest import MakeWorld
from tests.web.world import World
from web.relay import LEASE, Relay, Relayed, hint_id, relay_once, running

SOON = 5.0


def mark(world: World, payment_id: str = "s-pay-1", order_no: str = "4711") -> str:
    """A payment that moved and whose order is known; returns the order's workflow id."""
    workflow_id = world.add_order(order_no, payment_id=payment_id)
    services = world.services
    services.inbox.register_route("acme", "unzer", payment_id, workflow_id, world.clock())
    services.inbox.append("acme", "unzer", payment_id, "payment", "{}", world.clock(), timedelta(0))
    return workflow_id


async def until(condition: Callable[[], bool]) -> None:
    """Let other tasks run until something holds."""
    async with asyncio.timeout(SOON):
        while not condition():
            await asyncio.sleep(0.005)


async def test_a_crash_between_sending_and_clearing_repeats(world: World) -> None:
    """The mark stays, and the repetition carries the same request id."""
    mark(world)
    world.messenger.lose_answers = True
    assert await relay_once(world.services) == Relayed(failed=1)
    world.messenger.lose_answers = False
    assert await relay_once(world.services) == Relayed(marks=1)
    assert len({hint.request_id for _, hint in world.messenger.hints}) == 1
    assert len(world.messenger.hints) == 2


async def test_one_order_that_cannot_be_reached_holds_up_no_other(world: World) -> None:
    """Its mark stays, the others are passed on."""
    lost = mark(world)
    fine = mark(world, "s-pay-2", "4712")
    world.messenger.never_started.add(lost)
    assert await relay_once(world.services) == Relayed(marks=1, failed=1)
    assert [one for one, _ in world.messenger.hints] == [fine]
    world.messenger.never_started.clear()
    assert await relay_once(world.services) == Relayed(marks=1)


async def test_old_callbacks_are_forgotten_beside_the_work(world: World) -> None:
    """The relay forgets what is older than the settings say, and nothing younger."""
    inbox, kept = world.services.inbox, world.services.settings.callbacks_kept
    mark(world)
    world.clock.at += kept - timedelta(days=1)
    inbox.append("acme", "unzer", "s-pay-1", "payment", "{}", world.clock(), timedelta(0))
    world.clock.at += timedelta(days=2)
    async with running(Relay(world.services)):
        await until(lambda: len(inbox.deliveries("acme", "unzer", "s-pay-1")) == 1)
    assert len(world.messenger.hints) == 1


async def test_every_order_of_a_payment_hears_of_it(world: World) -> None:
    """A payment can belong to several orders."""
    first = mark(world)
    second = world.add_order("4712")
    world.services.inbox.register_route("acme", "unzer", "s-pay-1", second, world.clock())
    await relay_once(world.services)
    assert sorted(one for one, _ in world.messenger.hints) == sorted([first, second])


def test_a_hint_is_named_by_what_it_is_about() -> None:
    """Another delivery makes another request id."""
    known = LookMark("acme", "unzer", "s-pay-1", None, 7, 1)  # type: ignore[arg-type]
    assert hint_id(known) == "callback/acme/unzer/s-pay-1/7"
    assert hint_id(replace(known, version=8)) != hint_id(known)


async def test_the_loop_passes_on_what_comes(world: World) -> None:
    """Started with the process, it needs nobody to call it."""
    async with running(Relay(world.services)):
        workflow_id = mark(world)
        await until(lambda: [one for one, _ in world.messenger.hints] == [workflow_id])


async def test_the_loop_survives_failures(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a pass raises, the next one works."""
    calls: list[int] = []
    real = world.services.inbox.due

    def failing(*args: object) -> object:
        calls.append(1)
        if len(calls) < 3:
            raise ValueError("broken")
        return real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(world.services.inbox, "due", failing)
    mark(world)
    async with running(Relay(world.services)):
        await until(lambda: bool(world.messenger.hints))
    assert len(calls) >= 3


async def test_only_the_holder_of_the_lease_works(world: World) -> None:
    """While another process holds it nothing is passed on; afterwards it is."""
    services = world.services
    assert services.leases.acquire(LEASE, "another", timedelta(minutes=1))
    mark(world)
    waiting = Relay(services)
    assert await waiting._turn() > 1
    assert world.messenger.hints == []
    services.leases.release(LEASE, "another")
    async with running(Relay(services)):
        await until(lambda: bool(world.messenger.hints))


async def test_the_lease_is_given_back_at_the_end(world: World) -> None:
    """The next process need not wait for it to run out."""
    mark(world)
    async with running(Relay(world.services)):
        await until(lambda: bool(world.messenger.hints))
        assert not world.services.leases.acquire(LEASE, "next", timedelta(minutes=1))
    assert world.services.leases.acquire(LEASE, "next", timedelta(minutes=1))


async def test_queues_tell_what_is_left(make_world: MakeWorld) -> None:
    """Marks that merge and messages that wait keep them busy, unrouted marks do not."""
    world = make_world()
    async with world.shop() as client:
        empty = {"marks": 0, "unrouted": 0, "messages": 0, "empty": True}
        assert (await client.get("/internal/queues")).json() == empty
        world.services.inbox.append("acme", "unzer", "s-pay-9", "payment", "{}", world.clock(), timedelta(0))
        assert (await client.get("/internal/queues")).json() == empty | {"unrouted": 1}
        mark(world)
        world.messenger.down = True
        await client.post("/orders/pixi/4711/look-again", json={"request_id": "r"})
        assert (await client.get("/internal/queues")).json() == {
            "marks": 1,
            "unrouted": 1,
            "messages": 1,
            "empty": False,
        }
        world.messenger.down = False
        await relay_once(world.services, grace=timedelta(0))
        assert (await client.get("/internal/queues")).json() == empty | {"unrouted": 1}
