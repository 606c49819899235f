"""Rows that several people may edit: each change counts, secrets come with it, the trail says what changed."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, Table, select

from domain.parties import ChangedMeanwhile, Sealed
from domain.tenant_config import InvalidConfiguration
from storage import audit
from storage.tables import secrets, tenants
from storage.writing import put


@dataclass(frozen=True)
class Change:
    """Who puts what, from which revision on, and the password that comes with it."""

    tenant: str
    action: str
    subject: str
    by: str
    expected: int | None
    password: Sealed | None


def put_revision(connection: Connection, table: Table, row: dict[str, Any], change: Change) -> None:
    """Put a row that counts its changes. Equal content without a new password is no change."""
    keys = [column == row[column.name] for column in table.primary_key]
    before = connection.execute(select(table).where(*keys).with_for_update()).one_or_none()
    revision = before.revision if before is not None else 0
    if change.expected not in (None, revision):
        raise ChangedMeanwhile(
            f"{change.subject} was changed by somebody else meanwhile: read it again, then change it"
        )
    told = audit.changes(dict(before._mapping) if before is not None else None, row)
    told |= kept(connection, [change.password] if change.password else [])
    if told:
        put(connection, table, row | {"revision": revision + 1})
        audit.note(connection, change.by, change.action, change.subject, tenant=change.tenant, **told)


def kept(connection: Connection, sealed: Sequence[Sealed]) -> dict[str, str]:
    """Store secrets and say that they were set or changed, never more."""
    told = {}
    for one in sealed:
        there = connection.execute(select(secrets.c.ref).where(secrets.c.ref == one.ref)).first()
        put(connection, secrets, asdict(one))
        told[f"secret {one.ref}"] = "changed" if there else "set"
    return told


def check_tenant(connection: Connection, tenant: str) -> None:
    """Raises `InvalidConfiguration` when there is no such tenant."""
    if connection.execute(select(tenants.c.id).where(tenants.c.id == tenant)).first() is None:
        raise InvalidConfiguration(f"there is no tenant {tenant}: add it first")
