"""What an authorization knows, and how a fact changes it.

`evolve` returns the very same state when a fact says nothing new: duplicates, late and reordered facts leave no trace.
"""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from domain.authorization.facts import (
    Action,
    ActionAsked,
    ActionKind,
    ActionSettled,
    AuthorizationFact,
    ExtensionFailed,
    HoldHinted,
    HoldOperationEnded,
    HoldRanOut,
    HoldRead,
    HoldSnapshot,
    HoldStanding,
    HopeGivenUp,
    LookedAgain,
    Origin,
    ProblemsSolved,
    Registered,
    RenewalStopped,
    StopReason,
    TermsChanged,
)
from domain.authorization.nights import day_of
from domain.authorization.operations import ExtensionKind, HoldOperation
from domain.authorization.schemes import Deadline, Initiator, Scheme, deadline_of
from domain.authorization.terms import AuthorizationTerms
from domain.facts import PaymentUnreadable, ProblemGone, ProblemRaised
from domain.operations import MONEY, Kind
from domain.outcomes import FINAL, NewHold, Outcome
from domain.problems import Problem

MESSAGES_KEPT = 500
TOUCHES_PROVIDER = MONEY | {Kind.AUTHORIZE}


class HoldEnd(StrEnum):
    """How a hold ended."""

    CAPTURED = "captured"  # its money was taken, all or a part
    VOIDED = "voided"
    LAPSED = "lapsed"
    FOREIGN = "foreign"  # somebody else did something to it


@dataclass(frozen=True)
class Hold:
    """One hold of the chain. `number` counts from 1, the first authorization."""

    number: int
    hold_id: str
    amount_minor: int
    held_at: datetime
    initiator: Initiator
    scheme: Scheme = Scheme.OTHER
    told_deadline: datetime | None = None
    in_parts: bool = False
    scheme_reference: str = ""
    captured_minor: int = 0
    refunded_minor: int = 0
    captured_at: datetime | None = None  # the latest capture
    end: HoldEnd | None = None
    ended_at: datetime | None = None
    extended_by: ExtensionKind | None = None  # what it came from; None: the first one

    @property
    def left_minor(self) -> int:
        """What was authorized here and not taken, whether it is still held or not."""
        return self.amount_minor - self.captured_minor

    @property
    def open_minor(self) -> int:
        """What can be captured."""
        return self.left_minor if self.end is None else 0

    @property
    def deadline(self) -> Deadline:
        return deadline_of(self.held_at, self.told_deadline, self.scheme, self.initiator)


@dataclass(frozen=True)
class HoldRecord:
    """The latest attempt of one operation on a hold; `executions` counts how often this attempt was carried out."""

    operation: HoldOperation
    outcome: Outcome
    first_at: datetime
    at: datetime
    executions: int = 1
    amount_minor: int | None = None
    reference: str = ""
    reason: str = ""
    code: str = ""
    advised_against: bool = False
    retry_at: datetime | None = None
    tried_at: datetime | None = None  # when the first execution ended that may have left us

    @property
    def kind(self) -> Kind:
        return self.operation.kind

    @property
    def attempt(self) -> int:
        return self.operation.attempt

    @property
    def ran_at(self) -> datetime:
        """When the attempt ran: what a pause held back for days did not run meanwhile (rule R54)."""
        if self.tried_at is not None:
            return self.tried_at
        return self.at if self.outcome is Outcome.NOT_SENT else self.first_at

    @property
    def may_be_tried_again(self) -> bool:
        """A definite no is final: what may follow it is a new attempt that somebody decides on."""
        return False


@dataclass(frozen=True)
class ActionRecord:
    """What somebody asked for and what became of it: `outcome` None while it waits or is under way."""

    request_id: str
    action: Action
    asked_at: datetime
    origin: Origin
    actor: str = ""
    outcome: Outcome | None = None
    amount_minor: int | None = None  # what took effect
    reason: str = ""
    code: str = ""
    retry_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def waits(self) -> bool:
        return self.outcome is None


@dataclass(frozen=True)
class Stop:
    """Nothing is renewed or split from `at` on."""

    reason: StopReason
    at: datetime


class Moved(StrEnum):
    """What was done last with the money, for whoever wants to undo it (rule R40)."""

    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    VOIDED = "voided"
    REFUNDED = "refunded"


