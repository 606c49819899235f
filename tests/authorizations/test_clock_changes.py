"""The nights in which the clock changes: in spring the hour from 02:00 to 03:00 is missing, in autumn it comes twice.

Scenarios are played on 31 March and 27 October 2030; what is arithmetic alone also in the years around.
"""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from domain.authorization.declines import Decline
from domain.authorization.nights import HOPE_RUN, blackout_ends, day_of, hope_run_of, local, night_of
from domain.authorization.terms import AuthorizationTerms, DayZone, Guard
from domain.operations import Kind
from domain.outcomes import Outcome
from tests.authorizations.playing import Begin
from tests.domain.authorization.life import FakeProvider, Life, at, clock

OFF = {"guard": Guard.OFF}
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SPRING, AUTUMN = (3, 31), (10, 27)
SWITCHES = [date(2026, 10, 25), date(2027, 3, 28), date(2027, 10, 31), date(2028, 3, 26), date(2030, 3, 31)]
KEYS = [f"authorization/t/a/{number}" for number in range(50)]


def utc(month: int, day: int, clock: str) -> datetime:
    return datetime.combine(date(2030, month, day), time.fromisoformat(clock), UTC)


def before(switch: tuple[int, int], days: int, clock: str = "12:00") -> datetime:
    return local(date(2030, *switch) - days * DAY, time.fromisoformat(clock))


def turn(life: Life, switch: tuple[int, int], days: int = 0) -> datetime:
    return night_of(date(2030, *switch) + days * DAY, life.state.workflow_id, life.state.terms)


# -- the nightly run


@pytest.mark.rule("R9", "R84")
@pytest.mark.parametrize(
    ("switch", "earliest", "latest"), [(SPRING, utc(3, 31, "00:30"), utc(3, 31, "02:15")),
                                       (AUTUMN, utc(10, 26, "23:30"), utc(10, 27, "03:15"))]
)  # fmt: skip
def test_a_renewal_in_the_night_of_the_switch(
    begin: Begin, switch: tuple[int, int], earliest: datetime, latest: datetime
) -> None:
    """Once, between 01:30 and the hope run; a week later it is the usual minute again."""
    life = begin(on=before(switch, 7), renew_after_days=7, **OFF)
    said = life.until(before(switch, -1))
    assert [one[12:] for one in said] == ["void hold1 10000", "authorize hold1 10000"]
    (renewed,) = life.renewals()
    assert earliest <= renewed < latest
    assert abs(renewed - turn(life, switch)) < timedelta(seconds=5)
    said = life.until(before(switch, -8))
    assert [one[6:11] for one in said] == ["02:12", "02:12"]
    assert timedelta(0) <= list(life.renewals())[1] - before(switch, -7, "02:12") < timedelta(minutes=1)


@pytest.mark.rule("R84")
@pytest.mark.parametrize("switch", [SPRING, AUTUMN])
@pytest.mark.parametrize("days", [1, 3, 6])
def test_days_are_calendar_days_over_the_switch(begin: Begin, switch: tuple[int, int], days: int) -> None:
    """A hold of a Thursday is renewed on the Thursday after at the usual minute, however long the week was."""
    life = begin(on=before(switch, days), renew_after_days=7, **OFF)
    life.until(before(switch, days - 9))
    (renewed,) = life.renewals()
    assert clock(renewed) == clock(before(switch, days - 7, "02:12"))
    assert len(life.provider.effects) == 2


@pytest.mark.rule("R22")
@pytest.mark.parametrize(
    ("switch", "captured", "night"),
    [
        (SPRING, at(3, 30, "23:30"), 0),
        (SPRING, at(3, 31, "00:30"), 1),
        (AUTUMN, at(10, 26, "23:30"), 0),
        (AUTUMN, at(10, 27, "00:30"), 1),
        (AUTUMN, utc(10, 27, "00:10"), 1),  # the first 02:10
        (AUTUMN, utc(10, 27, "01:10"), 1),  # the second
    ],
)
def test_a_remainder_is_split_in_the_night_after_the_calendar_day(
    begin: Begin, switch: tuple[int, int], captured: datetime, night: int
) -> None:
    life = begin(on=captured - timedelta(minutes=20), **OFF)
    life.until(captured)
    assert life.capture(4_000).outcome is Outcome.SUCCEEDED
    life.take()
    due = turn(life, switch, night)
    assert life.until(due - timedelta(minutes=2)) == []
    assert [one[12:] for one in life.until(due + timedelta(minutes=2))] == ["authorize hold1 6000"]


