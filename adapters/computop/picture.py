"""How a payment stands, from an inquiry: its amounts are the truth, the status of its last action is none (it reads
FAILED after a failed credit although the capture before it stands)."""

import base64
import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime

from adapters.computop.answers import Answer, bad_answer
from adapters.computop.mapping import scheme_of
from domain.authorization.facts import HoldSnapshot, HoldStanding
from domain.authorization.ports import Case
from domain.authorization.schemes import Initiator

PAY_ID = re.compile(r"[A-Za-z0-9]{32}")
_AMOUNT = re.compile(r"[0-9]{1,12}")
_SCHEME_REFERENCE = re.compile(r"[!-%'-~][ -%'-~]{0,63}")  # what may be sent again in a message
_CARD_NAME_LENGTH = 26
_PENDING, _FAILED = "PENDING", "FAILED"


@dataclass(frozen=True)
class Picture:
    """One payment at Paygate; amounts in minor units. Without Paygate's own renewal a payment is one hold, captured at
    most once: what is not captured then lapses.

    `authorized` is 0 once the authorization was reversed, and not when it merely ran out: nobody tells Paygate.
    """

    pay_id: str
    authorized: int
    captured: int
    credited: int
    currency: str
    last_status: str
    trace: str = ""
    brand: str = ""
    card_number: str = field(default="", repr=False)  # Paygate's substitute for it
    scheme_reference: str = ""

    @property
    def running(self) -> bool:
        """An action may not be decided yet. Never proves an effect, only asks for patience."""
        return self.last_status == _PENDING

    @property
    def last_failed(self) -> bool:
        return self.last_status == _FAILED

    @property
    def held(self) -> bool:
        return self.authorized > 0 and self.captured == 0

    @property
    def gone(self) -> bool:
        """Nothing is held and nothing was taken: reversed, or never authorized."""
        return self.authorized == 0 and self.captured == 0 and not self.running

    @property
    def standing(self) -> HoldStanding:
        """In our words. Of a payment with nothing authorized the last status only says which word fits."""
        if self.captured > 0:
            return HoldStanding.CAPTURED
        if self.authorized > 0:
            return HoldStanding.HELD
        if self.running:
            return HoldStanding.PENDING
        return HoldStanding.DECLINED if self.last_failed else HoldStanding.VOIDED


def picture(answer: Answer) -> Picture:
    """The payment in the answer to an inquiry. Raises CallFailed(BAD_ANSWER) when it does not tell all of it."""
    pay_id, currency = answer.text("PayID"), answer.text("Currency").upper()
    amounts = [answer.text(name) for name in ("AmountAuth", "AmountCap", "AmountCred")]
    if not PAY_ID.fullmatch(pay_id) or not currency or not all(map(_AMOUNT.fullmatch, amounts)):
        raise bad_answer()
    authorized, captured, credited = map(int, amounts)
    return Picture(
        pay_id=pay_id,
        authorized=authorized,
        captured=captured,
        credited=credited,
        currency=currency,
        last_status=answer.text("LastStatus").upper(),
        trace=answer.identifier("XID"),
        brand=answer.text("CCBrand"),
        card_number=answer.text("PCNr"),
        scheme_reference=scheme_reference(answer),
    )


def snapshot(found: Picture, case: Case, hold_id: str, merchant_id: str, as_of: datetime) -> HoldSnapshot:
    """The picture as the domain knows it. What Paygate does not tell comes from the case; a deadline is nowhere."""
    first, instrument = hold_id == case.first_hold_id, case.instrument
    reference = found.scheme_reference or (instrument.scheme_reference if first else "")
    return HoldSnapshot(
        hold_id=hold_id,
        standing=found.standing,
        as_of=as_of,
        currency=found.currency,
        amount_minor=max(found.authorized, found.captured),
        open_minor=found.authorized if found.held else 0,
        captured_minor=found.captured,
        refunded_minor=found.credited,
        held_at=case.held_at if first else None,
        deadline=None,
        initiator=Initiator.CUSTOMER if first else Initiator.MERCHANT,
        scheme=scheme_of(found.brand or instrument.brand),
        card=card_name(merchant_id, found.card_number or instrument.token),
        renewable=bool(instrument.token and instrument.expires and (reference or instrument.scheme_reference)),
        in_parts=False,
        scheme_reference=reference,
    )


def scheme_reference(answer: Answer) -> str:
    """What the card network calls an authorization, as newer and as older flows name it."""
    told = (answer.text(name) for name in ("schemeReferenceID", "TransactionID"))
    return next((one for one in told if _SCHEME_REFERENCE.fullmatch(one)), "")


def card_name(merchant_id: str, card_number: str) -> str:
    """A name of the card that says nothing about it. The substitute number itself would: its last digits are the
    card's, and with the merchant's passwords it is as good as the card."""
    if not card_number:
        return ""
    digest = hashlib.sha256(f"paygate card {merchant_id} {card_number}".encode()).digest()
    return base64.b32encode(digest).decode()[:_CARD_NAME_LENGTH].lower()
