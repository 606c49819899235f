"""Every table of Holdfast; importing this package completes the one `metadata`."""

from storage.tables.authorizations import (
    authorizations,
    authorizations_started,
    card_attempts,
    failure_lines,
)
from storage.tables.base import metadata
from storage.tables.batches import batch_records, batches
from storage.tables.directory import (
    api_tokens,
    audit_trail,
    configurations,
    connection_checks,
    erp_connections,
    mail_settings,
    open_workflows,
    provider_accounts,
    secrets,
    tenants,
)
from storage.tables.failure_files import failure_files, file_drops
from storage.tables.forms import form_access
from storage.tables.journal import gates, leases, operations
from storage.tables.messages import callback_inbox, look_marks, messages, payment_routes, poll_memory, poll_places
from storage.tables.orders import (
    READ_MODELS,
    journal_facts,
    order_credit_notes,
    order_invoices,
    order_problems,
    orders,
    orders_started,
)
from storage.tables.terms import authorization_terms

__all__ = [
    "READ_MODELS",
    "api_tokens",
    "audit_trail",
    "authorization_terms",
    "authorizations",
    "authorizations_started",
    "batch_records",
    "batches",
    "callback_inbox",
    "card_attempts",
    "configurations",
    "connection_checks",
    "erp_connections",
    "failure_files",
    "failure_lines",
    "file_drops",
    "form_access",
    "gates",
    "journal_facts",
    "leases",
    "look_marks",
    "mail_settings",
    "messages",
    "metadata",
    "open_workflows",
    "operations",
    "order_credit_notes",
    "order_invoices",
    "order_problems",
    "orders",
    "orders_started",
    "payment_routes",
    "poll_memory",
    "poll_places",
    "provider_accounts",
    "secrets",
    "tenants",
]
