"""One row of an answer: columns by name, whatever their case, and their values in our types."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from adapters.pixi.trouble import Kind, Trouble
from adapters.pixi.walltime import to_utc
from domain.money import exponent

LARGEST = 15  # digits before the point of anything that is believed
_TRUE = frozenset({"1", "true", "y", "yes", "j", "ja"})
_FALSE = frozenset({"0", "false", "n", "no", "nein", ""})


class Row(Mapping[str, str]):
    """The columns that are not NULL. Reading a value of the wrong shape is a bad answer."""

    __slots__ = ("_cells",)

    def __init__(self, cells: Mapping[str, str]) -> None:
        self._cells = {name.lower(): value for name, value in cells.items()}

    def __getitem__(self, name: str) -> str:
        return self._cells[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._cells)

    def __len__(self) -> int:
        return len(self._cells)

    def text(self, *names: str) -> str:
        """The first of the columns that says something, or ''."""
        return next((found for name in names if (found := self._cells.get(name.lower(), ""))), "")

    def decimal(self, name: str) -> Decimal | None:
        text = self.text(name)
        if not text:
            return None
        try:
            value = Decimal(text)
        except InvalidOperation as error:
            raise Trouble(Kind.BAD_ANSWER, "no number") from error
        if not value.is_finite() or (value and not -LARGEST <= value.adjusted() <= LARGEST):
            raise Trouble(Kind.BAD_ANSWER, "no usable number")
        return value

    def number(self, name: str) -> int | None:
        value = self.decimal(name)
        return None if value is None else int(value)

    def flag(self, name: str) -> bool:
        """A bit, or Y and N. NULL is no."""
        text = self.text(name).lower()
        if text in _TRUE or text in _FALSE:
            return text in _TRUE
        return bool(self.decimal(name))

    def instant(self, name: str) -> datetime | None:
        text = self.text(name)
        if not text:
            return None
        try:
            return to_utc(text)
        except ValueError as error:
            raise Trouble(Kind.BAD_ANSWER, "no date") from error


@dataclass(frozen=True)
class RowSet:
    """Rows and the columns that they can have (lower case); a declared column that a row lacks is NULL."""

    columns: frozenset[str]
    rows: tuple[Row, ...]

    def declares(self, name: str) -> bool:
        return name.lower() in self.columns


def minor(value: Decimal, currency: str) -> int:
    """Minor units of a money column, half up."""
    return int(value.scaleb(exponent(currency)).quantize(Decimal(1), ROUND_HALF_UP))
