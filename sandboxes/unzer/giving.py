"""Reversals, cancels of unpaid charges, refunds, and shipments."""

from sandboxes.unzer import books
from sandboxes.unzer.account import UnzerAccount
from sandboxes.unzer.errors import ApiError
from sandboxes.unzer.model import Payment, Transaction
from sandboxes.unzer.rules import TypeRule
from sandboxes.unzer.steps import Operation, add, amount_of, announce, not_found, payment_for, record, rule_for, text

REASONS = ("CANCEL", "RETURN", "CREDIT")


def reversal(account: UnzerAccount, op: Operation) -> tuple[Payment, Transaction]:
    """Release an authorization or a part of it; paylater types refuse once anything was captured."""
    payment = payment_for(account, op)
    rule, authorization = rule_for(payment, "API.340.000.004"), payment.authorization
    if authorization is None:
        raise ApiError("API.340.000.004", status=405)
    if op.parent and op.parent != authorization.id:
        raise not_found(account, op.public_key, f"Authorization {op.parent}")
    if authorization.status != "success":
        raise ApiError("API.340.000.004")
    amount = amount_of(op, payment.currency)
    captured = bool(payment.charges("success", "pending"))
    if payment.expired_code:
        raise ApiError("COR.700.300.700")
    if payment.remaining <= 0:
        raise ApiError("API.340.100.018" if captured else "API.340.100.014")
    if captured and not rule.void_after_capture:
        raise ApiError("API.340.100.018")
    free = payment.remaining - sum(one.amount for one in payment.charges("pending"))
    free -= payment.leaving("cancel-authorize")
    if amount is not None and amount > free:
        raise ApiError("API.340.100.017")
    if free <= 0:
        raise ApiError("API.340.100.018")
    place = "authorize/cancels" if rule.refund == "payment" else f"authorize/{authorization.id}/cancels"
    made = add(account, payment, op, "cancel-authorize", place, amount=free if amount is None else amount)
    made.order_id = made.order_id or authorization.order_id
    made.invoice_id = made.invoice_id or authorization.invoice_id
    before = payment.state
    if made.status == "success":
        books.reduced(payment, made.amount)
        record(account, op, payment, made)
        announce(account, payment, before, ("authorize.canceled", made))
    return payment, made


def refund(account: UnzerAccount, op: Operation) -> tuple[Payment, Transaction]:
    """Give a charge back, or cancel one that is not paid yet; without a charge id on payment level."""
    payment = payment_for(account, op)
    rule = rule_for(payment, "API.340.000.004")
    reason = text(op.body, "reasonCode")
    if reason and reason not in REASONS:
        raise ApiError("API.500.300.999", f"reason code {reason} is not known")
    if rule.refund == "no":
        raise ApiError("API.340.000.004", status=405)
    if not op.parent:
        if rule.refund == "payment":
            return _refund_payment(account, op, payment)
        return _refund_charge(account, op, payment, rule, _only_open_charge(payment))
    charge = payment.find(f"charges/{op.parent}")
    if charge is None:
        raise not_found(account, op.public_key, f"Charge {op.parent}")
    if rule.refund == "payment":
        raise ApiError("API.340.000.004", status=405)
    return _refund_charge(account, op, payment, rule, charge)


def _refund_payment(account: UnzerAccount, op: Operation, payment: Payment) -> tuple[Payment, Transaction]:
    if not payment.charges("success"):
        raise ApiError("API.340.000.004")
    if payment.charged <= 0:
        taken_back = any(one.kind == "chargeback" for one in payment.transactions)
        raise ApiError("API.340.100.015" if taken_back else "API.340.100.014")
    amount, rest = amount_of(op, payment.currency), payment.charged - payment.leaving("cancel-charge")
    if rest <= 0 or (amount is not None and amount > rest):
        raise ApiError("API.340.100.017")
    return _given_back(account, op, payment, "charges/cancels", rest if amount is None else amount, charge_id="")


