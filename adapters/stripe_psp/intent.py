"""Our own picture of a PaymentIntent and its latest charge, read from an answer. Instants are UTC."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from adapters.stripe_psp.answers import Body, bad_answer, identifier, inner, instant, whole, word
from adapters.stripe_psp.mapping import scheme_of
from domain.authorization.schemes import Scheme

INTENT_ID = re.compile(r"pi_[A-Za-z0-9]{1,250}")  # and nothing behind it: that would be a client secret
_FEATURES = ("extended_authorization", "incremental_authorization", "multicapture", "overcapture")

# the states of a PaymentIntent; any other word is none that we know
NO_METHOD, UNCONFIRMED, ACTION = "requires_payment_method", "requires_confirmation", "requires_action"
PROCESSING, HELD, SUCCEEDED, CANCELED = "processing", "requires_capture", "succeeded", "canceled"

# what we write into a PaymentIntent or a Refund, so that our own doing is found again
OURS, CASE, PAYOUT, NUMBER, DOCUMENT = (
    f"holdfast_{name}" for name in ("reference", "case", "payout", "number", "document")
)
CAPTURE = "holdfast_capture"


@dataclass(frozen=True)
class Charge:
    """The latest attempt on the card. `approved`: the issuer agreed, whatever became of the money afterwards."""

    id: str
    approved: bool
    created: datetime | None
    deadline: datetime | None  # until when it can be captured, None where nobody tells
    scheme: Scheme
    fingerprint: str
    in_parts: bool
    refunded: int
    stored_credential: bool  # told to be a later use of a stored card
    told: Body = field(repr=False)


@dataclass(frozen=True)
class Intent:
    """One PaymentIntent. Amounts in minor units of `currency` (upper case); `trace` is the id of the request that
    told it."""

    id: str
    status: str
    amount: int
    capturable: int
    received: int
    currency: str
    created: datetime | None
    customer: str = field(repr=False)
    method: str = field(repr=False)
    cancellation: str
    set_up: bool  # the card was stored for payments without the customer
    method_customer: str = field(repr=False)  # whom the card is stored for, where that was asked
    features: tuple[str, ...]  # what was asked for, as `request_…` names it
    metadata: Mapping[str, str] = field(repr=False)
    error: Body = field(repr=False)  # of the latest refused attempt
    card: Body = field(repr=False)
    charge: Charge | None = None
    trace: str = ""

    @property
    def was_held(self) -> bool:
        """Whether the issuer once held the money."""
        return self.charge is not None and self.charge.approved

    @property
    def is_unconfirmed(self) -> bool:
        """Nothing was tried with the card yet."""
        return self.status == UNCONFIRMED or (self.status == NO_METHOD and not self.error)

    @property
    def in_parts(self) -> bool:
        return self.charge is not None and self.charge.in_parts

    def bears(self, reference: str, key: str = OURS) -> bool:
        """Whether this reference of ours is written there."""
        return self.metadata.get(key) == reference


def intent_of(body: Body, trace: str = "") -> Intent:
    """The picture of a PaymentIntent. Raises CallFailed when the answer is none."""
    key, status = identifier(body, "id"), word(body, "status")
    if word(body, "object") != "payment_intent" or not INTENT_ID.fullmatch(key) or not status:
        raise bad_answer(trace)
    options = inner(body, "payment_method_options", "card")
    usage = word(options, "setup_future_usage") or word(body, "setup_future_usage")
    return Intent(
        id=key,
        status=status,
        amount=whole(body, "amount"),
        capturable=whole(body, "amount_capturable"),
        received=whole(body, "amount_received"),
        currency=word(body, "currency").upper(),
        created=instant(body, "created"),
        customer=identifier(body, "customer"),
        method=identifier(body, "payment_method"),
        cancellation=word(body, "cancellation_reason"),
        set_up=usage == "off_session",
        method_customer=identifier(inner(body, "payment_method"), "customer"),
        features=tuple(name for name in _FEATURES if word(options, f"request_{name}") == "if_available"),
        metadata={name: value for name, value in inner(body, "metadata").items() if isinstance(value, str)},
        error=inner(body, "last_payment_error"),
        card=inner(body, "payment_method", "card"),
        charge=_charge_of(inner(body, "latest_charge")),
        trace=trace,
    )


def _charge_of(body: Body) -> Charge | None:
    """The charge, where it was unfolded."""
    if not body:
        return None
    details = inner(body, "payment_method_details")
    card = inner(details, word(details, "type") or "card")
    return Charge(
        id=identifier(body, "id"),
        approved=word(body, "status") == "succeeded",
        created=instant(body, "created"),
        deadline=instant(card, "capture_before"),
        scheme=scheme_of(card),
        fingerprint=word(card, "fingerprint"),
        in_parts=word(inner(card, "multicapture"), "status") == "available",
        refunded=whole(body, "amount_refunded"),
        stored_credential=bool(word(card, "stored_credential_usage")),
        told=body,
    )
