"""Customers, stored cards and holds made by a hook, as a shop would have made them with the customer present."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from sandboxes.stripe import holds, people, wire
from sandboxes.stripe.account import StripeAccount
from sandboxes.stripe.cards import CARDS, card_of
from sandboxes.stripe.confirming import Attempt, ask_issuer, begin
from sandboxes.stripe.errors import ApiError
from sandboxes.stripe.intents import CURRENCIES
from sandboxes.stripe.model import Customer, Intent, PaymentMethod
from sandboxes.stripe.programs import CustomDecline, Outcome
from sandboxes.stripe.settings import Feature
from sandboxes.stripe.side import Side


class CustomerSeed(BaseModel):
    """Body of `POST /control/accounts/{a}/customers`: a customer with a stored card."""

    model_config = ConfigDict(extra="forbid")

    name: str = "Erika Muster"
    email: str = "erika@example.com"
    metadata: dict[str, str] = Field(default_factory=dict)
    card: str = "pm_card_visa"
    set_up: bool = True  # the card may be used without the customer
    mode: Literal["test", "live"] = "test"


class Seed(BaseModel):
    """Body of `POST /control/accounts/{a}/payments`: a payment of a customer with a stored card."""

    model_config = ConfigDict(extra="forbid")

    amount_minor: Annotated[int, Field(gt=0, le=99_999_999)]
    currency: str = "eur"
    card: str = "pm_card_visa"
    customer: str = ""  # one that exists; empty = a new one
    payment_method: str = ""  # one that exists, of that customer; empty = a new one of `card`
    name: str = "Erika Muster"
    email: str = "erika@example.com"
    metadata: dict[str, str] = Field(default_factory=dict)
    description: str | None = None
    state: Literal["authorized", "captured", "created", "declined", "requires_action"] = "authorized"
    set_up: bool = True  # the card may be used without the customer afterwards
    off_session: bool = False  # True: a hold that the merchant started
    features: list[Feature] = Field(default_factory=list)  # asked for, as `request_…=if_available`
    decline: str = "generic_decline"  # of the state `declined`
    mode: Literal["test", "live"] = "test"


_OUTCOMES: dict[str, Outcome] = {
    "authorized": "approve",
    "captured": "approve",
    "requires_action": "authenticate",
}


def side_of(account: StripeAccount, mode: str) -> Side:
    return account.live if mode == "live" else account.test


def seed_customer(account: StripeAccount, wanted: CustomerSeed) -> tuple[Side, Customer, PaymentMethod]:
    """Make the customer and the card. Raises ValueError for an unknown card."""
    side = side_of(account, wanted.mode)
    with account.caused("seed"):
        customer = people.make_customer(side, {"name": wanted.name, "email": wanted.email}, wanted.metadata)
        method = _card(side, wanted.card)
        people.attach(side, method, customer.id, set_up=wanted.set_up)
    account.touch()
    return side, customer, method


def _card(side: Side, token: str) -> PaymentMethod:
    if card_of(token) is None:
        raise ValueError(f"unknown card {token!r}, one of {', '.join(CARDS)}")
    return people.make_method(side, token)


def seed(account: StripeAccount, wanted: Seed) -> tuple[Side, Intent]:
    """Make the payment in the state asked for. Raises ValueError for what cannot be."""
    side = side_of(account, wanted.mode)
    if wanted.currency not in CURRENCIES:
        raise ValueError(f"unknown currency {wanted.currency!r}")
    if wanted.off_session and wanted.state == "requires_action":
        raise ValueError("without the customer nobody can be asked")
    with account.caused("seed"):
        customer, method = _owner(account, side, wanted)
        intent = _intent(side, wanted, customer)
        side.intents[intent.id] = intent
        side.emit("payment_intent.created", wire.intent(side, intent))
        if wanted.state != "created":
            _attempt(side, wanted, intent, method)
    account.touch()
    return side, intent


def _owner(account: StripeAccount, side: Side, wanted: Seed) -> tuple[str, PaymentMethod]:
    if not wanted.customer:
        new = CustomerSeed(name=wanted.name, email=wanted.email, card=wanted.card, set_up=False, mode=wanted.mode)
        _, made, method = seed_customer(account, new)
        return made.id, method
    if wanted.customer not in side.customers:
        raise ValueError(f"no customer {wanted.customer!r}")
    if not wanted.payment_method:
        method = _card(side, wanted.card)
        people.attach(side, method, wanted.customer)
        return wanted.customer, method
    found = side.methods.get(wanted.payment_method)
    if found is None or found.customer != wanted.customer:
        raise ValueError(f"the customer has no payment method {wanted.payment_method!r}")
    return wanted.customer, found


def _intent(side: Side, wanted: Seed, customer: str) -> Intent:
    key = side.ids.new("pi")
    return Intent(
        id=key,
        created=side.account.now(),
        amount=wanted.amount_minor,
        currency=wanted.currency,
        client_secret=side.ids.new(f"{key}_secret", 25),
        capture_method="manual",
        customer=customer,
        description=wanted.description,
        setup_future_usage="off_session" if wanted.set_up and not wanted.off_session else "",
        metadata=dict(wanted.metadata),
        card_options={f"request_{name}": "if_available" for name in wanted.features},
        allowed_types=["card"],
    )


def _attempt(side: Side, wanted: Seed, intent: Intent, method: PaymentMethod) -> None:
    params: dict[str, Any] = {}
    attempt = Attempt(method, off_session=wanted.off_session)
    begin(side, intent, params, attempt)
    forced = _OUTCOMES.get(wanted.state) or CustomDecline(decline=wanted.decline)
    try:
        ask_issuer(side, intent, attempt, forced)
    except ApiError as error:
        if error.status != 402:
            raise ValueError(str(error)) from error
    if wanted.set_up and wanted.state in ("authorized", "captured"):
        method.set_up = True
    if wanted.state == "captured":
        holds.capture(side, intent, None, final=True)
