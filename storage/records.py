"""The journal of orders: every fact in order, for good, and the read models that follow from it.

A batch is written whole or not at all. Whoever brings one with an outdated idea of the order writes nothing and is
handed the newer state.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from domain.facts import ErpReported, Fact, OperationEnded, PaymentRead
from domain.operations import Kind, Operation
from domain.order_state import OrderState, evolve
from domain.records import OrderRecords, RecordBatch, RecordedFact
from domain.tenant_config import OrderConfig, Pacing
from storage.database import Database
from storage.fact_journal import CHECKPOINT, Batch, FactJournal, Told
from storage.journal import begun, ended_at, is_unheard, outcome_of
from storage.projections import StartedOrder, forget, project
from storage.tables import READ_MODELS, orders, orders_started
from storage.values import from_json, to_json
from storage.writing import insert_new

__all__ = ["CHECKPOINT", "RecordBatch", "RecordedFact", "Records", "StartedOrder", "fold", "instant_of", "rebuild"]


class Records(OrderRecords):
    """Journal and read models of all orders."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def started(self, order: StartedOrder, at: datetime) -> OrderConfig:
        """Note that the order is about to start; returns its frozen configuration, which an earlier start fixed."""
        with self._db.write() as sql:
            return _start(sql, order, at).config

    def start_of(self, workflow_id: str) -> StartedOrder | None:
        """Identity and frozen configuration of an order, None when it never started."""
        with self._db.read() as sql:
            row = sql.execute(select(orders_started).where(orders_started.c.workflow_id == workflow_id)).one_or_none()
        return _as_started(row) if row else None

    def record(self, batch: RecordBatch) -> OrderState | None:
        """Append the batch's new facts and bring the read models up; the newer state if the batch is outdated."""
        order = StartedOrder(batch.workflow_id, batch.tenant, batch.connection, batch.order_no, batch.config)
        with self._db.write() as sql:
            # locks: batches of one order are written one after the other
            known = _started(sql, batch.workflow_id) or _start(sql, order, batch.at)
            last, told = ORDER_FACTS.last_row(sql, batch.workflow_id), _told(batch)
            if ORDER_FACTS.is_outdated(sql, told, last):
                return _stored(sql, batch.workflow_id)
            if ORDER_FACTS.write(sql, told, last):
                if known.config != batch.config:
                    _keep_config(sql, batch)
                project(sql, replace(known, config=batch.config), batch.state, batch.next_due)
        return None

    def take_over(self, order: StartedOrder, batch: RecordBatch) -> bool:
        """Begin an order with the batch's facts, before its workflow starts; False when it has begun already.

        Written whole before anything is sent, so that no run of the order can ever know it without its history.
        """
        with self._db.write() as sql:
            if not insert_new(sql, orders_started, _started_row(order, batch.at)):
                return False
            ORDER_FACTS.append(sql, _told(batch), None)
            project(sql, order, batch.state, batch.next_due)
        return True

    def load(self, workflow_id: str) -> OrderState | None:
        """The last recorded state, from the read model or, where that is gone, from the journal."""
        with self._db.read() as sql:
            return _stored(sql, workflow_id)

    def recall(self, workflow_id: str) -> OrderState | None:
        """The last recorded state, and the operations that the book knows and the order does not.

        A run that was ended from outside may have acted without recording it. None when nothing is known at all.
        """
        with self._db.read() as sql:
            state = _stored(sql, workflow_id)
            rows = begun(sql, workflow_id)
        after = state or OrderState(workflow_id)
        for row in rows:
            if is_unheard(after.operation(Kind(row.kind), row.subject), row):
                ended = OperationEnded(from_json(Operation, row.content), ended_at(row), outcome_of(row))
                after = evolve(after, ended)
        return after if state is not None or after.seq else None


def rebuild(db: Database, progress: Callable[[int, int], None] | None = None) -> int:
    """Drop every row of the read models and derive them anew from the journal; returns the number of orders.

    Order by order, so that a running system goes on. `progress` hears (done, all).
    """
    with db.write() as sql:
        ids = list(sql.execute(select(orders_started.c.workflow_id).order_by(orders_started.c.workflow_id)).scalars())
        for table in READ_MODELS:
            sql.execute(table.delete().where(table.c["workflow_id"].not_in(select(orders_started.c.workflow_id))))
    for number, workflow_id in enumerate(ids, start=1):
        with db.write() as sql:
            order = _started(sql, workflow_id)
            if order is None:
                continue
            last = ORDER_FACTS.last_row(sql, workflow_id)
            state = fold(sql, workflow_id)
            forget(sql, workflow_id)
            if state is not None and last is not None:
                project(sql, order, state, last.next_due)
        if progress is not None:
            progress(number, len(ids))
    return len(ids)


def fold(sql: Connection, workflow_id: str) -> OrderState | None:
    """The state that follows from the journal, None when it has no row of this order."""
    return ORDER_FACTS.fold(sql, workflow_id)


def instant_of(fact: Fact) -> datetime:
    """When a fact happened, or was read."""
    match fact:
        case ErpReported(snapshot):
            return snapshot.as_of
        case PaymentRead(snapshot, _):
            return snapshot.as_of
        case _:
            return fact.at


ORDER_FACTS: FactJournal[OrderState, Fact] = FactJournal(OrderState, OrderState, evolve, instant_of)


def _told(batch: RecordBatch) -> Batch[OrderState, Fact]:
    facts = tuple(Told(one.seq, one.fact) for one in batch.facts)
    return Batch(batch.workflow_id, facts, batch.state, batch.next_due, batch.at)


def _keep_config(sql: Connection, batch: RecordBatch) -> None:
    mine = orders_started.c.workflow_id == batch.workflow_id
    sql.execute(orders_started.update().where(mine).values(config=to_json(batch.config)))


def _stored(sql: Connection, workflow_id: str) -> OrderState | None:
    text = sql.execute(select(orders.c.state).where(orders.c.workflow_id == workflow_id)).scalar()
    return from_json(OrderState, text) if text is not None else fold(sql, workflow_id)


def _start(sql: Connection, order: StartedOrder, at: datetime) -> StartedOrder:
    """Note the order unless it stands; what stands."""
    insert_new(sql, orders_started, _started_row(order, at))
    found = _started(sql, order.workflow_id)
    assert found is not None
    return found


def _started(sql: Connection, workflow_id: str) -> StartedOrder | None:
    query = select(orders_started).where(orders_started.c.workflow_id == workflow_id)
    row = sql.execute(query.with_for_update()).one_or_none()
    return _as_started(row) if row else None


def _as_started(row: Any) -> StartedOrder:
    return StartedOrder(
        row.workflow_id,
        row.tenant,
        row.connection,
        row.order_no,
        from_json(OrderConfig, row.config),
        from_json(Pacing, row.pacing) if row.pacing is not None else None,
        row.started_at,
    )


def _started_row(order: StartedOrder, at: datetime) -> dict[str, Any]:
    return {
        "workflow_id": order.workflow_id,
        "tenant": order.tenant,
        "connection": order.connection,
        "order_no": order.order_no,
        "config": to_json(order.config),
        "pacing": to_json(order.pacing) if order.pacing is not None else None,
        "started_at": at,
    }
