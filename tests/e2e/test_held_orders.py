"""Orders whose card holds belong to authorizations: order, hold, provider and ERP on one clock, with both providers.

A hold that is good for days is kept alive until the warehouse ships, split after a partial delivery, given up when the
rest is cancelled; each amount moves once, and the order settles as a card order does.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
import pytest_asyncio

from cli.hold_stage import HoldStage, Purchase
from cli.stage import CODES, Code, Stage
from domain.authorization.nights import day_of
from domain.parties import Configuration
from simulation.clock import SandboxClock
from tests.e2e.life import DAY, HOUR, PRICES, TOTAL, Done, Life, Placed
from tests.support.stack import Stack
from workflows.sending_holds import AuthorizationSender

HELD = Code("H", "HELDCARD")
TOOK = {"stripe": "captured", "computop": "captured"}
GAVE_UP = {"stripe": "released", "computop": "reversed"}
GAVE_BACK = {"stripe": "refunded", "computop": "credited"}
MakeHeld = Callable[..., Awaitable["Held"]]


class HoldingStage(Stage):
    """A stage with one more clock: that of the hold's provider."""

    holds: HoldStage

    def clocks(self) -> tuple[SandboxClock, ...]:
        return (*super().clocks(), self.holds.clock())


@dataclass
class Held:
    """A tenant whose payment code H is paid at a provider of holds."""

    life: Life
    holds: HoldStage

    async def order(self, name: str, **fields: Any) -> Placed:
        """A customer pays, the shop hands the hold over where that is needed, the ERP imports the order."""
        hold_id, card = await asyncio.to_thread(self.holds.pay, Purchase(name, TOTAL))
        if self.holds.provider == "computop":
            self._hand_over(name, hold_id, card)
        return self.life.order("H", hold_id, **fields)

    def _hand_over(self, name: str, hold_id: str, card: Any) -> None:
        places = self.life.stack.places
        answer = httpx.post(
            f"{places.url(places.starter)}/authorizations",
            headers={"Authorization": f"Bearer {self.life.token()}"},
            json={
                "account": self.holds.account,
                "reference": hold_id,
                "case_reference": name,
                "payout_reference": name,
                "amount_minor": TOTAL,
                "currency": "EUR",
                "held_at": self.life.now().isoformat(),
                "card": {
                    "token": card.token,
                    "brand": card.brand,
                    "expires": card.expires,
                    "scheme_reference": card.scheme_reference,
                },
            },
            timeout=60,
            trust_env=False,
        )
        assert answer.status_code == 201, answer.text

    def moved(self, order: Placed) -> list[tuple[str, int]]:
        """What took effect at the provider for this order's payment, the customer's own hold left out."""
        return [(one["kind"], one["amount_minor"]) for one in self.holds.effects()][1:]

    def amounts(self, order: Placed, kind: str) -> list[int]:
        return [amount for found, amount in self.moved(order) if found == kind]


@pytest.fixture(scope="module")
def providers(stack: Stack) -> Stack:
    """The providers of holds run as well."""
    for name in ("stripe", "paygate"):
        stack.run(name)
    return stack


@pytest_asyncio.fixture(params=["stripe", "computop"])
async def begin(providers: Stack, request: pytest.FixtureRequest) -> MakeHeld:
    """Begins the life of a tenant with one order per life, so that the provider's ledger is that order's."""
    provider: str = request.param

    async def made(name: str) -> Held:
        tenant = f"{name}-{provider}"
        life = await Life.begin(providers, tenant, codes=(*CODES, HELD))
        places, settings, stores = providers.places, providers.settings, providers.stores
        sender = AuthorizationSender(await providers.client(), settings.timing.pacing, settings.profile.value)
        url = places.url(places.stripe if provider == "stripe" else places.paygate)
        holds = HoldStage(provider, url, tenant, stores, sender)
        await asyncio.to_thread(holds.set_up)
        await holds.clock().set(life.now(), hold=True)
        role = life.stage.role
        config = replace(role.config(HELD), provider=provider, provider_account=holds.account)
        stores.directory.put_configuration(Configuration(tenant, role.connection, role.shop, HELD.code, config))
        stage = HoldingStage(places, stores, role)
        stage.holds = holds
        life.stage = stage
        await life.go_on()
        return Held(life, holds)

    return made


def settled(held: Held, order: Placed, *booked: int, **further: Any) -> None:
    """The ERP's side: released once, each invoice booked once, nobody needed."""
    assert held.life.done(order) == Done(booked=booked, releases=1, status="settled", **further)


