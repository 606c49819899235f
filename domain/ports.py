"""What Holdfast needs from outside systems, as protocols. Adapters fulfil them, activities call them.

Effects return an `OperationResult` and raise only for programming errors and `Misconfigured`; reads raise `Transient`
when they may be repeated. Every effect takes a `SendPermit` and calls it immediately before the request leaves; it
raises `NotSent` when nothing may leave (pause, rate, window, another owner). An effect that is handed `Permits` asks
their `look` before its questions.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from domain.facts import ErpSnapshot, PaymentSnapshot
from domain.operations import Cause
from domain.outcomes import OperationResult
from domain.tenant_config import Language

SendPermit = Callable[[], None]


@dataclass(frozen=True)
class Permits:
    """A `SendPermit` that tells questions apart: `send` before a request that changes something, `look` before one
    that only asks. A question that is never answered leaves nothing in doubt, so it counts as no send."""

    send: Callable[[], None]
    look: Callable[[], None]

    def __call__(self) -> None:
        self.send()


@dataclass(frozen=True)
class Earlier:
    """What is known of earlier sends of the same operation. With `sends` > 0 the adapter reads before it repeats.

    `over`: the time in which an earlier request could still take effect has passed, so what is not found by now left
    nothing behind. `may_send`: that, and another send is allowed; otherwise the adapter only asks, and an effect of
    which nothing is found stays *unknown*. `withdrawn`: nobody wants it any more, so nothing is sent, and what left
    nothing behind when the time was over ends as declined. `unheard`: how many of the sends were never answered.
    """

    sends: int = 0
    may_send: bool = True
    over: bool = False
    withdrawn: bool = False
    unheard: int = field(default=0, compare=False)


@dataclass(frozen=True)
class CaptureRequest:
    """Take `amount_minor` of a held payment. `reference` is the derived key, unique per operation and readable back."""

    payment_id: str
    amount_minor: int
    currency: str
    reference: str
    invoice_no: str = ""
    order_reference: str = ""


@dataclass(frozen=True)
class VoidRequest:
    """Give back all that is still held, or claim no longer what the customer still owes.

    `amount_minor` is how much that was when it was decided; what is left when the request arrives is what counts.
    """

    payment_id: str
    amount_minor: int
    currency: str
    reference: str
    cause: Cause = Cause.CANCELLATION
    order_reference: str = ""


@dataclass(frozen=True)
class RefundRequest:
    """Give exactly `amount_minor` back. What the customer still owes is claimed no longer first, the rest is paid back.

    `document_no` is the credit note, '' for cancelled lines and orders. One request may take several steps at the
    provider; all carry the same `reference`, by which those that took effect are found again.
    """

    payment_id: str
    amount_minor: int
    currency: str
    reference: str
    cause: Cause
    document_no: str = ""
    order_reference: str = ""


@dataclass(frozen=True)
class ShipmentRequest:
    """Tell the provider that the goods are out, which starts the customer's time to pay (rules P36, P37)."""

    payment_id: str
    reference: str
    invoice_no: str
    order_reference: str = ""


@dataclass(frozen=True)
class BankDetails:
    """The account that the customer transfers to, and the text that the transfer must carry. Never leaves an activity
    and never shows in a log."""

    holder: str = field(repr=False)
    iban: str = field(repr=False)
    bic: str = field(repr=False)
    reference: str = field(repr=False)


