"""Failure files in the layout of Paygate's: names, ten fields a line, ISO-8859-1 (rules R52, R53)."""

import hashlib
import re
from collections.abc import Callable, Sequence
from datetime import date

from domain.authorization.declines import Decline
from domain.authorization.notices import FailureLine
from domain.authorization.operations import ExtensionKind
from domain.tenant_config import Language
from domain.wording import instant_text, reason_text
from domain.wording.names import REASONS
from paygate.failure_file import Attempt, Failure, file_name, write_line
from paygate.merchants import is_merchant_id

_CODE = re.compile(r"[0-9A-Za-z]{8}")
_ELSEWHERE = re.compile(r"[^A-Za-z0-9_@+.\-]")
_LONGEST = 30
_TAG = 8
_ACTIONS = {ExtensionKind.RENEWAL: Attempt.RENEWAL, ExtensionKind.SPLIT: Attempt.SPLITTING}
_ONCE_MORE = {Language.GERMAN: "noch ein Versuch", Language.ENGLISH: "one more attempt"}
# of failures without a code of this form, such as those of other providers: a failure, no module, the nearest detail
_DETAILS: dict[str, str] = {
    Decline.BY_ISSUER: "0305",
    Decline.TEMPORARY: "0396",
    Decline.UNREACHABLE: "0391",
    Decline.FUNDS: "0351",
    Decline.NEVER: "0304",
    Decline.DATA: "0333",
    Decline.AMOUNT: "0313",
}

MerchantId = Callable[[str], str]


class FailureFileLayout:
    """Fulfils `domain.failure_report.FailureLayout`. `merchant_id` finds the one of a provider account, '' for none."""

    def __init__(self, merchant_id: MerchantId) -> None:
        self._merchant_id = merchant_id

    def names(self, tenant: str, account: str, day: date) -> Sequence[str]:
        """The name with the account's MerchantID; then one with a name of the account that no other can have."""
        own = own_name(account)
        known = self._merchant_id(account)
        preferred = known if is_merchant_id(known) else account if is_merchant_id(account) else own
        return tuple(dict.fromkeys((file_name(day, preferred), file_name(day, own))))

    def content(self, lines: Sequence[FailureLine], language: Language) -> bytes:
        """The whole file."""
        return b"".join(write_line(failure_of(one, language)) for one in lines)


def own_name(account: str) -> str:
    """An account's name as a MerchantID may be, told apart from every other's by a hash."""
    tag = hashlib.sha256(account.encode("utf-8", "replace")).hexdigest()[:_TAG]
    plain = _ELSEWHERE.sub("_", account).lstrip(".-")[: _LONGEST - _TAG - 1]
    return f"{plain}_{tag}"


def failure_of(line: FailureLine, language: Language) -> Failure:
    """The ten fields of one failure. The description tells the reason, and the hope run where one follows (R57)."""
    description = reason_text(line.reason if line.reason in REASONS else "", language)
    if line.hope_at is not None:
        description = f"{description}; {_ONCE_MORE[language]}: {instant_text(line.hope_at, language)}"
    return Failure(
        action=_ACTIONS[line.extension],
        amount_minor=line.amount_minor,
        currency=line.currency,
        trans_id=line.case_reference,
        ref_nr=line.payout_reference,
        pay_id=line.reference,
        code=line.code if _CODE.fullmatch(line.code) else f"2000{_DETAILS.get(line.reason, '0000')}",
        description=description,
    )
