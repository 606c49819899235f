"""SQL types: how a value is written, how a parameter is read, how a schema declares it.

In handlers `money` and `numeric` are integers in ten-thousandths, `datetime` as a parameter is naive Berlin wall time.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sandboxes.pixi import money
from sandboxes.pixi.walltime import sql_rounded, wall

_INT_RANGES = {"tinyint": (0, 255), "smallint": (-(2**15), 2**15 - 1), "int": (-(2**31), 2**31 - 1)}
_DATETIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,3})?")
_BITS = {"0": False, "1": True, "false": False, "true": True}


@dataclass(frozen=True)
class SqlType:
    name: str
    length: int = 0  # of char and varchar; -1 is unlimited

    @property
    def textual(self) -> bool:
        return self.name in ("char", "varchar")

    def render(self, value: Any) -> str:
        return _RENDER.get(self.name, _plain)(value, self.length)

    def parse(self, text: str) -> Any:
        """The value of a parameter; ValueError when the text does not fit the type."""
        if self.textual:
            return text if self.length < 0 else text[: self.length]
        return _PARSE[self.name](text.strip())


def _plain(value: Any, _length: int) -> str:
    return str(value)


def _bit(value: Any, _length: int) -> str:
    return "1" if value else "0"


def _money(value: Any, _length: int) -> str:
    return money.wire(value)


def _datetime(value: datetime, _length: int) -> str:
    return wall(value).isoformat(timespec="milliseconds")


def _varchar(value: Any, length: int) -> str:
    return str(value) if length < 0 else str(value)[:length]


def _char(value: Any, length: int) -> str:
    return str(value)[:length].ljust(length)


_RENDER: dict[str, Callable[[Any, int], str]] = {
    "bit": _bit,
    "money": _money,
    "numeric": _money,
    "datetime": _datetime,
    "varchar": _varchar,
    "char": _char,
}


def _parse_int(name: str) -> Callable[[str], int]:
    low, high = _INT_RANGES[name]

    def parse(text: str) -> int:
        if not re.fullmatch(r"[+-]?\d{1,10}", text, re.ASCII) or not low <= int(text) <= high:
            raise ValueError(f"{text!r} is not a {name}")
        return int(text)

    return parse


def _parse_bit(text: str) -> bool:
    if text not in _BITS:
        raise ValueError(f"{text!r} is not a bit")
    return _BITS[text]


def _parse_money(text: str) -> int:
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(f"{text!r} is not money") from error
    if not value.is_finite() or abs(value) >= 10**14:
        raise ValueError(f"{text!r} is out of range for money")
    return money.from_decimal(value)


def _parse_datetime(text: str) -> datetime:
    if not _DATETIME.fullmatch(text):
        raise ValueError(f"{text!r} does not match the pattern of datetime (no zone, at most three digits)")
    value = datetime.fromisoformat(text)
    if value.year < 1753:
        raise ValueError(f"{text!r} is out of range for datetime")
    return sql_rounded(value)


_PARSE: dict[str, Callable[[str], Any]] = {
    **{name: _parse_int(name) for name in _INT_RANGES},
    "bit": _parse_bit,
    "money": _parse_money,
    "numeric": _parse_money,
    "datetime": _parse_datetime,
}

INT = SqlType("int")
SMALLINT = SqlType("smallint")
BIT = SqlType("bit")
MONEY = SqlType("money")
NUMERIC = SqlType("numeric")
DATETIME = SqlType("datetime")
MAX = SqlType("varchar", -1)


def varchar(length: int) -> SqlType:
    return SqlType("varchar", length)


def char(length: int) -> SqlType:
    return SqlType("char", length)
