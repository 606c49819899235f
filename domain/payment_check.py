"""The check of a payment before its order is released (rules P6, P9, P10, P12, P14, P27)."""

from datetime import datetime

from domain.facts import CheckFailed, CheckPassed, ErpSnapshot, PaymentSnapshot, Phase, Standing
from domain.money import Money, within_tolerance
from domain.payment_methods import method
from domain.tenant_config import OrderConfig

_REFUSED_STANDINGS = {
    Standing.MISSING: "payment_unknown",
    Standing.DECLINED: "payment_declined",
    Standing.VOIDED: "payment_voided",
}


def out_of_scope(erp: ErpSnapshot) -> bool:
    """Whether this is an order made by hand in the ERP, which Holdfast leaves alone (rules P7, P80).

    Both must hold: no payment id, and the shop's number is `P` followed by the ERP's number.
    """
    return not erp.payment_id and erp.shop_order_no == f"P{erp.order_no}"


def all_cancelled(erp: ErpSnapshot) -> bool:
    """Whether every line was cancelled before anything shipped."""
    return erp.phase is Phase.CLOSED and not erp.invoices and erp.cancelled.count > 0


def awaits_decision(payment: PaymentSnapshot) -> bool:
    """Whether the initiating transaction is still pending, so that there is nothing to check yet (rule P10)."""
    return payment.standing is Standing.PENDING


def check_payment(
    erp: ErpSnapshot,
    payment: PaymentSnapshot | None,
    config: OrderConfig,
    now: datetime,
    *,
    released_before: bool = False,
) -> CheckPassed | CheckFailed:
    """Whether the provider accepted this payment for this order (rule P12); the failure names one reason (rule P14).

    `payment` is None when the order carries no payment id. `released_before`: another application has checked and
    released the order, and may have taken and given back money since. Then the payment need only be this order's: what
    it was about lies between what is left of the order and the whole of it.
    """
    if not erp.payment_id or payment is None:
        return CheckFailed(now, "payment_id_missing")
    moved_minor = payment.captured_minor + payment.refunded_minor + payment.charged_back_minor
    refused = _REFUSED_STANDINGS.get(payment.standing)
    if released_before and payment.standing is Standing.VOIDED and moved_minor > 0:
        refused = None  # nothing is left because everything was taken and given back
    if refused:
        named = (("payment_id", payment.payment_id),) if refused == "payment_unknown" else ()
        return CheckFailed(now, refused, named)
    row = method(payment.method)
    if row is None:
        return CheckFailed(now, "unsupported_method", (("method", payment.foreign_type),))
    if erp.payment_tag is not None and erp.payment_tag != config.xml_tag:
        return CheckFailed(now, "payment_tag_differs", (("found", erp.payment_tag), ("expected", config.xml_tag)))
    if payment.currency != erp.currency:
        return CheckFailed(now, "currency_differs", (("payment", payment.currency), ("order", erp.currency)))
    if released_before:
        return _fits_in_between(erp, payment, config, now, row.key, moved_minor)
    kept_minor = payment.total_minor - payment.refunded_minor - payment.charged_back_minor
    if kept_minor <= 0 < erp.total_minor:
        return CheckFailed(now, "payment_voided")
    if not within_tolerance(kept_minor, erp.total_minor, config.tolerance_minor):
        paid, order = Money(kept_minor, erp.currency), Money(erp.total_minor, erp.currency)
        return CheckFailed(now, "amount_differs", (("payment", str(paid)), ("order", str(order))))
    return CheckPassed(now, row.key, payment.captured_minor, payment.remaining_minor)


def _fits_in_between(
    erp: ErpSnapshot, payment: PaymentSnapshot, config: OrderConfig, now: datetime, key: str, moved_minor: int
) -> CheckPassed | CheckFailed:
    """The amount check of an order that was released before: reversals of what was cancelled or came back lower what a
    payment is about, refunds do not. What was taken counts in full, for what was given back paid for something too."""
    about = payment.total_minor or moved_minor
    least = erp.total_minor - erp.cancelled.total_minor - sum(one.total_minor for one in erp.credit_notes)
    if not least - config.tolerance_minor <= about <= erp.total_minor + config.tolerance_minor:
        paid, order = Money(about, erp.currency), Money(erp.total_minor, erp.currency)
        return CheckFailed(now, "amount_differs", (("payment", str(paid)), ("order", str(order))))
    return CheckPassed(now, key, moved_minor, payment.remaining_minor)
