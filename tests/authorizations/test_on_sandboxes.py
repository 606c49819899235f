"""Authorizations on real parts: worker process, Temporal, SQL, and the providers' stand-ins, over weeks in seconds."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any

import httpx
import pytest

from cli.wiring import mac_secret
from domain.authorization.facts import Action, ActionKind
from domain.authorization.ports import Instrument
from domain.authorization.state import AuthorizationState
from domain.authorization.terms import AuthorizationTerms, Guard
from domain.parties import ProviderAccount, Tenant
from domain.tenant_config import Language
from domain.windows import next_local
from simulation.clock import SandboxClock
from simulation.driver import Driver
from simulation.skipping import Skipper
from simulation.steps import At
from storage.authorizations import StartedAuthorization
from tests.support.sandbox_process import SandboxProcess, start_sandbox
from tests.support.stack import Stack
from workflows.messages import Answer, AuthorizationStart, HoldMessage, PickUp
from workflows.sending_holds import AuthorizationSender, KnownAuthorization

DAY = timedelta(days=1)


@dataclass
class Merchant:
    """A tenant with one account at one provider, and the customer's hold."""

    provider: str
    url: str
    account: str
    stack: Stack
    hold_id: str = ""
    case: str = "order-1"
    instrument: Instrument = field(default_factory=Instrument)

    def call(self, method: str, path: str, **body: Any) -> Any:
        answer = httpx.request(
            method,
            f"{self.url}/control/accounts/{self.account}{path}",
            json=body if method != "GET" else None,
            trust_env=False,
            timeout=30,
        )
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def effects(self) -> list[tuple[str, int]]:
        """What took effect since the customer paid, in order; a hold that ended by itself included."""
        return [(one["kind"], one["amount_minor"]) for one in self.call("GET", "/effects")][1:]

    def set_up(self, begins: datetime) -> None:
        directory, vault, ref = self.stack.stores.directory, self.stack.stores.secrets, f"{self.account}/key"
        directory.put_tenant(Tenant(self.account, self.account, Language.ENGLISH, simulated=True))
        told = self.call("PUT", "")
        public, options = "", {}
        if self.provider == "computop":
            public, options = told["merchant_id"], {"cipher": told["cipher"]}
            vault.put(ref, told["password"])
            vault.put(mac_secret(ref), told["hmac_key"])
        else:
            vault.put(ref, f"sk_test_{self.account}")
        directory.put_provider_account(
            ProviderAccount(self.account, self.account, self.provider, self.url, public, ref, options),
        )
        self.call("PUT", "/clock", instant=begins.isoformat(), hold=True)
        self.stack.stores.clocks.set_offset(self.account, begins - datetime.now(UTC))
        if self.provider == "computop":
            paid = self.call("POST", "/payments", amount_minor=10_000, trans_id=self.case, ref_nr="INV-1")
            self.hold_id = paid["pay_id"]
            self.instrument = Instrument(
                token=paid["pcnr"],
                brand=paid["brand"],
                expires=paid["card_expiry"],
                scheme_reference=paid["scheme_reference_id"],
            )
        else:
            self.hold_id = self.call("POST", "/payments", amount_minor=10_000)["payment_intent"]

    def known(self, begins: datetime, terms: AuthorizationTerms) -> KnownAuthorization:
        start = AuthorizationStart(
            self.account,
            self.provider,
            self.account,
            self.hold_id,
            terms,
            case_reference=self.case,
            payout_reference="INV-1",
            amount_minor=10_000,
            currency="EUR",
            held_at=begins if self.provider == "computop" else None,
        )
        return KnownAuthorization(start)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Temporal and the worker; nobody calls back, so no starter is needed."""
    with Stack.start(tmp_path_factory.mktemp("holds"), without=("pixi", "unzer", "mailbox", "starter")) as running:
        yield running


@pytest.fixture(scope="module", params=["stripe", "computop"])
def sandbox(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A provider's stand-in."""
    module = {"stripe": "sandboxes.stripe", "computop": "sandboxes.paygate"}[request.param]
    process: SandboxProcess = start_sandbox(module, state=tmp_path_factory.mktemp("sandbox") / "state.db")
    yield request.param, process.url
    process.stop()


async def test_six_weeks_of_a_hold(stack: Stack, sandbox: tuple[str, str]) -> None:
    """Renewed by the interval or the told deadline, captured in parts, split, captured to the end, given back."""
    provider, url = sandbox
    merchant = Merchant(provider, url, f"{provider}1", stack)
    begins = next_local(datetime.now(UTC) + DAY, time(12))
    await asyncio.to_thread(merchant.set_up, begins)
    terms = AuthorizationTerms(renew_after_days=6, guard=Guard.SHORTEN, language=Language.ENGLISH)
    known, client = merchant.known(begins, terms), await stack.client()
    stores, start = stack.stores, known.start
    handed = StartedAuthorization(
        known.workflow_id, start.tenant, provider, start.account, start.reference, merchant.case, "INV-1", "{}", begins
    )
    assert await asyncio.to_thread(stores.authorizations.begin, handed, merchant.instrument, begins)
    sender = AuthorizationSender(client, stack.settings.timing.pacing, stack.settings.profile.value)
    await sender.begin(known, PickUp("begin"))

    async def ask(kind: ActionKind, amount: int | None) -> None:
        message = HoldMessage(f"{kind.value}-{amount}", Action(kind, amount))
        reply = await sender.act(known.workflow_id, message, again)
        assert reply.answer is Answer.ACCEPTED, reply

    def again() -> KnownAuthorization:
        return KnownAuthorization(start, stores.authorizations.recall(known.workflow_id))

    driver = Driver(client, Skipper(client), merchant.account, stores.clocks, [SandboxClock(url, merchant.account)])
    await driver.run_until(
        begins + 30 * DAY,
        [
            At(begins + 15 * DAY, "captures a part", lambda: ask(ActionKind.CAPTURE, 4_000)),
            At(begins + 20 * DAY, "captures the rest", lambda: ask(ActionKind.CAPTURE, None)),
            At(begins + 21 * DAY, "refunds", lambda: ask(ActionKind.REFUND, 2_500)),
        ],
    )
    state = await asyncio.to_thread(stores.authorizations.load, known.workflow_id)
    assert isinstance(state, AuthorizationState)
    assert (state.captured_minor, state.refunded_minor) == (10_000, 2_500)
    assert state.problems == () or all(one.code == "hold_outside_guarantee" for one in state.problems)
    kinds = [kind for kind, _ in merchant.effects()]
    voided, captured = ("released", "captured") if provider == "stripe" else ("reversed", "captured")
    refunded = "refunded" if provider == "stripe" else "credited"
    assert kinds.count("authorized") == len(state.holds) - 1 >= 3
    assert kinds.count(captured) == 2
    assert kinds.count(refunded) == 1
    assert kinds.count(voided) >= 2
    assert merchant.call("GET", "/violations") == []
