"""The driver over half a year: who acts, when, and that every clock agrees with the world outside."""

import asyncio
from datetime import datetime, timedelta

import pytest

from domain.windows import BERLIN
from simulation.driver import Driver
from simulation.errors import SimulationRefused
from simulation.skipping import Skipper
from simulation.steps import At
from tests.simulation.conftest import Life, MakeLife, now
from tests.simulation.plays import DAY, Errand, Hold

CLOSE = timedelta(seconds=5)


async def live(life: Life, began: datetime, *, days: int, ships_on: int) -> None:
    """An authorization from the first day, an order from the third that ships later, until everything has ended."""
    order = life.id("order")
    await life.start("AuthorizationPlay", Hold(began, lives=days * DAY), life.id("authorization"))
    await life.start("PollPlay", None, life.poller)

    async def new() -> None:
        life.outside.change(order, "new")

    async def ships() -> None:
        life.outside.change(order, "shipped")

    scenario = [At(began + ships_on * DAY, "ships", ships), At(began + 3 * DAY, "new order", new)]
    await life.driver().run_until(began + (days + 1) * DAY, scenario)


async def check(life: Life, began: datetime, *, renewals: int, ships_on: int) -> None:
    renewed = life.log.of("authorize")
    assert len(renewed) == renewals
    assert all(abs(at - began - timedelta(days=7 * (k + 1), hours=2)) < CLOSE for k, at in enumerate(renewed))
    (captured,), (booked,) = life.log.of("capture"), life.log.of("book")
    assert abs(captured - began - ships_on * DAY) < CLOSE
    assert abs(booked - began - ships_on * DAY) < CLOSE
    assert life.log.furthest_apart() < CLOSE
    order = life.client.get_workflow_handle(life.id("order"), result_type=list[str])
    first_now, *facts = await order.result()
    assert abs(datetime.fromisoformat(first_now) - began - 3 * DAY) < CLOSE
    assert facts == ["new", "shipped", "captured"]


async def test_half_a_year(life: Life) -> None:
    """Renewals over runs, an order from the middle and its capture happen at their instants, all clocks agreeing."""
    began = now()
    await live(life, began, days=180, ships_on=100)
    await check(life, began, renewals=25, ships_on=100)
    assert [one.workflow_id for one in life.offsets.open_workflows(life.tenant)] == [life.poller]
    told = [(one.instant - began, one.happened[0]) for one in life.steps if "new order" in one.happened]
    assert [(abs(at - 3 * DAY) < CLOSE, what) for at, what in told] == [(True, "new order")]


async def test_lives_side_by_side(lives: MakeLife) -> None:
    """Three tenants at three paces on one server do not touch each other."""
    many = {await lives(str(ships_on)): ships_on for ships_on in (5, 8, 20)}
    began = now()
    await asyncio.gather(*(live(one, began, days=52, ships_on=ships_on) for one, ships_on in many.items()))
    for one, ships_on in many.items():
        await check(one, began, renewals=7, ships_on=ships_on)


async def test_a_handover_after_a_long_step_keeps_the_clock(life: Life) -> None:
    """Whoever continues as new begins the last forward anew: two days later it is two days later, not four."""
    began = now()
    await life.start("HandingPlay", None, life.poller)

    async def changes() -> None:
        life.outside.change(life.id("order"), "new")

    driver = life.driver()
    await driver.run_until(began + 5 * DAY, [At(began + 2 * DAY, "changes", changes)])
    poller = await life.plain.get_workflow_handle(life.poller).describe()
    assert poller.raw_description.workflow_execution_info.first_run_id != poller.run_id, "nobody handed over"
    assert abs(await Skipper(life.client).time_of(life.poller) - began - 5 * DAY) < CLOSE


@pytest.mark.parametrize(("month", "offsets"), [(3, (1, 2)), (10, (2, 1))], ids=["spring", "autumn"])
async def test_nights_over_a_change_of_the_clocks(life: Life, month: int, offsets: tuple[int, int]) -> None:
    """A nightly run acts once a night at 04:00 Berlin wall time, before and after the change."""
    change, driver = change_of_clocks(month), life.driver()
    await driver.run_until(change - timedelta(hours=40))
    await life.start("NightlyPlay", 4, life.id("nightly"))
    await driver.run_until(change + timedelta(hours=60))
    nights = [at.astimezone(BERLIN) for at in life.log.of("nightly")]
    assert [(at.hour, at.minute, at.second < 5) for at in nights] == [(4, 0, True)] * 4
    hours = [(at.utcoffset() or DAY).total_seconds() / 3600 for at in nights]
    assert hours == [offsets[0], *[offsets[1]] * 3]
    assert life.log.furthest_apart() < CLOSE


