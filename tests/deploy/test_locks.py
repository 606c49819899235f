"""The locks: every requirement pinned and hashed, nothing of the machine that wrote them, true to pyproject.toml."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent.parent
RUNTIME = ROOT / "requirements.lock"
EVERYTHING = ROOT / "requirements-dev.lock"


def entries(lock: Path) -> list[str]:
    """One text per requirement, its hashes with it."""
    return lock.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()


def pins(lock: Path) -> dict[str, set[str]]:
    """The versions of each package; more than one where platforms differ."""
    found: dict[str, set[str]] = {}
    for entry in entries(lock):
        requirement = Requirement(entry.partition(" --hash")[0])
        (exact,) = requirement.specifier
        found.setdefault(canonicalize_name(requirement.name), set()).add(exact.version)
    return found


def wanted(*extras: str) -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = [text for extra in extras for text in project["optional-dependencies"][extra]]
    return [Requirement(text) for text in [*project["dependencies"], *named]]


@pytest.mark.parametrize("lock", [RUNTIME, EVERYTHING], ids=lambda lock: lock.name)
def test_every_requirement_is_pinned_and_hashed(lock: Path) -> None:
    """Each entry is one exact version with its hashes, and nothing else: no address, no folder, no option."""
    form = re.compile(r"[a-z0-9._-]+==[^\s;]+( ; [^#]+?)?(\s+--hash=sha256:[0-9a-f]{64})+\s*")
    assert [entry for entry in entries(lock) if not form.fullmatch(entry)] == []


@pytest.mark.parametrize(
    ("lock", "extras"),
    [(RUNTIME, ("sandboxes", "build")), (EVERYTHING, ("sandboxes", "build", "dev"))],
    ids=["runtime", "everything"],
)
def test_the_lock_is_true_to_the_project(lock: Path, extras: tuple[str, ...]) -> None:
    """Whatever pyproject.toml asks for is locked to a version that it accepts; if not: make lock."""
    locked = pins(lock)
    stale = [
        str(requirement)
        for requirement in wanted(*extras)
        if not all(requirement.specifier.contains(v) for v in locked.get(canonicalize_name(requirement.name), {"0"}))
    ]
    assert stale == []


def test_production_runs_the_versions_that_were_tested() -> None:
    """The image's lock is a part of the developers' lock."""
    tested = pins(EVERYTHING)
    assert [name for name, versions in pins(RUNTIME).items() if tested.get(name) != versions] == []
