"""What merchants agree on for the authorizations of an account, and which of it each authorization has heard."""

import sqlalchemy as sa
from alembic import op

from storage.tables.base import UtcDateTime

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "authorization_terms",
        *_texts("tenant", "account"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        *_texts("created_by"),
        sa.Column("open_authorizations", sa.Integer(), nullable=False),
        *_texts("confirmation"),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "account", "version", name=op.f("pk_authorization_terms")),
    )
    op.create_index(
        op.f("ix_authorization_terms_confirmation_tenant_account"),
        "authorization_terms",
        ["confirmation", "tenant", "account"],
    )
    op.add_column("authorizations", sa.Column("terms_version", sa.Integer(), nullable=False, server_default="0"))
    op.create_index(
        op.f("ix_authorizations_tenant_account_status_terms_version"),
        "authorizations",
        ["tenant", "account", "status", "terms_version"],
    )


def _texts(*names: str) -> "list[sa.Column[str]]":
    return [sa.Column(name, sa.String(), nullable=False) for name in names]
