"""The poller's workflow on a real server: when it asks, when it must not, and what it carries along."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from temporalio.client import WorkflowHandle

from activities.jobs import PollReport
from domain import reasons
from domain.ports import PollCursor
from domain.windows import BERLIN, next_local
from tests.scenarios.script import Season, start_of
from tests.workflows.world import World, at_rest, berlin, broken, due_of, events, summaries, until
from workflows.erp_poll import POLLS_PER_RUN
from workflows.messages import LookNow

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


async def first_poll(world: World) -> WorkflowHandle[Any, Any]:
    """A poller that has asked once and rests."""
    handle = await world.start_poller()
    await until(lambda: len(world.polls) >= 1, "the first poll")
    poller = world.plain.get_workflow_handle(handle.id)
    await at_rest(poller)
    return poller


async def due(poller: WorkflowHandle[Any, Any]) -> datetime:
    found = await due_of(poller)
    assert found is not None
    return found


async def test_a_poller_asks_at_its_interval(world: World) -> None:
    """After each report the poller waits for the interval that the connection has now."""
    world.interval = timedelta(minutes=5)
    poller = await first_poll(world)
    await world.forward(poller, timedelta(minutes=16))
    await at_rest(poller)
    assert len(world.polls) == 4
    pauses = [later - earlier for earlier, later in zip(world.polled_at, world.polled_at[1:], strict=False)]
    assert all(timedelta(minutes=5) <= one < timedelta(minutes=6) for one in pauses)


async def test_look_now_asks_at_once(world: World) -> None:
    """A poller that is told to look does not wait for its interval."""
    poller = await first_poll(world)
    await poller.signal("look_now", LookNow("1"))
    await until(lambda: len(world.polls) == 2, "the second poll")
    assert world.polled_at[1] - world.polled_at[0] < HOUR


async def test_look_now_during_a_poll_leads_to_another(world: World) -> None:
    """What changes while a page is read is looked for right after it, once, however often it was told."""
    gate = world.hold("poll")
    handle = await world.start_poller()
    await world.entered["poll"].wait()
    poller = world.plain.get_workflow_handle(handle.id)
    for number in range(3):
        await poller.signal("look_now", LookNow(str(number)))
    gate.set()
    await until(lambda: len(world.polls) == 2, "the second poll")
    await at_rest(poller)
    assert len(world.polls) == 2


async def test_pages_follow_each_other_without_a_pause(world: World) -> None:
    """While the ERP has more to tell, the next page is read at once, from the cursor of the last."""
    world.reports.extend(
        PollReport(PollCursor(name), more=more) for name, more in (("a", True), ("b", True), ("c", False))
    )
    await first_poll(world)
    await until(lambda: len(world.polls) == 3, "three pages")
    assert [one.cursor.changed_from for one in world.polls] == [PollCursor().changed_from, "a", "b"]
    assert world.polled_at[2] - world.polled_at[0] < HOUR


async def test_a_failed_poll_is_tried_again_after_a_minute(world: World) -> None:
    """A poll without an answer keeps the cursor and comes back soon, not only after the interval."""
    world.reports.extend([PollReport(PollCursor("a"), interval_seconds=3600.0, again=("4711",)), broken()])
    poller = await first_poll(world)
    await poller.signal("look_now", LookNow("1"))
    await until(lambda: len(world.polls) == 2, "the failing poll")
    await at_rest(poller)
    failed_at = world.polled_at[1]
    assert MINUTE - timedelta(seconds=10) < await due(poller) - failed_at < 2 * MINUTE
    await world.forward(poller, 2 * MINUTE)
    assert (world.polls[2].cursor, world.polls[2].again) == (PollCursor("a"), ("4711",))


@pytest.mark.parametrize("reason", [reasons.NO_ANSWER, reasons.MISCONFIGURED])
async def test_a_report_with_a_reason_is_tried_again_after_a_minute(world: World, reason: str) -> None:
    """An unreachable or misconfigured ERP is asked again after a minute."""
    world.reports.append(PollReport(PollCursor(), reason=reason, interval_seconds=3600.0))
    poller = await first_poll(world)
    assert await due(poller) - world.polled_at[0] < 2 * MINUTE


async def test_a_poller_that_is_switched_off_waits_for_its_interval(world: World) -> None:
    """An inactive connection is not asked every minute."""
    world.reports.append(PollReport(PollCursor(), reason=reasons.INACTIVE, interval_seconds=3600.0, active=False))
    poller = await first_poll(world)
    assert await due(poller) - world.polled_at[0] >= HOUR


async def test_a_poll_that_is_told_when_to_come_back_obeys(world: World) -> None:
    """A pause of the connection is waited for to its end."""
    until_then = world.now() + 5 * HOUR
    world.reports.append(PollReport(PollCursor(), reason=reasons.PAUSED, retry_at=until_then))
    poller = await first_poll(world)
    assert await due(poller) == until_then


async def test_orders_that_could_not_be_read_are_asked_for_again(world: World) -> None:
    """The orders of the last report's list travel with the next poll, and no longer."""
    world.reports.extend([PollReport(PollCursor("a"), again=("4711", "4712")), PollReport(PollCursor("b"))])
    poller = await first_poll(world)
    for number in (2, 3):
        await poller.signal("look_now", LookNow(str(number)))
        await until(lambda wanted=number: len(world.polls) == wanted, "the poll")
    assert [one.again for one in world.polls] == [(), ("4711", "4712"), ()]