@pytest.mark.rule("R84")
@pytest.mark.parametrize("switch", SWITCHES)
@pytest.mark.parametrize("begins", [time(1, 30), time(2, 0), time(2, 30), time(2, 59), time(3, 0)])
def test_the_run_begins_once_also_where_its_hour_is_missing_or_comes_twice(switch: date, begins: time) -> None:
    """Each key has one turn, between what the clock says first and the hope run, on the day of the switch."""
    terms = AuthorizationTerms(nightly_from=begins)
    for key in KEYS:
        turns = [night_of(switch + days * DAY, key, terms) for days in (-1, 0, 1)]
        assert local(switch, begins) <= turns[1] < local(switch, HOPE_RUN)
        assert [day_of(one) for one in turns] == [switch + days * DAY for days in (-1, 0, 1)]


# -- captures


@pytest.mark.rule("R27", "R83")
@pytest.mark.parametrize(
    ("on", "zone", "allowed", "until"),
    [
        (utc(3, 31, "00:29"), DayZone.BERLIN, True, None),  # 01:29
        (utc(3, 31, "00:59"), DayZone.BERLIN, False, utc(3, 31, "02:00")),  # 01:59, then 03:00
        (utc(3, 31, "01:00"), DayZone.BERLIN, False, utc(3, 31, "02:00")),
        (utc(3, 31, "02:00"), DayZone.BERLIN, True, None),  # 04:00 in summer time
        (utc(3, 31, "02:00"), DayZone.FIXED_CET, False, utc(3, 31, "03:00")),
        (utc(3, 31, "02:00"), DayZone.BOTH, False, utc(3, 31, "03:00")),
        (utc(3, 31, "01:00"), DayZone.BOTH, False, utc(3, 31, "03:00")),
        (utc(3, 31, "03:00"), DayZone.BOTH, True, None),
        (utc(10, 26, "23:29"), DayZone.BERLIN, True, None),  # 01:29
        (utc(10, 26, "23:30"), DayZone.BERLIN, False, utc(10, 27, "03:00")),
        (utc(10, 27, "00:30"), DayZone.BERLIN, False, utc(10, 27, "03:00")),  # the first 02:30
        (utc(10, 27, "01:30"), DayZone.BERLIN, False, utc(10, 27, "03:00")),  # the second
        (utc(10, 27, "02:59"), DayZone.BERLIN, False, utc(10, 27, "03:00")),
        (utc(10, 27, "03:00"), DayZone.BERLIN, True, None),  # 04:00 in winter time
        (utc(10, 27, "00:00"), DayZone.FIXED_CET, True, None),  # the first 02:00 is 01:00 there
        (utc(10, 27, "00:30"), DayZone.FIXED_CET, False, utc(10, 27, "03:00")),
        (utc(10, 27, "00:00"), DayZone.BOTH, False, utc(10, 27, "03:00")),
        (utc(10, 27, "03:00"), DayZone.BOTH, True, None),
    ],
)
def test_the_hours_without_a_further_capture(
    begin: Begin, on: datetime, zone: DayZone, allowed: bool, until: datetime | None
) -> None:
    """From 01:30 to 04:00 by the clock that was agreed on, whether that is 90 minutes or 210."""
    life = begin(on=local(day_of(on), time(0, 2)), realtime=True, day_zone=zone, **OFF)
    life.until(local(day_of(on), time(0, 10)))
    life.capture(4_000)
    life.until(on)
    again = life.capture(2_000)
    assert (again.outcome is Outcome.SUCCEEDED) is allowed
    if not allowed:
        assert (again.reason, again.retry_at) == ("blackout", until)
        assert life.state.stopped is None


