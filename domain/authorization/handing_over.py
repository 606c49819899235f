"""Handing an authorization over: what a merchant tells us of a hold that his customer placed at the provider.

Card data never comes here: a card is known by the provider's substitute for it.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.authorization.ports import Instrument


class Needed(StrEnum):
    """What a provider cannot do without in later requests."""

    CASE_REFERENCE = "case_reference"
    CURRENCY = "currency"
    CARD_TOKEN = "card_token"  # what a hold is renewed with


@dataclass(frozen=True)
class HandingOver:
    """What `provider` needs. `hold_id` is a regular expression for its ids, `example` one of them."""

    provider: str
    hold_id: str
    example: str
    needs: frozenset[Needed] = frozenset()

    def names(self, reference: str) -> bool:
        """Whether this is an id of the provider's."""
        return re.fullmatch(self.hold_id, reference) is not None


@dataclass(frozen=True)
class HandedOver:
    """A hold as the merchant names it. `amount_minor` 0: whatever the provider says. `held_at` (UTC): when it was
    placed, for providers that do not tell."""

    account: str
    reference: str
    case_reference: str = ""
    payout_reference: str = ""
    amount_minor: int = 0
    currency: str = ""
    held_at: datetime | None = None
    instrument: Instrument = field(default_factory=Instrument)


@dataclass(frozen=True)
class Fault:
    """What is wrong with one field, and what to do about it."""

    field: str
    message: str
    what_to_do: str


_CURRENCY = re.compile(r"[A-Z]{3}")
_VISIBLE_ASCII = re.compile(r"[\x20-\x7e]*")
_LONGEST_CASE_REFERENCE = 64
_LONGEST_PAYOUT_REFERENCE = 30


def faults(given: HandedOver, wanted: HandingOver, now: datetime) -> tuple[Fault, ...]:
    """Everything that is wrong with what was handed over; empty when it can be looked after."""
    found: list[Fault] = []
    if not wanted.names(given.reference):
        found.append(Fault("reference", f"This is no id of a hold at {wanted.provider}.", f"Such as {wanted.example}."))
    for name, value, longest in (
        ("case_reference", given.case_reference, _LONGEST_CASE_REFERENCE),
        ("payout_reference", given.payout_reference, _LONGEST_PAYOUT_REFERENCE),
    ):
        if len(value) > longest or not _VISIBLE_ASCII.fullmatch(value):
            found.append(Fault(name, "This name cannot be sent.", f"Up to {longest} printable ASCII characters."))
        elif "&" in value:
            found.append(Fault(name, "This name cannot be sent.", "Leave out the character &."))
    if Needed.CASE_REFERENCE in wanted.needs and not given.case_reference:
        found.append(
            Fault("case_reference", f"{wanted.provider} wants the merchant's name of the payment.", "Give it.")
        )
    if given.currency and not _CURRENCY.fullmatch(given.currency):
        found.append(Fault("currency", "This is no currency.", "Three capital letters, such as EUR."))
    elif not given.currency and (Needed.CURRENCY in wanted.needs or given.amount_minor):
        found.append(Fault("currency", "An amount needs its currency.", "Three capital letters, such as EUR."))
    if given.amount_minor < 0:
        found.append(Fault("amount_minor", "An authorized amount is not negative.", "Minor units, such as 1995."))
    if given.held_at is not None and given.held_at > now:
        found.append(Fault("held_at", "The hold cannot have been placed in the future.", "When it was placed, in UTC."))
    token = given.instrument.token
    if looks_like_a_card_number(token):
        found.append(
            Fault("card.token", "This looks like a card number, which must never come here.", "The provider's token.")
        )
    elif Needed.CARD_TOKEN in wanted.needs and not token:
        found.append(
            Fault("card.token", f"{wanted.provider} renews a hold by its token of the card.", "Give the token.")
        )
    return tuple(found)


def looks_like_a_card_number(text: str) -> bool:
    """Whether this may be the number of a real card: no real one begins with 0, and its digits add up."""
    digits = re.sub(r"[ -]", "", text)
    if not digits.isdecimal() or not digits.isascii() or not 12 <= len(digits) <= 19 or digits[0] == "0":
        return False
    doubled = (sum(divmod(int(one) * (1 + place % 2), 10)) for place, one in enumerate(reversed(digits)))
    return sum(doubled) % 10 == 0
