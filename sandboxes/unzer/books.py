"""How each step moves the four amounts and the state of a payment.

In every step `total = charged + canceled + remaining` stays true. An overpaid payment has a negative remainder.
"""

from sandboxes.unzer.model import CANCELED, CHARGEBACK, COMPLETED, PARTLY, PENDING, REVIEW, Payment


def opened(payment: Payment, amount: int) -> None:
    """An authorization, or a charge that is not paid yet."""
    payment.total = payment.remaining = amount
    payment.charged = payment.canceled = 0
    payment.state = PENDING


def charged(payment: Payment, amount: int) -> None:
    """A capture, a finished direct charge or a receipt from the customer."""
    payment.charged += amount
    payment.remaining -= amount
    if payment.remaining > 0:
        payment.state = COMPLETED if payment.shipped else PARTLY
    else:
        payment.state = COMPLETED if payment.remaining == 0 else REVIEW


def reduced(payment: Payment, amount: int) -> None:
    """A reversal of an authorization, or the cancellation of a charge that is not paid yet."""
    payment.total -= amount
    payment.remaining -= amount
    if payment.total == 0 or (payment.remaining == 0 and payment.charged == 0):
        payment.state = CANCELED
    elif payment.remaining == 0 and payment.charged > 0:
        payment.state = COMPLETED


def refunded(payment: Payment, amount: int) -> None:
    """Money given back. A shipped payment of the insured kind stays completed even when all of it went back."""
    payment.charged -= amount
    payment.canceled += amount
    if payment.shipped:
        payment.state = COMPLETED
    elif payment.charged == 0 and payment.remaining == 0:
        payment.state = CANCELED
    elif payment.state == REVIEW and payment.charged <= payment.total:
        payment.state = COMPLETED


def charged_back(payment: Payment, amount: int) -> None:
    """Money taken back by the customer's bank."""
    payment.charged -= amount
    payment.canceled += amount
    payment.state = CHARGEBACK


def failed(payment: Payment) -> None:
    """The initiating transaction failed: nothing is left to charge."""
    payment.total = payment.remaining = payment.charged = payment.canceled = 0
    payment.state = CANCELED


def shipped(payment: Payment) -> None:
    payment.shipped = True
    payment.state = COMPLETED


def reauthorized(payment: Payment, amount: int) -> None:
    """A new amount replaces the authorized one."""
    payment.remaining += amount - payment.total
    payment.total = amount
