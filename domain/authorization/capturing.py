"""What may be done with a hold now: one judgement for every way in which captures, voids and refunds are asked for.

A request that is refused here was never sent, so it costs the merchant nothing (rule R32).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain import reasons
from domain.authorization.extension import is_too_small, planned_extension
from domain.authorization.facts import Action, ActionKind, StopReason
from domain.authorization.nights import blackout_ends, day_of, local
from domain.authorization.state import AuthorizationState, Hold, Moved, refundable_minor
from domain.operations import Kind
from domain.outcomes import Outcome


@dataclass(frozen=True)
class Verdict:
    """`allowed`: do it, with `amount_minor`. `noted`: nothing has to be sent, it is done by being noted. Otherwise
    refused for `reason`, and worth asking for again at `retry_at` (UTC) where that is known."""

    allowed: bool = False
    noted: bool = False
    amount_minor: int = 0
    reason: str = ""
    retry_at: datetime | None = None
    stops: StopReason | None = None  # what it does to renewal, when it is done or noted


def judge(state: AuthorizationState, action: Action, now: datetime) -> Verdict:
    """Whether `action` may be carried out at `now`.

    An amount below zero is refused whatever is asked for: that is how an interface tells a request that broke its
    format, where such a request counts as a failed action (rules R31, R32).
    """
    if action.amount_minor is not None and action.amount_minor < 0:
        return Verdict(reason=reasons.NO_AMOUNT)
    match action.kind:
        case ActionKind.CAPTURE:
            return _capture(state, action, now)
        case ActionKind.VOID:
            return _void(state)
        case ActionKind.GIVE_UP:
            verdict = _void(state)
            # nothing is held: whatever would have followed does not, and that is all there is to do
            return Verdict(noted=True, stops=StopReason.GIVEN_UP) if verdict.reason else verdict
        case ActionKind.REVERSE:
            return _reverse(state)
        case ActionKind.REFUND:
            return _refund(state, action)
        case ActionKind.STOP_RENEWAL:
            return Verdict(noted=True, stops=StopReason.ASKED)  # rule R48: also the second time


def can_be_withdrawn(state: AuthorizationState, request_id: str) -> bool:
    """Whether an action still waits for its turn or its instant, so that nothing was sent for it."""
    record = state.action(request_id)
    begun = any(one.operation.request_id == request_id for one in state.operations)
    return record is not None and record.waits and not begun


def _capture(state: AuthorizationState, action: Action, now: datetime) -> Verdict:
    hold = state.current
    wanted = action.amount_minor
    if wanted == 0:
        if hold is None:
            return Verdict(reason=reasons.NOTHING_HELD)
        return Verdict(noted=True, stops=StopReason.ZERO_CAPTURE)  # rule R49
    last = state.last
    if last is not None and wanted is not None and wanted > last.left_minor:
        return Verdict(reason=reasons.ABOVE_OPEN)
    if hold is None:
        return _not_held(state)
    amount = hold.open_minor if wanted is None else wanted
    if is_too_small(amount, state.terms):
        return Verdict(reason=reasons.TOO_SMALL)
    too_soon = _too_soon(state, now)
    if too_soon is not None:
        return too_soon
    ends = StopReason.FINISHED if action.final and amount < hold.open_minor else None
    return Verdict(allowed=True, amount_minor=amount, stops=ends)


def _not_held(state: AuthorizationState) -> Verdict:
    coming = planned_extension(state)
    if coming is not None:
        due = coming.at
        if state.terms.realtime and state.last is not None and state.last.captured_at is not None:
            due = max(due, state.last.captured_at + state.terms.capture_after)
        return Verdict(reason=reasons.NOT_HELD_YET, retry_at=due)  # rules R76, R77
    if state.hope_at is not None:
        return Verdict(reason=reasons.NOT_HELD_YET, retry_at=state.hope_at)
    return Verdict(reason=reasons.NOTHING_HELD)


def latest_capture(state: AuthorizationState) -> Hold | None:
    """The hold that was captured from last."""
    taken = [one for one in state.holds if one.captured_at is not None]
    return max(taken, key=lambda one: (one.captured_at, one.number), default=None)


def _too_soon(state: AuthorizationState, now: datetime) -> Verdict | None:
    """The rules on several captures of one day (R21, R26, R27); those before an authorization was taken over count."""
    before = latest_capture(state)
    if before is None or before.captured_at is None:
        return None
    terms, captured_at = state.terms, before.captured_at
    if terms.realtime and now < captured_at + terms.capture_after:
        return Verdict(reason=reasons.FIVE_MINUTES, retry_at=captured_at + terms.capture_after)
    if day_of(captured_at) != day_of(now):
        return None
    if not terms.realtime:
        return Verdict(reason=reasons.ONE_A_DAY, retry_at=local(day_of(now) + timedelta(days=1), terms.nightly_from))
    ends = blackout_ends(now, terms.day_zone)
    return Verdict(reason=reasons.BLACKOUT, retry_at=ends) if ends is not None else None


def _void(state: AuthorizationState) -> Verdict:
    if state.current is not None:
        return Verdict(allowed=True, amount_minor=state.current.open_minor, stops=StopReason.REVERSED)
    if state.moved is Moved.VOIDED and state.stopped is not None:
        return Verdict(noted=True)  # rule R48
    if state.moved in (Moved.CAPTURED, Moved.REFUNDED):
        return Verdict(reason=reasons.LAST_WAS_CAPTURE)  # rule R42
    return Verdict(reason=reasons.NOTHING_HELD)


def _reverse(state: AuthorizationState) -> Verdict:
    """Undo the last action, whatever it was (rule R40)."""
    if state.moved is not Moved.CAPTURED:
        if state.moved is Moved.REFUNDED:
            return Verdict(reason=reasons.NOTHING_TO_UNDO)
        verdict = _void(state)
        return Verdict(reason=reasons.NOTHING_TO_UNDO) if verdict.reason else verdict
    amount = last_captured_minor(state)
    return Verdict(allowed=True, amount_minor=amount, stops=StopReason.REVERSED)


def last_captured_minor(state: AuthorizationState) -> int:
    """What the latest capture took."""
    captures = [
        one
        for one in state.operations
        if one.kind is Kind.CAPTURE and one.outcome is Outcome.SUCCEEDED and one.operation.hold == state.moved_hold
    ]
    if captures:
        return max(captures, key=lambda one: one.at).amount_minor or 0
    hold = state.hold(state.moved_hold)
    return hold.captured_minor if hold is not None else 0


def _refund(state: AuthorizationState, action: Action) -> Verdict:
    left, wanted = refundable_minor(state), action.amount_minor
    amount = left if wanted is None else wanted
    if wanted is not None and wanted <= 0:
        return Verdict(reason=reasons.NO_AMOUNT)
    if amount > left or left == 0:
        return Verdict(reason=reasons.ABOVE_CAPTURED)
    return Verdict(allowed=True, amount_minor=amount)
