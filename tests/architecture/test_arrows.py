"""What the import contracts of pyproject.toml cannot say: single modules, and the few names with one allowed place."""

import subprocess
import sysconfig
from pathlib import Path

import pytest

from tests.architecture.sources import EVERYWHERE, PACKAGES, ROOT, imports_in, imports_of, top_modules

PROVIDERS = ("unzer", "stripe_psp", "computop", "adyen", "pixi")
ENTRY_POINTS = ("worker", "starter")
CLOCK_MOVER = "temporalio.testing._timeskipping"


def test_the_import_contracts_hold() -> None:
    """The arrows of the design, as import-linter reads them."""
    command = Path(sysconfig.get_path("scripts")) / "lint-imports"
    answer = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.parametrize("module", ["messages", "ids"])
def test_the_wire_contract_knows_the_domain_only(module: str) -> None:
    """Who sends a message needs neither the workflow nor an activity: messages and ids import the domain at most."""
    path = ROOT / "workflows" / f"{module}.py"
    if not path.exists():
        pytest.skip(f"workflows/{module}.py is not written yet")
    allowed = {"domain", "workflows.messages", "workflows.ids"}
    outward = [
        str(found)
        for found in imports_in(path)
        if found.top in PACKAGES and not any(f"{found.name}.".startswith(f"{name}.") for name in allowed)
    ]
    assert outward == []


def test_only_the_entry_points_beside_the_packages_know_concrete_adapters() -> None:
    """worker.py and starter.py put the parts together; settings and other modules beside them know no adapter."""
    outward = [
        str(found)
        for path in top_modules()
        if path.stem not in ENTRY_POINTS
        for found in imports_in(path)
        if found.top in PACKAGES and found.top != "domain"
    ]
    assert outward == []


def test_no_package_imports_an_entry_point() -> None:
    """worker.py and starter.py are started, not imported; only the command and the simulation may reuse them."""
    outward = [
        str(found)
        for found in imports_of(*PACKAGES)
        if found.top in ENTRY_POINTS and found.path.relative_to(ROOT).parts[0] not in {"cli", "simulation", "bench"}
    ]
    assert outward == []


def test_no_entry_point_imports_a_sandbox() -> None:
    """Stand-ins are reached over the network like the systems they stand in for."""
    outward = [str(found) for path in top_modules() for found in imports_in(path) if found.top == "sandboxes"]
    assert outward == []


def test_the_domain_and_the_house_never_import_tests() -> None:
    """What runs in production needs no test code."""
    outward = [str(found) for found in imports_of(*PACKAGES) if found.top == "tests"]
    assert outward == []


@pytest.mark.parametrize("provider", PROVIDERS)
def test_an_adapter_knows_no_other_outside_system(provider: str) -> None:
    """One package per outside system: what two of them share has a name of its own."""
    others = tuple(f"adapters.{other}." for other in PROVIDERS if other != provider)
    outward = [str(found) for found in imports_of(f"adapters/{provider}") if f"{found.name}.".startswith(others)]
    assert outward == []


def test_the_private_clock_module_has_one_user() -> None:
    """The server SDK's time-skipping module is private: one module of simulation/ imports it, and its contract test."""
    users = {
        found.path.relative_to(ROOT).as_posix()
        for found in imports_of(*EVERYWHERE)
        if f"{found.name}.".startswith(f"{CLOCK_MOVER}.")
    } - {"tests/simulation/test_skipping.py"}
    assert all(user.startswith("simulation/") for user in users), users
    if any((ROOT / "simulation").glob("[!_]*.py")):
        assert len(users) == 1, users
