"""The nightly run: from 01:30, spread, over before the hope run, in every night of the year."""

from datetime import date, timedelta

import pytest

from domain.authorization.nights import BLACKOUT_UNTIL, blackout_ends, day_of, local, next_night, night_of
from domain.authorization.terms import AuthorizationTerms, DayZone
from tests.domain.authorization.life import YEAR, at

TERMS = AuthorizationTerms()
KEYS = [f"authorization/t/a/{n}" for n in range(200)]


@pytest.mark.rule("R84")
@pytest.mark.parametrize("day", [date(YEAR, 6, 1), date(YEAR, 3, 31), date(YEAR, 10, 27), date(YEAR, 12, 31)])
def test_work_is_spread_over_the_night_and_done_before_the_hope_run(day: date) -> None:
    """Also in the nights in which the clock changes, of which one is an hour shorter and one an hour longer."""
    turns = [night_of(day, key, TERMS) for key in KEYS]
    begins, ends = local(day, TERMS.nightly_from), at(day.month, day.day, "04:15")
    assert all(begins <= turn < ends - timedelta(minutes=20) for turn in turns)
    quarter = (ends - begins) * 0.75 / 4
    for n in range(4):  # each quarter of the used time gets its share
        assert sum(begins + quarter * n <= turn < begins + quarter * (n + 1) for turn in turns) > 25


@pytest.mark.rule("R84")
def test_the_turn_of_a_key_is_the_same_every_night() -> None:
    first, second = (night_of(date(YEAR, 6, day), KEYS[0], TERMS) for day in (1, 2))
    assert second - first == timedelta(days=1)


def test_the_next_night_is_tonight_until_it_has_passed() -> None:
    turn = night_of(date(YEAR, 6, 2), KEYS[0], TERMS)
    assert next_night(at(6, 1, "23:00"), KEYS[0], TERMS) == turn
    assert next_night(turn - timedelta(seconds=1), KEYS[0], TERMS) == turn
    assert day_of(next_night(turn, KEYS[0], TERMS)) == date(YEAR, 6, 3)


@pytest.mark.rule("R83")
def test_a_fixed_clock_reads_an_hour_earlier_in_summer() -> None:
    assert blackout_ends(at(7, 1, "02:00"), DayZone.FIXED_CET) is None
    assert blackout_ends(at(7, 1, "02:30"), DayZone.FIXED_CET) == at(7, 1, "05:00")
    assert blackout_ends(at(12, 1, "01:30"), DayZone.FIXED_CET) == local(date(YEAR, 12, 1), BLACKOUT_UNTIL)
