"""Batch files: handed in, worked through, answered; and everything that is refused."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.authorization.facts import Origin, StopReason
from domain.authorization.terms import AuthorizationTerms, Preset
from paygate.batch import Head, open_batch, write_batch
from paygate.batch_records import Action, Record, Version
from paygate.batch_results import read_results
from tests.web.paygate.living import PAY_ID, Living
from tests.web.paygate.shop import MERCHANT, Integration, told
from tests.web.world import World
from web.paygate import batch_work
from web.paygate.batch_work import BatchWorker, work_once
from web.paygate.folder import BatchFolder
from web.paygate.outcomes import CODES
from web.paygate.payments import find

DAY = date(2027, 3, 1)
NAME = f"T20270301001{MERCHANT}.dat"
OTHER = "f" * 32


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not known at once is asked for again."""
    monkeypatch.setattr(batch_work, "RECORD_SECONDS", 0.05)


def capture(number: int, amount: int = 4_000, pay: str = PAY_ID, case: str = "order-1", **more: Any) -> Record:
    return replace(Record(number, Action.CAPTURE, amount, "EUR", case, "", pay), **more)


def written(*records: Record, version: Version = Version.V1_4) -> bytes:
    return b"".join(write_batch(Head(MERCHANT, DAY, version), records))


def framed(*lines: str, count: int | None = None, total: int = 0) -> bytes:
    """A file with lines as they are."""
    foot = f"FOOT,{len(lines) if count is None else count},{total}"
    return "\r\n".join([f"HEAD,{MERCHANT},20270301,1.4", *lines, foot, ""]).encode()


async def hand_in(world: World, content: bytes, name: str = NAME) -> Any:
    async with world.shop() as client:
        return await client.post("/batches", params={"name": name}, content=content)


async def work(world: World) -> None:
    while (await work_once(world.services))[1]:
        pass


async def results(world: World, batch_id: str, content: bytes) -> list[tuple[str, str]]:
    """Status and code of each record, from the downloaded file."""
    async with world.shop() as client:
        answer = await client.get(f"/batches/{batch_id}/result")
    assert answer.status_code == 200, answer.text
    assert f"P{NAME[1:]}" in answer.headers["content-disposition"]
    read = read_results(open_batch(answer.content, MERCHANT))
    return [(one.status, str(one.code)) for _, one in read if one is not None]


@pytest.mark.rule("R45")
async def test_a_file_is_worked_through(living: Living, world: World) -> None:
    """Captures, a credit and a reversal, in the order of the file; what fails fails alone."""
    first, second = living.hold(), living.hold(OTHER, "order-2")
    content = written(
        capture(1, finish_auth=True),
        replace(capture(2, 1_000), action=Action.CREDIT),
        capture(3, 10_000, OTHER, "order-2"),
        capture(4, 1_000, "e" * 32),
        replace(capture(5, 10_000, OTHER, "order-2"), action=Action.REVERSE),
        capture(6, 100),
    )
    answer = await hand_in(world, content)
    assert (answer.status_code, answer.json()["state"]) == (202, "working")
    batch_id = answer.json()["id"]
    async with world.shop() as client:
        assert (await client.get(f"/batches/{batch_id}/result")).json()["error"]["code"] == "not_finished"
        await work(world)
        shown = (await client.get(f"/batches/{batch_id}")).json()
    assert (shown["state"], shown["ended"], shown["failed"]) == ("finished", 6, 2)
    ok = ("OK", "00000000")
    assert await results(world, batch_id, content) == [
        ok, ok, ok, ("FAILED", "20160001"), ok, ("FAILED", "21000380")
    ]  # fmt: skip
    assert first.state.stopped is not None
    assert first.state.stopped.reason is StopReason.FINISHED
    assert [(kind, amount) for kind, _, amount in second.provider.effects] == [("capture", 10_000), ("refund", 10_000)]
    assert {one.origin for _, one in living.asked} == {Origin.BATCH}
    asked = [one.request_id for workflow_id, one in living.asked if workflow_id == first.state.workflow_id]
    assert asked == [f"batch/{batch_id}/{number}" for number in (1, 2, 6)]


