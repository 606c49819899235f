"""Amounts: minor units inside, strings with four decimals on the wire."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

NO_DECIMALS = frozenset({"CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF"})
THREE_DECIMALS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
LIMIT = Decimal(10) ** 10


def digits(currency: str) -> int:
    """Number of decimals of a currency."""
    if currency in NO_DECIMALS:
        return 0
    return 3 if currency in THREE_DECIMALS else 2


def to_minor(value: Any, currency: str) -> int:
    """Minor units of a number or a numeric string as a request carries it, rounded as the currency needs.

    Raises ValueError for anything that is not a finite number below ten integer digits.
    """
    if isinstance(value, bool) or not isinstance(value, int | str | float | Decimal):
        raise ValueError(f"{value!r} is not an amount")
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation as error:
        raise ValueError(f"{value!r} is not an amount") from error
    if not number.is_finite() or abs(number) >= LIMIT:
        raise ValueError(f"{value!r} is not an amount")
    places = digits(currency)
    return int((number.scaleb(places)).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def wire(minor: int, currency: str) -> str:
    """The amount as answers carry it, for example `45.5000`."""
    return f"{Decimal(minor).scaleb(-digits(currency)):.4f}"


def plain(minor: int, currency: str) -> str:
    """The amount for a person, with the decimals of the currency."""
    return f"{Decimal(minor).scaleb(-digits(currency)):.{digits(currency)}f} {currency}"
