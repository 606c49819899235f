"""Payments by bank transfer: when the customer's money counts as received (rules P19-P22, P29, P32, P33, P64)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from domain.facts import ErpSnapshot
from domain.operations import Kind
from domain.order_state import OperationRecord, OrderState
from domain.outcomes import Outcome
from domain.tenant_config import OrderConfig

CANCELLED_LINES = "cancelled-lines"  # subject of what is given back for cancelled lines, by its running sum


@dataclass(frozen=True)
class Transfer:
    """How an order that waits for a transfer stands, in minor units: what arrived against what is wanted.

    `most_minor` is what may have arrived without being too much: cancelled lines that are still to be given back.
    """

    received_minor: int
    wanted_minor: int
    tolerance_minor: int
    most_minor: int

    @property
    def complete(self) -> bool:
        """Whether enough is there; nothing at all is never enough, however large the tolerance."""
        something = self.received_minor > 0 or self.wanted_minor <= 0
        return something and self.received_minor >= self.wanted_minor - self.tolerance_minor

    @property
    def too_little(self) -> bool:
        return self.received_minor > 0 and not self.complete

    @property
    def too_much(self) -> bool:
        return self.received_minor > self.most_minor + self.tolerance_minor


def transfer(state: OrderState, config: OrderConfig) -> Transfer:
    """Receipts against the order's amount less what was cancelled and what was given back for returns (rule P29)."""
    erp, payment = state.erp, state.payment
    total = erp.total_minor if erp else 0
    cancelled = erp.cancelled.total_minor if erp else 0
    of_lines, of_returns = lines_given_back_minor(state), returns_given_back_minor(state)
    received = payment.received_minor if payment else 0
    most = total - of_lines if state.rules > 1 else total - cancelled
    return Transfer(received, total - cancelled - of_returns, config.tolerance_minor, most - of_returns)


def lines_given_back_minor(state: OrderState) -> int:
    """What was given back for cancelled lines, or is about to be, in minor units.

    A refund that took effect in part counts in full: a person was told to give the rest back, which must not go twice.
    """
    lines = (one for one in _given(state) if one.subject.startswith(f"{CANCELLED_LINES}/"))
    return sum(one.operation.amount_minor or 0 for one in lines)


def lines_are_superseded(state: OrderState, erp: ErpSnapshot, record: OperationRecord) -> bool:
    """Whether nothing is missing of what a refund for cancelled lines was to give back, or a later one asks for it, or
    nobody knows what became of it and not so much is cancelled any more."""
    others = replace(state, operations=tuple(one for one in state.operations if one is not record))
    if record.outcome is Outcome.UNKNOWN and _running_sum(record) > erp.cancelled.total_minor:
        return True
    return lines_given_back_minor(others) >= erp.cancelled.total_minor or any(
        _running_sum(one) > _running_sum(record) for one in others.operations if one.kind is Kind.REFUND
    )


def _running_sum(record: OperationRecord) -> int:
    """What all refunds for cancelled lines up to and with this one are to give back; 0 for any other operation."""
    prefix, _, total = record.subject.partition("/")
    return int(total) if prefix == CANCELLED_LINES and total.isdecimal() else 0


def returns_given_back_minor(state: OrderState) -> int:
    """What was given back for credit notes, or is about to be, in minor units."""
    return sum(one.amount_minor or 0 for one in _given(state) if one.operation.invoice_no)


def _given(state: OrderState) -> Iterator[OperationRecord]:
    sent = (Outcome.SUCCEEDED, Outcome.PENDING, Outcome.UNKNOWN)
    return (one for one in state.operations if one.kind is Kind.REFUND and one.outcome in sent)
