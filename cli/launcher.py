"""Starts the processes of the embedded Holdfast, watches them, and stops everything it started."""

import contextlib
import os
import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from cli.processes import LOOPBACK, ROOT, Places, ProcessSpec

START_SECONDS = 60.0
STOP_SECONDS = 25.0
_LOG_TAIL = 15


class CannotStart(Exception):
    """One clear sentence about why the embedded start cannot go on, and what to do."""


@dataclass
class Running:
    """One started process and the file of its output."""

    spec: ProcessSpec
    process: subprocess.Popen[bytes]
    log: Path

    def tail(self) -> str:
        """The last lines of its output."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-_LOG_TAIL:])


@dataclass
class Launcher:
    """Processes in the order in which they were started; stopped in reverse."""

    places: Places
    running: list[Running] = field(default_factory=list)

    def start(self, spec: ProcessSpec) -> Running:
        """Start one process in a session of its own, so that a Ctrl-C of the terminal reaches only the launcher."""
        logs = self.places.folder / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        path = logs / f"{spec.name}.log"
        with path.open("ab") as output:
            process = subprocess.Popen(
                spec.argv,
                cwd=ROOT,
                env={**os.environ, **spec.env},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        started = Running(spec, process, path)
        self.running.append(started)
        return started

    def wait_healthy(self, started: Running, seconds: float = START_SECONDS) -> None:
        """Until its health address answers; CannotStart when it ends before or never answers."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.check()
            if not started.spec.health or _answers(started.spec.health):
                return
            time.sleep(0.05)
        raise CannotStart(f"{started.spec.name} did not get ready; its output is in {started.log}")

    def check(self) -> None:
        """CannotStart when one of the processes has ended by itself."""
        for one in self.running:
            code = one.process.poll()
            if code is not None:
                raise CannotStart(
                    f"{one.spec.name} has stopped (exit code {code}); the end of {one.log}:\n{one.tail()}"
                )

    def stop(self, tell: Callable[[str], None] = lambda name: None) -> None:
        """Stop everything that was started, the last first; what does not stop in time is killed."""
        for one in reversed(self.running):
            tell(one.spec.name)
            with contextlib.suppress(ProcessLookupError):
                one.process.send_signal(signal.SIGTERM)
            try:
                one.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                one.process.kill()
                one.process.wait()
        self.running.clear()


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2, trust_env=False).status_code < 500
    except httpx.HTTPError:
        return False


def check_ports(places: Places) -> None:
    """Every port must be free; CannotStart names the first that is taken."""
    for what, port in places.ports.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                raise CannotStart(
                    f"Port {port} for {what} is taken: stop what listens there (perhaps another Holdfast), "
                    f"or choose other ports with --ports <first port>."
                ) from None


def check_files(files: Sequence[Path]) -> None:
    """Every database file that exists must be readable and whole; CannotStart names the first that is not."""
    for path in files:
        if not path.exists():
            continue
        try:
            with contextlib.closing(sqlite3.connect(path, timeout=2)) as database:
                answer = database.execute("PRAGMA quick_check(1)").fetchone()
        except sqlite3.DatabaseError as error:
            answer = (str(error),)
        if answer is None or answer[0] != "ok":
            raise CannotStart(
                f"The database file {path} cannot be used ({answer[0] if answer else 'no answer'}): "
                f"move it away to start anew, or put a backup in its place."
            )


@contextlib.contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Holds the folder's lock, so that two Holdfasts never share one state."""
    import fcntl

    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CannotStart(
                f"Another Holdfast runs on the folder {folder}: stop it, or choose another with --folder."
            ) from None
        yield
