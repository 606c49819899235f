"""Puts the parts together: settings → database → stores and ports, for worker, starter and command line alike."""

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import structlog
from alembic.script import ScriptDirectory
from pydantic import ValidationError
from temporalio.client import Client, Interceptor, WorkflowExecutionStatus
from temporalio.service import RPCError

from activities.jobs import HoldJob, Job
from activities.mails import WriteHoldMail, WriteMail
from adapters.computop.account import PaygateAccount, PaygateTimeouts
from adapters.computop.handing_over import PAYGATE_HOLDS
from adapters.mail.hold_mail import hold_mail
from adapters.mail.problem_mail import problem_mail
from adapters.mail.settings import MailSettings as SmtpSettings
from adapters.pixi import PixiConnection
from adapters.stripe_psp.account import StripeAccount
from adapters.stripe_psp.handing_over import STRIPE_HOLDS
from adapters.unzer.account import UnzerAccount
from administration.hold_accounts import signing_ref
from cli.logs import configure_logs
from domain.errors import Misconfigured, Transient
from domain.facts import ErpReported, ErpSnapshot
from domain.order_state import OrderState, evolve
from domain.parties import MailSecurity, MailSettings, ProviderAccount, Sealed
from domain.ports import Mail
from domain.tenant_config import OrderConfig
from settings import Settings
from simulation.starts import SimulatedStarts
from storage.authorization_terms import AuthorizationTermsBook
from storage.authorizations import SqlAuthorizations, SqlCardLedger
from storage.batches import Batches
from storage.clock import TenantClocks
from storage.database import Database, check_file
from storage.directory import Directory
from storage.failure_files import FailureFiles
from storage.failures import without_tables
from storage.file_drops import FileDrops
from storage.form_access import USUAL_CIPHER, FormAccessBook
from storage.gates import Gates
from storage.inbox import Inbox
from storage.journal import SqlJournal
from storage.leases import Leases
from storage.messages import Messages
from storage.poll_memory import PollMemory
from storage.polled_orders import SqlPolledOrders
from storage.records import Records
from storage.revisions import alembic_config, revision
from storage.secrets import SecretBox, parse_master_keys
from storage.slots import LeasedSlots
from storage.switches import SqlSwitches
from storage.values import from_json
from workflows.ids import order_workflow_id
from workflows.messages import AuthorizationStart, ErpPicture, PaymentHint
from workflows.sending import KnownOrder, WorkflowSender
from workflows.sending_holds import KnownAuthorization

log = structlog.get_logger()

T = TypeVar("T")
SEND_SECONDS = 30.0
STRIPE_URL = "https://api.stripe.com"
HOLDS = {one.provider: one for one in (STRIPE_HOLDS, PAYGATE_HOLDS)}


def mac_secret(secret_ref: str) -> str:
    """Where the password that signs a MerchantID's messages is kept, beside the one that seals them."""
    return signing_ref(secret_ref)


def settings_of_process() -> Settings:
    """The settings in the environment; raises `Misconfigured` with the names of those that are wrong."""
    try:
        return Settings()
    except ValidationError as error:
        names = sorted({f"HOLDFAST_{str(one['loc'][0]).upper()}" for one in error.errors(include_input=False)})
        configure_logs(Settings.model_construct())
        raise Misconfigured(f"wrong in the environment: {', '.join(names)}") from None


def check_keys(settings: Settings) -> None:
    """Raises `Misconfigured` when the master key, without which no credentials can be read, is missing or none."""
    try:
        parse_master_keys(settings.master_key.get_secret_value())
    except Misconfigured as error:
        raise Misconfigured(f"HOLDFAST_MASTER_KEY is missing or wrong: {error}") from None


def check_database(settings: Settings) -> None:
    """Raises `DatabaseUnusable` unless the database answers and has this version's tables."""
    check_file(settings.database_url)
    database = Database(settings.database_url)
    if database.is_sqlite and not Path(database.url.database or "").exists():
        raise without_tables(database.url)
    try:
        with database.read() as connection:
            found = revision(connection)
        if found != ScriptDirectory.from_config(alembic_config()).get_current_head():
            raise without_tables(database.url)
    finally:
        database.close()


