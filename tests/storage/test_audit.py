"""The audit trail."""

from datetime import UTC, datetime, timedelta

from storage.audit import AuditTrail
from storage.database import Database


def test_lines_come_newest_first_and_by_tenant(db: Database) -> None:
    """Every line is kept with actor, details and real time; a tenant sees its own."""
    trail = AuditTrail(db)
    trail.note("kim", "gate.paused", "unzer/acme", tenant="acme", reason="Wartung ü", until=5)
    trail.note("kim", "login", "kim")
    newest, oldest = trail.entries()
    assert (newest.action, newest.tenant, newest.details) == ("login", None, {})
    assert oldest.details == {"reason": "Wartung ü", "until": "5"}
    assert abs(datetime.now(UTC) - oldest.at) < timedelta(minutes=5)
    assert trail.entries("acme") == [oldest]
    assert trail.entries(before=newest.id) == [oldest]
    assert trail.entries("nobody") == []
