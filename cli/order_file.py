"""The file that names the orders to take over: CSV with a header row, or one JSON object per line, in UTF-8.

What cannot be read as such a file is refused whole; a line that says something impossible is faulty by itself.
"""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from domain.taking_over import Known

COLUMNS = {
    "order_no": ("order_no", "bestellnummer"),
    "payment_id": ("payment_id", "zahlungs_id"),
    "captured": ("captured", "eingezogen"),
    "refunded": ("refunded", "erstattet"),
    "lock": ("lock", "sperre"),
    "note": ("note", "notiz"),
}
_NAMES = {alias: name for name, aliases in COLUMNS.items() for alias in aliases}
_LOCKS = {"": None, "payment": True, "zahlung": True, "other": False, "andere": False}
_NOTHING = frozenset({"-", "none", "nichts"})
LONGEST = 50
_BOM = "\ufeff"


class UnreadableFile(ValueError):
    """The file is none of ours; the text says what to do."""


@dataclass(frozen=True)
class OrderLine:
    """One order to take over. `number` is the line of the file on which it begins."""

    number: int
    order_no: str
    payment_id: str = ""
    known: Known = field(default_factory=Known)
    note: str = ""


@dataclass(frozen=True)
class FaultyLine:
    """A line that names no order that could be taken over, and what to do about it."""

    number: int
    what: str
    order_no: str = ""


def read_order_file(data: bytes) -> tuple[list[OrderLine], list[FaultyLine]]:
    """The orders of a file in its order, and its faulty lines. Raises `UnreadableFile`."""
    try:
        text = data.decode("utf-8").removeprefix(_BOM)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise UnreadableFile(f"line {line} is not UTF-8: save the file as UTF-8 and try again") from None
    if not text.strip():
        raise UnreadableFile("the file is empty: it needs a header row with order_no, or JSON objects")
    rows = _json_rows(text) if text.lstrip().startswith(("{", "[")) else _csv_rows(text)
    lines: list[OrderLine] = []
    faults: list[FaultyLine] = []
    seen: dict[str, int] = {}
    for number, row in rows:
        found = row if isinstance(row, FaultyLine) else _line(number, row)
        if isinstance(found, OrderLine) and found.order_no in seen:
            first = seen[found.order_no]
            found = FaultyLine(number, f"the order stands on line {first} already: remove one", found.order_no)
        if isinstance(found, FaultyLine):
            faults.append(found)
            continue
        seen[found.order_no] = number
        lines.append(found)
    return lines, faults


def _csv_rows(text: str) -> Iterator[tuple[int, dict[str, str] | FaultyLine]]:
    head = text.lstrip("\r\n").splitlines()[0]
    delimiter = ";" if head.count(";") >= head.count(",") and ";" in head else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] | None = None
    began = 1
    try:
        for row in reader:
            number, began = began, reader.line_num + 1
            cells = [cell.strip() for cell in row]
            if not any(cells):
                continue
            if header is None:
                header = _header(cells)
            elif len(cells) > len(header) and any(cells[len(header) :]):
                more = f"{len(cells)} fields where the header has {len(header)}"
                what = f"{more}: put quotes around what holds a {delimiter}"
                yield number, FaultyLine(number, what, cells[header.index("order_no")])
            else:
                yield number, dict(zip(header, cells, strict=False))
    except csv.Error as error:
        raise UnreadableFile(f"line {reader.line_num} cannot be read as CSV ({error}): check its quotes") from None


def _header(cells: list[str]) -> list[str]:
    names = [_name(one) for one in cells]
    unknown = [cell for cell, name in zip(cells, names, strict=True) if cell and not name]
    known = ", ".join(COLUMNS)
    if "order_no" not in names:
        raise UnreadableFile(f"the header row names no column order_no: the columns are {known}")
    if unknown or "" in cells[: len([one for one in cells if one])]:
        raise UnreadableFile(f"unknown columns {', '.join(unknown) or '(without a name)'}: the columns are {known}")
    named = [one for one in names if one]
    if len(set(named)) != len(named):
        raise UnreadableFile("a column stands in the header row twice: remove one")
    return named


def _json_rows(text: str) -> Iterator[tuple[int, dict[str, str] | FaultyLine]]:
    if text.lstrip().startswith("["):
        raise UnreadableFile("the file is one JSON array: write one object per line instead")
    for number, line in enumerate(io.StringIO(text, newline=None), start=1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except ValueError:
            yield number, FaultyLine(number, "no JSON object: write one object per line")
            continue
        if not isinstance(found, dict):
            yield number, FaultyLine(number, "no JSON object: write one object per line")
            continue
        unknown = [key for key in found if not _name(key)]
        if unknown:
            yield number, FaultyLine(number, f"unknown fields {', '.join(unknown)}: there are {', '.join(COLUMNS)}")
            continue
        yield number, {_name(key): _plain(value) for key, value in found.items()}


def _plain(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return " ".join(str(one) for one in value) or "-"
    return str(value).strip()


def _name(heading: str) -> str:
    return _NAMES.get(heading.strip().lower().replace("-", "_").replace(" ", "_"), "")


def _line(number: int, row: dict[str, str]) -> OrderLine | FaultyLine:
    order_no = row.get("order_no", "")
    if not order_no:
        return FaultyLine(number, "no order number: every line needs one in order_no")
    if len(order_no) > LONGEST or any(one.isspace() or not one.isprintable() for one in order_no):
        return FaultyLine(number, "this is no order number of the ERP: one order per line", order_no[:LONGEST])
    lock = row.get("lock", "").lower()
    if lock not in _LOCKS:
        return FaultyLine(number, f"lock is payment, other or empty, not {lock[:LONGEST]!r}", order_no)
    known = Known(_documents(row.get("captured", "")), _documents(row.get("refunded", "")), _LOCKS[lock])
    return OrderLine(number, order_no, row.get("payment_id", ""), known, row.get("note", ""))


def _documents(text: str) -> frozenset[str] | None:
    """The documents that a field names; None where it says nothing."""
    if not text:
        return None
    return frozenset(text.replace("|", " ").split()) - _NOTHING
