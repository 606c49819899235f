"""What hooks answer with: a payment, a refund or an account in one flat object."""

from datetime import UTC, datetime
from typing import Any

from sandboxes.stripe.account import StripeAccount
from sandboxes.stripe.model import CAPTURE, Intent, Refund
from sandboxes.stripe.side import Side


def account_view(account: StripeAccount) -> dict[str, Any]:
    return {
        "name": account.name,
        "account_id": account.id,
        **account.keys,
        "settings": account.settings.model_dump(),
        "payments": len(account.test.intents) + len(account.live.intents),
    }


def refund_view(one: Refund) -> dict[str, Any]:
    return {
        "refund": one.id,
        "amount_minor": one.amount,
        "status": one.status,
        "reason": one.reason,
        "metadata": one.metadata,
    }


def payment_view(side: Side, intent: Intent) -> dict[str, Any]:
    """A payment in minor units. `capture_before` is the end of an open hold (UTC), or None."""
    charge = side.charge_of(intent)
    method = side.methods.get(charge.payment_method if charge is not None else intent.payment_method)
    deadline = charge.capture_before if charge is not None and intent.status == CAPTURE else None
    refunds = [one for one in side.refunds.values() if one.payment_intent == intent.id]
    return {
        "payment_intent": intent.id,
        "mode": side.mode,
        "status": intent.status,
        "customer": intent.customer,
        "payment_method": method.id if method is not None else "",
        "card": method.token if method is not None else "",
        "brand": method.card.brand if method is not None else "",
        "fingerprint": method.fingerprint if method is not None else "",
        "reusable": method.set_up if method is not None else False,
        "charge": intent.latest_charge,
        "amount_minor": intent.amount,
        "amount_capturable_minor": intent.amount_capturable,
        "amount_received_minor": intent.amount_received,
        "amount_refunded_minor": charge.amount_refunded if charge is not None else 0,
        "currency": intent.currency,
        "capture_before": datetime.fromtimestamp(deadline, UTC).isoformat() if deadline is not None else None,
        "off_session": intent.off_session,
        "features": [name for name, has in charge.features.items() if has] if charge is not None else [],
        "cancellation_reason": intent.cancellation_reason,
        "metadata": intent.metadata,
        "client_secret": intent.client_secret,
        "last_error": (intent.last_error or {}).get("decline_code") or (intent.last_error or {}).get("code", ""),
        "refunds": [refund_view(one) for one in refunds],
    }
