"""Money inside this sandbox: integers in ten-thousandths, as the database's `money` type keeps it.

Hooks speak minor units (hundredths for every currency); only this file knows the factor between the two.
"""

from decimal import ROUND_HALF_UP, Decimal

UNITS_PER_MINOR = 100
UNITS = Decimal(10_000)


def from_minor(minor: int) -> int:
    return minor * UNITS_PER_MINOR


def to_minor(units: int) -> int:
    """Minor units, rounded half up by magnitude."""
    sign = -1 if units < 0 else 1
    return sign * ((abs(units) + UNITS_PER_MINOR // 2) // UNITS_PER_MINOR)


def from_decimal(value: Decimal) -> int:
    return int((value * UNITS).to_integral_value(ROUND_HALF_UP))


def wire(units: int) -> str:
    """Decimal point and four digits: `121.6800`."""
    whole, part = divmod(abs(units), 10_000)
    return f"{'-' if units < 0 else ''}{whole}.{part:04d}"
