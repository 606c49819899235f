"""The requests, in the library's own parameter types. They follow from the operation alone, so a repetition under the
same idempotency key says the very same (rule SI4)."""

from typing import Any, cast

from stripe.params import (
    PaymentIntentCancelParams,
    PaymentIntentCaptureParams,
    PaymentIntentConfirmParams,
    PaymentIntentCreateParams,
    RefundCreateParams,
)

from adapters.stripe_psp.intent import CAPTURE, CASE, DOCUMENT, NUMBER, OURS, PAYOUT, Intent
from domain.authorization.ports import AuthorizeRequest, HoldCaptureRequest, HoldRefundRequest

WITH_CHARGE = "latest_charge"
LONGEST_VALUE = 500  # of metadata


def create(request: AuthorizeRequest, first: Intent) -> PaymentIntentCreateParams:
    """A PaymentIntent over the same card as the first one, not confirmed yet. It asks for the same features (rule
    SR2), says that the money is only held (rule A5), and that a card is meant (rule A1)."""
    body: PaymentIntentCreateParams = {
        "amount": request.amount_minor,
        "currency": request.case.currency.lower(),
        "capture_method": "manual",
        "customer": first.customer,
        "payment_method": first.method,
        "allowed_payment_method_types": ["card"],
        "metadata": _told(
            {
                OURS: request.reference,
                CASE: request.case.case_reference,
                PAYOUT: request.case.payout_reference,
                NUMBER: str(request.number),
            }
        ),
    }
    if first.features:
        wanted = {f"request_{name}": "if_available" for name in first.features}
        body["payment_method_options"] = cast("Any", {"card": wanted})
    return body


def confirm(first: Intent) -> PaymentIntentConfirmParams:
    """Ask the issuer, without the customer."""
    return {"payment_method": first.method, "off_session": True, "expand": [WITH_CHARGE]}


def capture(request: HoldCaptureRequest, *, keeps_rest: bool) -> PaymentIntentCaptureParams:
    """Take the amount. The rest is let go unless told otherwise, which only a hold in parts understands."""
    body: PaymentIntentCaptureParams = {
        "amount_to_capture": request.amount_minor,
        "metadata": _told({CAPTURE: request.reference, DOCUMENT: request.document}),
        "expand": [WITH_CHARGE],
    }
    if keeps_rest:
        body["final_capture"] = False
    return body


def release() -> PaymentIntentCaptureParams:
    """Let go what is left of a hold that was captured in part."""
    return {"amount_to_capture": 0, "final_capture": True, "expand": [WITH_CHARGE]}


def cancel() -> PaymentIntentCancelParams:
    """Let go an untouched hold."""
    return {"expand": [WITH_CHARGE]}


def refund(request: HoldRefundRequest) -> RefundCreateParams:
    """Give the amount back."""
    return {
        "payment_intent": request.hold_id,
        "amount": request.amount_minor,
        "metadata": _told({OURS: request.reference, DOCUMENT: request.document}),
    }


def _told(metadata: dict[str, str]) -> dict[str, str]:
    """Metadata without what is empty: an empty value would take a key away."""
    return {name: value[:LONGEST_VALUE] for name, value in metadata.items() if value}
