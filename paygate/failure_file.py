"""The failure file: extensions and splits of authorizations that could not be carried out, one line of ten fields each.

One file per merchant and local day (Europe/Berlin; rules R52, R54). Nothing is quoted: whatever could end a field or a
line becomes a blank on writing, because a failure that is listed with a blank is better than one that is misread or not
listed; the PayID tells the payment. Reading splits into ten fields at most, so that a description may contain commas.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from paygate.batch_names import day_of, written_day
from paygate.errors import PaygateError, Refusal
from paygate.lines import BOM, CRLF, lines, text_of
from paygate.merchants import check_merchant_id

_NAME = re.compile(r"F(?P<day>[0-9]{8})(?P<merchant>.+)\.dat", re.DOTALL)
_BREAKS = re.compile(r"[,\x00-\x1f\x7f-\x9f]")
_AMOUNT = re.compile(r"[0-9]{1,18}")
_FIELDS = 10
FAILED = "FAILED"


class Attempt(StrEnum):
    """What failed: the extension of a hold, or the new hold for what a partial capture left."""

    RENEWAL = "Renewal"
    SPLITTING = "Splitting"


@dataclass(frozen=True)
class Failure:
    """One failure. `amount_minor` is what was to be authorized; TransID and RefNr are those of the first hold."""

    action: Attempt
    amount_minor: int
    currency: str
    trans_id: str
    ref_nr: str
    pay_id: str
    code: str
    description: str
    status: str = FAILED
    payment_type: str = "CC"


@dataclass(frozen=True)
class Unreadable:
    """A line that is none of a failure file, by its 1-based number; somebody should look at the file."""

    line: int


def file_name(day: date, merchant_id: str) -> str:
    """The name of a local day's file. Raises PaygateError (merchant-id)."""
    return f"F{written_day(day)}{check_merchant_id(merchant_id)}.dat"


def read_file_name(name: str) -> tuple[date, str]:
    """Day and MerchantID of a name. Raises PaygateError: file-name, merchant-id."""
    found = _NAME.fullmatch(name)
    day = day_of(found["day"]) if found else None
    if found is None or day is None:
        raise PaygateError(
            Refusal.FILE_NAME, "A failure file is named F, the day as YYYYMMDD and the MerchantID, then .dat."
        )
    return day, check_merchant_id(found["merchant"])


def fields_of(failure: Failure) -> tuple[str, ...]:
    """The ten fields in their order, as the file carries them (rule R53)."""
    return tuple(
        _plain(field)
        for field in (
            failure.payment_type,
            failure.action.value,
            str(failure.amount_minor),
            failure.currency,
            failure.trans_id,
            failure.ref_nr,
            failure.pay_id,
            failure.status,
            failure.code,
            failure.description,
        )
    )


def write_line(failure: Failure) -> bytes:
    """The line with its CRLF, in ISO-8859-1; what that cannot express becomes a question mark. Raises nothing."""
    return ",".join(fields_of(failure)).encode("iso-8859-1") + CRLF


def read_failures(content: bytes) -> Iterator[Failure | Unreadable]:
    """The lines of a failure file in their order; HEAD and FOOT lines, which some may have, are skipped.

    A line that cannot be read does not hold up the others. Raises nothing.
    """
    marked = content.startswith(BOM)
    for number, raw in lines(content):
        if not raw.startswith((b"HEAD", b"FOOT")):
            yield _failure(text_of(raw, marked=marked)) or Unreadable(number)


def _failure(text: str) -> Failure | None:
    parts = text.split(",", _FIELDS - 1)
    if len(parts) == _FIELDS - 1:
        parts.append("")  # no description
    if len(parts) < _FIELDS or parts[1] not in list(Attempt) or not _AMOUNT.fullmatch(parts[2]):
        return None
    kind, action, amount, currency, trans_id, ref_nr, pay_id, status, code, description = parts
    return Failure(
        Attempt(action), int(amount), currency, trans_id, ref_nr, pay_id, code, description, status, payment_type=kind
    )


def _plain(text: str) -> str:
    """A field without commas and control characters; composed where possible, then what is not Latin-1 as `?`."""
    composed = unicodedata.normalize("NFC", text)
    return _BREAKS.sub(" ", composed.encode("iso-8859-1", "replace").decode("iso-8859-1"))
