"""Changes of provider accounts are counted, for those who edit them."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("provider_accounts", sa.Column("revision", sa.Integer(), nullable=False, server_default="1"))
