"""What an authorization does next. `decide` looks at the facts alone: how they came and in which order is no matter.

Each rule is a proposal: something to do, and the instant from which on it may be done. The first that is due is carried
out, its outcome becomes a fact, and everything is decided afresh. One thing at a time touches the provider (rule R20):
while the outcome of one request is in doubt nothing else is sent, and an extension that was begun is brought to its end
before anything that a merchant asked for meanwhile.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain import reasons
from domain.authorization.capturing import Verdict, judge
from domain.authorization.conditions import conditions
from domain.authorization.declines import may_hope
from domain.authorization.extension import (
    Extension,
    authorization_after,
    begun_extension,
    is_forbidden,
    is_too_old,
    planned_extension,
    splits,
    void_of,
)
from domain.authorization.facts import (
    ActionKind,
    ActionSettled,
    Conclusion,
    ExtensionFailed,
    HoldRanOut,
    HoldStanding,
    HopeGivenUp,
    RenewalStopped,
    StopReason,
)
from domain.authorization.nights import day_of, hope_run_of, local
from domain.authorization.notices import notices
from domain.authorization.operations import ExtensionKind, HoldOperation, hold_subject
from domain.authorization.schemes import LONGEST
from domain.authorization.state import (
    ActionRecord,
    AuthorizationState,
    Hold,
    HoldEnd,
    HoldRecord,
    Moved,
    refundable_minor,
)
from domain.authorization.terms import HopePer, HopeScope, RenewalOrder
from domain.facts import ProblemGone, ProblemRaised
from domain.operations import Kind
from domain.outcomes import Outcome
from domain.repetition import next_turn, not_before, pause
from domain.tenant_config import Pacing

PATIENCE = 8  # a hold that is not decided yet is looked at again after this part of the time that it has been so
LONGEST_LOOK = timedelta(days=1)


@dataclass(frozen=True)
class ReadHold:
    """Look at a hold at the provider, and at what the card's scheme allows. `amount_minor`: what would be authorized
    next, 0 when nothing would."""

    hold_id: str
    amount_minor: int = 0


Step = ReadHold | HoldOperation | Conclusion


@dataclass(frozen=True)
class Proposal:
    """Something to do, from `at` (UTC) on."""

    at: datetime
    step: Step | None = None  # None: nothing to do, but look again then


@dataclass(frozen=True)
class AuthorizationDecision:
    """`step` is due now; otherwise look again at `next_due` (UTC), or only when a message comes. `finished`: nothing
    is held and nothing is left to do."""

    step: Step | None = None
    next_due: datetime | None = None
    finished: bool = False


def decide(state: AuthorizationState, pacing: Pacing, now: datetime) -> AuthorizationDecision:
    """The one step that is due at `now`, or when to look again. Pure; amounts in minor units, instants in UTC."""
    if state.registered is None:
        return AuthorizationDecision()
    later: list[datetime] = []
    for proposal in _Plan(state, pacing, now).all():
        if proposal.at > now:
            later.append(proposal.at)
        elif proposal.step is not None:
            return AuthorizationDecision(step=proposal.step)
    return AuthorizationDecision(next_due=min(later, default=None), finished=not later and is_ended(state))


def is_ended(state: AuthorizationState) -> bool:
    """Whether nothing is held, nothing waits and no outcome is in doubt: only a new wish could change anything."""
    if not state.holds:
        seen = state.seen
        gone = (HoldStanding.VOIDED, HoldStanding.LAPSED, HoldStanding.DECLINED, HoldStanding.MISSING)
        return seen is not None and seen.standing in gone and not state.waiting()
    ended = not state.open_holds and not state.waiting() and not state.in_doubt()
    return ended and state.hope_at is None and begun_extension(state) is None and planned_extension(state) is None


@dataclass(frozen=True)
class _Plan:
    """The rules, one method each, over one state at one instant."""

    state: AuthorizationState
    pacing: Pacing
    now: datetime

    def all(self) -> Iterator[Proposal]:
        yield from self.problems()
        yield from self.judgements()
        yield from self.stops()
        doubts = list(self.doubts())
        if doubts:
            yield from doubts
        elif not self.state.holds:
            yield from self.first_look()
        else:
            yield from self.begun()
            if begun_extension(self.state) is None and not self._overlap():
                yield from self.actions()
                yield from self.extension()
                yield from self.hope_run()
                yield from self.looks()
        yield from self.endings()
        yield from self.notices()

    # -- what all lean on

    def propose(self, operation: HoldOperation) -> Iterator[Proposal]:
        """`operation`, when it is its turn; what was declined is proposed anew only with another attempt number."""
        record = self.state.operation(operation.kind, operation.subject)
        if record is not None and record.attempt < operation.attempt:
            record = None
        turn = next_turn(record, operation.kind, self.state.workflow_id, self.pacing, self.now)
        if turn is not None:
            yield Proposal(turn.at, replace(operation, attempt=record.attempt if record else operation.attempt))

    def conclude(self, conclusion: Conclusion) -> Proposal:
        return Proposal(self.now, conclusion)

    # -- the rules

    def problems(self) -> Iterator[Proposal]:
        """Raise what holds and was not raised, drop what holds no longer."""
        raised = {one.name for one in self.state.problems}
        holding = set()
        for found in conditions(self.state, self.now):
            if found.since > self.now:
                yield Proposal(found.since)
                continue
            holding.add(found.name)
            if found.name not in raised:
                yield self.conclude(ProblemRaised(self.now, found.code, found.subject, found.cause, found.params))
        for problem in self.state.open_problems():
            if problem.name not in holding:
                yield self.conclude(ProblemGone(self.now, problem.code, problem.subject, problem.cause))

    def judgements(self) -> Iterator[Proposal]:
        """What follows from what happened, before anything new is begun."""
        yield from self._failed_extension()
        if self.state.stopped is None:
            reason = self._stopped_by()
            if reason is not None:
                yield self.conclude(RenewalStopped(self.now, reason))
        yield from self._hope_is_over()

    def _failed_extension(self) -> Iterator[Proposal]:
        """A refused renewal or split is written down once (rules R10, R12, R51)."""
        last = self.state.last
        if last is None:
            return
        for record in (
            authorization_after(self.state, last),
            self.state.operation(Kind.VOID, hold_subject(last.number)),
        ):
            extension = record.operation.extension if record is not None else None
            if record is None or extension is None:
                continue
            if record.outcome is not Outcome.DECLINED and not is_forbidden(record):
                continue
            attempt = record.attempt if record.kind is Kind.AUTHORIZE else 0
            if any((one.hold, one.attempt) == (last.number, attempt) for one in self.state.failures):
                continue
            yield self.conclude(
                ExtensionFailed(
                    at=self.now,
                    extension=extension,
                    hold=last.number,
                    attempt=attempt,
                    amount_minor=last.left_minor,
                    failed_at=record.ran_at,
                    reason=record.reason,
                    code=record.code,
                    hope_at=self._hope_after(record, extension),
                )
            )

    def _hope_after(self, record: HoldRecord, extension: ExtensionKind) -> datetime | None:
        """When a refused authorization is tried once more, None when it is not (rules R58-R69)."""
        state, terms = self.state, self.state.terms
        if record.kind is not Kind.AUTHORIZE or record.attempt > 1 or not terms.hope_run or state.stopped:
            return None
        if state.hopes_used and terms.hope_per is HopePer.AUTHORIZATION:
            return None
        if extension is ExtensionKind.SPLIT and terms.hope_scope is not HopeScope.RENEWAL_AND_SPLIT:
            return None
        if not may_hope(record.reason, forbidden=record.advised_against, terms=terms):
            return None
        at = hope_run_of(record.ran_at)
        return None if is_too_old(state, day_of(at)) else at  # rule R67

    def _stopped_by(self) -> StopReason | None:
        """What ends renewal and split from now on."""
        state = self.state
        for action in state.actions:
            stop = _stop_of(action, strict=state.terms.strict)
            if stop is not None:
                return stop
        last = state.last
        if last is None:
            return None
        if any(
            one.kind is Kind.VOID and one.outcome is Outcome.DECLINED and one.operation.extension is not None
            for one in state.operations
        ):
            return StopReason.FAILED_VOID
        if any(one.end is HoldEnd.FOREIGN for one in state.holds):
            return StopReason.DIFFERS
        failed = [one for one in state.failures if one.hold == last.number]
        if failed and state.hope_at is None and not self._hope_is_running(last):
            if failed[-1].reason == reasons.DIFFERS:
                return StopReason.DIFFERS
            split = failed[-1].extension is ExtensionKind.SPLIT
            return StopReason.FAILED_SPLIT if split else StopReason.FAILED_RENEWAL
        if last.end is HoldEnd.CAPTURED and last.left_minor > 0:
            capture = self._latest_capture_of(last)
            if capture is not None and capture.operation.final and state.terms.split:
                return StopReason.FINISHED
            if not splits(last, state.terms):
                return StopReason.TOO_SMALL if state.terms.split else StopReason.SPLIT_OFF
        return None

    def _latest_capture_of(self, hold: Hold) -> HoldRecord | None:
        captures = [
            one for one in self.state.operations if one.kind is Kind.CAPTURE and one.operation.hold == hold.number
        ]
        return max(captures, key=lambda one: one.at, default=None)

    def _hope_is_running(self, last: Hold) -> bool:
        record = authorization_after(self.state, last)
        going = (Outcome.UNKNOWN, Outcome.PENDING, Outcome.SUCCEEDED)
        return record is not None and record.attempt > 1 and record.outcome in going

    def _hope_is_over(self) -> Iterator[Proposal]:
        """A hope run that will not be: something was sent in between, or its day has passed (rules R62, R68)."""
        state, at = self.state, self.state.hope_at
        if at is None:
            return
        failed = state.failures[-1]
        if state.acted_at is not None and state.acted_at >= failed.failed_at:
            yield self.conclude(HopeGivenUp(self.now, failed.hold, too_late=False))
        elif day_of(self.now) > day_of(at):
            yield self.conclude(HopeGivenUp(self.now, failed.hold, too_late=True))

    def doubts(self) -> Iterator[Proposal]:
        """Ask for every outcome that is not known before anything else is sent."""
        for record in self.state.in_doubt():
            turn = next_turn(record, record.kind, self.state.workflow_id, self.pacing, self.now)
            if turn is not None:
                yield Proposal(turn.at, replace(record.operation, only_ask=self._is_unwanted(record)))

    def _is_unwanted(self, record: HoldRecord) -> bool:
        """A hold for a remainder that nobody wants any more is asked about and never sent again. One that takes the
        place of a hold that we gave up is wanted still: stopping leaves the hold as it was."""
        stopped, operation = self.state.stopped, record.operation
        if record.kind is not Kind.AUTHORIZE or stopped is None or stopped.at <= record.first_at:
            return False
        return operation.extension is ExtensionKind.SPLIT or operation.attempt > 1

    def first_look(self) -> Iterator[Proposal]:
        """Read the hold that was handed over; while it is not decided, again and again."""
        state = self.state
        assert state.registered is not None
        look = ReadHold(state.registered.hold_id)
        if state.unreadable is not None:
            told = state.unreadable
            yield Proposal(not_before(told.at, told.retry_at, pause(state.unreadable_times, self.pacing)), look)
        elif state.seen is None or state.hinted_seq > state.seen_seq:
            yield self.conclude_read(look)
        elif state.seen.standing is HoldStanding.PENDING:
            age = state.seen.as_of - state.registered.at
            wait = max(self.pacing.pending_look, min(age / PATIENCE, LONGEST_LOOK))
            yield Proposal(state.seen.as_of + wait, look)
        for action in state.waiting():
            if state.seen is not None and state.seen.standing is not HoldStanding.PENDING:
                yield self.conclude(ActionSettled(self.now, action.request_id, reasons.NOTHING_HELD))

    def conclude_read(self, look: ReadHold) -> Proposal:
        return Proposal(self.now, look)

    def begun(self) -> Iterator[Proposal]:
        """Bring an extension to its end: place the hold whose predecessor is void, void what was overlapped."""
        begun = begun_extension(self.state)
        if begun is not None:
            yield from self._authorize(begun)
        for hold in self._overlap():
            yield from self._void_for_renewal(hold)

    def _overlap(self) -> tuple[Hold, ...]:
        """Older holds that are still open beside the newest, unless giving them up was refused (rule R75)."""
        return tuple(
            one
            for one in self.state.open_holds
            if one is not self.state.last
            and not (
                (record := self.state.operation(Kind.VOID, hold_subject(one.number))) is not None
                and record.outcome is Outcome.DECLINED
            )
        )

    def stops(self) -> Iterator[Proposal]:
        """A wish to stop sends nothing and waits for nothing (rules R47, R48)."""
        for record in self.state.waiting():
            if record.action.kind is ActionKind.STOP_RENEWAL:
                if self.state.stopped is None:
                    yield self.conclude(RenewalStopped(self.now, StopReason.ASKED))
                yield self.conclude(ActionSettled(self.now, record.request_id))

    def actions(self) -> Iterator[Proposal]:
        """What was asked for, in that order. A patient one waits for its instant and lets the others pass."""
        for record in self.state.waiting():
            if record.action.kind is ActionKind.REFUND and self._refunded_so_far(record):
                yield from self._refund(record, (record.action.amount_minor or 0) - self._refunded_so_far(record))
                continue
            verdict = judge(self.state, record.action, self.now)
            if verdict.allowed:
                yield from self._carry_out(record, verdict)
            elif verdict.noted:
                if verdict.stops is not None and self.state.stopped is None:
                    yield self.conclude(RenewalStopped(self.now, verdict.stops))
                yield self.conclude(ActionSettled(self.now, record.request_id))
            elif record.action.patient and verdict.retry_at is not None:
                yield Proposal(verdict.retry_at)
            else:
                yield self.conclude(ActionSettled(self.now, record.request_id, verdict.reason, verdict.retry_at))

    def _carry_out(self, record: ActionRecord, verdict: Verdict) -> Iterator[Proposal]:
        state, action, current = self.state, record.action, self.state.current
        about = HoldOperation(
            Kind.CAPTURE,
            record.request_id,
            amount_minor=verdict.amount_minor,
            currency=state.currency,
            request_id=record.request_id,
            reference=action.reference,
        )
        undone = state.hold(state.moved_hold)
        if action.kind is ActionKind.REFUND:
            yield from self._refund(record, verdict.amount_minor)
        elif action.kind is ActionKind.REVERSE and state.moved is Moved.CAPTURED and undone is not None:
            undo = replace(about, kind=Kind.REFUND, hold_id=undone.hold_id, hold=undone.number, undo=True)
            yield from self.propose(undo)
        elif action.kind is ActionKind.CAPTURE and current is not None:
            gives_up = action.final or not state.terms.split  # rule R4: without split the remainder lapses
            final = gives_up or verdict.amount_minor == current.open_minor
            yield from self.propose(replace(about, hold_id=current.hold_id, hold=current.number, final=final))
        elif current is not None:
            again = state.operation(Kind.VOID, hold_subject(current.number))
            yield from self.propose(
                replace(
                    about,
                    kind=Kind.VOID,
                    subject=hold_subject(current.number),
                    hold_id=current.hold_id,
                    hold=current.number,
                    attempt=again.attempt + 1 if again is not None and again.outcome is Outcome.DECLINED else 1,
                )
            )

    def _refunded_so_far(self, record: ActionRecord) -> int:
        parts = (one for one in self.state.operations if one.operation.request_id == record.request_id)
        return sum(one.amount_minor or 0 for one in parts if one.outcome is Outcome.SUCCEEDED)

    def _refund(self, record: ActionRecord, amount_minor: int) -> Iterator[Proposal]:
        """Give back from the captured holds, the oldest first, one request each."""
        whole = record.action.amount_minor is None
        left = refundable_minor(self.state) if whole else amount_minor
        for hold in self.state.holds:
            part = min(left, hold.captured_minor - hold.refunded_minor)
            if part > 0:
                yield from self.propose(
                    HoldOperation(
                        Kind.REFUND,
                        f"{record.request_id}:{hold.number}",
                        amount_minor=part,
                        currency=self.state.currency,
                        hold_id=hold.hold_id,
                        hold=hold.number,
                        request_id=record.request_id,
                        reference=record.action.reference,
                    )
                )
                return

    def extension(self) -> Iterator[Proposal]:
        """Renew or split what is due: look at the hold first, then void and authorize in the order agreed on."""
        due = planned_extension(self.state)
        if due is None or self.state.hope_at is not None or any(one.hold == due.hold for one in self.state.failures):
            return
        if due.at > self.now:
            yield Proposal(due.at)
            return
        yield from self._after_fresh_look(due, due.at, self._extend(due))

    def _after_fresh_look(self, due: Extension, since: datetime, then: Iterator[Proposal]) -> Iterator[Proposal]:
        """`then`, once the provider was asked about the hold since `since` and its books agree with ours (rule R72)."""
        state, last = self.state, self.state.last
        assert last is not None
        look = ReadHold(last.hold_id, due.amount_minor)
        if state.unreadable is not None:
            told = state.unreadable
            yield Proposal(not_before(told.at, told.retry_at, pause(state.unreadable_times, self.pacing)), look)
        elif (
            state.seen is None
            or state.seen.hold_id != last.hold_id
            or state.seen.as_of < since
            or state.seen_seq < max(state.money_seq, state.hinted_seq)
        ):
            yield self.conclude_read(look)
        elif self._differs(last):
            yield self.conclude(self._not_tried(due, reasons.DIFFERS))
        elif not state.seen.may_authorize:
            if state.seen.authorize_from is None or state.seen.authorize_from >= last.deadline.at:
                yield self.conclude(self._not_tried(due, reasons.SCHEME_FORBIDS))
            else:
                yield Proposal(state.seen.authorize_from, look)
        else:
            yield from then

    def _differs(self, last: Hold) -> bool:
        """Whether the provider's picture of the hold contradicts our books."""
        seen = self.state.seen
        if seen is None:
            return False
        if last.end is None:
            return seen.standing is not HoldStanding.HELD or seen.open_minor != last.open_minor
        if last.end is HoldEnd.LAPSED:
            return seen.captured_minor != last.captured_minor
        return seen.standing is HoldStanding.HELD or seen.captured_minor != last.captured_minor

    def _not_tried(self, due: Extension, reason: str) -> ExtensionFailed:
        return ExtensionFailed(self.now, due.kind, due.hold, 0, due.amount_minor, self.now, reason)

    def _extend(self, due: Extension) -> Iterator[Proposal]:
        last = self.state.last
        assert last is not None
        held = last.end is None
        if held and due.kind is ExtensionKind.RENEWAL and self.state.terms.order is RenewalOrder.VOID_FIRST:
            yield from self._void_for_renewal(last)
        else:
            yield from self._authorize(due)

    def _void_for_renewal(self, hold: Hold) -> Iterator[Proposal]:
        yield from self.propose(
            HoldOperation(
                Kind.VOID,
                hold_subject(hold.number),
                amount_minor=hold.open_minor,
                currency=self.state.currency,
                hold_id=hold.hold_id,
                hold=hold.number,
                extension=ExtensionKind.RENEWAL,
            )
        )

    def _authorize(self, due: Extension, attempt: int = 1) -> Iterator[Proposal]:
        hold = self.state.hold(due.hold)
        assert hold is not None
        yield from self.propose(
            HoldOperation(
                Kind.AUTHORIZE,
                hold_subject(due.hold + 1),
                attempt=attempt,
                amount_minor=due.amount_minor,
                currency=self.state.currency,
                hold_id=hold.hold_id,
                hold=due.hold,
                extension=due.kind,
            )
        )

    def hope_run(self) -> Iterator[Proposal]:
        """Try a refused extension once more, the following night (rules R58-R61)."""
        at, last = self.state.hope_at, self.state.last
        if at is None or last is None:
            return
        if at > self.now:
            yield Proposal(at)
            return
        failed = self.state.failures[-1]
        again = Extension(failed.extension, last.number, last.left_minor, at)
        yield from self._after_fresh_look(again, at, self._authorize(again, attempt=failed.attempt + 1))

    def looks(self) -> Iterator[Proposal]:
        """Look at a hold after a hint, and when its time is over without anybody having said what became of it."""
        state, current = self.state, self.state.current
        if current is None or state.unreadable is not None:
            if current is not None and state.unreadable is not None:
                told, wait = state.unreadable, pause(state.unreadable_times, self.pacing)
                yield Proposal(not_before(told.at, told.retry_at, wait), ReadHold(current.hold_id))
            return
        if state.hinted_seq > state.seen_seq:
            yield self.conclude_read(ReadHold(current.hold_id))
        if current.deadline.told:
            after = current.deadline.at + timedelta(minutes=1)
            seen = state.seen
            if seen is None or seen.hold_id != current.hold_id or seen.as_of < after:
                yield Proposal(after, ReadHold(current.hold_id))
            else:
                wait = max(self.pacing.pending_look, min((seen.as_of - after) / PATIENCE, LONGEST_LOOK))
                yield Proposal(seen.as_of + wait, ReadHold(current.hold_id))

    def endings(self) -> Iterator[Proposal]:
        """The maximum age, and holds that nobody will ever report as run out."""
        state, first = self.state, self.state.first
        if first is None:
            return
        ends_on = state.age_ends_on()
        if state.stopped is None and ends_on is not None and self._something_is_left():
            at = local(ends_on, state.terms.nightly_from.replace(hour=0, minute=0))
            yield Proposal(at, RenewalStopped(max(self.now, at), StopReason.MAX_AGE))
        for hold in state.open_holds:
            longest = max(hold.deadline.at, hold.held_at + LONGEST)
            yield Proposal(longest, HoldRanOut(max(self.now, longest), hold.number))

    def _something_is_left(self) -> bool:
        last = self.state.last
        return (
            last is not None
            and last.left_minor > 0
            and (last.end is not HoldEnd.VOIDED or void_of(self.state, last) is not None)
        )

    def notices(self) -> Iterator[Proposal]:
        """Tell the merchant what failed, once each."""
        for operation in notices(self.state):
            yield from self.propose(operation)


def _stop_of(action: ActionRecord, *, strict: bool) -> StopReason | None:
    """What an action that has ended does to renewal (rules R31, R36-R38, R44-R49)."""
    kind, outcome = action.action.kind, action.outcome
    if outcome is Outcome.DECLINED:
        return {
            ActionKind.CAPTURE: StopReason.FAILED_CAPTURE,
            ActionKind.VOID: StopReason.FAILED_VOID,
            ActionKind.REVERSE: StopReason.FAILED_VOID,
            ActionKind.REFUND: StopReason.FAILED_REFUND,
            ActionKind.STOP_RENEWAL: None,
        }[kind]
    if outcome is Outcome.NOT_SENT:
        return StopReason.REFUSED_ACTION if strict and kind is not ActionKind.STOP_RENEWAL else None
    if outcome is Outcome.SUCCEEDED and kind in (ActionKind.VOID, ActionKind.REVERSE):
        return StopReason.REVERSED
    if outcome is Outcome.SUCCEEDED and kind is ActionKind.CAPTURE and action.action.final:
        return StopReason.FINISHED
    return None
