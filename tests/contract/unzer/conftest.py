"""The sandbox as a process of its own for the whole session, and a fresh merchant account per test."""

from collections.abc import Iterator
from itertools import count

import httpx
import pytest

from adapters.unzer.account import UnzerAccount
from adapters.unzer.adapter import UnzerPayments
from tests.contract.unzer.merchant import Merchant
from tests.support.sandbox_process import start_sandbox

_numbers = count(1)


@pytest.fixture(scope="session")
def sandbox_url() -> Iterator[str]:
    """Address of the running sandbox."""
    process = start_sandbox("sandboxes.unzer")
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
def shared() -> Iterator[tuple[UnzerPayments, dict[str, UnzerAccount]]]:
    """One adapter for all tests, as in production, and the accounts it knows."""
    accounts: dict[str, UnzerAccount] = {}
    adapter = UnzerPayments(accounts.__getitem__)
    yield adapter, accounts
    adapter.close()


@pytest.fixture
def payments(shared: tuple[UnzerPayments, dict[str, UnzerAccount]], merchant: Merchant) -> UnzerPayments:
    """The adapter, knowing the account `main` of this test's merchant."""
    adapter, accounts = shared
    accounts["main"] = merchant.account()
    return adapter
