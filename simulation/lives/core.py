"""The pure core as it lives without a server: a provider in memory, a clock, and the loop that a workflow would be."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain import reasons
from domain.authorization.decide import AuthorizationDecision, ReadHold, decide
from domain.authorization.declines import Decline
from domain.authorization.facts import (
    AuthorizationFact,
    HoldOperationEnded,
    HoldRead,
    HoldSnapshot,
    HoldStanding,
    Registered,
)
from domain.authorization.operations import HoldOperation
from domain.authorization.schemes import Initiator, Scheme
from domain.authorization.state import AuthorizationState, evolve
from domain.authorization.terms import AuthorizationTerms
from domain.facts import PaymentUnreadable
from domain.operations import Kind
from domain.outcomes import Evidence, NewHold, OperationResult, Outcome
from domain.tenant_config import Pacing

MOST_STEPS = 20_000
PACING = Pacing(in_flight=timedelta(minutes=3))


@dataclass
class MemoryHold:
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
class MemoryProvider:
    """Holds in memory. `script` answers the next authorizations, captures, voids and refunds: a `Decline`, an outcome,
    or None for a yes. `tells_deadlines`: the provider ends holds itself and says when. `away_until`: nothing reaches it
    before."""

    scheme: Scheme = Scheme.VISA
    in_parts: bool = False
    tells_deadlines: bool = False
    valid_for: dict[Initiator, timedelta] = field(
        default_factory=lambda: {Initiator.CUSTOMER: timedelta(days=7), Initiator.MERCHANT: timedelta(days=4, hours=18)}
    )
    holds: dict[str, MemoryHold] = field(default_factory=dict)
    script: dict[Kind, list[object]] = field(default_factory=dict)
    done: dict[str, OperationResult] = field(default_factory=dict)
    effects: list[tuple[str, str, int]] = field(default_factory=list)
    may_authorize: bool = True
    authorize_from: datetime | None = None
    currency: str = "EUR"
    unreadable: int = 0
    away_until: datetime | None = None
    card: str = "card-1"

    def place(self, amount_minor: int, now: datetime, initiator: Initiator) -> MemoryHold:
        ends_at = now + self.valid_for[initiator] if self.tells_deadlines else None
        hold = MemoryHold(f"hold{len(self.holds) + 1}", amount_minor, now, initiator, ends_at)
        self.holds[hold.hold_id] = hold
        return hold

    def expire(self, now: datetime) -> None:
        for hold in self.holds.values():
            if hold.standing is HoldStanding.HELD and hold.ends_at is not None and hold.ends_at <= now:
                hold.standing = HoldStanding.CAPTURED if hold.captured_minor else HoldStanding.LAPSED

    def is_away(self, now: datetime) -> bool:
        return self.away_until is not None and now < self.away_until

    def open_minor(self, hold: MemoryHold) -> int:
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
            currency=self.currency,
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
        if self.is_away(now):
            return OperationResult(Outcome.UNKNOWN, reasons.NO_ANSWER)
        planned = self.script.get(operation.kind, [])
        said = planned.pop(0) if planned else None
        if said is Outcome.UNKNOWN or said == "lost":  # it takes effect, nobody hears of it
            if said == "lost":
                self.done[operation_id] = self.carry_out(operation, now)
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
        result = self.carry_out(operation, now)
        self.done[operation_id] = result
        return result

    def carry_out(self, operation: HoldOperation, now: datetime) -> OperationResult:
        """What the operation does to the hold, or why it cannot."""
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
class CoreLife:
    """An authorization that is played. `heard` is every fact with the instant at which it was learned."""

    provider: MemoryProvider
    state: AuthorizationState
    now: datetime
    pacing: Pacing = PACING
    heard: list[tuple[datetime, AuthorizationFact]] = field(default_factory=list)
    decision: AuthorizationDecision = field(default_factory=AuthorizationDecision)
    hear: Callable[[AuthorizationState], None] = lambda _: None

    def register(self, hold_id: str, terms: AuthorizationTerms, case_reference: str, payout_reference: str) -> None:
        """The hold is looked after from now on."""
        self.learn(Registered(self.now, hold_id, terms, case_reference, payout_reference))
        self.settle()

    def learn(self, fact: AuthorizationFact) -> None:
        """Evolve, unless the fact says nothing new."""
        after = evolve(self.state, fact)
        if after is not self.state:
            self.state = after
            self.heard.append((self.now, fact))
            self.hear(after)

    def settle(self) -> None:
        """Do all that is due now."""
        for _ in range(MOST_STEPS):
            self.decision = decide(self.state, self.pacing, self.now)
            if self.decision.step is None:
                return
            self._carry_out(self.decision.step)
        raise AssertionError(f"never comes to rest: {self.decision.step}")

    def advance(self, instant: datetime) -> None:
        """Let everything happen up to `instant`."""
        for _ in range(MOST_STEPS):
            self.settle()
            due = self.decision.next_due
            if due is None or due > instant:
                break
            assert due > self.now, f"next due {due} is not ahead of {self.now}"
            self.now = due
        self.now = instant
        self.settle()

    def _carry_out(self, step: object) -> None:
        if isinstance(step, ReadHold):
            if self.provider.unreadable or self.provider.is_away(self.now):
                self.provider.unreadable = max(0, self.provider.unreadable - 1)
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
            planned = self.provider.script.get(Kind.MAIL, [])
            said = planned.pop(0) if planned else None
            result = OperationResult(said if isinstance(said, Outcome) else Outcome.SUCCEEDED)
        elif operation.only_ask and operation_id not in self.provider.done:
            result = OperationResult(Outcome.DECLINED, reasons.WITHDRAWN)
        else:
            result = self.provider.perform(operation_id, operation, self.now)
        self.learn(HoldOperationEnded(operation, self.now, result))
