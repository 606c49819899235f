"""Tables of orders: their journal and start, which stay, and the read models, which can be rebuilt from them."""

from datetime import datetime

from sqlalchemy import Column, Index, Named, Table, Text, TypedColumns

from storage.tables.base import Minor, UtcDateTime, metadata


class StartedColumns(TypedColumns):
    """An order as it was started: identity and frozen configuration. No read model."""

    workflow_id: Named[str] = Column(primary_key=True)
    tenant: Named[str]
    connection: Named[str]
    order_no: Named[str]
    config: Named[str] = Column(Text)
    pacing: Named[str | None] = Column(Text)
    started_at: Named[datetime] = Column(UtcDateTime)


orders_started = Table("orders_started", metadata, StartedColumns)


class FactColumns(TypedColumns):
    """One fact of an order's journal, for good. `ends_batch` marks the last fact of a wake, whose `next_due` counts.

    `checkpoint` holds the whole state where the facts before it were lost.
    """

    workflow_id: Named[str] = Column(primary_key=True)
    seq: Named[int] = Column(primary_key=True, autoincrement=False)
    kind: Named[str]
    at: Named[datetime] = Column(UtcDateTime)
    payload: Named[str] = Column(Text)
    recorded_at: Named[datetime] = Column(UtcDateTime)
    ends_batch: Named[bool]
    next_due: Named[datetime | None] = Column(UtcDateTime)
    checkpoint: Named[str | None] = Column(Text)


journal_facts = Table("journal_facts", metadata, FactColumns)


class OrderColumns(TypedColumns):
    """Read model: one row per order, as `domain.summary` sums it up."""

    workflow_id: Named[str] = Column(primary_key=True)
    tenant: Named[str]
    connection: Named[str]
    order_no: Named[str]
    shop_order_no: Named[str]
    shop_id: Named[str]
    payment_code: Named[str]
    payment_id: Named[str]
    family: Named[str]
    method: Named[str]
    status: Named[str]
    problem: Named[str]
    severity: Named[str]
    needs_human: Named[bool]
    currency: Named[str]
    total_minor: Named[int] = Column(Minor)
    captured_minor: Named[int] = Column(Minor)
    booked_minor: Named[int] = Column(Minor)
    refunded_minor: Named[int] = Column(Minor, server_default="0")
    seq: Named[int]
    next_due: Named[datetime | None] = Column(UtcDateTime)
    changed_at: Named[datetime] = Column(UtcDateTime)
    configuration: Named[str]
    config_version: Named[int]
    state: Named[str] = Column(Text)


orders = Table("orders", metadata, OrderColumns)
Index(None, orders.c.tenant, orders.c.changed_at, orders.c.workflow_id)
Index(None, orders.c.tenant, orders.c.order_no, orders.c.workflow_id)
Index(None, orders.c.tenant, orders.c.next_due, orders.c.workflow_id)
Index(None, orders.c.next_due)
Index(None, orders.c.tenant, orders.c.status, orders.c.changed_at)
Index(None, orders.c.tenant, orders.c.needs_human, orders.c.changed_at)
Index(None, orders.c.tenant, orders.c.payment_id)


class InvoiceColumns(TypedColumns):
    """Read model: one row per invoice. An outcome is '' when the operation was never carried out."""

    workflow_id: Named[str] = Column(primary_key=True)
    number: Named[str] = Column(primary_key=True)
    total_minor: Named[int] = Column(Minor)
    shipped: Named[bool]
    settled: Named[bool]
    captured_minor: Named[int] = Column(Minor)
    capture_reference: Named[str]
    capture_outcome: Named[str]
    booked_minor: Named[int] = Column(Minor)
    book_outcome: Named[str]


order_invoices = Table("order_invoices", metadata, InvoiceColumns)


class CreditNoteColumns(TypedColumns):
    """Read model: one row per credit note. An outcome is '' when the operation was never carried out."""

    workflow_id: Named[str] = Column(primary_key=True)
    number: Named[str] = Column(primary_key=True)
    total_minor: Named[int] = Column(Minor)
    from_return: Named[bool]
    settled: Named[bool]
    refunded_minor: Named[int] = Column(Minor)
    refund_reference: Named[str]
    refund_outcome: Named[str]
    book_outcome: Named[str]


order_credit_notes = Table("order_credit_notes", metadata, CreditNoteColumns)


class ProblemColumns(TypedColumns):
    """Read model: one row per problem an order has or had."""

    workflow_id: Named[str] = Column(primary_key=True)
    code: Named[str] = Column(primary_key=True)
    subject: Named[str] = Column(primary_key=True)
    cause: Named[str] = Column(primary_key=True)
    tenant: Named[str]
    number: Named[int]
    severity: Named[str]
    raised_at: Named[datetime] = Column(UtcDateTime)
    solved_at: Named[datetime | None] = Column(UtcDateTime)
    params: Named[str] = Column(Text)


order_problems = Table("order_problems", metadata, ProblemColumns)
Index(None, order_problems.c.tenant, order_problems.c.solved_at, order_problems.c.raised_at)

READ_MODELS = (orders, order_invoices, order_credit_notes, order_problems)