@dataclass(frozen=True)
class AuthorizationState:
    """Everything an authorization decides on. Instants are UTC, amounts minor units of `currency`."""

    workflow_id: str
    seq: int = 0
    registered: Registered | None = None
    terms: AuthorizationTerms = field(default_factory=AuthorizationTerms)
    terms_since: datetime | None = None  # when they were last changed
    currency: str = ""
    card: str = ""
    renewable: bool = True
    holds: tuple[Hold, ...] = ()
    seen: HoldSnapshot | None = None  # the latest picture, of whichever hold
    seen_seq: int = -1
    unreadable: PaymentUnreadable | None = None
    unreadable_times: int = 0
    hinted_seq: int = -1
    money_seq: int = 0
    moved: Moved | None = None
    moved_hold: int = 0
    operations: tuple[HoldRecord, ...] = ()
    actions: tuple[ActionRecord, ...] = ()
    failures: tuple[ExtensionFailed, ...] = ()
    hope_at: datetime | None = None  # the hope run that is planned
    given_up: tuple[HopeGivenUp, ...] = ()
    hopes_used: int = 0
    acted_at: datetime | None = None  # the latest action that was sent, whatever became of it (rule R63)
    stopped: Stop | None = None
    problems: tuple[Problem, ...] = ()
    messages: tuple[str, ...] = ()
    changed_at: datetime | None = None

    @property
    def first(self) -> Hold | None:
        return self.holds[0] if self.holds else None

    @property
    def last(self) -> Hold | None:
        """The newest hold, open or not: what is left of it is what this authorization is still about."""
        return self.holds[-1] if self.holds else None

    @property
    def current(self) -> Hold | None:
        """The newest hold if it is open."""
        last = self.last
        return last if last is not None and last.end is None else None

    @property
    def open_holds(self) -> tuple[Hold, ...]:
        return tuple(one for one in self.holds if one.end is None)

    @property
    def captured_minor(self) -> int:
        return sum(one.captured_minor for one in self.holds)

    @property
    def refunded_minor(self) -> int:
        return sum(one.refunded_minor for one in self.holds)

    def hold(self, number: int) -> Hold | None:
        return self.holds[number - 1] if 0 < number <= len(self.holds) else None

    def operation(self, kind: Kind, subject: str) -> HoldRecord | None:
        """The latest attempt of an operation, or None when it was never carried out."""
        return next((one for one in self.operations if one.kind is kind and one.operation.subject == subject), None)

    def in_doubt(self) -> tuple[HoldRecord, ...]:
        """Operations at the provider whose outcome is not known yet."""
        return tuple(
            one
            for one in self.operations
            if one.kind in TOUCHES_PROVIDER and one.outcome in (Outcome.UNKNOWN, Outcome.PENDING)
        )

    def action(self, request_id: str) -> ActionRecord | None:
        return next((one for one in self.actions if one.request_id == request_id), None)

    def waiting(self) -> tuple[ActionRecord, ...]:
        return tuple(one for one in self.actions if one.waits)

    def open_problems(self) -> tuple[Problem, ...]:
        return tuple(one for one in self.problems if one.solved_at is None)

    def age_ends_on(self) -> date | None:
        """The day from which on nothing is renewed, counted from the first authorization (rules R14-R16)."""
        if self.first is None:
            return None
        return day_of(self.first.held_at) + timedelta(days=self.terms.max_age_days)


def scheme_reference(state: AuthorizationState) -> str:
    """What the next authorization refers to: one scheme wants the latest of the chain, the others the first."""
    if state.first is None or state.last is None:
        return ""
    latest = state.last.scheme is Scheme.VISA
    return (state.last if latest else state.first).scheme_reference or state.first.scheme_reference


def evolve(state: AuthorizationState, fact: AuthorizationFact) -> AuthorizationState:
    """The state after `fact`; the same object when the fact says nothing new."""
    after = _apply(state, fact)
    if after is state:
        return state
    at = fact.snapshot.as_of if isinstance(fact, HoldRead) else fact.at
    later = at if state.changed_at is None or at > state.changed_at else state.changed_at
    return replace(after, seq=state.seq + 1, changed_at=later)


