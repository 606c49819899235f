"""Records histories: `python -m tests.replay.record [usual] [giving-back] [changed-over] [handovers] [authorizations]
[reports] [reports-handovers] [terms] [terms-handovers]`. Takes minutes, all on loopback.

Histories of released versions are only added to: one that is there is never recorded over. A tale that goes another
way now gets a name of its own. Delete the file first if no release ever took its way.
"""

import asyncio
import json
import sys
import tempfile
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
from temporalio.client import Client

from domain.windows import next_local
from settings import Profile
from simulation import server
from simulation.driver import Driver
from simulation.steps import At
from tests.replay import histories, holds, reports, terms
from tests.replay.tales import CONTINUED, GIVING_BACK, TALES, Tale, Teller, play
from tests.support.stack import Stack
from tests.workflows.older import OlderOrderWorkflow, begin
from tests.workflows.world import Worlds, at_rest, reaches, until
from workflows import messages
from workflows.ids import erp_poll_workflow_id
from workflows.messages import LookNow, PaymentHint
from workflows.sending import WorkflowSender

HOURS = timedelta(hours=1)
LONG, SHORT = timedelta(days=85), timedelta(days=10)
PATIENCE = timedelta(minutes=3)  # real time
AT_ONCE = 4
# a connection that a sandbox is about to close for idleness must not carry the next request of a long recording
SHORT_LIVED = partial(httpx.AsyncClient, limits=httpx.Limits(keepalive_expiry=1))
EARLY = {"limit.historyCount.suggestContinueAsNew": "45"}  # events


async def tell(stack: Stack, tale: Tale, lasts: timedelta) -> Teller:
    """Play a tale from its import on."""
    stage = await asyncio.to_thread(partial(stack.stage, tale.name, webhooks=tale.webhooks, codes=tale.codes))
    client = await stack.client()
    sender = WorkflowSender(client, stack.settings.timing.pacing, stack.settings.profile.value)
    teller = Teller(stage, client, sender, stack.stores.known_order, tale)
    await play(teller, await stack.driver(stage, patience=PATIENCE), lasts)
    return teller


async def one_night(stack: Stack, tenant: str) -> Driver:
    """A poller with an interval of an hour, from the evening to the morning; told to look at three."""
    stage = await asyncio.to_thread(partial(stack.stage, tenant, webhooks=False, poll_interval=HOURS))
    client = await stack.client()
    poller = client.get_workflow_handle(erp_poll_workflow_id(tenant, stage.role.connection))
    driver = await stack.driver(stage, patience=PATIENCE)
    evening = next_local(datetime.now(UTC) + HOURS, time(22))

    async def look() -> None:
        await poller.signal("look_now", LookNow("by night"))

    await driver.run_until(evening + 8 * HOURS, [At(evening + 5 * HOURS, "look", look)])
    return driver


async def save(client: Client, kind: str, name: str, workflow_id: str) -> None:
    """Save every run of a workflow; the last is called by the name alone, earlier ones are numbered."""
    runs = [one async for one in client.list_workflows(f"WorkflowId = '{workflow_id}'")]
    runs.sort(key=lambda one: one.start_time)
    for number, run in enumerate(runs, 1):
        history = await client.get_workflow_handle(workflow_id, run_id=run.run_id).fetch_history()
        called = name if number == len(runs) else f"{name}-{number}"
        if histories.place_of(kind, called).exists():
            sys.stdout.write(f"{called}: is there already\n")
            continue
        path = histories.write(kind, called, workflow_id, history.to_json())
        sys.stdout.write(f"{path.stem}: {len(history.events)} events, {path.stat().st_size / 1000:.0f} kB\n")


async def record_tales(stack: Stack, tales: Sequence[Tale]) -> None:
    """The tales that are not there yet."""
    client, slots = await stack.client(), asyncio.Semaphore(AT_ONCE)

    async def one(tale: Tale) -> None:
        async with slots:
            teller = await tell(stack, tale, LONG)
        await save(client, messages.ORDER, tale.name, teller.workflow_id)

    missing = [one for one in tales if not histories.place_of(messages.ORDER, one.name).exists()]
    await asyncio.gather(*(one(tale) for tale in missing))


async def record(stack: Stack) -> None:
    """Everything that a usual server brings."""
    client = await stack.client()
    await asyncio.gather(one_night(stack, "night"), record_tales(stack, TALES))
    await save(client, messages.ERP_POLL, "night", erp_poll_workflow_id("night", "pixi"))
    await save(client, messages.ERP_POLL, "looked", erp_poll_workflow_id("card-two-invoices", "pixi"))


