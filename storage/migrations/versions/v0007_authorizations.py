"""Authorizations: how they began, where they stand, the lines of failures, the ledger of cards; more evidence."""

import sqlalchemy as sa
from alembic import op

from storage.tables.base import UtcDateTime

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    for column in (
        sa.Column("evidence_code", sa.String(), nullable=False, server_default=""),
        sa.Column("advised_against", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("evidence_hold", sa.Text(), nullable=True),
    ):
        op.add_column("operations", column)
    op.create_table(
        "authorizations_started",
        *_texts("workflow_id", "tenant", "provider", "account", "reference", "case_reference", "payout_reference"),
        sa.Column("held_at", UtcDateTime(), nullable=True),
        *_texts("instrument_ref"),
        sa.Column("start", sa.Text(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("workflow_id", name=op.f("pk_authorizations_started")),
    )
    _index("authorizations_started", "tenant", "case_reference")
    _index("authorizations_started", "tenant", "payout_reference")
    op.create_table(
        "authorizations",
        *_texts("workflow_id", "tenant", "provider", "account", "reference", "case_reference", "payout_reference"),
        *_texts("status", "currency"),
        *_minors("authorized_minor", "open_minor", "remainder_minor", "captured_minor", "refunded_minor"),
        sa.Column("holds", sa.Integer(), nullable=False),
        *_texts("hold_id", "scheme", "card"),
        sa.Column("authorized_at", UtcDateTime(), nullable=True),
        sa.Column("held_at", UtcDateTime(), nullable=True),
        sa.Column("deadline", UtcDateTime(), nullable=True),
        sa.Column("deadline_told", sa.Boolean(), nullable=False),
        sa.Column("renews_at", UtcDateTime(), nullable=True),
        *_texts("stop_reason", "problem"),
        sa.Column("needs_human", sa.Boolean(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("next_due", UtcDateTime(), nullable=True),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("workflow_id", name=op.f("pk_authorizations")),
    )
    _index("authorizations", "tenant", "deadline", "workflow_id")
    _index("authorizations", "tenant", "status", "changed_at")
    _index("authorizations", "tenant", "case_reference")
    _index("authorizations", "tenant", "hold_id")
    _index("authorizations", "tenant", "next_due", "workflow_id")
    op.create_table(
        "failure_lines",
        *_texts("workflow_id", "key", "tenant", "account"),
        sa.Column("day", sa.Date(), nullable=False),
        *_texts("channel", "extension"),
        *_minors("amount_minor"),
        *_texts("currency", "case_reference", "payout_reference", "reference", "reason", "code"),
        sa.Column("failed_at", UtcDateTime(), nullable=False),
        sa.Column("hope_at", UtcDateTime(), nullable=True),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("workflow_id", "key", name=op.f("pk_failure_lines")),
    )
    _index("failure_lines", "tenant", "account", "day", "failed_at")
    op.create_table(
        "card_attempts",
        *_texts("operation_id", "account", "card"),
        sa.Column("at", UtcDateTime(), nullable=False),
        *_minors("amount_minor"),
        *_texts("currency"),
        sa.Column("declined", sa.Boolean(), nullable=False),
        sa.Column("never_again", sa.Boolean(), nullable=False),
        sa.Column("not_before", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("operation_id", name=op.f("pk_card_attempts")),
    )
    _index("card_attempts", "account", "card", "at")


def _texts(*names: str) -> "list[sa.Column[str]]":
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def _minors(*names: str) -> "list[sa.Column[int]]":
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))
