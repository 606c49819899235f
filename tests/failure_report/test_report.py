"""The report of failures on a real server: at five each morning, complete or not at all, in the merchant's folder."""

import asyncio
from datetime import UTC, datetime, time, timedelta

import pytest
from temporalio.client import WorkflowExecutionStatus

from domain.failure_report import Delivery
from domain.windows import BERLIN
from storage.tables import tenants
from tests.failure_report.conftest import World
from tests.scenarios.script import Season, start_of
from tests.support.failing import UNKNOWN
from tests.workflows.world import berlin, until
from workflows.failure_report import LOOKS_PER_RUN

LINE = "CC,Renewal,6000,EUR,order-{0},INV-1,{0},FAILED,21000305,declined by the authorization system\r\n"


def name(world: World, days: int, account: str = "acct") -> str:
    return f"F{world.first_day + timedelta(days=days):%Y%m%d}{account}.dat"


@pytest.mark.rule("R51", "R52", "R54")
async def test_the_failures_of_a_day_are_there_the_next_morning(world: World) -> None:
    """Written at 05:00 with one line each, and put into the merchant's folder under the name of day and merchant."""
    world.folder()
    await world.report()
    assert berlin(await world.due()) == berlin(world.at(1, "05:00"))
    world.failing("a").fail(world.at(0, "14:00"))
    world.failing("b").fail(world.at(0, "23:59"))
    world.failing("c").fail(world.at(1, "00:01"))
    await world.forward_to(world.at(1, "04:59"))
    assert world.files() == {}
    await world.forward_to(world.at(1, "05:01"))
    wanted = {name(world, 0): LINE.format("a") + LINE.format("b")}
    assert world.files() == world.arrived() == wanted
    (row,) = world.stores.failure_files.list_files(world.tenant)
    assert (row.delivery, row.attempt) == (Delivery.DELIVERED, 1)
    assert world.at(1, "05:00") <= row.written_at < world.at(1, "05:01")
    await world.forward_to(world.at(3, "12:00"))
    assert world.arrived() == wanted | {name(world, 1): LINE.format("c")}
    assert world.mails() == []


async def test_days_without_failures_leave_nothing(world: World) -> None:
    """No file, no mail, and the report wakes once a day."""
    world.folder()
    await world.report()
    await world.forward_to(world.at(4, "12:00"))
    assert (world.files(), world.arrived(), world.mails()) == ({}, {}, [])
    assert berlin(await world.due()) == berlin(world.at(5, "05:00"))


@pytest.mark.rule("R54")
async def test_a_day_with_an_unknown_attempt_waits(world: World) -> None:
    """It is looked at every quarter of an hour, another account does not wait, and the file is written whole."""
    world.folder()
    slow = world.failing("slow").held(world.at(0, "12:00"))
    slow.begin(world.at(0, "15:00")).end(world.at(0, "15:00"), UNKNOWN).learn(world.at(0, "15:00"))
    slow.record(world.at(0, "15:00"))
    world.failing("a").fail(world.at(0, "16:00"))
    world.failing("b", "two").fail(world.at(0, "16:00"))
    await world.report()
    await world.forward_to(world.at(1, "09:02"))
    assert list(world.files()) == [name(world, 0, "two")]
    assert berlin(await world.due()) == berlin(world.at(1, "09:15"))
    then = world.at(1, "09:03")
    slow.begin(then).end(then).learn(then).record(then)
    await world.forward_to(world.at(1, "09:16"))
    assert world.arrived()[name(world, 0)] == LINE.format("slow") + LINE.format("a")
    assert world.arrived() == world.files()
    assert berlin(await world.due()) == berlin(world.at(2, "05:00"))