async def test_orders_for_which_the_time_was_too_short_come_next(world: World) -> None:
    """What is left of a page is handed to the next poll at once, and no longer."""
    world.reports.extend([PollReport(PollCursor("a"), more=True, rest=("4711", "4712")), PollReport(PollCursor("a"))])
    poller = await first_poll(world)
    await until(lambda: len(world.polls) == 2, "the rest")
    await poller.signal("look_now", LookNow("3"))
    await until(lambda: len(world.polls) == 3, "the poll")
    assert [one.rest for one in world.polls] == [(), ("4711", "4712"), ()]


# -- the quiet window


@pytest.mark.rule("P5")
@pytest.mark.parametrize(
    ("season", "before", "after"),
    [
        (Season.SPRING, "+01:00", "+02:00"),
        (Season.AUTUMN, "+02:00", "+01:00"),
        (Season.PLAIN, None, None),
    ],
)
async def test_nothing_is_asked_between_midnight_and_four(
    world: World, season: Season, before: str | None, after: str | None
) -> None:
    """From 00:00 to 04:00 Berlin wall time the poller is silent, also in the nights when clocks change."""
    evening = start_of(season, datetime.now(BERLIN).date()) + 14 * HOUR + timedelta(minutes=1)  # 23:01
    world.start_at(evening.astimezone(UTC))
    world.interval = timedelta(minutes=20)
    poller = await first_poll(world)
    await world.forward(poller, 7 * HOUR)
    local = [one.astimezone(BERLIN) for one in world.polled_at]
    assert [one for one in local if one.time() < time(4)] == []
    last = [one for one in local if one.hour >= 23][-1]
    first = next(one for one in local if one.hour < 23)
    assert last.time() > time(23, 39)
    assert time(4) <= first.time() < time(4, 3)
    if before is not None and after is not None:
        assert (berlin(last)[-6:], berlin(first)[-6:]) == (before, after)


@pytest.mark.rule("P5")
async def test_look_now_in_the_quiet_window_waits_for_its_end(world: World) -> None:
    """Being told to look at two in the morning asks nobody before four."""
    midnight = next_local(datetime.now(UTC), time(0))
    world.start_at(midnight - timedelta(minutes=5))
    poller = await first_poll(world)
    await world.forward(poller, 2 * HOUR)
    await poller.signal("look_now", LookNow("1"))
    await at_rest(poller)
    assert len(world.polls) == 1
    opens = await due(poller)
    assert time(4) <= opens.astimezone(BERLIN).time() < time(4, 3)
    await world.forward(poller, 3 * HOUR)
    assert [berlin(one)[11:13] for one in world.polled_at] == ["23", "04"]


@pytest.mark.rule("P5")
async def test_a_poller_that_starts_in_the_quiet_window_waits(world: World) -> None:
    """A poller started at night asks for the first time when the window has ended."""
    midnight = next_local(datetime.now(UTC), time(0))
    world.start_at(midnight + HOUR)
    handle = await world.start_poller()
    poller = world.plain.get_workflow_handle(handle.id)
    await at_rest(poller)
    assert world.polls == []
    await world.forward(poller, 4 * HOUR)
    assert berlin(world.polled_at[0])[11:13] == "04"


# -- a long life


async def test_the_cursor_is_kept_after_a_hundred_polls(world: World) -> None:
    """After a hundred polls the poller goes on in a new run, behind the page that was read last."""
    world.interval = timedelta(seconds=20)
    poller = await first_poll(world)
    first = (await poller.describe()).run_id
    while len(world.polls) < POLLS_PER_RUN + 5:
        await world.forward(poller, 10 * MINUTE)
    await at_rest(poller)
    assert (await poller.describe()).run_id != first
    assert [one.cursor.changed_from or "0" for one in world.polls] == [str(one) for one in range(len(world.polls))]


async def test_polls_and_pauses_say_what_they_are(world: World) -> None:
    """The poll and the timer carry a summary, the poller itself only its tenant as search attribute."""
    await world.sender.start_poller(world.tenant, "pixi")
    await until(lambda: len(world.polls) == 1, "the first poll")
    poller = world.plain.get_workflow_handle(f"erp-poll/{world.tenant}/pixi")
    await at_rest(poller)
    history = await poller.fetch_history()
    assert summaries(history, "activity_task_scheduled") == ["poll"]
    assert summaries(history, "timer_started")[0].startswith("polls at 20")
    assert not events(history, "upsert_workflow_search_attributes")
    found = (await poller.describe()).typed_search_attributes
    assert {pair.key.name for pair in found if pair.key.name != "BuildIds"} == {"Tenant"}


async def test_a_second_start_joins_the_running_poller(world: World) -> None:
    """Starting a poller that runs changes nothing."""
    await world.sender.start_poller(world.tenant, "pixi")
    await until(lambda: len(world.polls) == 1, "the first poll")
    poller = world.plain.get_workflow_handle(f"erp-poll/{world.tenant}/pixi")
    before = (await poller.describe()).run_id
    await world.sender.start_poller(world.tenant, "pixi")
    await at_rest(poller)
    assert ((await poller.describe()).run_id, len(world.polls)) == (before, 1)
