"""The three runs: minimal workflows, bare workflows, and orders through the whole path."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import func, select
from temporalio.client import Client

from bench import yardsticks
from bench.measuring import Measured, Stopwatch
from bench.stand import Stand
from cli.stage import Stage
from storage.tables import orders
from workflows.ids import order_workflow_id
from workflows.messages import LookNow
from workflows.sending import WorkflowSender

AT_ONCE = 30  # workflows that a yardstick keeps under way
PATIENCE = 300.0  # seconds for one round of orders
LOOK_EVERY = 0.1
AMOUNT = 9990
LOOKED_AT = 10  # histories whose events are counted


class BenchFailed(Exception):
    """One sentence about why there is no measurement."""


async def yardstick(client: Client, name: str, count: int, mark: str) -> int:
    """Run workflows of one kind to their ends, a number of them at a time; returns the events of a history.

    Of a few histories the shortest counts: a task that a busy machine lets time out adds events of its own.
    """
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        async with slots:
            await client.execute_workflow(
                name,
                yardsticks.CONSTANT,
                id=f"{name}-{mark}-{number}",
                task_queue=yardsticks.WORKFLOW_QUEUE,
                result_type=str,
            )

    await asyncio.gather(*(one(number) for number in range(count)))
    looked_at = range(min(count, LOOKED_AT))
    return min(await asyncio.gather(*(events_of(client, f"{name}-{mark}-{number}") for number in looked_at)))


async def events_of(client: Client, workflow_id: str) -> int:
    """How many events the history of a workflow has."""
    return (await client.get_workflow_handle(workflow_id).describe()).history_length


@dataclass
class Whole:
    """Orders through the whole path, over one or more tenants with a connection each."""

    stand: Stand
    client: Client
    stages: Sequence[Stage]
    events: list[int] = field(default_factory=list)
    soap_calls: int = 0
    provider_calls: int = 0
    _rounds: int = 0

    async def begin(self) -> None:
        """Start the pollers."""
        settings = self.stand.settings
        self._sender = WorkflowSender(self.client, settings.timing.pacing, settings.profile.value)
        for stage in self.stages:
            await self._sender.start_poller(stage.role.tenant, stage.role.connection)

    async def round(self, count: int, watch: Stopwatch, into: Measured) -> None:
        """Import orders, let them be released, ship them, let them be settled. Import and shipping are not timed."""
        self._rounds += 1
        shares = [count // len(self.stages) + (number < count % len(self.stages)) for number in range(len(self.stages))]
        numbers = [
            await asyncio.to_thread(partial(import_orders, stage, share, self._rounds))
            for stage, share in zip(self.stages, shares, strict=True)
        ]
        for stage in self.stages:
            for system in (stage.pixi, stage.unzer):
                await asyncio.to_thread(partial(stage.call, "DELETE", f"{system}/log"))
        done = await self._in_state("settled")
        with watch.running(into):
            await self._look()
            await self._until(partial(self._in_state, "released"), count)
        for stage, mine in zip(self.stages, numbers, strict=True):
            await asyncio.to_thread(partial(ship_all, stage, mine))
        with watch.running(into, count):
            await self._look()
            await self._until(partial(self._in_state, "settled"), done + count)
        await self._count(numbers)

    async def _look(self) -> None:
        for stage in self.stages:
            await self._sender.look_now(stage.role.tenant, stage.role.connection, LookNow(f"round-{self._rounds}"))

    async def _until(self, found: Callable[[], Awaitable[int]], wanted: int) -> None:
        limit = time.monotonic() + PATIENCE
        while (reached := await found()) < wanted:
            self.stand.launcher.check()
            if time.monotonic() > limit:
                raise BenchFailed(f"only {reached} of {wanted} orders got there in {PATIENCE:g} s")
            await asyncio.sleep(LOOK_EVERY)

    async def _in_state(self, status: str) -> int:
        """How many orders stand there, by the read model."""
        return await asyncio.to_thread(self._count_in, status)

    def _count_in(self, status: str) -> int:
        with self.stand.stores.db.read() as sql:
            query = select(func.count()).select_from(orders).where(orders.c.status == status)
            return int(sql.execute(query).scalar_one())

    async def _count(self, numbers: Sequence[Sequence[str]]) -> None:
        """What the round cost, and that it did what it had to."""
        for stage, mine in zip(self.stages, numbers, strict=True):
            soap = await asyncio.to_thread(partial(stage.call, "GET", f"{stage.pixi}/log"))
            provider = await asyncio.to_thread(partial(stage.call, "GET", f"{stage.unzer}/log"))
            self.soap_calls += sum(1 for one in soap if one["method"] == "POST")
            self.provider_calls += len(provider)
            ids = [order_workflow_id(stage.role.tenant, stage.role.connection, number) for number in mine]
            self.events += await asyncio.gather(*(events_of(self.client, one) for one in ids))

    async def verify(self) -> None:
        """Every order was captured once and booked once; BenchFailed otherwise."""
        for stage in self.stages:
            taken = [one for one in stage.effects(stage.unzer) if one["kind"] == "capture"]
            booked = [one for one in stage.effects(stage.pixi) if one["kind"] in ("capture_reported", "booking")]
            known = stage.call("GET", f"{stage.pixi}/orders")
            if not len(taken) == len(booked) == len(known):
                raise BenchFailed(
                    f"{len(known)} orders, {len(taken)} captures, {len(booked)} bookings: not a happy run"
                )


def import_orders(stage: Stage, count: int, round_: int) -> list[str]:
    """Customers pay by card, the shop hands the orders over."""
    numbers = []
    for number in range(count):
        payment = stage.seed_payment(type="card", state="authorized", amount_minor=AMOUNT, currency="EUR")
        order = stage.import_order(
            order_nr_external=f"W-{round_}-{number}",
            shop_id=stage.role.shop,
            payment_code="K",
            kk_id=payment,
            xml_tag="UZCARD",
            lines=[{"sku": "ART-1", "name": "Artikel", "qty": 1, "price": AMOUNT}],
        )
        numbers.append(str(order["order_nr"]))
    return numbers


def ship_all(stage: Stage, numbers: Sequence[str]) -> None:
    for number in numbers:
        stage.at_order(number, "ship", lines=None)
