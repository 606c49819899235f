"""Starts a sandbox as the server it is: own process, free port of the loopback address."""

import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.support.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN = 60.0


@dataclass
class SandboxProcess:
    """A running sandbox; `stop` ends it, `kill` ends it without a farewell."""

    url: str
    port: int
    process: "subprocess.Popen[bytes]"
    output: IO[bytes]

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.output.close()

    def said(self) -> str:
        """What the process has written so far."""
        self.output.seek(0)
        return self.output.read().decode("utf-8", "replace")


def start_sandbox(module: str, *, state: Path | None = None, extra: Sequence[str] = ()) -> SandboxProcess:
    """Start `python -m module` on a free port and wait until `/control/health` answers.

    Raises RuntimeError with the output of the process when it ends or does not answer in time.
    """
    port = free_port()
    command = [sys.executable, "-m", module, "--port", str(port), "--host", "127.0.0.1"]
    command += ["--state", str(state)] if state is not None else []
    output = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen([*command, *extra], cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT)
    started = SandboxProcess(f"http://127.0.0.1:{port}", port, process, output)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    limit = time.monotonic() + READY_WITHIN
    while time.monotonic() < limit:
        if process.poll() is not None:
            break
        try:
            with opener.open(f"{started.url}/control/health", timeout=2) as answer:
                if answer.status == 200:
                    return started
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    said = started.said()
    started.kill()
    raise RuntimeError(f"{module} did not become ready:\n{said}")
