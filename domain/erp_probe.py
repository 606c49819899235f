"""What a look at an ERP connection shows before its first order: access, calls, release line, and traces of settings.

Values only. Names of calls and parameters are the ERP's own and are there to be shown, never to be decided by. What was
not seen is a count of nothing out of nothing, and no verdict.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True)
class ErpShop:
    """A shop of the ERP; `shop_id` is what configurations name."""

    shop_id: str
    name: str = ""


@dataclass(frozen=True)
class ErpPaymentType:
    """A payment type: its code (case counts), what people call it, and its tag in the shop's import document, '' where
    the ERP does not tell."""

    code: str
    text: str = ""
    xml_tag: str = ""


@dataclass(frozen=True)
class ErpAccess:
    """The ERP took the credentials and answered; `shops` are those they see."""

    shops: tuple[ErpShop, ...] = ()


class Need(StrEnum):
    """How much Holdfast depends on a call or parameter of the ERP."""

    REQUIRED = "required"  # orders cannot be looked after without it
    DEGRADED = "degraded"  # something works less well or is left to a person
    SPARE = "spare"  # nothing is lost: another call does the same, or it is not used


class Ability(StrEnum):
    """What Holdfast does with a call or parameter, and hence loses without it."""

    FIND_HELD = "find_held"  # see held orders as soon as they are there
    FIND_SHIPPED = "find_shipped"  # see shipped invoices as soon as they are there
    FIND_CHANGES = "find_changes"  # see that an order changed
    READ_ORDER = "read_order"  # head and lines of an order
    READ_DISCOUNT = "read_discount"  # compare amounts of orders with a discount
    READ_DOCUMENTS = "read_documents"  # invoices and credit notes of an order
    TELL_RETURNS = "tell_returns"  # tell returns from credit notes made by hand, so that they are refunded
    CHECK_TAG = "check_tag"  # compare the payment tag, find a payment id that the order lacks
    FIND_PAYMENT_ID = "find_payment_id"  # find the payment id beside the order's head
    RELEASE = "release"  # release orders
    KEEP_PAYMENT_ID = "keep_payment_id"  # release without losing the payment id
    LOCK = "lock"  # lock orders against shipping
    EXPLAIN_LOCK = "explain_lock"  # show the reason and who locked
    COMMENT = "comment"  # write comments on orders
    COMMENT_ONCE = "comment_once"  # find a comment again before it is repeated
    SIGN_COMMENT = "sign_comment"  # show who wrote a comment
    BOOK_INVOICES = "book_invoices"  # settle invoices in the customer account
    BOOK_CREDIT_NOTES = "book_credit_notes"  # settle credit notes in the customer account
    BOOK_ONCE = "book_once"  # prove whether a lost booking arrived
    BOOK_CURRENCIES = "book_currencies"  # name a currency other than the shop's
    WRITE_BANK_DATA = "write_bank_data"  # write where the customer transfers to
    VERIFY_BANK_DATA = "verify_bank_data"  # read back what was written
    READ_IN_PAGES = "read_in_pages"  # read long lists in pages
    LIST_SHOPS = "list_shops"  # offer the shops to choose from
    LIST_PAYMENT_TYPES = "list_payment_types"  # offer the payment types to choose from
    NOTHING = "nothing"  # part of the ERP's package, not used


@dataclass(frozen=True)
class ErpFeature:
    """A call, or with `parameter` one of its parameters: whether it is there, and what is lost where it is not.

    `need` already looks at what else is there: a missing call that another one stands in for is not required.
    """

    call: str
    present: bool
    need: Need
    ability: Ability
    parameter: str = ""


@dataclass(frozen=True)
class ErpInstalled:
    """All calls that are looked for, and the parameters of those that are there."""

    calls: tuple[ErpFeature, ...] = ()
    parameters: tuple[ErpFeature, ...] = ()

    @property
    def missing(self) -> tuple[ErpFeature, ...]:
        """What is not there and would be of use, required first."""
        lost = [one for one in (*self.calls, *self.parameters) if not one.present and one.need is not Need.SPARE]
        return tuple(sorted(lost, key=lambda one: one.need is not Need.REQUIRED))

    @property
    def sufficient(self) -> bool:
        """Whether nothing required is missing."""
        return all(one.present or one.need is not Need.REQUIRED for one in (*self.calls, *self.parameters))


@dataclass(frozen=True)
class ErpVersionFeature:
    """A call or `call.parameter` that came with a release of the ERP."""

    name: str
    since: str


@dataclass(frozen=True)
class ErpProfile:
    """The newest release line of which anything shows, and what of all lines does not show."""

    line: str
    lacks: tuple[ErpVersionFeature, ...] = ()


@dataclass(frozen=True)
class Seen:
    """Seen `count` times out of `of`; `samples` are order numbers, a few of them."""

    count: int = 0
    of: int = 0
    samples: tuple[str, ...] = ()


@dataclass(frozen=True)
class EventSeen:
    """How often a booking event stood with which sign at invoices and at credit notes; `samples` are order numbers."""

    event: str
    on_invoices_positive: int = 0
    on_invoices_negative: int = 0
    on_credit_notes_positive: int = 0
    on_credit_notes_negative: int = 0
    samples: tuple[str, ...] = ()


@dataclass(frozen=True)
class ErpFindings:
    """What recent orders of one shop and payment code show about the ERP's settings; nothing personal.

    `held`: orders with held lines, or listed for a decision. `with_payment_id`, `without_payment_id`: of the orders.
    `paid_before_invoice`: orders that are paid, in part at least, although nothing is invoiced yet.
    `settled_elsewhere`: of the settled invoices whose bookings were read, those without one of the events asked about.
    `unanswered`: calls that are not installed or refused to answer. `cut`: there is more than was read.
    """

    shop_id: str
    payment_code: str
    since: datetime
    orders: int = 0
    invoices: int = 0
    credit_notes: int = 0
    held: Seen = Seen()
    with_payment_id: Seen = Seen()
    without_payment_id: Seen = Seen()
    paid_before_invoice: Seen = Seen()
    settled_elsewhere: Seen = Seen()
    events: tuple[EventSeen, ...] = ()
    unanswered: tuple[str, ...] = ()
    cut: bool = False
