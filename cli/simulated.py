"""Drives a tenant's simulated time over the embedded processes: client, poller and driver put together."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial

import httpx
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from cli.processes import Places
from cli.stage import Stage
from cli.wiring import Stores, simulated_starts
from settings import Settings
from simulation.clock import Outside
from simulation.driver import Driver
from simulation.errors import ServerFailed
from simulation.skipping import Skipper
from simulation.steps import Poller, Step
from workflows.ids import erp_poll_workflow_id
from workflows.sending import WorkflowSender

CONNECTS_WITHIN = 60.0


async def connected(settings: Settings, stores: Stores) -> Client:
    """A client whose starts begin at their tenant's simulated time; waits for a server that is still starting."""
    deadline = time.monotonic() + CONNECTS_WITHIN
    while True:
        try:
            return await Client.connect(
                settings.temporal_address,
                namespace=settings.temporal_namespace,
                data_converter=pydantic_data_converter,
                interceptors=simulated_starts(settings, stores),
            )
        except RuntimeError as error:
            if time.monotonic() > deadline:
                raise ServerFailed(f"Temporal does not answer on {settings.temporal_address}.") from error
            await asyncio.sleep(0.2)


async def driver_for(
    client: Client,
    settings: Settings,
    places: Places,
    stores: Stores,
    stage: Stage,
    on_step: Callable[[Step], None] | None = None,
    further: Sequence[Outside] = (),
    patience: timedelta = timedelta(seconds=60),
) -> Driver:
    """The driver of a stage's tenant, with `further` systems outside; starts its poller unless it runs."""
    role = stage.role
    await WorkflowSender(client, settings.timing.pacing, settings.profile.value).start_poller(
        role.tenant, role.connection
    )
    clocks = stage.clocks()
    queues = _starter(places)
    return Driver(
        client,
        Skipper(client),
        role.tenant,
        stores.clocks,
        [*clocks, *further],
        [Poller(erp_poll_workflow_id(role.tenant, role.connection), clocks[0])],
        partial(_empty, queues),
        on_step,
        patience=patience,
    )


@asynccontextmanager
async def queues_of(places: Places) -> AsyncIterator[Callable[[], Awaitable[bool]]]:
    """Asks the starter whether everything that came in has been passed on."""
    async with _starter(places) as queues:
        yield partial(_empty, queues)


def _starter(places: Places) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=places.url(places.starter), timeout=10, trust_env=False)


async def _empty(queues: httpx.AsyncClient) -> bool:
    try:
        answer = await queues.get("/internal/queues")
    except httpx.TransportError:  # a kept connection that was closed meanwhile: asked again
        return False
    answer.raise_for_status()
    return bool(answer.json()["empty"])
