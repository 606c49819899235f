"""The systems outside as a driver moves them, and the pollers that are told when one of them was changed."""

import asyncio
import itertools
from collections.abc import Sequence
from datetime import datetime

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from simulation.clock import Outside
from simulation.steps import Poller
from workflows.messages import LookNow

PAUSE = 0.02  # real seconds before a delivery that is in flight is looked at again


class Surroundings:
    """Everything outside of one tenant."""

    def __init__(self, client: Client, tenant: str, outside: Sequence[Outside], pollers: Sequence[Poller]) -> None:
        self._client = client
        self._tenant = tenant
        self._outside = tuple(outside)
        self._pollers = tuple(pollers)
        self._known: dict[str, int] = {}
        self._requests = itertools.count(1)

    async def set(self, instant: datetime, *, hold: bool) -> None:
        """Put every clock on `instant`; with `hold` nothing is delivered until `release`."""
        await asyncio.gather(*(one.set(instant, hold=hold) for one in self._outside))

    async def next_events(self) -> list[datetime]:
        """When each of them does something by itself."""
        agendas = await asyncio.gather(*(one.agenda() for one in self._outside))
        return [one.next for one in agendas if one.next is not None]

    async def release(self, happened: list[str]) -> bool:
        """Let them do what is due; False when nothing was."""
        agendas = await asyncio.gather(*(one.agenda() for one in self._outside))
        due = [one for one, agenda in zip(self._outside, agendas, strict=True) if agenda.pending]
        for one in due:
            done = await one.release()
            if done:
                happened.append(f"{one.name} did {done}")
            else:
                await asyncio.sleep(PAUSE)
        return bool(due)

    def look_everywhere(self) -> None:
        """Let the next `look` tell every poller."""
        self._known.clear()

    async def look(self, happened: list[str]) -> list[str]:
        """Tell the pollers whose system was changed by others; returns those that were told."""
        told = []
        for poller in self._pollers:
            changes = await poller.outside.changes()
            if self._known.get(poller.workflow_id) != changes:
                self._known[poller.workflow_id] = changes
                if await self._tell(poller.workflow_id):
                    told.append(poller.workflow_id)
                    happened.append(f"{poller.workflow_id} was told to look")
        return told

    async def _tell(self, workflow_id: str) -> bool:
        request = LookNow(f"simulation/{self._tenant}/{next(self._requests)}")
        try:
            await self._client.get_workflow_handle(workflow_id).signal("look_now", request)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return False  # not started yet, or stopped
            raise
        return True
