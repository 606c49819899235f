"""The sandbox as a process of its own for the whole session, and a fresh merchant account per test."""

from collections.abc import AsyncIterator, Iterator
from itertools import count

import httpx
import pytest

from adapters.stripe_psp.account import StripeAccount
from adapters.stripe_psp.adapter import StripeHolds
from tests.contract.stripe.merchant import Merchant
from tests.support.sandbox_process import start_sandbox

_numbers = count(1)


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture(scope="session")
def sandbox_url() -> Iterator[str]:
    """Address of the running sandbox."""
    process = start_sandbox("sandboxes.stripe")
    try:
        yield process.url
    finally:
        process.stop()


@pytest.fixture(scope="session")
def control() -> Iterator[httpx.Client]:
    """The client for control routes."""
    with httpx.Client(trust_env=False, timeout=30.0) as client:
        yield client


@pytest.fixture
def merchant(sandbox_url: str, control: httpx.Client) -> Merchant:
    """A merchant account that no other test uses."""
    return Merchant.create(control, sandbox_url, f"contract{next(_numbers)}")


@pytest.fixture(scope="session")
async def shared() -> AsyncIterator[tuple[StripeHolds, dict[str, StripeAccount]]]:
    """One adapter for all tests, as in production, and the accounts it knows."""
    accounts: dict[str, StripeAccount] = {}
    adapter = StripeHolds(accounts.__getitem__)
    yield adapter, accounts
    await adapter.close()


@pytest.fixture
def holds(shared: tuple[StripeHolds, dict[str, StripeAccount]], merchant: Merchant) -> StripeHolds:
    """The adapter, knowing the account `main` of this test's merchant."""
    adapter, accounts = shared
    accounts["main"] = merchant.account()
    return adapter
