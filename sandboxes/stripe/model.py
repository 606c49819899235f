"""What one side of an account holds: no rules here. Amounts are minor units, instants unix seconds (UTC)."""

from dataclasses import dataclass, field
from typing import Any

from sandboxes.stripe.cards import CARDS, Card

PAYMENT_METHOD, CONFIRMATION, ACTION = "requires_payment_method", "requires_confirmation", "requires_action"
CAPTURE, SUCCEEDED, CANCELED = "requires_capture", "succeeded", "canceled"


class Kept:
    """Base of everything that is kept: `dump` is JSON, the constructor takes it back."""

    def dump(self) -> dict[str, Any]:
        return dict(self.__dict__)


@dataclass
class Customer(Kept):
    id: str
    created: int
    fields: dict[str, Any] = field(default_factory=dict)  # name, email, address and the like, as they are shown
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass
class PaymentMethod(Kept):
    """One stored card. `set_up` = the customer has agreed to payments without being there."""

    id: str
    created: int
    token: str
    fingerprint: str
    customer: str = ""
    set_up: bool = False
    used: bool = False  # used once without a customer: not again
    billing: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    allow_redisplay: str = "unspecified"

    @property
    def card(self) -> Card:
        return CARDS[self.token]


@dataclass
class Intent(Kept):
    """A PaymentIntent; how much is held, taken and open."""

    id: str
    created: int
    amount: int
    currency: str
    client_secret: str
    capture_method: str = "automatic_async"
    status: str = PAYMENT_METHOD
    amount_capturable: int = 0
    amount_received: int = 0
    customer: str = ""
    payment_method: str = ""
    latest_charge: str = ""
    canceled_at: int | None = None
    cancellation_reason: str = ""
    confirmation_method: str = "automatic"
    setup_future_usage: str = ""
    description: str | None = None
    receipt_email: str | None = None
    statement_descriptor: str | None = None
    statement_descriptor_suffix: str | None = None
    shipping: dict[str, Any] | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    card_options: dict[str, Any] = field(default_factory=dict)
    automatic: dict[str, Any] | None = None
    allowed_types: list[str] | None = None
    last_error: dict[str, Any] | None = None
    off_session: bool = False  # of the attempt under way
    action: dict[str, Any] | None = None  # what the customer has to do
    return_url: str = ""
    failures: int = 0
    captures: int = 0


@dataclass
class Charge(Kept):
    """One attempt on a card. `capture_before` is the end of an open hold."""

    id: str
    created: int
    amount: int
    currency: str
    payment_intent: str
    payment_method: str
    customer: str = ""
    status: str = SUCCEEDED
    captured: bool = False
    amount_captured: int = 0
    amount_refunded: int = 0
    refunded: bool = False
    balance_transaction: str = ""
    capture_before: int | None = None
    failure: dict[str, Any] | None = None  # a dumped Decline
    features: dict[str, bool] = field(default_factory=dict)  # granted on request
    authenticated: bool = False
    off_session: bool = False
    authorization_code: str = ""
    network_transaction_id: str = ""
    increments: int = 0
    metadata: dict[str, str] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    described: dict[str, Any] = field(default_factory=dict)


@dataclass
class Refund(Kept):
    id: str
    created: int
    amount: int
    currency: str
    charge: str
    payment_intent: str
    status: str = SUCCEEDED
    reason: str = ""
    balance_transaction: str = ""
    failure_reason: str = ""
    settles_at: float | None = None  # when an asynchronous refund ends
    settles_as: str = ""
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass
class SetupIntent(Kept):
    id: str
    created: int
    client_secret: str
    status: str = PAYMENT_METHOD
    usage: str = "off_session"
    customer: str = ""
    payment_method: str = ""
    description: str | None = None
    last_error: dict[str, Any] | None = None
    action: dict[str, Any] | None = None
    return_url: str = ""
    metadata: dict[str, str] = field(default_factory=dict)
    card_options: dict[str, Any] = field(default_factory=dict)
    automatic: dict[str, Any] | None = None
    allowed_types: list[str] | None = None


@dataclass
class BalanceEntry(Kept):
    """A balance transaction: what a capture or refund does to the merchant's balance."""

    id: str
    created: int
    amount: int
    currency: str
    fee: int
    source: str
    type: str


@dataclass
class Event(Kept):
    """A snapshot event; `object` is the JSON text of the object at that moment."""

    id: str
    created: int
    type: str
    object: str
    previous: str = ""
    request_id: str = ""
    idempotency_key: str = ""
