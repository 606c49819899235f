"""`python worker.py` and `python starter.py` alone: what is missing is said in one event, with exit code 1."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cli.processes import ROOT
from storage.migrate import migrate
from storage.secrets import new_master_key

KEY = {"HOLDFAST_MASTER_KEY": new_master_key()}
NOWHERE = {"HOLDFAST_DATABASE_URL": "postgresql://holdfast:s3cret-word@127.0.0.1:1/holdfast"}


def ended(script: str, **environment: str) -> tuple[int, str]:
    """Exit code and the reason in the only event of a process that cannot start."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("HOLDFAST_")}
    done = subprocess.run(
        [sys.executable, script],
        cwd=ROOT,
        env=own | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    lines = (done.stdout + done.stderr).splitlines()
    assert len(lines) == 1, lines
    event = json.loads(lines[0])
    assert event["event"] == f"{script.removesuffix('.py')}.cannot_start"
    assert event["level"] == "error"
    return done.returncode, event["reason"]


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({}, "HOLDFAST_MASTER_KEY is missing"),
        ({"HOLDFAST_MASTER_KEY": "c2hvcnQ="}, "HOLDFAST_MASTER_KEY is missing or wrong"),
        (KEY | NOWHERE, "127.0.0.1:1"),
        (KEY | {"HOLDFAST_DATABASE_URL": "nonsense"}, "sqlite:///path/to/file"),
        (KEY | {"HOLDFAST_PROFILE": "quick"}, "HOLDFAST_PROFILE"),
    ],
)
def test_the_worker_says_what_is_missing(environment: dict[str, str], told: str) -> None:
    """Key, database and settings: one sentence that names the culprit and never a password."""
    code, reason = ended("worker.py", **environment)
    assert code == 1
    assert told in reason
    assert "s3cret-word" not in reason


@pytest.mark.parametrize(
    ("environment", "told"),
    [(NOWHERE, "127.0.0.1:1"), ({"HOLDFAST_STARTER_PORT": "http"}, "HOLDFAST_STARTER_PORT")],
)
def test_the_starter_says_what_is_missing(environment: dict[str, str], told: str) -> None:
    """Database and settings: one sentence that names the culprit and never a password."""
    code, reason = ended("starter.py", **environment)
    assert code == 1
    assert told in reason
    assert "s3cret-word" not in reason


def test_the_worker_wants_a_migrated_database(tmp_path: Path) -> None:
    """An empty database is not worked on: the sentence names the migrations."""
    url = {"HOLDFAST_DATABASE_URL": f"sqlite:///{tmp_path / 'holdfast.db'}"}
    code, reason = ended("worker.py", **KEY, **url)
    assert code == 1
    assert "migrations" in reason


def test_the_worker_ends_in_order_while_it_waits_for_temporal(tmp_path: Path) -> None:
    """Without a Temporal server it waits, says so, and ends with 0 at once when it is told to."""
    url = f"sqlite:///{tmp_path / 'holdfast.db'}"
    migrate(url)
    environment = {**os.environ, **KEY, "HOLDFAST_DATABASE_URL": url, "HOLDFAST_TEMPORAL_ADDRESS": "127.0.0.1:1"}
    with subprocess.Popen(
        [sys.executable, "worker.py"], cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        event = json.loads(process.stderr.readline())
        assert event["event"] == "temporal.unreachable"
        process.terminate()
        assert process.wait(240) == 0
