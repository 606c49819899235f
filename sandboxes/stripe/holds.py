"""What happens to a hold once it stands: capture, cancel, expiry, increment. Amounts in minor units."""

from sandboxes.stripe import wire
from sandboxes.stripe.errors import ApiError, invalid
from sandboxes.stripe.model import (
    ACTION,
    CANCELED,
    CAPTURE,
    CONFIRMATION,
    PAYMENT_METHOD,
    SUCCEEDED,
    BalanceEntry,
    Charge,
    Intent,
)
from sandboxes.stripe.params import merged
from sandboxes.stripe.side import Side
from sandboxes.stripe.windows import most_capturable

CANCELABLE = (PAYMENT_METHOD, CAPTURE, CONFIRMATION, ACTION, "processing")
MOST_CAPTURES, MOST_INCREMENTS = 50, 10
FEE_PERMILLE, FEE_FIXED = 15, 25


def unexpected(side: Side, intent: Intent, message: str, code: str = "payment_intent_unexpected_state") -> ApiError:
    """The payment is not in a state for this; the error carries it as it is."""
    return ApiError(400, message, code=code, kept=True, payment_intent=wire.intent(side, intent))


def held_charge(side: Side, intent: Intent) -> Charge:
    """The charge of an open hold. Raises ApiError when there is none to capture."""
    charge = side.charge_of(intent)
    if intent.status == CAPTURE and charge is not None:
        return charge
    if intent.status == SUCCEEDED:
        raise unexpected(
            side,
            intent,
            "The remaining amount on this PaymentIntent cannot be captured: it has been captured already or released.",
        )
    code = "payment_intent_unexpected_state"
    if intent.status == CANCELED and intent.cancellation_reason == "expired":
        code = side.account.settings.expired_capture_code
    raise unexpected(
        side,
        intent,
        f"This PaymentIntent could not be captured because its status is {intent.status}. "
        "Only a PaymentIntent with the status requires_capture may be captured.",
        code,
    )


def capture(
    side: Side, intent: Intent, amount: int | None, *, final: bool, metadata: dict[str, str] | None = None
) -> None:
    """Take `amount` (None = all that is left). What is left over is let go unless more captures may follow."""
    charge = held_charge(side, intent)
    multi = charge.features.get("multicapture", False)
    if not final and not multi:
        raise invalid("final_capture can be false only when multicapture is available.", "final_capture")
    if amount == 0 and not (final and intent.captures):
        raise invalid("This value must be at least 1.", "amount_to_capture", code="parameter_invalid_integer")
    taken = intent.amount_capturable if amount is None else amount
    most = (
        most_capturable(charge.amount, overcapture=charge.features.get("overcapture", False)) - intent.amount_received
    )
    if taken > max(most, 0) or taken < 0:
        raise invalid(
            f"The amount {taken} is higher than what can be captured ({most}).",
            "amount_to_capture",
            code="amount_too_large",
        )
    if intent.captures >= MOST_CAPTURES:
        raise unexpected(side, intent, f"A PaymentIntent can be captured up to {MOST_CAPTURES} times.")
    intent.metadata = merged(intent.metadata, metadata)
    take(side, intent, charge, taken, final=final)


def take(side: Side, intent: Intent, charge: Charge, amount: int, *, final: bool) -> None:
    """Move `amount` from the hold to the merchant and end the hold when this was the last capture."""
    rest = max(intent.amount_capturable - amount, 0)
    final = final or rest == 0
    intent.captures += 1
    intent.amount_received += amount
    intent.amount_capturable = 0 if final else rest
    charge.amount_captured += amount
    if amount:
        charge.balance_transaction = book(side, amount, charge.currency, charge.id, "charge")
        side.account.moved(side, "captured", amount, intent.currency, intent.id, final=final)
    side.emit("charge.updated", wire.charge(side, charge), amount_captured=charge.amount_captured - amount)
    if not final:
        side.emit("payment_intent.amount_capturable_updated", wire.intent(side, intent))
        return
    if rest:
        side.account.moved(side, "released", rest, intent.currency, intent.id, reason="captured")
    _finish(side, intent, charge)


