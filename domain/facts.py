"""What an order learns: pictures of the ERP order and of the payment, outcomes of its operations, messages of people.

Facts are hints that are looked at, not commands: a duplicate, late or reordered fact changes nothing. Instants are
UTC, amounts minor units of the order's currency.

Each fact names its `kind`: facts travel as one of many, and some have the same fields.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from domain.operations import Operation
from domain.outcomes import OperationResult


class Phase(StrEnum):
    """Where the order stands in the ERP."""

    HELD = "held"  # parked, waits to be released
    OPEN = "open"  # released, not everything delivered or cancelled
    CLOSED = "closed"  # everything shipped or cancelled


@dataclass(frozen=True)
class InvoiceRow:
    """One invoice of the order. `settled`: the ERP says that the customer account is cleared for it. `by_hand`: it
    bills nothing that the order shipped, so somebody wrote it by hand (rule P83)."""

    number: str
    total_minor: int
    shipped: bool = True
    settled: bool = False
    by_hand: bool = False


@dataclass(frozen=True)
class CreditNoteRow:
    """One credit note, total as a magnitude. `from_return`: it belongs to returned lines of this order."""

    number: str
    total_minor: int
    settled: bool = False
    from_return: bool = False


@dataclass(frozen=True)
class LineSums:
    """How many lines stand in a status group and what they are worth (price times quantity, minor units)."""

    count: int = 0
    total_minor: int = 0


@dataclass(frozen=True)
class ErpSnapshot:
    """The ERP's picture of one order, taken at `as_of` (the instant before reading began).

    `total_minor` is the whole order as placed, cancelled lines and shipping included. `payment_id` is '' when the
    order carries none, `payment_tag` None when the import document could not be read. `digest` is equal for equal
    content, whatever `as_of` says. `created_at` (UTC) is when the order came into the ERP, None where it does not tell.
    """

    order_no: str
    shop_order_no: str
    shop_id: str
    payment_code: str
    payment_id: str
    currency: str
    total_minor: int
    phase: Phase
    as_of: datetime
    digest: str
    locked: bool = False
    payment_tag: str | None = None
    held: LineSums = LineSums()
    open: LineSums = LineSums()
    shipped: LineSums = LineSums()
    cancelled: LineSums = LineSums()
    returned: LineSums = LineSums()
    invoices: tuple[InvoiceRow, ...] = ()
    credit_notes: tuple[CreditNoteRow, ...] = ()
    settled_invoices_left_out: int = 0  # settled invoices beyond those listed, so that the picture stays small
    settled_left_out_minor: int = 0  # and the sum of their totals
    created_at: datetime | None = None


class Standing(StrEnum):
    """What the provider says about the payment's initiating transaction."""

    PENDING = "pending"  # the customer has not finished, or the provider has not decided (rule P10)
    ACCEPTED = "accepted"  # authorized, charged, or (prepayment) accepted and waiting for the transfer
    DECLINED = "declined"
    MISSING = "missing"  # the provider knows no such payment
    VOIDED = "voided"  # the whole hold was given back


@dataclass(frozen=True)
class PaymentSnapshot:
    """The provider's picture of one payment, read at `as_of`.

    `method` is a key of `domain.payment_methods`, '' when the type is not supported (then `foreign_type` names it for
    the operator). `total_minor` is what the payment is about after reversals, `captured_minor` what was taken and not
    given back, `received_minor` the sum of incoming transfers not given back. `shipment_reported`: the provider knows
    that the goods are out, and the customer's time to pay has begun.
    """

    payment_id: str
    standing: Standing
    as_of: datetime
    method: str = ""
    foreign_type: str = ""
    currency: str = ""
    total_minor: int = 0
    captured_minor: int = 0
    refunded_minor: int = 0
    remaining_minor: int = 0
    received_minor: int = 0
    charged_back_minor: int = 0
    under_review: bool = False  # the provider suspects an overpayment
    shipment_reported: bool = False


@dataclass(frozen=True)
class ErpReported:
    """The ERP was read and its picture differs from the last one."""

    snapshot: ErpSnapshot
    kind: Literal["ErpReported"] = "ErpReported"


@dataclass(frozen=True)
class PaymentRead:
    """The payment was read at the provider. `asked_seq`: how much the order knew when it asked."""

    snapshot: PaymentSnapshot
    asked_seq: int
    kind: Literal["PaymentRead"] = "PaymentRead"


