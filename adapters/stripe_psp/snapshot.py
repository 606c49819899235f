"""A PaymentIntent as a hold of the domain."""

from datetime import datetime

from adapters.stripe_psp.intent import CANCELED, HELD, NO_METHOD, NUMBER, SUCCEEDED, Intent
from adapters.stripe_psp.mapping import scheme_of
from domain.authorization.facts import HoldSnapshot, HoldStanding
from domain.authorization.schemes import VISA_MERCHANT, Initiator, Scheme


def snapshot(intent: Intent, as_of: datetime) -> HoldSnapshot:
    """The hold at `as_of` (UTC). Its deadline is the one the provider tells, or none; it is never guessed."""
    charge = intent.charge
    initiator = _initiator(intent)
    return HoldSnapshot(
        hold_id=intent.id,
        standing=_standing(intent),
        as_of=as_of,
        currency=intent.currency,
        amount_minor=intent.amount,
        open_minor=intent.capturable,
        captured_minor=intent.received,
        refunded_minor=charge.refunded if charge else 0,
        held_at=charge.created if charge and charge.approved else None,
        deadline=charge.deadline if charge else None,
        initiator=initiator,
        scheme=_scheme(intent),
        card=_fingerprint(intent),
        renewable=_is_renewable(intent, initiator),
        in_parts=intent.in_parts,
    )


def _standing(intent: Intent) -> HoldStanding:
    """An unknown status is *pending*: new words of the provider must not end anything."""
    match intent.status:
        case s if s == HELD:
            return HoldStanding.HELD
        case s if s == SUCCEEDED:
            return HoldStanding.CAPTURED
        case s if s == CANCELED:
            return HoldStanding.LAPSED if intent.cancellation == "expired" else HoldStanding.VOIDED
        case s if s == NO_METHOD and intent.error:
            return HoldStanding.DECLINED
        case _:
            return HoldStanding.PENDING


def _initiator(intent: Intent) -> Initiator:
    """Who set the authorization off. The provider does not keep it: it is ours by its metadata, or a later use of a
    stored card, or has the short window of one. A Visa card without a deadline is taken for the shorter window."""
    charge = intent.charge
    if NUMBER in intent.metadata or (charge and charge.stored_credential):
        return Initiator.MERCHANT
    if charge is None or charge.scheme is not Scheme.VISA:
        return Initiator.CUSTOMER
    if charge.deadline is None or charge.created is None:
        return Initiator.MERCHANT
    return Initiator.MERCHANT if charge.deadline - charge.created <= VISA_MERCHANT else Initiator.CUSTOMER


def _scheme(intent: Intent) -> Scheme:
    return intent.charge.scheme if intent.charge else scheme_of(intent.card)


def _fingerprint(intent: Intent) -> str:
    """The provider's name of the card: the same for the same number, whatever customer keeps it."""
    told = intent.card.get("fingerprint")
    return (intent.charge.fingerprint if intent.charge else "") or (told if isinstance(told, str) else "")


def _is_renewable(intent: Intent, initiator: Initiator) -> bool:
    """Whether the card was stored for payments without the customer, and still is (rule SR1)."""
    stored = bool(intent.customer and intent.method) and intent.method_customer == intent.customer
    return stored and (intent.set_up or initiator is Initiator.MERCHANT)
