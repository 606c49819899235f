"""Why a card is refused: the codes of the API, the codes of the card networks, and what the issuer advises.

Network codes depend on the brand; those of American Express are three digits long.
"""

from dataclasses import asdict, dataclass
from typing import Any

AGAIN, NEVER, DATA = "try_again_later", "do_not_try_again", "confirm_card_data"


@dataclass(frozen=True)
class Decline:
    """One refusal. `decline_code` is empty where `code` itself is specific; `blocked` = never sent to the network."""

    code: str
    decline_code: str = ""
    advice_code: str = ""
    network_decline_code: str = ""
    network_advice_code: str = ""
    blocked: bool = False
    message: str = "Your card was declined."

    @property
    def reason(self) -> str:
        return self.decline_code or self.code

    def dump(self) -> dict[str, Any]:
        return asdict(self)


# code: (advice, network code of most brands, of American Express, Mastercard's advice)
_ISSUER: dict[str, tuple[str, str, str, str]] = {
    "generic_decline": (AGAIN, "05", "100", "02"),
    "do_not_honor": (AGAIN, "05", "100", "02"),
    "insufficient_funds": (AGAIN, "51", "116", "24"),
    "card_velocity_exceeded": (AGAIN, "61", "121", "24"),
    "withdrawal_count_limit_exceeded": (AGAIN, "65", "123", "25"),
    "call_issuer": (AGAIN, "01", "107", "02"),
    "no_action_taken": (AGAIN, "21", "100", "02"),
    "try_again_later": (AGAIN, "19", "911", "02"),
    "lost_card": (NEVER, "41", "200", "03"),
    "stolen_card": (NEVER, "43", "200", "03"),
    "pickup_card": (NEVER, "04", "200", "03"),
    "restricted_card": (NEVER, "62", "104", "03"),
    "fraudulent": (NEVER, "59", "100", "03"),
    "security_violation": (NEVER, "63", "122", "03"),
    "invalid_account": (NEVER, "14", "111", "03"),
    "card_not_supported": (NEVER, "57", "119", "03"),
    "currency_not_supported": (NEVER, "57", "119", "03"),
    "not_permitted": (NEVER, "57", "119", "03"),
    "service_not_allowed": (NEVER, "57", "119", "03"),
    "transaction_not_allowed": (NEVER, "57", "119", "03"),
    "stop_payment_order": (NEVER, "R0", "130", "21"),
    "revocation_of_authorization": (NEVER, "R1", "130", "21"),
    "revocation_of_all_authorizations": (NEVER, "R3", "130", "21"),
    "merchant_blacklist": (NEVER, "", "", ""),
    "do_not_try_again": (NEVER, "05", "100", "03"),
    "testmode_decline": (NEVER, "", "", ""),
    "issuer_not_available": (AGAIN, "91", "912", "02"),
    "reenter_transaction": (AGAIN, "19", "911", "02"),
    "approve_with_id": (AGAIN, "08", "107", "02"),
    "new_account_information_available": (DATA, "05", "100", "01"),
    "invalid_amount": ("", "13", "110", ""),
    "duplicate_transaction": ("", "94", "913", ""),
    "mobile_device_authentication_required": ("", "1A", "130", ""),
    "authentication_not_handled": ("", "1A", "130", ""),
    "incorrect_pin": ("", "55", "117", ""),
    "pin_try_exceeded": ("", "75", "106", ""),
}
# these are codes of their own and leave `decline_code` empty
_SPECIFIC: dict[str, tuple[str, str, str, str, str]] = {
    "expired_card": (DATA, "54", "101", "01", "Your card has expired."),
    "incorrect_cvc": (DATA, "N7", "122", "", "Your card's security code is incorrect."),
    "processing_error": (AGAIN, "96", "909", "02", "An error occurred while processing your card."),
    "incorrect_number": (DATA, "14", "111", "", "Your card number is incorrect."),
}
NAMES = (*_ISSUER, *_SPECIFIC, "authentication_required", "blocked")


def authentication_required() -> Decline:
    """The issuer wants the customer, who is not there."""
    return Decline(
        "authentication_required",
        "authentication_required",
        network_decline_code="1A",
        message="Your card was declined. This transaction requires authentication.",
    )


def decline(name: str, brand: str) -> Decline:
    """The refusal called `name` as the network of `brand` words it. Raises ValueError for an unknown name."""
    if name == "authentication_required":
        return authentication_required()
    if name == "blocked":
        return Decline("card_declined", "generic_decline", blocked=True)
    if name in _SPECIFIC:
        advice, common, amex, network_advice, message = _SPECIFIC[name]
        code, decline_code = name, ""
    elif name in _ISSUER:
        advice, common, amex, network_advice = _ISSUER[name]
        code, decline_code = "card_declined", name
        message = "Your card has insufficient funds." if name == "insufficient_funds" else "Your card was declined."
    else:
        raise ValueError(f"unknown decline {name!r}, one of {', '.join(NAMES)}")
    return Decline(
        code,
        decline_code,
        advice_code=advice,
        network_decline_code=amex if brand == "amex" else common,
        network_advice_code=network_advice if brand == "mastercard" else "",
        message=message,
    )
