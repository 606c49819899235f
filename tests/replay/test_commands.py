"""The baseline: which commands each history holds, so that a change of the usual way is seen and meant."""

import json
from datetime import timedelta

import pytest

from tests.replay.histories import BASELINE, Saved, commands, of_history, saved
from tests.workflows.world import World, reaches, until
from workflows import messages

SAVED = saved()
KNOWN: dict[str, dict[str, list[str]]] = json.loads(BASELINE.read_text(encoding="utf-8"))
ADVICE = """\
{title} commands something else than the baseline says.

Was it meant? Then look at what runs already: an order that is open takes the new way from where it stands, and its
history must still replay. Put the change behind `workflow.patched("what-changed")` unless `make replay` is green
without it, save the new way under a name of its own, and write the baseline anew:

    python -c "from tests.replay.record import baseline; baseline()"

Before: {before}
Now:    {now}"""


def differ(title: str, before: list[str], now: list[str]) -> None:
    if before != now:
        pytest.fail(ADVICE.format(title=title, before=" | ".join(before), now=" | ".join(now)))


def test_every_history_has_a_baseline() -> None:
    """Neither a history nor its baseline goes away unnoticed."""
    assert sorted(f"{kind}/{name}" for kind, names in KNOWN.items() for name in names) == sorted(
        one.title for one in SAVED
    )


@pytest.mark.parametrize("one", SAVED, ids=lambda one: one.title)
def test_a_history_commands_what_it_did(one: Saved) -> None:
    """Saved histories are not recorded over: each still holds the commands of its baseline."""
    differ(one.title, KNOWN[one.kind][one.name], commands(one))


async def test_a_happy_order_takes_the_known_way(world: World) -> None:
    """An order played now, with everything outside as stubs, commands what the recorded one did."""
    world.pays()
    await world.report(world.picture())
    await reaches(world.handle(), "released")
    await world.report(world.shipped(10_000))
    await reaches(world.handle(), "settled")
    await world.forward(world.handle(), world.config.keep_after_settled + timedelta(minutes=1))
    now = of_history(messages.ORDER, "card", await world.handle().fetch_history())
    differ("OrderWorkflow/card, played now,", KNOWN[messages.ORDER]["card"], commands(now))


async def test_a_poller_takes_the_known_way(world: World) -> None:
    """A poller played now begins as the recorded one did: poll, timer."""
    handle = await world.start_poller()
    await until(lambda: len(world.polls) >= 1, "the first poll")
    poller = world.plain.get_workflow_handle(handle.id)

    async def waits() -> bool:
        return len(commands(of_history(messages.ERP_POLL, "night", await poller.fetch_history()))) >= 2

    await until(waits, "the timer")
    now = commands(of_history(messages.ERP_POLL, "night", await poller.fetch_history()))
    differ("ErpPollWorkflow/night, played now,", KNOWN[messages.ERP_POLL]["night"][: len(now)], now)
