"""Files on a real SFTP and a real FTP server: one complete file in the end, whatever happens on the way."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import asyncssh
import pytest

from adapters.file_drop.account import DropAccount
from adapters.file_drop.adapter import OPENERS
from adapters.file_drop.session import Lost, Session
from adapters.file_drop.trial import try_drop
from domain import reasons
from domain.file_drop import DropLogin, DropProtocol, DropVerdict
from domain.outcomes import OperationResult, Outcome
from storage.gates import Gates
from storage.journal import SqlJournal
from tests.contract.file_drop.conftest import CONTENT, NAME, PARCEL, Dropping
from tests.sandboxes.fileserver.conftest import Box
from tests.support.ports import free_port
from tests.support.sandbox_process import ROOT

SOON = timedelta(seconds=1)


def ended(result: OperationResult) -> tuple[Outcome, str]:
    return result.outcome, result.reason


async def test_a_file_appears_whole_under_its_name(dropping: Dropping) -> None:
    """It is written under a working name that nobody fetches, then renamed; and asked for again it is there."""
    result = await dropping.put()
    assert ended(result) == (Outcome.SUCCEEDED, "")
    assert (result.evidence.reference, result.evidence.found_by_reading) == (f"in/{NAME}", False)
    dropping.there()
    assert [one[0] for one in dropping.box.effects()] == ["uploaded", "renamed"]
    assert dropping.box.effects()[0][1] == f"/in/{PARCEL.working_name}"
    assert await dropping.put() == result


async def test_an_empty_file_and_no_folder(dropping: Dropping) -> None:
    """Both are files and places like any other."""
    dropping.changes["folder"] = ""
    dropping.parcel = replace(PARCEL, content=b"")
    assert (await dropping.put()).outcome is Outcome.SUCCEEDED
    assert dropping.box.files() == {f"/{NAME}": 0}


async def test_a_file_that_is_there_already_is_found(dropping: Dropping) -> None:
    """The same bytes under the same name are a success; nothing is written."""
    dropping.box.control.put(f"/files/in/{NAME}", content=CONTENT)
    result = await dropping.put()
    assert (result.outcome, result.evidence.found_by_reading) == (Outcome.SUCCEEDED, True)
    assert dropping.box.effects() == []


@pytest.mark.parametrize("other", [b"other", CONTENT[:-1] + b"!"])
async def test_another_file_of_that_name_is_left_alone(dropping: Dropping, other: bytes) -> None:
    """A definite no: nobody overwrites what somebody may have put there."""
    dropping.box.control.put(f"/files/in/{NAME}", content=other)
    assert ended(await dropping.put()) == (Outcome.DECLINED, reasons.NAME_TAKEN)
    assert dropping.box.content(f"/in/{NAME}") == other
    assert dropping.box.effects() == []


# -- the way in


async def test_nobody_listens(dropping: Dropping) -> None:
    """Nothing has left, and the next try is a fresh one."""
    dropping.changes["port"] = free_port()
    assert ended(await dropping.put()) == (Outcome.NOT_SENT, reasons.UNREACHABLE)
    dropping.changes.clear()
    await dropping.arrives(1)
    dropping.there()


async def test_a_host_without_a_name(dropping: Dropping) -> None:
    """A name that nobody knows, in the words of the outcome."""
    dropping.changes |= {"host": "files.invalid", "host_key": dropping.account.host_key}
    assert ended(await dropping.put()) == (Outcome.NOT_SENT, reasons.UNREACHABLE)


async def test_refused_connections(dropping: Dropping) -> None:
    """A server that cuts whoever comes, twice."""
    dropping.box.http.put("/control/refusals", json={dropping.protocol: 2}).raise_for_status()
    assert await dropping.arrives() == [Outcome.NOT_SENT, Outcome.NOT_SENT, Outcome.SUCCEEDED]
    dropping.there()


async def test_refused_logins(dropping: Dropping) -> None:
    """A matter of settings, until it works."""
    dropping.box.arm("login", "refuse", times=2)
    assert ended(await dropping.put()) == (Outcome.NOT_SENT, reasons.MISCONFIGURED)
    assert await dropping.arrives() == [Outcome.NOT_SENT, Outcome.SUCCEEDED]
    dropping.there()


async def test_a_missing_folder(dropping: Dropping) -> None:
    """It is not made up: somebody has to look at the settings."""
    dropping.changes["folder"] = "elsewhere"
    assert ended(await dropping.put()) == (Outcome.NOT_SENT, reasons.MISCONFIGURED)
    dropping.changes.clear()
    await dropping.arrives(1)
    dropping.there()


async def test_a_private_key_instead_of_a_password(box: Box, journal: SqlJournal) -> None:
    """The server knows the public half; what is no key, or a stranger's, gets nobody in."""
    key, stranger = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    box.configure(public_keys=[key.export_public_key().decode()], password="", folders=["in"])
    dropping = Dropping(box, "sftp", journal)
    dropping.changes |= {"login": DropLogin.KEY, "secret": "no key"}
    assert ended(await dropping.put()) == (Outcome.NOT_SENT, reasons.MISCONFIGURED)
    dropping.changes["secret"] = stranger.export_private_key().decode()
    assert ended(await dropping.put()) == (Outcome.NOT_SENT, reasons.MISCONFIGURED)
    dropping.changes["secret"] = key.export_private_key().decode()
    await dropping.arrives(1)
    dropping.there()


