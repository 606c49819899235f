"""How customers, stored cards, refunds, balance entries, events and the account itself look in answers."""

import json
from typing import TYPE_CHECKING, Any

from sandboxes.stripe.model import BalanceEntry, Customer, Event, PaymentMethod, Refund
from sandboxes.stripe.versions import VERSION

if TYPE_CHECKING:
    from sandboxes.stripe.account import StripeAccount
    from sandboxes.stripe.side import Side

_ADDRESS = ("city", "country", "line1", "line2", "postal_code", "state")
_SCRIPTS = ("", "_kana", "_kanji")
_DUE = ("currently_due", "eventually_due", "past_due", "pending_verification")


def address(given: dict[str, Any] | None) -> dict[str, Any]:
    return {name: (given or {}).get(name) for name in _ADDRESS}


def billing_details(given: dict[str, Any]) -> dict[str, Any]:
    shown = {name: given.get(name) for name in ("email", "name", "phone", "tax_id")}
    return {"address": address(given.get("address")), **shown}


def customer(side: "Side", one: Customer) -> dict[str, Any]:
    fields = one.fields
    return {
        "id": one.id,
        "object": "customer",
        "address": address(fields["address"]) if fields.get("address") else None,
        "balance": 0,
        "created": one.created,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": fields.get("description"),
        "discount": None,
        "email": fields.get("email"),
        "invoice_prefix": one.id[-8:].upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": side.live,
        "metadata": dict(one.metadata),
        "name": fields.get("name"),
        "next_invoice_sequence": 1,
        "phone": fields.get("phone"),
        "preferred_locales": fields.get("preferred_locales", []),
        "shipping": fields.get("shipping") or None,
        "tax_exempt": "none",
        "test_clock": None,
    }


def payment_method(side: "Side", one: PaymentMethod) -> dict[str, Any]:
    card = one.card
    return {
        "id": one.id,
        "object": "payment_method",
        "allow_redisplay": one.allow_redisplay,
        "billing_details": billing_details(one.billing),
        "card": {
            "brand": card.brand,
            "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
            "country": card.country,
            "display_brand": card.brand,
            "exp_month": 12,
            "exp_year": 2035,
            "fingerprint": one.fingerprint,
            "funding": card.funding,
            "generated_from": None,
            "last4": card.last4,
            "networks": {"available": [card.brand], "preferred": None},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        "created": one.created,
        "customer": one.customer or None,
        "customer_account": None,
        "livemode": side.live,
        "metadata": dict(one.metadata),
        "type": "card",
    }


def refund(side: "Side", one: Refund) -> dict[str, Any]:
    charge = side.charges[one.charge]
    shown: dict[str, Any] = {
        "id": one.id,
        "object": "refund",
        "amount": one.amount,
        "balance_transaction": one.balance_transaction or None,
        "charge": one.charge,
        "created": one.created,
        "currency": one.currency,
        "customer": charge.customer or None,
        "customer_account": None,
        "destination_details": {"card": {"type": "refund"}, "type": "card"},
        "metadata": dict(one.metadata),
        "payment_intent": one.payment_intent,
        "payment_method": charge.payment_method,
        "reason": one.reason or None,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": one.status,
        "transfer_reversal": None,
    }
    if one.failure_reason:
        shown["failure_reason"] = one.failure_reason
    if one.status == "pending":
        shown["pending_reason"] = "processing"
    return shown


def balance_transaction(_: "Side", one: BalanceEntry) -> dict[str, Any]:
    fees = [{"amount": one.fee, "application": None, "currency": one.currency, "type": "stripe_fee"}]
    return {
        "id": one.id,
        "object": "balance_transaction",
        "amount": one.amount,
        "available_on": one.created + 7 * 86_400,
        "balance_type": "payments",
        "created": one.created,
        "currency": one.currency,
        "description": None,
        "exchange_rate": None,
        "fee": one.fee,
        "fee_details": [{**fee, "description": "Stripe processing fees"} for fee in fees if fee["amount"]],
        "net": one.amount - one.fee,
        "reporting_category": one.type,
        "source": one.source,
        "status": "pending",
        "type": one.type,
    }


def event(side: "Side", one: Event) -> dict[str, Any]:
    data: dict[str, Any] = {"object": json.loads(one.object)}
    if one.previous:
        data["previous_attributes"] = json.loads(one.previous)
    return {
        "id": one.id,
        "object": "event",
        "api_version": VERSION,
        "created": one.created,
        "data": data,
        "livemode": side.live,
        "pending_webhooks": 0,
        "request": {"id": one.request_id or None, "idempotency_key": one.idempotency_key or None},
        "type": one.type,
    }


def account(one: "StripeAccount") -> dict[str, Any]:
    """The account itself; it does not say which mode the key was of."""
    settings = one.settings
    nothing: dict[str, Any] = {name: [] for name in ("alternatives", "errors", *_DUE)}
    nothing |= {"current_deadline": None, "disabled_reason": None}
    return {
        "id": one.id,
        "object": "account",
        "business_profile": {"mcc": "5651", "name": settings.display_name, "url": None},
        "business_type": "company",
        "capabilities": {"card_payments": settings.card_payments, "transfers": "active"},
        "charges_enabled": settings.charges_enabled,
        "controller": {"type": "account"},
        "country": settings.country,
        "created": one.created,
        "default_currency": settings.default_currency,
        "details_submitted": settings.details_submitted,
        "email": None,
        "future_requirements": dict(nothing),
        "metadata": {},
        "payouts_enabled": settings.charges_enabled,
        "requirements": dict(nothing),
        "settings": {
            "branding": dict.fromkeys(("icon", "logo", "primary_color", "secondary_color")),
            "card_payments": dict.fromkeys(f"statement_descriptor_prefix{script}" for script in _SCRIPTS),
            "dashboard": {"display_name": settings.display_name, "timezone": "Europe/Berlin"},
            "payments": dict.fromkeys(f"statement_descriptor{script}" for script in _SCRIPTS),
        },
        "type": "standard",
    }


def balance(side: "Side") -> dict[str, Any]:
    """What was taken and not given back, by currency; all of it still pending."""
    sums: dict[str, int] = {side.account.settings.default_currency: 0}
    for entry in side.entries.values():
        sums[entry.currency] = sums.get(entry.currency, 0) + entry.amount - entry.fee
    return {
        "object": "balance",
        "available": [{"amount": 0, "currency": key, "source_types": {"card": 0}} for key in sums],
        "livemode": side.live,
        "pending": [
            {"amount": amount, "currency": key, "source_types": {"card": amount}} for key, amount in sums.items()
        ],
    }
