"""Configurations that come late, and clocks that run backwards."""

import asyncio
from datetime import datetime, timedelta

from cli.stage import CODES, Code, Stage
from domain.parties import Configuration
from simulation.clock import SandboxClock
from tests.e2e.conftest import MakeLife, eventually
from tests.e2e.life import HOUR, TOTAL, Done, Placed

SHIPPED = Done((TOTAL,), (TOTAL,), releases=1, status="settled")
LATE = Code("Z", "UZLATE")


async def test_orders_wait_for_their_configuration(begin: MakeLife) -> None:
    """One whose configuration is switched off and one that has none are left alone, and picked up when they may be."""
    life = await begin("late-config", codes=CODES)
    role, directory = life.stage.role, life.stack.stores.directory
    off = role.config(CODES[0]).configuration
    directory.set_active(off, False)
    switched_off = life.order()
    without = life.order("Z", life.pay(), xml_tag=LATE.xml_tag)
    await life.pass_by(2 * HOUR)
    assert life.done(switched_off) == life.done(without) == Done()
    directory.set_active(off, True)
    directory.put_configuration(Configuration(role.tenant, role.connection, role.shop, "Z", role.config(LATE)))
    life.poll_every(timedelta(minutes=10))
    await life.pass_by(HOUR)
    assert life.done(switched_off) == life.done(without) == Done(releases=1, status="released")
    life.ship(switched_off)
    life.ship(without)
    await life.pass_by(HOUR)
    assert life.done(switched_off) == life.done(without) == SHIPPED


class Wandering(Stage):
    """A stage whose ERP has a clock of its own mind."""

    behind = timedelta()

    def clocks(self) -> tuple[SandboxClock, ...]:
        stage, places, role = self, self._places, self.role

        class Behind(SandboxClock):
            async def set(self, instant: datetime, *, hold: bool) -> None:
                await super().set(instant - stage.behind, hold=hold)

        return Behind(places.url(places.pixi), role.erp_account), super().clocks()[1]


async def test_the_clock_of_the_erp_is_set_back(begin: MakeLife) -> None:
    """An hour back between release and shipping, and forward again: each effect once, nothing overlooked."""
    life = await begin("erp-clock")
    stage = Wandering(life.stack.places, life.stack.stores, life.stage.role)
    life.stage = stage
    await life.go_on()
    life.poll_every(timedelta(minutes=20))
    early = life.order()
    await life.pass_by(HOUR)
    stage.behind = HOUR
    life.ship(early)
    late, prepaid = life.order(), life.order("V")
    await life.pass_by(HOUR)
    stage.at_payment(prepaid.payment_id, "receipt", amount_minor=TOTAL)
    life.ship(late)
    await life.pass_by(2 * HOUR)
    stage.behind = timedelta()
    await life.pass_by(HOUR)
    assert life.done(early) == life.done(late) == SHIPPED
    assert life.done(prepaid) == Done(releases=1, locks=1, unlocks=1, status="released")
    assert stage.violations() == []


async def test_our_own_clock_is_set_back(begin: MakeLife) -> None:
    """The tenant's offset goes back an hour: an order that starts in that past and one of before are both served."""
    life = await begin("our-clock")
    role, clocks = life.stage.role, life.stack.stores.clocks
    before = life.order()
    await life.pass_by(HOUR)
    clocks.set_offset(role.tenant, clocks.offset(role.tenant) - HOUR)
    after = life.order()

    def is_at(order: Placed, wanted: Done) -> bool:
        return life.done(order) == wanted

    await life.look()
    released = Done(releases=1, status="released")
    await asyncio.to_thread(eventually, "the new order is not released", lambda: is_at(after, released))
    life.ship(before)
    life.ship(after)
    await life.look()

    def both_are_settled() -> bool:
        return is_at(before, SHIPPED) and is_at(after, SHIPPED)

    await asyncio.to_thread(eventually, "an order is not settled", both_are_settled)
    clocks.set_offset(role.tenant, clocks.offset(role.tenant) + HOUR)
    await life.go_on()
    await life.pass_by(HOUR)
    assert life.done(before) == life.done(after) == SHIPPED
