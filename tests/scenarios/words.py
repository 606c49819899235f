"""What rows have in common: orders and payments that recur, and what is seen outside when one thing is done."""

from datetime import timedelta

from domain.tenant_config import AppMode
from tests.scenarios.script import Expect, Order, Payment, Setup

STANDARD = Setup(mode=AppMode.STANDARD)
PREPAID = Payment(type="prepayment", state="waiting")
PREPAID_ORDER = Order(code="V")
PAYLATER = Payment(type="paylater-invoice")
PAYLATER_ORDER = Order(code="L")
INVOICE = Payment(type="invoice", state="waiting")
INVOICE_ORDER = Order(code="I")
SECURED = Payment(type="invoice-secured", state="waiting")
SECURED_ORDER = Order(code="S")

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOTHING = Expect(erp=(), provider=(), mails=())

# what is seen outside when one thing is done
RELEASED = ("release", "comment released")
RELEASED_WITH_BANK_DATA = ("bank data", "comment bank_data_written", *RELEASED)
TAKEN_AND_RELEASED = ("release", "comment released_captured")
WAITING = ("lock", "release", "comment released_waiting_transfer")
UNLOCKED = ("unlock", "comment unlocked_transfer")


def locked(reason: str) -> tuple[str, ...]:
    return ("lock", "release", f"comment released_locked {reason}")


def booked(invoice: str, amount: str, comment: str = "booked") -> tuple[str, ...]:
    return (f"book {invoice} {amount} UZE", f"comment {comment}")


def captured(invoice: str, amount: str) -> tuple[str, ...]:
    return booked(invoice, amount, "captured_booked")


def credited(credit_note: str, amount: str) -> tuple[str, ...]:
    return (f"book {credit_note} {amount} UZR", "comment refunded_booked")


def gave_back() -> tuple[str, ...]:
    return ("comment refunded",)


def voided() -> tuple[str, ...]:
    return ("comment voided",)


def shipped_out() -> tuple[str, ...]:
    return ("comment shipment_reported",)