async def test_shipped_in_two_parts_weeks_apart(begin: MakeHeld) -> None:
    """Renewed while nothing ships, captured in part, held anew for the rest, renewed again, captured to the end."""
    held = await begin("parts")
    life, order = held.life, await held.order("order-1")
    await life.pass_by(HOUR)
    assert life.done(order) == Done(releases=1, status="released")
    await life.pass_by(9 * DAY)
    life.ship(order, 1)
    await life.pass_by(HOUR)
    assert held.amounts(order, TOOK[held.holds.provider]) == [PRICES[0]]
    await life.pass_by(12 * DAY)
    life.ship(order, 2)
    await life.pass_by(HOUR)
    settled(held, order, *PRICES)
    assert held.amounts(order, TOOK[held.holds.provider]) == list(PRICES)
    placed = held.amounts(order, "authorized")
    assert placed.count(TOTAL) >= 1
    assert placed.count(PRICES[1]) >= 2
    assert len(placed) == placed.count(TOTAL) + placed.count(PRICES[1])
    assert held.holds.violations() == []


async def test_half_a_year_until_it_ships(begin: MakeHeld) -> None:
    """Order, hold, provider and ERP on one clock: the hold is renewed week by week, and one capture takes the money."""
    held = await begin("halfyear")
    life, order = held.life, await held.order("order-1")
    await life.pass_by(170 * DAY)
    assert life.done(order) == Done(releases=1, status="released")
    renewed = held.amounts(order, "authorized")
    assert set(renewed) == {TOTAL}
    assert len(renewed) >= 24
    ended = [one for one in held.moved(order) if one[0] in (GAVE_UP[held.holds.provider], "lapsed")]
    assert len(ended) == len(renewed)
    life.ship(order)
    await life.pass_by(HOUR)
    settled(held, order, TOTAL)
    assert held.amounts(order, TOOK[held.holds.provider]) == [TOTAL]


async def test_two_parcels_of_one_day(begin: MakeHeld) -> None:
    """The second capture of a day waits for the next night, when the rest is held anew; the order is told when."""
    held = await begin("oneday")
    life, order = held.life, await held.order("order-1")
    await life.pass_by(HOUR)
    life.ship(order, 1)
    await life.pass_by(HOUR)
    first_day = day_of(life.now())
    life.ship(order, 2)
    await life.pass_by(2 * HOUR)
    assert held.amounts(order, TOOK[held.holds.provider]) == [PRICES[0]]
    assert day_of(life.now()) == first_day
    await life.pass_by(DAY)
    settled(held, order, *PRICES)
    assert held.amounts(order, TOOK[held.holds.provider]) == list(PRICES)
    assert held.life.mails(order) == []


async def test_the_rest_is_cancelled_and_something_comes_back(begin: MakeHeld) -> None:
    """What was cancelled is given up and never held again; a return is refunded once and booked."""
    held = await begin("rest")
    life, order = held.life, await held.order("order-1")
    await life.pass_by(HOUR)
    life.ship(order, 1)
    await life.pass_by(HOUR)
    life.stage.at_order(order.order_no, "cancel-lines", lines=[2], status="STO")
    await life.pass_by(3 * DAY)
    placed = held.amounts(order, "authorized")
    life.stage.at_order(order.order_no, "return", lines=[1])
    await life.pass_by(10 * DAY)
    done = life.done(order)
    assert (done.booked, done.releases, done.status) == ((PRICES[0], -PRICES[0]), 1, "settled")
    assert held.amounts(order, TOOK[held.holds.provider]) == [PRICES[0]]
    assert held.amounts(order, GAVE_BACK[held.holds.provider]) == [PRICES[0]]
    assert held.amounts(order, "authorized") == placed  # nothing is renewed any more
    assert sum(placed) in (0, PRICES[1])  # the split of the night may have come before the cancellation was heard of
    let_go = [PRICES[1]] if held.holds.provider == "stripe" else []  # which tells what a partial capture leaves
    assert held.amounts(order, GAVE_UP[held.holds.provider]) == let_go + placed


async def test_a_cancelled_order_holds_nothing(begin: MakeHeld) -> None:
    """The whole hold is given up, once, also after renewals."""
    held = await begin("cancelled")
    life, order = held.life, await held.order("order-1")
    await life.pass_by(8 * DAY)
    life.stage.at_order(order.order_no, "cancel-lines", lines=None, status="STO")
    await life.pass_by(12 * DAY)
    assert life.done(order).status == "cancelled"
    renewed = held.amounts(order, "authorized")
    assert held.amounts(order, GAVE_UP[held.holds.provider]) == [TOTAL] * (len(renewed) + 1)
    assert held.amounts(order, TOOK[held.holds.provider]) == []


async def test_an_id_of_another_provider_is_no_payment_here(begin: MakeHeld) -> None:
    """Locked and shown to a person; the provider is not even asked."""
    held = await begin("foreign")
    life = held.life
    order = life.order("H", "s-pay-1")
    await life.pass_by(HOUR)
    assert life.done(order) == Done(releases=1, locks=1, mails=(2015,), status="blocked")
    assert held.holds.effects() == []
