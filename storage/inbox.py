"""Callbacks of providers: every delivery is kept, and the payment it names is marked to be looked at.

Marks of one payment merge for a short time. A mark without a route waits until an order registers for the payment. A
mark is cleared only if nothing arrived since it was handed out, so a crash between handing out and clearing repeats a
look and never loses one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, case, exists, func, select

from storage.database import Database
from storage.tables import callback_inbox, look_marks, payment_routes
from storage.writing import insert, insert_new

BODY_LIMIT = 65_536  # characters kept of a delivery
NAME_LIMIT = 200  # of what a delivery calls its event and payment
MERGE_WINDOW = timedelta(seconds=2)


@dataclass(frozen=True)
class Delivery:
    """One callback as it came."""

    id: int
    event: str
    body: str
    received_at: datetime


@dataclass(frozen=True)
class LookMark:
    """A payment to look at, and the workflows that want to know."""

    tenant: str
    provider: str
    payment_id: str
    due_at: datetime
    version: int
    deliveries: int
    workflow_ids: tuple[str, ...] = ()


class Inbox:
    """Deliveries, marks and routes of all providers."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def append(
        self,
        tenant: str,
        provider: str,
        payment_id: str,
        event: str,
        body: str,
        at: datetime,
        merge: timedelta = MERGE_WINDOW,
    ) -> int:
        """Keep a delivery and mark its payment, in one transaction; returns the delivery's number."""
        name = payment_id[:NAME_LIMIT]
        row = {"tenant": tenant, "provider": provider, "payment_id": name, "event": event[:NAME_LIMIT]}
        row |= {"body": body[:BODY_LIMIT]}
        with self._db.write() as connection:
            number: int = connection.execute(
                callback_inbox.insert().values(**row, received_at=at).returning(callback_inbox.c.id)
            ).scalar_one()
            mark = insert(connection, look_marks).values(
                tenant=tenant, provider=provider, payment_id=name, due_at=at + merge, version=number, deliveries=1
            )
            # the first delivery sets the instant: a steady stream must not put the look off for ever
            earlier = case(
                (mark.excluded.due_at < look_marks.c.due_at, mark.excluded.due_at), else_=look_marks.c.due_at
            )
            later = case(
                (mark.excluded.version > look_marks.c.version, mark.excluded.version), else_=look_marks.c.version
            )
            connection.execute(
                mark.on_conflict_do_update(
                    index_elements=["tenant", "provider", "payment_id"],
                    set_={"due_at": earlier, "version": later, "deliveries": look_marks.c.deliveries + 1},
                )
            )
        return number

    def note(self, tenant: str, provider: str, payment_id: str, event: str, at: datetime) -> bool:
        """Something happened to a payment in our own house: as a delivery without a body, if anybody has registered for
        the payment."""
        wanted = {"tenant": tenant, "provider": provider, "payment_id": payment_id[:NAME_LIMIT]}
        query = select(payment_routes.c.workflow_id).where(
            *(payment_routes.c[one] == is_ for one, is_ in wanted.items())
        )
        with self._db.read() as connection:
            if connection.execute(query.limit(1)).first() is None:
                return False
        self.append(tenant, provider, payment_id, event, "", at, merge=timedelta(0))
        return True

    def due(self, at: datetime, limit: int = 100) -> tuple[LookMark, ...]:
        """Marks that are due and have a route, longest due first."""
        with self._db.read() as connection:
            return _marks(connection, select(look_marks).where(look_marks.c.due_at <= at, _routed()), limit)

    def clear(self, mark: LookMark) -> bool:
        """Remove a mark that was passed on; False, and it stays, when more arrived since."""
        with self._db.write() as connection:
            gone = connection.execute(
                look_marks.delete().where(
                    look_marks.c.tenant == mark.tenant,
                    look_marks.c.provider == mark.provider,
                    look_marks.c.payment_id == mark.payment_id,
                    look_marks.c.version == mark.version,
                )
            )
        return gone.rowcount == 1

    def waiting(self, limit: int = 100) -> tuple[LookMark, ...]:
        """Marks whose payment no order has registered for."""
        with self._db.read() as connection:
            return _marks(connection, select(look_marks).where(~_routed()), limit)

    def pending(self) -> int:
        """How many routed marks are not passed on yet, due or not."""
        with self._db.read() as connection:
            return connection.execute(select(func.count()).select_from(look_marks).where(_routed())).scalar_one()

    def register_route(self, tenant: str, provider: str, payment_id: str, workflow_id: str, at: datetime) -> bool:
        """Let a workflow hear of a payment; what waited for it becomes due. False when it was registered before."""
        route = {"tenant": tenant, "provider": provider, "payment_id": payment_id[:NAME_LIMIT]}
        with self._db.write() as connection:
            new = insert_new(connection, payment_routes, route | {"workflow_id": workflow_id, "registered_at": at})
            if new:
                connection.execute(
                    look_marks.update()
                    .where(*(look_marks.c[name] == value for name, value in route.items()), look_marks.c.due_at > at)
                    .values(due_at=at)
                )
        return new

    def deliveries(self, tenant: str, provider: str, payment_id: str, limit: int = 100) -> tuple[Delivery, ...]:
        """What came for a payment, newest first."""
        query = (
            select(callback_inbox)
            .where(
                callback_inbox.c.tenant == tenant,
                callback_inbox.c.provider == provider,
                callback_inbox.c.payment_id == payment_id[:NAME_LIMIT],
            )
            .order_by(callback_inbox.c.id.desc())
            .limit(limit)
        )
        with self._db.read() as connection:
            return tuple(Delivery(one.id, one.event, one.body, one.received_at) for one in connection.execute(query))

    def prune(self, before: datetime) -> int:
        """Forget deliveries older than `before`, and marks that waited longer for an order; returns how many rows."""
        with self._db.write() as connection:
            old = connection.execute(callback_inbox.delete().where(callback_inbox.c.received_at < before))
            lost = connection.execute(look_marks.delete().where(look_marks.c.due_at < before, ~_routed()))
        return old.rowcount + lost.rowcount


def _routed() -> ColumnElement[bool]:
    return exists(payment_routes).where(
        payment_routes.c.tenant == look_marks.c.tenant,
        payment_routes.c.provider == look_marks.c.provider,
        payment_routes.c.payment_id == look_marks.c.payment_id,
    )


def _marks(connection: Connection, query: "Select[Any]", limit: int) -> tuple[LookMark, ...]:
    order = (look_marks.c.due_at, look_marks.c.tenant, look_marks.c.provider, look_marks.c.payment_id)
    found = connection.execute(query.order_by(*order).limit(limit)).all()
    return tuple(LookMark(**row._mapping, workflow_ids=_routes(connection, row._mapping)) for row in found)


def _routes(connection: Connection, mark: RowMapping) -> tuple[str, ...]:
    names = ("tenant", "provider", "payment_id")
    query = select(payment_routes.c.workflow_id).where(*(payment_routes.c[name] == mark[name] for name in names))
    return tuple(connection.execute(query.order_by(payment_routes.c.workflow_id)).scalars())
