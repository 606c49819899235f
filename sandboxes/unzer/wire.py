"""How payments and transactions look in answers: amounts as strings, missing values as empty strings."""

from typing import Any

from sandboxes.unzer.account import UnzerAccount
from sandboxes.unzer.amounts import wire
from sandboxes.unzer.errors import texts
from sandboxes.unzer.model import STATE_NAMES, Payment, Transaction

MESSAGES = {
    "success": ("Transaction succeeded", "Your payment was processed.", "Ihre Zahlung wurde verarbeitet."),
    "pending": ("Transaction pending", "Your payment is being processed.", "Ihre Zahlung wird bearbeitet."),
}


def resources(payment: Payment) -> dict[str, str]:
    return {
        "customerId": payment.customer_id,
        "paymentId": payment.id,
        "basketId": payment.basket_id,
        "metadataId": payment.metadata_id,
        "payPageId": payment.pay_page_id,
        "traceId": payment.trace_id,
        "typeId": payment.type_id,
    }


def payment_body(account: UnzerAccount, payment: Payment) -> dict[str, Any]:
    """The answer of `GET /payments/{pid}`."""
    amounts = ("total", "charged", "canceled", "remaining")
    return {
        "id": payment.id,
        "state": {"id": payment.state, "name": STATE_NAMES[payment.state]},
        "amount": {key: wire(getattr(payment, key), payment.currency) for key in amounts},
        "currency": payment.currency,
        "orderId": payment.order_id,
        "invoiceId": payment.invoice_id,
        "resources": resources(payment),
        "transactions": [_listed(account, payment, one) for one in payment.transactions],
    }


def _listed(account: UnzerAccount, payment: Payment, transaction: Transaction) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "date": transaction.date,
        "type": transaction.kind,
        "status": transaction.status,
        "url": account.url(f"/v1/payments/{payment.id}/{transaction.path}"),
        "amount": wire(transaction.amount, payment.currency),
    }
    if transaction.additional:
        entry["additionalTransactionData"] = transaction.additional
    return entry


def transaction_body(payment: Payment, transaction: Transaction, language: str) -> dict[str, Any]:
    """The answer of every transaction, when it is made and when it is read."""
    if transaction.status in MESSAGES:
        merchant, english, german = MESSAGES[transaction.status]
        customer = german if language.lower().startswith("de") else english
    else:
        merchant, customer = texts(transaction.code, language)
    return {
        "id": transaction.id,
        "isSuccess": transaction.status == "success",
        "isPending": transaction.status == "pending",
        "isResumed": transaction.status == "resumed",
        "isError": transaction.status == "error",
        "card3ds": transaction.card3ds,
        "redirectUrl": transaction.redirect_url,
        "message": {"code": transaction.code, "merchant": merchant, "customer": customer},
        "amount": wire(transaction.amount, payment.currency),
        "currency": payment.currency,
        "returnUrl": transaction.return_url,
        "date": transaction.date,
        "resources": resources(payment),
        "orderId": transaction.order_id,
        "invoiceId": transaction.invoice_id,
        "paymentReference": transaction.payment_reference,
        "additionalTransactionData": transaction.additional,
        "processing": transaction.processing,
    }


def find_transaction(payment: Payment, path: str) -> Transaction | None:
    """A transaction by its path below the payment, in the spellings of older clients too."""
    parts = [one for one in path.split("/") if one]
    if parts in (["charges"], ["authorize"]):  # without an id the first one is meant
        kind = "charge" if parts == ["charges"] else "authorize"
        return next((one for one in payment.transactions if one.kind == kind), None)
    found = payment.find("/".join(parts))
    if found is not None:
        return found
    if len(parts) >= 3 and parts[0] == "authorize" and parts[-2] == "cancels":
        return next((one for one in payment.transactions if _reversal(one) and one.id == parts[-1]), None)
    if "chargeback" in parts:
        return payment.find("/".join("chargebacks" if one == "chargeback" else one for one in parts))
    return None


def _reversal(transaction: Transaction) -> bool:
    return transaction.path.startswith("authorize/") and transaction.kind == "cancel-authorize"
