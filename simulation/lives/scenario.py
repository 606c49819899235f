"""A described life of one authorization: who holds what, on which terms, what happens when, and what should come of it.

Days are counted from the day on which the customer paid, by Berlin's calendar: day 0 is that day. Amounts are minor
units of the currency, instants UTC.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from domain.authorization.facts import Action, Origin
from domain.authorization.nights import day_of
from domain.authorization.schemes import Scheme
from domain.authorization.terms import AuthorizationTerms
from domain.windows import BERLIN, next_local

LONGEST_DAYS = 180
SOON = timedelta(minutes=10)  # a life needs a start that lies ahead: clocks of stand-ins only run ahead


class Wish(StrEnum):
    """What people do in a life."""

    CAPTURE = "capture"
    VOID = "void"
    REVERSE = "reverse"
    REFUND = "refund"
    STOP = "stop_renewal"
    GIVE_UP = "give_up"
    LOOK_AGAIN = "look_again"
    TERMS = "change_terms"
    SHIP = "ship"
    CANCEL_LINES = "cancel_lines"
    TAKE_BACK = "take_back"


OF_ORDER = frozenset({Wish.SHIP, Wish.CANCEL_LINES, Wish.TAKE_BACK})  # what happens in the ERP


DASHBOARD = "dashboard"  # an origin beside those of `Origin`: done at the provider, Holdfast is not asked


class Trouble(StrEnum):
    """What a provider does wrong from an instant on."""

    DECLINE = "decline"  # it refuses
    LOST_ANSWER = "lost_answer"  # it does what is asked, and the answer gets lost
    LOST_REQUEST = "lost_request"  # the connection ends before anything is done
    OUTAGE = "outage"  # nothing gets through for some hours


class Call(StrEnum):
    """What is asked of a provider."""

    AUTHORIZE = "authorize"
    CAPTURE = "capture"
    VOID = "void"
    REFUND = "refund"
    READ = "read"


@dataclass(frozen=True)
class Moment:
    """A point of a life: so many days after the customer paid, at this time of Berlin's clock; or at a wall time."""

    day: int = 0
    clock: time = time(0)
    wall: datetime | None = None

    def instant(self, begins: datetime) -> datetime:
        """Its instant (UTC) in a life that begins at this instant."""
        if self.wall is not None:
            return self.wall.replace(tzinfo=BERLIN).astimezone(UTC)
        day = begins.astimezone(BERLIN).date() + timedelta(days=self.day)
        return datetime.combine(day, self.clock, BERLIN).astimezone(UTC)


@dataclass(frozen=True)
class Event:
    """Something that people do. `origin` is one of `Origin`, or `dashboard`: by hand at the provider. `lines` of the
    order, counted from 1; none: all that it can be about."""

    at: Moment
    wish: Wish
    action: Action | None = None
    origin: str = Origin.API.value
    terms: AuthorizationTerms | None = None
    lines: tuple[int, ...] = ()


@dataclass(frozen=True)
class Behaviour:
    """What the provider does from a moment on. `times` counts requests after the first `skip`, `hours` is the length of
    an outage. `code` is the provider's own, `advice` what a card scheme adds to a refusal (Paygate)."""

    since: Moment
    trouble: Trouble
    call: Call | None = None
    code: str = ""
    advice: str = ""
    times: int = 1
    skip: int = 0
    hours: int = 0


@dataclass(frozen=True)
class Expected:
    """What should come of a life; None: whatever it is. `happens` and `told` are complete lists of lines as
    `simulation.lives.timeline` writes them, `renewals` and `splits` the days of all new holds, `order` is the status
    of the order, `booked` what stands on the customer's account."""

    happens: tuple[str, ...] | None = None
    told: tuple[str, ...] | None = None
    problems: tuple[str, ...] | None = None
    renewals: tuple[int, ...] | None = None
    splits: tuple[int, ...] | None = None
    status: str | None = None
    stop: str | None = None
    captured: int | None = None
    refunded: int | None = None
    holds: int | None = None
    order: str | None = None
    booked: tuple[int, ...] | None = None

    @property
    def anything(self) -> bool:
        return self != Expected()


@dataclass(frozen=True)
class Scenario:
    """One life. `begins_at` is a wall time of Berlin, with a date or without one: then the next such time. `lines` are
    the prices of the order in the ERP that the customer pays for; without any there is no order."""

    name: str
    provider: str
    amount_minor: int
    days: int
    begins_at: datetime | time = time(12)
    about: str = ""
    scheme: Scheme = Scheme.VISA
    currency: str = "EUR"
    features: tuple[str, ...] = ()
    lines: tuple[int, ...] = ()
    terms: AuthorizationTerms = field(default_factory=AuthorizationTerms)
    events: tuple[Event, ...] = ()
    behaviours: tuple[Behaviour, ...] = ()
    expected: Expected = Expected()

    def begins(self, now: datetime) -> datetime:
        """When the customer pays (UTC), for somebody who plays it at `now`."""
        if isinstance(self.begins_at, time):
            return next_local(now + SOON, self.begins_at)
        return self.begins_at.replace(tzinfo=BERLIN).astimezone(UTC)

    def ends(self, begins: datetime) -> datetime:
        """Until when it is watched (UTC)."""
        return Moment(self.days, begins.astimezone(BERLIN).time()).instant(begins)


def day_number(instant: datetime, begins: datetime) -> int:
    """On which day of a life an instant lies."""
    return (day_of(instant) - day_of(begins)).days


def exists(day: date, clock: time) -> bool:
    """Whether Berlin's clock ever reads this: an hour is missing when summer time begins."""
    there = datetime.combine(day, clock, BERLIN)
    back = there.astimezone(UTC).astimezone(BERLIN)
    return (back.date(), back.time()) == (day, clock)