@dataclass(frozen=True)
class Stores:
    """Everything that reads or writes our database, and what adapters need to find credentials."""

    settings: Settings
    db: Database

    @classmethod
    def open(cls, settings: Settings) -> "Stores":
        """Open the database of the settings; raises `DatabaseUnusable` with one clear sentence."""
        return cls(settings, Database(settings.database_url))

    def close(self) -> None:
        self.db.close()

    @cached_property
    def directory(self) -> Directory:
        return Directory(self.db)

    @cached_property
    def secrets(self) -> SecretBox:
        return SecretBox(self.db, parse_master_keys(self.settings.master_key.get_secret_value()))

    @cached_property
    def vault(self) -> "Vault":
        return Vault(self)

    @cached_property
    def gates(self) -> Gates:
        return Gates(self.db)

    @cached_property
    def journal(self) -> SqlJournal:
        pacing = self.settings.timing.pacing
        return SqlJournal(self.db, self.gates, in_flight=pacing.in_flight, sends=pacing.sends)

    @cached_property
    def records(self) -> Records:
        return Records(self.db)

    @cached_property
    def authorizations(self) -> SqlAuthorizations:
        return SqlAuthorizations(self.db, self.vault)

    @cached_property
    def terms(self) -> AuthorizationTermsBook:
        return AuthorizationTermsBook(self.db)

    @cached_property
    def failure_files(self) -> FailureFiles:
        return FailureFiles(self.db)

    @cached_property
    def file_drops(self) -> FileDrops:
        return FileDrops(self.db)

    @cached_property
    def forms(self) -> FormAccessBook:
        return FormAccessBook(self.db, self.vault, PAYGATE_HOLDS.provider, mac_secret)

    @cached_property
    def batches(self) -> Batches:
        return Batches(self.db)

    @cached_property
    def card_ledger(self) -> SqlCardLedger:
        return SqlCardLedger(self.db)

    @cached_property
    def messages(self) -> Messages:
        return Messages(self.db)

    @cached_property
    def inbox(self) -> Inbox:
        return Inbox(self.db)

    @cached_property
    def clocks(self) -> TenantClocks:
        return TenantClocks(self.db, production=not self.settings.simulation_allowed)

    @cached_property
    def switches(self) -> SqlSwitches:
        return SqlSwitches(self.gates, self.directory)

    @cached_property
    def slots(self) -> LeasedSlots:
        return LeasedSlots(
            Leases(self.db),
            ttl=timedelta(seconds=1.5 * (self.settings.timing.erp_read + self.settings.timing.http_connect)),
        )

    @cached_property
    def poll_memory(self) -> PollMemory:
        return PollMemory(self.db)

    @cached_property
    def polled_orders(self) -> SqlPolledOrders:
        return SqlPolledOrders(
            self.directory,
            self.poll_memory,
            self.records,
            self.inbox,
            self.settings.timing.pacing,
            order_workflow_id,
        )

    def pixi_connection(self, name: str) -> PixiConnection:
        """Address and credentials of `tenant/connection`; raises `Misconfigured` when there are none."""
        tenant, _, connection = name.partition("/")
        found = self.directory.erp_connection(tenant, connection)
        if found is None:
            raise Misconfigured(f"there is no ERP connection {connection}: add it")
        timing = self.settings.timing
        return PixiConnection(
            name=name,
            base_url=found.base_url,
            user=found.username,
            password=self.secrets.get(found.password_ref),
            ca_file=found.ca_file or None,
            connect_timeout=timing.http_connect,
            read_timeout=timing.erp_read,
        )

    def unzer_account(self, account: str) -> UnzerAccount:
        """Keys and address of a provider account; raises `Misconfigured` when there are none."""
        found = self.directory.provider_account(account)
        if found is None:
            raise Misconfigured(f"there is no provider account {account}: add it")
        timing = self.settings.timing
        return UnzerAccount(
            name=account,
            base_url=found.base_url,
            public_key=found.public_key,
            private_key=self.secrets.get(found.secret_ref),
            timeout_seconds=timing.provider_read,
            connect_seconds=timing.http_connect,
            bearer=found.options.get("bearer") == "yes",
            token_url=found.options.get("token_url", ""),
        )

    def stripe_account(self, account: str) -> StripeAccount:
        """Key and address of a Stripe account; raises `Misconfigured` when there are none."""
        found = self._account_of(account, "stripe")
        timing = self.settings.timing
        return StripeAccount(
            name=account,
            secret_key=self.secrets.get(found.secret_ref),
            base_url=found.base_url if found.base_url.rstrip("/") != STRIPE_URL else None,
            timeout_seconds=timing.provider_read,
            connect_seconds=timing.http_connect,
        )

    def paygate_account(self, account: str) -> PaygateAccount:
        """Address and secrets of a MerchantID; raises `Misconfigured` when there are none.

        Of its two passwords the one for messages is kept as the account's secret, the one that signs them beside it.
        """
        found = self._account_of(account, "computop")
        timing = self.settings.timing
        return PaygateAccount.of(
            name=account,
            merchant_id=found.public_key,
            cipher=found.options.get("cipher", USUAL_CIPHER),
            password=self.secrets.get(found.secret_ref),
            mac_password=self.secrets.get(mac_secret(found.secret_ref)),
            base_url=found.base_url,
            timeouts=PaygateTimeouts(timing.http_connect, timing.provider_read),
        )

    def _account_of(self, account: str, provider: str) -> ProviderAccount:
        found = self.directory.provider_account(account)
        if found is None or found.provider != provider:
            raise Misconfigured(f"there is no account {account} at {provider}: add it")
        return found

    def mail_settings(self, tenant: str) -> SmtpSettings:
        """How a tenant's mails go out; raises `Misconfigured` when nothing is set."""
        found = self.directory.mail_settings(tenant)
        if found is None:
            raise Misconfigured(f"the tenant {tenant} has no mail settings: add them")
        return smtp_settings(found, self.secrets.get(found.password_ref) if found.password_ref else "")

    def known_order(self, workflow_id: str) -> KnownOrder | None:
        """What is needed to start an order again, None when it never started."""
        started = self.records.start_of(workflow_id)
        if started is None:
            return None
        tenant, connection, order_no = started.tenant, started.connection, started.order_no
        state = self.records.recall(workflow_id)
        told = self.poll_memory.get(tenant, connection, order_no)
        if told is not None and told.snapshot is not None:
            # a run that was ended from outside may have heard this without recording it, and no poll tells it again
            heard = evolve(state or OrderState(workflow_id), ErpReported(told.snapshot))
            if state is None or heard.erp is not state.erp:  # else it is no news, and the journal's numbers go on
                state = heard
        return KnownOrder(tenant, connection, order_no, started.config, state)

    def known_authorization(self, workflow_id: str) -> KnownAuthorization | None:
        """What is needed to start an authorization again, None when it was never handed over."""
        started = self.authorizations.started(workflow_id)
        if started is None:
            return None
        handed = from_json(AuthorizationStart, started.start)
        start = replace(handed, terms=self.terms.current(started.tenant, started.account))
        return KnownAuthorization(start, self.authorizations.recall(workflow_id))