def _refund_charge(
    account: UnzerAccount, op: Operation, payment: Payment, rule: TypeRule, charge: Transaction
) -> tuple[Payment, Transaction]:
    if rule.reason_code and not text(op.body, "reasonCode"):
        raise ApiError("API.340.100.024")
    amount = amount_of(op, payment.currency)
    if charge.status == "pending" and rule.cancel_pending:
        return _cancel_unpaid(account, op, payment, charge, amount)
    if charge.status != "success":
        raise ApiError("API.340.000.004")
    taken_back = payment.under(charge.id, "chargeback")
    rest = min(charge.amount - taken_back - payment.under(charge.id, "cancel-charge"), payment.charged)
    if rest <= 0:
        raise ApiError("API.340.100.015" if taken_back else "API.340.100.014")
    rest -= payment.leaving("cancel-charge", charge_id=charge.id)
    if rest <= 0 or (amount is not None and amount > rest):
        raise ApiError("API.340.100.017")
    given = rest if amount is None else amount
    return _given_back(account, op, payment, f"charges/{charge.id}/cancels", amount=given, charge_id=charge.id)


def _given_back(
    account: UnzerAccount, op: Operation, payment: Payment, place: str, amount: int, *, charge_id: str
) -> tuple[Payment, Transaction]:
    made = add(account, payment, op, "cancel-charge", place, amount=amount, charge_id=charge_id)
    before = payment.state
    if made.status == "success":
        books.refunded(payment, amount)
        record(account, op, payment, made, charge_id=charge_id)
        announce(account, payment, before, ("charge.canceled", made))
    return payment, made


def _cancel_unpaid(
    account: UnzerAccount, op: Operation, payment: Payment, charge: Transaction, amount: int | None
) -> tuple[Payment, Transaction]:
    """Cancel what the customer has not paid yet; the list shows it like a cancelled authorization."""
    if payment.remaining <= 0:
        raise ApiError("API.340.100.018" if payment.charges("success") else "API.340.100.014")
    rest = payment.remaining - payment.leaving("cancel-authorize")
    if rest <= 0 or (amount is not None and amount > rest):
        raise ApiError("API.340.100.017")
    given = rest if amount is None else amount
    made = add(
        account, payment, op, "cancel-authorize", f"charges/{charge.id}/cancels", amount=given, charge_id=charge.id
    )
    before = payment.state
    if made.status == "success":
        books.reduced(payment, given)
        record(account, Operation(**{**op.dump(), "call": "reversal"}), payment, made, charge_id=charge.id)
        announce(account, payment, before, ("charge.canceled", made))
    return payment, made


def _only_open_charge(payment: Payment) -> Transaction:
    """The charge that a payment-level refund of a charge-level type means: it must be the only candidate."""
    paid = [
        one for one in payment.charges("success") if one.amount > payment.under(one.id, "chargeback", "cancel-charge")
    ]
    candidates = paid or payment.charges("success")[-1:] or payment.charges("pending")
    if len(candidates) != 1:
        raise ApiError("API.340.000.004", "several charges could be meant", status=405)
    return candidates[0]


def shipment(account: UnzerAccount, op: Operation) -> tuple[Payment, Transaction]:
    """Activate the insurance of an invoice; what is not shipped is cancelled."""
    payment = payment_for(account, op)
    rule = rule_for(payment, "API.360.000.004")
    if rule.shipment == "active":
        raise ApiError("COR.700.400.800")
    first = payment.transactions[0] if payment.transactions else None
    if rule.shipment == "no" or first is None:
        raise ApiError("API.360.000.004")
    if payment.shipped or payment.total <= 0:
        raise ApiError("API.360.000.004", status=400)
    invoice = text(op.body, "invoiceId") or first.invoice_id
    if not invoice:
        raise ApiError("API.360.100.025")
    amount = amount_of(op, payment.currency) or payment.total
    if amount > payment.total:
        raise ApiError("API.330.100.007")
    made = add(account, payment, op, "shipment", "shipments", amount=amount)
    made.invoice_id = invoice
    before = payment.state
    if made.status != "success":
        return payment, made
    events: list[tuple[str, Transaction | None]] = [("shipment", made)]
    rest = min(payment.total - amount, payment.remaining)
    if rest > 0:
        quiet = Operation(**{**op.dump(), "body": {}, "outcome": ""})
        place = f"charges/{first.id}/cancels"
        cancelled = add(account, payment, quiet, "cancel-authorize", place, amount=rest, charge_id=first.id)
        books.reduced(payment, rest)
        events.append(("charge.canceled", cancelled))
    books.shipped(payment)
    record(account, op, payment, made, shipment_id=made.id)
    announce(account, payment, before, *events)
    return payment, made
