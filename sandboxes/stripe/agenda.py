"""What an account does by itself: holds run out, refunds settle. Everything is due by the account's clock.

Without hold a task does it as time passes; with hold nothing happens until `run_due`, which a simulation calls after
it has moved the clock. A request finds everything done that was due before it, hold or not.
"""

import asyncio
import contextlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sandboxes.stripe.holds import expire
from sandboxes.stripe.refunding import settle

if TYPE_CHECKING:
    from sandboxes.stripe.account import StripeAccount


class Agenda:
    """The own deeds of one account."""

    def __init__(self, account: "StripeAccount") -> None:
        self._account = account
        self._changed = asyncio.Event()
        self.hold = False

    def wake(self) -> None:
        self._changed.set()

    def set_hold(self, hold: bool) -> None:
        self.hold = hold
        self.wake()

    def next_due(self) -> datetime | None:
        dues = [due for due in (side.next_due() for side in self._account.sides()) if due is not None]
        return datetime.fromtimestamp(min(dues), UTC) if dues else None

    def pending(self) -> int:
        """How much is due and not done."""
        now = self._account.clock.now().timestamp()
        return sum(side.pending(now) for side in self._account.sides())

    def run_due(self) -> int:
        """Do what is due, in the order in which it was due; returns how much was done."""
        now, done = self._account.clock.now().timestamp(), 0
        for side in self._account.sides():
            while (due := side.take_due(now)) is not None:
                kind, key = due
                with self._account.caused("clock"):
                    if kind == "hold":
                        expire(side, side.intents[key])
                    else:
                        settle(side, side.refunds[key])
                done += 1
        if done:
            self._account.touch()
        return done

    async def work(self) -> None:
        """Do what is due as the clock runs; ends only by cancellation."""
        while True:
            self._changed.clear()
            pause = self._pause()
            if pause is None or pause > 0:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._changed.wait(), pause)
            else:
                self.run_due()

    def _pause(self) -> float | None:
        """Real seconds until something is due; None when only a change can bring it on."""
        due = self.next_due()
        if self.hold or due is None:
            return None
        wait = (due - self._account.clock.now()).total_seconds()
        return None if wait > 0 and self._account.clock.frozen_at is not None else max(wait, 0.0)