@pytest.mark.rule("R54")
async def test_a_person_hears_of_a_day_that_stays_open(world: World) -> None:
    """After a day, once, and only where something waits to be told."""
    slow = world.failing("slow").held(world.at(0, "12:00"))
    slow.begin(world.at(0, "15:00")).end(world.at(0, "15:00"), UNKNOWN).learn(world.at(0, "15:00"))
    slow.record(world.at(0, "15:00"))
    world.failing("a").fail(world.at(0, "16:00"))
    await world.report()
    await world.forward_to(world.at(2, "04:00"))
    assert world.mails() == []
    await world.forward_to(world.at(2, "12:00"))
    assert world.mails() == [
        f"[{world.tenant}] 1110 Failure file not complete yet (acct:{world.first_day.isoformat()})"
    ]


@pytest.mark.rule("R54")
async def test_a_written_file_is_never_touched_again(world: World) -> None:
    """What comes too late for its day is in the next file, and the merchant's folder keeps what it had."""
    world.folder()
    world.failing("a").fail(world.at(0, "14:00"))
    await world.report()
    await world.forward_to(world.at(1, "05:01"))
    world.failing("late").fail(world.at(0, "15:00"))
    await world.look_now()
    await world.forward_to(world.at(1, "12:00"))
    assert world.arrived() == {name(world, 0): LINE.format("a")}
    await world.forward_to(world.at(2, "05:01"))
    assert world.arrived() == {name(world, 0): LINE.format("a"), name(world, 1): LINE.format("late")}
    renamed = [one for one in world.box.control.get("/effects").json() if one["kind"] == "renamed"]
    assert len(renamed) == 2


@pytest.mark.rule("R54")
@pytest.mark.parametrize("season", [Season.SPRING, Season.AUTUMN])
async def test_five_is_five_in_the_nights_in_which_clocks_change(world: World, season: Season) -> None:
    """A day of 23 or 25 hours ends at midnight too, and its file is written at 05:00 by the clock on the wall."""
    begin = start_of(season, datetime.now(BERLIN).date() + timedelta(days=1))
    world.start_at(begin.astimezone(UTC))
    world.failing("a").fail(world.at(0, "23:59"))
    world.failing("b").fail(world.at(1, "00:01"))
    world.failing("c").fail(world.at(1, "23:59"))
    await world.report()
    await world.forward_to(world.at(2, "05:01"))
    rows = world.stores.failure_files.list_files(world.tenant)
    assert [(one.day - world.first_day).days for one in rows] == [1, 0]
    assert [one.written_at.astimezone(BERLIN).time().replace(second=0, microsecond=0) for one in rows] == [time(5)] * 2
    assert world.files() == {
        name(world, 0): LINE.format("a"),
        name(world, 1): LINE.format("b") + LINE.format("c"),
    }


async def test_a_server_that_is_away_delays_and_loses_nothing(world: World) -> None:
    """It is tried again and again; after a day one mail says so; when it is back the file is there, once."""
    world.folder()
    world.box.arm("login", "refuse", times=-1)
    world.failing("a").fail(world.at(0, "14:00"))
    await world.report()
    await world.forward_to(world.at(1, "05:02"))
    (row,) = world.stores.failure_files.list_files(world.tenant)
    assert (row.delivery, row.reason) == (Delivery.OPEN, "misconfigured")
    world.stores.gates.pause(f"drop/{world.tenant}/{world.tenant}", "nobody there", world.at(2, "06:00"))
    await world.forward_to(world.at(2, "04:00"))
    assert world.mails() == []
    await world.forward_to(world.at(2, "05:30"))
    assert world.mails() == [f"[{world.tenant}] 2110 Failure file not delivered ({name(world, 0)})"]
    world.box.control.delete("/faults")
    await world.forward_to(world.at(2, "07:00"))
    assert world.arrived() == {name(world, 0): LINE.format("a")}
    assert len(world.mails()) == 1


