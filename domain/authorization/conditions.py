"""Which problems an authorization has: conditions over its state, each from the instant on at which it holds."""

from collections.abc import Iterator
from datetime import datetime

from domain import reasons
from domain.authorization.extension import planned_extension
from domain.authorization.facts import HoldStanding, StopReason
from domain.authorization.state import AuthorizationState, Hold, HoldEnd
from domain.authorization.terms import Guard
from domain.conditions import NOT_ASKED, UNKNOWN_IS_ERROR_AFTER, Condition
from domain.money import Money
from domain.operations import Kind
from domain.outcomes import FINAL, Outcome

_FAILED_ACTIONS = frozenset(
    {
        StopReason.FAILED_VOID,
        StopReason.FAILED_CAPTURE,
        StopReason.FAILED_REFUND,
        StopReason.REFUSED_ACTION,
    }
)


def conditions(state: AuthorizationState, now: datetime) -> tuple[Condition, ...]:
    """Every condition of the authorization, those that will hold later included."""
    return (
        *_of_first_look(state, now),
        *_of_hold(state, now),
        *_of_extensions(state, now),
        *_of_operations(state),
    )


def _of_first_look(state: AuthorizationState, now: datetime) -> Iterator[Condition]:
    seen = state.seen
    if state.unreadable is not None and state.unreadable.reason not in NOT_ASKED:
        broken = state.unreadable.reason == reasons.MISCONFIGURED
        if broken:
            yield Condition("misconfigured", now, cause=f"read-{state.seen_seq}", params=(("system", "provider"),))
        else:
            told = (("reason", state.unreadable.reason),)
            yield Condition("hold_unreadable", now, cause=f"read-{state.seen_seq}", params=told)
    if state.holds or seen is None:
        return
    if seen.standing not in (HoldStanding.PENDING, HoldStanding.HELD, HoldStanding.CAPTURED):
        yield Condition("hold_not_usable", now, cause=seen.standing.value, params=(("standing", seen.standing.value),))


def _of_hold(state: AuthorizationState, now: datetime) -> Iterator[Condition]:
    current = state.current
    if current is None or current.left_minor <= 0:
        return
    deadline = current.deadline.at
    at_risk = (("amount", str(Money(current.open_minor, state.currency))), ("deadline", deadline.isoformat()))
    cause = f"{current.number}-{deadline:%Y%m%d%H%M}"
    coming = planned_extension(state)
    if not state.renewable:
        yield Condition("not_renewable", current.held_at, cause=str(current.number), params=at_risk)
    if coming is None:
        yield Condition("hold_ends_soon", deadline - state.terms.warn_before, cause=cause, params=at_risk)
    elif coming.at > deadline and state.terms.guard is not Guard.OFF:
        # the interval is longer than the scheme stands behind the hold: shown from the start, warned of in time
        days = (*at_risk, ("renewal", coming.at.isoformat()))
        yield Condition("hold_outside_guarantee", current.held_at, cause=cause, params=days)


def _of_extensions(state: AuthorizationState, now: datetime) -> Iterator[Condition]:
    last, stop = state.last, state.stopped
    if last is None:
        return
    failed = [one for one in state.failures if one.hold == last.number]
    if failed and last.left_minor > 0:
        amount = ("amount", str(Money(last.left_minor, state.currency)))
        why = (amount, ("reason", failed[-1].reason), ("code", failed[-1].code))
        cause = f"{last.number}-{failed[-1].attempt}"
        code = "renewal_failed" if last.end is None else "unsecured"
        yield Condition(code, failed[-1].at, cause=cause, params=why)
    if stop is not None and stop.reason in _FAILED_ACTIONS and _goes_on(last):
        yield Condition("renewal_stopped", stop.at, cause=stop.reason.value, params=(("reason", stop.reason.value),))
    if stop is not None and stop.reason is StopReason.DIFFERS:
        yield Condition("hold_differs", stop.at, cause=str(last.number), params=(("hold", last.hold_id),))
    for hold in state.open_holds:
        void = state.operation(Kind.VOID, f"hold-{hold.number}")
        if hold is not last and void is not None and void.outcome is Outcome.DECLINED:
            told = (("hold", hold.hold_id), ("amount", str(Money(hold.open_minor, state.currency))))
            yield Condition("two_holds", void.at, cause=str(hold.number), params=told)


def _goes_on(last: Hold) -> bool:
    return last.left_minor > 0 and last.end in (None, HoldEnd.CAPTURED)


def _of_operations(state: AuthorizationState) -> Iterator[Condition]:
    for record in state.operations:
        if record.kind is Kind.MAIL or record.outcome in FINAL:
            continue
        subject, cause = f"{record.kind.value}/{record.operation.subject}", str(record.attempt)
        if record.outcome is Outcome.UNKNOWN and record.executions >= UNKNOWN_IS_ERROR_AFTER:
            yield Condition("outcome_unknown", record.at, subject, cause, (("operation", record.kind.value),))
        if record.reason == reasons.MISCONFIGURED:
            yield Condition("misconfigured", record.at, subject, cause, (("system", "provider"),))
