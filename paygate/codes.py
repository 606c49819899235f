"""The eight-character result code as a value: severity, module, detail. A string always, never a number (rule R74).

Only the first digit decides what became of a request, for the details are not published as a whole. What is known of
them serves to say why, and to name the two declines behind which a hope run follows (rule R59).
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from paygate.errors import PaygateError, Refusal

_CODE = re.compile(r"[0-9A-Za-z]{8}")


class Verdict(StrEnum):
    """What the first digit says about a request."""

    SUCCESS = "success"
    TRANSIENT = "transient"  # not finished: the final result follows
    FAILURE = "failure"
    UNCLEAR = "unclear"  # a digit that is not documented: neither a yes nor a no


class Reason(StrEnum):
    """Classes of details, coarser than the codes."""

    NONE = "none"  # the request did not fail
    CRYPTOGRAPHY = "cryptography"
    PARAMETER = "parameter"
    DECLINED = "declined"
    TRY_LATER = "try-later"
    CALL_ISSUER = "call-issuer"
    CARD_UNUSABLE = "card-unusable"
    CARD_EXPIRED = "card-expired"
    FUNDS = "funds"
    SUSPICION = "suspicion"
    REFERENCE = "reference"  # does not fit the transaction it refers to, or there is none
    LAPSED = "lapsed"
    REVOKED = "revoked"
    CANCELLED = "cancelled"  # by the customer
    FORMAT = "format"
    UNKNOWN = "unknown"


_VERDICTS = {
    "0": Verdict.SUCCESS,
    "2": Verdict.FAILURE,
    "4": Verdict.FAILURE,
    "6": Verdict.TRANSIENT,
    "7": Verdict.TRANSIENT,  # in the middle of 3-D Secure
}
_MODULES = {"001": Reason.CRYPTOGRAPHY} | {f"01{digit}": Reason.PARAMETER for digit in "0123456789"}
_ACQUIRER = "03"  # the detail is then the acquirer's two-digit code behind it
_DETAILS = {
    "0053": Reason.CANCELLED,
    "0703": Reason.CANCELLED,
    "0302": Reason.CALL_ISSUER,
    "0304": Reason.CARD_UNUSABLE,
    "0305": Reason.DECLINED,
    "0309": Reason.TRY_LATER,
    "0312": Reason.DECLINED,
    "0313": Reason.FUNDS,
    "0314": Reason.CARD_UNUSABLE,
    "0321": Reason.REFERENCE,
    "0330": Reason.FORMAT,
    "0333": Reason.CARD_EXPIRED,
    "0334": Reason.SUSPICION,
    "0343": Reason.SUSPICION,
    "0351": Reason.FUNDS,
    "0356": Reason.CARD_UNUSABLE,
    "0357": Reason.REFERENCE,
    "0362": Reason.CARD_UNUSABLE,
    "0364": Reason.REFERENCE,
    "0378": Reason.REVOKED,
    "0379": Reason.REVOKED,
    "0380": Reason.LAPSED,
    "0391": Reason.TRY_LATER,
    "0396": Reason.TRY_LATER,
}
DECLINED_BY_SYSTEM, NOT_POSSIBLE_NOW = "0305", "0396"
HOPE_RUN_DETAILS = frozenset({DECLINED_BY_SYSTEM, NOT_POSSIBLE_NOW})


@dataclass(frozen=True)
class Code:
    """A result code, as text of eight letters or digits. Raises PaygateError (code) for anything else."""

    text: str

    def __post_init__(self) -> None:
        if not isinstance(self.text, str) or not _CODE.fullmatch(self.text):
            raise PaygateError(Refusal.CODE, "A result code is a text of eight letters or digits, such as 00000000.")

    def __str__(self) -> str:
        return self.text

    @property
    def severity(self) -> str:
        """Position 1."""
        return self.text[0]

    @property
    def module(self) -> str:
        """Positions 2 to 4: the payment method, the acquirer, or a part of the platform."""
        return self.text[1:4]

    @property
    def detail(self) -> str:
        """Positions 5 to 8: the parameter or the reason."""
        return self.text[4:]

    @property
    def verdict(self) -> Verdict:
        """What became of the request; an undocumented first digit is unclear, so somebody has to ask."""
        return _VERDICTS.get(self.severity, Verdict.UNCLEAR)

    @property
    def acquirer_code(self) -> str:
        """The acquirer's own two characters, or '' where the detail carries none."""
        return self.detail[2:] if self.detail.startswith(_ACQUIRER) and self.module not in _MODULES else ""

    @property
    def reason(self) -> Reason:
        """Why the request failed, as far as that is known."""
        if self.verdict is not Verdict.FAILURE:
            return Reason.NONE
        return _MODULES.get(self.module) or _DETAILS.get(self.detail, Reason.UNKNOWN)

    def earns_hope_run(self, details: frozenset[str] = HOPE_RUN_DETAILS) -> bool:
        """Whether a failed extension with this code may be tried once more: one of two details, on any module."""
        return self.verdict is Verdict.FAILURE and self.detail in details


# What a Paygate of ours answers. The details of cards are acquirers' codes; the real platform's are not published.
SUCCESS = Code("00000000")
UNDECIPHERABLE = Code("40010001")  # cannot be decrypted, or the MAC is wrong
UNKNOWN_PAYMENT = Code("20160001")
ABOVE_AUTHORIZATION = Code("21000364")
NOTHING_OPEN = Code("21000380")
NOTHING_TO_UNDO = Code("21000321")
SECOND_CAPTURE_OF_DAY = Code("21000321")
ISSUER_AWAY = Code("21000391")


class Wrong(StrEnum):
    """What can be wrong with a parameter; the value is the module of its code."""

    MISSING = "010"
    FORMAT = "011"
    TOO_SHORT = "013"
    TOO_LONG = "014"
    UNKNOWN_VALUE = "016"
    NOT_IN_VERSION = "019"


def parameter_code(wrong: Wrong, number: str) -> Code:
    """The code of a wrong parameter: severity 4, the family of the fault, four digits that name the parameter."""
    return Code(f"4{wrong.value}{number}")
