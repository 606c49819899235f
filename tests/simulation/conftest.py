"""One dev server for the session; each test has a tenant, a task queue and a driver of its own."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from temporalio import activity
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError
from temporalio.worker import Worker

from simulation.driver import Driver
from simulation.server import TemporalServer
from simulation.skipping import Skipper
from simulation.starts import SimulatedStarts
from simulation.steps import Poller, Step
from tests.simulation.plays import PLAYS
from tests.simulation.stand_in import Act, Log, MemoryOffsets, StandIn


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def server() -> AsyncIterator[TemporalServer]:
    async with TemporalServer() as running:
        yield running
    await asyncio.sleep(0.5)  # the native threads must be idle before the interpreter ends


@dataclass(eq=False)
class Life:
    """One simulated tenant with its worker, its stand-in and everything it did."""

    tenant: str
    plain: Client
    client: Client
    offsets: MemoryOffsets
    outside: StandIn
    log: Log = field(default_factory=Log)
    steps: list[Step] = field(default_factory=list)
    failing: dict[str, int] = field(default_factory=dict)  # activity: how many attempts still fail
    when: dict[str, Callable[[], object]] = field(default_factory=dict)  # activity: what happens with it
    empty: bool = True

    @property
    def poller(self) -> str:
        return self.id("erp-poll")

    def id(self, kind: str, name: str = "1") -> str:
        return f"{kind}/{self.tenant}/{name}"

    def driver(self, **options: Any) -> Driver:
        async def queues_empty() -> bool:
            return self.empty

        return Driver(
            self.client,
            Skipper(self.client),
            self.tenant,
            self.offsets,
            [self.outside],
            [Poller(self.poller, self.outside)],
            queues_empty,
            self.steps.append,
            **options,
        )

    async def start(self, kind: str, argument: Any, workflow_id: str) -> None:
        arguments = [] if argument is None else [argument]
        await self.client.start_workflow(kind, args=arguments, id=workflow_id, task_queue=self.tenant)

    async def began(self, order: str) -> datetime:
        """The instant of an order's first task, once it has run."""
        handle = self.plain.get_workflow_handle(order)
        while True:
            try:
                began: datetime = await handle.query("began_at", result_type=datetime)
            except RPCError:  # the server does not ask a workflow that has not run yet
                await asyncio.sleep(0.02)
            else:
                return began

    async def tell(self, workflow_id: str, fact: str) -> None:
        """Signal an order, starting it when it does not run."""
        await self.client.start_workflow(
            "OrderPlay",
            self.id("authorization"),
            id=workflow_id,
            task_queue=self.tenant,
            start_signal="fact",
            start_signal_args=[fact],
        )

    async def act(self, what: str) -> None:
        info = activity.info()
        workflow_id = info.workflow_id or ""
        self.log.acts.append(Act(what, workflow_id, info.started_time.astimezone(UTC), self.outside.now()))
        if self.failing.get(what, 0) > 0:
            self.failing[what] -= 1
            raise ApplicationError(f"{what} failed on purpose")
        if what in self.when:
            self.when[what]()
        if what == "poll":
            for order, fact in self.outside.take():
                await self.tell(order, fact)

    def worker(self) -> Worker:
        @activity.defn(name="act")
        async def act(what: str) -> None:
            await self.act(what)

        return Worker(self.plain, task_queue=self.tenant, workflows=PLAYS, activities=[act])


MakeLife = Callable[[str], Awaitable[Life]]


async def connect(server: TemporalServer) -> Client:
    return await server.connect(data_converter=pydantic_data_converter)


def a_life(client: Client, tenant: str, offsets: MemoryOffsets | None = None) -> Life:
    """A simulated tenant that begins at real time."""
    offsets = offsets or MemoryOffsets()
    offsets.set_offset(tenant, timedelta(0))
    config = client.config()
    config["interceptors"] = [SimulatedStarts.of(offsets)]
    return Life(tenant, client, Client(**config), offsets, StandIn())


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def plain(server: TemporalServer) -> Client:
    """A client without any interceptor."""
    return await connect(server)


@pytest_asyncio.fixture
async def lives(plain: Client, request: pytest.FixtureRequest) -> AsyncIterator[MakeLife]:
    """Makes lives, each with a running worker."""
    async with AsyncExitStack() as running:

        async def make(name: str) -> Life:
            life = a_life(plain, f"{request.node.name}{name}")
            await running.enter_async_context(life.worker())
            return life

        yield make


@pytest_asyncio.fixture
async def life(lives: MakeLife) -> Life:
    """One life."""
    return await lives("")


def now() -> datetime:
    return datetime.now(UTC)
