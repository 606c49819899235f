"""How long card schemes stand behind a hold, where the provider does not tell the deadline itself.

Windows of card-not-present payments as processors apply them in 2026; they change about once a year. Calendar days of
Berlin count in plans, exact durations in deadlines.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Initiator(StrEnum):
    """Who set off an authorization: the customer at checkout, or the merchant later on."""

    CUSTOMER = "customer"
    MERCHANT = "merchant"


class Scheme(StrEnum):
    """Card schemes with rules of their own."""

    VISA = "visa"
    MASTERCARD = "mastercard"
    AMEX = "amex"
    DISCOVER = "discover"
    DINERS = "diners"
    CARTES_BANCAIRES = "cartes_bancaires"
    OTHER = "other"


VISA_MERCHANT = timedelta(days=4, hours=18)
_WEEK = timedelta(days=7)
_VALID_FOR: dict[tuple[Scheme, Initiator], timedelta] = {
    **{(scheme, initiator): _WEEK for scheme in Scheme for initiator in Initiator},
    (Scheme.VISA, Initiator.MERCHANT): VISA_MERCHANT,
    (Scheme.CARTES_BANCAIRES, Initiator.CUSTOMER): timedelta(days=12),
    (Scheme.CARTES_BANCAIRES, Initiator.MERCHANT): timedelta(days=12),
    (Scheme.OTHER, Initiator.CUSTOMER): VISA_MERCHANT,  # the shortest window that is plausible
    (Scheme.OTHER, Initiator.MERCHANT): VISA_MERCHANT,
}
LONGEST = timedelta(days=30)  # no issuer keeps a hold for longer


@dataclass(frozen=True)
class Deadline:
    """Until when a hold is good (UTC). `told`: the provider says so; otherwise a table estimates it."""

    at: datetime
    told: bool


def valid_for(scheme: Scheme, initiator: Initiator) -> timedelta:
    """How long the scheme stands behind a hold that nobody told a deadline for."""
    return _VALID_FOR[scheme, initiator]


def deadline_of(held_at: datetime, told: datetime | None, scheme: Scheme, initiator: Initiator) -> Deadline:
    """The deadline of a hold placed at `held_at`: as the provider tells it, else as the table estimates it."""
    if told is not None:
        return Deadline(told, told=True)
    return Deadline(held_at + valid_for(scheme, initiator), told=False)
