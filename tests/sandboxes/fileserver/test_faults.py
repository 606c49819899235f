"""Logins and connections that are refused, uploads that break, a full disk, lost answers."""

import ftplib
from typing import Any

import asyncssh
import pytest

from tests.sandboxes.fileserver.conftest import Box, until
from tests.support.sandbox_process import SandboxProcess

BOTH = pytest.mark.parametrize("protocol", ["sftp", "ftp"])
TROUBLE: tuple[type[Exception], ...] = (asyncssh.Error, OSError, EOFError, ftplib.Error)
DATA = b"0123456789" * 10_000


@BOTH
async def test_a_refused_login(box: Box, protocol: str) -> None:
    """The right password is refused as often as armed."""
    box.arm("login", "refuse", match={"protocol": protocol})
    with pytest.raises((asyncssh.PermissionDenied, ftplib.error_perm)):
        await box.put(protocol, "a.dat", DATA)
    await box.put(protocol, "a.dat", DATA)
    assert box.uploads() == [("/a.dat", len(DATA), True)]


@BOTH
async def test_a_refused_connection(box: Box, protocol: str) -> None:
    """Cut before anything is said, for one protocol; the other one is served."""
    other = "ftp" if protocol == "sftp" else "sftp"
    assert box.http.put("/control/refusals", json={protocol: 2}).json()[protocol] == 2
    for _ in range(2):
        with pytest.raises(TROUBLE):
            await box.put(protocol, "a.dat", DATA)
    await box.put(other, "b.dat", DATA)
    await box.put(protocol, "a.dat", DATA)
    assert box.http.get("/control/refusals").json() == {"sftp": 0, "ftp": 0}
    assert sorted(box.files()) == ["/a.dat", "/b.dat"]


@BOTH
@pytest.mark.parametrize("after", [0, 1000, 70_000])
async def test_a_broken_upload(box: Box, protocol: str, after: int) -> None:
    """The connection is cut after so many bytes: the file is there in part, and the history says so."""
    box.special("break", after_bytes=after)
    with pytest.raises(TROUBLE):
        await box.put(protocol, "a.dat", DATA)
    assert box.uploads() == [("/a.dat", after, False)]
    assert box.content("/a.dat") == DATA[:after]
    assert box.effects() == [("upload_broken", "/a.dat", after)]
    await box.put(protocol, "a.dat", DATA)
    assert box.uploads()[1:] == [("/a.dat", len(DATA), True)]
    assert [one["fault"] for one in box.control.get("/uploads").json()] == ["break", ""]


@BOTH
async def test_a_full_disk(box: Box, protocol: str) -> None:
    """The client hears that it failed, and the connection lives on."""
    box.special("disk_full", after_bytes=500)
    with pytest.raises((asyncssh.SFTPError, ftplib.error_temp, ftplib.error_perm, OSError)):
        await box.put(protocol, "a.dat", DATA)
    ((path, size, _),) = box.uploads()
    assert (path, size) == ("/a.dat", 500)
    await box.put(protocol, "a.dat", DATA)
    assert box.files() == {"/a.dat": len(DATA)}


@BOTH
async def test_an_upload_whose_end_is_not_answered(box: Box, protocol: str) -> None:
    """The file is complete, and the client cannot know it."""
    box.arm("upload", "drop_after", match={"name": "a.dat"})
    await box.put(protocol, "other.dat", b"1")
    with pytest.raises(TROUBLE):
        await box.put(protocol, "a.dat", DATA)
    assert box.uploads() == [("/other.dat", 1, True), ("/a.dat", len(DATA), True)]


@BOTH
@pytest.mark.parametrize("kind", ["refuse", "drop_after"])
async def test_renaming_and_deleting_fail_or_go_unanswered(box: Box, protocol: str, kind: str) -> None:
    """Refused nothing has happened, unanswered it has."""
    box.control.put("/files/a.dat", content=b"1")
    box.arm("rename", kind)
    box.arm("delete", kind)
    with pytest.raises(TROUBLE):
        await _rename(box, protocol)
    name = "/a.dat" if kind == "refuse" else "/b.dat"
    assert box.files() == {name: 1}
    with pytest.raises(TROUBLE):
        await _delete(box, protocol, name)
    assert box.files() == ({name: 1} if kind == "refuse" else {})


async def _rename(box: Box, protocol: str) -> None:
    if protocol == "sftp":
        async with box.sftp() as client:
            await client.rename("a.dat", "b.dat")
    else:
        with box.ftp() as ftp:
            ftp.rename("a.dat", "b.dat")


async def _delete(box: Box, protocol: str, name: str) -> None:
    if protocol == "sftp":
        async with box.sftp() as client:
            await client.remove(name)
    else:
        with box.ftp() as ftp:
            ftp.delete(name)


@BOTH
@pytest.mark.parametrize(
    "fault",
    [{"kind": "special", "name": "slow", "seconds": 0.01}, {"kind": "delay", "seconds": 0.01}],
)
async def test_a_slow_server_gets_there(box: Box, protocol: str, fault: dict[str, Any]) -> None:
    """Nothing is lost, and the history shows that the fault was met."""
    box.arm("upload", **fault)
    await box.put(protocol, "a.dat", DATA)
    assert box.content("/a.dat") == DATA
    (found,) = box.control.get("/uploads").json()
    assert (found["complete"], found["fault"]) == (True, fault.get("name", fault["kind"]))


@BOTH
async def test_files_that_may_not_be_written_or_read(box: Box, protocol: str) -> None:
    """Permission denied, and the next one passes."""
    box.control.put("/files/a.dat", content=b"1")
    box.arm("upload", "refuse")
    with pytest.raises(TROUBLE):
        await box.put(protocol, "b.dat", DATA)
    box.arm("download", "refuse")
    if protocol == "sftp":
        async with box.sftp() as client:
            with pytest.raises(asyncssh.SFTPPermissionDenied):
                await client.open("a.dat", "rb")
            assert await (await client.open("a.dat", "rb")).read() == b"1"
    else:
        with box.ftp() as ftp:
            with pytest.raises(ftplib.error_perm):
                ftp.retrbinary("RETR a.dat", lambda _: None)
            ftp.voidcmd("TYPE I")
            assert ftp.size("a.dat") == 1
    assert box.files() == {"/a.dat": 1}


async def test_a_client_that_goes_away(box: Box) -> None:
    """A connection that ends in the middle leaves an incomplete upload."""
    async with asyncssh.connect(
        "127.0.0.1", box.sftp_port, username=box.user, password=box.password, known_hosts=None, config=None
    ) as connection:
        client = await connection.start_sftp_client()
        file = await client.open("a.dat", "wb")
        await file.write(b"half")
        connection.abort()
    await until(lambda: box.control.get("/uploads").json()[0]["finished"] != "")
    assert box.uploads() == [("/a.dat", 4, False)]


def test_nothing_went_wrong_inside(file_server: SandboxProcess) -> None:
    """No fault made the server stumble."""
    assert "Traceback" not in file_server.said(), file_server.said()