@dataclass(frozen=True)
class PaymentUnreadable:
    """The payment could not be read at `at`: a technical failure, never a decision about the payment (rule P15)."""

    at: datetime
    reason: str
    retry_at: datetime | None = None
    kind: Literal["PaymentUnreadable"] = "PaymentUnreadable"


@dataclass(frozen=True)
class PaymentHinted:
    """Something happened at the provider: look. Carries nothing else, for the hint may be forged or late."""

    at: datetime
    kind: Literal["PaymentHinted"] = "PaymentHinted"


@dataclass(frozen=True)
class OperationEnded:
    """One execution of an operation came back."""

    operation: Operation
    at: datetime
    result: OperationResult
    kind: Literal["OperationEnded"] = "OperationEnded"


class Wish(StrEnum):
    """What a person or a shop can tell an order."""

    LOOK_AGAIN = "look_again"
    PAYMENT_RECEIVED = "payment_received"
    CANCEL = "cancel"
    MARK_SOLVED = "mark_solved"


@dataclass(frozen=True)
class Told:
    """A person or a shop told the order something, once per request id."""

    request_id: str
    wish: Wish
    at: datetime
    actor: str = ""
    kind: Literal["Told"] = "Told"


@dataclass(frozen=True)
class CancelRequested:
    """Somebody cancelled the workflow in Temporal: noted, the order lives on (an order ends only by being settled)."""

    at: datetime
    kind: Literal["CancelRequested"] = "CancelRequested"


@dataclass(frozen=True)
class CheckPassed:
    """The payment passed the check before release (rule P12).

    `taken_minor` was already taken in the shop, `left_minor` is what the hold still allows to take.
    """

    at: datetime
    method: str
    taken_minor: int
    left_minor: int
    kind: Literal["CheckPassed"] = "CheckPassed"


@dataclass(frozen=True)
class CheckFailed:
    """The payment did not pass (rule P14); `problem` is a code of `domain.problems`."""

    at: datetime
    problem: str
    params: tuple[tuple[str, str], ...] = ()
    kind: Literal["CheckFailed"] = "CheckFailed"


@dataclass(frozen=True)
class ShippedUnpaid:
    """A prepaid order's invoice shipped before the money came: a person settles it (rule P32)."""

    at: datetime
    invoice_no: str
    kind: Literal["ShippedUnpaid"] = "ShippedUnpaid"


@dataclass(frozen=True)
class ProblemRaised:
    """A condition that an operator has to see holds."""

    at: datetime
    code: str
    subject: str
    cause: str
    params: tuple[tuple[str, str], ...] = ()
    kind: Literal["ProblemRaised"] = "ProblemRaised"


@dataclass(frozen=True)
class ProblemGone:
    """The condition of a problem holds no longer."""

    at: datetime
    code: str
    subject: str
    cause: str
    kind: Literal["ProblemGone"] = "ProblemGone"


@dataclass(frozen=True)
class RulesAdopted:
    """From here on the order lives by this generation of rules (`domain.order_state.RULES`)."""

    at: datetime
    rules: int
    kind: Literal["RulesAdopted"] = "RulesAdopted"


@dataclass(frozen=True)
class TakenOver:
    """Another application looked after the order until now. Comes before everything else, once.

    `released`: the order had left its hold in the ERP by then. `done`: what that application did of that which
    Holdfast would do itself, so that it is not done again. `doubtful`: what it may have done, which nobody can tell: a
    person decides. `lock`: the lock that stands is the payment's, so Holdfast may take it away.
    """

    at: datetime
    released: bool = False
    lock: bool = False
    done: tuple[Operation, ...] = ()
    doubtful: tuple[Operation, ...] = ()
    actor: str = ""
    kind: Literal["TakenOver"] = "TakenOver"


# What the outside tells an order, and what the order concludes from it: both are facts of its journal.
Report = (
    ErpReported | PaymentRead | PaymentUnreadable | PaymentHinted | OperationEnded | Told | CancelRequested | TakenOver
)
Conclusion = CheckPassed | CheckFailed | ShippedUnpaid | ProblemRaised | ProblemGone | RulesAdopted
Fact = Report | Conclusion