async def record_giving_back(stack: Stack) -> None:
    """Orders whose money goes back."""
    await record_tales(stack, GIVING_BACK)


async def record_changed_over(stack: Stack) -> None:
    """An order that the older version began: cancelled under it, and given back by the present one.

    Only the server of the stack is used: the outside is stubs, so that a worker of the older version can be had.
    """
    stack.stop(*stack.running("worker"))
    client, found = await stack.client(), Worlds()
    world = found.make(client, "changed-over")
    world.pays()
    async with AsyncExitStack() as workers:
        for one in found.activity_workers(client):
            await workers.enter_async_context(one)
        async with found.workflow_worker(client, workflows=[OlderOrderWorkflow]):
            await begin(world, messages.WORKFLOW_QUEUE)
            await reaches(world.handle(), "released")
            await world.report(world.cancelled())
            await until(lambda: any("mail" in one for one in world.done), "the mail that asks a person")
            await at_rest(world.handle())
        await workers.enter_async_context(found.workflow_worker(client))
        await world.sender.hint(world.known(), PaymentHint("after the upgrade"))
        await until(lambda: any("void" in one for one in world.done), "the void")
        await at_rest(world.handle())
        await world.forward(world.handle(), world.config.keep_after_settled + timedelta(minutes=1))
    await save(client, messages.ORDER, "changed-over", world.handle().id)


async def record_handovers(stack: Stack) -> None:
    """What a server brings that suggests to continue as new early."""
    client = await stack.client()
    teller = await tell(stack, CONTINUED, SHORT)
    await save(client, messages.ORDER, CONTINUED.name, teller.workflow_id)
    await save(client, messages.ERP_POLL, CONTINUED.name, erp_poll_workflow_id(CONTINUED.name, "pixi"))


def record_authorizations(folder: Path) -> None:
    """Lives of authorizations, with a provider in memory."""
    missing = {one for one in holds.LIVES if not histories.place_of(messages.AUTHORIZATION, one).exists()}
    holds.record(folder, missing, _saver(messages.AUTHORIZATION))


def record_reports(plays: dict[str, reports.Play], folder: Path) -> None:
    """Reports of failures, with a real file server."""
    kind = messages.FAILURE_REPORT
    missing = {name: play for name, play in plays.items() if not histories.place_of(kind, name).exists()}
    asyncio.run(reports.record(folder, missing, _saver(kind)))


def record_terms(plays: dict[str, terms.Play], folder: Path) -> None:
    """Changes of terms, with a real mail server."""
    kind = messages.TERMS_CHANGE
    missing = {name: play for name, play in plays.items() if not histories.place_of(kind, name).exists()}
    asyncio.run(terms.record(folder, missing, _saver(kind)))


def _saver(kind: str) -> Callable[[Client, str, str], Coroutine[Any, Any, None]]:
    return lambda client, name, workflow_id: save(client, kind, name, workflow_id)


def with_stack(work: Callable[[Stack], Coroutine[Any, Any, None]], folder: Path) -> None:
    """Record with everything that `make up` starts."""
    with (
        patch.object(httpx, "AsyncClient", SHORT_LIVED),
        Stack.start(folder, profile=Profile.EMBEDDED) as stack,
        asyncio.Runner() as runner,
    ):
        runner.run(work(stack))
        runner.run(asyncio.sleep(0.5))  # the native threads must be idle before the interpreter ends


def baseline() -> None:
    """Write down what each saved history commands."""
    found: dict[str, dict[str, list[str]]] = {}
    for one in histories.saved():
        found.setdefault(one.kind, {})[one.name] = histories.commands(one)
    histories.BASELINE.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def main() -> int:
    """Record what is missing of all, or of the parts that are named, and write the baseline."""
    parts: dict[str, tuple[Callable[[Path], None], dict[str, str]]] = {
        "usual": (partial(with_stack, record), {}),
        "giving-back": (partial(with_stack, record_giving_back), {}),
        "changed-over": (partial(with_stack, record_changed_over), {}),
        "handovers": (partial(with_stack, record_handovers), EARLY),
        "authorizations": (record_authorizations, {}),
        "reports": (partial(record_reports, reports.REPORTS), {}),
        "reports-handovers": (partial(record_reports, reports.CONTINUED), EARLY),
        "terms": (partial(record_terms, terms.TERMS), {}),
        "terms-handovers": (partial(record_terms, terms.CONTINUED), EARLY),
    }
    for work, dynamic in [parts[name] for name in sys.argv[1:] or parts]:
        with tempfile.TemporaryDirectory() as folder, patch.dict(server.DYNAMIC, dynamic):
            work(Path(folder))
    baseline()
    return 0


if __name__ == "__main__":
    sys.exit(main())
