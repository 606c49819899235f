"""Answers written by hand, for what the sandbox cannot be brought to say."""

from collections.abc import Callable
from typing import Any

import httpx

from adapters.unzer.account import UnzerAccount
from adapters.unzer.adapter import UnzerPayments

HOST = "https://provider.example/gateway"
PAYMENT = "s-pay-7"
Handler = Callable[[httpx.Request], httpx.Response]


def adapter(handler: Handler, **account: Any) -> UnzerPayments:
    """The adapter on answers of `handler`; the one account is `main`."""
    values = {"name": "main", "base_url": HOST, "public_key": "s-pub-x", "private_key": "s-priv-x", **account}
    return UnzerPayments({"main": UnzerAccount(**values)}.__getitem__, transport=httpx.MockTransport(handler))


def listed(kind: str, place: str, amount: str = "119.9000", status: str | None = "success") -> dict[str, Any]:
    """An entry of a payment's list."""
    entry = {"date": "2027-01-04 10:00:00", "type": kind, "amount": amount}
    entry["url"] = f"https://sbx-api.unzer.com/v1/payments/{PAYMENT}/{place}"
    return entry if status is None else {**entry, "status": status}


def payment(*transactions: dict[str, Any], type_id: str = "s-crd-abcdefghijkl", **changed: Any) -> dict[str, Any]:
    """A payment of 119.90 EUR; by default an authorization of which nothing was taken."""
    amount = {"total": "119.9000", "charged": "0.0000", "canceled": "0.0000", "remaining": "119.9000"}
    return {
        "id": PAYMENT,
        "state": {"id": 0, "name": "pending"},
        "amount": {**amount, **changed.pop("amount", {})},
        "currency": "EUR",
        "orderId": "",
        "resources": {"typeId": type_id, "paymentId": PAYMENT},
        "transactions": list(transactions) or [listed("authorize", "authorize/s-aut-1")],
        **changed,
    }


def transaction(transaction_id: str = "s-chg-1", **changed: Any) -> dict[str, Any]:
    """A successful charge of 119.90 EUR."""
    return {
        "id": transaction_id,
        "isSuccess": True,
        "isPending": False,
        "isError": False,
        "message": {"code": "COR.000.100.112", "merchant": "", "customer": ""},
        "amount": "119.9000",
        "currency": "EUR",
        "paymentReference": "",
        "processing": {"shortId": "1234.5678.9012", "uniqueId": "31HA"},
        **changed,
    }