async def test_a_server_with_another_host_key_gets_nothing(box: Box, journal: SqlJournal) -> None:
    """Neither the password nor the file is told to whoever answers there."""
    dropping = Dropping(box, "sftp", journal)
    stranger = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
    for wrong in (stranger, "ssh-ed25519 AAAA"):
        dropping.changes["host_key"] = wrong
        assert ended(await dropping.put()) == (Outcome.NOT_SENT, reasons.MISCONFIGURED)
    assert [one for one in box.control.get("/log").json() if one["call"] == "login"] == []
    dropping.changes["host_key"] = ""  # on this very machine nobody else can answer
    await dropping.arrives(1)
    dropping.there()


# -- the way of the file


FAULTS: list[tuple[str, str, dict[str, Any]]] = [
    ("upload", "special", {"name": "break", "params": {"after_bytes": 0}}),
    ("upload", "special", {"name": "break", "params": {"after_bytes": 50_000}}),
    ("upload", "special", {"name": "disk_full", "params": {"after_bytes": 50_000}}),
    ("upload", "refuse", {}),
    ("upload", "drop_after", {}),
    ("rename", "refuse", {}),
]


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize(("call", "kind", "more"), FAULTS)
async def test_what_fails_before_the_rename_was_never_sent(
    dropping: Dropping, call: str, kind: str, more: dict[str, Any], times: int
) -> None:
    """Broken uploads, full disks, refusals: never half a file under its name, and one complete file in the end."""
    dropping.box.arm(call, kind, times=times, **more)
    outcomes = await dropping.arrives()
    assert outcomes == [*[Outcome.NOT_SENT] * times, Outcome.SUCCEEDED]
    dropping.there()
    assert dropping.renames() == 1


async def test_a_rename_without_an_answer_is_asked_about(dropping: Dropping) -> None:
    """It may have happened: what is found by reading ends the matter, and nothing is written again."""
    dropping.box.arm("rename", "drop_after")
    assert ended(await dropping.put()) == (Outcome.UNKNOWN, reasons.NO_ANSWER)
    result = await dropping.put(SOON)
    assert (result.outcome, result.evidence.found_by_reading) == (Outcome.SUCCEEDED, True)
    dropping.there()
    assert dropping.renames() == 1


async def test_a_file_that_was_fetched_before_the_answer_is_not_put_there_twice(dropping: Dropping) -> None:
    """The rename was not answered and the merchant took the file at once: both names gone mean that it arrived."""
    dropping.box.arm("rename", "drop_after")
    await dropping.put()
    dropping.box.control.delete(f"/files/in/{NAME}").raise_for_status()
    result = await dropping.put(SOON)
    assert (result.outcome, result.evidence.found_by_reading) == (Outcome.SUCCEEDED, True)
    assert dropping.box.files() == {}


