"""What is known of each connection's credentials, and what its ERP offered when it was last asked."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from domain.setup import CheckState, ConnectionCheck, ErpOffer
from storage.database import Database
from storage.tables import connection_checks
from storage.values import from_json, to_json
from storage.writing import put


class ConnectionChecks:
    """The last check of each connection."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def get(self, tenant: str, connection: str) -> ConnectionCheck:
        """The last check; of a connection that was never checked, that nothing is known."""
        mine = (connection_checks.c.tenant == tenant) & (connection_checks.c.connection == connection)
        with self._db.read() as sql:
            row = sql.execute(select(connection_checks).where(mine)).one_or_none()
        return _check(row) if row is not None else ConnectionCheck()

    def put(self, tenant: str, connection: str, check: ConnectionCheck) -> None:
        """Keep a check in place of the last one."""
        row = {
            "tenant": tenant,
            "connection": connection,
            "state": check.state.value,
            "reason": check.reason,
            "checked_at": check.checked_at,
            "proven_at": check.proven_at,
            "due_at": check.due_at,
            "offer": to_json(check.offer) if check.offer is not None else None,
            "offered_at": check.offered_at,
        }
        with self._db.write() as sql:
            put(sql, connection_checks, row)

    def waiting(self) -> tuple[tuple[str, str, datetime], ...]:
        """Tenant, connection and due time of every check that is to be made, the earliest first."""
        query = select(connection_checks).where(connection_checks.c.due_at.is_not(None))
        with self._db.read() as sql:
            rows = sql.execute(query.order_by(connection_checks.c.due_at, connection_checks.c.connection)).all()
        return tuple((row.tenant, row.connection, row.due_at) for row in rows)


def _check(row: Any) -> ConnectionCheck:
    return ConnectionCheck(
        state=CheckState(row.state),
        reason=row.reason,
        checked_at=row.checked_at,
        proven_at=row.proven_at,
        due_at=row.due_at,
        offer=from_json(ErpOffer, row.offer) if row.offer is not None else None,
        offered_at=row.offered_at,
    )
