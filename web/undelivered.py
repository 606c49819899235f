"""Messages that were taken in and whose answer was never heard: Temporal was away, or the process died."""

from datetime import datetime

from sqlalchemy import func, select

from storage.database import Database
from storage.messages import MessageRow
from storage.tables import messages

_UNANSWERED = (messages.c.answer == "") & messages.c.done_at.is_(None)


def undelivered(database: Database, before: datetime, limit: int) -> tuple[MessageRow, ...]:
    """Those received before `before`, oldest first."""
    query = (
        select(messages)
        .where(_UNANSWERED, messages.c.received_at <= before)
        .order_by(messages.c.received_at, messages.c.operation_id)
        .limit(limit)
    )
    with database.read() as connection:
        return tuple(MessageRow(**row._mapping) for row in connection.execute(query))


def count_undelivered(database: Database) -> int:
    """How many there are, young ones included."""
    with database.read() as connection:
        return connection.execute(select(func.count()).select_from(messages).where(_UNANSWERED)).scalar_one()
