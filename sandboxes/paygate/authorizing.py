"""`direct`: a hold, a sale or a check of a card, asked for by the customer or by the merchant."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from sandboxes.paygate import agenda, codes
from sandboxes.paygate.account import PaygateAccount
from sandboxes.paygate.cards import Card, CardData, Credential, NotThatObject, card_data, credential, luhn, register
from sandboxes.paygate.fields import Refused
from sandboxes.paygate.model import AUTHORIZE, SALE, VERIFY, Action, Payment
from sandboxes.paygate.steps import Step, Wanted, carry_out, expire, facts_of, new_action
from sandboxes.paygate.validity import CUSTOMER, MERCHANT, validity


@dataclass(frozen=True)
class CardUse:
    """How a request uses a card: its data, who asks, and the network's reference it goes back to."""

    data: CardData
    initiator: str = CUSTOMER
    reference: str = ""
    flagged: bool = False  # the request says that a stored card is used


def authorize(account: PaygateAccount, wanted: Wanted) -> tuple[Payment, Action]:
    """A `direct` request. Raises Refused for what is not carried out at all; a decline is a payment that failed."""
    fields = wanted.extra or {}
    if account.settings.unique_trans_ids and account.of_trans_id(wanted.trans_id):
        raise Refused(codes.ALREADY_PRESENT, "TransID")
    use = card_use(fields)
    verify = fields.get("accverify", "").lower() == "yes"
    if wanted.amount == 0 and not verify:
        raise Refused(codes.NOT_ALLOWED, "Amount")
    capture = (fields.get("capture") or "AUTO").upper()
    kind = VERIFY if verify else SALE if capture == "AUTO" else AUTHORIZE
    return begin(account, wanted, use, capture=capture, kind=kind)


def begin(account: PaygateAccount, wanted: Wanted, use: CardUse, *, capture: str, kind: str) -> tuple[Payment, Action]:
    """Make the payment and ask the issuer."""
    payment = Payment(
        pay_id=account.ids.hex32(),
        trans_id=wanted.trans_id,
        ref_nr=wanted.ref_nr,
        currency=wanted.currency,
        amount=wanted.amount,
        card=_card(account, use.data),
        initiator=use.initiator,
        created=account.now().isoformat(),
        capture=capture,
        sent_reference=use.reference,
    )
    action = new_action(account, payment, kind, wanted)
    _watch(account, payment, use)
    account.add(payment)
    step = replace(STEP, check=lambda *_: _refusal(account, payment, use))
    carry_out(account, payment, action, wanted, step)
    return payment, action


def card_use(fields: Mapping[str, str]) -> CardUse:
    """How a request says that it uses its card. Raises Refused for what cannot be read or is missing."""
    reference, stored = fields.get("schemereferenceid", ""), fields.get("credentialonfile", "")
    try:
        data = card_data(fields["card"])
    except NotThatObject as error:
        raise Refused(codes.FORMAT, "card") from error
    if not stored:
        return CardUse(data, MERCHANT if reference else CUSTOMER, reference, flagged=bool(reference))
    try:
        told: Credential = credential(stored)
    except NotThatObject as error:
        raise Refused(codes.FORMAT, "credentialOnFile") from error
    if told.merchant_initiated and not reference:
        raise Refused(codes.MISSING, "schemeReferenceID")
    return CardUse(data, MERCHANT if told.merchant_initiated else CUSTOMER, reference, flagged=True)


def _card(account: PaygateAccount, data: CardData) -> Card:
    """The card meant; one without brand when the merchant's pseudo number is not known."""
    if not data.pseudo:
        return register(account.settings.merchant_id, data)
    known = account.cards.get(data.number)
    if known is None:
        return Card(data.number, "", data.expiry, "")
    return replace(known, expiry=data.expiry or known.expiry)


