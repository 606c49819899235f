"""Failure files, which line stands in which, and the folders that they are put into."""

import sqlalchemy as sa
from alembic import op

from storage.tables.base import UtcDateTime

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("failure_lines", sa.Column("file_day", sa.Date(), nullable=True))
    unfiled = sa.text("channel = 'file' AND file_day IS NULL")
    op.create_index(
        op.f("ix_failure_lines_unfiled"),
        "failure_lines",
        ["tenant", "day"],
        sqlite_where=unfiled,
        postgresql_where=unfiled,
    )
    op.create_table(
        "failure_files",
        *_texts("tenant", "account"),
        sa.Column("day", sa.Date(), nullable=False),
        *_texts("name"),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        *_texts("sha256"),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.Column("wanted_at", UtcDateTime(), nullable=True),
        *_texts("delivery", "reason"),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("grants", sa.Integer(), nullable=False),
        sa.Column("delivered_at", UtcDateTime(), nullable=True),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "account", "day", name=op.f("pk_failure_files")),
    )
    op.create_index(op.f("ix_failure_files_tenant_name"), "failure_files", ["tenant", "name"], unique=True)
    op.create_index(op.f("ix_failure_files_tenant_delivery_day"), "failure_files", ["tenant", "delivery", "day"])
    op.create_table(
        "file_drops",
        *_texts("tenant", "protocol", "host"),
        sa.Column("port", sa.Integer(), nullable=False),
        *_texts("username", "secret_ref", "login", "folder", "host_key"),
        sa.Column("unencrypted", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", name=op.f("pk_file_drops")),
    )


def _texts(*names: str) -> "list[sa.Column[str]]":
    return [sa.Column(name, sa.String(), nullable=False) for name in names]
