"""One server process for this folder; every test has an account of its own, at noon of a frozen day."""

from collections.abc import Iterator
from itertools import count

import httpx
import pytest

from tests.sandboxes.pixi.access import Access
from tests.support.sandbox_process import SandboxProcess, start_sandbox

NOON = "2026-06-10T10:00:00+00:00"
_serial = count(1)


@pytest.fixture(scope="session")
def pixi_process() -> Iterator[SandboxProcess]:
    process = start_sandbox("sandboxes.pixi")
    yield process
    process.stop()


@pytest.fixture(scope="session")
def http() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=60, trust_env=False) as client:
        yield client


@pytest.fixture
def pixi(pixi_process: SandboxProcess, http: httpx.Client) -> Access:
    """A fresh account with the default settings."""
    access = Access(pixi_process.url, f"T{next(_serial)}", http)
    access.settings()
    access.clock(NOON)
    return access