def _apply(state: AuthorizationState, fact: AuthorizationFact) -> AuthorizationState:
    match fact:
        case Registered():
            return state if state.registered else replace(state, registered=fact, terms=fact.terms)
        case HoldRead():
            return _read(state, fact)
        case PaymentUnreadable():
            return replace(state, unreadable=fact, unreadable_times=state.unreadable_times + 1)
        case HoldHinted():
            return replace(state, hinted_seq=state.seq + 1)
        case HoldOperationEnded():
            return _ended(state, fact)
        case ActionAsked():
            return _asked(state, fact)
        case TermsChanged(_, terms):
            return state if terms == state.terms else replace(state, terms=terms, terms_since=fact.at)
        case LookedAgain():
            return _looked_again(state, fact)
        case ProblemsSolved(at, request_id):
            if request_id in state.messages:
                return state
            solved = tuple(replace(one, solved_at=one.solved_at or at) for one in state.problems)
            return replace(_heard(state, request_id), problems=solved)
        case ActionSettled(at, request_id, reason, retry_at):
            outcome = Outcome.NOT_SENT if reason else Outcome.SUCCEEDED
            return _settle(state, request_id, outcome, at, reason=reason, retry_at=retry_at, amount_minor=0)
        case ExtensionFailed():
            if any((one.hold, one.attempt) == (fact.hold, fact.attempt) for one in state.failures):
                return state
            return replace(state, failures=(*state.failures, fact), hope_at=fact.hope_at)
        case HopeGivenUp():
            return replace(state, hope_at=None, given_up=(*state.given_up, fact)) if state.hope_at else state
        case RenewalStopped(at, reason):
            return state if state.stopped else replace(state, stopped=Stop(reason, at), hope_at=None)
        case HoldRanOut(at, number):
            hold = state.hold(number)
            return state if hold is None or hold.end else _with(state, _over(hold, HoldEnd.LAPSED, at))
        case ProblemRaised(at, code, subject, cause, params):
            raised = Problem(code, subject, cause, at, params)
            known = any(one.name == raised.name for one in state.problems)
            return state if known else replace(state, problems=(*state.problems, raised))
        case ProblemGone(at, code, subject, cause):
            name = Problem(code, subject, cause, at).name
            if not any(one.name == name and one.solved_at is None for one in state.problems):
                return state
            return replace(
                state,
                problems=tuple(
                    replace(one, solved_at=at, gone=True) if one.name == name and one.solved_at is None else one
                    for one in state.problems
                ),
            )


# --- pictures


def _read(state: AuthorizationState, fact: HoldRead) -> AuthorizationState:
    snapshot = fact.snapshot
    if state.seen is not None and snapshot.as_of < state.seen.as_of:
        return state
    if fact.asked_seq < state.money_seq:
        return state  # it was asked for before our latest doing ended: it cannot show it
    after = replace(state, seen=snapshot, seen_seq=fact.asked_seq, unreadable=None, unreadable_times=0)
    if not state.holds:
        return _begun(after, snapshot)
    hold = next((one for one in state.holds if one.hold_id == snapshot.hold_id), None)
    if hold is None or hold.end is not None:
        return after
    if snapshot.deadline is not None and hold.told_deadline != snapshot.deadline:
        hold = replace(hold, told_deadline=snapshot.deadline)
        after = _with(after, hold)
    match snapshot.standing:
        case HoldStanding.LAPSED:
            return _with(after, _over(hold, HoldEnd.LAPSED, snapshot.as_of))
        case HoldStanding.CAPTURED if _ran_out(hold, snapshot):
            return _with(after, _over(hold, HoldEnd.LAPSED, snapshot.as_of))
        case HoldStanding.VOIDED | HoldStanding.CAPTURED | HoldStanding.DECLINED | HoldStanding.MISSING:
            return _with(after, _over(hold, HoldEnd.FOREIGN, snapshot.as_of))
        case _:
            return after


def _ran_out(hold: Hold, snapshot: HoldSnapshot) -> bool:
    """Whether the rest of a hold that was captured in parts was given up by its deadline: nobody took any more."""
    past = hold.told_deadline is not None and snapshot.as_of >= hold.told_deadline
    return past and snapshot.captured_minor == hold.captured_minor > 0


