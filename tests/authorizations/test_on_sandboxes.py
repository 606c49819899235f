"""Authorizations on real parts: worker process, Temporal, SQL, and the providers' stand-ins, over weeks in seconds."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

import pytest

from cli.hold_stage import HoldStage, Purchase
from domain.authorization.facts import Action, ActionKind
from domain.authorization.state import AuthorizationState
from domain.authorization.terms import AuthorizationTerms, Guard
from domain.parties import Tenant
from domain.tenant_config import Language
from domain.windows import next_local
from simulation.driver import Driver
from simulation.skipping import Skipper
from simulation.steps import At
from tests.support.stack import Stack
from workflows.messages import Answer
from workflows.sending_holds import AuthorizationSender

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Temporal, the worker and the providers; nobody calls back, so no starter is needed."""
    without, further = ("pixi", "unzer", "mailbox", "starter"), ("stripe", "paygate")
    with Stack.start(tmp_path_factory.mktemp("holds"), without=without, further=further) as running:
        yield running


@pytest.mark.parametrize("provider", ["stripe", "computop"])
async def test_six_weeks_of_a_hold(stack: Stack, provider: str) -> None:
    """Renewed by the interval or the told deadline, captured in parts, split, captured to the end, given back."""
    stores, settings, client = stack.stores, stack.settings, await stack.client()
    tenant, places = f"six-{provider}", stack.places
    url = places.url(places.stripe if provider == "stripe" else places.paygate)
    begins = next_local(datetime.now(UTC) + DAY, time(12))
    stores.directory.put_tenant(Tenant(tenant, tenant, Language.ENGLISH, simulated=True))
    stores.clocks.set_offset(tenant, begins - datetime.now(UTC))
    sender = AuthorizationSender(client, settings.timing.pacing, settings.profile.value)
    stage = HoldStage(provider, url, tenant, stores, sender)
    await asyncio.to_thread(stage.set_up)
    await stage.clock().set(begins, hold=True)
    terms = AuthorizationTerms(renew_after_days=6, guard=Guard.SHORTEN, language=Language.ENGLISH)
    hold = await stage.sell(Purchase("order-1", 10_000), terms, begins)

    async def ask(kind: ActionKind, amount: int | None) -> None:
        reply = await hold.ask(f"{kind.value}-{amount}", Action(kind, amount))
        assert reply.answer is Answer.ACCEPTED, reply

    driver = Driver(client, Skipper(client), tenant, stores.clocks, [stage.clock()])
    await driver.run_until(
        begins + 30 * DAY,
        [
            At(begins + 15 * DAY, "captures a part", lambda: ask(ActionKind.CAPTURE, 4_000)),
            At(begins + 20 * DAY, "captures the rest", lambda: ask(ActionKind.CAPTURE, None)),
            At(begins + 21 * DAY, "refunds", lambda: ask(ActionKind.REFUND, 2_500)),
        ],
    )
    state = await asyncio.to_thread(hold.state)
    assert isinstance(state, AuthorizationState)
    assert (state.captured_minor, state.refunded_minor) == (10_000, 2_500)
    assert state.problems == () or all(one.code == "hold_outside_guarantee" for one in state.problems)
    kinds = [one["kind"] for one in stage.effects()][1:]  # since the customer paid
    voided, captured = ("released", "captured") if provider == "stripe" else ("reversed", "captured")
    refunded = "refunded" if provider == "stripe" else "credited"
    assert kinds.count("authorized") == len(state.holds) - 1 >= 3
    assert kinds.count(captured) == 2
    assert kinds.count(refunded) == 1
    assert kinds.count(voided) >= 2
    assert stage.violations() == []
    stage.close()
