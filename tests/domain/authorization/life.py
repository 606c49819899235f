"""Plays one authorization in the pure core: a provider in memory, a clock, and the loop that a workflow would be.

Times are written as Berlin wall time of 2030, `at(6, 15, "13:00")` is 15 June 13:00. The log has every effect at the
provider and every notice in the order in which they happened, so that an effect too many fails a test.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta

from domain import reasons
from domain.authorization.capturing import can_be_withdrawn
from domain.authorization.decide import AuthorizationDecision, ReadHold, decide
from domain.authorization.declines import Decline
from domain.authorization.facts import (
    Action,
    ActionAsked,
    ActionKind,
    ActionSettled,
    AuthorizationFact,
    HoldHinted,
    HoldOperationEnded,
    HoldRanOut,
    HoldRead,
    HoldSnapshot,
    HoldStanding,
    LookedAgain,
    Origin,
    Registered,
    RenewalStopped,
    TermsChanged,
)
from domain.authorization.operations import HoldOperation
from domain.authorization.schemes import Initiator, Scheme
from domain.authorization.state import ActionRecord, AuthorizationState, evolve
from domain.authorization.terms import AuthorizationTerms
from domain.facts import PaymentUnreadable
from domain.operations import Kind
from domain.outcomes import Evidence, NewHold, OperationResult, Outcome
from domain.tenant_config import Pacing
from domain.windows import BERLIN

YEAR = 2030
MOST_STEPS = 20_000
PACING = Pacing(in_flight=timedelta(minutes=3))


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
class FakeHold:
    """A hold as the provider keeps it."""

    hold_id: str
    amount_minor: int
    held_at: datetime
    initiator: Initiator
    ends_at: datetime | None
    captured_minor: int = 0
    refunded_minor: int = 0
    standing: HoldStanding = HoldStanding.HELD


@dataclass
class FakeProvider:
    """Holds in memory. `script` answers the next authorizations, captures, voids and refunds: a `Decline`, an outcome,
    or None for a yes. `tells_deadlines`: the provider ends holds itself and says when."""

    scheme: Scheme = Scheme.VISA
    in_parts: bool = False
    tells_deadlines: bool = False
    valid_for: dict[Initiator, timedelta] = field(
        default_factory=lambda: {Initiator.CUSTOMER: timedelta(days=7), Initiator.MERCHANT: timedelta(days=4, hours=18)}
    )
    holds: dict[str, FakeHold] = field(default_factory=dict)
    script: dict[Kind, list[object]] = field(default_factory=dict)
    done: dict[str, OperationResult] = field(default_factory=dict)
    effects: list[tuple[str, str, int]] = field(default_factory=list)
    may_authorize: bool = True
    authorize_from: datetime | None = None
    unreadable: int = 0
    card: str = "card-1"

    def place(self, amount_minor: int, now: datetime, initiator: Initiator) -> FakeHold:
        ends_at = now + self.valid_for[initiator] if self.tells_deadlines else None
        hold = FakeHold(f"hold{len(self.holds) + 1}", amount_minor, now, initiator, ends_at)
        self.holds[hold.hold_id] = hold
        return hold

    def expire(self, now: datetime) -> None:
        for hold in self.holds.values():
            if hold.standing is HoldStanding.HELD and hold.ends_at is not None and hold.ends_at <= now:
                hold.standing = HoldStanding.CAPTURED if hold.captured_minor else HoldStanding.LAPSED

    def open_minor(self, hold: FakeHold) -> int:
        return hold.amount_minor - hold.captured_minor if hold.standing is HoldStanding.HELD else 0

    def read(self, hold_id: str, now: datetime) -> HoldSnapshot:
        self.expire(now)
        hold = self.holds.get(hold_id)
        if hold is None:
            return HoldSnapshot(hold_id, HoldStanding.MISSING, now)
        return HoldSnapshot(
            hold_id=hold_id,
            standing=hold.standing,
            as_of=now,
            currency="EUR",
            amount_minor=hold.amount_minor,
            open_minor=self.open_minor(hold),
            captured_minor=hold.captured_minor,
            refunded_minor=hold.refunded_minor,
            held_at=hold.held_at,
            deadline=hold.ends_at,
            initiator=hold.initiator,
            scheme=self.scheme,
            card=self.card,
            in_parts=self.in_parts,
            may_authorize=self.may_authorize,
            authorize_from=self.authorize_from,
        )

    def perform(self, operation_id: str, operation: HoldOperation, now: datetime) -> OperationResult:
        """Carry out once; what is asked for again by the same id is answered from memory."""
        if operation_id in self.done:
            return self.done[operation_id]
        self.expire(now)
        planned = self.script.get(operation.kind, [])
        said = planned.pop(0) if planned else None
        if said is Outcome.UNKNOWN or said == "lost":  # it takes effect, nobody hears of it
            if said == "lost":
                self.done[operation_id] = self._do(operation, now)
            return OperationResult(Outcome.UNKNOWN, reasons.NO_ANSWER)
        if isinstance(said, OperationResult):
            if said.outcome in (Outcome.DECLINED, Outcome.SUCCEEDED):
                self.done[operation_id] = said
            return said
        if isinstance(said, Decline):
            code = {Decline.BY_ISSUER: "21000305", Decline.TEMPORARY: "21000396"}.get(said, "21000333")
            refused = OperationResult(Outcome.DECLINED, said.value, Evidence(code=code))
            self.done[operation_id] = refused
            return refused
        result = self._do(operation, now)
        self.done[operation_id] = result
        return result

    def _do(self, operation: HoldOperation, now: datetime) -> OperationResult:
        hold, amount = self.holds[operation.hold_id], operation.amount_minor or 0
        refused = OperationResult(Outcome.DECLINED, reasons.REFUSED, Evidence(code="21000380"))
        match operation.kind:
            case Kind.AUTHORIZE:
                new = self.place(amount, now, Initiator.MERCHANT)
                self.effects.append(("authorized", new.hold_id, amount))
                placed = NewHold(new.ends_at, self.in_parts)
                return OperationResult(
                    Outcome.SUCCEEDED, evidence=Evidence(new.hold_id, amount_minor=amount, at=now, hold=placed)
                )
            case Kind.VOID:
                if hold.standing is not HoldStanding.HELD:
                    return refused
                hold.standing = HoldStanding.VOIDED
            case Kind.CAPTURE:
                if amount > self.open_minor(hold):
                    return refused
                hold.captured_minor += amount
                if not self.in_parts or operation.final or hold.captured_minor == hold.amount_minor:
                    hold.standing = HoldStanding.CAPTURED
            case Kind.REFUND:
                if amount > hold.captured_minor - hold.refunded_minor:
                    return refused
                hold.refunded_minor += amount
        self.effects.append((operation.kind.value, hold.hold_id, amount))
        return OperationResult(Outcome.SUCCEEDED, evidence=Evidence(hold.hold_id, amount_minor=amount, at=now))


@dataclass
class Life:
    """An authorization that is played. `log` is what happened since it was last taken."""

    provider: FakeProvider
    state: AuthorizationState
    now: datetime
    log: list[str] = field(default_factory=list)
    facts: list[AuthorizationFact] = field(default_factory=list)
    decision: AuthorizationDecision = field(default_factory=AuthorizationDecision)
    requests: int = 0
    hear: Callable[[AuthorizationState], None] = lambda _: None

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
        life.learn(Registered(now, hold.hold_id, AuthorizationTerms(**terms), "order-1", "INV-1"))  # type: ignore[arg-type]
        life.settle()
        return life

    def learn(self, fact: AuthorizationFact) -> None:
        after = evolve(self.state, fact)
        if after is not self.state:
            self.state = after
            self.facts.append(fact)
            self.log += lines_of(fact, self.now)
            self.hear(after)

    @property
    def finished(self) -> bool:
        """Whether nothing is left to do."""
        return self.decision.finished

    def settle(self) -> None:
        """Do all that is due now."""
        for _ in range(MOST_STEPS):
            self.decision = decide(self.state, PACING, self.now)
            if self.decision.step is None:
                return
            self._carry_out(self.decision.step)
        raise AssertionError(f"never comes to rest: {self.decision.step}")

    def until(self, instant: datetime) -> list[str]:
        """Let everything happen up to `instant`; returns what happened."""
        for _ in range(MOST_STEPS):
            self.settle()
            due = self.decision.next_due
            if due is None or due > instant:
                break
            assert due > self.now, f"next due {due} is not ahead of {self.now}"
            self.now = due
        self.now = instant
        self.settle()
        return self.take()

    def take(self) -> list[str]:
        said, self.log = self.log, []
        return said

    def _carry_out(self, step: object) -> None:
        if isinstance(step, ReadHold):
            if self.provider.unreadable:
                self.provider.unreadable -= 1
                self.learn(PaymentUnreadable(self.now, reasons.NO_ANSWER))
                return
            self.learn(HoldRead(self.provider.read(step.hold_id, self.now), self.state.seq))
        elif isinstance(step, HoldOperation):
            self._perform(step)
        else:
            self.learn(step)  # type: ignore[arg-type]

    def _perform(self, operation: HoldOperation) -> None:
        operation_id = operation.id_within(self.state.workflow_id)
        if operation.kind is Kind.MAIL:
            result = OperationResult(Outcome.SUCCEEDED)
        elif operation.only_ask and operation_id not in self.provider.done:
            result = OperationResult(Outcome.DECLINED, reasons.WITHDRAWN)
        else:
            result = self.provider.perform(operation_id, operation, self.now)
        self.learn(HoldOperationEnded(operation, self.now, result))

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
