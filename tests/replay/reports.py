"""The reports of failures whose histories are kept. Server, workers, SQL and file server are real ones."""

from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

from temporalio.client import Client

from storage.tables import tenants
from tests.failure_report.conftest import World, open_clients, open_mailbox, open_stores, settle_in
from tests.sandboxes.fileserver.conftest import start
from tests.support.failing import UNKNOWN
from workflows.ids import failure_report_workflow_id

Play = Callable[[World], Awaitable[None]]


async def a_day_with_files_and_one_without(world: World) -> None:
    world.folder()
    await world.report()
    world.failing("a").fail(world.at(0, "14:00"))
    world.failing("b", "two").fail(world.at(0, "23:59"))
    await world.forward_to(world.at(3, "12:00"))
    assert len(world.arrived()) == 2


async def nothing_to_tell(world: World) -> None:
    """Two quiet days; then the tenant is removed."""
    await world.report()
    await world.forward_to(world.at(2, "12:00"))
    with world.stores.db.write() as sql:
        sql.execute(tenants.update().where(tenants.c.id == world.tenant).values(id=f"{world.tenant}-gone"))
    await world.handle.signal("look_now")
    await world.handle.result()


async def delivery_fails_then_succeeds(world: World) -> None:
    """The server turns us away for a while, then the file is delivered."""
    world.folder()
    world.box.arm("login", "refuse", times=-1)
    world.failing("a").fail(world.at(0, "14:00"))
    await world.report()
    await world.forward_to(world.at(1, "05:00:30"))
    world.box.control.delete("/faults")
    await world.forward_to(world.at(1, "12:00"))
    assert len(world.arrived()) == 1


async def refused_and_sent_again(world: World) -> None:
    """Something else has the name of the file; a person has it sent again, and cancels the workflow in vain."""
    world.folder()
    world.failing("a").fail(world.at(0, "14:00"))
    name = f"F{world.first_day:%Y%m%d}acct.dat"
    world.box.control.put(f"/files/in/{name}", content=b"something else")
    await world.report()
    await world.forward_to(world.at(1, "05:05"))
    await world.handle.cancel()
    world.box.control.delete(f"/files/in/{name}")
    world.stores.failure_files.send_again(world.tenant, name, by="kim", at=world.at(1, "05:05"))
    await world.look_now()
    await world.forward_to(world.at(1, "12:00"))
    assert list(world.arrived()) == [name]


async def a_day_that_waits(world: World) -> None:
    """The outcome of one attempt is not known for a morning; the answer to the rename is lost."""
    world.folder()
    world.box.arm("rename", "drop_after")
    slow = world.failing("slow").held(world.at(0, "12:00"))
    slow.begin(world.at(0, "15:00")).end(world.at(0, "15:00"), UNKNOWN).learn(world.at(0, "15:00"))
    slow.record(world.at(0, "15:00"))
    await world.report()
    await world.forward_to(world.at(1, "06:02"))
    then = world.at(1, "06:03")
    slow.begin(then).end(then).learn(then).record(then)
    await world.forward_to(world.at(1, "12:00"))
    assert len(world.arrived()) == 1


async def many_days(world: World) -> None:
    """On a server that suggests a fresh run early: several runs, a file in each."""
    world.folder()
    await world.report()
    for day in range(4):
        world.failing(f"hold-{day}").fail(world.at(0, "14:00") + timedelta(days=day))
    await world.forward_to(world.at(6, "12:00"))
    assert len(world.arrived()) == 4


REPORTS: dict[str, Play] = {
    "files": a_day_with_files_and_one_without,
    "quiet": nothing_to_tell,
    "delivery-fails": delivery_fails_then_succeeds,
    "refused": refused_and_sent_again,
    "waits": a_day_that_waits,
}
CONTINUED: dict[str, Play] = {"continued": many_days}


async def record(folder: Path, plays: dict[str, Play], save: Callable[[Client, str, str], Awaitable[Any]]) -> None:
    """Play each and save it; `save` takes a client, the name and the id of the workflow."""
    with ExitStack() as held:
        mailbox, stores, files = held.enter_context(open_mailbox()), held.enter_context(open_stores(folder)), start()
        held.callback(files.stop)
        async with open_clients(stores) as clients:
            for name, play in plays.items():
                world = settle_in(name, stores, clients, files, mailbox)
                held.callback(world.box.close)
                await play(world)
                await save(clients[1], name, failure_report_workflow_id(name))