def change_of_clocks(month: int) -> datetime:
    """The next change in that month (UTC): the last Sunday at 01:00, a week from now at the earliest."""
    day = now() + 7 * DAY
    while not (day.month == month and day.weekday() == 6 and day.day > 24):
        day += DAY
    return day.replace(hour=1, minute=0, second=0, microsecond=0)


async def test_deliveries_reach_workflows_at_their_instant(life: Life) -> None:
    """What a system outside delivers arrives at its instant, also when it starts the workflow."""
    began, order = now(), life.id("order")
    life.outside.deliver_at(began + 20 * DAY, lambda: life.tell(order, "new"))
    life.outside.deliver_at(began + 30 * DAY, lambda: life.tell(order, "captured"))
    await life.driver().run_until(began + 40 * DAY)
    assert abs(life.log.of("book")[0] - began - 30 * DAY) < CLOSE
    assert not life.outside.hold


async def test_a_change_outside_is_looked_at(life: Life) -> None:
    """When others change the system outside, its poller looks at that instant, not at its interval."""
    began, order = now(), life.id("order")
    await life.start("PollPlay", None, life.poller)

    async def change() -> None:
        life.outside.change(order, "captured")

    life.outside.deliver_at(began + 10 * DAY, change)
    await life.driver().run_until(began + 11 * DAY)
    assert abs(life.log.of("book")[0] - began - 10 * DAY) < CLOSE


async def test_what_came_in_is_waited_for(life: Life) -> None:
    """The clock stands until what was delivered has gone through the queue to its workflow."""
    began, order = now(), life.id("order")
    relays = []

    async def relay() -> None:
        await asyncio.sleep(0.5)
        await life.tell(order, "captured")
        life.empty = True

    async def delivery() -> None:
        life.empty = False
        relays.append(asyncio.create_task(relay()))

    life.outside.deliver_at(began + 10 * DAY, delivery)
    await life.driver().run_until(began + 20 * DAY)
    assert abs(life.log.of("book")[0] - began - 10 * DAY) < CLOSE


async def test_a_message_to_one_that_is_due_as_well(life: Life) -> None:
    """Two are due at one instant: a message from the first finds the second at that instant, not where it stood."""
    began, errand = now(), life.id("errand")
    due = began + 30 * DAY + timedelta(seconds=0.9)  # the poller polls at the beginning, and thirty days later
    await life.start("PollPlay", None, life.poller)
    await life.start("ErrandPlay", Errand(due - now(), "errand"), errand)
    await life.start("ErrandPlay", Errand(29 * DAY, "marker"), life.id("errand", "marker"))
    life.when["marker"] = lambda: life.outside.changed.append((errand, "hurry"))
    await life.driver().run_until(began + 31 * DAY)
    assert abs(life.log.of("errand")[0] - due) < CLOSE
    assert life.log.furthest_apart() < CLOSE


async def test_advance_goes_from_due_to_due(life: Life) -> None:
    """Each call goes to the next instant; with nothing left it says so."""
    began, driver = now(), life.driver()
    for days in (2, 5):
        await life.start("ErrandPlay", Errand(days * DAY, "errand"), life.id("errand", str(days)))
    reached = [await driver.advance_to_next() for _ in range(3)]
    assert reached[2] is None
    assert [abs(at - began - days * DAY) < CLOSE for at, days in zip(reached, (2, 5), strict=False) if at] == [
        True,
        True,
    ]
    assert abs(driver.now() - began - 5 * DAY) < CLOSE
    assert life.offsets.offset(life.tenant) == pytest.approx(5 * DAY, abs=CLOSE)


