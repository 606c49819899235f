"""unzer as a payment provider: reads payments, captures, voids, refunds and reports shipments, once."""

from adapters.unzer.account import UnzerAccount
from adapters.unzer.adapter import UnzerPayments

__all__ = ["UnzerAccount", "UnzerPayments"]
