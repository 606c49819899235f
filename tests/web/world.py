"""A starter without Temporal: real routes over a real database, with the orders that a test puts into it."""

import itertools
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from administration import Administration, Ports
from cli.wiring import HOLDS, mac_secret
from domain.authorization.facts import AuthorizationFact, HoldRead, HoldSnapshot, HoldStanding, Registered
from domain.authorization.ports import Instrument
from domain.authorization.records import AuthorizationBatch, AuthorizationRef, RecordedAuthorizationFact
from domain.authorization.state import AuthorizationState
from domain.authorization.state import evolve as evolve_hold
from domain.authorization.terms import AuthorizationTerms
from domain.facts import ErpReported, ErpSnapshot, Fact, InvoiceRow, LineSums, Phase
from domain.operations import Kind, Operation, operation_id, operation_key
from domain.order_state import OrderState, evolve
from domain.outcomes import OperationResult
from domain.parties import ProviderAccount, Tenant
from domain.ports import OperationHeader
from domain.records import RecordBatch, RecordedFact
from domain.tenant_config import AppMode, OrderConfig
from settings import Profile, Settings
from storage.audit import AuditTrail
from storage.authorization_terms import AuthorizationTermsBook
from storage.authorizations import SqlAuthorizations, StartedAuthorization
from storage.connection_checks import ConnectionChecks
from storage.database import Database
from storage.directory import Directory
from storage.file_drops import FileDrops
from storage.form_access import FormAccessBook
from storage.gates import Gates
from storage.journal import SqlJournal
from storage.orders import Orders
from storage.records import StartedOrder
from storage.secrets import SecretBox
from storage.values import to_json
from tests.administration.fakes import FakeAccess, FakeCallbacks, FakeDrop, FakeErp, FakeKeys, FakeMail
from tests.web.fakes import FakeHolds, FakeMessenger
from web.app import create_app
from web.services import Services
from web.setup_api.common import SETUP
from web.shop_api.access import READ, WRITE
from workflows.ids import authorization_workflow_id, order_workflow_id
from workflows.messages import AuthorizationStart

T0 = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
CALLBACK_TOKEN = "c2VjcmV0LWNhbGxiYWNrLXRva2Vu"
PUBLIC_KEY = "s-pub-acme"

CONFIG = OrderConfig(
    configuration="acme-card",
    version=1,
    provider="unzer",
    provider_account="unzer-acme",
    mode=AppMode.EXPERT,
    xml_tag="UNZER",
    invoice_event="RE",
    return_event="GU",
)


class Clock:
    """Real time as the starter sees it; stands still until a test moves it."""

    def __init__(self) -> None:
        self.at = T0

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **parts: float) -> None:
        self.at += timedelta(**parts)