async def test_version_1_2(living: Living, world: World) -> None:
    """The same without the last field."""
    living.hold()
    content = written(capture(1), version=Version.V1_2)
    batch_id = (await hand_in(world, content)).json()["id"]
    await work(world)
    assert await results(world, batch_id, content) == [("OK", "00000000")]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (framed(f"CC,Capture,100,EUR,order-1,,{PAY_ID}", count=2, total=100), "file_count"),
        (framed(f"CC,Capture,100,EUR,order-1,,{PAY_ID}", total=101), "file_sum"),
        (framed(f"CC,Capture,100,EUR,order-1,,{PAY_ID}", total=100)[:-12], "file_foot"),
        (b"", "file_merchant"),
        (b"\x00\xff" * 50, "file_merchant"),
        (b"HEAD,nobody,20270301,1.4\r\nFOOT,0,0\r\n", "file_merchant"),
        (f"HEAD,{MERCHANT},20270301,2.0\r\nFOOT,0,0\r\n".encode(), "file_version"),
        (f"HEAD,{MERCHANT},20270302,1.4\r\nFOOT,0,0\r\n".encode(), "file_day"),
    ],
)
async def test_a_wrong_frame_refuses_the_whole_file(living: Living, world: World, content: bytes, code: str) -> None:
    """Before any record runs, with a sentence that says what was expected where."""
    living.hold(preset=Preset.STRICT)
    answer = await hand_in(world, content)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, code)
    await work(world)
    assert living.asked == []
    assert world.services.batches.list_batches("acme") == ()


@pytest.mark.parametrize("name", ["x.dat", NAME.replace("001", "000", 1), f"P{NAME[1:]}", "../" + NAME])
async def test_a_wrong_name(living: Living, world: World, name: str) -> None:
    """Is refused too, and so is a file that is a result."""
    answer = await hand_in(world, written(capture(1)), name)
    assert (answer.status_code, answer.json()["error"]["code"]) in [(422, "file_name"), (422, "file_phase")]


async def test_the_same_file_twice(living: Living, world: World) -> None:
    """Is known again and carried out once; neither its name nor its content can be used for another."""
    life = living.hold()
    content = written(capture(1))
    first = await hand_in(world, content)
    await work(world)
    again = await hand_in(world, content)
    assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])
    other = await hand_in(world, written(capture(1, 5_000)))
    assert (other.status_code, other.json()["error"]["code"]) == (409, "name_taken")
    copy = await hand_in(world, content, NAME.replace("001", "002", 1))
    assert (copy.status_code, copy.json()["error"]["code"]) == (409, "content_known")
    await work(world)
    assert life.state.captured_minor == 4_000


@pytest.mark.parametrize("preset", Preset)
async def test_a_comma_in_a_reference(living: Living, world: World, preset: Preset) -> None:
    """Makes a field too many: that record fails alone. Whose it was cannot be told, so it counts for nobody."""
    life, other = living.hold(preset=preset), living.hold(OTHER, "order-2")
    content = framed(f"CC,Capture,100,EUR,order-1,INV,1,{PAY_ID}", f"CC,Capture,100,EUR,order-2,,{OTHER}", total=200)
    batch_id = (await hand_in(world, content)).json()["id"]
    await work(world)
    assert [status for status, _ in await results(world, batch_id, content)] == ["FAILED", "OK"]
    assert (life.state.stopped, other.state.captured_minor) == (None, 100)


@pytest.mark.rule("R32")
async def test_a_record_without_a_form_counts_under_strict_terms(living: Living, world: World) -> None:
    """As at Paygate, where its payment is beyond doubt."""
    life = living.hold(preset=Preset.STRICT)
    content = framed(f"CC,Capture,1x0,EUR,order-1,,{PAY_ID}")
    batch_id = (await hand_in(world, content)).json()["id"]
    await work(world)
    assert [status for status, _ in await results(world, batch_id, content)] == ["FAILED"]
    assert life.state.stopped is not None
    assert life.state.stopped.reason is StopReason.REFUSED_ACTION


async def test_ends_of_lines_may_be_mixed(living: Living, world: World) -> None:
    """CRLF, LF, none at the end."""
    living.hold()
    living.hold(OTHER, "order-2")
    content = (
        f"HEAD,{MERCHANT},20270301,1.4\nCC,Capture,100,EUR,order-1,,{PAY_ID}\r\n\r\n"
        f"CC,Capture,200,EUR,order-2,,{OTHER},Y\nFOOT,2,300"
    ).encode()
    batch_id = (await hand_in(world, content)).json()["id"]
    await work(world)
    assert await results(world, batch_id, content) == [("OK", "00000000")] * 2


@pytest.mark.rule("R6")
async def test_realtime_with_batch(living: Living, world: World) -> None:
    """A realtime account captures by form or API; credits by file are fine."""
    world.services.terms.put("acme", "paygate-acme", AuthorizationTerms(realtime=True))
    living.hold(realtime=True)
    answer = await hand_in(world, written(capture(1)))
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "realtime_with_batch")
    assert (await hand_in(world, written(replace(capture(1), action=Action.CREDIT)))).status_code == 202


