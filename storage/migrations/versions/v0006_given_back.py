"""What was given back: its sum per order, and the credit notes with what was done about them."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("orders", sa.Column("refunded_minor", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_table(
        "order_credit_notes",
        sa.Column("workflow_id", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("from_return", sa.Boolean(), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("refund_reference", sa.String(), nullable=False),
        sa.Column("refund_outcome", sa.String(), nullable=False),
        sa.Column("book_outcome", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("workflow_id", "number", name=op.f("pk_order_credit_notes")),
    )
