"""What the poller remembers of each ERP order, so that only changes become messages."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, select

from domain.facts import ErpSnapshot
from domain.polling import PollPlace
from storage.database import Database
from storage.tables import poll_memory, poll_places
from storage.values import from_json, to_json
from storage.writing import insert_new, put

_TICK = timedelta(microseconds=1)
_CHUNK = 500  # of an IN list


@dataclass(frozen=True)
class Remembered:
    """What was last delivered of an order; `lines` is the summary of its lines, which is too long for a message."""

    mark: str
    digest: str
    as_of: datetime | None
    snapshot: ErpSnapshot | None
    lines: Any
    delivered_at: datetime | None


class PollMemory:
    """Memory per tenant, ERP connection and order number."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def marks(self, tenant: str, connection: str, order_nos: Iterable[str]) -> dict[str, str]:
        """The candidate marks known of these orders; orders never delivered are missing."""
        wanted = list(dict.fromkeys(order_nos))
        known: dict[str, str] = {}
        with self._db.read() as sql:
            for start in range(0, len(wanted), _CHUNK):
                query = select(poll_memory.c.order_no, poll_memory.c.mark).where(
                    poll_memory.c.tenant == tenant,
                    poll_memory.c.connection == connection,
                    poll_memory.c.order_no.in_(wanted[start : start + _CHUNK]),
                    poll_memory.c.delivered_at.is_not(None),
                )
                known |= {row.order_no: row.mark for row in sql.execute(query)}
        return known

    def get(self, tenant: str, connection: str, order_no: str) -> Remembered | None:
        """Everything remembered of an order, None when nothing was ever delivered."""
        with self._db.read() as sql:
            row = sql.execute(select(poll_memory).where(_one(tenant, connection, order_no))).one_or_none()
        if row is None or row.delivered_at is None:
            return None
        return Remembered(
            row.mark,
            row.digest,
            row.as_of,
            from_json(ErpSnapshot, row.snapshot) if row.snapshot is not None else None,
            json.loads(row.lines) if row.lines is not None else None,
            row.delivered_at,
        )

    def next_as_of(self, tenant: str, connection: str, order_no: str, now: datetime) -> datetime:
        """The instant for the next picture of an order: `now`, yet always later than the last one handed out."""
        empty = {"tenant": tenant, "connection": connection, "order_no": order_no, "mark": "", "digest": ""}
        place = _one(tenant, connection, order_no)
        with self._db.write() as sql:
            if insert_new(sql, poll_memory, empty | {"as_of": now}):
                return now
            last = sql.execute(select(poll_memory.c.as_of).where(place).with_for_update()).scalar_one()
            following = now if last is None else max(now, last + _TICK)
            sql.execute(poll_memory.update().where(place).values(as_of=following))
        return following

    def remember(
        self,
        tenant: str,
        connection: str,
        order_no: str,
        *,
        mark: str,
        snapshot: ErpSnapshot,
        at: datetime,
        lines: Any = None,
    ) -> None:
        """Keep what was just delivered. A picture older than the one that stands changes nothing."""
        place = _one(tenant, connection, order_no)
        with self._db.write() as sql:
            last = sql.execute(select(poll_memory.c.as_of).where(place).with_for_update()).scalar()
            if last is not None and snapshot.as_of < last:
                return
            row = {"tenant": tenant, "connection": connection, "order_no": order_no, "mark": mark}
            row |= {"digest": snapshot.digest, "snapshot": to_json(snapshot)}
            put(
                sql,
                poll_memory,
                row
                | {
                    "as_of": snapshot.as_of,
                    "lines": json.dumps(lines, ensure_ascii=False) if lines is not None else None,
                    "delivered_at": at,
                },
            )

    def leave_alone(self, tenant: str, connection: str, order_no: str, *, mark: str, at: datetime) -> None:
        """Keep that this order concerns nobody, so that it is not read again until its mark changes."""
        row = {"tenant": tenant, "connection": connection, "order_no": order_no, "mark": mark, "digest": ""}
        with self._db.write() as sql:
            put(sql, poll_memory, row | {"delivered_at": at})

    def place(self, tenant: str, connection: str) -> PollPlace:
        """Where polling of the connection stopped; the default where it never began."""
        with self._db.read() as sql:
            query = select(poll_places.c.place).where(
                poll_places.c.tenant == tenant, poll_places.c.connection == connection
            )
            kept = sql.execute(query).scalar()
        return from_json(PollPlace, kept) if kept is not None else PollPlace()

    def keep_place(self, tenant: str, connection: str, place: PollPlace) -> None:
        """Remember where polling of the connection stopped."""
        with self._db.write() as sql:
            put(sql, poll_places, {"tenant": tenant, "connection": connection, "place": to_json(place)})

    def forget(self, tenant: str, connection: str, order_no: str) -> None:
        """Let the order be read and delivered again at the next poll, whatever its mark says; time goes on."""
        with self._db.write() as sql:
            sql.execute(
                poll_memory.update()
                .where(_one(tenant, connection, order_no))
                .values(mark="", digest="", delivered_at=None)
            )


def _one(tenant: str, connection: str, order_no: str) -> ColumnElement[bool]:
    return (
        (poll_memory.c.tenant == tenant)
        & (poll_memory.c.connection == connection)
        & (poll_memory.c.order_no == order_no)
    )
