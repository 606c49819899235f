"""How payments look in answers: PaymentIntents, charges, SetupIntents. References are ids, `expanding` unfolds them."""

from typing import Any

from sandboxes.stripe.declines import Decline
from sandboxes.stripe.model import ACTION, Charge, Intent, PaymentMethod, SetupIntent
from sandboxes.stripe.side import Side
from sandboxes.stripe.windows import most_capturable
from sandboxes.stripe.wire_people import billing_details, payment_method

_OPTIONS = ("installments", "mandate_options", "network")
_REQUESTS = (
    "request_extended_authorization",
    "request_incremental_authorization",
    "request_multicapture",
    "request_overcapture",
)
_CREDENTIALS = ("setup_credential_usage", "setup_future_usage", "stored_credential_usage", "capture_method")
SENTENCES = {
    "issuer_declined": "The bank did not return any further details with this decline.",
    "blocked": "Stripe blocked this payment.",
    "authorized": "Payment complete.",
}


def intent(side: Side, one: Intent) -> dict[str, Any]:
    return {
        "id": one.id,
        "object": "payment_intent",
        "allowed_payment_method_types": one.allowed_types,
        "amount": one.amount,
        "amount_capturable": one.amount_capturable,
        "amount_details": {"tip": {}},
        "amount_received": one.amount_received,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": one.automatic,
        "canceled_at": one.canceled_at,
        "cancellation_reason": one.cancellation_reason or None,
        "capture_method": one.capture_method,
        "client_secret": one.client_secret,
        "confirmation_method": one.confirmation_method,
        "created": one.created,
        "currency": one.currency,
        "customer": one.customer or None,
        "customer_account": None,
        "description": one.description,
        "excluded_payment_method_types": None,
        "last_payment_error": one.last_error,
        "latest_charge": one.latest_charge or None,
        "livemode": side.live,
        "metadata": dict(one.metadata),
        "next_action": one.action if one.status == ACTION else None,
        "on_behalf_of": None,
        "payment_method": one.payment_method or None,
        "payment_method_configuration_details": None,
        "payment_method_options": {"card": _shown_options(one.card_options)},
        "payment_method_types": one.allowed_types or ["card"],
        "processing": None,
        "receipt_email": one.receipt_email,
        "review": None,
        "setup_future_usage": one.setup_future_usage or None,
        "shipping": one.shipping,
        "source": None,
        "statement_descriptor": one.statement_descriptor,
        "statement_descriptor_suffix": one.statement_descriptor_suffix,
        "status": one.status,
        "transfer_data": None,
        "transfer_group": None,
    }


