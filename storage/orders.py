"""Queries on orders for pages, API and command. Nothing is changed here."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import quote

from sqlalchemy import ColumnElement, Select, func, literal, or_, select, tuple_

from domain.order_state import OrderState
from domain.outcomes import FINAL
from domain.summary import OrderStatus
from storage.database import Database
from storage.paging import NEVER, cursor_of, instant, place_of
from storage.rows import (
    CreditNoteLine,
    FactRow,
    InvoiceLine,
    OperationRow,
    OrderRow,
    ProblemRow,
    credit_note_line,
    fact_row,
    invoice_line,
    operation_row,
    order_row,
    problem_row,
)
from storage.tables import journal_facts, operations, order_credit_notes, order_invoices, order_problems, orders
from storage.values import from_json

FINISHED = (OrderStatus.SETTLED, OrderStatus.CANCELLED)
LARGEST_PAGE = 500


class Sort(StrEnum):
    """How a list is sorted."""

    CHANGED = "changed"  # last changed first
    NUMBER = "number"
    DUE = "due"  # next due first, orders that wait for nothing last


@dataclass(frozen=True)
class OrderFilter:
    """Which orders to list; None and '' do not restrict. `text` is looked for in the numbers and the payment id."""

    connection: str = ""
    status: str = ""
    family: str = ""
    problem: str = ""
    needs_human: bool | None = None
    text: str = ""


@dataclass(frozen=True)
class OrderPage:
    """One page; `after` is the cursor of the next one, None on the last."""

    rows: tuple[OrderRow, ...]
    after: str | None


class Orders:
    """Orders as the read models and journals show them."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def list_orders(
        self,
        tenant: str | None,
        filters: OrderFilter = OrderFilter(),
        *,
        after: str | None = None,
        limit: int = 50,
        sort: Sort = Sort.CHANGED,
    ) -> OrderPage:
        """One page of a tenant's orders, or of everybody's. Raises `BadCursor`."""
        limit = max(1, min(limit, LARGEST_PAGE))
        key, backwards = _key(sort)
        query = select(orders, key.label("sort_key")).where(*_conditions(tenant, filters))
        if after is not None:
            place = tuple_(key, orders.c.workflow_id)
            seen = tuple_(*_place(after, sort))
            query = query.where(place < seen if backwards else place > seen)
        columns = (key, orders.c.workflow_id)
        query = query.order_by(*(one.desc() if backwards else one.asc() for one in columns)).limit(limit + 1)
        with self._db.read() as connection:
            found = connection.execute(query).all()
        rows = tuple(order_row(row) for row in found[:limit])
        last = found[limit - 1] if len(found) > limit else None
        return OrderPage(rows, cursor_of(sort.value, last.sort_key, last.workflow_id) if last else None)

    def count(self, tenant: str | None, filters: OrderFilter = OrderFilter()) -> dict[str, int]:
        """How many orders stand at each status."""
        query = select(orders.c.status, func.count()).where(*_conditions(tenant, filters)).group_by(orders.c.status)
        with self._db.read() as connection:
            return dict(connection.execute(query.order_by(orders.c.status)).all())

    def get_order(self, tenant: str, connection: str, order_no: str) -> OrderRow | None:
        """One order by its business identity."""
        return self._order(orders.c.tenant == tenant, orders.c.connection == connection, orders.c.order_no == order_no)

    def get_by_workflow(self, workflow_id: str) -> OrderRow | None:
        """One order by the id of its workflow."""
        return self._order(orders.c.workflow_id == workflow_id)

    def by_payment(self, tenant: str, payment_id: str) -> tuple[OrderRow, ...]:
        """The orders that carry a payment id."""
        return self._orders(select(orders).where(orders.c.tenant == tenant, orders.c.payment_id == payment_id))

    def unfinished(self, tenant: str | None = None) -> tuple[OrderRow, ...]:
        """Orders that are neither settled nor cancelled, or still have something due."""
        waits = or_(orders.c.status.not_in([one.value for one in FINISHED]), orders.c.next_due.is_not(None))
        return self._orders(select(orders).where(waits, *_conditions(tenant, OrderFilter())))

    def open_under(self, configuration: str) -> int:
        """How many orders that are not over follow a version of this configuration."""
        unfinished = orders.c.status.not_in([one.value for one in FINISHED])
        query = select(func.count()).where(orders.c.configuration == configuration, unfinished)
        with self._db.read() as connection:
            return int(connection.execute(query).scalar_one())

    def overdue(self, before: datetime, except_tenants: Collection[str], limit: int) -> tuple[OrderRow, ...]:
        """Orders that wanted to wake before `before` (UTC) and have not told of it, the longest overdue first."""
        late = (orders.c.next_due < before, orders.c.tenant.not_in(except_tenants))
        return self._orders(select(orders).where(*late).order_by(orders.c.next_due).limit(limit))

    def state(self, workflow_id: str) -> OrderState | None:
        """The state that the order's row was made from."""
        with self._db.read() as connection:
            text = connection.execute(select(orders.c.state).where(orders.c.workflow_id == workflow_id)).scalar()
        return from_json(OrderState, text) if text is not None else None

    def invoices(self, workflow_id: str) -> tuple[InvoiceLine, ...]:
        """The order's invoices by number."""
        query = select(order_invoices).where(order_invoices.c.workflow_id == workflow_id)
        with self._db.read() as connection:
            return tuple(invoice_line(row) for row in connection.execute(query.order_by(order_invoices.c.number)))

    def credit_notes(self, workflow_id: str) -> tuple[CreditNoteLine, ...]:
        """The credit notes of an order by number."""
        query = select(order_credit_notes).where(order_credit_notes.c.workflow_id == workflow_id)
        with self._db.read() as connection:
            rows = connection.execute(query.order_by(order_credit_notes.c.number))
            return tuple(credit_note_line(row) for row in rows)

    def problems(self, workflow_id: str | None = None, *, open_only: bool = False) -> tuple[ProblemRow, ...]:
        """Problems of one order, or of all, oldest first."""
        query = select(order_problems)
        if workflow_id is not None:
            query = query.where(order_problems.c.workflow_id == workflow_id)
        if open_only:
            query = query.where(order_problems.c.solved_at.is_(None))
        columns = order_problems.c
        order = (columns.raised_at, columns.workflow_id, columns.code, columns.subject, columns.cause)
        with self._db.read() as connection:
            return tuple(problem_row(row) for row in connection.execute(query.order_by(*order)))

    def facts(self, workflow_id: str, *, after: int = -1, limit: int = 1000) -> tuple[FactRow, ...]:
        """The order's journal from the fact after number `after` on."""
        query = (
            select(journal_facts)
            .where(journal_facts.c.workflow_id == workflow_id, journal_facts.c.seq > after)
            .order_by(journal_facts.c.seq)
            .limit(limit)
        )
        with self._db.read() as connection:
            return tuple(fact_row(row) for row in connection.execute(query))

    def operations(self, workflow_id: str) -> tuple[OperationRow, ...]:
        """Every operation of an order, first begun first."""
        return self._operations(operations.c.workflow_id == workflow_id)

    def open_operations(self) -> tuple[OperationRow, ...]:
        """Operations of all orders whose end is not known."""
        final = [one.value for one in FINAL]
        return self._operations(or_(operations.c.outcome.is_(None), operations.c.outcome.not_in(final)))

    def ended_operations(self, tenant: str, since: datetime) -> tuple[OperationRow, ...]:
        """Operations of a tenant's orders and holds that came back at `since` (UTC) or later, however they ended."""
        mine = [
            operations.c.workflow_id.startswith(f"{kind}/{quote(tenant, safe='')}/", autoescape=True)
            for kind in ("order", "authorization")
        ]
        return self._operations(or_(*mine) & (operations.c.finished_at >= since))

    def operation(self, operation_id: str) -> OperationRow | None:
        """One operation."""
        return next(iter(self._operations(operations.c.id == operation_id)), None)

    def _order(self, *conditions: ColumnElement[bool]) -> OrderRow | None:
        return next(iter(self._orders(select(orders).where(*conditions))), None)

    def _orders(self, query: "Select[Any]") -> tuple[OrderRow, ...]:
        with self._db.read() as connection:
            return tuple(order_row(row) for row in connection.execute(query.order_by(orders.c.workflow_id)))

    def _operations(self, condition: ColumnElement[bool]) -> tuple[OperationRow, ...]:
        query = select(operations).where(condition).order_by(operations.c.created_at, operations.c.id)
        with self._db.read() as connection:
            return tuple(operation_row(row) for row in connection.execute(query))


def _conditions(tenant: str | None, filters: OrderFilter) -> list[ColumnElement[bool]]:
    wanted = {
        "tenant": tenant,
        "connection": filters.connection or None,
        "status": filters.status or None,
        "family": filters.family or None,
        "problem": filters.problem or None,
        "needs_human": filters.needs_human,
    }
    conditions = [orders.c[name] == value for name, value in wanted.items() if value is not None]
    if filters.text:
        places = (orders.c.order_no, orders.c.shop_order_no, orders.c.payment_id)
        conditions.append(or_(*(one.icontains(filters.text, autoescape=True) for one in places)))
    return conditions


def _key(sort: Sort) -> tuple[ColumnElement[Any], bool]:
    """What a list is sorted by, and whether backwards."""
    match sort:
        case Sort.CHANGED:
            return orders.c.changed_at, True
        case Sort.NUMBER:
            return orders.c.order_no, False
        case Sort.DUE:
            return func.coalesce(orders.c.next_due, NEVER), False


def _place(text: str, sort: Sort) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    key, workflow_id = place_of(text, sort.value)
    return literal(key) if sort is Sort.NUMBER else instant(key), literal(workflow_id)
