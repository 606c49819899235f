"""An order that somebody resets has forgotten what it did since: it asks the journal before it decides anything new."""

from dataclasses import replace

import pytest
from temporalio.client import Client

from domain.facts import CreditNoteRow, ErpSnapshot, LineSums
from domain.order_state import OrderState
from tests.crash.operator import Act, reset_to_middle, reset_to_start
from tests.workflows.world import World, at_rest, events, reaches, until
from workflows.messages import PaymentHint


def returned(world: World) -> ErpSnapshot:
    """Goods over 40 euros came back, and their credit note waits."""
    sums = {"shipped": LineSums(1, 6_000), "returned": LineSums(1, 4_000)}
    seen = replace(world.shipped(10_000), **sums)
    paid = tuple(replace(one, settled=True) for one in seen.invoices)
    return replace(seen, invoices=paid, credit_notes=(CreditNoteRow("G1", 4_000, from_return=True),))


async def settled(world: World) -> None:
    paid = world.pays()
    await world.report(world.picture())
    await reaches(world.handle(), "released")
    await world.report(world.shipped(10_000))
    await reaches(world.handle(), "settled")
    world.payment = replace(paid, captured_minor=10_000, remaining_minor=0)


@pytest.mark.parametrize("reset", [reset_to_start, reset_to_middle])
async def test_a_reset_order_knows_what_it_gave_back(world: World, client: Client, reset: Act) -> None:
    """Reset between refund and booking: one refund, its booking, and nobody is called over money that is gone."""
    await settled(world)
    world.entered["book"].clear()
    gate = world.hold("book")
    await world.report(returned(world))
    await world.entered["book"].wait()
    await reset(client, world.handle())
    gate.set()
    await until(lambda: "book G1 #1" in world.effects, "the booking of the credit note")
    await world.sender.hint(world.known(), PaymentHint("afterwards"))
    await at_rest(world.handle())
    wanted = ["release order #1", "capture R1 #1", "book R1 #1", "refund G1 #1", "book G1 #1"]
    assert world.effects == wanted
    state = await world.handle().query("state", result_type=OrderState)
    assert state.open_problems() == ()
    assert world.recalls == 1
    markers = [one.marker_name for one in events(await world.handle().fetch_history(), "marker_recorded")]
    assert markers.count("core_patch") == 1


async def test_an_order_that_was_never_reset_asks_nothing(world: World) -> None:
    """Neither a marker nor a question is paid for what hardly ever happens."""
    await settled(world)
    await at_rest(world.handle())
    assert world.recalls == 0
    markers = {one.marker_name for one in events(await world.handle().fetch_history(), "marker_recorded")}
    assert markers == {"core_local_activity"}