@dataclass
class World:
    """One starter. `tenant` acme has an account at the provider, `rival` is another tenant."""

    database: Database
    settings: Settings
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.messenger = FakeMessenger(next_due=T0 + timedelta(minutes=1))
        self.erp, self.keys, self.smtp, self.drop = FakeErp(), FakeKeys(), FakeMail(), FakeDrop()
        self.holds, self.access = FakeHolds(), FakeAccess()
        self.services = Services.over(
            self.database,
            self.messenger,
            self.holds,
            self.settings,
            self._administration(),
            SqlAuthorizations(self.database, SecretBox(self.database, [b"k" * 32])),
            HOLDS,
            FormAccessBook(self.database, SecretBox(self.database, [b"k" * 32]), "computop", mac_secret),
            self.clock,
        )
        for tenant in ("acme", "rival"):
            self.services.directory.put_tenant(Tenant(tenant, tenant.title()))
        self.add_account()
        self.app: FastAPI = create_app(self.services, relay=False)

    def _administration(self) -> Administration:
        numbers = itertools.count(1)
        return Administration(
            Ports(
                directory=Directory(self.database),
                checks=ConnectionChecks(self.database),
                vault=SecretBox(self.database, [b"k" * 32]),
                open_orders=Orders(self.database),
                trail=AuditTrail(self.database),
                erp=self.erp,
                keys=self.keys,
                mail=self.smtp,
                callbacks=FakeCallbacks(),
                drops=FileDrops(self.database),
                drop_probe=self.drop,
                terms=AuthorizationTermsBook(self.database),
                access=self.access,
                renewing=frozenset({"stripe", "computop"}),
                live=lambda tenant: False,
                now=lambda tenant: self.clock(),
                token=lambda: f"callback-token-number-{next(numbers)}",
            )
        )

    def add_account(self, **options: str) -> None:
        """The provider account that callbacks come for."""
        account = ProviderAccount(
            "unzer-acme", "acme", "unzer", "https://provider.example", PUBLIC_KEY, options=options
        )
        self.services.directory.put_provider_account(account, callback_token=CALLBACK_TOKEN)

    def token(self, *scopes: str, tenant: str | None = "acme", expires_at: datetime | None = None) -> dict[str, str]:
        """Headers of a caller; without scopes it may do everything."""
        granted = frozenset(scopes or (READ, WRITE, SETUP))
        plain = self.services.tokens.add("shop", granted, tenant=tenant, expires_at=expires_at)
        return {"Authorization": f"Bearer {plain}"}

    def client(self, **headers: str) -> AsyncClient:
        """A caller with these headers, in one process with the routes."""
        return AsyncClient(transport=ASGITransport(self.app), base_url="http://starter", headers=headers)

    def shop(self, *scopes: str, tenant: str | None = "acme") -> AsyncClient:
        """A caller with a token."""
        return self.client(**self.token(*scopes, tenant=tenant))

    def start_order(self, order_no: str = "4711", tenant: str = "acme") -> str:
        """An order that has started; returns its workflow id."""
        workflow_id = order_workflow_id(tenant, "pixi", order_no)
        self.services.records.started(StartedOrder(workflow_id, tenant, "pixi", order_no, CONFIG), T0)
        return workflow_id

    def add_order(self, order_no: str = "4711", *facts: Fact, tenant: str = "acme", **picture: Any) -> str:
        """An order of which the ERP's picture and further facts are recorded; returns its workflow id."""
        workflow_id = self.start_order(order_no, tenant)
        state, recorded = OrderState(workflow_id), []
        for fact in (ErpReported(snapshot(order_no, **picture)), *facts):
            state = evolve(state, fact)
            recorded.append(RecordedFact(state.seq, fact))
        batch = RecordBatch(
            workflow_id, tenant, "pixi", order_no, CONFIG, tuple(recorded), state, T0 + timedelta(hours=1), T0
        )
        assert self.services.records.record(batch) is None
        return workflow_id

    def add_hold_account(self, account: str = "cards", tenant: str = "acme", provider: str = "stripe") -> None:
        """An account at a provider that holds money on cards."""
        self.services.directory.put_provider_account(
            ProviderAccount(account, tenant, provider, "https://provider.example", "", account)
        )

    def add_authorization(self, reference: str = "pi_1", *facts: AuthorizationFact, **hold: Any) -> str:
        """An authorization of acme that was handed over and read, and whatever else is recorded; its workflow id."""
        workflow_id = authorization_workflow_id("acme", "cards", reference)
        ref = AuthorizationRef(workflow_id, "acme", "stripe", "cards", reference)
        case = f"case-{reference}"
        start = AuthorizationStart("acme", "stripe", "cards", reference, case_reference=case)
        self.services.authorizations.begin(
            StartedAuthorization(workflow_id, "acme", "stripe", "cards", reference, case, "", to_json(start)),
            Instrument(),
            T0,
        )
        state, recorded = AuthorizationState(workflow_id), []
        told = Registered(T0, reference, AuthorizationTerms(), case)
        for fact in (told, HoldRead(held(reference, **hold), 1), *facts):
            state = evolve_hold(state, fact)
            recorded.append(RecordedAuthorizationFact(state.seq, fact))
        batch = AuthorizationBatch(ref, tuple(recorded), state, T0 + timedelta(hours=1), T0)
        assert self.services.authorizations.record(batch) is None
        return workflow_id

    def add_operation(self, workflow_id: str, kind: Kind, subject: str, result: OperationResult | None) -> str:
        """An operation in the journal, begun and, with a result, ended; returns its id."""
        op_id = operation_id(workflow_id, kind, subject, 1)
        journal = SqlJournal(self.database, Gates(self.database), in_flight=timedelta(minutes=1), sends=5)
        header = OperationHeader(
            op_id, operation_key(op_id), workflow_id, kind.value, subject, 1, 1995, "EUR", "hash", "unzer-acme"
        )
        journal.begin(header, T0, "owner")
        if result is not None:
            journal.finish(op_id, "owner", T0, result)
        return op_id


def held(hold_id: str, **changes: Any) -> HoldSnapshot:
    """The provider's picture of a hold that was placed at `T0` and is good for a week."""
    known = HoldSnapshot(
        hold_id=hold_id,
        standing=HoldStanding.HELD,
        as_of=T0,
        currency="EUR",
        amount_minor=10_000,
        open_minor=10_000,
        held_at=T0,
        deadline=T0 + timedelta(days=7),
    )
    return replace(known, **changes)


def snapshot(order_no: str, **changes: Any) -> ErpSnapshot:
    """The ERP's picture of an order with one shipped invoice."""
    known = ErpSnapshot(
        order_no=order_no,
        shop_order_no=f"W-{order_no}",
        shop_id="SHOP",
        payment_code="CC",
        payment_id="s-pay-1",
        currency="EUR",
        total_minor=1995,
        phase=Phase.OPEN,
        as_of=T0,
        digest=f"digest-{order_no}",
        open=LineSums(1, 1995),
        invoices=(InvoiceRow("R1", 1995),),
    )
    return replace(known, **changes)


def capture(subject: str = "R1") -> Operation:
    return Operation(Kind.CAPTURE, subject, amount_minor=1995, currency="EUR")


def settings(database_url: str, profile: Profile = Profile.FAST, **changes: Any) -> Settings:
    """Settings of a test, whatever the environment says."""
    return Settings(database_url=database_url, profile=profile, **changes)
