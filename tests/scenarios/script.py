"""What a scenario is made of: an order, its payment, a script of happenings, and the complete list of effects.

Nothing here knows who plays it. Amounts are minor units, moments are either a time since the start or Berlin wall
time, so that a row means the same in the pure core and on real parts.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from domain.tenant_config import AppMode
from domain.windows import BERLIN

EVENT, RETURN_EVENT = "UZE", "UZR"
ALWAYS = -1


class Season(StrEnum):
    """Which night the script plays around."""

    PLAIN = "plain"
    SPRING = "spring"  # starts on the Saturday before clocks go forward
    AUTUMN = "autumn"  # starts on the Saturday before clocks go back


@dataclass(frozen=True)
class Wall:
    """`days` after the day of the start, at a Berlin wall time; `fold` 1 is the second 02:30 of an autumn night."""

    days: int
    at: str
    fold: int = 0


Moment = timedelta | Wall


def start_of(season: Season, after: date) -> datetime:
    """The first suitable day after `after`, 09:00 Berlin time. A plain start has no clock change for six weeks."""
    day = after + timedelta(days=1)
    while not _suits(season, day):
        day += timedelta(days=1)
    return datetime.combine(day, time(9), BERLIN)


def _suits(season: Season, day: date) -> bool:
    if season is Season.PLAIN:
        return day.weekday() == 0 and day.month in (1, 5, 6, 11)
    next_day = day + timedelta(days=1)
    before, later = (datetime.combine(one, time(12), BERLIN).utcoffset() for one in (day, next_day))
    assert before is not None
    assert later is not None
    return later > before if season is Season.SPRING else later < before


def instant(start: datetime, moment: Moment) -> datetime:
    """The moment as an aware instant."""
    if isinstance(moment, timedelta):
        return start + moment
    day = start.astimezone(BERLIN).date() + timedelta(days=moment.days)
    return datetime.combine(day, time.fromisoformat(moment.at), BERLIN).replace(fold=moment.fold)


# --- what stands at the beginning


@dataclass(frozen=True)
class Line:
    """`qty` pieces at `price` minor units each."""

    price: int
    qty: int = 1


@dataclass(frozen=True)
class Order:
    """The order as the shop sends it. `payment` says which id it carries: that of the payment, none, or a made up one.

    `number` with `{nr}` stands for the ERP's own number. `status` is the ERP's line status at import.
    """

    lines: tuple[Line, ...] = (Line(60_00), Line(40_00))
    ship_cost: int = 0
    code: str = "K"
    number: str = "W-{nr}"
    payment: str = "known"
    tag: str = ""  # '': the one that belongs to the payment code
    currency: str = "EUR"
    status: str = "HAL"
    imported_after: timedelta = timedelta()


@dataclass(frozen=True)
class Payment:
    """The payment as the shop left it at the provider: type and state as the provider's sandbox names them."""

    type: str = "card"
    state: str = "authorized"
    amount: int = 100_00
    currency: str = "EUR"
    captured: int = 0  # what the shop took of it already


@dataclass(frozen=True)
class Setup:
    """The tenant's configuration."""

    mode: AppMode = AppMode.EXPERT
    tolerance: int = 0
    tag: str = ""  # '': the one that belongs to the payment code
    active: bool = True
    late_settle: bool = False
    bank_data_for_prepayment: bool = False


# --- what happens


class System(StrEnum):
    ERP = "erp"
    PROVIDER = "provider"


class How(StrEnum):
    """What goes wrong with a request."""

    REFUSED = "refused"  # a definite no
    EXPIRED = "expired"  # a definite no, because the time for it is over
    LOST_ANSWER = "lost_answer"  # takes effect, nobody hears of it
    LOST_REQUEST = "lost_request"  # takes no effect, nobody hears of it


@dataclass(frozen=True)
class Arm:
    """From now on requests fail: `call` is read, capture, void, refund, shipment, release, lock, unlock, book, comment
    or bank_data."""

    system: System
    call: str
    how: How
    times: int = 1


@dataclass(frozen=True)
class Disarm:
    """The system is well again."""

    system: System


@dataclass(frozen=True)
class Ship:
    """Goods leave the house with an invoice; None: all that can. `total`: somebody changed the invoice's total."""

    lines: tuple[int, ...] | None = None
    total: int | None = None


@dataclass(frozen=True)
class CancelLines:
    """Lines are cancelled; `undeliverable` ones are not available any more."""

    lines: tuple[int, ...] | None = None
    undeliverable: bool = False


