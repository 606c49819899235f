"""One dev server and one set of workers for the session; each test has a tenant and a world of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from simulation.server import TemporalServer
from tests.workflows.world import World, Worlds


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def client() -> AsyncIterator[Client]:
    """A client of the session's server, without any interceptor."""
    async with TemporalServer() as server:
        yield await server.connect(data_converter=pydantic_data_converter)
        await asyncio.sleep(0.5)  # the native threads must be idle before the interpreter ends


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def worlds(client: Client) -> AsyncIterator[Worlds]:
    """Every world of the session, with workers for all of them."""
    found = Worlds()
    async with AsyncExitStack() as stack:
        for one in (found.workflow_worker(client), *found.activity_workers(client)):
            await stack.enter_async_context(one)
        yield found


@pytest.fixture
def world(worlds: Worlds, client: Client, request: pytest.FixtureRequest) -> World:
    """The outside of one test."""
    return worlds.make(client, request.node.name)