def _begun(state: AuthorizationState, snapshot: HoldSnapshot) -> AuthorizationState:
    """The first picture tells what this authorization is about; one that is not held (yet) begins nothing."""
    if snapshot.standing not in (HoldStanding.HELD, HoldStanding.CAPTURED):
        return state
    hold = Hold(
        number=1,
        hold_id=snapshot.hold_id,
        amount_minor=snapshot.amount_minor,
        held_at=snapshot.held_at or snapshot.as_of,
        initiator=snapshot.initiator,
        scheme=snapshot.scheme,
        told_deadline=snapshot.deadline,
        in_parts=snapshot.in_parts,
        scheme_reference=snapshot.scheme_reference,
        captured_minor=snapshot.captured_minor,
        refunded_minor=snapshot.refunded_minor,
    )
    if snapshot.standing is HoldStanding.CAPTURED:
        hold = replace(_over(hold, HoldEnd.CAPTURED, snapshot.as_of), captured_at=hold.held_at)
    return replace(
        state,
        currency=snapshot.currency,
        card=snapshot.card,
        renewable=snapshot.renewable,
        holds=(hold,),
        moved=Moved.CAPTURED if snapshot.captured_minor else Moved.AUTHORIZED,
        moved_hold=1,
    )


# --- operations


def _ended(state: AuthorizationState, fact: HoldOperationEnded) -> AuthorizationState:
    operation, result = fact.operation, fact.result
    before = state.operation(operation.kind, operation.subject)
    same = before if before is not None and before.attempt == operation.attempt else None
    if before is not None and (operation.attempt < before.attempt or (same and before.outcome in FINAL)):
        return state
    if same and same.operation.grants > operation.grants:  # a person asked while it was carried out
        operation = replace(operation, grants=same.operation.grants)
    outcome, evidence = result.outcome, result.evidence
    if same and outcome is Outcome.NOT_SENT and same.outcome in (Outcome.UNKNOWN, Outcome.PENDING):
        outcome = same.outcome  # that this request did not leave says nothing about the one before
    record = HoldRecord(
        operation=operation,
        outcome=outcome,
        first_at=same.first_at if same else fact.at,
        at=fact.at,
        executions=same.executions + 1 if same else 1,
        amount_minor=evidence.amount_minor if evidence.amount_minor is not None else operation.amount_minor,
        reference=evidence.reference,
        reason=result.reason,
        code=evidence.code,
        advised_against=evidence.advised_against,
        retry_at=result.retry_at,
        tried_at=(same.tried_at if same else None) or (None if outcome is Outcome.NOT_SENT else fact.at),
    )
    if before is None:
        operations = (*state.operations, record)
    else:
        operations = tuple(record if one is before else one for one in state.operations)
    after = replace(state, operations=operations)
    if operation.kind not in TOUCHES_PROVIDER:
        return after
    after = replace(after, money_seq=state.seq + 1)
    if operation.request_id and outcome is not Outcome.NOT_SENT:
        after = replace(after, acted_at=record.at)
    if operation.kind is Kind.AUTHORIZE and operation.attempt > 1 and outcome is not Outcome.NOT_SENT:
        after = replace(after, hopes_used=max(state.hopes_used, operation.attempt - 1), hope_at=None)
    if outcome is Outcome.SUCCEEDED:
        after = _took_effect(after, record, evidence.hold, evidence.at)
    if operation.request_id and outcome in FINAL:
        after = _settle_part(after, record)
    return after


