"""What a message says in full, for those whose wish does not say everything."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("messages", sa.Column("content", sa.Text(), nullable=False, server_default=""))
