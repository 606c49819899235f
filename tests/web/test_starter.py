"""`python starter.py` as a process of its own, without Temporal."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.support.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120  # importing everything takes its time on a busy machine


@contextmanager
def starter(url: str, port: int) -> Iterator["subprocess.Popen[str]"]:
    """The running process."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HOLDFAST_")} | {
        "HOLDFAST_DATABASE_URL": url,
        "HOLDFAST_TEMPORAL_ADDRESS": "127.0.0.1:1",
        "HOLDFAST_PROFILE": "fast",
        "HOLDFAST_STARTER_PORT": str(port),
    }
    command = [sys.executable, str(ROOT / "starter.py")]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def answer_of(address: str, process: "subprocess.Popen[str]") -> httpx.Response:
    """The first answer of a process that is starting."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            return httpx.get(address, timeout=10)
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(f"no answer; the process ended with {process.poll()}")


def test_it_serves_without_temporal_and_stops_in_order(migrated: Path, tmp_path: Path) -> None:
    """Pages and reads work, readiness says what is missing, and SIGTERM ends it with 0."""
    path = tmp_path / "holdfast.db"
    path.write_bytes(migrated.read_bytes())
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with starter(f"sqlite:///{path}", port) as process:
        assert answer_of(f"{address}/health", process).status_code == 200
        ready = httpx.get(f"{address}/ready", timeout=10)
        assert (ready.status_code, ready.json()["error"]["message"]) == (503, "Cannot be reached: Temporal.")
        assert httpx.get(f"{address}/?lang=en", timeout=10).status_code == 200
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, log
    assert "starter.stopped" in log
    assert "Traceback" not in log


def test_a_broken_database_ends_it_with_one_sentence(tmp_path: Path) -> None:
    """No stack trace, exit code 1."""
    path = tmp_path / "holdfast.db"
    path.write_bytes(b"this is no database" * 100)
    with starter(f"sqlite:///{path}", free_port()) as process:
        _, log = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert "damaged or no database" in log
    assert "Traceback" not in log
