"""What an operation is in full, so that an order can be told of it again."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("operations", sa.Column("content", sa.Text(), nullable=True))