async def test_a_refused_rename_is_no_sign_of_a_fetched_file(dropping: Dropping) -> None:
    """Somebody tidied up after a refusal: the file is put there anew."""
    dropping.box.arm("rename", "refuse")
    assert (await dropping.put()).outcome is Outcome.NOT_SENT
    dropping.box.control.delete(f"/files/in/{PARCEL.working_name}").raise_for_status()
    await dropping.arrives(1)
    dropping.there()


async def test_a_rename_that_never_arrived_waits_for_its_time(dropping: Dropping) -> None:
    """While it may still take effect nothing is sent; afterwards the file is written and renamed once more."""
    state = {"cut": True}

    @asynccontextmanager
    async def cutting(account: DropAccount) -> AsyncIterator[Session]:
        async with OPENERS[account.protocol](account) as session:
            plain = session.rename

            async def rename(path: str, new: str) -> None:
                if state.pop("cut", False):
                    raise Lost
                await plain(path, new)

            session.rename = rename  # type: ignore[method-assign]
            yield session

    dropping.openers = dict.fromkeys(DropProtocol, cutting)
    assert (await dropping.put()).outcome is Outcome.UNKNOWN
    assert ended(await dropping.put(SOON)) == (Outcome.UNKNOWN, reasons.TOO_EARLY)
    assert (await dropping.put()).outcome is Outcome.SUCCEEDED
    dropping.there()


async def test_a_folder_that_may_not_be_read(dropping: Dropping) -> None:
    """Where we may only write, a file of our size that we have sent is ours; one that we have not is another's."""
    dropping.box.arm("download", "refuse", times=-1)
    dropping.box.arm("rename", "drop_after")
    assert (await dropping.put()).outcome is Outcome.UNKNOWN
    assert (await dropping.put(SOON)).outcome is Outcome.SUCCEEDED
    dropping.there()


@pytest.mark.parametrize(
    ("kind", "more"), [("special", {"name": "slow", "seconds": 0.02}), ("delay", {"seconds": 0.3})]
)
async def test_a_slow_server_gets_there(dropping: Dropping, kind: str, more: dict[str, Any]) -> None:
    """Slowness is no failure."""
    dropping.box.arm("upload", kind, **more)
    await dropping.arrives(1)
    dropping.there()


async def test_a_server_that_falls_silent_is_not_waited_for_for_ever(dropping: Dropping) -> None:
    """After the time for a request the try ends, and the next one succeeds."""
    dropping.changes["request_seconds"] = 0.5
    dropping.box.arm("upload", "delay", seconds=3)
    assert ended(await dropping.put()) == (Outcome.NOT_SENT, reasons.NO_ANSWER)
    dropping.changes.clear()
    await dropping.arrives(1)
    dropping.there()


async def test_a_paused_gate_lets_nothing_through(dropping: Dropping) -> None:
    """Nobody even logs in."""
    gates: Gates = dropping.journal._gates
    gates.pause("drop/acme/acme", "by hand")
    assert ended(await dropping.put()) == (Outcome.NOT_SENT, reasons.PAUSED)
    assert dropping.box.control.get("/log").json() == []


# -- deaths


class Died(BaseException):
    """The worker is gone: nobody hears what would have come next."""


@pytest.mark.parametrize("step", ["size", "write", "written", "rename", "renamed"])
async def test_a_worker_that_dies_leaves_one_file_in_the_end(dropping: Dropping, step: str) -> None:
    """Whatever step it died in, the next one goes on: nothing is lost, nothing is there twice or by half."""
    alive = {"dies": True}

    def fatal(name: str) -> None:
        if name == step and alive.pop("dies", False):
            raise Died

    @asynccontextmanager
    async def mortal(account: DropAccount) -> AsyncIterator[Session]:
        async with OPENERS[account.protocol](account) as session:
            size, write, rename = session.size, session.write, session.rename

            async def sized(path: str) -> int | None:
                fatal("size")
                return await size(path)

            async def wrote(path: str, content: bytes) -> None:
                if step == "write" and alive.get("dies"):
                    await write(path, content[:70_000])
                fatal("write")
                await write(path, content)
                fatal("written")

            async def renamed(path: str, new: str) -> None:
                fatal("rename")
                await rename(path, new)
                fatal("renamed")

            session.size, session.write, session.rename = sized, wrote, renamed  # type: ignore[method-assign]
            yield session

    dropping.openers = dict.fromkeys(DropProtocol, mortal)
    with pytest.raises(Died):
        await dropping.put()
    dropping.never_half()
    await dropping.arrives(2)
    dropping.there()
    assert dropping.renames() == 1


