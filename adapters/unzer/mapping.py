"""From the provider's words to ours, in one place: payment types, listing types, statuses, error codes, amounts."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from domain import reasons
from domain.money import exponent, in_major_units
from domain.operations import Cause
from domain.outcomes import Outcome

# --- payment types -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PaymentType:
    """One payment type: our method key ('' when unsupported) and its name for an operator.

    `awaits_transfer`: its first charge stays pending by nature until the customer has transferred the money.
    `refunded_as_a_whole`: money is given back on the payment and not on one of its charges. `names_account`: its
    first transaction names the account that the customer transfers to; others may name the customer's own there.
    """

    method: str
    name: str
    awaits_transfer: bool = False
    refunded_as_a_whole: bool = False
    names_account: bool = False


def _transferred(method: str, name: str) -> PaymentType:
    return PaymentType(method, name, awaits_transfer=True, names_account=True)


def _paylater(method: str, name: str, *, names_account: bool) -> PaymentType:
    return PaymentType(method, name, refunded_as_a_whole=True, names_account=names_account)


def _foreign(name: str) -> PaymentType:
    return PaymentType("", name)


_DEBIT_SECURED = PaymentType("direct_debit_secured", "sepa-direct-debit-secured")
_INVOICE_SECURED = _transferred("invoice_secured", "invoice-secured")
_TYPES = {
    "ali": PaymentType("alipay", "alipay"),
    "apl": PaymentType("apple_pay", "applepay"),
    "crd": PaymentType("card", "card"),
    "ddg": _DEBIT_SECURED,
    "dds": _DEBIT_SECURED,
    "eps": PaymentType("eps", "eps"),
    "gro": PaymentType("giropay", "giropay"),
    "idl": PaymentType("ideal", "ideal"),
    "ivc": _transferred("invoice", "invoice"),
    "ivf": _INVOICE_SECURED,
    "ivg": _INVOICE_SECURED,
    "ivs": _INVOICE_SECURED,
    "p24": PaymentType("przelewy24", "przelewy24"),
    "pdd": _paylater("direct_debit_paylater", "paylater-direct-debit", names_account=False),
    "pit": _paylater("installment_paylater", "paylater-installment", names_account=True),
    "piv": _paylater("paylater_invoice", "paylater-invoice", names_account=True),
    "ppl": PaymentType("paypal", "paypal"),
    "ppy": _transferred("prepayment", "prepayment"),
    "sft": PaymentType("sofort", "sofort"),
    "bct": _foreign("bancontact"),
    "ctp": _foreign("clicktopay"),
    "gop": _foreign("googlepay"),
    "hdd": _foreign("installment-secured"),
    "ins": _foreign("installment-secured"),
    "kla": _foreign("klarna"),
    "obp": _foreign("openbanking-pis"),
    "pfc": _foreign("post-finance-card"),
    "pfe": _foreign("post-finance-efinance"),
    "pis": _foreign("pis"),
    "pyu": _foreign("payu"),
    "sdd": _foreign("sepa-direct-debit"),
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
    CANCEL_AUTHORIZE = "cancel-authorize"  # also the cancel of a charge that still waits for its transfer
    CANCEL_CHARGE = "cancel-charge"
    SHIPMENT = "shipment"
    CHARGEBACK = "chargeback"


HOLDS = frozenset({Listed.AUTHORIZE, Listed.PREAUTHORIZE})
CANCELS = frozenset({Listed.CANCEL_AUTHORIZE, Listed.CANCEL_CHARGE})
UNPRICED = HOLDS | {Listed.CANCEL_AUTHORIZE, Listed.SHIPMENT}  # no sum is made of their amounts, so they may lack one

SUCCESS, PENDING, ERROR = "success", "pending", "error"
STATUSES = {SUCCESS: SUCCESS, PENDING: PENDING, "resumed": PENDING, ERROR: ERROR}
FLAGS = {"isSuccess": SUCCESS, "isPending": PENDING, "isResumed": PENDING, "isError": ERROR}

STATE_CANCELED, STATE_REVIEW = 2, 4

WHY = {Cause.CANCELLATION: "CANCEL", Cause.RETURN: "RETURN"}  # why a charge is cancelled

# --- refusals ----------------------------------------------------------------------------------------------------

_STOP = (Outcome.NOT_SENT, reasons.MISCONFIGURED)
_UNCLEAR = (Outcome.UNKNOWN, reasons.SERVER_ERROR)
_REFUSED = (Outcome.DECLINED, reasons.REFUSED)
_EXCEEDS = (Outcome.DECLINED, reasons.EXCEEDS)
_EXPIRED = (Outcome.DECLINED, reasons.EXPIRED)
_UNSUPPORTED = (Outcome.DECLINED, reasons.UNSUPPORTED)
_CHARGED_BACK = (Outcome.DECLINED, reasons.CHARGED_BACK)

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
    "API.330.000.004": _REFUSED,
    "API.330.100.007": _EXCEEDS,
    "API.330.100.024": _REFUSED,
    "API.330.100.202": _UNSUPPORTED,
    "API.340.000.004": _UNSUPPORTED,
    "API.340.100.014": _EXCEEDS,  # cancelled already: nothing is left
    "API.340.100.015": _CHARGED_BACK,
    "API.340.100.017": _EXCEEDS,
    "API.340.100.018": _UNSUPPORTED,  # what was charged is refunded, not reversed
    "API.340.100.024": _REFUSED,
    "API.340.200.130": _REFUSED,
    "API.360.000.004": _UNSUPPORTED,
    "API.360.100.025": _REFUSED,
    "COR.000.200.000": (Outcome.PENDING, reasons.WAITING),
    "COR.700.300.100": _REFUSED,
    "COR.700.300.200": _REFUSED,
    "COR.700.300.300": _EXCEEDS,
    "COR.700.300.400": _EXPIRED,
    "COR.700.300.600": _CHARGED_BACK,
    "COR.700.300.700": _EXPIRED,
    "COR.700.400.100": _REFUSED,
    "COR.700.400.101": _REFUSED,
    "COR.700.400.200": _EXCEEDS,
    "COR.700.400.300": _EXCEEDS,
    "COR.700.400.800": _UNSUPPORTED,
}
NO_REPORT_NEEDED = frozenset({"API.360.000.004", "COR.700.400.800"})  # the type knows none, or insures by itself
NOT_FOUND_CODE = "API.310.100.003"
# Refusals behind which the hold may have lapsed, if the money asked for was still on it. No code says so by itself.
_LAPSED = ("API.330.000.004", "COR.700.300.", "COR.700.400.1")
_OUT_OF_TIME = "COR.700.300."  # the same of a shipment, from which no amount can be exceeded
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


def is_out_of_time(codes: Iterable[str]) -> bool:
    """Whether a refused report of a shipment says that what it refers to is no longer valid."""
    return any(code.startswith(_OUT_OF_TIME) for code in codes)


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
