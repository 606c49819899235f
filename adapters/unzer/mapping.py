"""From the provider's words to ours, in one place: payment types, listing types, statuses, error codes, amounts."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from domain import reasons
from domain.money import exponent, in_major_units
from domain.outcomes import Outcome

# --- payment types -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PaymentType:
    """One payment type: our method key ('' when unsupported), its name for an operator, and whether its first charge
    stays pending by nature until the customer has transferred the money."""

    method: str
    name: str
    awaits_transfer: bool = False


def _foreign(name: str, *, awaits_transfer: bool = False) -> PaymentType:
    return PaymentType("", name, awaits_transfer)


_TYPES = {
    "crd": PaymentType("card", "card"),
    "ppl": PaymentType("paypal", "paypal"),
    "apl": PaymentType("apple_pay", "applepay"),
    "ppy": PaymentType("prepayment", "prepayment", awaits_transfer=True),
    "piv": PaymentType("paylater_invoice", "paylater-invoice"),
    "ali": _foreign("alipay"),
    "bct": _foreign("bancontact"),
    "ctp": _foreign("clicktopay"),
    "dds": _foreign("sepa-direct-debit-secured"),
    "ddg": _foreign("sepa-direct-debit-secured"),
    "eps": _foreign("eps"),
    "gop": _foreign("googlepay"),
    "gro": _foreign("giropay"),
    "hdd": _foreign("installment-secured"),
    "idl": _foreign("ideal"),
    "ins": _foreign("installment-secured"),
    "ivc": _foreign("invoice", awaits_transfer=True),
    "ivf": _foreign("invoice-secured", awaits_transfer=True),
    "ivg": _foreign("invoice-secured", awaits_transfer=True),
    "ivs": _foreign("invoice-secured", awaits_transfer=True),
    "kla": _foreign("klarna"),
    "obp": _foreign("openbanking-pis"),
    "p24": _foreign("przelewy24"),
    "pdd": _foreign("paylater-direct-debit"),
    "pfc": _foreign("post-finance-card"),
    "pfe": _foreign("post-finance-efinance"),
    "pis": _foreign("pis"),
    "pit": _foreign("paylater-installment"),
    "pyu": _foreign("payu"),
    "sdd": _foreign("sepa-direct-debit"),
    "sft": _foreign("sofort"),
    "twt": _foreign("twint"),
    "wcp": _foreign("wechatpay"),
    "wro": _foreign("wero"),
}
_LONGEST_NAME = 24


def payment_type(type_id: str) -> PaymentType:
    """The type behind an id such as `s-crd-abcdefghijkl`; one that we never heard of carries its id part as name."""
    part = type_id.split("-")[1].lower() if type_id.count("-") >= 2 else ""
    named = "".join(letter for letter in part if letter.isascii() and letter.isalnum())[:_LONGEST_NAME]
    return _TYPES.get(part) or _foreign(named or "unknown")


# --- transactions ------------------------------------------------------------------------------------------------


class Listed(StrEnum):
    """The listing types that count for us; all others are skipped."""

    AUTHORIZE = "authorize"
    PREAUTHORIZE = "preauthorize"
    CHARGE = "charge"
    CANCEL_CHARGE = "cancel-charge"
    CHARGEBACK = "chargeback"


HOLDS = frozenset({Listed.AUTHORIZE, Listed.PREAUTHORIZE})

SUCCESS, PENDING, ERROR = "success", "pending", "error"
STATUSES = {SUCCESS: SUCCESS, PENDING: PENDING, "resumed": PENDING, ERROR: ERROR}
FLAGS = {"isSuccess": SUCCESS, "isPending": PENDING, "isResumed": PENDING, "isError": ERROR}

STATE_CANCELED, STATE_REVIEW = 2, 4

# --- refusals ----------------------------------------------------------------------------------------------------

_STOP = (Outcome.NOT_SENT, reasons.MISCONFIGURED)
_UNCLEAR = (Outcome.UNKNOWN, reasons.SERVER_ERROR)

CODES: dict[str, tuple[Outcome, str]] = {
    "API.000.000.999": _UNCLEAR,
    "API.000.000.001": _STOP,
    "API.320.000.002": _STOP,
    "API.320.200.145": _STOP,  # the payment belongs to another key pair
    "API.710.000.002": _STOP,
    "API.710.000.003": _STOP,
    "API.710.000.005": _STOP,
    "API.710.000.007": _STOP,
    "COR.100.300.600": _STOP,
    "API.310.100.003": (Outcome.DECLINED, reasons.NOT_FOUND),
    "API.330.000.004": (Outcome.DECLINED, reasons.REFUSED),
    "API.330.100.007": (Outcome.DECLINED, reasons.EXCEEDS),
    "API.330.100.202": (Outcome.DECLINED, reasons.UNSUPPORTED),
    "COR.000.200.000": (Outcome.PENDING, reasons.WAITING),
    "COR.700.400.100": (Outcome.DECLINED, reasons.REFUSED),
    "COR.700.400.101": (Outcome.DECLINED, reasons.REFUSED),
}
NOT_FOUND_CODE = "API.310.100.003"
# Refusals behind which the hold may have lapsed, if the money asked for was still on it. No code says so by itself.
_LAPSED = ("API.330.000.004", "COR.700.300.", "COR.700.400.1")
_KEY_REFUSED = frozenset({401, 403})
# The safest reading of several codes wins: better to ask once more than to call an effect impossible.
_CAUTION = (Outcome.UNKNOWN, Outcome.PENDING, Outcome.NOT_SENT, Outcome.DECLINED)


def is_key_refusal(status: int) -> bool:
    """Whether this HTTP status alone says that the key was not accepted."""
    return status in _KEY_REFUSED


def refusal(codes: Iterable[str]) -> tuple[Outcome, str]:
    """Outcome and reason of an answer that says no, from its codes."""
    known = [CODES[code] for code in codes if code in CODES]
    return min(known, key=lambda one: _CAUTION.index(one[0]), default=(Outcome.DECLINED, reasons.REFUSED))


def may_have_lapsed(codes: Iterable[str]) -> bool:
    """Whether a refused capture can mean that the hold is no longer valid."""
    return any(code.startswith(_LAPSED) for code in codes)


# --- amounts -----------------------------------------------------------------------------------------------------

_LONGEST_AMOUNT = 24
_LIMIT = Decimal(10) ** 12


class NotAnAmount(ValueError):
    """The value is no amount of this currency."""


def to_minor(value: object, currency: str) -> int:
    """Minor units of an amount as answers carry it (`"45.5000"`); exact, never rounded.

    Raises NotAnAmount for anything else, a fraction of a minor unit included.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise NotAnAmount
    if len(digits := str(value).strip()) > _LONGEST_AMOUNT:
        raise NotAnAmount
    try:
        number = Decimal(digits)
    except InvalidOperation:
        raise NotAnAmount from None
    places = number.as_tuple().exponent
    if not isinstance(places, int) or places < -_LONGEST_AMOUNT or not -_LIMIT < number < _LIMIT:
        raise NotAnAmount  # infinite, no number, or absurdly small or large
    minor = number.scaleb(exponent(currency))
    if minor != int(minor):
        raise NotAnAmount
    return int(minor)


def to_wire(amount_minor: int, currency: str) -> str:
    """The amount as requests carry it: a decimal string with the places of its currency."""
    return in_major_units(amount_minor, currency)
