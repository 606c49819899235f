"""The image takes in what runs and nothing else, and installs only what the lock names."""

from pathlib import Path

import pytest

from tests.architecture.sources import PACKAGES

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="module")
def let_in() -> set[str]:
    """What .dockerignore lets through its closed door."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in lines
    return {line.removeprefix("!") for line in lines if line.startswith("!")}


def test_every_package_that_runs_enters_the_image(let_in: set[str]) -> None:
    """All packages of the house but the benchmark, and the modules beside them."""
    assert let_in >= set(PACKAGES) - {"bench"}
    assert let_in >= {path.name for path in ROOT.glob("*.py")}


def test_nothing_else_enters_the_image(let_in: set[str]) -> None:
    """No tests, no history, no state, no secrets."""
    allowed = {*PACKAGES, "pyproject.toml", "requirements.lock", "worker.py", "starter.py", "settings.py"}
    assert let_in - allowed == set()


def test_the_image_installs_by_hash_and_runs_as_nobody_special() -> None:
    """Both stages stand on one pinned Python, and the process is not root."""
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert any(line.startswith("RUN pip install --require-hashes -r") for line in lines)
    assert [line for line in lines if line.startswith("USER")] == ["USER holdfast"]
    assert {line.split()[1] for line in lines if line.startswith("FROM")} == {"${PYTHON}"}