async def test_a_refused_file_is_told_at_once_and_sent_again_on_wish(world: World) -> None:
    """Something else has its name: nobody waits a day to hear that. Then the file is wanted once more, and arrives."""
    world.folder()
    world.failing("a").fail(world.at(0, "14:00"))
    world.box.control.put(f"/files/in/{name(world, 0)}", content=b"something else")
    await world.report()
    await world.forward_to(world.at(1, "05:05"))
    assert world.mails() == [f"[{world.tenant}] 2110 Failure file not delivered ({name(world, 0)})"]
    assert world.arrived() == {name(world, 0): "something else"}
    world.box.control.delete(f"/files/in/{name(world, 0)}")
    files = world.stores.failure_files
    files.send_again(world.tenant, name(world, 0), by="kim", at=world.at(1, "05:05"))
    await world.look_now()
    await until(lambda: name(world, 0) in world.arrived(), "the file in the folder")
    assert world.arrived() == {name(world, 0): LINE.format("a")}


async def test_a_lost_answer_ends_by_looking(world: World) -> None:
    """The rename was carried out and not answered: it is found there, and nothing is sent twice."""
    world.folder()
    world.box.arm("rename", "drop_after")
    world.failing("a").fail(world.at(0, "14:00"))
    await world.report()
    await world.forward_to(world.at(1, "05:10"))
    assert world.arrived() == {name(world, 0): LINE.format("a")}
    assert sum(one["kind"] == "renamed" for one in world.box.control.get("/effects").json()) == 1
    (row,) = world.stores.failure_files.list_files(world.tenant)
    assert row.delivery is Delivery.DELIVERED


async def test_without_a_folder_files_wait_to_be_downloaded(world: World) -> None:
    """Nothing is delivered, nobody is alarmed."""
    world.failing("a").fail(world.at(0, "14:00"))
    await world.report()
    await world.forward_to(world.at(3, "12:00"))
    assert world.files() == {name(world, 0): LINE.format("a")}
    assert (world.arrived(), world.mails()) == ({}, [])


async def test_a_report_that_is_started_anew_repeats_nothing(world: World) -> None:
    """Ended by hand and started again it finds what was done, and what was not."""
    world.folder()
    world.failing("a").fail(world.at(0, "14:00"))
    await world.report()
    await world.forward_to(world.at(1, "05:01"))
    await world.handle.terminate()
    world.failing("b").fail(world.at(1, "14:00"))
    world.start_at(world.at(2, "09:00"))
    day = world.first_day
    await world.report()
    await until(lambda: len(world.arrived()) == 2, "both files")
    assert sorted(world.arrived()) == [f"F{day - timedelta(days=back):%Y%m%d}acct.dat" for back in (2, 1)]
    assert sum(one["kind"] == "renamed" for one in world.box.control.get("/effects").json()) == 2


async def test_it_lives_as_long_as_its_tenant(world: World) -> None:
    """A cancellation is passed over; when the tenant is gone the report ends by itself."""
    await world.report()
    await world.handle.cancel()
    await world.look_now()
    assert (await world.handle.describe()).status is WorkflowExecutionStatus.RUNNING
    with world.stores.db.write() as sql:
        sql.execute(tenants.update().where(tenants.c.id == world.tenant).values(id=f"{world.tenant}-gone"))
    await world.handle.signal("look_now")
    async with asyncio.timeout(30):
        await world.handle.result()


async def test_a_long_life_goes_on_in_new_runs(world: World) -> None:
    """After many looks a fresh run goes on, and nothing is different."""
    await world.report()
    first = (await world.handle.describe()).run_id
    for _ in range(LOOKS_PER_RUN + 5):
        await world.handle.signal("look_now")

    async def changed() -> bool:
        if (await world.handle.describe()).run_id == first:
            await world.handle.signal("look_now")
        return (await world.handle.describe()).run_id != first

    await until(changed, "a new run")
    await world.look_now()
    assert berlin(await world.due()) == berlin(world.at(1, "05:00"))
    found = (await world.handle.describe()).typed_search_attributes
    assert {pair.key.name for pair in found if pair.key.name != "BuildIds"} == {"Tenant"}
