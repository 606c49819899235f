"""Moves all clocks of one simulated tenant together, from one instant at which something is due to the next.

A step: every clock that has nothing to do goes to the instant, scenario and systems outside act, then whoever is due
acts, one after the other. A step begins and ends at rest. Several tenants are driven side by side, each by a driver
of its own.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from temporalio.client import Client

from simulation.clock import OffsetStore, Outside
from simulation.errors import SimulationRefused, Stuck
from simulation.fleet import Fleet
from simulation.skipping import SHORTEST, Skipper
from simulation.steps import At, Poller, Step
from simulation.surroundings import Surroundings
from simulation.trouble import explain

LAG = timedelta(seconds=2)  # how far behind the instant a workflow waits that is due there together with others
# How far past its instant a workflow is forwarded. What it does there takes real time, and its clock goes on meanwhile:
# a forward whose end has passed before the workflow rests again jumps on to the next timer.
LINGER = timedelta(seconds=3)
AHEAD = timedelta(seconds=7)  # how much further ahead than that no clock may be
PAUSE = 0.02  # real seconds before the queues are looked at again
IGNORED = 5  # times that a workflow may be woken without a change of its due instant
LONGEST = 10  # times the patience that a tenant may stay restless although something moves

OnStep = Callable[[Step], None]


async def _always_empty() -> bool:
    return True


class Driver:
    """The clock of one tenant.

    `queues_empty` says whether everything that came in from outside has reached its workflow. `patience` (real time)
    is how long nothing may move before the driver gives up with `Stuck`. `linger` is how far past its instant a
    workflow is forwarded: what it does there must take less real time, so a busy machine needs more of it.
    """

    def __init__(
        self,
        client: Client,
        skipper: Skipper,
        tenant: str,
        offsets: OffsetStore,
        sandboxes: Sequence[Outside] = (),
        pollers: Sequence[Poller] = (),
        queues_empty: Callable[[], Awaitable[bool]] = _always_empty,
        on_step: OnStep | None = None,
        *,
        patience: timedelta = timedelta(seconds=60),
        linger: timedelta = LINGER,
    ) -> None:
        offset = offsets.offset(tenant)
        if offset is None:
            raise SimulationRefused(f"the tenant {tenant} lives in real time: only simulated tenants have a driver")
        self._client = client
        self._tenant = tenant
        self._offsets = offsets
        self._offset = offset
        self._outside = Surroundings(client, tenant, sandboxes, pollers)
        self._queues_empty = queues_empty
        self._on_step = on_step
        self._patience = patience.total_seconds()
        self._linger = linger
        self._fleet = Fleet(client, skipper, tenant, offsets, self.now, patience, ahead=linger + AHEAD)
        self._ignored: dict[str, int] = {}

    def now(self) -> datetime:
        """The tenant's simulated time (UTC)."""
        return datetime.now(UTC) + self._offset

    async def run_until(self, instant: datetime, scenario: Iterable[At] = ()) -> None:
        """Live through everything up to `instant` (UTC), with the scenario's events on the way."""
        plan = deque(sorted(scenario, key=lambda one: one.instant))
        if plan and plan[-1].instant > instant:
            raise ValueError(f"the event {plan[-1].name!r} lies after the end of the run")
        await self._begin()
        while plan or self.now() < instant:
            await self._step([instant, *(one.instant for one in plan)], plan)
        await self._end()

    async def advance_to_next(self) -> datetime | None:
        """Go to the next instant at which anything is due (UTC); None when nothing is."""
        await self._begin()
        reached = await self._step([], deque())
        await self._end()
        return reached

    # -- a step

    async def _step(self, others: Iterable[datetime], plan: deque[At]) -> datetime | None:
        """Go to the earliest instant at which anything is due, at least a second from now, and do what is due."""
        dues = await self._fleet.dues()
        own = await self._outside.next_events()
        found = [*others, *own, *(due for due in dues.values() if due)]
        if not found:
            return None
        instant = max(min(found), self.now() + SHORTEST)
        acting = {one: due for one, due in dues.items() if due and due <= instant + SHORTEST}
        events = []
        while plan and plan[0].instant <= instant:
            events.append(plan.popleft())
        happened: list[str] = []

        await self._move(instant)
        await self._fleet.forward_all(dues.keys() - acting.keys(), instant)
        from_outside = bool(events) or any(one <= instant for one in own)
        await self._bring_near(acting)
        if from_outside:
            await self._let_happen(events, happened)
        await self._let_act(acting, instant, happened)
        await self._settle(happened, acting)
        await self._notice_the_idle(acting)
        if self._on_step is not None:
            self._on_step(Step(instant, tuple(happened)))
        return instant

    async def _move(self, instant: datetime) -> None:
        """Put the tenant's clock and those of the systems outside on `instant`; nothing is delivered yet."""
        await self._outside.set(instant, hold=True)
        self._offset = instant - datetime.now(UTC)
        await asyncio.to_thread(self._offsets.set_offset, self._tenant, self._offset)

    async def _bring_near(self, acting: Mapping[str, datetime]) -> None:
        """Bring those who will act close to their instant.

        A message may reach them before it is their turn, and whoever continues as new there begins the last forward
        anew: it must be a short one.
        """
        await asyncio.gather(*(self._fleet.forward(one, due - LAG) for one, due in acting.items()))

    async def _let_happen(self, events: Sequence[At], happened: list[str]) -> None:
        for event in events:
            await event.action()
            happened.append(event.name)
        if events:
            self._outside.look_everywhere()
        await self._settle(happened)

    async def _let_act(self, acting: Mapping[str, datetime], instant: datetime, happened: list[str]) -> None:
        """Forward those that are due one after the other; a message may have changed when they are due."""
        dues = await self._fleet.dues()
        for one in sorted(acting, key=lambda one: (acting[one], one)):
            due = dues.get(one)
            if due is None or due > instant + SHORTEST:
                await self._fleet.forward(one, instant)
            else:
                happened.append(f"{one} was due")
                await self._fleet.forward(one, instant + self._linger)

    async def _notice_the_idle(self, acting: Mapping[str, datetime]) -> None:
        dues = await self._fleet.dues()
        for one, due in acting.items():
            if dues.get(one) != due:
                self._ignored.pop(one, None)
                continue
            self._ignored[one] = self._ignored.get(one, 0) + 1
            if self._ignored[one] >= IGNORED:
                told = await explain(self._client, one)
                raise Stuck(f"Stuck: due at {due:%Y-%m-%d %H:%M:%S}Z and still due after it was woken: {told}")

    # -- rest

    async def _begin(self) -> None:
        """Take hold of the tenant as it stands: everything at rest, every clock on the tenant's."""
        offset = await asyncio.to_thread(self._offsets.offset, self._tenant)
        self._offset = offset if offset is not None else self._offset
        await self._outside.set(self.now(), hold=True)
        self._outside.look_everywhere()
        await self._settle([])
        await self._fleet.forward_all(self._fleet.ids(), self.now())
        await self._settle([])

    async def _end(self) -> None:
        """Let everything run on by itself, in real time."""
        await self._outside.set(self.now(), hold=False)

    async def _settle(self, happened: list[str], suspects: Iterable[str] = ()) -> None:
        """Until nobody is busy, nothing is left to deliver, and nobody has to look; `suspects` were just woken."""
        limit = time.monotonic() + LONGEST * self._patience
        while time.monotonic() < limit:
            await self._drained()
            await self._fleet.rest(suspects)
            suspects = ()
            if await self._outside.release(happened):
                continue
            suspects = await self._outside.look(happened)
            if not suspects and await self._queues_empty():
                return
        raise Stuck(f"Stuck: {self._tenant} never comes to rest; the last that happened: {happened[-3:]}")

    async def _drained(self) -> None:
        limit = time.monotonic() + self._patience
        while not await self._queues_empty():
            if time.monotonic() > limit:
                raise Stuck(
                    f"Stuck: what came in for {self._tenant} does not reach its workflows: is the relay running?"
                )
            await asyncio.sleep(PAUSE)
