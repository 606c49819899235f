"""What workers see to beside their work: pollers that do not run, and orders that nobody woke."""

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from cli.keeper import keep, start_pollers, start_terms_changes, wake_overdue, wake_overdue_holds
from cli.wiring import Stores
from domain.authorization.ports import Instrument
from domain.authorization.terms import AuthorizationTerms
from domain.facts import ErpReported
from domain.parties import ProviderAccount, Tenant
from settings import Profile, Settings
from storage.authorizations import StartedAuthorization
from storage.migrate import migrate
from storage.values import to_json
from tests.storage.builders import CONFIG, T0, WORKFLOW, batch, numbered, snapshot
from tests.storage.test_directory import CONNECTION
from workflows.messages import AuthorizationStart, PickUp
from workflows.sending import KnownOrder, WorkflowSender
from workflows.sending_holds import AuthorizationSender, KnownAuthorization
from workflows.sending_terms import TermsSender

DUE = T0 + timedelta(days=30)
LATE = DUE + timedelta(minutes=16)


@dataclass
class Temporal:
    """A sender that knows which workflows run."""

    running: set[str] = field(default_factory=set)
    woken: list[tuple[str, str]] = field(default_factory=list)
    pollers: list[str] = field(default_factory=list)
    breaks: int = 0

    async def runs(self, workflow_id: str) -> bool:
        return workflow_id in self.running

    async def pick_up(self, order: KnownOrder, reason: PickUp) -> None:
        self.woken.append((order.workflow_id, reason.request_id))

    async def start_poller(self, tenant: str, connection: str) -> None:
        self.pollers.append(f"{tenant}/{connection}")
        if self.breaks > 0:
            self.breaks -= 1
            raise ConnectionError("Temporal is away")

    def as_sender(self) -> WorkflowSender:
        return cast(WorkflowSender, self)


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    """One order of a real tenant that wants to wake at `DUE`."""
    url = f"sqlite:///{tmp_path / 'holdfast.db'}"
    migrate(url)
    opened = Stores.open(Settings(database_url=url, profile=Profile.FAST))
    opened.directory.put_tenant(Tenant("acme", "Acme"))
    opened.directory.put_tenant(Tenant("demo", "Demo", simulated=True))
    opened.polled_orders.register("acme", "pixi", snapshot(1), CONFIG)
    opened.records.record(replace(batch(numbered([ErpReported(snapshot(1))])), next_due=DUE))
    yield opened
    opened.close()


@pytest.mark.parametrize("now", [DUE, DUE + timedelta(minutes=14)])
async def test_an_order_that_is_not_overdue_is_left_alone(stores: Stores, now: datetime) -> None:
    """Until its time has passed for good nobody wonders where an order is."""
    temporal = Temporal()
    assert await wake_overdue(stores, temporal.as_sender(), now) == 0
    assert temporal.woken == []


async def test_an_order_that_overslept_is_started_again(stores: Stores) -> None:
    """Temporal knows nothing of it any more: it starts with its last state, under an id that says why."""
    temporal = Temporal()
    assert await wake_overdue(stores, temporal.as_sender(), LATE) == 1
    assert temporal.woken == [(WORKFLOW, f"overdue/{DUE.isoformat()}")]


async def test_an_order_that_runs_is_not_woken(stores: Stores) -> None:
    """It waits for a worker, and a further signal would only make its history longer."""
    temporal = Temporal(running={WORKFLOW})
    assert await wake_overdue(stores, temporal.as_sender(), LATE) == 0
    assert temporal.woken == []


async def test_simulated_tenants_are_left_to_their_driver(stores: Stores) -> None:
    """Their due times lie in a time of their own, and their pollers run when the driver says so."""
    stores.directory.put_erp_connection(replace(CONNECTION, tenant="demo"))
    temporal = Temporal()
    await start_pollers(stores, temporal.as_sender())
    assert temporal.pollers == []
    stores.directory.put_erp_connection(replace(CONNECTION, tenant="acme"))
    stores.directory.put_erp_connection(replace(CONNECTION, tenant="acme", name="off", active=False))
    await start_pollers(stores, temporal.as_sender())
    assert temporal.pollers == ["acme/pixi"]


