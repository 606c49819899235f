"""Passes on what was stored before it was worked on: payments to look at, and messages that nobody has answered yet.

One process at a time does it, the holder of a lease. A mark is sent first and cleared afterwards, a message is marked
as answered after the answer: a crash in between repeats, and orders know repetitions by their request id.
"""

import asyncio
import os
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar
from uuid import uuid4

import structlog

from domain.errors import Transient
from storage.inbox import LookMark
from storage.messages import MessageRow
from web.deliver import deliver, deliver_to_hold
from web.messenger import NeverStarted
from web.services import Services
from workflows.ids import is_authorization
from workflows.messages import PaymentHint

T = TypeVar("T")

log = structlog.get_logger()

LEASE = "relay"
LEASE_TTL = timedelta(seconds=10)
# whoever took a message in is still waiting for the answer; longer than the messenger's deadline
GRACE = timedelta(seconds=15)
MESSAGE_PAUSE_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 10.0
PRUNE_PAUSE_SECONDS = 3600.0
_BATCH = 100
_AT_A_TIME = 8


@dataclass(frozen=True)
class Relayed:
    """What one pass did. `failed` counts what stays for the next pass."""

    marks: int = 0
    messages: int = 0
    failed: int = 0

    def __add__(self, other: "Relayed") -> "Relayed":
        return Relayed(self.marks + other.marks, self.messages + other.messages, self.failed + other.failed)


async def relay_once(services: Services, *, grace: timedelta = GRACE) -> Relayed:
    """One pass over everything that is due; `grace` leaves young messages to whoever took them in."""
    return await relay_marks(services) + await relay_messages(services, grace=grace)


async def relay_marks(services: Services) -> Relayed:
    """Hint every order whose payment moved, then clear the mark unless more arrived meanwhile."""
    due = await asyncio.to_thread(services.inbox.due, services.now(), _BATCH)
    passed = await _each(due, lambda mark: _pass_on(services, mark))
    return Relayed(marks=passed, failed=len(due) - passed)


async def relay_messages(services: Services, *, grace: timedelta = GRACE) -> Relayed:
    """Send every message again whose answer was never heard."""
    waiting = await asyncio.to_thread(services.messages.undelivered, services.now() - grace, _BATCH)
    passed = await _each(waiting, lambda message: _send_again(services, message))
    return Relayed(messages=passed, failed=len(waiting) - passed)


def prune(services: Services) -> int:
    """Forget callbacks that are older than the settings say; how many rows went."""
    gone = services.inbox.prune(services.now() - services.settings.callbacks_kept)
    if gone:
        log.info("relay.pruned", rows=gone)
    return gone


def hint_id(mark: LookMark) -> str:
    """The request id of a hint: the same for a repetition, another one after further deliveries."""
    return f"callback/{mark.tenant}/{mark.provider}/{mark.payment_id}/{mark.version}"


async def _pass_on(services: Services, mark: LookMark) -> None:
    for workflow_id in mark.workflow_ids:
        await services.messenger.hint_payment(workflow_id, PaymentHint(hint_id(mark)))
    await asyncio.to_thread(services.inbox.clear, mark)
    log.info("relay.hinted", tenant=mark.tenant, payment=mark.payment_id, orders=len(mark.workflow_ids))


async def _send_again(services: Services, message: MessageRow) -> None:
    told = deliver_to_hold if is_authorization(message.workflow_id) else deliver
    reply = await told(services, message)
    log.info("relay.told", operation=message.operation_id, answer=reply.answer.value)


async def _each(things: Iterable[T], work: Callable[[T], Awaitable[None]]) -> int:
    """Work on all, a few at a time, and count what succeeded; one failure does not stop the others."""
    places = asyncio.Semaphore(_AT_A_TIME)

    async def one(thing: T) -> bool:
        async with places:
            try:
                await work(thing)
            except (Transient, NeverStarted) as error:
                log.warning("relay.postponed", reason=f"{type(error).__name__}: {error}"[:200])
                return False
            except Exception:  # one thing that cannot be passed on must not hold up the others for ever
                log.exception("relay.failed")
                return False
            return True

    return sum(await asyncio.gather(*(one(thing) for thing in things)))


class Relay:
    """The loop that a starter runs beside its routes."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._holder = f"{socket.gethostname()}/{os.getpid()}/{uuid4().hex[:8]}"
        self._holds = False
        self._ask_lease_at = 0.0
        self._messages_at = 0.0
        self._prune_at = 0.0
        self._troubles = 0

    async def run(self) -> None:
        """Work until cancelled; whatever fails is tried again after a pause."""
        try:
            while True:
                await asyncio.sleep(await self._turn())
        finally:
            await self._give_up()

    async def _turn(self) -> float:
        """One pass if we hold the lease; the seconds to pause afterwards."""
        pause = self._services.settings.timing.relay_pause
        try:
            if not await self._leading():
                return max(pause, self._ask_lease_at - time.monotonic())
            done = await relay_marks(self._services)
            if time.monotonic() >= self._messages_at:
                done += await relay_messages(self._services)
                self._messages_at = time.monotonic() + MESSAGE_PAUSE_SECONDS
            if time.monotonic() >= self._prune_at:
                await asyncio.to_thread(prune, self._services)
                self._prune_at = time.monotonic() + PRUNE_PAUSE_SECONDS
        except Exception as error:
            # a relay that ended would leave callbacks lying until somebody notices
            level = log.warning if isinstance(error, Transient) else log.exception
            level("relay.failed", reason=str(error)[:200])
            done = Relayed(failed=1)
        self._troubles = self._troubles + 1 if done.failed else 0
        return float(min(pause * 2**self._troubles, LONGEST_PAUSE_SECONDS)) if self._troubles else pause

    async def _leading(self) -> bool:
        if time.monotonic() >= self._ask_lease_at:
            leases, ttl = self._services.leases, LEASE_TTL
            self._holds = await asyncio.to_thread(leases.acquire, LEASE, self._holder, ttl)
            self._ask_lease_at = time.monotonic() + ttl.total_seconds() / 3
        return self._holds

    async def _give_up(self) -> None:
        if self._holds:
            await asyncio.shield(asyncio.to_thread(self._services.leases.release, LEASE, self._holder))


@asynccontextmanager
async def running(relay: Relay) -> AsyncIterator[None]:
    """The relay beside whatever runs inside the block; ended in order at the end of it."""
    task = asyncio.create_task(relay.run(), name="relay")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
