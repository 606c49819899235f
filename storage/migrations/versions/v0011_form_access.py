"""Under which MerchantIDs encrypted forms come, for accounts that have none of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    names = ("merchant_id", "tenant", "account", "cipher", "secret_ref")
    op.create_table(
        "form_access",
        *(sa.Column(name, sa.String(), nullable=False) for name in names),
        sa.PrimaryKeyConstraint("merchant_id", name=op.f("pk_form_access")),
    )
    op.create_index(op.f("ix_form_access_account"), "form_access", ["account"])
