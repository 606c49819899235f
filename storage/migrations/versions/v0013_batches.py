"""Batch files, and what became of each of their records."""

import sqlalchemy as sa
from alembic import op

from storage.tables.base import UtcDateTime

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "batches",
        *_texts("id", "tenant", "account", "merchant_id", "name", "sha256"),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        *_texts("actor", "source"),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("result", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
    )
    op.create_index(op.f("ix_batches_account_name"), "batches", ["account", "name"], unique=True)
    op.create_index(op.f("ix_batches_account_sha256"), "batches", ["account", "sha256"], unique=True)
    op.create_index(op.f("ix_batches_tenant_received_at"), "batches", ["tenant", "received_at"])
    op.create_index(op.f("ix_batches_finished_at_received_at"), "batches", ["finished_at", "received_at"])
    op.create_table(
        "batch_records",
        *_texts("batch"),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("line", sa.LargeBinary(), nullable=False),
        *_texts("status", "code"),
        sa.PrimaryKeyConstraint("batch", "number", name=op.f("pk_batch_records")),
    )
    op.create_index(op.f("ix_batch_records_batch_status_number"), "batch_records", ["batch", "status", "number"])


def _texts(*names: str) -> "list[sa.Column[str]]":
    return [sa.Column(name, sa.String(), nullable=False) for name in names]