async def test_scenario_events_in_their_order(life: Life) -> None:
    """Events happen in the order of their instants at the time of the world outside, several at one instant too."""
    began, seen = now(), []

    def event(days: int, name: str) -> At:
        async def action() -> None:
            seen.append((name, life.outside.now()))

        return At(began + days * DAY, name, action)

    driver = life.driver()
    await driver.run_until(began + 9 * DAY, [event(5, "c"), event(2, "a"), event(5, "d"), event(2, "b"), event(9, "e")])
    assert [name for name, _ in seen] == ["a", "b", "c", "d", "e"]
    wanted = (2, 2, 5, 5, 9)
    assert all(abs(at - began - days * DAY) < CLOSE for (_, at), days in zip(seen, wanted, strict=True))
    assert driver.now() >= began + 9 * DAY


async def test_an_event_after_the_end_is_refused(life: Life) -> None:
    """A scenario that would be cut off is refused before anything moves."""

    async def action() -> None: ...

    with pytest.raises(ValueError, match="'late' lies after the end"):
        await life.driver().run_until(now() + DAY, [At(now() + 2 * DAY, "late", action)])


async def test_a_repeated_read_keeps_its_time(life: Life) -> None:
    """The attempts of an activity are made once each, never later than planned, and at the time of the world outside.

    They may be early: the server gives up the pause of an activity that fails just before its clock arrives.
    """
    life.failing["errand"] = 2
    began, errand = now(), Errand(DAY, "errand", pause=timedelta(hours=1), attempts=5)
    await life.start("ErrandPlay", errand, life.id("errand"))
    await life.driver().run_until(began + 5 * DAY)
    late = [
        at - began - DAY - timedelta(hours=hours) for at, hours in zip(life.log.of("errand"), (0, 1, 3), strict=True)
    ]
    assert abs(late[0]) < CLOSE
    assert max(late) < CLOSE
    assert life.log.furthest_apart() < CLOSE


async def test_others_act_while_one_waits_to_read_again(life: Life) -> None:
    """While one waits for its next attempt, others act at their instants, and all agree with the world outside."""
    life.failing["errand"] = 2
    began, errand = now(), Errand(DAY, "errand", pause=timedelta(hours=8), attempts=5)
    await life.start("ErrandPlay", errand, life.id("errand"))
    await life.start("ErrandPlay", Errand(DAY + timedelta(hours=3), "other"), life.id("errand", "other"))
    await life.driver().run_until(began + 5 * DAY)
    (other,) = life.log.of("other")
    assert abs(other - began - DAY - timedelta(hours=3)) < CLOSE
    assert len(life.log.of("errand")) == 3
    assert life.log.furthest_apart() < CLOSE


async def test_one_that_was_started_without_us(life: Life) -> None:
    """A workflow that began in real time is brought to the tenant's time as soon as it is noted."""
    began, driver = now(), life.driver()
    await driver.run_until(began + 10 * DAY)
    errand = life.id("errand")
    await life.plain.start_workflow("ErrandPlay", Errand(20 * DAY, "errand"), id=errand, task_queue=life.tenant)
    life.offsets.opened(life.tenant, errand, began)
    await driver.run_until(began + 30 * DAY)
    assert abs(life.log.of("errand")[0] - began - 20 * DAY) < CLOSE


async def test_one_that_ends_and_starts_again(life: Life) -> None:
    """An id that ended and is started again is driven again."""
    began, driver, order = now(), life.driver(), life.id("order")
    for day in (1, 50):
        life.outside.deliver_at(began + day * DAY, lambda: life.tell(order, "captured"))
    await driver.run_until(began + 90 * DAY)
    assert [abs(at - began - day * DAY) < CLOSE for at, day in zip(life.log.of("book"), (1, 50), strict=True)] == [
        True
    ] * 2
    assert not life.offsets.open_workflows(life.tenant)


async def test_a_note_of_nothing_does_not_hurt(life: Life) -> None:
    """An id whose start never came is passed over, and kept for the start that may come."""
    life.offsets.opened(life.tenant, life.id("order", "never"), now())
    await life.driver().run_until(now() + DAY)
    assert life.offsets.open_workflows(life.tenant)


async def test_where_the_next_driver_goes_on(life: Life) -> None:
    """A second driver goes on at the instant where the first one stopped."""
    began = now()
    await life.driver().run_until(began + 10 * DAY)
    second = life.driver()
    assert abs(second.now() - began - 10 * DAY) < CLOSE


async def test_a_real_tenant_has_no_driver(life: Life) -> None:
    """A tenant without offset lives in real time and cannot be driven."""
    with pytest.raises(SimulationRefused, match="lives in real time"):
        Driver(life.client, Skipper(life.client), "somebody else", life.offsets)
