"""Orders that an older version began go on under the present one, by its rules."""

from collections.abc import Awaitable, Callable

import pytest
from temporalio.client import Client, WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from domain.facts import LineSums, Phase, RulesAdopted, Wish
from domain.order_state import RULES, OrderState
from tests.workflows.older import OlderOrderWorkflow, begin
from tests.workflows.world import World, Worlds, at_rest, events, reaches, until
from worker import workflow_runner
from workflows.messages import Message, PaymentHint, PickUp
from workflows.order import OrderWorkflow

Wake = Callable[[World], Awaitable[object]]
BEGUN = ["read s-pay-1", "release order #1"]


async def state_of(world: World) -> OrderState:
    found: OrderState = await world.handle().query("state", result_type=OrderState)
    return found


async def replays(history: WorkflowHistory) -> None:
    """Raises when the present code does not take the very same steps."""
    found = Replayer(
        workflows=[OrderWorkflow], data_converter=pydantic_data_converter, workflow_runner=workflow_runner()
    )
    await found.replay_workflow(history)


def markers(history: WorkflowHistory) -> list[str]:
    """The names of all markers but those of local activities."""
    named = [one.marker_name for one in events(history, "marker_recorded")]
    return [name for name in named if name != "core_local_activity"]


def adopted(world: World) -> int:
    return sum(isinstance(one.fact, RulesAdopted) for batch in world.batches for one in batch.facts)


def problems(state: OrderState) -> set[str]:
    return {one.code for one in state.open_problems()}


async def picked_up(world: World) -> None:
    await world.sender.pick_up(world.known(), PickUp("after the upgrade"))


async def hinted(world: World) -> None:
    await world.sender.hint(world.known(), PaymentHint("after the upgrade"))


async def told(world: World) -> None:
    await world.sender.tell(world.handle().id, Message("look", Wish.LOOK_AGAIN), world.known)


@pytest.mark.parametrize("wake", [picked_up, hinted, told])
async def test_a_cancelled_order_of_the_older_version_is_given_back(
    world: World, worlds: Worlds, client: Client, wake: Wake
) -> None:
    """Cancelled under the older version, it waits for a person; the present one gives the hold back, once."""
    queue = f"older-{world.tenant}"
    world.pays()
    async with worlds.workflow_worker(client, queue, workflows=[OlderOrderWorkflow]):
        await begin(world, queue)
        await reaches(world.handle(), "released")
        await world.report(world.cancelled())
        await until(lambda: any("mail" in one for one in world.done), "the mail that asks a person")
        await at_rest(world.handle())
        before = await state_of(world)
        assert (before.rules, problems(before)) == (1, {"cancellation_by_hand"})
        assert not any(one.startswith("void") for one in world.done)
    async with worlds.workflow_worker(client, queue):
        await wake(world)
        await until(lambda: any(one.startswith("void") for one in world.done), "the void")
        await at_rest(world.handle())
        after = await state_of(world)
        assert (after.rules, problems(after)) == (RULES, set())
        assert [one for one in world.effects if one.startswith(("void", "refund"))] == ["void cancelled-order #1"]
        history = await world.handle().fetch_history()
    assert adopted(world) == 1
    assert markers(history) == ["core_patch"]
    await replays(history)


@pytest.mark.parametrize("older", range(1, RULES))
async def test_an_open_order_of_an_older_version_changes_over_when_it_hears_something(
    world: World, worlds: Worlds, client: Client, older: int
) -> None:
    """It is told of its shipment by the present version: one marker, the usual effects, and no other."""
    queue = f"older-{world.tenant}"
    world.pays()
    async with worlds.workflow_worker(client, queue, workflows=[OlderOrderWorkflow]):
        await begin(world, queue, older)
        await reaches(world.handle(), "released")
        assert (await state_of(world)).rules == older
    async with worlds.workflow_worker(client, queue):
        await world.report(world.shipped(10_000))
        await reaches(world.handle(), "settled")
        await hinted(world)
        await at_rest(world.handle())
        assert (await state_of(world)).rules == RULES
        history = await world.handle().fetch_history()
    assert world.effects == [BEGUN[1], "capture R1 #1", "book R1 #1"]
    assert (adopted(world), markers(history)) == (older, ["core_patch"])  # at its start and now
    await replays(history)


async def test_an_order_is_exchanged_in_the_middle_of_an_operation(
    world: World, worlds: Worlds, client: Client
) -> None:
    """The answer to what the older version asked for is heard by the present one."""
    queue = f"older-{world.tenant}"
    gate = world.hold("release")
    world.pays()
    async with worlds.workflow_worker(client, queue, workflows=[OlderOrderWorkflow]):
        await begin(world, queue)
        await world.entered["release"].wait()
    async with worlds.workflow_worker(client, queue):
        await world.report(world.cancelled())
        gate.set()
        await until(lambda: any(one.startswith("void") for one in world.done), "the void")
        await at_rest(world.handle())
        history = await world.handle().fetch_history()
    assert [one for one in world.done if one.startswith("release")] == ["release order #1"]
    assert (adopted(world), markers(history)) == (1, ["core_patch"])
    await replays(history)


async def test_a_new_order_pays_no_event_for_its_rules(world: World) -> None:
    """Its start names them, so no marker is written."""
    world.pays()
    await world.report(world.picture())
    await reaches(world.handle(), "released")
    sums = {"shipped": LineSums(1, 6_000), "cancelled": LineSums(1, 4_000)}
    await world.report(world.picture(phase=Phase.OPEN, held=LineSums(), payment_tag=None, **sums))
    await at_rest(world.handle())
    assert (await state_of(world)).rules == RULES
    assert (adopted(world), markers(await world.handle().fetch_history())) == (1, [])
