"""Berlin wall time, over both clock changes of a year."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.windows import BERLIN, erp_is_quiet, erp_opens, erp_opens_for, next_local, spread

INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
AROUND_CHANGES = st.one_of(
    st.datetimes(datetime(2027, 3, 27, 20), datetime(2027, 3, 28, 6), timezones=st.just(UTC)),  # noqa: DTZ001
    st.datetimes(datetime(2027, 10, 30, 20), datetime(2027, 10, 31, 6), timezones=st.just(UTC)),  # noqa: DTZ001
)
TEN_MINUTES = timedelta(minutes=10)


@pytest.mark.rule("P5")
@given(st.one_of(INSTANTS, AROUND_CHANGES))
def test_the_opening_is_the_same_morning_at_four(now: datetime) -> None:
    """Inside the quiet hours the ERP opens at 04:00 of that day, outside it is open; never twice, never skipped."""
    local = now.astimezone(BERLIN)
    opens = erp_opens(now)
    assert erp_is_quiet(now) is (local.hour < 4)
    assert not erp_is_quiet(opens)
    if local.hour < 4:
        assert opens.astimezone(BERLIN) == datetime.combine(local.date(), time(4), BERLIN)
        assert now < opens <= now + timedelta(hours=5)
    else:
        assert opens == now


@pytest.mark.rule("P5")
@pytest.mark.parametrize(
    ("midnight", "hours"),
    [
        (datetime(2027, 3, 27, 23, tzinfo=UTC), 3),  # clocks go forward
        (datetime(2027, 10, 30, 22, tzinfo=UTC), 5),  # clocks go back
        (datetime(2027, 6, 30, 22, tzinfo=UTC), 4),
        (datetime(2027, 1, 11, 23, tzinfo=UTC), 4),
    ],
)
def test_the_quiet_hours_are_wall_time(midnight: datetime, hours: int) -> None:
    """The window lasts three hours in the spring night, five in the autumn night, four otherwise."""
    assert erp_opens(midnight) - midnight == timedelta(hours=hours)
    assert erp_is_quiet(midnight)
    assert not erp_is_quiet(midnight - timedelta(microseconds=1))
    assert erp_is_quiet(midnight + timedelta(hours=hours, microseconds=-1))
    assert not erp_is_quiet(midnight + timedelta(hours=hours))


@given(st.one_of(INSTANTS, AROUND_CHANGES), st.times(datetime(2027, 1, 1, 3).time()))  # noqa: DTZ001
def test_the_next_local_time_lies_ahead_within_a_day(now: datetime, at: time) -> None:
    """The found instant shows the wanted wall time and is the first one that does."""
    found = next_local(now, at)
    assert found > now
    assert found.astimezone(BERLIN).time() == at
    assert found - now <= timedelta(hours=25)


@given(st.text(), st.timedeltas(timedelta(seconds=1), timedelta(hours=2)))
def test_the_spread_is_fixed_and_short(key: str, over: timedelta) -> None:
    """A key always has the same delay, below the whole."""
    assert timedelta() <= spread(key, over) < over
    assert spread(key, over) == spread(key, over)


def test_the_spread_uses_its_whole_width() -> None:
    """Work of many orders is not bunched."""
    delays = sorted(spread(f"order/{number}", TEN_MINUTES) for number in range(200))
    assert delays[0] < timedelta(minutes=1)
    assert delays[-1] > timedelta(minutes=9)
    assert len(set(delays)) > 150


@pytest.mark.rule("P5")
@given(st.one_of(INSTANTS, AROUND_CHANGES))
def test_held_back_work_is_spread_after_four_and_other_work_is_not_delayed(now: datetime) -> None:
    """Only what the window holds back waits longer than four o'clock."""
    due = erp_opens_for(now, "order/1", TEN_MINUTES)
    if erp_is_quiet(now):
        assert erp_opens(now) <= due < erp_opens(now) + TEN_MINUTES
    else:
        assert due == now
