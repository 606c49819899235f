"""From Paygate's words to ours, in one place: brands, declines, advice, refusals.

Only the first digit of a code decides what became of a request. What stands here says why, and is consulted by detail
(digits five to eight) or module (two to four), never by a text. Details `03xx` carry the acquirer's own code `xx`.
"""

from domain import reasons
from domain.authorization.declines import Decline
from domain.authorization.schemes import Scheme
from paygate.codes import Code

BRANDS = {
    "visa": Scheme.VISA,
    "mastercard": Scheme.MASTERCARD,
    "amex": Scheme.AMEX,
    "diners": Scheme.DINERS,
    "discover": Scheme.DISCOVER,
    "cbn": Scheme.CARTES_BANCAIRES,
}

# BY_ISSUER and TEMPORARY earn a hope run, so each belongs to exactly one detail (rule R59): 0391 sounds like 0396 and
# is none.
DECLINES: dict[str, Decline] = {
    "0053": Decline.CUSTOMER,  # cancelled by the customer
    "0703": Decline.CUSTOMER,
    "0302": Decline.CUSTOMER,  # the issuer wants to be called
    "0303": Decline.PROVIDER,  # merchant not known to the acquirer
    "0304": Decline.NEVER,  # not accepted, retain the card
    "0305": Decline.BY_ISSUER,
    "0307": Decline.NEVER,
    "0309": Decline.OTHER,  # still being processed
    "0312": Decline.OTHER,  # invalid transaction
    "0313": Decline.FUNDS,
    "0314": Decline.NEVER,  # no such card
    "0315": Decline.NEVER,  # no such issuer
    "0321": Decline.PROVIDER,  # the authorization that it refers to is not known
    "0330": Decline.PROVIDER,  # format
    "0333": Decline.DATA,  # expired
    "0334": Decline.NEVER,  # manipulation suspected
    "0341": Decline.NEVER,  # lost
    "0343": Decline.NEVER,  # stolen
    "0346": Decline.NEVER,  # closed
    "0351": Decline.FUNDS,
    "0356": Decline.DATA,  # card not known
    "0357": Decline.DATA,  # another card than in the authorization that it refers to
    "0362": Decline.NEVER,  # blocked
    "0364": Decline.AMOUNT,
    "0378": Decline.NEVER,  # the customer revoked the agreement
    "0379": Decline.NEVER,
    "0391": Decline.UNREACHABLE,
    "0394": Decline.DUPLICATE,
    "0396": Decline.TEMPORARY,
    "03R0": Decline.NEVER,
    "03R1": Decline.NEVER,
    "03R3": Decline.NEVER,
}
# What is wrong with the request itself; the issuer was not asked.
_REQUEST_MODULES = frozenset(f"01{digit}" for digit in "0123456789")
_VALUE_UNKNOWN = "016"  # of the field that names the payment

# After these every further attempt with the card is forbidden, or fined (section 4.4 of the reference).
_VISA_NEVER = frozenset({"04", "07", "12", "14", "15", "41", "43", "46", "57", "R0", "R1", "R3"})
_MASTERCARD_ADVICE = frozenset({"03", "21"})

# Why a capture, reversal or credit was refused, where the amounts do not tell.
_FOLLOW_UPS = {"0380": reasons.EXPIRED, "0364": reasons.EXCEEDS}
# A reversal that is refused so found nothing that it could undo: there is no matching reservation, or its time is over.
_NOTHING_LEFT = frozenset({"0321", "0380"})


def scheme_of(brand: str) -> Scheme:
    """The scheme behind Paygate's name of a brand, in any case."""
    return BRANDS.get(brand.strip().lower(), Scheme.OTHER)


def decline_of(code: Code) -> Decline:
    """The class of a refused authorization; a code that nobody knows is OTHER."""
    if code.module in _REQUEST_MODULES:
        return Decline.PROVIDER
    return DECLINES.get(code.detail.upper(), Decline.OTHER)


def is_advised_against(code: Code, scheme: Scheme, code_ext: str) -> bool:
    """Whether a refusal came with the scheme's word not to try again: Mastercard's advice 03 and 21, Visa's first
    category. `code_ext` is the acquirer's own code, '' where it is not part of the answers. Of a card whose scheme is
    not known either word counts."""
    ext = code_ext.strip().upper()
    ext = ext.rjust(2, "0") if ext else ""
    told = (code.acquirer_code.upper(), ext)
    by_category = scheme in (Scheme.VISA, Scheme.OTHER) and not _VISA_NEVER.isdisjoint(told)
    by_advice = scheme in (Scheme.MASTERCARD, Scheme.OTHER) and ext in _MASTERCARD_ADVICE
    return by_category or by_advice


def refusal_of(code: Code) -> str:
    """Why a capture, reversal or credit was refused, as far as the code alone tells."""
    return _FOLLOW_UPS.get(code.detail, reasons.REFUSED)


def names_no_payment(code: Code) -> bool:
    """Whether a refused question says that there is no such payment."""
    return code.module == _VALUE_UNKNOWN


def found_nothing(code: Code) -> bool:
    """Whether a refused reversal says that nothing was left to undo."""
    return code.detail in _NOTHING_LEFT