@pytest.mark.rule("R21")
async def test_form_and_file_in_the_same_second(living: Living, world: World, shop: Integration) -> None:
    """Two captures of one payment at once: one is carried out."""
    life = living.hold()
    await hand_in(world, written(capture(1)))
    answer, _ = await asyncio.gather(shop.ask("capture"), work(world))
    (record,) = world.services.batches.results(world.services.batches.list_batches("acme")[0].id)
    assert sorted([told(answer)[0], record.status]) == ["FAILED", "OK"]
    assert [kind for kind, _, _ in life.provider.effects] == ["capture"]


async def test_while_temporal_is_away(living: Living, world: World) -> None:
    """Records wait, nothing is lost, and each is asked for once."""
    life = living.hold()
    living.down = True
    content = written(capture(1), replace(capture(2, 1_000), action=Action.CREDIT))
    batch_id = (await hand_in(world, content)).json()["id"]
    assert await work_once(world.services) == (0, True)
    living.down = False
    await work(world)
    assert await results(world, batch_id, content) == [("OK", "00000000")] * 2
    assert [kind for kind, _, _ in life.provider.effects] == ["capture", "refund"]


async def test_after_a_crash(living: Living, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Records were carried out and nobody wrote it down: whoever goes on hears the same, and nothing is done twice."""
    life = living.hold()
    content = written(capture(1), replace(capture(2, 1_000), action=Action.CREDIT))
    batch_id = (await hand_in(world, content)).json()["id"]
    with monkeypatch.context() as patch:
        patch.setattr(type(world.services.batches), "ended", _die)
        with pytest.raises(KeyboardInterrupt):
            await work_once(world.services)
    assert life.state.refunded_minor == 1_000
    await work(world)
    assert await results(world, batch_id, content) == [("OK", "00000000")] * 2
    assert [kind for kind, _, _ in life.provider.effects] == ["capture", "refund"]


def _die(*_: object) -> None:
    raise KeyboardInterrupt


async def test_nobody_sees_another_tenants_files(living: Living, world: World) -> None:
    """Not in lists, not by id, and nobody hands in files for a MerchantID that is not his."""
    content = written(capture(1))
    batch_id = (await hand_in(world, content)).json()["id"]
    async with world.shop(tenant="rival") as rival:
        assert (await rival.get("/batches")).json() == {"batches": []}
        for path in ("", "/result"):
            assert (await rival.get(f"/batches/{batch_id}{path}")).status_code == 404
        answer = await rival.post("/batches", params={"name": NAME}, content=content)
        assert answer.json()["error"]["code"] == "file_merchant"
    async with world.shop("orders:read") as reader:
        assert (await reader.post("/batches", params={"name": NAME}, content=content)).status_code == 403


async def test_a_hundred_thousand_lines(living: Living, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Taken in at once, its progress shown, worked on from where it stopped, and answered line by line."""
    life = living.hold()
    lines = [f"CC,Capture,100,EUR,none-{number},,{OTHER}" for number in range(99_999)]
    content = framed(*lines, f"CC,Capture,100,EUR,order-1,,{PAY_ID}", total=10_000_000)
    answer = await hand_in(world, content)
    assert (answer.status_code, answer.json()["records"]) == (202, 100_000)
    batch_id = answer.json()["id"]
    await work_once(world.services)
    row = world.services.batches.get("acme", batch_id)
    assert row is not None
    assert (row.ended, row.failed) == (batch_work.WINDOW, batch_work.WINDOW)
    monkeypatch.setattr(batch_work, "WINDOW", 50_000)
    monkeypatch.setattr(batch_work, "_payment", _only_the_last)
    await work(world)
    said = await results(world, batch_id, content)
    assert len(said) == 100_000
    assert (set(said[:-1]), said[-1]) == ({("FAILED", "20160001")}, ("OK", "00000000"))
    assert life.state.captured_minor == 100


def _only_the_last(services: Any, batch: Any, record: Any) -> Any:
    """Saves a hundred thousand queries for payments that do not exist."""
    if record.number < 100_000:
        return CODES["not_found"]
    return find(services.authorization_list, batch.tenant, batch.account, record.pay_id, record.trans_id)


@pytest.fixture
def place(world: World, living: Living, tmp_path: Path) -> Path:
    """A folder of the tenant acme."""
    settings = world.settings.model_copy(update={"batch_folder": str(tmp_path)})
    world.services = replace(world.services, settings=settings)
    (tmp_path / "acme").mkdir()
    (tmp_path / "strangers").mkdir()
    return tmp_path / "acme"


async def test_a_file_in_a_folder(living: Living, world: World, place: Path) -> None:
    """Taken in once it has settled, renamed while it is worked on, replaced by its results."""
    life = living.hold()
    (place / NAME).write_bytes(written(capture(1))[:20])
    folder = BatchFolder(world.services)
    folder.look()
    (place / NAME).write_bytes(written(capture(1)))  # still being written
    folder.look()
    assert [one.name for one in place.iterdir()] == [NAME]
    folder.look()
    assert [one.name for one in place.iterdir()] == [f"W{NAME[1:]}"]
    folder.give_back()
    await work(world)
    folder.give_back()
    (processed,) = place.iterdir()
    assert processed.name == f"P{NAME[1:]}"
    assert b",OK,00000000\r\n" in processed.read_bytes()
    assert life.state.captured_minor == 4_000


async def test_a_folder_after_a_crash(living: Living, world: World, place: Path) -> None:
    """Taken in and not renamed, or answered and not taken away: the next look goes on."""
    life = living.hold()
    content = written(capture(1))
    await hand_in(world, content)
    await work(world)
    (place / NAME).write_bytes(content)
    folder = BatchFolder(world.services)
    for _ in range(2):
        folder.look()
    folder.give_back()
    assert [one.name for one in place.iterdir()] == [f"P{NAME[1:]}"]
    assert life.state.captured_minor == 4_000


async def test_what_a_folder_refuses(living: Living, world: World, place: Path) -> None:
    """Lies out of the way with a sentence beside it; nothing else is touched, no link is followed."""
    (place / NAME).write_bytes(b"HEAD,nobody,20270301,1.4\r\nFOOT,0,0\r\n")
    (place / "readme.txt").write_text("mine")
    (place / "T-link.dat").symlink_to("/etc/hostname")
    folder = BatchFolder(world.services)
    for _ in range(3):
        folder.look()
    names = sorted(one.name for one in place.iterdir())
    assert names == [
        "T-link.dat.refused",
        "T-link.dat.refused.txt",
        f"{NAME}.refused",
        f"{NAME}.refused.txt",
        "readme.txt",
    ]
    assert "MerchantID" in (place / f"{NAME}.refused.txt").read_text()


async def test_the_starter_works_through_files(living: Living, world: World, place: Path) -> None:
    """Its loop takes in, works and gives back, and ends in order."""
    living.hold()
    (place / NAME).write_bytes(written(capture(1)))
    async with batch_work.working(BatchWorker(world.services)):
        async with asyncio.timeout(20):
            while not (place / f"P{NAME[1:]}").exists():
                await asyncio.sleep(0.05)
    assert world.services.leases.acquire(batch_work.LEASE, "another", timedelta(seconds=1))


async def test_one_file_holds_up_no_other(living: Living, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that cannot be worked on, for whatever reason, is passed by."""
    life = living.hold()
    broken = (await hand_in(world, written(capture(1, 100, OTHER)))).json()["id"]
    content = written(capture(1))
    name = NAME.replace("001", "002", 1)
    batch_id = (await hand_in(world, content, name)).json()["id"]
    honest = batch_work._manner

    def manner(services: Any, batch: Any) -> Any:
        if batch.id == broken:
            raise RuntimeError("broken on purpose")
        return honest(services, batch)

    monkeypatch.setattr(batch_work, "_manner", manner)
    for _ in range(2):
        await work_once(world.services)
    assert world.services.batches.result("acme", batch_id) is not None
    assert life.state.captured_minor == 4_000


async def test_one_folder_holds_up_no_other(
    living: Living, world: World, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tenant's folder in which nothing can be renamed; the next one's file is taken in."""
    other = place.parent / "rival"
    other.mkdir()
    (place / NAME).write_bytes(written(capture(1)))
    (other / NAME).write_bytes(written(capture(1)))
    honest = Path.rename

    def rename(path: Path, target: Path) -> Path:
        if path.parent == place:
            raise PermissionError
        return honest(path, target)

    monkeypatch.setattr(Path, "rename", rename)
    folder = BatchFolder(world.services)
    for _ in range(3):
        folder.look()
    assert [one.name for one in place.iterdir()] == [NAME]
    assert (other / f"{NAME}.refused").exists()  # the MerchantID is another tenant's