def _finish(side: Side, intent: Intent, charge: Charge, at: int | None = None) -> None:
    """The last capture is done: the payment has succeeded."""
    intent.status, intent.amount_capturable = SUCCEEDED, 0
    charge.captured = True
    if charge.features.get("multicapture"):
        side.emit("payment_intent.amount_capturable_updated", wire.intent(side, intent), at=at)
    side.emit("charge.captured", wire.charge(side, charge), at=at)
    side.emit("payment_intent.succeeded", wire.intent(side, intent), at=at)


def book(side: Side, amount: int, currency: str, source: str, kind: str) -> str:
    """Enter what a capture or refund (negative) does to the merchant's balance; returns the entry's id."""
    fee = amount * FEE_PERMILLE // 1000 + FEE_FIXED if amount > 0 else 0
    entry = BalanceEntry(side.ids.new("txn"), side.account.now(), amount, currency, fee, source, kind)
    side.entries[entry.id] = entry
    return entry.id


def cancel(side: Side, intent: Intent, reason: str, at: int | None = None) -> None:
    """Give the payment up; an open hold is let go. No refund is made of it."""
    if intent.status not in CANCELABLE:
        raise unexpected(
            side,
            intent,
            f"You cannot cancel this PaymentIntent because its status is {intent.status}. "
            f"Only a PaymentIntent in one of these may be canceled: {', '.join(CANCELABLE)}.",
        )
    if intent.captures:
        raise unexpected(
            side,
            intent,
            "You cannot cancel this PaymentIntent because a part of it has been captured. "
            "Capture an amount of 0 with final_capture=true to release the rest.",
        )
    released, intent.amount_capturable = intent.amount_capturable, 0
    intent.status, intent.cancellation_reason = CANCELED, reason
    intent.canceled_at = side.account.now() if at is None else at
    intent.action = None
    if released:
        kind = "expired" if reason == "expired" else "released"
        side.account.moved(side, kind, released, intent.currency, intent.id, reason=reason or "canceled")
    charge = side.charge_of(intent)
    if charge is not None and reason == "expired":
        side.emit("charge.expired", wire.charge(side, charge), at=at)
    side.emit("payment_intent.canceled", wire.intent(side, intent), at=at)


def expire(side: Side, intent: Intent, at: int | None = None) -> None:
    """The hold has run out, at its deadline unless `at` says otherwise: what was not captured is gone."""
    charge = held_charge(side, intent)
    deadline = charge.capture_before if at is None else at
    if not intent.captures:
        cancel(side, intent, "expired", deadline)
        return
    side.account.moved(side, "expired", intent.amount_capturable, intent.currency, intent.id, reason="expired")
    _finish(side, intent, charge, deadline)


def increment(side: Side, intent: Intent, amount: int) -> None:
    """Raise the hold to `amount` in total; the deadline stays."""
    charge = held_charge(side, intent)
    if not charge.features.get("incremental_authorization") or intent.captures:
        raise unexpected(side, intent, "This PaymentIntent is not eligible for incremental authorization.")
    if amount <= intent.amount:
        raise invalid("The amount must be higher than what is authorized.", "amount", code="parameter_invalid_integer")
    if charge.increments >= MOST_INCREMENTS:
        raise unexpected(side, intent, f"An authorization can be incremented up to {MOST_INCREMENTS} times.")
    charge.increments += 1
    more = amount - intent.amount
    intent.amount = intent.amount_capturable = charge.amount = amount
    side.account.moved(side, "authorized", more, intent.currency, intent.id, increment=True)
    side.emit("charge.updated", wire.charge(side, charge), amount=amount - more)
    side.emit("payment_intent.amount_capturable_updated", wire.intent(side, intent))
