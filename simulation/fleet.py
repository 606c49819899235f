"""The open workflows of one simulated tenant: watched until they rest, asked when they are due, and forwarded."""

import asyncio
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, cast

from temporalio.client import Client, WorkflowQueryFailedError
from temporalio.service import RPCError, RPCStatusCode

from simulation.clock import OffsetStore
from simulation.errors import ClockAstray, SimulationError, Stuck
from simulation.picture import Ended, Picture, Standing, Unheard, look, speaking
from simulation.skipping import SHORTEST, Skipper
from simulation.trouble import explain

BREATH = 0.01  # real seconds between two looks at somebody who is not at rest
AT_ONCE = 20  # calls to the server at a time
LONGEST = 10  # times the patience that a workflow may stay restless although it moves
EVENTS_PER_FORWARD = 2  # what one forward adds to a history in which nothing else happens


class Fleet:
    """Keeps what was seen of each workflow, so that only what changed is asked again."""

    def __init__(
        self,
        client: Client,
        skipper: Skipper,
        tenant: str,
        offsets: OffsetStore,
        now: Callable[[], datetime],
        patience: timedelta,
        ahead: timedelta,
    ) -> None:
        self._client = client
        self._skipper = skipper
        self._tenant = tenant
        self._offsets = offsets
        self._now = now
        self._patience = patience.total_seconds()
        self._ahead = ahead  # no clock may be further ahead of the tenant's
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._pictures: dict[str, Picture] = {}  # as they must look if nothing but our forwards happened
        self._stirred: set[str] = set()  # moved lately: may have a message to another workflow on its way
        self._dues: dict[str, tuple[Standing, datetime | None]] = {}

    # -- watching

    async def rest(self, suspects: Iterable[str] = ()) -> None:
        """Wait until nobody is busy and everybody looks as at the look before, our forwards reckoned in.

        `suspects` have just been woken: they are waited for first, so that all are looked at only once.
        """
        limit, last = time.monotonic() + self._patience, time.monotonic() + LONGEST * self._patience
        restless = list(suspects)
        while True:
            while restless:
                before = self._standings(restless)
                restless = await self._look_at(restless)
                if any(one not in before.items() for one in self._standings(restless).items()):
                    limit = time.monotonic() + self._patience
                if restless and time.monotonic() > min(limit, last):
                    raise await self._stuck(restless)
                await asyncio.sleep(BREATH)
            restless = await self._look_at(await self._open_ids())
            if not restless:
                return

    async def _open_ids(self) -> list[str]:
        found = await asyncio.to_thread(self._offsets.open_workflows, self._tenant)
        return [one.workflow_id for one in found]

    async def _look_at(self, ids: Iterable[str]) -> list[str]:
        """Look at workflows; returns those that moved since the last look or are busy."""
        looked = await asyncio.gather(*(self._look_at_one(one) for one in ids))
        return sorted(one for one in looked if one)

    async def _look_at_one(self, workflow_id: str) -> str:
        async with self._slots:
            found = await look(self._client, workflow_id)
            if isinstance(found, Ended):
                found = await self._end(workflow_id)
        before = self._pictures.pop(workflow_id, None)
        if not isinstance(found, Picture):
            return "" if before is None else workflow_id
        self._check(found)
        self._pictures[workflow_id] = found
        if before is None or before.standing != found.standing or found.busy:
            self._stirred.add(workflow_id)
            return workflow_id
        if workflow_id in self._stirred and await speaking(self._client, found):
            return workflow_id
        self._stirred.discard(workflow_id)
        return ""

    def _standings(self, ids: Iterable[str]) -> dict[str, Standing]:
        return {one: self._pictures[one].standing for one in ids if one in self._pictures}

    async def _end(self, workflow_id: str) -> Picture | Ended | Unheard:
        """Forget an ended workflow, unless it was started again at the same moment."""
        await asyncio.to_thread(self._offsets.closed, self._tenant, workflow_id)
        again = await look(self._client, workflow_id)
        if isinstance(again, Picture):
            await asyncio.to_thread(self._offsets.opened, self._tenant, workflow_id, again.clock)
        return again

    def _check(self, picture: Picture) -> None:
        ahead = picture.clock - self._now()
        if ahead > self._ahead:
            raise ClockAstray(
                f"the clock of {picture.workflow_id} is {ahead.total_seconds():.0f} s ahead of its tenant's clock"
            )

    async def _stuck(self, ids: Iterable[str]) -> Stuck:
        told = [await explain(self._client, one) for one in list(ids)[:3]]
        return Stuck(f"Stuck: {self._tenant} does not come to rest within {self._patience:g} s: {'; '.join(told)}")

    # -- asking

    def ids(self) -> set[str]:
        """The open workflows as of the last rest."""
        return set(self._pictures)

    async def dues(self) -> dict[str, datetime | None]:
        """When each open workflow is due (UTC); None for those that wait for messages only."""
        ids = list(self._pictures)
        found = await asyncio.gather(*(self._due(one) for one in ids))
        return {one: due for one, due in zip(ids, found, strict=True) if one in self._pictures}

    async def _due(self, workflow_id: str) -> datetime | None:
        picture = self._pictures[workflow_id]
        if picture.retry_at is not None:
            return picture.retry_at
        known = self._dues.get(workflow_id)
        if known is None or known[0] != picture.standing:
            known = self._dues[workflow_id] = (picture.standing, await self._ask(picture))
        return known[1]

    async def _ask(self, picture: Picture) -> datetime | None:
        handle: Any = self._client.get_workflow_handle(picture.workflow_id, run_id=picture.run_id)
        try:
            async with self._slots, asyncio.timeout(self._patience):
                return cast("datetime | None", await handle.query("next_due", result_type=datetime | None))
        except TimeoutError:
            told = await explain(self._client, picture.workflow_id)
            raise Stuck(f"Stuck: nobody answers when it is due: {told}") from None
        except WorkflowQueryFailedError as error:
            told = f"{picture.workflow_id} ({picture.kind})"
            raise SimulationError(f"{told} does not say when it is due: {error}") from error
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            self._pictures.pop(picture.workflow_id, None)
            return None

    # -- forwarding

    async def forward_all(self, ids: Iterable[str], to: datetime) -> None:
        """Bring several clocks to `to`, side by side."""
        await asyncio.gather(*(self.forward(one, to) for one in ids))

    async def forward(self, workflow_id: str, to: datetime) -> None:
        """Bring one clock to `to`, and wait until everything due on the way is done."""
        picture = self._pictures.get(workflow_id)
        if picture is None:
            return
        async with self._slots:
            by = to - picture.clock_now()
            if by < SHORTEST:
                return
            try:
                async with asyncio.timeout(self._patience):
                    await self._skipper.fast_forward(workflow_id, by)
            except TimeoutError:
                told = await explain(self._client, workflow_id)
                raise Stuck(f"Stuck: the clock does not reach {to:%Y-%m-%d %H:%M:%S}Z: {told}") from None
        after = self._pictures[workflow_id] = picture.forwarded(to, EVENTS_PER_FORWARD)
        known = self._dues.get(workflow_id)
        if known is not None and known[0] == picture.standing:
            self._dues[workflow_id] = (after.standing, known[1])