class PaymentProvider(Protocol):
    """A payment provider. `account` names the provider account whose credentials are used."""

    def read_payment(self, account: str, payment_id: str) -> PaymentSnapshot:
        """The payment as it stands; standing *missing* when the provider does not know it.

        Raises `Transient` when no usable answer came, `Misconfigured` when the credentials are refused.
        """

    def capture(self, account: str, request: CaptureRequest, earlier: Earlier, permit: SendPermit) -> OperationResult:
        """Capture once. Evidence carries the capture's id and amount."""

    def void(self, account: str, request: VoidRequest, earlier: Earlier, permit: SendPermit) -> OperationResult:
        """Give the rest back once. Evidence carries what was given back; nothing being left is a success of nothing."""

    def refund(self, account: str, request: RefundRequest, earlier: Earlier, permit: SendPermit) -> OperationResult:
        """Give an amount back once. Evidence carries the amount that took effect: less than was asked for where a
        later step was refused. *Declined* means that no step took effect."""

    def report_shipment(
        self, account: str, request: ShipmentRequest, earlier: Earlier, permit: SendPermit
    ) -> OperationResult:
        """Report the shipment once. A payment that needs no report, or has one, is a success."""

    def bank_details(self, account: str, payment_id: str) -> BankDetails | None:
        """Where the customer of this payment transfers to, None when the payment names no such account.

        Raises `Transient` when no usable answer came, `Misconfigured` when the credentials are refused.
        """


@dataclass(frozen=True)
class ErpComment:
    """A comment for the ERP order; `tag` ends it and is looked up before it is written again."""

    text: str
    tag: str


@dataclass(frozen=True)
class ReleaseRequest:
    """Release an order from hold; with `lock` the shipping lock is set first (rule P14)."""

    order_no: str
    payment_id: str
    lock: bool
    lock_reason: str
    comment: ErpComment


@dataclass(frozen=True)
class LockRequest:
    """Set or remove the order's shipping lock (never the customer's), then comment."""

    order_no: str
    locked: bool
    reason: str
    comment: ErpComment


@dataclass(frozen=True)
class BankDataRequest:
    """Write the account that the customer transfers to into the order's fields for the customer service, if its
    addresses can still be edited, then comment (rule P23)."""

    order_no: str
    details: BankDetails
    comment: ErpComment


@dataclass(frozen=True)
class BookRequest:
    """Write the booking event of one invoice or, with `credit`, of one credit note, once, then comment.

    `capture_reference` is the provider's id of the capture or refund.
    """

    order_no: str
    invoice_no: str
    amount_minor: int
    currency: str
    event: str
    capture_reference: str
    comment: ErpComment
    credit: bool = False


@dataclass(frozen=True)
class CommentRequest:
    """Write one comment on the order."""

    order_no: str
    comment: ErpComment


class Erp(Protocol):
    """The ERP as an order uses it. `connection` names the ERP connection whose credentials are used.

    Every effect verifies itself by reading and is safe to repeat: what already stands is not done again.
    """

    def release(
        self, connection: str, request: ReleaseRequest, earlier: Earlier, permit: SendPermit
    ) -> OperationResult:
        """Lock if asked, release, verify by reading, comment."""

    def set_lock(self, connection: str, request: LockRequest, earlier: Earlier, permit: SendPermit) -> OperationResult:
        """Set or remove the shipping lock, comment."""

    def write_bank_data(
        self, connection: str, request: BankDataRequest, earlier: Earlier, permit: SendPermit
    ) -> OperationResult:
        """Write the bank data unless they stand there, verify by reading, comment. *Declined* with `order_state` when
        addresses can no longer be edited, with `unsupported` when the ERP lacks the call."""

    def book(self, connection: str, request: BookRequest, earlier: Earlier, permit: SendPermit) -> OperationResult:
        """Book the document unless the account already shows it, comment."""

    def comment(
        self, connection: str, request: CommentRequest, earlier: Earlier, permit: SendPermit
    ) -> OperationResult:
        """Write the comment unless it is there."""


@dataclass(frozen=True)
class PollCursor:
    """Where the poller stands with one connection. `changed_from` is the ERP's own upper bound of the last answer
    (opaque text), `last_sweep` when records with many failures were last looked at (UTC)."""

    changed_from: str = ""
    last_sweep: datetime | None = None


@dataclass(frozen=True)
class Candidate:
    """An order that may have changed. `mark` is a digest of what the list already tells; equal: nothing new."""

    order_no: str
    mark: str
    held: bool = False


