"""Why a card was refused: one table from the provider's decline codes to our classes, and what the network advises.

Whether another attempt follows is decided in `domain.authorization`, not here. Source: the vendor's lists of decline
codes and advice, and the networks' rules as processors apply them in 2026.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from adapters.stripe_psp.answers import Body, inner, word
from domain.authorization.declines import Decline
from domain.authorization.schemes import Scheme

_CLASSES: dict[Decline, str] = {
    Decline.NEVER: (
        "lost_card stolen_card pickup_card restricted_card fraudulent security_violation invalid_account "
        "card_not_supported currency_not_supported not_permitted service_not_allowed transaction_not_allowed "
        "stop_payment_order revocation_of_authorization revocation_of_all_authorizations merchant_blacklist "
        "do_not_try_again testmode_decline"
    ),
    Decline.FUNDS: "insufficient_funds card_velocity_exceeded withdrawal_count_limit_exceeded",
    Decline.BY_ISSUER: "do_not_honor generic_decline",
    Decline.TEMPORARY: "processing_error",
    Decline.UNREACHABLE: "issuer_not_available",
    # soft and temporary refusals without a class of their own: bounded, and no reason for a hope run by default
    Decline.OTHER: "call_issuer no_action_taken try_again_later reenter_transaction approve_with_id",
    # only on the spot or with the customer: authentication and everything about a PIN
    Decline.CUSTOMER: (
        "authentication_required authentication_not_handled mobile_device_authentication_required incorrect_pin "
        "invalid_pin offline_pin_required online_or_offline_pin_required pin_try_exceeded"
    ),
    Decline.DATA: (
        "expired_card new_account_information_available incorrect_cvc invalid_cvc incorrect_number invalid_number "
        "invalid_expiry_month invalid_expiry_year incorrect_zip incorrect_address"
    ),
    Decline.AMOUNT: "invalid_amount",
    Decline.DUPLICATE: "duplicate_transaction",
}
CLASS_OF = {code: kind for kind, codes in _CLASSES.items() for code in codes.split()}
RETRYABLE = frozenset({Decline.BY_ISSUER, Decline.TEMPORARY, Decline.UNREACHABLE, Decline.FUNDS, Decline.OTHER})

_SCHEMES = {
    "visa": Scheme.VISA,
    "mastercard": Scheme.MASTERCARD,
    "amex": Scheme.AMEX,
    "discover": Scheme.DISCOVER,
    "diners": Scheme.DINERS,
    "cartes_bancaires": Scheme.CARTES_BANCAIRES,
}
_VISA_CATEGORY_1 = frozenset({"04", "07", "12", "14", "15", "41", "43", "46", "57", "R0", "R1", "R3"})
NEVER_AGAIN = {
    Scheme.VISA: _VISA_CATEGORY_1,  # network decline codes
    Scheme.MASTERCARD: frozenset({"03", "21"}),  # network advice codes
}
WAITS = {
    "24": timedelta(hours=1),
    "25": timedelta(hours=24),
    "26": timedelta(days=2),
    "27": timedelta(days=4),
    "28": timedelta(days=6),
    "29": timedelta(days=8),
    "30": timedelta(days=10),
}
_AMOUNT_CODES = frozenset({"amount_too_small", "amount_too_large", "invalid_charge_amount"})
_CARD_PARAMS = frozenset({"payment_method", "customer"})


def scheme_of(card: Body) -> Scheme:
    """The scheme whose rules hold for a card: the network that was used, else the brand."""
    for name in ("network", "brand"):
        if word(card, name) in _SCHEMES:
            return _SCHEMES[word(card, name)]
    return Scheme.OTHER


@dataclass(frozen=True)
class Refusal:
    """What a refused attempt on a card tells. `retry_at` (UTC): the network asks to wait until then."""

    reason: Decline
    code: str
    advised_against: bool = False
    retry_at: datetime | None = None


def card_refusal(error: Body, charge: Body, at: datetime) -> Refusal:
    """The class of a refusal made at `at`. `charge` is the refused charge, empty when nobody could read it.

    An advice not to try again makes it *never*; a wish for other data makes it *data*. That the issuer said no counts
    only where its network says so; what the provider blocked is its own doing.
    """
    outcome = inner(charge, "outcome")
    code = word(error, "decline_code") or word(error, "code")
    reason = CLASS_OF.get(code, Decline.OTHER)
    advice = word(error, "advice_code") or word(outcome, "advice_code")
    status = word(outcome, "network_status")
    if reason in RETRYABLE and (word(outcome, "type") == "blocked" or status == "not_sent_to_network"):
        reason = Decline.PROVIDER
    elif reason is Decline.BY_ISSUER and status != "declined_by_network":
        reason = Decline.OTHER
    if advice == "do_not_try_again":
        reason = Decline.NEVER
    elif advice == "confirm_card_data" and reason is not Decline.NEVER:
        reason = Decline.DATA
    scheme = _scheme(error, charge)
    network_advice = word(error, "network_advice_code") or word(outcome, "network_advice_code")
    network_code = word(error, "network_decline_code") or word(outcome, "network_decline_code")
    told = network_code if scheme is Scheme.VISA else network_advice
    wait = WAITS.get(network_advice) if scheme is Scheme.MASTERCARD else None
    return Refusal(
        reason=reason,
        code=code,
        advised_against=advice == "do_not_try_again" or told in NEVER_AGAIN.get(scheme, frozenset()),
        retry_at=None if wait is None else at + wait,
    )


def request_refusal(error: Body) -> Refusal:
    """The class of an authorization that was refused as a request, before any card was asked."""
    code = word(error, "code")
    if code in _AMOUNT_CODES or word(error, "param") == "amount":
        reason = Decline.AMOUNT
    elif word(error, "param") in _CARD_PARAMS:
        reason = Decline.DATA
    else:
        reason = Decline.OTHER
    return Refusal(reason, code)


def _scheme(error: Body, charge: Body) -> Scheme:
    """Network codes mean something only beside their brand, which stands with the card."""
    told = scheme_of(inner(charge, "payment_method_details", "card"))
    return told if told is not Scheme.OTHER else scheme_of(inner(error, "payment_method", "card"))
