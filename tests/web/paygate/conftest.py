"""A starter with one merchant at Paygate and one elsewhere, whose holds live in memory."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from cli.wiring import mac_secret
from domain.parties import ProviderAccount
from storage.secrets import SecretBox
from tests.paygate import vectors
from tests.web.conftest import make_world, migrated, world
from tests.web.paygate.living import Living
from tests.web.paygate.shop import MERCHANT, Integration
from tests.web.world import World
from web.app import create_app

__all__ = ["make_world", "migrated", "world"]


@pytest.fixture
def living(world: World, monkeypatch: pytest.MonkeyPatch) -> Living:
    """The authorizations, and the accounts of the tenant acme."""
    monkeypatch.setattr("web.paygate.actions.WAIT_SECONDS", 0.2)
    box = SecretBox(world.database, [b"k" * 32])
    box.put("paygate-acme/key", vectors.BLOWFISH_PASSWORD)
    box.put(mac_secret("paygate-acme/key"), vectors.MAC_PASSWORD)
    world.services.directory.put_provider_account(
        ProviderAccount("paygate-acme", "acme", "computop", "https://paygate.example", MERCHANT, "paygate-acme/key", {})
    )
    world.services.directory.put_provider_account(
        ProviderAccount("stripe-acme", "acme", "stripe", "https://stripe.example", "", "stripe-acme/key", {})
    )
    made = Living(lambda: world.services, world.clock)
    world.services = replace(world.services, hold_messenger=made)
    world.app = create_app(world.services, relay=False)
    return made


@pytest.fixture
async def shop(world: World, living: Living) -> AsyncIterator[Integration]:
    """The merchant's integration."""
    async with world.client() as client:
        yield Integration(client)
