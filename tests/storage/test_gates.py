"""Gates: pause, rate and switch of an account or connection."""

from datetime import datetime, timedelta

import pytest

from domain import reasons
from domain.errors import NotSent
from storage.database import Database
from storage.gates import Gates
from tests.storage.builders import T0, after

NAME = "unzer/acme"


@pytest.fixture
def gates(db: Database) -> Gates:
    return Gates(db)


def _asked(gates: Gates, at: datetime) -> tuple[str, datetime | None] | None:
    try:
        gates.permit(NAME, at)
    except NotSent as refusal:
        return refusal.reason, refusal.retry_at
    return None


def test_a_gate_that_nobody_set_is_open(gates: Gates) -> None:
    """Without a row everything may leave, as often as it likes."""
    assert [_asked(gates, T0) for _ in range(5)] == [None] * 5


def test_a_pause_ends_by_itself_or_by_hand(gates: Gates) -> None:
    """A pause with an end lets through from that instant on, one without an end only after a resume."""
    gates.pause(NAME, "maintenance", after(minutes=5))
    assert _asked(gates, after(minutes=5, microseconds=-1)) == (reasons.PAUSED, after(minutes=5))
    assert _asked(gates, after(minutes=5)) is None
    gates.pause(NAME, "stopped by hand")
    assert _asked(gates, after(days=99)) == (reasons.PAUSED, None)
    gates.resume(NAME)
    assert _asked(gates, T0) is None


def test_a_switched_off_gate_stops_all(gates: Gates) -> None:
    """Switched off beats everything, and nobody is told to come back."""
    gates.set_active(NAME, False)
    gates.resume(NAME)
    assert _asked(gates, T0) == (reasons.INACTIVE, None)


def test_one_gate_does_not_touch_another(gates: Gates) -> None:
    """The pause of one account leaves the others alone."""
    gates.pause("unzer/other", "maintenance")
    assert _asked(gates, T0) is None


def test_the_rate_spaces_requests_and_queues_the_rest(gates: Gates) -> None:
    """At four a second the second request goes a quarter later; each that is turned away gets an instant of its own."""
    gates.set_rate(NAME, 4)
    quarter = timedelta(seconds=0.25)
    assert _asked(gates, T0) is None
    assert [_asked(gates, T0) for _ in range(3)] == [(reasons.RATE, T0 + n * quarter) for n in (1, 2, 3)]
    assert [_asked(gates, T0 + n * quarter) for n in (1, 2, 3)] == [None] * 3


def test_an_idle_gate_saves_nothing_up(gates: Gates) -> None:
    """After an hour of silence requests are spaced as ever."""
    gates.set_rate(NAME, 1)
    assert _asked(gates, T0) is None
    assert _asked(gates, after(hours=1)) is None
    assert _asked(gates, after(hours=1)) == (reasons.RATE, after(hours=1, seconds=1))


def test_a_clock_that_runs_back_does_not_close_a_rate(gates: Gates) -> None:
    """A gate that was used at a later time lets through at an earlier one."""
    gates.set_rate(NAME, 1)
    assert _asked(gates, after(days=1)) is None
    assert _asked(gates, after(days=1)) is not None
    assert _asked(gates, T0) is None
    assert _asked(gates, T0) == (reasons.RATE, after(seconds=1))


@pytest.mark.parametrize("rate", [0, -1, float("nan"), float("inf")])
def test_an_impossible_rate_is_refused(gates: Gates, rate: float) -> None:
    """A rate must be a usable number; stopping everything is what pauses are for."""
    with pytest.raises(ValueError, match="pause the gate"):
        gates.set_rate(NAME, rate)


def test_a_rate_can_be_lifted(gates: Gates) -> None:
    """Without a rate everything goes at once again."""
    gates.set_rate(NAME, 0.05)
    assert _asked(gates, T0) is None
    gates.set_rate(NAME, None)
    assert _asked(gates, T0) is None
