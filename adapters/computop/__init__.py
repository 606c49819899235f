"""Computop Paygate as a provider of card holds: reads, authorizes, captures, voids and refunds, once."""

from adapters.computop.account import PaygateAccount, PaygateTimeouts
from adapters.computop.adapter import PaygateHolds

__all__ = ["PaygateAccount", "PaygateHolds", "PaygateTimeouts"]
