"""Tables around sending: the operations themselves, what stops them, and who may send at a time."""

from datetime import datetime

from sqlalchemy import Column, Double, Index, Named, Table, Text, TypedColumns, false

from storage.tables.base import Minor, UtcDateTime, metadata


class OperationColumns(TypedColumns):
    """One effect outside. `outcome` is what is known so far, None before the first answer.

    `executing`: an execution has begun and not ended. `sent_now`: that execution passed its permit. `unresolved`:
    executions that sent and whose answer was never heard. `accepted`: the other side once said *pending*. `content`:
    the whole operation, for an order whose run ended before it recorded what became of it.
    """

    id: Named[str] = Column(primary_key=True)
    key: Named[str]
    workflow_id: Named[str]
    kind: Named[str]
    subject: Named[str]
    attempt: Named[int]
    amount_minor: Named[int | None] = Column(Minor)
    currency: Named[str]
    input_hash: Named[str]
    gate: Named[str]
    origin: Named[str]
    created_at: Named[datetime] = Column(UtcDateTime)
    owner: Named[str]
    begun_at: Named[datetime] = Column(UtcDateTime)
    executing: Named[bool]
    sent_now: Named[bool]
    executions: Named[int]
    sends: Named[int]
    unresolved: Named[int]
    accepted: Named[bool]
    last_sent_at: Named[datetime | None] = Column(UtcDateTime)
    outcome: Named[str | None]
    reason: Named[str]
    evidence_reference: Named[str]
    evidence_trace: Named[str]
    evidence_amount_minor: Named[int | None] = Column(Minor)
    evidence_currency: Named[str]
    evidence_at: Named[datetime | None] = Column(UtcDateTime)
    found_by_reading: Named[bool]
    evidence_code: Named[str] = Column(server_default="")
    advised_against: Named[bool] = Column(server_default=false())
    evidence_hold: Named[str | None] = Column(Text)
    retry_at: Named[datetime | None] = Column(UtcDateTime)
    finished_at: Named[datetime | None] = Column(UtcDateTime)
    content: Named[str | None] = Column(Text)


operations = Table("operations", metadata, OperationColumns)
Index(None, operations.c.workflow_id, operations.c.created_at)
Index(None, operations.c.outcome, operations.c.begun_at)


class GateColumns(TypedColumns):
    """What stops sending to one provider account or ERP connection. A missing row is an open gate.

    `next_slot_at` and `promised_at` pace a rate: when the next request may leave, and what the last one that was
    turned away has been told.
    """

    name: Named[str] = Column(primary_key=True)
    active: Named[bool]
    paused: Named[bool]
    paused_until: Named[datetime | None] = Column(UtcDateTime)
    pause_reason: Named[str]
    rate_per_second: Named[float | None] = Column(Double)
    next_slot_at: Named[datetime | None] = Column(UtcDateTime)
    promised_at: Named[datetime | None] = Column(UtcDateTime)


gates = Table("gates", metadata, GateColumns)


class LeaseColumns(TypedColumns):
    """Who holds one of the numbered slots of a name, in real time."""

    name: Named[str] = Column(primary_key=True)
    slot: Named[int] = Column(primary_key=True, autoincrement=False)
    holder: Named[str]
    expires_at: Named[datetime] = Column(UtcDateTime)


leases = Table("leases", metadata, LeaseColumns)
