"""What an account does by itself: notifications with their retries, and requests that take effect later.

Everything is due at an instant of the account's clock. Without hold a task works the agenda off; with hold nothing
happens until `run_due`, which a simulation calls after it has moved the clock.
"""

import asyncio
import contextlib
import json
import random
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx

from sandboxes.unzer.settings import WebhookMode

if TYPE_CHECKING:
    from sandboxes.unzer.account import UnzerAccount

PAUSES = tuple(timedelta(seconds=seconds) for seconds in (90, 330, 630))
FINISHED_KEPT = 500
SHUFFLE_GATHERS = 0.05  # real seconds in which notifications gather before they are shuffled


@dataclass
class Delivery:
    """One notification on its way to one address."""

    id: int
    webhook_id: str
    url: str
    body: dict[str, str]
    due: datetime
    state: str = "waiting"  # waiting, sending, delivered, given up, lost
    attempts: list[dict[str, Any]] = field(default_factory=list)
    not_before: float = 0.0  # real time, set only by shortened pauses

    def dump(self) -> dict[str, Any]:
        state = "waiting" if self.state == "sending" else self.state
        return {**self.__dict__, "due": self.due.isoformat(), "state": state, "not_before": 0.0}


@dataclass
class Delayed:
    """Something that takes effect only later: `what` names it, `request` says what it needs."""

    what: str
    request: dict[str, Any]
    due: datetime

    def dump(self) -> dict[str, Any]:
        return {"what": self.what, "request": self.request, "due": self.due.isoformat()}


