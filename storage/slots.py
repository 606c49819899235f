"""Places for requests at a time per ERP connection: leases in SQL, so that two workers keep to them too."""

import os
import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from domain import reasons
from domain.errors import NotSent
from storage.leases import Leases


class LeasedSlots:
    """Fulfils `domain.ports.Slots`. `ttl`: how long a place outlives its last request; `patience`: how long to queue.

    Within one process the threads queue for a connection in memory first, so that SQL is asked by one of them.
    """

    def __init__(
        self,
        leases: Leases,
        *,
        ttl: timedelta,
        patience: timedelta = timedelta(seconds=20),
        slots: int = 1,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._leases = leases
        self._ttl = ttl
        self._patience = patience
        self._slots = slots
        self._pause = pause
        self._process = f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._queues: dict[str, threading.BoundedSemaphore] = {}
        self._guard = threading.Lock()

    def hold(self, connection: str) -> "LeasedSlot":
        """Take a place, waiting for one a while; raises `NotSent` (busy) when none gets free."""
        began = time.monotonic()
        queue = self._queue(connection)
        if not queue.acquire(timeout=self._patience.total_seconds()):
            raise self._busy()
        holder = f"{self._process}-{threading.get_ident()}"
        try:
            while not self._leases.acquire(f"erp/{connection}", holder, self._ttl, self._slots):
                if time.monotonic() - began > self._patience.total_seconds():
                    raise self._busy()
                self._pause(0.05)
        except BaseException:
            queue.release()
            raise
        return LeasedSlot(self._leases, f"erp/{connection}", holder, self._ttl, queue)

    def _queue(self, connection: str) -> threading.BoundedSemaphore:
        with self._guard:
            return self._queues.setdefault(connection, threading.BoundedSemaphore(self._slots))

    @staticmethod
    def _busy() -> NotSent:
        return NotSent(reasons.BUSY)


class LeasedSlot:
    """A taken place."""

    def __init__(
        self, leases: Leases, name: str, holder: str, ttl: timedelta, queue: threading.BoundedSemaphore
    ) -> None:
        self._leases = leases
        self._name = name
        self._holder = holder
        self._ttl = ttl
        self._queue = queue
        self._renewed = datetime.now(UTC)

    def renew(self) -> None:
        """Prolong the place for one more request; raises `NotSent` when it was lost to another worker."""
        now = datetime.now(UTC)
        if now - self._renewed < self._ttl / 4:
            return  # fresh enough to outlive the request that follows
        if not self._leases.renew(self._name, self._holder, self._ttl):
            raise NotSent(reasons.BUSY)
        self._renewed = now

    def release(self) -> None:
        """Give the place back."""
        try:
            self._leases.release(self._name, self._holder)
        finally:
            self._queue.release()
