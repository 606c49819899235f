"""Amounts are whole minor units of one currency."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.money import CurrencyMismatch, Money, exponent, in_major_units, within_tolerance

AMOUNTS = st.integers(-(10**12), 10**12)
CURRENCIES = st.sampled_from(["EUR", "USD", "JPY", "KRW", "BHD", "KWD", "HUF", "XXX"])


@given(AMOUNTS, CURRENCIES)
def test_major_units_are_exact_and_can_be_read_back(amount: int, currency: str) -> None:
    """The written amount has the currency's decimal places and is the amount itself."""
    written = in_major_units(amount, currency)
    assert Fraction(Decimal(written)) * 10 ** exponent(currency) == amount
    assert len(written.partition(".")[2]) == exponent(currency)


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [(1995, "EUR", "19.95"), (-5, "EUR", "-0.05"), (0, "EUR", "0.00"), (1995, "JPY", "1995"), (7, "KWD", "0.007")],
)
def test_amounts_are_written_with_the_places_of_their_currency(amount: int, currency: str, written: str) -> None:
    """Two places, none or three, with leading zeros where they are needed."""
    assert in_major_units(amount, currency) == written
    assert str(Money(amount, currency)) == f"{written} {currency}"


@given(AMOUNTS, AMOUNTS, CURRENCIES)
def test_sums_and_differences_are_those_of_the_numbers(one: int, other: int, currency: str) -> None:
    """Adding and taking away again leaves the amount."""
    total = Money(one, currency) + Money(other, currency)
    assert total.amount_minor == one + other
    assert total - Money(other, currency) == Money(one, currency)


def test_currencies_are_not_mixed() -> None:
    """Euro and dollar have neither sum nor difference."""
    with pytest.raises(CurrencyMismatch):
        Money(1, "EUR") + Money(1, "USD")
    with pytest.raises(CurrencyMismatch):
        Money(1, "EUR") - Money(1, "USD")


@pytest.mark.parametrize("amount", [1.0, True, "1", None])
def test_an_amount_is_a_whole_number(amount: object) -> None:
    """A float, a truth value or a text is a programming error."""
    with pytest.raises(TypeError):
        Money(amount, "EUR")  # type: ignore[arg-type]


@pytest.mark.rule("P6")
@given(AMOUNTS, st.integers(0, 1000))
def test_the_tolerance_is_inclusive(amount: int, tolerance: int) -> None:
    """A difference of the tolerance is equal, one unit more is not, in both directions."""
    for sign in (1, -1):
        assert within_tolerance(amount, amount + sign * tolerance, tolerance)
        assert not within_tolerance(amount, amount + sign * (tolerance + 1), tolerance)
