"""`holdfast failures …` and `holdfast setup file-drop …` over a real database and a real file server."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.main import app
from domain.parties import Tenant
from simulation.server import TemporalServer
from storage.audit import AuditTrail
from storage.database import Database
from storage.directory import Directory
from storage.failure_report import SqlFailureReports
from storage.migrate import migrate
from storage.secrets import new_master_key
from tests.sandboxes.fileserver.conftest import Box, start
from tests.support.failing import NAMES, Failing, PlainLayout

RUN = CliRunner()


@dataclass
class Desk:
    """An operator's terminal over one database."""

    database: Database

    def __call__(self, *words: str, text: str = "", code: int = 0) -> str:
        answer = RUN.invoke(app, list(words), input=text)
        assert answer.exit_code == code, answer.output
        return answer.output

    def json(self, *words: str, **more: Any) -> Any:
        return json.loads(self(*words, "--json", **more))


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    url = f"sqlite:///{tmp_path / 'holdfast.db'}"
    migrate(url)
    monkeypatch.setenv("HOLDFAST_DATABASE_URL", url)
    monkeypatch.setenv("HOLDFAST_MASTER_KEY", new_master_key())
    monkeypatch.setenv("HOLDFAST_PROFILE", "fast")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    database = Database(url)
    Directory(database).put_tenant(Tenant("acme", "Acme GmbH"))
    Failing(database, "a").fail(datetime(2026, 11, 10, 9, tzinfo=UTC))
    SqlFailureReports(database, PlainLayout(), NAMES).look(
        "acme", "failure-report/acme", datetime(2026, 11, 12, 9, tzinfo=UTC)
    )
    yield Desk(database)
    database.close()


@pytest.fixture
def box() -> Iterator[Box]:
    process = start()
    found = Box(process.url, "desk")
    found.configure(folders=["in"])
    yield found
    found.close()
    process.stop()


def test_files_are_listed_and_downloaded(desk: Desk) -> None:
    """The list shows what became of them; a download overwrites nothing."""
    assert "F20261110acct.dat" in desk("failures", "list", "--tenant", "acme")
    (listed,) = desk.json("failures", "list", "--tenant", "acme")
    assert (listed["name"], listed["delivery"], listed["lines"]) == ("F20261110acct.dat", "none", 1)
    assert desk.json("failures", "list", "--tenant", "other") == []
    desk("failures", "download", listed["name"], "--tenant", "acme")
    assert Path(listed["name"]).read_bytes() == b"a 1-1\n"
    assert "exists" in desk("failures", "download", listed["name"], "--tenant", "acme", code=2)
    assert "has no file" in desk("failures", "download", "nothing", "--tenant", "acme", code=2)


def test_a_folder_is_set_tried_and_shown(desk: Desk, box: Box) -> None:
    """What cannot work is refused with the reason, and the password shows nowhere."""
    words = ["setup", "file-drop", "set", "--tenant", "acme", "--user", box.user, "--folder", "in", "--password-stdin"]
    sftp = [*words, "--port", str(box.sftp_port), "--host", "127.0.0.1", "--host-key", box.host_key]
    assert "host key" in desk(*words, "--host", "files.example", text="x\n", code=1)
    plain = [*words, "--host", "127.0.0.1", "--protocol", "ftp", "--port", str(box.ftp_port)]
    assert "plain FTP" in " ".join(desk(*plain, text=f"{box.password}\n", code=1).split()).replace("Plain", "plain")
    desk(*sftp, text="wrong\n")
    assert "refuses the user" in desk("setup", "file-drop", "test", "--tenant", "acme", code=1)
    desk(*sftp, text=f"{box.password}\n")
    assert desk.json("setup", "file-drop", "test", "--tenant", "acme")["works"]
    shown = desk("setup", "file-drop", "show", "--tenant", "acme")
    assert "127.0.0.1" in shown
    assert box.password not in shown
    desk(*plain, "--unencrypted", text=f"{box.password}\n")
    assert desk.json("setup", "file-drop", "test", "--tenant", "acme")["works"]
    assert box.files() == {}


def test_sending_again_needs_a_folder(desk: Desk) -> None:
    """And a file that exists."""
    again = ["failures", "send-again", "F20261110acct.dat", "--tenant", "acme"]
    assert "no active folder" in " ".join(desk(*again, code=2).split())
    desk("setup", "file-drop", "set", "--tenant", "acme", "--host", "127.0.0.1", "--user", "u", "--password-stdin",
         text="p\n")  # fmt: skip
    assert "has no file" in desk("failures", "send-again", "nothing", "--tenant", "acme", code=2)


def test_sending_again_wakes_the_report(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The wish stands in SQL and in the trail, and the report is told to look."""
    desk("setup", "file-drop", "set", "--tenant", "acme", "--host", "127.0.0.1", "--user", "u", "--password-stdin",
         text="p\n")  # fmt: skip
    server = TemporalServer()

    async def woken() -> None:
        async with server as running:
            monkeypatch.setenv("HOLDFAST_TEMPORAL_ADDRESS", running.address)
            found = await asyncio.to_thread(
                desk.json, "failures", "send-again", "F20261110acct.dat", "--tenant", "acme", "--by", "kim"
            )
            assert found["delivery"] == "open"
            client = await running.connect()
            history = await client.get_workflow_handle("failure-report/acme").fetch_history()
            signals = [one for one in history.events if one.HasField("workflow_execution_signaled_event_attributes")]
            assert len(signals) == 1
            await asyncio.sleep(0.5)

    asyncio.run(woken())
    assert AuditTrail(desk.database).entries("acme")[0].actor == "kim"