def _took_effect(
    state: AuthorizationState, record: HoldRecord, placed: NewHold | None, at: datetime | None
) -> AuthorizationState:
    operation, amount = record.operation, record.amount_minor or 0
    hold = state.hold(operation.hold)
    if hold is None:
        return state
    match operation.kind:
        case Kind.AUTHORIZE:
            new = Hold(
                number=len(state.holds) + 1,
                hold_id=record.reference,
                amount_minor=amount,
                held_at=at or record.at,
                initiator=Initiator.MERCHANT,
                scheme=hold.scheme,
                told_deadline=placed.deadline if placed else None,
                in_parts=placed.in_parts if placed else False,
                scheme_reference=(placed.scheme_reference if placed else "") or hold.scheme_reference,
                extended_by=operation.extension,
            )
            return replace(state, holds=(*state.holds, new), moved=Moved.AUTHORIZED, moved_hold=new.number)
        case Kind.VOID:
            voided = hold if hold.end else _over(hold, HoldEnd.VOIDED, record.at)
            return _moved(_with(state, voided), Moved.VOIDED, hold.number)
        case Kind.CAPTURE:
            taken = replace(hold, captured_minor=hold.captured_minor + amount, captured_at=at or record.at)
            goes_on = hold.in_parts and not operation.final and taken.left_minor > 0
            if not goes_on and hold.end is None:
                taken = _over(taken, HoldEnd.CAPTURED, record.at)
            return _moved(_with(state, taken), Moved.CAPTURED, hold.number)
        case Kind.REFUND:
            given = replace(hold, refunded_minor=hold.refunded_minor + amount)
            return _moved(_with(state, given), Moved.REFUNDED, hold.number)
        case _:
            return state


def _moved(state: AuthorizationState, what: Moved, hold: int) -> AuthorizationState:
    return replace(state, moved=what, moved_hold=hold)


def _over(hold: Hold, end: HoldEnd, at: datetime) -> Hold:
    return replace(hold, end=end, ended_at=at)


def _with(state: AuthorizationState, hold: Hold) -> AuthorizationState:
    return replace(state, holds=tuple(hold if one.number == hold.number else one for one in state.holds))


# --- actions


def _asked(state: AuthorizationState, fact: ActionAsked) -> AuthorizationState:
    if fact.request_id in state.messages:
        return state
    asked = ActionRecord(fact.request_id, fact.action, fact.at, fact.origin, fact.actor)
    return replace(_heard(state, fact.request_id), actions=(*state.actions, asked))


def _heard(state: AuthorizationState, request_id: str) -> AuthorizationState:
    return replace(state, messages=(*state.messages, request_id)[-MESSAGES_KEPT:])


def _settle_part(state: AuthorizationState, record: HoldRecord) -> AuthorizationState:
    """An action ends with its operation; a refund over several holds with the last of them, or with the first no."""
    action = state.action(record.operation.request_id)
    if action is None or not action.waits:
        return state
    parts = [one for one in state.operations if one.operation.request_id == action.request_id]
    done = sum(one.amount_minor or 0 for one in parts if one.outcome is Outcome.SUCCEEDED)
    if record.outcome is Outcome.SUCCEEDED and action.action.kind is ActionKind.REFUND:
        wanted = action.action.amount_minor
        left = refundable_minor(state)
        if (left > 0 if wanted is None else done < wanted) and left > 0:
            return state
    return _settle(
        state,
        action.request_id,
        Outcome.SUCCEEDED if record.outcome is Outcome.SUCCEEDED else Outcome.DECLINED,
        record.at,
        reason=record.reason,
        code=record.code,
        amount_minor=done,
    )


def refundable_minor(state: AuthorizationState) -> int:
    """What was captured and neither given back nor is on its way back."""
    return sum(one.captured_minor - one.refunded_minor for one in state.holds)


def _settle(
    state: AuthorizationState,
    request_id: str,
    outcome: Outcome,
    at: datetime,
    *,
    amount_minor: int,
    reason: str = "",
    code: str = "",
    retry_at: datetime | None = None,
) -> AuthorizationState:
    action = state.action(request_id)
    if action is None or not action.waits:
        return state
    ended = replace(
        action,
        outcome=outcome,
        amount_minor=amount_minor,
        reason=reason,
        code=code,
        retry_at=retry_at,
        ended_at=at,
    )
    return replace(state, actions=tuple(ended if one is action else one for one in state.actions))


def _looked_again(state: AuthorizationState, fact: LookedAgain) -> AuthorizationState:
    if fact.request_id in state.messages:
        return state
    operations = tuple(
        replace(
            one,
            operation=replace(one.operation, grants=one.operation.grants + 1)
            if one.outcome is Outcome.UNKNOWN
            else one.operation,
            retry_at=fact.at,
        )
        for one in state.operations
    )
    return replace(
        _heard(state, fact.request_id),
        hinted_seq=state.seq + 1,
        unreadable=replace(state.unreadable, retry_at=fact.at) if state.unreadable else None,
        operations=operations,
    )
