"""Changed terms on real parts: worker process, Temporal, SQL, mail server, and Stripe's stand-in, in real time."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError

from cli.keeper import start_terms_changes
from domain.authorization.ports import Instrument
from domain.authorization.summary import AuthorizationStatus, status_of
from domain.authorization.terms import AuthorizationTerms
from domain.authorization.terms_change import Confirmation
from domain.parties import MailSecurity, MailSettings, ProviderAccount, Tenant
from domain.tenant_config import Language
from storage.authorization_terms import PAGE
from storage.authorizations import StartedAuthorization
from tests.support.sandbox_process import start_sandbox
from tests.support.stack import Stack
from workflows.ids import authorization_workflow_id, terms_change_workflow_id
from workflows.messages import AuthorizationStart, LookNow, PickUp
from workflows.sending_holds import AuthorizationSender, KnownAuthorization
from workflows.sending_terms import TermsSender

PATIENCE = 60.0


@dataclass
class Merchant:
    """A tenant that lives in real time, with one account at Stripe's stand-in and a mailbox."""

    stack: Stack
    url: str
    name: str
    holds: list[str] = field(default_factory=list)

    def set_up(self, language: Language = Language.ENGLISH) -> None:
        directory, vault, ref = self.stack.stores.directory, self.stack.stores.secrets, f"{self.name}/key"
        directory.put_tenant(Tenant(self.name, self.name, language))
        self.control("PUT", "")
        vault.put(ref, f"sk_test_{self.name}")
        directory.put_provider_account(ProviderAccount(self.account, self.name, "stripe", self.url, "", ref))
        self.mail_server()

    @property
    def account(self) -> str:
        return f"{self.name}-stripe"

    @property
    def recipient(self) -> str:
        return f"{self.name}@merchant.example"

    def mail_server(self, port: int | None = None) -> None:
        found = MailSettings(
            self.name, "127.0.0.1", port or self.stack.places.smtp, "h@x.example", self.recipient, MailSecurity.NONE
        )
        self.stack.stores.directory.put_mail_settings(found)

    def control(self, method: str, path: str, **body: Any) -> Any:
        address = f"{self.url}/control/accounts/{self.name}{path}"
        answer = httpx.request(method, address, json=body, trust_env=False, timeout=30)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def mails(self) -> list[dict[str, Any]]:
        """The mails about terms that arrived, oldest first."""
        places = self.stack.places
        answer = httpx.get(
            f"{places.url(places.mailbox)}/messages", params={"to": self.recipient}, trust_env=False, timeout=30
        )
        arrived = reversed(answer.raise_for_status().json())
        return [one for one in arrived if "Terms changed" in one["subject"] or "Bedingungen" in one["subject"]]

    # -- authorizations

    async def begin(self, count: int) -> None:
        """So many authorizations with the terms that hold now, all of them held."""
        client, stores = await self.stack.client(), self.stack.stores
        sender = AuthorizationSender(client, self.stack.settings.timing.pacing, self.stack.settings.profile.value)
        terms, now = stores.terms.current(self.name, self.account), datetime.now(UTC)
        for number in range(count):
            paid = await asyncio.to_thread(self.control, "POST", "/payments", amount_minor=10_000)
            hold_id = paid["payment_intent"]
            start = AuthorizationStart(
                self.name, "stripe", self.account, hold_id, terms, f"order-{number}", held_at=now
            )
            known = KnownAuthorization(start)
            handed = StartedAuthorization(
                known.workflow_id, self.name, "stripe", self.account, hold_id, f"order-{number}", "", "{}"
            )
            assert await asyncio.to_thread(stores.authorizations.begin, handed, Instrument(), now)
            await sender.begin(known, PickUp("begin"))
            self.holds.append(hold_id)
        await eventually(lambda: self.heard().count(terms.version) == len(self.holds), "all are held")

    def id_of(self, hold_id: str) -> str:
        return authorization_workflow_id(self.name, self.account, hold_id)

    def heard(self) -> list[int]:
        """The version that each authorization lives by, as far as it has recorded one."""
        states = [self.stack.stores.authorizations.load(self.id_of(one)) for one in self.holds]
        return [one.terms.version for one in states if one is not None and one.holds]

    # -- terms

    def agree(self, **changes: Any) -> AuthorizationTerms:
        book = self.stack.stores.terms
        wanted = replace(book.current(self.name, self.account), **changes)
        return book.put(self.name, self.account, wanted, by="kim")

    async def tell(self) -> None:
        sender = TermsSender(await self.stack.client(), self.stack.settings.timing.pacing, "fast")
        await sender.changed(self.name, self.account, LookNow("changed"))

    async def is_over(self) -> bool:
        """Whether nothing is left to tell."""
        client: Client = await self.stack.client()
        with suppress(RPCError):
            handle = client.get_workflow_handle(terms_change_workflow_id(self.name, self.account))
            return (await handle.describe()).status is WorkflowExecutionStatus.COMPLETED
        return False

    def confirmations(self) -> list[Confirmation]:
        return [one.confirmation for one in self.stack.stores.terms.history(self.name, self.account)]


async def eventually(holds: Callable[[], bool] | Callable[[], Awaitable[bool]], what: str) -> None:
    limit = asyncio.get_running_loop().time() + PATIENCE
    while True:
        found = holds()
        if found if isinstance(found, bool) else await found:
            return
        assert asyncio.get_running_loop().time() < limit, f"never happened: {what}"
        await asyncio.sleep(0.1)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Temporal, the worker and the mail server."""
    with Stack.start(tmp_path_factory.mktemp("terms"), without=("pixi", "unzer", "starter")) as running:
        yield running


@pytest.fixture(scope="module")
def stripe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The provider's stand-in."""
    process = start_sandbox("sandboxes.stripe", state=tmp_path_factory.mktemp("stripe") / "state.db")
    yield process.url
    process.stop()


