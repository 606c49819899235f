"""What activities get and give: one dataclass each way, the same on both sides of the wire."""

from dataclasses import dataclass
from datetime import datetime

from domain.facts import PaymentSnapshot
from domain.operations import Operation
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
