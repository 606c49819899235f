"""The test cards by token: what they look like and how they answer."""

from dataclasses import dataclass, replace

ALWAYS, UNLESS_SET_UP, SET_UP = "always", "unless_set_up", "set_up"


@dataclass(frozen=True)
class Card:
    """One card. `declines` names a refusal of `declines`, `three_d_secure` says when the customer is asked."""

    number: str
    brand: str
    country: str = "US"
    funding: str = "credit"
    declines: str = ""
    declines_attach: bool = False  # a card that fails its setup cannot be attached either
    three_d_secure: str = ""
    enterprise: bool = True  # has the features on request
    refund: str = ""  # "pending": settles later, "fails": succeeds and fails later

    @property
    def last4(self) -> str:
        return self.number[-4:]


_VISA = Card("4242424242424242", "visa")
_REFUSED = replace(_VISA, declines_attach=True)
_DECLINED = {
    "pm_card_visa_chargeDeclined": ("4000000000000002", "generic_decline"),
    "pm_card_chargeDeclined": ("4000000000000002", "generic_decline"),
    "pm_card_visa_chargeDeclinedInsufficientFunds": ("4000000000009995", "insufficient_funds"),
    "pm_card_chargeDeclinedInsufficientFunds": ("4000000000009995", "insufficient_funds"),
    "pm_card_visa_chargeDeclinedLostCard": ("4000000000009987", "lost_card"),
    "pm_card_chargeDeclinedLostCard": ("4000000000009987", "lost_card"),
    "pm_card_visa_chargeDeclinedStolenCard": ("4000000000009979", "stolen_card"),
    "pm_card_chargeDeclinedStolenCard": ("4000000000009979", "stolen_card"),
    "pm_card_chargeDeclinedExpiredCard": ("4000000000000069", "expired_card"),
    "pm_card_chargeDeclinedIncorrectCvc": ("4000000000000127", "incorrect_cvc"),
    "pm_card_chargeDeclinedProcessingError": ("4000000000000119", "processing_error"),
    "pm_card_visa_chargeDeclinedVelocityLimitExceeded": ("4000000000006975", "card_velocity_exceeded"),
    "pm_card_chargeDeclinedVelocityLimitExceeded": ("4000000000006975", "card_velocity_exceeded"),
    "pm_card_chargeDeclinedFraudulent": ("4100000000000019", "blocked"),
    "pm_card_radarBlock": ("4100000000000019", "blocked"),
}
CARDS: dict[str, Card] = {
    "pm_card_visa": _VISA,
    "pm_card_visa_debit": replace(_VISA, number="4000056655665556", funding="debit"),
    "pm_card_mastercard": Card("5555555555554444", "mastercard"),
    "pm_card_mastercard_debit": Card("5200828282828210", "mastercard", funding="debit"),
    "pm_card_mastercard_prepaid": Card("5105105105105100", "mastercard", funding="prepaid"),
    "pm_card_amex": Card("378282246310005", "amex"),
    "pm_card_discover": Card("6011111111111117", "discover"),
    "pm_card_diners": Card("3056930009020004", "diners"),
    "pm_card_jcb": Card("3566002020360505", "jcb"),
    "pm_card_unionpay": Card("6200000000000005", "unionpay"),
    "pm_card_us": _VISA,
    "pm_card_de": replace(_VISA, number="4000002760000016", country="DE"),
    "pm_card_at": replace(_VISA, number="4000000400000008", country="AT"),
    "pm_card_ch": replace(_VISA, number="4000007560000009", country="CH"),
    "pm_card_gb": replace(_VISA, number="4000008260000000", country="GB"),
    "pm_card_fr": replace(_VISA, number="4000002500000003", country="FR"),
    "pm_card_jp": replace(_VISA, number="4000003920000003", country="JP"),
    "pm_card_credit_disableEnterpriseCardFeatures": replace(_VISA, number="4000008400000076", enterprise=False),
    **{token: replace(_REFUSED, number=number, declines=why) for token, (number, why) in _DECLINED.items()},
    "pm_card_chargeCustomerFail": replace(_VISA, number="4000000000000341", declines="generic_decline"),
    "pm_card_authenticationRequiredOnSetup": replace(
        _VISA, number="4000002500003155", country="FR", three_d_secure=UNLESS_SET_UP
    ),
    "pm_card_authenticationRequired": replace(_VISA, number="4000002760003184", country="DE", three_d_secure=ALWAYS),
    "pm_card_authenticationRequiredSetupForOffSession": replace(
        _VISA, number="4000003800000446", country="IT", three_d_secure=SET_UP
    ),
    "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds": replace(
        _VISA, number="4000008260003178", country="GB", three_d_secure=ALWAYS, declines="insufficient_funds"
    ),
    "pm_card_threeDSecureRequiredChargeDeclined": replace(
        _VISA, number="4000008400001629", three_d_secure=UNLESS_SET_UP, declines="generic_decline"
    ),
    "pm_card_pendingRefund": replace(_VISA, number="4000000000007726", refund="pending"),
    "pm_card_refundFail": replace(_VISA, number="4000000000005126", refund="fails"),
}


def card_of(token: str) -> Card | None:
    """The card behind `pm_card_…` or its older spelling `tok_…`."""
    return CARDS.get(token) or CARDS.get(f"pm_card_{token[4:]}" if token.startswith("tok_") else "")


def token_of(token: str) -> str:
    """The one spelling under which cards are kept."""
    return f"pm_card_{token[4:]}" if token.startswith("tok_") else token
