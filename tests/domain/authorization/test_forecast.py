"""The forecast says what then really happens."""

import random
from datetime import timedelta

from domain.authorization.forecast import Fate, forecast, future
from domain.authorization.operations import ExtensionKind
from domain.authorization.terms import Guard
from domain.operations import Kind
from tests.domain.authorization.life import FakeProvider, Life, at, clock


def told(life: Life, until: object) -> list[str]:
    return [f"{clock(one.at)} {one.fate.value} {one.amount_minor}" for one in future(life.state, until)]  # type: ignore[arg-type]


def test_renewals_up_to_the_maximum_age_and_then_the_end() -> None:
    life = Life.begin(renew_after_days=10, max_age_days=25, guard=Guard.OFF)
    assert told(life, at(8, 1)) == [
        "06-11 02:12 renewed 10000",
        "06-21 02:12 renewed 10000",
        "06-25 20:12 ends 10000",
    ]
    assert list(future(life.state, at(8, 1)))[-1].why == "max_age"


def test_the_horizon_cuts_it() -> None:
    life = Life.begin(renew_after_days=10, guard=Guard.OFF)
    assert told(life, at(6, 11, "02:00")) == []
    assert len(told(life, at(6, 22))) == 2


def test_a_stopped_hold_ends_at_its_deadline_and_says_why() -> None:
    life = Life.begin(provider=FakeProvider(tells_deadlines=True))
    life.stop()
    found = list(future(life.state, at(7, 1)))
    assert [(one.fate, clock(one.at), one.told, one.why) for one in found] == [
        (Fate.ENDS, "06-08 12:00", True, "asked")
    ]


def test_a_remainder_is_split_first() -> None:
    life = Life.begin(renew_after_days=7, guard=Guard.OFF)
    life.capture(4_000)
    assert told(life, at(6, 10)) == ["06-02 02:12 split 6000", "06-09 02:12 renewed 6000"]


def test_nothing_is_said_of_what_is_over() -> None:
    life = Life.begin()
    life.capture(None)
    assert told(life, at(12, 31)) == []


def test_a_forecast_comes_true() -> None:
    """Whatever the terms: without refusals and wishes the renewals are those that were foreseen."""
    rng = random.Random(4)
    for number in range(60):
        provider = FakeProvider(tells_deadlines=rng.random() < 0.3)
        life = Life.begin(
            rng.randint(100, 9_999),
            on=at(rng.randint(1, 12), rng.randint(1, 28), f"{rng.randint(0, 23):02}:30"),
            provider=provider,
            name=f"authorization/t/a/{number}",
            renew_after_days=rng.choice([6, 7, 9, 13]),
            max_age_days=rng.randint(5, 60),
            guard=Guard.OFF if not provider.tells_deadlines else Guard.SHORTEN,
        )
        horizon = life.now + timedelta(days=40)
        foreseen = [one.at for one in future(life.state, horizon) if one.fate is Fate.RENEWED]
        life.until(horizon)
        happened = [one.held_at for one in life.state.holds if one.extended_by is ExtensionKind.RENEWAL]
        assert happened == foreseen, number


def test_sums_by_day_and_currency() -> None:
    lives = [
        Life.begin(amount, name=f"authorization/t/a/{number}", renew_after_days=None)
        for number, amount in enumerate((1_000, 2_500, 4_000))
    ]
    found = forecast([one.state for one in lives], at(7, 1))
    assert [
        (day.isoformat(), currency, totals.ending_minor, totals.ending)
        for (day, currency), totals in found.days.items()
    ] == [("2030-06-08", "EUR", 7_500, 3)]
    assert [one.amount_minor for one in found.events] == [1_000, 2_500, 4_000]


def test_a_hope_run_is_foreseen() -> None:
    from domain.authorization.declines import Decline

    life = Life.begin(renew_after_days=7, hope_run=True, guard=Guard.OFF)
    life.provider.script = {Kind.AUTHORIZE: [Decline.BY_ISSUER]}
    life.until(at(6, 8, "12:00"))
    assert told(life, at(6, 10)) == ["06-09 04:15 hope_run 10000"]
