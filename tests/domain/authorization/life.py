"""Plays one authorization in the pure core, for tests: wishes in one line, and a log of all that happened.

Times are written as Berlin wall time of 2030, `at(6, 15, "13:00")` is 15 June 13:00. The log has every effect at the
provider and every notice in the order in which they happened, so that an effect too many fails a test.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time

from domain import reasons
from domain.authorization.capturing import can_be_withdrawn
from domain.authorization.facts import (
    Action,
    ActionAsked,
    ActionKind,
    ActionSettled,
    AuthorizationFact,
    HoldHinted,
    HoldOperationEnded,
    HoldRanOut,
    HoldStanding,
    LookedAgain,
    Origin,
    RenewalStopped,
    TermsChanged,
)
from domain.authorization.schemes import Initiator
from domain.authorization.state import ActionRecord, AuthorizationState
from domain.authorization.terms import AuthorizationTerms
from domain.outcomes import Outcome
from domain.windows import BERLIN
from simulation.lives.core import PACING, CoreLife
from simulation.lives.core import MemoryProvider as FakeProvider

__all__ = ["PACING", "YEAR", "FakeProvider", "Life", "at", "clock", "lines_of"]
YEAR = 2030


def at(month: int, day: int, clock: str = "12:00", year: int = YEAR) -> datetime:
    """A Berlin wall time as the instant that it is (UTC)."""
    return datetime.combine(date(year, month, day), time.fromisoformat(clock), BERLIN).astimezone(UTC)


def clock(instant: datetime) -> str:
    """An instant as the log writes it: month-day hour:minute in Berlin."""
    return f"{instant.astimezone(BERLIN):%m-%d %H:%M}"


def lines_of(fact: AuthorizationFact, learned_at: datetime) -> list[str]:
    """What the log says of a fact: every operation with its outcome, and the ends of renewal and of holds."""
    if isinstance(fact, HoldOperationEnded):
        operation, result = fact.operation, fact.result
        amount = f" {operation.amount_minor}" if operation.amount_minor is not None else ""
        said = "" if result.outcome is Outcome.SUCCEEDED else f": {result.outcome.value} {result.reason}"
        what = f"{operation.kind.value} {operation.note.code or operation.hold_id}{amount}"
        return [f"{clock(fact.at)} {what}{said}"]
    if isinstance(fact, RenewalStopped):
        return [f"{clock(learned_at)} RenewalStopped {fact.reason.value}"]
    return [f"{clock(learned_at)} HoldRanOut"] if isinstance(fact, HoldRanOut) else []


@dataclass
class Life(CoreLife):
    """An authorization that is played. `log` is what happened since it was last taken."""

    log: list[str] = field(default_factory=list)
    requests: int = 0

    @classmethod
    def begin(
        cls,
        amount_minor: int = 10_000,
        *,
        on: datetime | None = None,
        provider: FakeProvider | None = None,
        name: str = "authorization/t/a/1",
        standing: HoldStanding = HoldStanding.HELD,
        **terms: object,
    ) -> "Life":
        """An authorization that the customer has just made, 1 June 2030 at noon where nothing else is said."""
        provider, now = provider or FakeProvider(), on or at(6, 1)
        hold = provider.place(amount_minor, now, Initiator.CUSTOMER)
        hold.standing = standing
        life = cls(provider, AuthorizationState(name), now)
        life.register(hold.hold_id, AuthorizationTerms(**terms), "order-1", "INV-1")  # type: ignore[arg-type]
        return life

    def learn(self, fact: AuthorizationFact) -> None:
        before = len(self.heard)
        super().learn(fact)
        if len(self.heard) > before:
            self.log += lines_of(fact, self.now)

    @property
    def facts(self) -> list[AuthorizationFact]:
        """Everything that was learned, in order."""
        return [fact for _, fact in self.heard]

    @property
    def finished(self) -> bool:
        """Whether nothing is left to do."""
        return self.decision.finished

    def until(self, instant: datetime) -> list[str]:
        """Let everything happen up to `instant`; returns what happened."""
        self.advance(instant)
        return self.take()

    def take(self) -> list[str]:
        said, self.log = self.log, []
        return said

    # -- what people do

    def ask(
        self, kind: ActionKind, amount_minor: int | None = None, *, final: bool = False, patient: bool = False
    ) -> ActionRecord:
        """Ask for something and let it happen; returns what became of it."""
        self.requests += 1
        request_id = f"r{self.requests}"
        action = Action(kind, amount_minor, final=final, patient=patient)
        self.learn(ActionAsked(request_id, action, self.now, Origin.API))
        self.settle()
        record = self.state.action(request_id)
        assert record is not None
        return record

    def capture(self, amount_minor: int | None, *, final: bool = False, patient: bool = False) -> ActionRecord:
        return self.ask(ActionKind.CAPTURE, amount_minor, final=final, patient=patient)

    def stop(self) -> ActionRecord:
        return self.ask(ActionKind.STOP_RENEWAL)

    def reverse(self) -> ActionRecord:
        return self.ask(ActionKind.REVERSE)

    def void(self) -> ActionRecord:
        return self.ask(ActionKind.VOID)

    def refund(self, amount_minor: int | None) -> ActionRecord:
        return self.ask(ActionKind.REFUND, amount_minor)

    def give_up(self) -> ActionRecord:
        return self.ask(ActionKind.GIVE_UP)

    def withdraw(self, request_id: str) -> bool:
        """Not want any more what was asked for; whether that came in time."""
        if not can_be_withdrawn(self.state, request_id):
            return False
        self.learn(ActionSettled(self.now, request_id, reasons.WITHDRAWN))
        self.settle()
        return True

    def change_terms(self, **changes: object) -> None:
        self.learn(TermsChanged(self.now, replace(self.state.terms, **changes)))  # type: ignore[arg-type]
        self.settle()

    def hint(self) -> None:
        self.learn(HoldHinted(self.now))
        self.settle()

    def look_again(self) -> None:
        self.requests += 1
        self.learn(LookedAgain(self.now, f"r{self.requests}"))
        self.settle()

    def renewals(self) -> Iterator[datetime]:
        """When each hold after the first was placed."""
        return (one.held_at for one in self.state.holds[1:])
