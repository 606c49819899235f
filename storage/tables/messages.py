"""Tables of what comes in: messages of people and shops, callbacks of providers, what the poller remembers."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, Index, Named, Table, Text, TypedColumns

from storage.tables.base import Serial, UtcDateTime, metadata


class MessageColumns(TypedColumns):
    """One message to an order or an authorization, once per request id. `answer` is what it said, `status_after` how it
    ended, `content` the message in full as JSON where the wish does not say everything."""

    operation_id: Named[str] = Column(primary_key=True)
    tenant: Named[str]
    request_id: Named[str]
    workflow_id: Named[str]
    wish: Named[str]
    content: Named[str] = Column(Text, server_default="")
    actor: Named[str]
    answer: Named[str]
    reason: Named[str]
    next_due: Named[datetime | None] = Column(UtcDateTime)
    received_at: Named[datetime] = Column(UtcDateTime)
    done_at: Named[datetime | None] = Column(UtcDateTime)
    status_after: Named[str]


messages = Table("messages", metadata, MessageColumns)
Index(None, messages.c.workflow_id, messages.c.received_at)
Index(None, messages.c.answer, messages.c.received_at)


class InboxColumns(TypedColumns):
    """One delivery of a provider, as it came, the body cut to a limit."""

    id: Named[int] = Column(Serial, primary_key=True)
    tenant: Named[str]
    provider: Named[str]
    payment_id: Named[str]
    event: Named[str]
    body: Named[str] = Column(Text)
    received_at: Named[datetime] = Column(UtcDateTime)


# row numbers are never used twice, for marks carry them as their version
callback_inbox = Table("callback_inbox", metadata, InboxColumns, sqlite_autoincrement=True)
Index(None, callback_inbox.c.tenant, callback_inbox.c.provider, callback_inbox.c.payment_id)
Index(None, callback_inbox.c.received_at)


class MarkColumns(TypedColumns):
    """A payment that has to be looked at. `version` is the number of the latest delivery."""

    tenant: Named[str] = Column(primary_key=True)
    provider: Named[str] = Column(primary_key=True)
    payment_id: Named[str] = Column(primary_key=True)
    due_at: Named[datetime] = Column(UtcDateTime)
    version: Named[int] = Column(BigInteger)
    deliveries: Named[int]


look_marks = Table("look_marks", metadata, MarkColumns)
Index(None, look_marks.c.due_at)


class RouteColumns(TypedColumns):
    """Which workflow wants to hear of a payment."""

    tenant: Named[str] = Column(primary_key=True)
    provider: Named[str] = Column(primary_key=True)
    payment_id: Named[str] = Column(primary_key=True)
    workflow_id: Named[str] = Column(primary_key=True)
    registered_at: Named[datetime] = Column(UtcDateTime)


payment_routes = Table("payment_routes", metadata, RouteColumns)
Index(None, payment_routes.c.workflow_id)


class PollMemoryColumns(TypedColumns):
    """What the poller last saw of an ERP order and last delivered to its workflow."""

    tenant: Named[str] = Column(primary_key=True)
    connection: Named[str] = Column(primary_key=True)
    order_no: Named[str] = Column(primary_key=True)
    mark: Named[str]
    digest: Named[str]
    as_of: Named[datetime | None] = Column(UtcDateTime)
    snapshot: Named[str | None] = Column(Text)
    lines: Named[str | None] = Column(Text)
    delivered_at: Named[datetime | None] = Column(UtcDateTime)


poll_memory = Table("poll_memory", metadata, PollMemoryColumns)


class PollPlaceColumns(TypedColumns):
    """How far polling of an ERP connection has come."""

    tenant: Named[str] = Column(primary_key=True)
    connection: Named[str] = Column(primary_key=True)
    place: Named[str] = Column(Text)


poll_places = Table("poll_places", metadata, PollPlaceColumns)