class Agenda:
    """Deliveries and delayed effects of one account."""

    def __init__(self, account: "UnzerAccount") -> None:
        self._account = account
        self.mode = WebhookMode()
        self.hold = False
        self._serial = 0
        self.open: list[Delivery] = []
        self.finished: deque[Delivery] = deque(maxlen=FINISHED_KEPT)
        self.delayed: list[Delayed] = []
        self._changed = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()
        self._client: httpx.AsyncClient | None = None

    def clear(self) -> None:
        self.open, self.delayed = [], []
        self.finished.clear()

    def wake(self) -> None:
        self._changed.set()

    def set_hold(self, hold: bool) -> None:
        self.hold = hold
        self.wake()

    def set_mode(self, mode: WebhookMode) -> None:
        self.mode = mode
        if mode.hold is not None:
            self.hold = mode.hold
        self.wake()

    def notify(self, webhook_id: str, url: str, body: dict[str, str]) -> None:
        """Put a notification on the agenda, with the copies and losses the mode asks for."""
        for _ in range(1 + self.mode.duplicates):
            self._serial += 1
            delivery = Delivery(self._serial, webhook_id, url, body, self._account.clock.now())
            if self.mode.lose != 0:
                if self.mode.lose > 0:
                    self.mode.lose -= 1
                delivery.state = "lost"
                self.finished.append(delivery)
            else:
                self.open.append(delivery)
        self.wake()

    def delay(self, what: str, request: dict[str, Any], due: datetime) -> None:
        self.delayed.append(Delayed(what, request, due))
        self.wake()

    def _agenda(self) -> list[Delivery | Delayed]:
        return [*self.open, *self.delayed]

    def next_due(self) -> datetime | None:
        return min((one.due for one in self._agenda()), default=None)

    def pending(self) -> int:
        """How much is due and not done, deliveries in flight included."""
        now = self._account.clock.now()
        return sum(1 for one in self._agenda() if one.due <= now)

    async def run_due(self, *, patient: bool = False) -> int:
        """Do what is due, and what becomes due by doing it; returns how much was done.

        `patient` keeps the real pauses of a shortened schedule, which a release skips.
        """
        done = 0
        async with self._one_at_a_time:
            while True:
                now, real = self._account.clock.now(), time.monotonic()
                effects = sorted((one for one in self.delayed if one.due <= now), key=lambda one: one.due)
                for effect in effects:
                    self.delayed.remove(effect)
                    self._account.late(effect)
                due = [one for one in self.open if one.due <= now and (not patient or one.not_before <= real)]
                if not effects and not due:
                    return done
                await self._send_all(due)
                done += len(effects) + len(due)
                self._account.touch()

    async def _send_all(self, due: list[Delivery]) -> None:
        """Addresses are served side by side, the notifications of one address one after the other."""
        if self.mode.shuffle:
            random.Random(f"{self.mode.seed}:{self._serial}").shuffle(due)
        else:
            due.sort(key=lambda one: (one.due, one.id))
        by_url: dict[str, list[Delivery]] = {}
        for delivery in due:
            by_url.setdefault(delivery.url, []).append(delivery)
        await asyncio.gather(*(self._send_in_turn(deliveries) for deliveries in by_url.values()))

    async def _send_in_turn(self, deliveries: list[Delivery]) -> None:
        for delivery in deliveries:
            delivery.state = "sending"
            at = self._account.clock.now()
            outcome = await self._post(delivery)
            delivery.attempts.append({"at": at.isoformat(), "outcome": outcome})
            if outcome == "200":
                self._finish(delivery, "delivered")
            elif len(delivery.attempts) > len(PAUSES):
                self._finish(delivery, "given up")
            else:
                self._again(delivery, at)

    def _again(self, delivery: Delivery, at: datetime) -> None:
        delivery.state = "waiting"
        if self.mode.shortened_pauses is None:
            delivery.due = at + PAUSES[len(delivery.attempts) - 1]
        else:
            delivery.due = at
            delivery.not_before = time.monotonic() + self.mode.shortened_pauses

    def _finish(self, delivery: Delivery, state: str) -> None:
        delivery.state = state
        if delivery in self.open:
            self.open.remove(delivery)
        self.finished.append(delivery)

    async def _post(self, delivery: Delivery) -> str:
        if self._client is None:
            self._client = httpx.AsyncClient(trust_env=False, timeout=None)
        try:
            async with asyncio.timeout(self.mode.timeout_seconds):
                answer = await self._client.post(
                    delivery.url,
                    content=json.dumps(delivery.body).encode(),
                    headers={"content-type": "text/plain;charset=UTF-8"},
                )
        except TimeoutError:
            return "timeout"
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            return type(error).__name__
        return str(answer.status_code)

    async def work(self) -> None:
        """Work the agenda off as the clock runs; ends only by cancellation."""
        try:
            while True:
                self._changed.clear()
                pause = self._pause()
                if pause is None or pause > 0:
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._changed.wait(), pause)
                    continue
                if self.mode.shuffle:
                    await asyncio.sleep(SHUFFLE_GATHERS)
                if not self.hold:
                    await self.run_due(patient=True)
        finally:
            if self._client is not None:
                await self._client.aclose()
                self._client = None

    def _pause(self) -> float | None:
        """Real seconds until something is due; None when only a change can bring it on."""
        if self.hold:
            return None
        clock, real = self._account.clock, time.monotonic()
        waits: list[float] = []
        for one in self._agenda():
            wait = (one.due - clock.now()).total_seconds()
            if wait > 0 and clock.frozen_at is not None:
                continue
            waits.append(max(wait, getattr(one, "not_before", 0.0) - real, 0.0))
        return min(waits, default=None)

    def dump(self) -> dict[str, Any]:
        return {
            "mode": self.mode.model_dump(),
            "hold": self.hold,
            "serial": self._serial,
            "open": [one.dump() for one in self.open],
            "finished": [one.dump() for one in self.finished],
            "delayed": [one.dump() for one in self.delayed],
        }

    def restore(self, data: dict[str, Any]) -> None:
        self.mode = WebhookMode.model_validate(data["mode"])
        self.hold, self._serial = data["hold"], data["serial"]
        self.open = [_delivery(one) for one in data["open"]]
        self.finished = deque((_delivery(one) for one in data["finished"]), maxlen=FINISHED_KEPT)
        self.delayed = [Delayed(**_with_due(one)) for one in data["delayed"]]


def _with_due(data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "due": datetime.fromisoformat(data["due"])}


def _delivery(data: dict[str, Any]) -> Delivery:
    return Delivery(**_with_due(data))
