"""Failure files over the API: lists, downloads, whose they are, and the folder that they are put into."""

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.file_drop import DropVerdict
from storage.failure_report import SqlFailureReports
from tests.support.failing import NAMES, Failing, PlainLayout
from tests.web.world import World

DROP = {"host": "127.0.0.1", "username": "acme", "secret": "right", "folder": "in"}


@pytest.fixture
def filed(world: World) -> World:
    """Two accounts, three days."""
    for day, account in ((8, "one"), (9, "one"), (9, "two")):
        Failing(world.database, f"h{day}{account}", account).fail(datetime(2026, 11, day, 9, tzinfo=UTC))
    reports = SqlFailureReports(world.database, PlainLayout(), NAMES)
    reports.look("acme", "failure-report/acme", datetime(2026, 11, 12, 9, tzinfo=UTC))
    return world


async def test_files_are_listed_and_downloaded(filed: World) -> None:
    """Newest first, page by page; the bytes are those that were written."""
    async with filed.shop("orders:read") as shop:
        first = (await shop.get("/failure-files", params={"limit": 2})).json()
        assert [one["name"] for one in first["files"]] == ["F20261109one.dat", "F20261109two.dat"]
        assert (first["files"][0]["delivery"], first["files"][0]["lines"]) == ("none", 1)
        second = (await shop.get(first["next"])).json()
        assert ([one["name"] for one in second["files"]], second["next"]) == (["F20261108one.dat"], None)
        only = (await shop.get("/failure-files", params={"account": "two"})).json()
        assert len(only["files"]) == 1
        found = await shop.get(only["files"][0]["links"]["self"])
        assert (found.content, found.headers["content-type"]) == (b"h9two 1-1\n", "application/octet-stream")
        assert "F20261109two.dat" in found.headers["content-disposition"]


async def test_nobody_sees_another_tenants_files(filed: World) -> None:
    """Not in lists, not by name; and a token without the scope sees none at all."""
    async with filed.shop(tenant="rival") as rival:
        assert (await rival.get("/failure-files")).json() == {"files": [], "next": None}
        assert (await rival.get("/failure-files/F20261109two.dat")).status_code == 404
    async with filed.shop("orders:write", "setup") as other:
        assert (await other.get("/failure-files")).status_code == 403
        assert (await other.get("/failure-files/F20261109two.dat")).status_code == 403
    async with filed.shop("orders:read", tenant=None) as everybody:
        assert (await everybody.get("/failure-files")).status_code == 422
        found = (await everybody.get("/failure-files", params={"tenant": "acme"})).json()
        assert (await everybody.get(found["files"][0]["links"]["self"])).status_code == 200


async def test_a_cursor_that_is_none(filed: World) -> None:
    """Is refused with a reason."""
    async with filed.shop() as shop:
        answer = await shop.get("/failure-files", params={"after": "nothing"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "bad_cursor")


async def test_a_folder_is_set_changed_and_tried(world: World) -> None:
    """As with the mail account: versions, a secret that never comes back, a test that says what became of it."""
    async with world.shop("setup") as admin:
        assert (await admin.get("/setup/file-drop")).status_code == 404
        saved = await admin.put("/setup/file-drop", json=DROP)
        assert (saved.status_code, saved.headers["etag"]) == (200, '"1"')
        assert (saved.json()["port"], saved.json()["protocol"]) == (22, "sftp")
        assert "right" not in saved.text
        assert (await admin.put("/setup/file-drop", json=DROP | {"folder": "out"})).status_code == 428
        changed: Any = {"host": "127.0.0.1", "username": "acme", "folder": "out"}
        again = await admin.put("/setup/file-drop", json=changed, headers={"If-Match": '"1"'})
        assert (again.status_code, again.json()["folder"]) == (200, "out")
        assert (await admin.put("/setup/file-drop", json=changed, headers={"If-Match": '"1"'})).status_code == 412
        assert (await admin.post("/setup/file-drop/test")).json()["works"]
        world.drop.verdict = DropVerdict.LOGIN_REFUSED
        told = (await admin.post("/setup/file-drop/test")).json()
        assert (told["works"], told["verdict"]) == (False, "login_refused")


@pytest.mark.parametrize(
    "changes", [{"host": "files.example"}, {"protocol": "ftp"}, {"folder": "../up"}, {"host_key": "no key"}]
)
async def test_what_cannot_work_is_refused_with_the_reason(world: World, changes: dict[str, Any]) -> None:
    """Nothing is saved."""
    async with world.shop("setup") as admin:
        answer = await admin.put("/setup/file-drop", json=DROP | changes)
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_setting")
        assert (await admin.get("/setup/file-drop")).status_code == 404