@pytest.mark.rule("R83")
@pytest.mark.parametrize("switch", SWITCHES)
def test_both_readings_forbid_what_either_forbids(switch: date) -> None:
    """Minute by minute; and what is told as its end is the first minute that neither forbids."""
    minutes = [local(switch, time(0)) + timedelta(minutes=number) for number in range(7 * 60)]
    either = [any(blackout_ends(one, zone) for zone in (DayZone.BERLIN, DayZone.FIXED_CET)) for one in minutes]
    assert [blackout_ends(one, DayZone.BOTH) is not None for one in minutes] == either
    free = minutes[len(either) - either[::-1].index(True)]
    assert {blackout_ends(one, DayZone.BOTH) for one, shut in zip(minutes, either, strict=True) if shut} == {free}


@pytest.mark.rule("R21")
def test_a_day_of_twenty_five_hours_has_one_capture(begin: Begin) -> None:
    """Nearly 25 hours later it is the same day still."""
    life = begin(on=at(10, 27, "00:01"), provider=FakeProvider(in_parts=True), **OFF)
    life.until(at(10, 27, "00:05"))
    assert life.capture(4_000).outcome is Outcome.SUCCEEDED
    life.until(at(10, 27, "23:55"))
    again = life.capture(1_000)
    assert (again.reason, again.retry_at) == ("one_a_day", at(10, 28, "01:30"))
    life.until(at(10, 28, "01:30"))
    assert life.capture(1_000).outcome is Outcome.SUCCEEDED


@pytest.mark.rule("R21")
def test_a_day_of_twenty_three_hours_is_a_day(begin: Begin) -> None:
    """The remainder of a capture in its first minutes can be captured after the nights that follow, not before."""
    life = begin(on=at(3, 31, "00:01"), provider=FakeProvider(in_parts=True), **OFF)
    life.until(at(3, 31, "00:05"))
    assert life.capture(4_000).outcome is Outcome.SUCCEEDED
    life.until(at(3, 31, "23:59"))
    assert life.capture(1_000).reason == "one_a_day"
    life.until(at(4, 1, "01:30"))
    assert life.capture(1_000).outcome is Outcome.SUCCEEDED


# -- the hope run, and the end


@pytest.mark.rule("R61")
@pytest.mark.parametrize(
    ("switch", "days", "again"),
    [
        (SPRING, 8, utc(3, 31, "02:15")),  # refused the night before
        (SPRING, 7, utc(4, 1, "02:15")),  # refused in the night of the switch
        (AUTUMN, 8, utc(10, 27, "03:15")),
        (AUTUMN, 7, utc(10, 28, "03:15")),
    ],
)
def test_the_hope_run_is_at_a_quarter_past_four_by_the_clock(
    begin: Begin, switch: tuple[int, int], days: int, again: datetime
) -> None:
    life = begin(on=before(switch, days), renew_after_days=7, hope_run=True, **OFF)
    life.provider.script = {Kind.AUTHORIZE: [Decline.BY_ISSUER]}
    life.until(again - timedelta(minutes=1))
    assert life.state.hope_at == again
    assert life.state.current is None
    said = life.until(again + timedelta(minutes=5))
    assert [one[6:] for one in said] == ["04:15 authorize hold1 10000"]
    assert [one for one in life.provider.effects if one[0] == "authorized"] == [("authorized", "hold2", 10_000)]


@pytest.mark.rule("R61")
@pytest.mark.parametrize("switch", SWITCHES)
def test_a_failure_in_any_minute_of_the_switch_is_tried_the_next_night(switch: date) -> None:
    """Whichever of the two hours it was in."""
    minute, ends = local(switch, time(0)), local(switch + DAY, time(0))
    while minute < ends:
        assert hope_run_of(minute) == local(switch + DAY, time(4, 15))
        minute += timedelta(minutes=7)


@pytest.mark.rule("R2", "R14")
@pytest.mark.parametrize(("switch", "days"), [(SPRING, 7), (SPRING, 8), (AUTUMN, 7), (AUTUMN, 8)])
def test_the_maximum_age_is_reached_at_midnight(begin: Begin, switch: tuple[int, int], days: int) -> None:
    """Also when the day of the switch is the last one, or lies between."""
    life = begin(on=before(switch, 7), renew_after_days=None, max_age_days=days, **OFF)
    ends = before(switch, 7 - days, "00:00")
    said = life.until(ends - timedelta(seconds=30))
    assert [one for one in said if "mail" not in one] == []
    assert life.until(ends + HOUR) == [f"{clock(ends)} RenewalStopped max_age"]
