"""Files go in over SFTP and FTP and come out over HTTP, and the other way round; logins; what is kept."""

from io import BytesIO
from pathlib import Path

import asyncssh
import pytest

from tests.sandboxes.fileserver.conftest import Box, start

BOTH = pytest.mark.parametrize("protocol", ["sftp", "ftp"])


@BOTH
async def test_an_upload_is_in_the_history(box: Box, protocol: str) -> None:
    """Name, size, when by the account's clock, and that it is complete; the file is there byte for byte."""
    box.clock("2026-12-01T03:00:00+00:00")
    data = bytes(range(256)) * 2000
    await box.put(protocol, "F20261201merchant.dat", data)
    (found,) = box.control.get("/uploads").json()
    assert found == {
        "no": 1,
        "path": "/F20261201merchant.dat",
        "protocol": protocol,
        "started": "2026-12-01T03:00:00+00:00",
        "finished": "2026-12-01T03:00:00+00:00",
        "size": 512000,
        "complete": True,
        "fault": "",
        "renamed_to": "",
    }
    assert box.content("/F20261201merchant.dat") == data
    assert box.effects() == [("uploaded", "/F20261201merchant.dat", 512000)]


@BOTH
async def test_an_upload_under_a_working_name(box: Box, protocol: str) -> None:
    """Upload, rename, replace, list, read back, delete: the history knows the new name."""
    box.configure(folders=["in/done"])
    if protocol == "sftp":
        async with box.sftp() as client:
            async with client.open("in/a.tmp", "wb") as file:
                await file.write(b"one")
            await client.posix_rename("in/a.tmp", "/in/done/a.dat")
            assert [str(one) for one in await client.listdir("in/done") if one not in (".", "..")] == ["a.dat"]
            async with client.open("/in/done/a.dat", "rb") as file:
                assert await file.read() == b"one"
            await client.remove("in/done/a.dat")
    else:
        with box.ftp() as ftp:
            ftp.cwd("in")
            ftp.storbinary("STOR a.tmp", BytesIO(b"one"))
            ftp.rename("a.tmp", "done/a.dat")
            assert ftp.nlst("done") == ["a.dat"]
            back = BytesIO()
            ftp.retrbinary("RETR done/a.dat", back.write)
            assert back.getvalue() == b"one"
            ftp.delete("done/a.dat")
            ftp.quit()
    assert box.effects() == [
        ("uploaded", "/in/a.tmp", 3),
        ("renamed", "/in/a.tmp", None),
        ("deleted", "/in/done/a.dat", None),
    ]
    assert box.control.get("/uploads").json()[0]["renamed_to"] == "/in/done/a.dat"
    assert box.files() == {}


async def test_both_protocols_see_the_same_folder(box: Box) -> None:
    """What one puts the other gets, and the control routes put and delete too, without an upload in the history."""
    assert box.control.put("/files/sub/x.dat", content=b"from outside").status_code == 204
    async with box.sftp() as client:
        async with client.open("sub/x.dat", "rb") as file:
            assert await file.read() == b"from outside"
        async with client.open("y.dat", "wb") as file:
            await file.write(b"12345")
    with box.ftp() as ftp:
        ftp.voidcmd("TYPE I")
        assert ftp.size("y.dat") == 5
        ftp.storbinary("APPE y.dat", BytesIO(b"67"))
    assert box.content("/y.dat") == b"1234567"
    assert box.files() == {"/sub/x.dat": 12, "/y.dat": 7}
    assert box.uploads() == [("/y.dat", 5, True), ("/y.dat", 7, True)]
    assert box.control.delete("/files/y.dat").status_code == 204
    assert box.control.delete("/files/y.dat").status_code == 404
    assert box.control.get("/files/none").status_code == 404


async def test_accounts_are_shut_in(box: Box, tmp_path: Path) -> None:
    """Nobody leaves the own home folder, links are not made, and the control routes stay inside too."""
    other = Box(box.url, f"{box.name}-2")
    other.configure()
    other.control.put("/files/secret.dat", content=b"s")
    async with box.sftp() as client:
        with pytest.raises(asyncssh.SFTPError):
            await client.open(f"../{other.name}/secret.dat", "rb")
        with pytest.raises(asyncssh.SFTPPermissionDenied):
            await client.symlink("/etc", "etc")
        async with client.open("../../up.dat", "wb") as file:
            await file.write(b"x")
    with box.ftp() as ftp:
        with pytest.raises(Exception, match="550"):
            ftp.retrbinary(f"RETR ../{other.name}/secret.dat", lambda _: None)
        assert ftp.pwd() == "/"
    assert box.files() == {"/up.dat": 1}
    assert box.control.get(f"/files/%2e%2e/{other.name}/secret.dat").status_code == 422
    assert box.control.put("/files/%2e%2e/x", content=b"x").status_code == 422
    other.close()


