"""The job that prepares Temporal's namespace, run as it stands against a development server."""

import os
import re
import subprocess
import sysconfig
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.ports import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
SCRIPTS = Path(sysconfig.get_path("scripts"))
ATTRIBUTES = {
    **dict.fromkeys(("Tenant", "OrderNo", "Family", "State", "Problem", "Provider"), "Keyword"),
    "NextDue": "Datetime",
    "NeedsHuman": "Bool",
}


def run(command: list[str], address: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PATH": f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}",
        "TEMPORAL_ADDRESS": address,
        "TEMPORAL_NAMESPACE": "holdfast",
        "RETENTION": "60d",
    }
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture
def server() -> Iterator[str]:
    """The address of a Temporal server in memory without the namespace."""
    address = f"127.0.0.1:{free_port()}"
    command = [str(SCRIPTS / "temporal"), "server", "start-dev", "--headless", "--log-level", "never"]
    process = subprocess.Popen([*command, "--port", address.partition(":")[2]], stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while run(["temporal", "operator", "cluster", "health"], address).returncode != 0:
            assert process.poll() is None, "the server ended"
            assert time.monotonic() < deadline, "the server does not answer"
            time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)


def test_the_namespace_job_creates_what_operators_search_by_and_can_be_repeated(server: str) -> None:
    """Both runs succeed, and afterwards the namespace has our attributes with their types."""
    job = ["sh", str(ROOT / "deploy" / "temporal" / "prepare-namespace.sh")]
    for _ in range(2):
        answer = run(job, server)
        assert answer.returncode == 0, answer.stdout + answer.stderr
    listed = run(["temporal", "operator", "search-attribute", "list"], server).stdout
    rows = dict(re.findall(r"^\s*(\w+)\s+(\w+)\s*$", listed, re.MULTILINE))
    assert {name: kind for name, kind in rows.items() if name in ATTRIBUTES} == ATTRIBUTES
    described = run(["temporal", "operator", "namespace", "describe", "-n", "holdfast"], server).stdout
    assert "1440h" in described


def test_the_embedded_start_registers_the_same_attributes() -> None:
    """Operators find the same fields in the small start and in production."""
    from cli.processes import embedded_processes
    from settings import Settings

    (temporal,) = [spec for spec in embedded_processes(Settings()) if spec.name == "temporal"]
    given = [temporal.argv[at + 1] for at, word in enumerate(temporal.argv) if word == "--search-attribute"]
    assert dict(attribute.split("=", 1) for attribute in given) == ATTRIBUTES
