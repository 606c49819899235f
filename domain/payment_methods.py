"""Capability table: what each payment method can do. A difference between methods is a row here, not an `if`."""

from dataclasses import dataclass, replace
from enum import StrEnum


class Family(StrEnum):
    """How a method's money is taken and how its order is carried through (rule P9: read from the payment's type)."""

    MODE = "mode"  # standard or expert mode decides when the money is taken (STD/EXP)
    SHOP = "shop"  # always taken in the shop already (rule P28)
    PREPAYMENT = "prepayment"  # PRE: the customer transfers first
    INVOICE = "invoice"  # INV: the customer transfers after the goods, the ERP's invoice says where to
    SECURED = "secured"  # SEC: as INV, but insured; the report of the shipment starts the time to pay
    PAYLATER = "paylater"  # PLI: the provider invoices, each ERP invoice is captured


class HoldOwner(StrEnum):
    """Which long-lived thing performs captures and voids of a hold."""

    ORDER = "order"
    AUTHORIZATION = "authorization"


class Extent(StrEnum):
    """How much of an amount something can be done with."""

    NONE = "none"
    FULL = "full"  # all of it or nothing
    PARTIAL = "partial"  # any part of it, several times


class Bank(StrEnum):
    """Whether the provider names an account that the customer transfers to, and for whom."""

    NONE = "none"
    CUSTOMER = "customer"  # told to the customer in the shop
    ERP_INVOICE = "erp_invoice"  # to be printed on the ERP's invoice (rule P23)


@dataclass(frozen=True)
class PaymentMethod:
    """One row: what the provider allows for a payment of this method after checkout.

    `authorize`: it can be a hold; `charge`: it can be taken (or claimed) in the shop at once. `capture` and
    `partial_capture`: a hold can be captured from here, in several parts. `void`: how much of a hold or an unpaid
    claim can be given up, with `void_after_capture` also when a part of it was taken. `report_shipment`: the provider
    wants to hear of the shipment.
    """

    key: str
    name: str
    family: Family
    authorize: bool = False
    charge: bool = True
    capture: bool = False
    partial_capture: bool = False
    void: Extent = Extent.NONE
    void_after_capture: bool = False
    refund: Extent = Extent.PARTIAL
    report_shipment: bool = False
    bank: Bank = Bank.NONE
    hold_owner: HoldOwner = HoldOwner.ORDER
    awaits_transfer: bool = False  # money arrives by bank transfer after the order
    hold_can_age_out: bool = False  # lifetime of the hold is agreed elsewhere and cannot be read (rule P39)
    reauthorize: bool = False  # rule P26: nowhere offered from the ERP
    deprecated: bool = False  # the provider wants merchants to leave it
    successor: str = ""  # what to change to: the key of a row, else the provider's name of a method without one
    same_as: str = ""  # the key of the method that this is another name of


def _mode(key: str, name: str) -> PaymentMethod:
    return PaymentMethod(
        key,
        name,
        Family.MODE,
        authorize=True,
        capture=True,
        partial_capture=True,
        void=Extent.PARTIAL,
        void_after_capture=True,
    )


def _paylater(key: str, name: str, *, void: Extent = Extent.FULL, same_as: str = "") -> PaymentMethod:
    return PaymentMethod(
        key,
        name,
        Family.PAYLATER,
        authorize=True,
        charge=False,
        capture=True,
        partial_capture=True,
        void=void,
        hold_can_age_out=True,
        same_as=same_as,
    )


_ROWS = (
    _mode("card", "Card"),
    # a card whose hold is renewed and split by an authorization of its own, which also owns captures and voids
    replace(_mode("card_hold", "Card (renewed hold)"), void=Extent.FULL, hold_owner=HoldOwner.AUTHORIZATION),
    _mode("paypal", "PayPal"),
    _mode("apple_pay", "Apple Pay"),
    PaymentMethod(
        "prepayment",
        "Prepayment",
        Family.PREPAYMENT,
        void=Extent.PARTIAL,
        bank=Bank.CUSTOMER,
        awaits_transfer=True,
    ),
    PaymentMethod(
        "invoice",
        "Invoice",
        Family.INVOICE,
        void=Extent.PARTIAL,
        bank=Bank.ERP_INVOICE,
        awaits_transfer=True,
        deprecated=True,
        successor="paylater_invoice",
    ),
    PaymentMethod(
        "invoice_secured",
        "Invoice Secured",
        Family.SECURED,
        void=Extent.PARTIAL,
        report_shipment=True,
        bank=Bank.ERP_INVOICE,
        awaits_transfer=True,
        hold_can_age_out=True,
        deprecated=True,
        successor="paylater_invoice",
    ),
    _paylater("paylater_invoice", "Paylater Invoice", void=Extent.PARTIAL),
    _paylater("invoice_paylater", "Invoice (Paylater)", void=Extent.PARTIAL, same_as="paylater_invoice"),
    _paylater("installment_paylater", "Installment (Paylater)"),
    _paylater("direct_debit_paylater", "Direct Debit (Paylater)"),
    PaymentMethod(
        "direct_debit_secured",
        "Direct Debit Secured",
        Family.SHOP,
        deprecated=True,
        successor="direct_debit_paylater",
    ),
    PaymentMethod("sofort", "SOFORT", Family.SHOP, deprecated=True, successor="Direct Bank Transfer"),
    PaymentMethod("eps", "EPS", Family.SHOP),
    PaymentMethod("ideal", "iDEAL", Family.SHOP),
    PaymentMethod("alipay", "Alipay", Family.SHOP),
    PaymentMethod("przelewy24", "Przelewy24", Family.SHOP),
    PaymentMethod("giropay", "Giropay", Family.SHOP, refund=Extent.NONE, deprecated=True),  # closed at the end of 2024
)

METHODS: dict[str, PaymentMethod] = {row.key: row for row in _ROWS}


def method(key: str) -> PaymentMethod | None:
    """The row of a method, or None for a method that Holdfast does not support (rule P27)."""
    return METHODS.get(key)
