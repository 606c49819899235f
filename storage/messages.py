"""Messages of people and shops to orders and authorizations: each request id once, its answer, what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from sqlalchemy import func, select

from storage.database import Database
from storage.tables import messages
from storage.writing import insert_new

_UNANSWERED = (messages.c.answer == "") & messages.c.done_at.is_(None)


@dataclass(frozen=True)
class MessageRow:
    """One message. `answer` is '' until it was answered; `status_after` and `done_at` come when it was acted on."""

    operation_id: str
    tenant: str
    request_id: str
    workflow_id: str
    wish: str
    content: str
    actor: str
    answer: str
    reason: str
    next_due: datetime | None
    received_at: datetime
    done_at: datetime | None
    status_after: str


def message_operation_id(workflow_id: str, request_id: str) -> str:
    """The id under which the sender asks what became of his message; request ids may contain anything."""
    return f"{workflow_id}/message/{quote(request_id, safe='', errors='replace')}"


class Messages:
    """The messages of all orders and authorizations."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def receive(
        self,
        *,
        tenant: str,
        workflow_id: str,
        request_id: str,
        wish: str,
        actor: str,
        at: datetime,
        content: str = "",
    ) -> bool:
        """Note a message before it is sent on; False when this request id was here before (nothing is changed)."""
        with self._db.write() as connection:
            return insert_new(
                connection,
                messages,
                {
                    "operation_id": message_operation_id(workflow_id, request_id),
                    "tenant": tenant,
                    "request_id": request_id,
                    "workflow_id": workflow_id,
                    "wish": wish,
                    "content": content,
                    "actor": actor,
                    "answer": "",
                    "reason": "",
                    "received_at": at,
                    "status_after": "",
                },
            )

    def answered(
        self, workflow_id: str, request_id: str, answer: str, reason: str = "", next_due: datetime | None = None
    ) -> None:
        """What the order said. The first answer stays, so that a repeated request hears the same."""
        mine = messages.c.operation_id == message_operation_id(workflow_id, request_id)
        with self._db.write() as connection:
            connection.execute(
                messages.update()
                .where(mine, messages.c.answer == "")
                .values(answer=answer, reason=reason, next_due=next_due)
            )

    def reopen(self, workflow_id: str) -> int:
        """What the order accepted and has not acted on is to be sent again, for it may have forgotten it; how many."""
        mine = (messages.c.workflow_id == workflow_id) & messages.c.done_at.is_(None)
        with self._db.write() as connection:
            return connection.execute(
                messages.update().where(mine, messages.c.answer.in_(("accepted", "already"))).values(answer="")
            ).rowcount

    def done(self, workflow_id: str, request_ids: Sequence[str], at: datetime, status: str) -> None:
        """The order has acted on these messages and then stood at `status`; the first report stays."""
        ids = [message_operation_id(workflow_id, one) for one in request_ids]
        with self._db.write() as connection:
            connection.execute(
                messages.update()
                .where(messages.c.operation_id.in_(ids), messages.c.done_at.is_(None))
                .values(done_at=at, status_after=status)
            )

    def get(self, operation_id: str) -> MessageRow | None:
        """One message by its operation id."""
        with self._db.read() as connection:
            row = connection.execute(select(messages).where(messages.c.operation_id == operation_id)).one_or_none()
        return _message(row) if row else None

    def undelivered(self, before: datetime, limit: int) -> tuple[MessageRow, ...]:
        """Those received up to `before` whose answer was never heard (Temporal was away, or the process died), oldest
        first."""
        query = select(messages).where(_UNANSWERED, messages.c.received_at <= before)
        with self._db.read() as connection:
            rows = connection.execute(query.order_by(messages.c.received_at, messages.c.operation_id).limit(limit))
            return tuple(_message(row) for row in rows)

    def count_undelivered(self) -> int:
        """How many there are, young ones included."""
        with self._db.read() as connection:
            return connection.execute(select(func.count()).select_from(messages).where(_UNANSWERED)).scalar_one()

    def of_order(self, workflow_id: str) -> tuple[MessageRow, ...]:
        """Everything an order was told, oldest first."""
        query = select(messages).where(messages.c.workflow_id == workflow_id)
        with self._db.read() as connection:
            rows = connection.execute(query.order_by(messages.c.received_at, messages.c.operation_id)).all()
        return tuple(_message(row) for row in rows)


def _message(row: Any) -> MessageRow:
    return MessageRow(**row._mapping)
