"""Leases: who may do something that at most a few may do at a time, over processes and machines.

Leases run on real time, also for simulated tenants: they guard against workers that died, not against business dates.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, select

from storage.database import Database
from storage.tables import leases
from storage.writing import insert_new


def _real_time() -> datetime:
    return datetime.now(UTC)


_CLOCKS_DIFFER = timedelta(minutes=1)  # of machines that share the work


class Leases:
    """Numbered slots per name. `holder` must be unique to who works: one per process and thread."""

    def __init__(self, db: Database, now: Callable[[], datetime] = _real_time) -> None:
        self._db = db
        self._now = now

    def acquire(self, name: str, holder: str, ttl: timedelta, slots: int = 1) -> bool:
        """Take a free or expired slot, or prolong the one already held; False when all are taken."""
        now = self._now()
        with self._db.write() as connection:
            if _prolong(connection, name, holder, now + ttl):
                return True
            query = select(leases.c.slot, leases.c.expires_at).where(leases.c.name == name)
            ends = {row.slot: row.expires_at for row in connection.execute(query)}
            for slot in range(slots):
                # an end that lies farther ahead than any lease lasts was written before the clock was put back
                if slot in ends and now < ends[slot] <= now + ttl + _CLOCKS_DIFFER:
                    continue
                wanted = {"name": name, "slot": slot, "holder": holder, "expires_at": now + ttl}
                if slot not in ends:
                    if insert_new(connection, leases, wanted):
                        return True
                    continue
                # another may have taken it since: the condition decides again, under the row's lock
                same = (leases.c.name == name) & (leases.c.slot == slot) & (leases.c.expires_at == ends[slot])
                if connection.execute(leases.update().where(same).values(**wanted)).rowcount:
                    return True
        return False

    def renew(self, name: str, holder: str, ttl: timedelta) -> bool:
        """Prolong the slot that is held; False when it was lost to somebody else."""
        with self._db.write() as connection:
            return _prolong(connection, name, holder, self._now() + ttl)

    def release(self, name: str, holder: str) -> None:
        """Give the slot back; nothing happens when it was lost."""
        with self._db.write() as connection:
            connection.execute(leases.delete().where((leases.c.name == name) & (leases.c.holder == holder)))


def _prolong(connection: Connection, name: str, holder: str, until: datetime) -> bool:
    mine = (leases.c.name == name) & (leases.c.holder == holder)
    return connection.execute(leases.update().where(mine).values(expires_at=until)).rowcount > 0
