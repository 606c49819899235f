"""Systems outside are away for hours: orders wait, everything that was due is done afterwards, and once only."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from tests.e2e.conftest import MakeLife
from tests.e2e.life import HOUR, TOTAL, Done

SHIPPED = Done((TOTAL,), (TOTAL,), releases=1, status="settled")
OUTAGE = 6 * HOUR


@pytest.mark.parametrize("outage", [HOUR, pytest.param(OUTAGE, marks=pytest.mark.long)])
async def test_the_erp_is_away_for_hours(begin: MakeLife, outage: timedelta) -> None:
    """An order that came in, one that was paid and one that shipped meanwhile: each is served when the ERP is back.

    It is asked again every minute; in six hours the poller hands over to fresh runs of itself on the way.
    """
    life = await begin(f"erp-away-{outage // HOUR}")
    life.poll_every(HOUR)
    shipped, prepaid = life.order(), life.order("V")
    await life.pass_by(HOUR)
    life.stage.arm(life.stage.pixi, call="*", kind="refuse", times=-1)
    came = life.order()
    life.ship(shipped)
    life.stage.at_payment(prepaid.payment_id, "receipt", amount_minor=TOTAL)
    await life.pass_by(outage)
    assert life.done(shipped).captured == ()
    assert life.done(came).status == ""
    assert life.done(prepaid).unlocks == 0
    life.disarm(life.stage.pixi)
    await life.pass_by(2 * HOUR)
    assert life.done(shipped) == SHIPPED
    assert life.done(came) == Done(releases=1, status="released")
    assert life.done(prepaid) == Done(releases=1, locks=1, unlocks=1, status="released")


async def test_the_provider_is_away_for_six_hours(begin: MakeLife) -> None:
    """An order whose payment cannot be read stays on hold (P15), a shipped one is captured later."""
    life = await begin("provider-away")
    shipped = life.order()
    await life.pass_by(HOUR)
    came = life.order()
    life.stage.arm(life.stage.unzer, call="*", kind="refuse", times=-1)
    life.ship(shipped)
    await life.pass_by(OUTAGE)
    waits = life.done(came)
    assert (waits.releases, waits.locks, waits.status) == (0, 0, "waiting_payment")
    assert life.done(shipped).captured == ()
    assert not life.mails(came)
    life.disarm(life.stage.unzer)
    await life.pass_by(2 * HOUR)
    assert life.done(came) == Done(releases=1, status="released")
    told = replace(SHIPPED, mails=(2043,))  # for hours nobody knew whether the capture had taken effect
    assert life.done(shipped) == told


async def test_the_mail_server_is_away_for_six_hours(begin: MakeLife) -> None:
    """The mail about a blocked order comes late, and once; the order's own steps do not wait for it."""
    life = await begin("mail-away")
    places = life.stack.places
    faults = f"{places.url(places.mailbox)}/control/faults"
    armed = httpx.post(faults, json={"kind": "refuse", "times": -1}, timeout=60, trust_env=False)
    assert armed.is_success
    try:
        blocked, fits = life.order(payment_id=""), life.order()
        await life.pass_by(OUTAGE)
        assert life.done(blocked) == Done(releases=1, locks=1, status="blocked")
        assert life.done(fits) == Done(releases=1, status="released")
    finally:
        httpx.delete(faults, timeout=60, trust_env=False)
    await life.pass_by(2 * HOUR)
    assert life.done(blocked) == Done(releases=1, locks=1, mails=(2014,), status="blocked")


async def test_temporal_is_restarted(begin: MakeLife) -> None:
    """Goods leave and money comes while Temporal is down: everything is done when it is back, without a new worker."""
    life = await begin("temporal-away")
    stack = life.stack
    shipped, prepaid = life.order(), life.order("V")
    await life.pass_by(HOUR)
    for one in stack.running("temporal"):
        stack.stop(one)
    life.ship(shipped)
    life.stage.at_payment(prepaid.payment_id, "receipt", amount_minor=TOTAL)
    stack.run("temporal")
    await life.go_on()
    await life.pass_by(HOUR)
    assert life.done(shipped) == SHIPPED
    assert life.done(prepaid) == Done(releases=1, locks=1, unlocks=1, status="released")
