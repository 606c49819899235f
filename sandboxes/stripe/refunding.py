"""Money given back: at once, or for some cards later, or in the end not at all."""

from sandboxes.stripe import wire, wire_people
from sandboxes.stripe.errors import ApiError, invalid
from sandboxes.stripe.holds import book
from sandboxes.stripe.model import Charge, Refund
from sandboxes.stripe.side import Side


def refundable(side: Side, charge: Charge) -> int:
    """What can still be given back. Raises ApiError when nothing was taken."""
    if charge.status != "succeeded" or charge.amount_captured == 0:
        raise ApiError(
            400,
            f"This PaymentIntent ({charge.payment_intent}) does not have a successful charge to refund.",
            param="payment_intent",
            kept=True,
        )
    return charge.amount_captured - charge.amount_refunded


def refund(side: Side, charge: Charge, amount: int | None, *, reason: str, metadata: dict[str, str]) -> Refund:
    """Give `amount` minor units back (None = all that is left)."""
    left = refundable(side, charge)
    if left == 0:
        raise ApiError(400, f"Charge {charge.id} has already been refunded.", code="charge_already_refunded", kept=True)
    given = left if amount is None else amount
    if given < 1:
        raise invalid("This value must be at least 1.", "amount", code="parameter_invalid_integer")
    if given > left:
        raise invalid(
            f"Refund amount ({given} {charge.currency}) is greater than the amount of the charge that is not refunded "
            f"({left} {charge.currency})",
            "amount",
            kept=True,
        )
    now, card = side.account.now(), side.methods[charge.payment_method].card
    made = Refund(side.ids.new("re"), now, given, charge.currency, charge.id, charge.payment_intent)
    made.reason, made.metadata = reason, metadata
    if card.refund:
        made.status = "pending" if card.refund == "pending" else "succeeded"
        made.settles_as = "succeeded" if card.refund == "pending" else "failed"
        made.settles_at = side.account.clock.now().timestamp() + side.account.settings.refund_settles_seconds
        side.plan(made.settles_at, "refund", made.id)
    side.refunds[made.id] = made
    made.balance_transaction = book(side, -given, charge.currency, made.id, "refund")
    _move(side, charge, given)
    side.account.moved(
        side,
        "refunded",
        given,
        charge.currency,
        charge.payment_intent,
        refund=made.id,
        status=made.status,
        refund_metadata=dict(metadata),
    )
    side.emit("refund.created", wire_people.refund(side, made))
    side.emit("charge.refunded", wire.charge(side, charge), amount_refunded=charge.amount_refunded - given)
    return made


def _move(side: Side, charge: Charge, amount: int) -> None:
    charge.amount_refunded += amount
    charge.refunded = charge.captured and charge.amount_refunded == charge.amount_captured


def settle(side: Side, made: Refund) -> None:
    """An asynchronous refund ends as its card has it."""
    ending, made.settles_at = made.settles_as, None
    if ending == "failed":
        fail(side, made)
        return
    made.status = "succeeded"
    side.emit("refund.updated", wire_people.refund(side, made), status="pending")


def fail(side: Side, made: Refund) -> None:
    """The money could not be given back and returns to the merchant. Raises ValueError when it failed before."""
    if made.status == "failed":
        raise ValueError("this refund has failed already")
    made.status, made.failure_reason, made.settles_at = "failed", "expired_or_canceled_card", None
    charge = side.charges[made.charge]
    book(side, made.amount, charge.currency, made.id, "refund_failure")
    _move(side, charge, -made.amount)
    side.account.moved(
        side, "refund_failed", made.amount, charge.currency, charge.payment_intent, refund=made.id, status="failed"
    )
    side.emit("refund.failed", wire_people.refund(side, made))
    side.emit("charge.updated", wire.charge(side, charge))
