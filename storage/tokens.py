"""API tokens: shown once, kept as SHA-256. They run on real time, also for simulated tenants."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from domain.tenant_config import InvalidConfiguration
from storage import audit
from storage.database import Database
from storage.tables import api_tokens, tenants

PREFIX = "hf_"


@dataclass(frozen=True)
class ApiToken:
    """What a token allows. `tenant` None: every tenant."""

    id: str
    tenant: str | None
    scopes: frozenset[str]
    label: str
    created_at: datetime
    expires_at: datetime | None
    deactivated_at: datetime | None

    def allows(self, scope: str, tenant: str) -> bool:
        """Whether the holder may do this for this tenant."""
        return scope in self.scopes and self.tenant in (None, tenant)


class Tokens:
    """All tokens."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(
        self,
        label: str,
        scopes: frozenset[str],
        *,
        tenant: str | None = None,
        expires_at: datetime | None = None,
        by: str = audit.NOBODY,
    ) -> str:
        """Create a token and return it; it cannot be read again."""
        if not scopes or any(not one or " " in one for one in scopes):
            raise InvalidConfiguration("a token needs at least one scope, each a word without spaces")
        if not label.strip():
            raise InvalidConfiguration("a token needs a label that says who uses it")
        plain = PREFIX + secrets.token_urlsafe(32)
        row: dict[str, Any] = {
            "id": secrets.token_hex(6),
            "hash": hash_of(plain),
            "tenant": tenant,
            "scopes": " ".join(sorted(scopes)),
            "label": label.strip(),
            "created_at": datetime.now(UTC),
            "expires_at": expires_at,
        }
        with self._db.write() as connection:
            known = select(tenants.c.id).where(tenants.c.id == tenant)
            if tenant is not None and connection.execute(known).first() is None:
                raise InvalidConfiguration(f"there is no tenant {tenant}: add it first")
            connection.execute(api_tokens.insert().values(**row))
            audit.note(connection, by, "token.added", row["id"], tenant=tenant, label=label, scopes=row["scopes"])
        return plain

    def find(self, plain: str, now: datetime | None = None) -> ApiToken | None:
        """The token that this text is, if it is neither expired nor deactivated."""
        now = now or datetime.now(UTC)
        with self._db.read() as connection:
            row = connection.execute(select(api_tokens).where(api_tokens.c.hash == hash_of(plain))).one_or_none()
        if row is None or row.deactivated_at is not None:
            return None
        return _token(row) if row.expires_at is None or now < row.expires_at else None

    def all(self, tenant: str | None = None) -> tuple[ApiToken, ...]:
        """Every token, or those of one tenant, oldest first; also expired and deactivated ones."""
        query = select(api_tokens).order_by(api_tokens.c.created_at, api_tokens.c.id)
        if tenant is not None:
            query = query.where(api_tokens.c.tenant == tenant)
        with self._db.read() as connection:
            return tuple(_token(row) for row in connection.execute(query))

    def deactivate(self, token_id: str, *, by: str = audit.NOBODY) -> bool:
        """Switch a token off for good; False when there is none or it was off already."""
        on = (api_tokens.c.id == token_id) & api_tokens.c.deactivated_at.is_(None)
        with self._db.write() as connection:
            changed = connection.execute(api_tokens.update().where(on).values(deactivated_at=datetime.now(UTC)))
            if changed.rowcount:
                audit.note(connection, by, "token.deactivated", token_id)
        return changed.rowcount == 1


def hash_of(plain: str) -> str:
    """What is kept of a token: it is random and long, so a plain SHA-256 is enough."""
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()


def _token(row: Any) -> ApiToken:
    return ApiToken(
        row.id,
        row.tenant,
        frozenset(row.scopes.split()),
        row.label,
        row.created_at,
        row.expires_at,
        row.deactivated_at,
    )
