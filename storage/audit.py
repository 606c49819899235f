"""The audit trail: who did what to which thing. Details are names and numbers, never secrets."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select

from storage.database import Database
from storage.tables import audit_trail

NOBODY = "system"
_HIDDEN = ("_ref", "_hash")
_NO_NEWS = frozenset({"id", "tenant", "revision", "version"})  # said by the line itself, or counted with each change


@dataclass(frozen=True)
class AuditEntry:
    """One line of the trail, real time (UTC)."""

    id: int
    at: datetime
    tenant: str | None
    actor: str
    action: str
    subject: str
    details: Mapping[str, str]


def note(
    connection: Connection, actor: str, action: str, subject: str, /, *, tenant: str | None = None, **details: object
) -> None:
    """Write a line inside the transaction that does what it tells."""
    connection.execute(
        audit_trail.insert().values(
            at=datetime.now(UTC),
            tenant=tenant,
            actor=actor,
            action=action,
            subject=subject,
            details=json.dumps({name: str(value) for name, value in details.items()}, ensure_ascii=False),
        )
    )


def changes(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> dict[str, str]:
    """What a change consists of, field by field: `old → new`, or what something new begins with.

    References to secrets and hashes are no values that anybody needs: they are only said to have changed.
    """
    found = {}
    for name, value in after.items():
        if name in _NO_NEWS or (before is not None and before[name] == value):
            continue
        if name.endswith(_HIDDEN):
            found[name.removesuffix("_ref").removesuffix("_hash")] = "changed" if before is not None else "set"
        else:
            found[name] = _shown(value) if before is None else f"{_shown(before[name])} → {_shown(value)}"
    return found


def _shown(value: object) -> str:
    return "-" if value is None or value == "" else str(value)


class AuditTrail:
    """Adding to and reading the trail."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def note(self, actor: str, action: str, subject: str, /, *, tenant: str | None = None, **details: object) -> None:
        """Write a line about something that happened outside the database."""
        with self._db.write() as connection:
            note(connection, actor, action, subject, tenant=tenant, **details)

    def entries(self, tenant: str | None = None, *, before: int | None = None, limit: int = 100) -> list[AuditEntry]:
        """Lines, newest first; `before` is the id of the last one already seen."""
        query = select(audit_trail).order_by(audit_trail.c.id.desc()).limit(limit)
        if tenant is not None:
            query = query.where(audit_trail.c.tenant == tenant)
        if before is not None:
            query = query.where(audit_trail.c.id < before)
        with self._db.read() as connection:
            return [
                AuditEntry(row.id, row.at, row.tenant, row.actor, row.action, row.subject, json.loads(row.details))
                for row in connection.execute(query)
            ]
