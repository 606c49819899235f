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

START_SECONDS = 120.0
STOP_SECONDS = 25.0
_LOOK = 0.05
# stopped last: the others say goodbye to them
_SURROUNDINGS = ("temporal", "pixi", "unzer", "mailbox", "stripe", "paygate", "fileserver")


class CannotStart(Exception):
    """One clear sentence about why the embedded start cannot go on, and what to do."""


@dataclass
class Running:
    """One started process and the file of its output."""

    spec: ProcessSpec
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def runs(self) -> bool:
        return self.process.poll() is None

    def signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)


@dataclass
class Launcher:
    """Processes in the order in which they were started. `hurried`: whoever does not stop at once is killed."""

    places: Places
    running: list[Running] = field(default_factory=list)
    hurried: bool = False

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
                how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"has stopped with exit code {code}"
                raise CannotStart(f"{one.spec.name} {how}; its last words are in {one.log}")

    def stop(self, tell: Callable[[str], None] = lambda name: None) -> None:
        """Stop everything that was started; what does not stop in time is killed.

        Our own processes first, side by side, then those around them. A terminal that is gone hears nothing of it.
        """
        for around in (False, True):
            wave = [one for one in reversed(self.running) if (one.spec.name in _SURROUNDINGS) is around]
            for one in wave:
                with contextlib.suppress(OSError):
                    tell(one.spec.name)
                one.signal(signal.SIGTERM)
            deadline = time.monotonic() + STOP_SECONDS
            while any(one.runs for one in wave):
                if self.hurried or time.monotonic() > deadline:
                    for one in wave:
                        one.signal(signal.SIGKILL)
                time.sleep(_LOOK)
        self.running.clear()

    def hurry(self) -> None:
        """Do not wait for anybody any longer."""
        self.hurried = True


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

    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
    except OSError as error:
        raise CannotStart(
            f"The folder {folder} cannot be written ({error.strerror}): choose another with --folder."
        ) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CannotStart(
                f"Another Holdfast runs on the folder {folder}: stop it, or choose another with --folder."
            ) from None
        yield
