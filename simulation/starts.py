"""Starts at simulated time: the client interceptor that every client of a system with simulated tenants carries."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

from temporalio.client import (
    Interceptor,
    OutboundInterceptor,
    StartWorkflowInput,
    StartWorkflowUpdateWithStartInput,
    WorkflowHandle,
    WorkflowUpdateHandle,
)

from simulation.clock import OffsetStore
from simulation.errors import SimulationError
from simulation.skipping import SHORTEST, start_config

Offsets = Callable[[str], timedelta | None]
Opened = Callable[[str, str], None]


def tenant_of(workflow_id: str) -> str:
    """The tenant in a workflow id, its second part; '' when it has none."""
    _, _, rest = workflow_id.partition("/")
    return unquote(rest.partition("/")[0])


class SimulatedStarts(Interceptor):
    """Begins workflows of simulated tenants at the simulated instant and notes them as open.

    `offsets` answers None for a tenant that lives in real time: its starts pass untouched. Both callables may block;
    they are called outside the event loop.
    """

    def __init__(self, offsets: Offsets, opened: Opened) -> None:
        self._offsets = offsets
        self._opened = opened

    @classmethod
    def of(cls, store: OffsetStore) -> "SimulatedStarts":
        """The interceptor over a store of offsets."""

        def opened(tenant: str, workflow_id: str) -> None:
            offset = store.offset(tenant) or timedelta(0)
            store.opened(tenant, workflow_id, datetime.now(UTC) + offset)

        return cls(store.offset, opened)

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:  # noqa: A002
        return _Starting(next, self)

    async def offset(self, tenant: str) -> timedelta | None:
        """The tenant's offset, None in real time."""
        if not tenant:
            return None
        return await asyncio.to_thread(self._offsets, tenant)

    async def note(self, tenant: str, workflow_id: str) -> None:
        """Note the workflow as open."""
        await asyncio.to_thread(self._opened, tenant, workflow_id)


class _Starting(OutboundInterceptor):
    def __init__(self, next_: OutboundInterceptor, starts: SimulatedStarts) -> None:
        super().__init__(next_)
        self._starts = starts

    async def start_workflow(self, input: StartWorkflowInput) -> WorkflowHandle[Any, Any]:  # noqa: A002
        tenant = tenant_of(input.id)
        offset = await self._starts.offset(tenant)
        if offset is None:
            return await super().start_workflow(input)
        if offset < timedelta(0):
            raise SimulationError(f"the clock of {tenant} is behind real time: it can only run ahead")
        if offset >= SHORTEST:
            if input.start_delay:
                raise SimulationError(f"{input.id} lives in simulated time: its start cannot be delayed as well")
            input.start_delay = offset
            input.time_skipping_config = start_config(offset)
            input.request_eager_start = False
        # noted on both sides of the start: before, so that a crash loses no workflow, and after, because the driver
        # forgets an id whose former workflow it has just seen ended
        await self._starts.note(tenant, input.id)
        handle = await super().start_workflow(input)
        await self._starts.note(tenant, input.id)
        return handle

    async def start_update_with_start_workflow(
        self,
        input: StartWorkflowUpdateWithStartInput,  # noqa: A002
    ) -> WorkflowUpdateHandle[Any]:
        workflow_id = input.start_workflow_input.id
        if await self._starts.offset(tenant_of(workflow_id)) is not None:
            raise SimulationError(f"{workflow_id} lives in simulated time: start it by signal-with-start, then update")
        return await super().start_update_with_start_workflow(input)
