"""Amounts in minor units, currency exponents and the rounding tolerance. No floats and no decimals live here."""

from dataclasses import dataclass

# ISO 4217: currencies whose minor unit is not a hundredth.
_EXPONENTS = {"JPY": 0, "KRW": 0, "ISK": 0, "CLP": 0, "VND": 0, "HUF": 2, "BHD": 3, "KWD": 3, "OMR": 3, "TND": 3}
_DEFAULT_EXPONENT = 2


class CurrencyMismatch(ValueError):
    """Two amounts of different currencies were put together."""


def exponent(currency: str) -> int:
    """How many decimal places the minor unit of `currency` stands for (2 for EUR, 0 for JPY)."""
    return _EXPONENTS.get(currency, _DEFAULT_EXPONENT)


@dataclass(frozen=True)
class Money:
    """An amount in minor units of an ISO 4217 currency; may be negative for differences."""

    amount_minor: int
    currency: str

    def __post_init__(self) -> None:
        if isinstance(self.amount_minor, bool) or not isinstance(self.amount_minor, int):
            raise TypeError(f"an amount is an integer in minor units, not {type(self.amount_minor).__name__}")

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.amount_minor + other.amount_minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.amount_minor - other.amount_minor, self.currency)

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} cannot be put together")

    def __str__(self) -> str:
        return f"{in_major_units(self.amount_minor, self.currency)} {self.currency}"


def in_major_units(amount_minor: int, currency: str) -> str:
    """`1995`, `EUR` → `19.95`; exact, by integer arithmetic."""
    places = exponent(currency)
    sign, digits = ("-" if amount_minor < 0 else ""), str(abs(amount_minor)).rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"


def within_tolerance(one_minor: int, other_minor: int, tolerance_minor: int) -> bool:
    """Whether two amounts of one currency differ by at most the tolerance, inclusive (rule P6)."""
    return abs(one_minor - other_minor) <= tolerance_minor
