"""Prepayments: when the customer's transfer counts as received (rules P19-P22, P29, P32, P33)."""

from dataclasses import dataclass

from domain.order_state import OrderState
from domain.tenant_config import OrderConfig


@dataclass(frozen=True)
class Transfer:
    """How a prepaid order stands: what arrived against what is wanted, in minor units."""

    received_minor: int
    wanted_minor: int
    tolerance_minor: int

    @property
    def complete(self) -> bool:
        return self.received_minor >= self.wanted_minor - self.tolerance_minor

    @property
    def too_little(self) -> bool:
        return self.received_minor > 0 and not self.complete

    @property
    def too_much(self) -> bool:
        return self.received_minor > self.wanted_minor + self.tolerance_minor


def transfer(state: OrderState, config: OrderConfig) -> Transfer:
    """Receipts against the order's amount less what was cancelled (rule P29)."""
    erp, payment = state.erp, state.payment
    wanted = erp.total_minor - erp.cancelled.total_minor if erp else 0
    received = payment.received_minor if payment else 0
    return Transfer(received, wanted, config.tolerance_minor)