def _shown_options(options: dict[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {name: options.get(name) for name in _OPTIONS}
    shown["request_three_d_secure"] = options.get("request_three_d_secure", "automatic")
    shown.update({name: options[name] for name in (*_REQUESTS, *_CREDENTIALS) if options.get(name)})
    return shown


def charge(side: Side, one: Charge) -> dict[str, Any]:
    method = side.methods[one.payment_method]
    failure = Decline(**one.failure) if one.failure else None
    described = one.described
    return {
        "id": one.id,
        "object": "charge",
        "amount": one.amount,
        "amount_captured": one.amount_captured,
        "amount_refunded": one.amount_refunded,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": one.balance_transaction or None,
        "billing_details": billing_details(method.billing),
        "calculated_statement_descriptor": "HOLDFAST SANDBOX",
        "captured": one.captured,
        "created": one.created,
        "currency": one.currency,
        "customer": one.customer or None,
        "description": described.get("description"),
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": failure.code if failure else None,
        "failure_message": failure.message if failure else None,
        "fraud_details": {},
        "livemode": side.live,
        "metadata": dict(one.metadata),
        "on_behalf_of": None,
        "outcome": outcome(failure),
        "paid": failure is None,
        "payment_intent": one.payment_intent,
        "payment_method": one.payment_method,
        "payment_method_details": {"card": _card_details(side, one, method), "type": "card"},
        "radar_options": {},
        "receipt_email": described.get("receipt_email"),
        "receipt_number": None,
        "receipt_url": None,
        "refunded": one.refunded,
        "review": None,
        "shipping": described.get("shipping"),
        "source": None,
        "source_transfer": None,
        "statement_descriptor": described.get("statement_descriptor"),
        "statement_descriptor_suffix": described.get("statement_descriptor_suffix"),
        "status": one.status,
        "transfer_data": None,
        "transfer_group": None,
    }


def outcome(failure: Decline | None) -> dict[str, Any]:
    """What became of the attempt in the network; a blocked one never got there."""
    kind = "authorized" if failure is None else "blocked" if failure.blocked else "issuer_declined"
    status = {"authorized": "approved_by_network", "blocked": "not_sent_to_network"}.get(kind, "declined_by_network")
    return {
        "advice_code": (failure.advice_code or None) if failure else None,
        "network_advice_code": (failure.network_advice_code or None) if failure else None,
        "network_decline_code": (failure.network_decline_code or None) if failure else None,
        "network_status": status,
        "reason": None if failure is None else "highest_risk_level" if failure.blocked else failure.reason,
        "risk_level": "highest" if kind == "blocked" else "normal",
        "risk_score": 92 if kind == "blocked" else 24,
        "seller_message": SENTENCES[kind],
        "type": kind,
    }


def _card_details(side: Side, one: Charge, method: PaymentMethod) -> dict[str, Any]:
    card, features = method.card, one.features
    has = {name: "available" if features.get(name) else "unavailable" for name in features}
    details: dict[str, Any] = {
        "amount_authorized": one.amount if one.status == "succeeded" else None,
        "authorization_code": one.authorization_code or None,
        "brand": card.brand,
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": None},
        "country": card.country,
        "exp_month": 12,
        "exp_year": 2035,
        "extended_authorization": {"status": "enabled" if features.get("extended_authorization") else "disabled"},
        "fingerprint": method.fingerprint,
        "funding": card.funding,
        "incremental_authorization": {"status": has.get("incremental_authorization", "unavailable")},
        "installments": None,
        "last4": card.last4,
        "mandate": None,
        "multicapture": {"status": has.get("multicapture", "unavailable")},
        "network": card.brand,
        "network_token": {"used": False},
        "network_transaction_id": one.network_transaction_id or None,
        "overcapture": {
            "maximum_amount_capturable": most_capturable(one.amount, overcapture=bool(features.get("overcapture"))),
            "status": has.get("overcapture", "unavailable"),
        },
        "regulated_status": "unregulated",
        "three_d_secure": _authentication() if one.authenticated else None,
        "wallet": None,
    }
    if one.capture_before is not None:
        details["capture_before"] = one.capture_before
    for name in ("setup_credential_usage", "stored_credential_usage"):
        if one.options.get(name):
            details[name] = one.options[name]
    return details


def _authentication() -> dict[str, Any]:
    return {
        "authentication_flow": "challenge",
        "electronic_commerce_indicator": "05",
        "exemption_indicator": None,
        "result": "authenticated",
        "result_reason": None,
        "transaction_id": None,
        "version": "2.2.0",
    }


def setup_intent(side: Side, one: SetupIntent) -> dict[str, Any]:
    options = {name: one.card_options.get(name) for name in ("mandate_options", "network")}
    options["request_three_d_secure"] = one.card_options.get("request_three_d_secure", "automatic")
    return {
        "id": one.id,
        "object": "setup_intent",
        "allowed_payment_method_types": one.allowed_types,
        "application": None,
        "automatic_payment_methods": one.automatic,
        "cancellation_reason": None,
        "client_secret": one.client_secret,
        "created": one.created,
        "customer": one.customer or None,
        "customer_account": None,
        "description": one.description,
        "excluded_payment_method_types": None,
        "flow_directions": None,
        "last_setup_error": one.last_error,
        "latest_attempt": None,
        "livemode": side.live,
        "mandate": None,
        "metadata": dict(one.metadata),
        "next_action": one.action if one.status == ACTION else None,
        "on_behalf_of": None,
        "payment_method": one.payment_method or None,
        "payment_method_configuration_details": None,
        "payment_method_options": {"card": options},
        "payment_method_types": one.allowed_types or ["card"],
        "single_use_mandate": None,
        "status": one.status,
        "usage": one.usage,
    }


def card_error(side: Side, failure: Decline, charge_id: str, method: PaymentMethod) -> dict[str, Any]:
    """A refusal as `last_payment_error` carries it, without the payment itself."""
    found: dict[str, Any] = {
        "charge": charge_id or None,
        "code": failure.code,
        "decline_code": failure.decline_code,
        "advice_code": failure.advice_code,
        "network_decline_code": failure.network_decline_code,
        "network_advice_code": failure.network_advice_code,
        "message": failure.message,
        "payment_method": payment_method(side, method),
        "type": "card_error",
    }
    return {key: value for key, value in found.items() if value}
