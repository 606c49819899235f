"""Capability table: what each payment method can do. A difference between methods is a row here, not an `if`."""

from dataclasses import dataclass
from enum import StrEnum


class Family(StrEnum):
    """How a method's money is taken and how its order is carried through (rule P9: read from the payment's type)."""

    MODE = "mode"  # standard or expert mode decides when the money is taken (STD/EXP)
    PREPAYMENT = "prepayment"  # PRE: the customer transfers first
    PAYLATER = "paylater"  # PLI: the provider invoices, each ERP invoice is captured


class HoldOwner(StrEnum):
    """Which long-lived thing performs captures and voids of a hold."""

    ORDER = "order"
    AUTHORIZATION = "authorization"


@dataclass(frozen=True)
class PaymentMethod:
    """One row. `capture` says whether a hold can be captured from here, `partial_capture` in several parts."""

    key: str
    name: str
    family: Family
    authorize: bool
    capture: bool
    partial_capture: bool
    refund: bool
    hold_owner: HoldOwner
    awaits_transfer: bool = False  # money arrives by bank transfer after the order
    hold_can_age_out: bool = False  # lifetime of the hold is agreed elsewhere and cannot be read (rule P39)
    reauthorize: bool = False  # rule P26: nowhere offered from the ERP


_ROWS = (
    PaymentMethod("card", "Card", Family.MODE, True, True, True, True, HoldOwner.ORDER),
    PaymentMethod("paypal", "PayPal", Family.MODE, True, True, True, True, HoldOwner.ORDER),
    PaymentMethod("apple_pay", "Apple Pay", Family.MODE, True, True, True, True, HoldOwner.ORDER),
    PaymentMethod(
        "prepayment", "Prepayment", Family.PREPAYMENT, False, False, False, True, HoldOwner.ORDER, awaits_transfer=True
    ),
    PaymentMethod(
        "paylater_invoice",
        "Paylater Invoice",
        Family.PAYLATER,
        True,
        True,
        True,
        True,
        HoldOwner.ORDER,
        hold_can_age_out=True,
    ),
)

METHODS: dict[str, PaymentMethod] = {row.key: row for row in _ROWS}


def method(key: str) -> PaymentMethod | None:
    """The row of a method, or None for a method that Holdfast does not support (rule P27)."""
    return METHODS.get(key)
