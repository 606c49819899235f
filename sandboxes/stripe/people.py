"""Customers and their stored cards: found, made from test tokens, attached, and whether a payment may use them."""

from typing import Any

from sandboxes.stripe import wire_people
from sandboxes.stripe.cards import card_of, token_of
from sandboxes.stripe.declines import Decline, decline
from sandboxes.stripe.errors import ApiError, invalid, missing_object
from sandboxes.stripe.ids import derived
from sandboxes.stripe.model import Customer, PaymentMethod
from sandboxes.stripe.side import Side
from sandboxes.stripe.wire import card_error


def elsewhere(side: Side, table: str, key: str) -> str:
    """The mode of the other side when it knows `key`, else nothing."""
    other = side.account.test if side.live else side.account.live
    return other.mode if key in getattr(other, table) else ""


def customer_of(side: Side, key: str, param: str = "customer") -> Customer:
    found = side.customers.get(key)
    if found is None:
        raise missing_object("customer", key, param, elsewhere=elsewhere(side, "customers", key))
    return found


def method_of(side: Side, key: str, param: str = "payment_method", *, tokens: bool = True) -> PaymentMethod:
    """A stored card by its id; on the test side a token makes a new one."""
    found = side.methods.get(key)
    if found is not None:
        return found
    if tokens and not side.live and card_of(key) is not None:
        return make_method(side, key)
    raise missing_object("PaymentMethod", key, param, elsewhere=elsewhere(side, "methods", key))


def make_customer(side: Side, fields: dict[str, Any], metadata: dict[str, str]) -> Customer:
    made = Customer(side.ids.new("cus", 14), side.account.now(), fields, metadata)
    side.customers[made.id] = made
    side.emit("customer.created", wire_people.customer(side, made))
    return made


def make_method(side: Side, token: str) -> PaymentMethod:
    """A stored card of this token. Equal cards of an account have equal fingerprints."""
    card = card_of(token)
    if card is None:
        raise missing_object("token", token, "card[token]")
    seed = side.account.settings.seed or side.account.name
    print_of_card = derived(f"card:{seed}:{side.mode}:{card.number}", 16)
    made = PaymentMethod(side.ids.new("pm"), side.account.now(), token_of(token), print_of_card)
    side.methods[made.id] = made
    return made


def attach(side: Side, method: PaymentMethod, customer: str, *, set_up: bool = False) -> None:
    """Give the card to a customer. `set_up`: payments without the customer are agreed."""
    method.set_up = method.set_up or set_up
    if method.customer == customer:
        return
    method.customer = customer
    side.emit("payment_method.attached", wire_people.payment_method(side, method))


def check_attachable(side: Side, method: PaymentMethod, customer: str) -> None:
    """Raises ApiError when the card belongs to somebody, was used up, or its issuer refuses it right away."""
    if method.customer and method.customer != customer:
        raise invalid("The payment method you provided has already been attached to a customer.", kept=True)
    if method.used:
        raise used_up()
    if method.card.declines_attach:
        raise card_refused(side, decline(method.card.declines, method.card.brand), "", method)


def check_usable(side: Side, method: PaymentMethod, customer: str, *, off_session: bool) -> None:
    """Raises ApiError when a payment of `customer` (empty = nobody) may not use this card."""
    if method.customer and method.customer != customer:
        raise invalid(
            f"The PaymentMethod {method.id} belongs to a customer. Name that customer in `customer` to use it."
            if not customer
            else f"The PaymentMethod {method.id} belongs to another customer than {customer}.",
            "payment_method",
        )
    if method.used and not method.customer:
        raise used_up()
    if off_session and not customer:
        raise invalid("A payment with off_session=true needs a customer.", "customer", code="parameter_missing")
    if off_session and not method.customer:
        raise invalid(
            f"The PaymentMethod {method.id} must be attached to the customer to be used with off_session=true.",
            "payment_method",
        )


def used_up() -> ApiError:
    return invalid(
        "The provided PaymentMethod was used before without being attached to a customer, or was detached from one. "
        "It cannot be used again; attach a PaymentMethod to a customer to use it more than once.",
        "payment_method",
    )


def card_refused(side: Side, failure: Decline, charge_id: str, method: PaymentMethod, **more: Any) -> ApiError:
    """The issuer's refusal as a 402 answer."""
    error = card_error(side, failure, charge_id, method)
    for name in ("message", "code", "type"):
        error.pop(name)
    headers = {"Stripe-Should-Retry": "false"}
    return ApiError(
        402, failure.message, code=failure.code, kind="card_error", kept=True, headers=headers, **error, **more
    )
