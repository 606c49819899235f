"""Authorize, direct charge, capture, and the change of an authorized amount."""

from sandboxes.unzer import books
from sandboxes.unzer.account import UnzerAccount
from sandboxes.unzer.errors import ApiError
from sandboxes.unzer.model import Payment, Transaction
from sandboxes.unzer.rules import TypeRule, rule_of_type_id
from sandboxes.unzer.steps import (
    ERROR_CODE,
    Operation,
    add,
    amount_of,
    announce,
    bank_details,
    part,
    payment_for,
    record,
    record_effect,
    rule_for,
    text,
)

EVENT_ENDINGS = {"success": "succeeded", "pending": "pending", "error": "failed"}


def authorize(account: UnzerAccount, op: Operation) -> tuple[Payment, Transaction]:
    """Reserve money; waits for the customer where the type or 3-D Secure needs it."""
    rule, type_id = _type_for(account, op)
    if not rule.authorize:
        raise ApiError("API.320.000.004")
    payment, amount = _opened(account, op, rule, type_id)
    if rule.customer and not payment.customer_id:
        raise ApiError("API.320.100.008")
    status = "pending" if rule.redirect or op.body.get("card3ds") is True else "success"
    return _first(account, op, payment, rule, kind="authorize", amount=amount, status=status)


def charge(account: UnzerAccount, op: Operation) -> tuple[Payment, Transaction]:
    """Take money at once, or open a charge that the customer pays later."""
    rule, type_id = _type_for(account, op)
    if rule.charge == "no":
        raise ApiError("API.330.000.004", status=405)
    payment, amount = _opened(account, op, rule, type_id)
    if rule.customer and not payment.customer_id:
        raise ApiError("API.330.100.008")
    if rule.basket and not payment.basket_id:
        raise ApiError("API.330.100.023")
    if rule.same_addresses and not _same_addresses(account, payment.customer_id):
        raise ApiError("API.330.100.106")
    waits = rule.charge in ("redirect", "transfer") or op.body.get("card3ds") is True
    return _first(account, op, payment, rule, kind="charge", amount=amount, status="pending" if waits else "success")


def capture(account: UnzerAccount, op: Operation) -> tuple[Payment, Transaction]:
    """Charge an authorization, fully when no amount is given. A capture that is pending holds its amount back."""
    payment = payment_for(account, op)
    rule = rule_for(payment, "API.330.000.004")
    authorization = payment.authorization
    if not rule.authorize or authorization is None:
        raise ApiError("API.330.000.004", status=405)
    currency = text(op.body, "currency")
    if currency and currency != payment.currency:
        raise ApiError("API.330.100.202")
    if authorization.status != "success":
        raise ApiError("API.330.000.004")
    amount = amount_of(op, payment.currency)
    if payment.expired_code:
        raise ApiError(payment.expired_code)
    free = payment.remaining - sum(one.amount for one in payment.charges("pending"))
    if payment.total == 0 or (amount is None and free <= 0):
        raise ApiError("API.330.000.004")
    if amount is not None and amount > free:
        raise ApiError("API.330.100.007")
    made = add(account, payment, op, "charge", "charges", amount=free if amount is None else amount)
    before = payment.state
    if made.status == "success":
        books.charged(payment, made.amount)
        record(account, op, payment, made, charge_id=made.id)
    if made.invoice_id and made.status != "error":
        payment.invoice_id = made.invoice_id
    announce(account, payment, before, (f"charge.{EVENT_ENDINGS[made.status]}", made))
    return payment, made


def reauthorize(account: UnzerAccount, op: Operation) -> tuple[Payment, Transaction]:
    """Replace the authorized amount of a paylater payment from which nothing has been captured."""
    payment = payment_for(account, op)
    rule, authorization = rule_for(payment, "API.320.000.004"), payment.authorization
    if not rule.paylater or authorization is None:
        raise ApiError("API.320.000.004")
    if authorization.status != "success" or payment.charges("success", "pending") or payment.total == 0:
        raise ApiError("API.320.000.004", status=400)
    amount = amount_of(op, payment.currency)
    if amount is None:
        raise ApiError("API.500.300.999", "the amount is missing")
    before = payment.state
    if op.outcome != "error":
        authorization.amount = amount
        books.reauthorized(payment, amount)
        record(account, op, payment, authorization)
    announce(account, payment, before, ("authorize.succeeded", authorization))
    return payment, authorization


def _type_for(account: UnzerAccount, op: Operation) -> tuple[TypeRule, str]:
    type_id = text(part(op.body, "resources"), "typeId")
    if not type_id:
        raise ApiError("API.320.200.143")
    rule, known = rule_of_type_id(type_id), account.types.get(type_id)
    if known is None or rule is None:
        raise ApiError("API.500.100.001", f"Payment type {type_id} not found")
    if known["public_key"] != op.public_key:
        raise ApiError("API.320.200.145")
    return rule, type_id