@dataclass(frozen=True)
class Return:
    """Shipped goods come back, with a credit note over them and `shipping` minor units, less a `fee`."""

    lines: tuple[int, ...] | None = None
    shipping: int = 0
    fee: int = 0
    total: int | None = None  # somebody changed the credit note's total
    settled: bool = False  # and settled it in the customer account at once


@dataclass(frozen=True)
class Reopen:
    """Somebody takes back a cancellation: the lines wait for shipping again."""

    lines: tuple[int, ...]


@dataclass(frozen=True)
class HoldAgain:
    """Somebody parks what is open."""


@dataclass(frozen=True)
class PersonUnlocks:
    """Somebody takes the order's lock away in the ERP."""


@dataclass(frozen=True)
class PersonSettles:
    """Somebody settles a document in the customer account."""

    document: str


@dataclass(frozen=True)
class CreditNote:
    """Somebody writes a credit note by hand."""

    amount: int


@dataclass(frozen=True)
class MerchantRefunds:
    """The merchant gives money back by hand, at the provider."""

    amount: int


@dataclass(frozen=True)
class EnterPaymentId:
    """Somebody writes the payment's id into the order's header."""


@dataclass(frozen=True)
class Receipt:
    amount: int


@dataclass(frozen=True)
class CompletePayment:
    """The customer finishes, the provider accepts."""


@dataclass(frozen=True)
class FailPayment:
    """The provider declines."""


@dataclass(frozen=True)
class ExpireHold:
    """The authorization runs out."""


@dataclass(frozen=True)
class Chargeback:
    amount: int


@dataclass(frozen=True)
class MerchantCaptures:
    """The merchant takes the money by hand."""

    amount: int


@dataclass(frozen=True)
class Webhook:
    """The provider calls although nothing changed."""

    times: int = 1


@dataclass(frozen=True)
class RepeatPicture:
    """The last picture of the ERP order is delivered again and again."""

    times: int = 10


@dataclass(frozen=True)
class OldPicture:
    """The first picture of the ERP order comes late, after newer ones."""


@dataclass(frozen=True)
class Tell:
    """A person or a shop says something; `refused` is the reason code that is expected, '' when it is accepted."""

    wish: str
    refused: str = ""
    times: int = 1  # the same message again and again


@dataclass(frozen=True)
class CancelWorkflow:
    """Somebody cancels the order's workflow in Temporal."""


@dataclass(frozen=True)
class SwitchConfiguration:
    active: bool


@dataclass(frozen=True)
class Expect:
    """Everything that was done up to here; None: not looked at."""

    erp: tuple[str, ...] | None = None
    provider: tuple[str, ...] | None = None
    mails: tuple[int, ...] | None = None
    problems: tuple[str, ...] | None = None
    status: str | None = None


Action = (
    Arm
    | Disarm
    | Ship
    | CancelLines
    | HoldAgain
    | PersonUnlocks
    | PersonSettles
    | CreditNote
    | Return
    | Reopen
    | MerchantRefunds
    | EnterPaymentId
    | Receipt
    | CompletePayment
    | FailPayment
    | ExpireHold
    | Chargeback
    | MerchantCaptures
    | Webhook
    | RepeatPicture
    | OldPicture
    | Tell
    | CancelWorkflow
    | SwitchConfiguration
    | Expect
)


@dataclass(frozen=True)
class Scenario:
    """One row. `end` is the complete list of effects per system in their order, the open problems and the status.

    Invoices are R1, R2 … and credit notes G1, G2 … in the order in which they were written. `webhooks`: how often the
    provider tells each change (0: never). `in_this_order`: effects that follow each other across systems. `lasts`: how
    long it is played after the last happening.
    """

    name: str
    rules: tuple[str, ...]
    end: Expect
    setup: Setup = field(default_factory=Setup)
    order: Order = field(default_factory=Order)
    payment: Payment | None = field(default_factory=Payment)
    script: tuple[tuple[Moment, Action], ...] = ()
    in_this_order: tuple[str, ...] = ()
    season: Season = Season.PLAIN
    webhooks: int = 1
    lasts: timedelta = timedelta(hours=6)


def differences(wanted: Expect, seen: Expect) -> str:
    """What was seen and not wanted, in words; '' when everything that the row looks at is equal."""
    told = []
    for name, expected in vars(wanted).items():
        actual = getattr(seen, name)
        if expected is not None and expected != actual:
            told.append(f"{name}: wanted {expected}, got {actual}")
    return "\n".join(told)


TAGS = {
    "K": "UZCC",
    "A": "UZAPL",
    "P": "UZPPL",
    "V": "UZPPY",
    "L": "UZPIV",
    "T": "UZSFT",
    "I": "UZIVC",
    "S": "UZIVS",
}