_CHILD = """
import asyncio, sys
from adapters.file_drop.account import DropAccount
from adapters.file_drop.adapter import ServerFileDrop
from domain.file_drop import DropProtocol
from domain.ports import Earlier, Permits
from tests.contract.file_drop.conftest import PARCEL
protocol, port, user, password, key = sys.argv[1:]
account = DropAccount(DropProtocol(protocol), "127.0.0.1", int(port), user, password, folder="in", host_key=key)
asyncio.run(ServerFileDrop(lambda tenant: account).put(PARCEL, Earlier(), Permits(lambda: None, lambda: None)))
"""


@pytest.mark.parametrize("protocol", ["sftp", "ftp"])
@pytest.mark.parametrize("arrived", [60_000, len(CONTENT)], ids=["in the upload", "before the rename"])
async def test_a_killed_process_leaves_one_file_in_the_end(
    box: Box, journal: SqlJournal, protocol: str, arrived: int
) -> None:
    """The process of the delivery is killed for real, in the middle of the file and between upload and rename."""
    if arrived < len(CONTENT):
        box.arm("upload", "special", name="slow", seconds=0.2)
    else:
        box.arm("upload", "delay", seconds=20)  # all of it is there, and the answer does not come
    dropping = Dropping(box, protocol, journal)
    account = dropping.account
    arguments = [protocol, str(account.port), account.username, account.secret, account.host_key]
    child = subprocess.Popen([sys.executable, "-c", _CHILD, *arguments], cwd=ROOT, env=os.environ | {"PYTHONPATH": "."})
    limit = time.monotonic() + 60
    while box.files().get(f"/in/{PARCEL.working_name}", 0) < min(arrived, len(CONTENT)):
        assert child.poll() is None, "it should still be at it"
        assert time.monotonic() < limit
        time.sleep(0.05)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    dropping.never_half()
    assert f"/in/{NAME}" not in box.files()
    box.control.delete("/faults")
    await dropping.arrives(2)
    dropping.there()


# -- trying the settings


@pytest.mark.parametrize("protocol", ["sftp", "ftp"])
def test_a_trial_leaves_nothing_behind(box: Box, journal: SqlJournal, protocol: str) -> None:
    """A small file is put there, read and taken away."""
    assert try_drop(Dropping(box, protocol, journal).account, "abc") is DropVerdict.WORKS
    assert box.files() == {}


@pytest.mark.parametrize("protocol", ["sftp", "ftp"])
@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({"host": "files.invalid"}, DropVerdict.HOST_UNKNOWN),
        ({"port": 1}, DropVerdict.UNREACHABLE),
        ({"secret": "wrong"}, DropVerdict.LOGIN_REFUSED),
        ({"folder": "nowhere"}, {"sftp": DropVerdict.FOLDER_MISSING, "ftp": DropVerdict.NOT_ALLOWED}),
    ],
)
def test_a_trial_says_where_its_way_ended(
    box: Box, journal: SqlJournal, protocol: str, changes: dict[str, Any], verdict: Any
) -> None:
    """Each cause has a word of its own."""
    account = replace(Dropping(box, protocol, journal).account, **changes)
    assert try_drop(account, "abc") is (verdict[protocol] if isinstance(verdict, dict) else verdict)


def test_secrets_show_nowhere(box: Box, journal: SqlJournal) -> None:
    """Neither account nor parcel shows what it carries."""
    dropping = Dropping(box, "sftp", journal)
    assert dropping.account.secret not in repr(dropping.account)
    assert "CC,Renewal" not in repr(PARCEL)