@dataclass(frozen=True)
class CandidatePage:
    """One page of candidates; `cursor` may be kept once every order of the page was delivered.

    `refused`: the ERP said no to one of its lists; the others were read, and that one is asked for in the next round.
    """

    candidates: tuple[Candidate, ...]
    cursor: PollCursor
    more: bool
    refused: bool = False


@dataclass(frozen=True)
class PolledCode:
    """A (shop, payment code) that has a configuration and therefore is polled."""

    shop_id: str
    payment_code: str


# the numbers of those candidates about which the lists told the very same when they were last told
Seen = Callable[[Sequence[Candidate]], Collection[str]]


class ErpChanges(Protocol):
    """The ERP as the poller uses it. Reads only; raises `Transient` or `Misconfigured`."""

    def candidates(
        self,
        connection: str,
        codes: Sequence[PolledCode],
        cursor: PollCursor,
        now: datetime,
        permit: SendPermit,
        seen: Seen,
    ) -> CandidatePage:
        """The next page of orders that may have changed since the cursor; what was seen takes no place on it."""

    def snapshot(self, connection: str, order_no: str, as_of: datetime, permit: SendPermit) -> ErpSnapshot | None:
        """The picture of one order, or None when the ERP does not know it."""


@dataclass(frozen=True)
class Mail:
    """A mail to the tenant's recipient. `message_id` is derived from the operation id; `language` of the text."""

    tenant: str
    subject: str
    body: str
    message_id: str
    language: Language


class Notifier(Protocol):
    """Sends mails. At least once; the Message-ID lets the receiver tell repetitions."""

    def send(self, mail: Mail, permit: SendPermit) -> OperationResult:
        """Hand the mail to the tenant's server."""


@dataclass(frozen=True)
class OperationHeader:
    """What the journal knows of an operation before it is sent. `origin` says who asked (the order, a request id),
    `grants` how often a person gave it another budget of sends, `content` is the operation as JSON. `only_ask`: nobody
    wants it any more."""

    id: str
    key: str
    workflow_id: str
    kind: str
    subject: str
    attempt: int
    amount_minor: int | None
    currency: str
    input_hash: str
    gate: str  # provider account or ERP connection whose pause and rate rows count
    origin: str = ""
    grants: int = 0
    content: str = ""
    only_ask: bool = False


@dataclass(frozen=True)
class Begun:
    """Answer of the journal to `begin`: a stored `result` ends the matter, otherwise carry out with `earlier`.

    `amount_minor` and `currency` are given when the operation was begun with other money than it is asked for now:
    then those figures are asked about, and nothing is sent.
    """

    result: OperationResult | None
    earlier: Earlier
    amount_minor: int | None = None
    currency: str = ""


class Journal(Protocol):
    """The book of record of operations. It is written before anything leaves, and it wins over workflow state."""

    def begin(self, header: OperationHeader, at: datetime, owner: str) -> Begun:
        """Insert the operation, or take over the row that is there."""

    def permit(self, operation_id: str, owner: str, at: datetime) -> None:
        """Called immediately before a request leaves that changes something; raises `NotSent` when it must not."""

    def look(self, operation_id: str, owner: str, at: datetime) -> None:
        """The same before a request that only asks."""

    def finish(self, operation_id: str, owner: str, at: datetime, result: OperationResult) -> OperationResult:
        """Store outcome and evidence; returns what stands (an earlier final outcome wins)."""


class Switches(Protocol):
    """What can stop requests without stopping Holdfast: pauses, rates, switched-off configurations."""

    def check(self, name: str, at: datetime) -> None:
        """Raises `NotSent` when nothing may be sent through `name` at `at`."""

    def is_active(self, configuration: str) -> bool:
        """Whether the configuration and its connection are switched on (rule P4)."""


class Slots(Protocol):
    """Places for requests at a time per ERP connection, shared by all workers."""

    def hold(self, connection: str) -> "Slot":
        """Take a place; raises `NotSent` (busy) when none gets free in time."""


class Slot(Protocol):
    """A taken place."""

    def renew(self) -> None:
        """Keep the place for another request; raises `NotSent` when it was lost."""

    def release(self) -> None:
        """Give the place back."""
