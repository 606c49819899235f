"""Runs the command `holdfast` as a person does: in a terminal's process group of its own, with ports of its own."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from cli.launcher import check_ports
from cli.main import LISTENERS, places_of
from cli.processes import ROOT, Places
from tests.e2e.conftest import PATIENCE, eventually
from tests.support.ports import free_ports


def first_of_free_ports() -> int:
    """The first of as many ports in a row as a Holdfast needs, all free now."""
    return free_ports(len(LISTENERS))[0]


@dataclass
class Command:
    """A running `holdfast up` or `holdfast demo`."""

    process: "subprocess.Popen[bytes]"
    output: Path
    places: Places
    seen: set[psutil.Process]

    @classmethod
    def start(cls, folder: Path, first_port: int, *arguments: str) -> "Command":
        """Start it; what it writes goes to a file beside the folder."""
        number = len(list(folder.parent.glob("said-*")))
        output = folder.parent / f"said-{number}.txt"
        environment = {**os.environ, "PYTHONUNBUFFERED": "1", "COLUMNS": "200", "NO_COLOR": "1"}
        command = [sys.executable, "-m", "cli.main", *arguments, "--folder", str(folder), "--ports", str(first_port)]
        with output.open("wb") as said:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return cls(process, output, places_of(folder, first_port), set())

    def said(self) -> str:
        return self.output.read_text(encoding="utf-8", errors="replace")

    def wait_for(self, text: str) -> None:
        """Until it has written `text`; fails when it ends before."""

        def written() -> bool:
            self.look()
            return text in self.said() or self.process.poll() is not None

        eventually(f"{text!r} is not written", written)
        assert text in self.said(), self.said()

    def look(self) -> set[psutil.Process]:
        """Remember the processes that it has started by now."""
        with suppress(psutil.NoSuchProcess):
            self.seen |= set(psutil.Process(self.process.pid).children(recursive=True))
        return self.seen

    def child(self, part: str) -> psutil.Process:
        """The started process whose command line has `part` in it."""
        return next(one for one in self.look() if any(part in word for word in _words_of(one)))

    def press(self, number: signal.Signals) -> None:
        """What a terminal sends, it sends to the whole process group."""
        self.look()
        os.killpg(self.process.pid, number)

    def end(self) -> int:
        """Wait for its end; nothing that it started may be left, and its ports must be free again."""
        self.look()
        code = self.process.wait(PATIENCE)
        left = [one for one in self.seen if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
        assert left == [], f"left running: {left}\n{self.said()}"
        check_ports(self.places)
        return code

    def kill(self) -> None:
        """Whatever is left, after a test that failed."""
        for one in self.look():
            with suppress(psutil.NoSuchProcess):
                one.kill()
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def _words_of(process: psutil.Process) -> list[str]:
    """Its command line; nothing once it has ended."""
    try:
        return process.cmdline()
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return []
