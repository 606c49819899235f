"""Merchant batch files: one HEAD line, records, one FOOT line with their count and the sum of their amounts.

The frame is checked over the whole file before any record counts; a wrong frame refuses the file. Records are then read
one by one, and a wrong one fails alone (`batch_records`). Text is ISO-8859-1; a file that begins with a UTF-8 byte
order mark is read as UTF-8. Blank lines carry nothing, CRLF and LF may be mixed, the last line may lack its end.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from paygate.batch_names import day_of, written_day
from paygate.batch_records import Action, BadRecord, Record, Version, read_record, write_record
from paygate.errors import FileRefused, PaygateError, Refusal
from paygate.lines import BOM, CRLF, lines, text_of
from paygate.merchants import check_merchant_id

_HEAD, _FOOT = b"HEAD", b"FOOT"
_ACTIONS = frozenset(action.value.encode("ascii") for action in Action)
_LONGEST_AMOUNT = 18  # digits of what is added up at all; a record's own limit is lower
_LONGEST_FOOT = 30


@dataclass(frozen=True)
class Head:
    """The first line: whose file, of which local day (Europe/Berlin), in which version."""

    merchant_id: str
    day: date
    version: Version

    def __post_init__(self) -> None:
        check_merchant_id(self.merchant_id)

    def __str__(self) -> str:
        return f"HEAD,{self.merchant_id},{written_day(self.day)},{self.version.value}"


@dataclass(frozen=True)
class Foot:
    """The last line: how many records, and the sum of their amounts (minor units, over all actions and currencies)."""

    count: int
    sum_minor: int

    def __str__(self) -> str:
        return f"FOOT,{self.count},{self.sum_minor}"


@dataclass(frozen=True)
class Batch:
    """A batch file whose frame is right. It keeps the bytes once; `records` may be walked as often as needed."""

    head: Head
    foot: Foot
    content: bytes = field(repr=False)

    def records(self) -> Iterator[Record | BadRecord]:
        """The records in the order of the file, which is the order to carry them out in."""
        for number, (line, raw) in enumerate(self.lines(), start=1):
            yield read_record(text_of(raw, marked=self.marked), self.head.version, number, line)

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """The lines of the records as they came, with their 1-based number in the file."""
        for line, raw in lines(self.content):
            if not _frames(raw):
                yield line, raw

    @property
    def marked(self) -> bool:
        """Whether the file says by its first bytes that it is UTF-8."""
        return self.content.startswith(BOM)


def open_batch(content: bytes, merchant_id: str) -> Batch:
    """Check the frame of a batch file of `merchant_id`: HEAD, FOOT, count and sum. One pass, no copy.

    Raises FileRefused with the line and what was expected there: file-head, file-version, file-merchant, file-foot
    (none, not the last line, not readable), file-count, file-sum. Of a record without an amount that can be read
    nothing is added to the sum.
    """
    head: Head | None = None
    foot: Foot | None = None
    count = total = number = 0
    for number, line in lines(content):
        if head is None:
            head = _head(number, line, merchant_id)
        elif foot is not None:
            raise FileRefused(Refusal.FILE_FOOT, number, "nothing behind the FOOT line")
        elif _is(_HEAD, line):
            raise FileRefused(Refusal.FILE_HEAD, number, "a record or FOOT, for a file has one HEAD line")
        elif _is(_FOOT, line):
            foot = _foot(number, line, count, total)
        else:
            count += 1
            total += _amount(line)
    if head is None:
        raise FileRefused(Refusal.FILE_HEAD, 1, "HEAD, the MerchantID, the day and the version, but the file is empty")
    if foot is None:
        raise FileRefused(Refusal.FILE_FOOT, number + 1, f"FOOT,{count},{total} as the last line")
    return Batch(head, foot, content)


def write_batch(head: Head, records: Iterable[Record]) -> Iterator[bytes]:
    """The lines of a batch file with these records, each with its CRLF; the count and sum come out by themselves.

    The records are written in their order, whatever their numbers. Raises PaygateError (file-record) when it comes to
    a record that cannot be written.
    """
    count = total = 0
    yield str(head).encode("ascii") + CRLF
    for record in records:
        yield write_record(record, head.version).encode("iso-8859-1") + CRLF
        count += 1
        total += record.amount_minor
    yield str(Foot(count, total)).encode("ascii") + CRLF


def _is(word: bytes, line: bytes) -> bool:
    return line == word or line.startswith(word + b",")


def _frames(line: bytes) -> bool:
    return _is(_HEAD, line) or _is(_FOOT, line)


def _head(number: int, line: bytes, merchant_id: str) -> Head:
    parts = line.decode("iso-8859-1").split(",")
    day = day_of(parts[2]) if len(parts) == 4 else None
    if parts[0] != "HEAD" or day is None:
        raise FileRefused(Refusal.FILE_HEAD, number, f"HEAD,{merchant_id},YYYYMMDD,{Version.V1_4.value}")
    if parts[1] != merchant_id:
        raise FileRefused(Refusal.FILE_MERCHANT, number, f"the MerchantID {merchant_id} in the HEAD line")
    try:
        return Head(merchant_id, day, Version(parts[3]))
    except ValueError:
        spoken = " or ".join(version.value for version in Version)
        raise FileRefused(Refusal.FILE_VERSION, number, f"version {spoken} in the HEAD line") from None
    except PaygateError:
        raise FileRefused(Refusal.FILE_MERCHANT, number, "a MerchantID of allowed characters") from None


def _foot(number: int, line: bytes, count: int, total: int) -> Foot:
    parts = line.split(b",")
    if len(parts) != 3 or not all(_is_number(part, _LONGEST_FOOT) for part in parts[1:]):
        raise FileRefused(Refusal.FILE_FOOT, number, f"FOOT,{count},{total}")
    foot = Foot(int(parts[1]), int(parts[2]))
    if foot.count != count:
        raise FileRefused(Refusal.FILE_COUNT, number, f"the count {count} in the FOOT line, not {foot.count}")
    if foot.sum_minor != total:
        raise FileRefused(Refusal.FILE_SUM, number, f"the sum {total} in the FOOT line, not {foot.sum_minor}")
    return foot


def _amount(line: bytes) -> int:
    """What a record adds to the sum: its third field, or its second where the payment type was left out."""
    parts = line.split(b",", 3)
    place = 1 if parts[0] in _ACTIONS else 2
    return int(parts[place]) if len(parts) > place and _is_number(parts[place], _LONGEST_AMOUNT) else 0


def _is_number(digits: bytes, longest: int) -> bool:
    return digits.isdigit() and len(digits) <= longest