def _opened(account: UnzerAccount, op: Operation, rule: TypeRule, type_id: str) -> tuple[Payment, int]:
    """A payment that is not yet the account's, and the amount of its first transaction."""
    currency = text(op.body, "currency")
    if currency not in account.settings.currencies or (rule.currencies and currency not in rule.currencies):
        raise ApiError("API.330.100.202", f"currency {currency or 'missing'} is not supported")
    amount = amount_of(op, currency)
    if amount is None:
        raise ApiError("API.500.300.999", "the amount is missing")
    redirects = rule.redirect if op.call == "authorize" else rule.charge == "redirect"
    if (redirects or op.body.get("card3ds") is True) and not text(op.body, "returnUrl"):
        raise ApiError("API.320.100.203")
    order_id = text(op.body, "orderId")
    if account.settings.unique_order_ids and order_id and account.payment_of(order_id, op.public_key):
        raise ApiError("API.320.200.138")
    resources = part(op.body, "resources")
    customer, basket, metadata = (text(resources, key) for key in ("customerId", "basketId", "metadataId"))
    if customer and customer not in account.customers:
        customer = next((key for key, one in account.customers.items() if one.get("customerId") == customer), "")
        if not customer:
            raise ApiError("API.410.100.100", status=400)
    if basket and basket not in account.baskets:
        raise ApiError("API.600.410.024", status=400)
    if metadata and metadata not in account.metadata:
        raise ApiError("API.500.300.999", "metadata not found")
    return (
        Payment(
            id="",
            public_key=op.public_key,
            type_id=type_id,
            currency=currency,
            created=account.date(),
            trace_id=account.ids.trace(),
            order_id=order_id,
            invoice_id=text(op.body, "invoiceId"),
            customer_id=customer,
            basket_id=basket,
            metadata_id=metadata,
        ),
        amount,
    )


def _first(
    account: UnzerAccount, op: Operation, payment: Payment, rule: TypeRule, *, kind: str, amount: int, status: str
) -> tuple[Payment, Transaction]:
    """Let the payment come into being with its first transaction."""
    payment.id = account.new_payment_id()
    account.payments[payment.id] = payment
    made = add(
        account, payment, op, kind, "authorize" if kind == "authorize" else "charges", amount=amount, status=status
    )
    if made.status == "pending" and rule.charge != "transfer":
        made.redirect_url = f"{op.base}/redirect/{payment.id}"
    if rule.bank in (kind, "customer") and made.status != "error":
        bank_details(account, made, account.types.get(payment.type_id, {}), rule)
    books.opened(payment, amount)
    if made.status == "error":
        books.failed(payment)
    elif kind == "charge" and made.status == "success":
        books.charged(payment, amount)
    days = account.settings.authorization_days
    if kind == "authorize" and days is not None and made.status != "error":
        account.agenda.delay("expire", {"payment_id": payment.id}, account.later(days * 86_400))
    record(account, op, payment, made)
    announce(account, payment, None, (f"{kind}.{EVENT_ENDINGS[made.status]}", made))
    return payment, made


def settle(account: UnzerAccount, payment: Payment, made: Transaction, *, code: str = "") -> None:
    """Finish a pending transaction: successfully, or as failed when `code` says why."""
    before, first = payment.state, payment.transactions[0] is made
    made.redirect_url = ""
    made.status, made.code = ("error", code or ERROR_CODE) if code else ("success", "COR.000.100.112")
    if code and first:
        books.failed(payment)
    elif not code and made.kind == "charge":
        books.charged(payment, made.amount)
        if not first:
            record_effect(account, "capture", payment, made, charge_id=made.id)
    elif not code and made.kind == "cancel-charge":
        books.refunded(payment, made.amount)
        record_effect(account, "refund", payment, made, charge_id=made.charge_id)
    elif not code and made.kind == "cancel-authorize":
        books.reduced(payment, made.amount)
        record_effect(account, "reversal", payment, made, charge_id=made.charge_id)
    elif not code and made.kind == "shipment":
        books.shipped(payment)
        record_effect(account, "shipment", payment, made, shipment_id=made.id)
    if made.kind.startswith("cancel-"):
        news = [("charge.canceled" if made.charge_id else "authorize.canceled", made)] if not code else []
        announce(account, payment, before, *news)
    elif made.kind == "shipment":
        announce(account, payment, before, ("shipment", made))
    else:
        announce(account, payment, before, (f"{made.kind}.{EVENT_ENDINGS[made.status]}", made))


def _same_addresses(account: UnzerAccount, customer_id: str) -> bool:
    customer = account.customers.get(customer_id, {})
    shipping = customer.get("shippingAddress") or {}
    ignored = ("shippingType",)
    kept = {key: value for key, value in shipping.items() if key not in ignored and value}
    billing = customer.get("billingAddress") or {}
    return not kept or kept == {key: value for key, value in billing.items() if key not in ignored and value}
