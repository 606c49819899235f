"""The control client against a sandbox that runs as a server."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import httpx
import pytest

from simulation.clock import SandboxClock
from tests.simulation.conftest import now
from tests.support.sandbox_process import SandboxProcess, start_sandbox

DAY = timedelta(days=1)
CLOSE = timedelta(seconds=5)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxProcess]:
    process = start_sandbox("sandboxes.unzer")
    yield process
    process.stop()


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        yield client


@pytest.fixture
async def clock(sandbox: SandboxProcess, http: httpx.AsyncClient, request: pytest.FixtureRequest) -> SandboxClock:
    """The clock of a new account with one webhook to nowhere."""
    name = "".join(one for one in request.node.name if one.isalnum())
    (await http.put(f"{sandbox.url}/control/accounts/{name}", json={})).raise_for_status()
    hook = {"url": "http://127.0.0.1:9/nowhere", "eventList": ["all"]}
    await http.post(f"{sandbox.url}/v1/webhooks", json=hook, auth=(f"s-priv-{name}", ""))
    return SandboxClock(sandbox.url, name, client=http)


async def _seed(clock: SandboxClock, http: httpx.AsyncClient) -> None:
    answer = await http.post(f"{clock._path}/payments", json={"type": "card", "amount_minor": 1000})
    answer.raise_for_status()


async def test_it_is_set_and_runs_on(clock: SandboxClock, http: httpx.AsyncClient) -> None:
    """The account's clock goes to the instant and runs on from there."""
    await clock.set(now() + 40 * DAY, hold=True)
    first = (await http.get(f"{clock._path}/clock")).json()
    await asyncio.sleep(0.05)
    second = (await http.get(f"{clock._path}/clock")).json()
    assert not first["frozen"]
    assert first["now"] < second["now"]
    assert abs(timedelta(seconds=first["offset_seconds"]) - 40 * DAY) < CLOSE


async def test_nothing_is_delivered_before_release(clock: SandboxClock, http: httpx.AsyncClient) -> None:
    """With hold a callback waits; release tries it, and its next try becomes the next event."""
    await clock.set(now() + 40 * DAY, hold=True)
    assert await clock.next_event() is None
    await _seed(clock, http)
    assert await clock.pending() > 0
    due = await clock.next_event()
    assert due is not None
    assert await clock.release() > 0
    again = await clock.next_event()
    assert again is not None
    assert again > due
    assert await clock.pending() == 0


async def test_changes_grow_with_effects(clock: SandboxClock, http: httpx.AsyncClient) -> None:
    """Each effect counts once."""
    before = await clock.changes()
    await _seed(clock, http)
    payments = (await http.get(f"{clock._path}/state")).json()["payments"]
    key = f"s-priv-{clock.name.rsplit('/', 1)[1]}"
    url = f"{clock.name.rsplit('/', 1)[0]}/v1/payments/{payments[0]['id']}/charges"
    (await http.post(url, json={"amount": "10.00"}, auth=(key, ""))).raise_for_status()
    after = await clock.changes()
    assert after > before
    assert await clock.changes() == after


async def test_an_unknown_account_is_an_error(sandbox: SandboxProcess) -> None:
    """A missing account fails loudly."""
    clock = SandboxClock(sandbox.url, "nobody")
    with pytest.raises(httpx.HTTPStatusError):
        await clock.agenda()
    await clock.aclose()
