"""The journal of operations, gates, leases, and the journal and read models of orders."""

import sqlalchemy as sa
from alembic import op

from storage.tables.base import UtcDateTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "gates",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("paused_until", UtcDateTime(), nullable=True),
        sa.Column("pause_reason", sa.String(), nullable=False),
        sa.Column("rate_per_second", sa.Double(), nullable=True),
        sa.Column("next_slot_at", UtcDateTime(), nullable=True),
        sa.Column("promised_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_gates")),
    )
    op.create_table(
        "journal_facts",
        sa.Column("workflow_id", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("ends_batch", sa.Boolean(), nullable=False),
        sa.Column("next_due", UtcDateTime(), nullable=True),
        sa.Column("checkpoint", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("workflow_id", "seq", name=op.f("pk_journal_facts")),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", "slot", name=op.f("pk_leases")),
    )
    op.create_table(
        "operations",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("workflow_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("input_hash", sa.String(), nullable=False),
        sa.Column("gate", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("begun_at", UtcDateTime(), nullable=False),
        sa.Column("executing", sa.Boolean(), nullable=False),
        sa.Column("sent_now", sa.Boolean(), nullable=False),
        sa.Column("executions", sa.Integer(), nullable=False),
        sa.Column("sends", sa.Integer(), nullable=False),
        sa.Column("unresolved", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("last_sent_at", UtcDateTime(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("evidence_reference", sa.String(), nullable=False),
        sa.Column("evidence_trace", sa.String(), nullable=False),
        sa.Column("evidence_amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("evidence_currency", sa.String(), nullable=False),
        sa.Column("evidence_at", UtcDateTime(), nullable=True),
        sa.Column("found_by_reading", sa.Boolean(), nullable=False),
        sa.Column("retry_at", UtcDateTime(), nullable=True),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operations")),
    )
    op.create_index(op.f("ix_operations_outcome_begun_at"), "operations", ["outcome", "begun_at"], unique=False)
    op.create_index(
        op.f("ix_operations_workflow_id_created_at"), "operations", ["workflow_id", "created_at"], unique=False
    )
    op.create_table(
        "order_invoices",
        sa.Column("workflow_id", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("shipped", sa.Boolean(), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.Column("captured_minor", sa.BigInteger(), nullable=False),
        sa.Column("capture_reference", sa.String(), nullable=False),
        sa.Column("capture_outcome", sa.String(), nullable=False),
        sa.Column("booked_minor", sa.BigInteger(), nullable=False),
        sa.Column("book_outcome", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("workflow_id", "number", name=op.f("pk_order_invoices")),
    )
    op.create_table(
        "order_problems",
        sa.Column("workflow_id", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("raised_at", UtcDateTime(), nullable=False),
        sa.Column("solved_at", UtcDateTime(), nullable=True),
        sa.Column("params", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("workflow_id", "code", "subject", "cause", name=op.f("pk_order_problems")),
    )
    op.create_index(
        op.f("ix_order_problems_tenant_solved_at_raised_at"),
        "order_problems",
        ["tenant", "solved_at", "raised_at"],
        unique=False,
    )
    op.create_table(
        "orders",
        sa.Column("workflow_id", sa.String(), nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("order_no", sa.String(), nullable=False),
        sa.Column("shop_order_no", sa.String(), nullable=False),
        sa.Column("shop_id", sa.String(), nullable=False),
        sa.Column("payment_code", sa.String(), nullable=False),
        sa.Column("payment_id", sa.String(), nullable=False),
        sa.Column("family", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("problem", sa.String(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("needs_human", sa.Boolean(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("captured_minor", sa.BigInteger(), nullable=False),
        sa.Column("booked_minor", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("next_due", UtcDateTime(), nullable=True),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("configuration", sa.String(), nullable=False),
        sa.Column("config_version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("workflow_id", name=op.f("pk_orders")),
    )
    op.create_index(
        op.f("ix_orders_tenant_changed_at_workflow_id"), "orders", ["tenant", "changed_at", "workflow_id"], unique=False
    )
    op.create_index(
        op.f("ix_orders_tenant_needs_human_changed_at"), "orders", ["tenant", "needs_human", "changed_at"], unique=False
    )
    op.create_index(
        op.f("ix_orders_tenant_next_due_workflow_id"), "orders", ["tenant", "next_due", "workflow_id"], unique=False
    )
    op.create_index(
        op.f("ix_orders_tenant_order_no_workflow_id"), "orders", ["tenant", "order_no", "workflow_id"], unique=False
    )
    op.create_index(op.f("ix_orders_tenant_payment_id"), "orders", ["tenant", "payment_id"], unique=False)
    op.create_index(
        op.f("ix_orders_tenant_status_changed_at"), "orders", ["tenant", "status", "changed_at"], unique=False
    )
    op.create_table(
        "orders_started",
        sa.Column("workflow_id", sa.String(), nullable=False),
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("order_no", sa.String(), nullable=False),
        sa.Column("config", sa.Text(), nullable=False),
        sa.Column("pacing", sa.Text(), nullable=True),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("workflow_id", name=op.f("pk_orders_started")),
    )