async def test_a_connection_that_was_saved_unverified_is_proved(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What could not be proved at night is looked at in the first round, also when Temporal is away."""
    rounds: list[int] = []
    connections = SimpleNamespace(verify_due=lambda: rounds.append(1))
    monkeypatch.setattr("cli.keeper.administration_over", lambda of: SimpleNamespace(connections=connections))
    stores.directory.put_erp_connection(replace(CONNECTION, tenant="acme"))
    temporal = Temporal(breaks=100)
    keeping = asyncio.create_task(keep(stores, temporal.as_sender(), every=0.01, now=lambda: LATE))
    async with asyncio.timeout(10):
        while len(rounds) < 2:
            await asyncio.sleep(0.01)
    keeping.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await keeping


async def test_a_keeper_survives_what_fails(stores: Stores) -> None:
    """Temporal is away for two rounds; then everything is seen to as before."""
    stores.directory.put_erp_connection(replace(CONNECTION, tenant="acme"))
    temporal = Temporal(breaks=2)
    keeping = asyncio.create_task(keep(stores, temporal.as_sender(), every=0.01, now=lambda: LATE))
    async with asyncio.timeout(10):
        while not temporal.woken:
            await asyncio.sleep(0.01)
    keeping.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await keeping
    assert len(temporal.pollers) >= 3


async def test_changed_terms_are_told_though_nobody_said_so(stores: Stores) -> None:
    """Whoever changed them died before he could; simulated tenants are left to their driver."""
    started: list[tuple[str, str]] = []

    class Telling:
        async def start(self, tenant: str, account: str) -> None:
            started.append((tenant, account))

    stores.directory.put_tenant(Tenant("demo", "Demo", simulated=True))
    for tenant in ("acme", "demo"):
        stores.directory.put_provider_account(ProviderAccount(f"{tenant}-1", tenant, "stripe", "https://x.example"))
    await start_terms_changes(stores, cast(TermsSender, Telling()))
    assert started == []
    for tenant in ("acme", "demo"):
        stores.terms.put(tenant, f"{tenant}-1", AuthorizationTerms(renew_after_days=9))
    await start_terms_changes(stores, cast(TermsSender, Telling()))
    assert started == [("acme", "acme-1")]


async def test_a_hold_that_nobody_renews_is_found(stores: Stores) -> None:
    """An authorization whose own time passed while none of its runs was there is begun again, and hears again what it
    had accepted; one that runs is left alone, and so is one of a simulated tenant."""
    workflow_ids = [_handed_over(stores, tenant, "pi_1") for tenant in ("acme", "other", "played")]
    stores.directory.put_tenant(Tenant("played", "Played", simulated=True))
    told = {"tenant": "acme", "workflow_id": workflow_ids[0], "request_id": "r", "wish": "capture", "actor": ""}
    stores.messages.receive(**told, at=T0)
    stores.messages.answered(workflow_ids[0], "r", "accepted")
    temporal, begun = Temporal({workflow_ids[1]}), Holds()
    sender = cast(AuthorizationSender, begun)
    assert await wake_overdue_holds(stores, temporal.as_sender(), sender, T0 + timedelta(minutes=14)) == 0
    assert await wake_overdue_holds(stores, temporal.as_sender(), sender, T0 + timedelta(minutes=16)) == 1
    assert begun.begun == [(workflow_ids[0], f"overdue/{T0.isoformat()}")]
    assert [one.request_id for one in stores.messages.undelivered(LATE, 10)] == ["r"]


@dataclass
class Holds:
    """A sender to authorizations."""

    begun: list[tuple[str, str]] = field(default_factory=list)

    async def begin(self, known: KnownAuthorization, reason: PickUp) -> None:
        self.begun.append((known.workflow_id, reason.request_id))


def _handed_over(stores: Stores, tenant: str, reference: str) -> str:
    start = AuthorizationStart(tenant, "stripe", f"{tenant}-cards", reference)
    workflow_id = KnownAuthorization(start).workflow_id
    started = StartedAuthorization(workflow_id, tenant, "stripe", f"{tenant}-cards", reference, "", "", to_json(start))
    assert stores.authorizations.begin(started, Instrument(), T0)
    return workflow_id