def _refusal(account: PaygateAccount, payment: Payment, use: CardUse) -> str:
    """The code of what the issuer would never approve, whatever the script says."""
    card = payment.card
    if not card.brand:
        return codes.CARD_UNKNOWN
    if not use.data.pseudo and not luhn(use.data.number):
        return codes.INVALID_CARD
    if card.expired(account.now().strftime("%Y%m")):
        return codes.CARD_EXPIRED
    if not use.reference or not account.settings.check_scheme_references:
        return ""
    origin = account.references.get(use.reference)
    if origin is None:
        return codes.NOTHING_TO_REFER_TO
    return "" if origin.card.pseudo_number == card.pseudo_number else codes.OTHER_CARD


def _watch(account: PaygateAccount, payment: Payment, use: CardUse) -> None:
    """Record what is against the rules without being refused."""
    facts = {"call": "direct", "trans_id": payment.trans_id, "pay_id": payment.pay_id}
    if use.initiator == MERCHANT and not use.data.pseudo:
        account.violation("real_card_number", **facts)
    if use.data.pseudo and not use.flagged:
        account.violation("stored_card_not_flagged", **facts)
    advice = account.stopped_cards.get(payment.card.pseudo_number)
    if advice and account.settings.code_ext and use.initiator == MERCHANT:
        account.violation("attempt_against_advice", advice=advice, **facts)
    origin = account.references.get(use.reference)
    if origin is not None:
        root = origin.root_reference
        expected = account.latest_reference[root] if payment.card.brand == "VISA" else root
        if use.reference != expected:
            account.violation("scheme_reference_of_another_link", sent=use.reference, expected=expected, **facts)


def _reserve(payment: Payment, action: Action) -> None:
    """Nothing is held before the issuer has said yes."""


def _succeed(account: PaygateAccount, payment: Payment, action: Action) -> str:
    now = account.now()
    payment.approval_code = account.ids.approval()
    payment.reference = account.ids.scheme_reference(payment.card.brand, now.strftime("%m%d"))
    origin = account.references.get(payment.sent_reference)
    root = origin.root_reference if origin is not None else payment.sent_reference
    payment.root_reference = root or payment.reference
    account.link(payment)
    if action.kind == VERIFY:
        return ""
    _see_double_hold(account, payment)
    payment.authorized = action.amount
    if action.kind == AUTHORIZE:
        _hold(account, payment, action)
    account.money(
        "authorized",
        payment,
        action.amount,
        initiator=payment.initiator,
        approval_code=payment.approval_code,
        scheme_reference_id=payment.reference,
        sent_reference=payment.sent_reference,
        expires=payment.expires,
        **facts_of(action),
    )
    if action.kind == SALE:
        payment.captured = action.amount
        account.money("captured", payment, action.amount, **facts_of(action))
    return ""


def _hold(account: PaygateAccount, payment: Payment, action: Action) -> None:
    payment.open = action.amount
    expires = account.now() + validity(account.settings, payment.card.brand, payment.initiator)
    payment.expires = expires.isoformat()
    account.agenda.put(expires, agenda.EXPIRE, payment.pay_id)
    if payment.capture.isdigit():
        at = account.now() + timedelta(hours=int(payment.capture))
        payment.capture_at = at.isoformat()
        account.agenda.put(at, agenda.CAPTURE, payment.pay_id)


def _see_double_hold(account: PaygateAccount, payment: Payment) -> None:
    """Two open holds for one TransID block the customer's card twice."""
    for other in account.of_trans_id(payment.trans_id):
        expire(account, other)
        if other is not payment and other.open > 0:
            facts = {"trans_id": payment.trans_id, "pay_id": payment.pay_id, "other_pay_id": other.pay_id}
            account.violation("two_open_holds", **facts)


def _fail(account: PaygateAccount, payment: Payment, action: Action) -> None:
    """A declined authorization leaves nothing to take back."""


STEP = Step(lambda *_: "", _reserve, _succeed, _fail)
