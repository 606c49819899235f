"""Tables of who uses Holdfast and how: tenants, connections, accounts, configurations, tokens, the audit trail."""

from datetime import datetime

from sqlalchemy import Column, Double, Index, LargeBinary, Named, Table, Text, TypedColumns, text

from storage.tables.base import Serial, UtcDateTime, metadata


class TenantColumns(TypedColumns):
    """A merchant. Simulated tenants live at real time plus `offset_seconds`."""

    id: Named[str] = Column(primary_key=True)
    name: Named[str]
    language: Named[str]
    simulated: Named[bool]
    offset_seconds: Named[float] = Column(Double)


tenants = Table("tenants", metadata, TenantColumns)


class ErpConnectionColumns(TypedColumns):
    """Access to one ERP database of a tenant."""

    tenant: Named[str] = Column(primary_key=True)
    name: Named[str] = Column(primary_key=True)
    base_url: Named[str]
    username: Named[str]
    password_ref: Named[str]
    active: Named[bool]
    poll_interval_seconds: Named[int]
    ca_file: Named[str]
    options: Named[str] = Column(Text)
    revision: Named[int]


erp_connections = Table("erp_connections", metadata, ErpConnectionColumns)


class ConnectionCheckColumns(TypedColumns):
    """What the last check of a connection found out; `offer` is what the ERP offered, as JSON."""

    tenant: Named[str] = Column(primary_key=True)
    connection: Named[str] = Column(primary_key=True)
    state: Named[str]
    reason: Named[str]
    checked_at: Named[datetime | None] = Column(UtcDateTime)
    proven_at: Named[datetime | None] = Column(UtcDateTime)
    due_at: Named[datetime | None] = Column(UtcDateTime)
    offer: Named[str | None] = Column(Text)
    offered_at: Named[datetime | None] = Column(UtcDateTime)


connection_checks = Table("connection_checks", metadata, ConnectionCheckColumns)


class ProviderAccountColumns(TypedColumns):
    """Access to one account at a payment provider. Of the token in its callback address only the SHA-256 is kept."""

    id: Named[str] = Column(primary_key=True)
    tenant: Named[str]
    provider: Named[str]
    base_url: Named[str]
    public_key: Named[str]
    secret_ref: Named[str]
    callback_hash: Named[str | None] = Column(unique=True)
    options: Named[str] = Column(Text)
    revision: Named[int] = Column(server_default="1")


provider_accounts = Table("provider_accounts", metadata, ProviderAccountColumns)
Index(None, provider_accounts.c.tenant)


class ConfigurationColumns(TypedColumns):
    """One version of a configuration: `config` is what orders freeze. `active` is live and the same in all versions."""

    id: Named[str] = Column(primary_key=True)
    version: Named[int] = Column(primary_key=True, autoincrement=False)
    is_current: Named[bool]
    active: Named[bool]
    tenant: Named[str]
    connection: Named[str]
    shop_id: Named[str]
    payment_code: Named[str]
    config: Named[str] = Column(Text)
    created_at: Named[datetime] = Column(UtcDateTime)
    created_by: Named[str]


configurations = Table("configurations", metadata, ConfigurationColumns)
_in_force = text("is_current AND active")
# at most one configuration decides on an order
Index(
    "uq_configurations_in_force",
    configurations.c.tenant,
    configurations.c.connection,
    configurations.c.shop_id,
    configurations.c.payment_code,
    unique=True,
    sqlite_where=_in_force,
    postgresql_where=_in_force,
)


class MailSettingsColumns(TypedColumns):
    """Through which server a tenant's mails go, from whom and to whom."""

    tenant: Named[str] = Column(primary_key=True)
    host: Named[str]
    port: Named[int]
    security: Named[str]
    username: Named[str]
    password_ref: Named[str]
    sender: Named[str]
    recipient: Named[str]
    revision: Named[int]


mail_settings = Table("mail_settings", metadata, MailSettingsColumns)


class ApiTokenColumns(TypedColumns):
    """A token of the API, kept as SHA-256 only. Without tenant it is good for all."""

    id: Named[str] = Column(primary_key=True)
    hash: Named[str] = Column(unique=True)
    tenant: Named[str | None]
    scopes: Named[str]
    label: Named[str]
    created_at: Named[datetime] = Column(UtcDateTime)
    expires_at: Named[datetime | None] = Column(UtcDateTime)
    deactivated_at: Named[datetime | None] = Column(UtcDateTime)


api_tokens = Table("api_tokens", metadata, ApiTokenColumns)


class AuditColumns(TypedColumns):
    """Who did what to which thing. Only added to."""

    id: Named[int] = Column(Serial, primary_key=True)
    at: Named[datetime] = Column(UtcDateTime)
    tenant: Named[str | None]
    actor: Named[str]
    action: Named[str]
    subject: Named[str]
    details: Named[str] = Column(Text)


audit_trail = Table("audit_trail", metadata, AuditColumns, sqlite_autoincrement=True)
Index(None, audit_trail.c.tenant, audit_trail.c.id)


class SecretColumns(TypedColumns):
    """A value sealed with the master key `key_id`."""

    ref: Named[str] = Column(primary_key=True)
    key_id: Named[str]
    nonce: Named[bytes] = Column(LargeBinary)
    sealed: Named[bytes] = Column(LargeBinary)


secrets = Table("secrets", metadata, SecretColumns)


class OpenWorkflowColumns(TypedColumns):
    """A running workflow of a simulated tenant, for the driver of its clock."""

    tenant: Named[str] = Column(primary_key=True)
    workflow_id: Named[str] = Column(primary_key=True)
    started_at: Named[datetime] = Column(UtcDateTime)


open_workflows = Table("open_workflows", metadata, OpenWorkflowColumns)
