"""Filters on wall time find what lies behind their bound, whatever zone the database stands in."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from sandboxes.pixi import walltime
from sandboxes.pixi.calls import common

ZONES = ("Europe/Berlin", "Etc/GMT+11", "Etc/GMT", "Etc/GMT-12")


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(
    "instant",
    [datetime(2026, 11, 23, 1, 0, tzinfo=UTC), *(datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1))],
)
def test_a_bound_is_read_in_the_zone_of_the_database(
    monkeypatch: pytest.MonkeyPatch, zone: str, instant: datetime
) -> None:
    """Tests shift the zone so that it is never night: the quick refusal of old rows must follow it."""
    monkeypatch.setattr(walltime, "BERLIN", ZoneInfo(zone))
    monkeypatch.setattr(common, "BERLIN", ZoneInfo(zone))
    shown = walltime.wall(instant)
    assert common.within(instant, shown, None)
    assert common.within(instant, shown - timedelta(hours=5), shown)
    assert not common.within(instant, shown + timedelta(milliseconds=10), None)
    assert not common.within(instant - timedelta(days=2), shown, None)