@pytest.mark.rule("R8")
async def test_a_change_is_confirmed_and_heard(stack: Stack, stripe: str) -> None:
    """The mail says what was changed, by whom, and how many it concerns; open authorizations live by it, no other."""
    merchant = Merchant(stack, stripe, "told")
    merchant.set_up()
    await merchant.begin(3)
    ended = merchant.holds[0]
    merchant.control("POST", f"/payments/{ended}/cancel")
    client = await stack.client()
    await client.get_workflow_handle(merchant.id_of(ended)).signal("hold_hinted")
    await eventually(lambda: _status(merchant, ended) is AuthorizationStatus.VOIDED, "one is over")
    merchant.agree(renew_after_days=10, hope_run=True)
    await merchant.tell()
    await eventually(merchant.is_over, "all is told")
    assert merchant.heard() == [0, 1, 1]
    (mail,) = merchant.mails()
    assert mail["subject"] == "[told] Terms changed: told-stripe, version 1"
    assert "by kim. Version 1 holds now" in mail["text"]
    assert "- Renewal: after 7 days -> after 10 days\n- Hope run: no -> yes\n" in mail["text"]
    assert "open at that time: 2." in mail["text"]
    assert merchant.confirmations() == [Confirmation.SENT]
    merchant.agree(renew_after_days=10)  # no change
    await merchant.tell()
    await eventually(merchant.is_over, "nothing is told")
    assert len(merchant.mails()) == 1


async def test_one_that_comes_back_lives_by_the_terms_of_now(stack: Stack, stripe: str) -> None:
    """It had ended before the change, and was told nothing."""
    merchant = Merchant(stack, stripe, "back")
    merchant.set_up()
    await merchant.begin(1)
    (ended,) = merchant.holds
    merchant.control("POST", f"/payments/{ended}/cancel")
    client = await stack.client()
    await client.get_workflow_handle(merchant.id_of(ended)).signal("hold_hinted")
    await eventually(lambda: _status(merchant, ended) is AuthorizationStatus.VOIDED, "it is over")
    merchant.agree(renew_after_days=10)
    await client.get_workflow_handle(merchant.id_of(ended)).terminate()  # instead of waiting until it ends by itself
    state = stack.stores.authorizations.recall(merchant.id_of(ended))
    assert state is not None
    assert state.terms.version == 0
    terms = stack.stores.terms.current(merchant.name, merchant.account)
    start = AuthorizationStart(merchant.name, "stripe", merchant.account, ended, terms)
    sender = AuthorizationSender(client, stack.settings.timing.pacing, "fast")
    await sender.begin(KnownAuthorization(start, state), PickUp("back"))
    await eventually(lambda: merchant.heard() == [1], "it lives by them")


async def test_the_latest_change_wins(stack: Stack, stripe: str) -> None:
    """Several at once: each has its mail, and everybody ends with the last."""
    merchant = Merchant(stack, stripe, "thrice")
    merchant.set_up(Language.GERMAN)
    await merchant.begin(4)
    for days in (8, 9, 10):
        merchant.agree(renew_after_days=days)
        await merchant.tell()
    await eventually(merchant.is_over, "all is told")
    assert merchant.heard() == [3] * 4
    told = [one["subject"] for one in merchant.mails()]
    assert sorted(told) == [f"[thrice] Bedingungen geändert: thrice-stripe, Version {one}" for one in (1, 2, 3)]
    assert merchant.confirmations() == [Confirmation.SENT] * 3


async def test_a_mail_server_that_fails_delays_the_mail_and_nothing_else(stack: Stack, stripe: str) -> None:
    """Authorizations hear meanwhile; once the server answers, the mail comes, once."""
    merchant = Merchant(stack, stripe, "later")
    merchant.set_up()
    await merchant.begin(2)
    merchant.mail_server(port=1)
    merchant.agree(split=False)
    await merchant.tell()
    await eventually(lambda: merchant.heard() == [1, 1], "authorizations hear")
    assert merchant.mails() == []
    assert merchant.confirmations() == [Confirmation.OPEN]
    assert not await merchant.is_over()
    merchant.mail_server()
    await eventually(merchant.is_over, "the mail is sent")
    assert len(merchant.mails()) == 1
    assert merchant.confirmations() == [Confirmation.SENT]


async def test_a_worker_that_is_killed_in_the_middle(stack: Stack, stripe: str) -> None:
    """Whoever changed the terms could not even say so: another worker goes on, and the rest hear."""
    merchant = Merchant(stack, stripe, "killed")
    merchant.set_up()
    await merchant.begin(PAGE + 10)
    merchant.agree(max_age_days=90)
    sender = TermsSender(await stack.client(), stack.settings.timing.pacing, "fast")
    await start_terms_changes(stack.stores, sender)
    await eventually(lambda: merchant.heard().count(1) > 0, "the first hears")
    (worker,) = stack.running("worker")
    stack.kill(worker)
    assert merchant.heard().count(1) < len(merchant.holds)
    stack.run("worker")
    await eventually(merchant.is_over, "all is told")
    assert merchant.heard() == [1] * (PAGE + 10)
    assert {one["message_id"] for one in merchant.mails()} == {merchant.mails()[0]["message_id"]}
    assert merchant.confirmations() == [Confirmation.SENT]


def _status(merchant: Merchant, hold_id: str) -> AuthorizationStatus | None:
    state = merchant.stack.stores.authorizations.load(merchant.id_of(hold_id))
    return status_of(state) if state is not None else None