class Vault:
    """The secret box, opened with the first secret: a process may run without the master key until then."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def get(self, ref: str) -> str:
        return self._stores.secrets.get(ref)

    def seal(self, ref: str, value: str) -> Sealed:
        return self._stores.secrets.seal(ref, value)


def smtp_settings(settings: MailSettings, password: str) -> SmtpSettings:
    """A tenant's mail account as the mail adapter wants it."""
    return SmtpSettings(
        host=settings.host,
        port=settings.port,
        user=settings.username,
        password=password,
        sender=settings.sender,
        recipient=settings.recipient,
        starttls=settings.security is MailSecurity.STARTTLS,
        tls=settings.security is MailSecurity.TLS,
    )


def simulated_starts(settings: Settings, stores: Stores) -> Sequence[Interceptor]:
    """Client interceptors: simulated tenants start their workflows at their own time; nothing in production."""
    if not settings.simulation_allowed:
        return ()

    def offset(tenant: str) -> timedelta | None:
        found = stores.directory.tenant(tenant)
        return stores.clocks.offset(tenant) if found is not None and found.simulated else None

    def opened(tenant: str, workflow_id: str) -> None:
        stores.clocks.opened(tenant, workflow_id, datetime.now(UTC) + stores.clocks.offset(tenant))

    return (SimulatedStarts(offset, opened),)