async def test_logins(box: Box) -> None:
    """By password and by key; a wrong one, another's and a switched-off protocol are refused."""
    key, stranger = asyncssh.generate_private_key("ssh-ed25519"), asyncssh.generate_private_key("ssh-ed25519")
    box.configure(public_keys=[key.export_public_key().decode()], password="secret", user=f"{box.name}-u")
    for login in ({"password": "secret"}, {"password": None, "client_keys": [key]}):
        async with box.sftp(**login) as client:
            assert await client.getcwd() == "/"
    for login in ({"password": "wrong"}, {"password": ""}, {"password": None, "client_keys": [stranger]}):
        with pytest.raises(asyncssh.PermissionDenied):
            async with box.sftp(**login):
                pass
    box.password = "wrong"
    with pytest.raises(Exception, match="530"), box.ftp():
        pass
    box.configure(protocols=["sftp"])
    with pytest.raises(Exception, match="530"), box.ftp():
        pass
    box.configure(protocols=["ftp"], password="")
    with pytest.raises(asyncssh.PermissionDenied):
        async with box.sftp(password=""):
            pass
    box.user = "nobody"
    with pytest.raises(asyncssh.PermissionDenied):
        async with box.sftp():
            pass
    log = [(one["protocol"], one["ok"]) for one in box.control.get("/log").json() if one["call"] == "login"]
    assert ("sftp", True) in log
    assert ("ftp", False) in log


async def test_everything_survives_a_killed_process(tmp_path: Path) -> None:
    """Accounts, files, history, effects, clock and the host key are there after a restart."""
    process = start(tmp_path / "files.db")
    box = Box(process.url, "kept")
    box.configure(password="pass")
    box.clock("2026-12-01T03:00:00+00:00")
    await box.put("sftp", "a.dat", b"aaa")
    await box.put("ftp", "b.dat", b"bb")

    def everything() -> list[object]:
        return [box.control.get(f"/{path}").json() for path in ("uploads", "effects", "files", "clock", "state")]

    before, key = everything(), box.host_key
    box.close()
    process.kill()
    process = start(tmp_path / "files.db")
    box = Box(process.url, "kept")
    box.user, box.password, box.host_key = "kept", "pass", key
    found = box.http.get("/control/accounts/kept").json()
    box.sftp_port, box.ftp_port = found["sftp_port"], found["ftp_port"]
    assert everything() == before
    async with box.sftp() as client, client.open("a.dat", "rb") as file:
        assert await file.read() == b"aaa"
    box.configure(reset=True)
    assert (box.files(), box.uploads(), box.effects()) == ({}, [], [])
    box.close()
    assert "Traceback" not in process.said()
    process.stop()


def test_control_mistakes_are_refused(box: Box) -> None:
    """Unknown keys, names and users of others are answered with a reason."""
    for body in ({"colour": "red"}, {"public_keys": ["no key"]}, {"protocols": ["scp"]}, {"user": "../x"}):
        assert box.http.put(f"/control/accounts/{box.name}", json=body).status_code == 422, body
    assert box.http.put("/control/accounts/.hidden", json={}).status_code == 422
    assert box.http.put(f"/control/accounts/{box.name}-3", json={"user": box.user}).status_code == 409
    assert box.http.get("/control/accounts/nobody/files").status_code == 404
    for fault in (
        {"call": "upload", "kind": "malformed"},
        {"call": "upload", "kind": "special", "name": "rain"},
        {"call": "*", "kind": "refuse"},
        {"call": "login", "kind": "drop_after"},
    ):
        assert box.control.post("/faults", json=fault).status_code == 422, fault


async def test_the_page_shows_files_and_history(box: Box) -> None:
    """Names of files are shown as text, passwords are not shown."""
    await box.put("sftp", "<b>.dat", b"1")
    page = box.http.get("/").text
    assert "&lt;b&gt;.dat" in page
    assert "<b>.dat" not in page
    assert box.password not in page
