"""The changes of terms whose histories are kept. Server, workers, SQL and mail server are real ones, in real time; the
authorizations are rows that hear when a play says so."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from temporalio.client import Client, WorkflowHandle

from domain.authorization.facts import TermsChanged
from domain.authorization.terms import AuthorizationTerms
from domain.authorization.terms_change import Confirmation
from domain.parties import MailSecurity, MailSettings, ProviderAccount, Tenant
from domain.tenant_config import Language
from storage.tables import provider_accounts
from tests.failure_report.conftest import Mailbox, open_clients, open_mailbox, open_stores
from tests.support.failing import Failing
from tests.workflows.world import until
from workflows.ids import terms_change_workflow_id
from workflows.messages import LookNow
from workflows.sending_terms import TermsSender

ACCOUNT = "cards"


@dataclass
class Merchant:
    """A tenant with one account, and what is told of its terms."""

    tenant: str
    stores: Any
    client: Client
    mailbox: Mailbox
    held: dict[str, Failing] = field(default_factory=dict)

    def set_up(self) -> None:
        self.stores.directory.put_tenant(Tenant(self.tenant, "Acme Ltd", Language.ENGLISH))
        self.stores.directory.put_provider_account(ProviderAccount(self.account, self.tenant, "stripe", "https://x.y"))
        self.mail_server()

    @property
    def account(self) -> str:
        return f"{self.tenant}-{ACCOUNT}"

    def mail_server(self, port: int = 0) -> None:
        recipient = f"{self.tenant}@merchant.example"
        found = MailSettings(
            self.tenant, "127.0.0.1", port or self.mailbox.port, "h@acme.example", recipient, MailSecurity.NONE
        )
        self.stores.directory.put_mail_settings(found)

    def hold(self, reference: str) -> None:
        terms, now = AuthorizationTerms(version=0), datetime.now(UTC)
        self.held[reference] = Failing(self.stores.db, reference, self.account, self.tenant, terms).held(now)

    def hears(self, *references: str) -> None:
        """These record the terms that hold now, as if they had heard of them."""
        now = datetime.now(UTC)
        for one in references:
            self.held[one].learn_of(TermsChanged(now, self.stores.terms.current(self.tenant, self.account))).record(now)

    async def agree(self, **changes: Any) -> None:
        book = self.stores.terms
        book.put(self.tenant, self.account, replace(book.current(self.tenant, self.account), **changes), by="kim")
        sender = TermsSender(self.client, self.stores.settings.timing.pacing, "fast")
        await sender.changed(self.tenant, self.account, LookNow("changed"))

    @property
    def handle(self) -> WorkflowHandle[Any, Any]:
        return self.client.get_workflow_handle(terms_change_workflow_id(self.tenant, self.account))

    async def told(self, times: int) -> None:
        """Wait until so many pages were told in the present run."""

        async def holds() -> bool:
            history = await self.handle.fetch_history()
            names = [one.activity_task_scheduled_event_attributes.activity_type.name for one in history.events]
            return names.count("tell_terms") >= times

        await until(holds, f"{times} pages are told")

    def confirmed(self) -> list[Confirmation]:
        return [one.confirmation for one in self.stores.terms.history(self.tenant, self.account)]


Play = Callable[[Merchant], Awaitable[None]]


async def told_and_heard(merchant: Merchant) -> None:
    """A mail, a page, a round; one hears only of the second round."""
    merchant.hold("a")
    merchant.hold("b")
    await merchant.agree(renew_after_days=10)
    await merchant.told(1)
    merchant.hears("a")
    await merchant.told(2)
    merchant.hears("b")
    await merchant.handle.result()
    assert merchant.confirmed() == [Confirmation.SENT]


async def nobody_open(merchant: Merchant) -> None:
    """Only the mail."""
    await merchant.agree(split=False)
    await merchant.handle.result()
    assert merchant.confirmed() == [Confirmation.SENT]


async def mail_comes_late(merchant: Merchant) -> None:
    """The mail server does not answer; another change comes meanwhile, then both mails go out."""
    merchant.hold("a")
    merchant.mail_server(port=1)
    await merchant.agree(hope_run=True)
    await merchant.told(1)
    await merchant.agree(max_age_days=90)
    merchant.hears("a")
    await until(lambda: len(merchant.confirmed()) == 2, "two changes")
    merchant.mail_server()
    await merchant.handle.result()
    assert merchant.confirmed() == [Confirmation.SENT] * 2


async def account_is_gone(merchant: Merchant) -> None:
    """While somebody has not heard the account is removed."""
    merchant.hold("a")
    await merchant.agree(hope_run=True)
    await merchant.told(1)
    with merchant.stores.db.write() as sql:
        sql.execute(provider_accounts.delete().where(provider_accounts.c.id == merchant.account))
    await merchant.handle.signal("look_now")
    await merchant.handle.result()


async def many_rounds(merchant: Merchant) -> None:
    """On a server that suggests a fresh run early: somebody hears only in a later run."""
    merchant.hold("a")
    await merchant.agree(renew_after_days=9)
    first = (await merchant.handle.describe()).run_id

    async def later() -> bool:
        return (await merchant.handle.describe()).run_id != first

    await until(later, "a fresh run")
    merchant.hears("a")
    await merchant.handle.result()


TERMS: dict[str, Play] = {
    "told": told_and_heard,
    "nobody": nobody_open,
    "mail-late": mail_comes_late,
    "gone": account_is_gone,
}
CONTINUED: dict[str, Play] = {"continued": many_rounds}


async def record(folder: Path, plays: dict[str, Play], save: Callable[[Client, str, str], Awaitable[Any]]) -> None:
    """Play each and save it; `save` takes a client, the name and the id of the workflow."""
    with open_mailbox() as mailbox, open_stores(folder) as stores:
        async with open_clients(stores) as (_, client):
            for name, play in plays.items():
                merchant = Merchant(name, stores, client, mailbox)
                await asyncio.to_thread(merchant.set_up)
                await play(merchant)
                await save(client, name, merchant.handle.id)