def mail_writer(settings: Settings, stores: Stores) -> WriteMail:
    """Writes a problem's mail in the language of the order's configuration."""

    def write(job: Job) -> Mail:
        note = job.operation.note
        page = f"{settings.public_url}/ui/orders/{quote(job.order.connection, safe='')}"
        return problem_mail(
            tenant=job.order.tenant,
            order_no=job.order.order_no,
            code=note.code,
            params=note.params,
            language=job.language,
            operation_id=job.id,
            subject=job.operation.concerns,
            order_url=f"{page}/{quote(job.order.order_no, safe='')}?tenant={quote(job.order.tenant, safe='')}",
        )

    return write


def hold_mail_writer() -> WriteHoldMail:
    """Writes a mail about an authorization in the language of its terms."""

    def write(job: HoldJob) -> Mail:
        return hold_mail(
            tenant=job.tenant,
            name=job.facts.case_reference or job.facts.first_hold_id,
            note=job.operation.note,
            language=job.language,
            operation_id=job.id,
        )

    return write


def temporal_orders(settings: Settings, stores: Stores, client: Client) -> "TemporalOrders":
    """The poller's way to the orders, usable from activity threads; call it in the client's event loop."""
    sender = WorkflowSender(client, settings.timing.pacing, settings.profile.value)
    return TemporalOrders(client, sender, stores, asyncio.get_running_loop())


class TemporalOrders:
    """Fulfils `domain.polling.Orders` for synchronous activities."""

    def __init__(self, client: Client, sender: WorkflowSender, stores: Stores, loop: asyncio.AbstractEventLoop) -> None:
        self._client = client
        self._sender = sender
        self._stores = stores
        self._loop = loop
        self._handled: set[str] = set()

    def report(
        self, tenant: str, connection: str, snapshot: ErpSnapshot, config: OrderConfig, resume: OrderState | None
    ) -> None:
        """Signal the picture, starting the order when it does not run."""
        order = KnownOrder(tenant, connection, snapshot.order_no, config, resume)
        self._run(self._sender.report(order, ErpPicture(f"{snapshot.order_no}/{snapshot.digest}", snapshot)))

    def revive(self, tenant: str, connection: str) -> int:
        """Start again every order of which a run was ended from outside.

        What that run had heard and not recorded is lost, also when other news has started a new run meanwhile: the
        order looks at its payment, and messages go out again.
        """
        revived = 0
        for workflow_id, run_id in self._run(self._sender.ended_from_outside(tenant, connection)):
            if run_id in self._handled:
                continue
            try:
                revived += self._revive(workflow_id, run_id)
            except Transient as error:  # tried again at the next poll; the others need not wait for it
                log.warning("order.not_revived", workflow=workflow_id, error=str(error))
                continue
            self._handled.add(run_id)
        return revived

    def _revive(self, workflow_id: str, run_id: str) -> bool:
        status = self._run(self._client.get_workflow_handle(workflow_id).describe()).status
        order = self._stores.known_order(workflow_id)
        self._stores.messages.reopen(workflow_id)
        if order is None or status is WorkflowExecutionStatus.COMPLETED:  # it came to its end after that
            return False
        log.warning("order.revived", workflow=workflow_id, ended_as=status.name.lower() if status else "")
        self._run(self._sender.hint(order, PaymentHint(f"revive/{run_id}")))
        return True

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            return asyncio.run_coroutine_threadsafe(work, self._loop).result(SEND_SECONDS)
        except (RPCError, TimeoutError) as error:
            raise Transient(f"Temporal did not answer: {type(error).__name__}") from error
