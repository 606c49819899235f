"""Every table of Holdfast; importing this package completes the one `metadata`."""

from storage.tables.base import metadata
from storage.tables.journal import gates, leases, operations
from storage.tables.orders import (
    READ_MODELS,
    journal_facts,
    order_invoices,
    order_problems,
    orders,
    orders_started,
)

__all__ = [
    "READ_MODELS",
    "gates",
    "journal_facts",
    "leases",
    "metadata",
    "operations",
    "order_invoices",
    "order_problems",
    "orders",
    "orders_started",
]
