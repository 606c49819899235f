"""Addresses that the provider calls back: ours are added once, those of others are never touched."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from adapters.unzer.client import UnzerClient
from adapters.unzer.registrations import WANTED, Registration, UnzerRegistrations
from domain.errors import Misconfigured, NotSent, Transient
from tests.contract.unzer.merchant import Merchant
from tests.support.ports import free_port

OURS, FOREIGN = "https://holdfast.example/callbacks/1", "https://shop.example/unzer"


@pytest.fixture(scope="module")
def client() -> Iterator[UnzerClient]:
    """One client for all tests, as in production."""
    made = UnzerClient(lambda: datetime.now(UTC))
    yield made
    made.close()


@pytest.fixture
def registrations(client: UnzerClient) -> UnzerRegistrations:
    return UnzerRegistrations(client)


def _permit() -> None:
    """Everything may leave."""


def test_what_is_missing_is_added_once(merchant: Merchant, registrations: UnzerRegistrations) -> None:
    """The second time there is nothing to do."""
    account = merchant.account()
    assert registrations.all(account) == ()
    assert registrations.missing(account, OURS) == WANTED
    assert registrations.register(account, OURS, _permit) == WANTED
    assert registrations.register(account, OURS, _permit) == ()
    assert [(one.url, one.event) for one in registrations.all(account)] == [(OURS, event) for event in WANTED]


def test_registrations_of_others_stay(merchant: Merchant, registrations: UnzerRegistrations) -> None:
    """The shop's own module goes on hearing what it heard, and its address does not count as ours."""
    account = merchant.account()
    registrations.register(account, FOREIGN, _permit)
    before = registrations.all(account)
    assert registrations.missing(account, OURS) == WANTED
    registrations.register(account, OURS, _permit)
    assert registrations.all(account)[: len(before)] == before


def test_one_registration_for_everything_is_enough(merchant: Merchant, registrations: UnzerRegistrations) -> None:
    """Whoever hears all events needs no single ones."""
    merchant.http.post(
        f"{merchant.url}/v1/webhooks", json={"url": OURS, "event": "all"}, auth=(merchant.private_key, "")
    ).raise_for_status()
    account = merchant.account()
    assert registrations.missing(account, OURS) == ()
    (only,) = registrations.all(account)
    assert isinstance(only, Registration)
    assert only.event == "all"


def test_failures_say_whose_turn_it_is(merchant: Merchant, registrations: UnzerRegistrations) -> None:
    """Refused keys are a matter of configuration, an absent provider a matter of time."""
    with pytest.raises(Misconfigured):
        registrations.all(merchant.account(private_key="s-priv-nobody"))
    with pytest.raises(Transient):
        registrations.all(merchant.account(base_url=f"http://127.0.0.1:{free_port()}"))
    with pytest.raises(Misconfigured):
        registrations.register(merchant.account(private_key="s-priv-nobody"), OURS, _permit)


def test_a_permit_stops_the_adding(merchant: Merchant, registrations: UnzerRegistrations) -> None:
    """What must not leave does not."""

    def stop() -> None:
        raise NotSent("paused")

    with pytest.raises(NotSent):
        registrations.register(merchant.account(), OURS, stop)
    assert registrations.all(merchant.account()) == ()
