"""What activities get and give: one dataclass each way, the same on both sides of the wire."""

from dataclasses import dataclass
from datetime import datetime

from domain.authorization.facts import HoldSnapshot
from domain.authorization.operations import HoldOperation
from domain.authorization.records import AuthorizationRef
from domain.authorization.schemes import Scheme
from domain.facts import PaymentSnapshot
from domain.failure_report import ReportStep
from domain.operations import Kind, Operation
from domain.ports import PollCursor
from domain.tenant_config import Language


@dataclass(frozen=True)
class OrderRef:
    """Whose work this is."""

    workflow_id: str
    tenant: str
    connection: str
    order_no: str


@dataclass(frozen=True)
class PaymentQuestion:
    """Read one payment with the credentials of `account`."""

    order: OrderRef
    provider: str
    account: str
    payment_id: str


@dataclass(frozen=True)
class PaymentAnswer:
    """The payment, or why it could not be read (a code) and when to ask again (UTC)."""

    snapshot: PaymentSnapshot | None = None
    reason: str = ""
    retry_at: datetime | None = None


@dataclass(frozen=True)
class Job:
    """One operation to carry out. `account` names the provider account or, for the ERP, the connection.

    An ERP operation that needs something of the payment names `payment_provider` and `payment_account` too.
    """

    order: OrderRef
    operation: Operation
    provider: str
    account: str
    configuration: str
    language: Language
    payment_provider: str = ""
    payment_account: str = ""

    @property
    def id(self) -> str:
        return self.operation.id_within(self.order.workflow_id)

    @property
    def workflow_id(self) -> str:
        return self.order.workflow_id

    @property
    def tenant(self) -> str:
        return self.order.tenant


@dataclass(frozen=True)
class HoldFacts:
    """What every request about an authorization needs: the merchant's names for it, its first hold, its card by the
    provider's name, and when it was first held where only the merchant knows (UTC)."""

    first_hold_id: str
    currency: str
    case_reference: str = ""
    payout_reference: str = ""
    card: str = ""
    scheme: Scheme = Scheme.OTHER
    held_at: datetime | None = None


@dataclass(frozen=True)
class HoldQuestion:
    """Read one hold. `amount_minor`: what would be authorized next with its card, 0 for nothing."""

    authorization: AuthorizationRef
    facts: HoldFacts
    hold_id: str
    amount_minor: int = 0


@dataclass(frozen=True)
class HoldAnswer:
    """The hold, or why it could not be read (a code) and when to ask again (UTC)."""

    snapshot: HoldSnapshot | None = None
    reason: str = ""
    retry_at: datetime | None = None


@dataclass(frozen=True)
class HoldJob:
    """One operation on a hold to carry out. `before_minor`: what our books say was captured of it before, or given
    back before where the operation gives back. `scheme_reference`: what an authorization refers to."""

    authorization: AuthorizationRef
    operation: HoldOperation
    facts: HoldFacts
    before_minor: int = 0
    scheme_reference: str = ""
    language: Language = Language.GERMAN

    @property
    def id(self) -> str:
        return self.operation.id_within(self.authorization.workflow_id)

    @property
    def workflow_id(self) -> str:
        return self.authorization.workflow_id

    @property
    def tenant(self) -> str:
        return self.authorization.tenant

    @property
    def provider(self) -> str:
        return "mail" if self.operation.kind is Kind.MAIL else self.authorization.provider

    @property
    def account(self) -> str:
        return self.authorization.tenant if self.operation.kind is Kind.MAIL else self.authorization.account


@dataclass(frozen=True)
class ReportLook:
    """Look at the failures of a tenant at `at` (UTC, the workflow's time)."""

    workflow_id: str
    tenant: str
    at: datetime


@dataclass(frozen=True)
class ReportJob:
    """One operation about a failure file: put it into the merchant's folder, or tell a person that it is late."""

    workflow_id: str
    tenant: str
    step: ReportStep

    @property
    def operation(self) -> Operation:
        return self.step.operation

    @property
    def id(self) -> str:
        return self.operation.id_within(self.workflow_id)

    @property
    def provider(self) -> str:
        return "mail" if self.operation.kind is Kind.MAIL else "drop"

    @property
    def account(self) -> str:
        return self.tenant


@dataclass(frozen=True)
class TermsLook:
    """Look at the terms of an account. `after`: the last authorization that was told."""

    workflow_id: str
    tenant: str
    account: str
    after: str


@dataclass(frozen=True)
class TermsNews:
    """Tell these authorizations the terms of their account, by workflow id."""

    tenant: str
    account: str
    authorizations: tuple[str, ...]


@dataclass(frozen=True)
class TermsJob:
    """Confirm a version of the terms of an account by mail."""

    workflow_id: str
    tenant: str
    provider_account: str
    version: int
    operation: Operation

    @property
    def id(self) -> str:
        return self.operation.id_within(self.workflow_id)

    @property
    def provider(self) -> str:
        return "mail"

    @property
    def account(self) -> str:
        return self.tenant


@dataclass(frozen=True)
class PollJob:
    """Ask the ERP of one connection what changed since `cursor`, and tell the orders. `again`: orders whose picture
    could not be read last time; `rest`: orders of the last page for which the time was too short.

    A job that names no place (a poller that starts anew) goes on from the place that was kept.
    """

    tenant: str
    connection: str
    cursor: PollCursor
    again: tuple[str, ...] = ()
    profile: str = "production"
    rest: tuple[str, ...] = ()


@dataclass(frozen=True)
class PollReport:
    """What one page of polling did. `cursor` may be kept: every order of the page was told, or stands in `again` or
    `rest`.

    `reason` and `retry_at` (UTC) say why nothing or not everything was read; `interval_seconds` is the connection's
    setting as it stands now; `active` False: the connection is switched off.
    """

    cursor: PollCursor
    more: bool = False
    told: int = 0
    unchanged: int = 0
    reason: str = ""
    retry_at: datetime | None = None
    interval_seconds: float = 300.0
    active: bool = True
    again: tuple[str, ...] = ()
    rest: tuple[str, ...] = ()
