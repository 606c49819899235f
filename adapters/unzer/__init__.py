"""unzer as a payment provider: reads payments and captures holds, once."""

from adapters.unzer.account import UnzerAccount
from adapters.unzer.adapter import UnzerPayments

__all__ = ["UnzerAccount", "UnzerPayments"]
