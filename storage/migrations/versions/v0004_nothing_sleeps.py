"""How far polling of a connection has come, for a poller that starts anew; and a way to find overdue orders."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "poll_places",
        sa.Column("tenant", sa.String(), nullable=False),
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "connection", name=op.f("pk_poll_places")),
    )
    op.create_index(op.f("ix_orders_next_due"), "orders", ["next_due"])
