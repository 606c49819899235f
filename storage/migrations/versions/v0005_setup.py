"""What is known of a connection's credentials, who made a configuration, and counts against lost updates."""

import sqlalchemy as sa
from alembic import op

from storage.tables.base import UtcDateTime

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    for table in ("erp_connections", "mail_settings"):
        op.add_column(table, sa.Column("revision", sa.Integer(), nullable=False, server_default=sa.text("1")))
    op.add_column("configurations", sa.Column("created_by", sa.String(), nullable=False, server_default=""))
    op.create_table(
        "connection_checks",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("checked_at", UtcDateTime(), nullable=True),
        sa.Column("proven_at", UtcDateTime(), nullable=True),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("offer", sa.Text(), nullable=True),
        sa.Column("offered_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "connection", name=op.f("pk_connection_checks")),
    )
