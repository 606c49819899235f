"""What an account does by itself: holds run out, pending actions are decided, delayed captures and requests happen.

Everything is due at an instant of the account's clock. Without hold a task works the agenda off, and every request
first does what is due; with hold only holds that run out are noticed, each when its payment is looked at, and the
rest waits for `run_due`, which a simulation calls after it has moved the clock.
"""

import asyncio
import contextlib
import heapq
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sandboxes.paygate.model import PENDING

if TYPE_CHECKING:
    from sandboxes.paygate.account import PaygateAccount

EXPIRE, FINAL, CAPTURE, LATE = "expire", "final", "capture", "late"


@dataclass(frozen=True, order=True)
class Entry:
    """Something that is due. What it says is looked up again when its time has come; it may be out of date then."""

    due: datetime
    no: int
    what: str
    pay_id: str = ""
    xid: str = ""


class Agenda:
    """The entries of one account, the earliest first."""

    def __init__(self, account: "PaygateAccount") -> None:
        self._account = account
        self.hold = False
        self._changed = asyncio.Event()
        self.clear()

    def clear(self) -> None:
        self._serial = 0
        self._heap: list[Entry] = []
        self.late: dict[int, dict[str, Any]] = {}  # requests that take effect later, by number of their entry

    def wake(self) -> None:
        self._changed.set()

    def set_hold(self, hold: bool) -> None:
        self.hold = hold
        self.wake()

    def put(self, due: datetime, what: str, pay_id: str = "", xid: str = "") -> int:
        """Returns the number of the new entry."""
        self._serial += 1
        heapq.heappush(self._heap, Entry(due, self._serial, what, pay_id, xid))
        self.wake()
        return self._serial

    def put_late(self, due: datetime, request: dict[str, Any]) -> None:
        """Let a request take effect at `due`."""
        self.late[self.put(due, LATE)] = {"due": due.isoformat(), "request": request}

    def next_due(self) -> datetime | None:
        self._drop_outdated()
        return self._heap[0].due if self._heap else None

    def pending(self) -> int:
        """How much is due and not done."""
        now = self._account.now()
        return sum(1 for one in self._heap if one.due <= now and self._valid(one))

    def run_due(self) -> int:
        """Do what is due, and what becomes due by doing it; returns how much was done."""
        done = 0
        while (due := self.next_due()) is not None and due <= self._account.now():
            self._account.play(heapq.heappop(self._heap))
            done += 1
        if done:
            self._account.touch()
        return done

    def _drop_outdated(self) -> None:
        while self._heap and not self._valid(self._heap[0]):
            heapq.heappop(self._heap)

    def _valid(self, entry: Entry) -> bool:
        if entry.what == LATE:
            return entry.no in self.late
        payment = self._account.payments.get(entry.pay_id)
        if payment is None:
            return False
        due = entry.due.isoformat()
        if entry.what == EXPIRE:
            return payment.expires == due and payment.open + payment.ignored > 0
        if entry.what == CAPTURE:
            return payment.capture_at == due and payment.open > 0
        action = payment.action(entry.xid)
        return action is not None and action.state == PENDING and action.due == due

    async def work(self) -> None:
        """Work the agenda off as the clock runs; ends only by cancellation."""
        while True:
            self._changed.clear()
            pause = self._pause()
            if pause is None or pause > 0:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._changed.wait(), pause)
                continue
            self.run_due()

    def _pause(self) -> float | None:
        """Real seconds until something is due; None when only a change can bring it on."""
        due, clock = self.next_due(), self._account.clock
        if self.hold or due is None:
            return None
        wait = (due - clock.now()).total_seconds()
        return None if wait > 0 and clock.frozen_at is not None else max(wait, 0.0)

    def dump(self) -> dict[str, Any]:
        return {"hold": self.hold, "late": list(self.late.values())}

    def restore(self, data: dict[str, Any]) -> None:
        """Take over what `dump` returned, and put on the agenda again what follows from the payments."""
        self.hold = data["hold"]
        for one in data["late"]:
            self.put_late(datetime.fromisoformat(one["due"]), one["request"])
        for payment in self._account.payments.values():
            if payment.expires and payment.open + payment.ignored > 0:
                self.put(datetime.fromisoformat(payment.expires), EXPIRE, payment.pay_id)
            if payment.capture_at and payment.open > 0:
                self.put(datetime.fromisoformat(payment.capture_at), CAPTURE, payment.pay_id)
            for action in payment.pending():
                if action.due:
                    self.put(datetime.fromisoformat(action.due), FINAL, payment.pay_id, action.xid)
