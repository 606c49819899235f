"""Values of an answer: money half up, bits, wall time of Berlin; and texts that the database can keep."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.pixi.texts import CODE_PAGE, clean, cut, with_tag
from adapters.pixi.trouble import Trouble
from adapters.pixi.values import Row, minor
from adapters.pixi.walltime import to_utc, to_wall


@pytest.mark.parametrize(
    ("text", "currency", "expected"),
    [
        ("121.6800", "EUR", 12168),
        ("0.0050", "EUR", 1),
        ("0.0049", "EUR", 0),
        ("-0.0050", "EUR", -1),
        ("19.995", "EUR", 2000),
        ("1000.5000", "JPY", 1001),
        ("1.2345", "KWD", 1235),
        ("7", "EUR", 700),
    ],
)
def test_money_is_rounded_half_up(text: str, currency: str, expected: int) -> None:
    """Four decimals become minor units, half up by magnitude, by the currency's own exponent."""
    value = Row({"Total": text}).decimal("total")
    assert value is not None
    assert minor(value, currency) == expected


@pytest.mark.parametrize("text", ["NaN", "Infinity", "1e999999", "12,50", "abc", "1e-99999", "0x10"])
def test_a_number_that_is_none_is_a_bad_answer(text: str) -> None:
    """No amount is guessed, and none is so long that computing it hurts."""
    with pytest.raises(Trouble):
        Row({"Total": text}).decimal("Total")


@pytest.mark.parametrize(
    ("text", "expected"), [("1", True), ("0", False), ("true", True), ("N", False), ("Y", True), ("", False)]
)
def test_bits_and_letters_are_flags(text: str, expected: bool) -> None:
    """The database has bits in some places and Y and N in others; NULL is no."""
    assert Row({"Paid": text}).flag("Paid") is expected


@pytest.mark.parametrize(
    ("wall", "instant"),
    [
        ("2026-01-15T12:00:00.003", datetime(2026, 1, 15, 11, 0, 0, 3000, tzinfo=UTC)),
        ("2026-07-15T12:00:00", datetime(2026, 7, 15, 10, 0, tzinfo=UTC)),
        ("2026-07-15 12:00:00", datetime(2026, 7, 15, 10, 0, tzinfo=UTC)),
        ("2026-10-25T02:30:00.000", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # twice: the first
        ("2026-03-29T02:30:00.000", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),  # never: as if before the jump
        ("2026-07-15T12:00:00+00:00", datetime(2026, 7, 15, 12, 0, tzinfo=UTC)),
    ],
)
def test_wall_time_is_read_as_berlin(wall: str, instant: datetime) -> None:
    """A date without a zone is Berlin wall time, also in the nights when the clock changes."""
    assert to_utc(wall) == instant


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01T00:00:00", "0001-01-01T00:00:00"])
def test_what_is_no_date_is_refused(text: str) -> None:
    """Only dates are dates."""
    with pytest.raises(ValueError):  # noqa: PT011 - any of them
        to_utc(text)


@given(st.integers(-2_000_000_000, 4_000_000_000).map(lambda second: datetime.fromtimestamp(second, UTC)))
def test_an_instant_survives_the_way_there_and_back(instant: datetime) -> None:
    """What is sent has milliseconds and no zone, and reads back as the same instant or the twin hour before it."""
    there = to_wall(instant)
    assert "+" not in there
    assert len(there) == len("2026-01-01T00:00:00.000")
    assert (instant - to_utc(there)).total_seconds() in (
        pytest.approx(0, abs=0.001),
        pytest.approx(3600, abs=0.001),
    )


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Größe äöüÄÖÜß €", "Größe äöüÄÖÜß €"),
        ("a\u0308", "ä"),
        ("bezahlt 🎉 danke", "bezahlt ? danke"),
        ("👍🏽", "?"),
        ("„so“ – ‘so’ …", "„so“ – ‘so’ …"),
        ("a\x00b\x1bc\x85d", "abcd"),
        ("Łódź, Dvořák", "Lódz, Dvorák"),
        ("A → B", "A -> B"),
        ("中文", "??"),
        ("a\tb\nc", "a\tb\nc"),
        ("\ud800", "?"),
    ],
)
def test_texts_are_carried_as_well_as_the_code_page_allows(text: str, kept: str) -> None:
    """Umlauts and typographic quotes stay, letters lose foreign accents, the rest becomes a question mark."""
    assert clean(text) == kept


@given(st.text())
def test_any_text_fits_the_code_page_and_xml(text: str) -> None:
    """Whatever comes in, what goes out can be written and sent."""
    cleaned = clean(text)
    cleaned.encode(CODE_PAGE)
    assert not any(ord(one) < 32 and one not in "\t\n\r" for one in cleaned)


def test_a_long_comment_is_cut_and_keeps_its_tag() -> None:
    """The tag ends the comment however long the text is."""
    text = with_tag("ä" * 10_000, "[hf:ABCD2345]", limit=200)
    assert len(text) == 200
    assert text.endswith("... [hf:ABCD2345]")
    assert with_tag("kurz", "[hf:ABCD2345]") == "kurz [hf:ABCD2345]"
    assert with_tag("", "[t]") == "[t]"
    assert cut("  x  ", 10) == "x"


def test_minor_units_of_a_sum_are_rounded_once() -> None:
    """Three thirds of a cent are rounded as a sum."""
    assert minor(Decimal("33.3333") * 3, "EUR") == 10000
