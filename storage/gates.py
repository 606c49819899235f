"""What stops sending to one provider account or ERP connection: switched off, paused, too fast.

A gate is asked in the moment before a request leaves, with the time of the activity that sends. A gate that was never
set is open.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from domain import reasons
from domain.errors import NotSent
from storage.database import Database
from storage.tables import gates
from storage.writing import insert_new

SLOWEST_RATE = 0.05  # one request in twenty seconds: who carries out an effect waits half a minute for each turn
# who is turned away for the rate gets a slot of his own, up to this far ahead
_FARTHEST_PROMISE = timedelta(hours=1)


@dataclass(frozen=True)
class Gate:
    """One gate as it stands. `paused_until` is UTC, None while paused: until somebody resumes."""

    name: str
    active: bool
    paused: bool
    reason: str
    paused_until: datetime | None
    rate_per_second: float | None


class Gates:
    """Pause, rate and switch of each gate; effective at the next request."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def check(self, connection: Connection, name: str, at: datetime) -> NotSent | None:
        """Whether a request may leave now (None), or why not and when to come back. Counts towards the rate.

        Runs inside the caller's writing transaction, which must be committed either way.
        """
        gate = connection.execute(select(gates).where(gates.c.name == name).with_for_update()).one_or_none()
        if gate is None:
            return None
        if not gate.active:
            return NotSent(reasons.INACTIVE)
        if gate.paused and (gate.paused_until is None or at < gate.paused_until):
            return NotSent(reasons.PAUSED, gate.paused_until)
        if gate.rate_per_second is None:
            return None
        return self._take_slot(connection, gate, at)

    def permit(self, name: str, at: datetime) -> None:
        """The same for requests that belong to no operation (polls); raises `NotSent`."""
        with self._db.read() as connection:
            if connection.execute(select(gates.c.name).where(gates.c.name == name)).first() is None:
                return  # nobody ever touched this gate: no need to write
        with self._db.write() as connection:
            refusal = self.check(connection, name, at)
        if refusal is not None:
            raise refusal

    def all(self) -> tuple[Gate, ...]:
        """Every gate that was ever touched, by name."""
        with self._db.read() as connection:
            rows = connection.execute(select(gates).order_by(gates.c.name)).all()
        return tuple(
            Gate(row.name, row.active, row.paused, row.pause_reason, row.paused_until, row.rate_per_second)
            for row in rows
        )

    def pause(self, name: str, reason: str, until: datetime | None = None) -> None:
        """Let nothing through until `until` (UTC), or until somebody resumes."""
        self._set(name, paused=True, paused_until=until, pause_reason=reason)

    def resume(self, name: str) -> None:
        """End a pause."""
        self._set(name, paused=False, paused_until=None, pause_reason="")

    def set_rate(self, name: str, per_second: float | None) -> None:
        """At most so many requests per second; None for no limit. Raises `ValueError` for a rate at which an effect of
        several requests would never come to its end."""
        if per_second is not None and not SLOWEST_RATE <= per_second <= 1_000_000:
            raise ValueError(
                f"a rate is a number of requests per second, {SLOWEST_RATE} or more; to stop everything, pause the gate"
            )
        self._set(name, rate_per_second=per_second, next_slot_at=None, promised_at=None)

    def set_active(self, name: str, active: bool) -> None:
        """Switch on or off."""
        self._set(name, active=active)

    def _set(self, name: str, **values: Any) -> None:
        fresh = {"name": name, "active": True, "paused": False, "pause_reason": ""}
        with self._db.write() as connection:
            insert_new(connection, gates, fresh)
            connection.execute(gates.update().where(gates.c.name == name).values(**values))

    @staticmethod
    def _take_slot(connection: Connection, gate: Any, at: datetime) -> NotSent | None:
        step = timedelta(seconds=1 / gate.rate_per_second)
        free_at: datetime = gate.next_slot_at or at
        if free_at > at + step:  # the clock ran backwards: no slot is ever that far ahead
            free_at = at
        if free_at <= at:
            connection.execute(gates.update().where(gates.c.name == gate.name).values(next_slot_at=at + step))
            return None
        promise = max(free_at, gate.promised_at + step) if gate.promised_at else free_at
        if promise > at + _FARTHEST_PROMISE:
            promise = free_at
        connection.execute(gates.update().where(gates.c.name == gate.name).values(promised_at=promise))
        return NotSent(reasons.RATE, promise)
