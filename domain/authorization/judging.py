"""What follows from what happened to an authorization: judgements at an instant, which become facts and stay as made.

A refused extension is written down once, an end of renewal gets its reason, a hope run that cannot be is given up.
"""

from collections.abc import Iterator
from datetime import datetime

from domain import reasons
from domain.authorization.declines import may_hope
from domain.authorization.extension import authorization_after, is_forbidden, is_too_old, splits
from domain.authorization.facts import (
    ActionKind,
    ExtensionFailed,
    HopeGivenUp,
    RenewalStopped,
    StopReason,
)
from domain.authorization.nights import day_of, hope_run_of
from domain.authorization.operations import ExtensionKind, hold_subject
from domain.authorization.state import ActionRecord, AuthorizationState, Hold, HoldEnd, HoldRecord
from domain.authorization.terms import HopePer, HopeScope
from domain.operations import Kind
from domain.outcomes import Outcome

Judgement = ExtensionFailed | RenewalStopped | HopeGivenUp


def judgements(state: AuthorizationState, now: datetime) -> Iterator[Judgement]:
    """What is to be concluded at `now` (UTC), the most urgent first; each becomes a fact before the next is asked."""
    yield from _failed_extension(state, now)
    reason = _stopped_by(state) if state.stopped is None else None
    if reason is not None:
        yield RenewalStopped(now, reason)
    yield from _hope_is_over(state, now)


def _failed_extension(state: AuthorizationState, now: datetime) -> Iterator[ExtensionFailed]:
    """A refused renewal or split is written down once (rules R10, R12, R51)."""
    last = state.last
    if last is None:
        return
    for record in (authorization_after(state, last), state.operation(Kind.VOID, hold_subject(last.number))):
        extension = record.operation.extension if record is not None else None
        if record is None or extension is None:
            continue
        if record.outcome is not Outcome.DECLINED and not is_forbidden(record):
            continue
        attempt = record.attempt if record.kind is Kind.AUTHORIZE else 0
        if any((one.hold, one.attempt) == (last.number, attempt) for one in state.failures):
            continue
        yield ExtensionFailed(
            at=now,
            extension=extension,
            hold=last.number,
            attempt=attempt,
            amount_minor=last.left_minor,
            failed_at=record.ran_at,
            reason=record.reason,
            code=record.code,
            hope_at=_hope_after(state, record, extension),
        )


def _hope_after(state: AuthorizationState, record: HoldRecord, extension: ExtensionKind) -> datetime | None:
    """When a refused authorization is tried once more, None when it is not (rules R58-R69)."""
    terms = state.terms
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


def _stopped_by(state: AuthorizationState) -> StopReason | None:
    """What ends renewal and split from now on."""
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
    if failed and state.hope_at is None and not _hope_is_running(state, last):
        if failed[-1].reason == reasons.DIFFERS:
            return StopReason.DIFFERS
        split = failed[-1].extension is ExtensionKind.SPLIT
        return StopReason.FAILED_SPLIT if split else StopReason.FAILED_RENEWAL
    if last.end is HoldEnd.CAPTURED and last.left_minor > 0:
        capture = _latest_capture_of(state, last)
        if capture is not None and capture.operation.final and state.terms.split:
            return StopReason.FINISHED
        if not splits(last, state.terms):
            return StopReason.TOO_SMALL if state.terms.split else StopReason.SPLIT_OFF
    return None


def _latest_capture_of(state: AuthorizationState, hold: Hold) -> HoldRecord | None:
    captures = (one for one in state.operations if one.kind is Kind.CAPTURE and one.operation.hold == hold.number)
    return max(captures, key=lambda one: one.at, default=None)


def _hope_is_running(state: AuthorizationState, last: Hold) -> bool:
    record = authorization_after(state, last)
    going = (Outcome.UNKNOWN, Outcome.PENDING, Outcome.SUCCEEDED)
    return record is not None and record.attempt > 1 and record.outcome in going


def _hope_is_over(state: AuthorizationState, now: datetime) -> Iterator[HopeGivenUp]:
    """A hope run that will not be: something was sent in between, or its day has passed (rules R62, R68)."""
    if state.hope_at is None:
        return
    failed = state.failures[-1]
    if state.acted_at is not None and state.acted_at >= failed.failed_at:
        yield HopeGivenUp(now, failed.hold, too_late=False)
    elif day_of(now) > day_of(state.hope_at):
        yield HopeGivenUp(now, failed.hold, too_late=True)


def _stop_of(action: ActionRecord, *, strict: bool) -> StopReason | None:
    """What an action that has ended does to renewal (rules R31, R36-R38, R44-R49)."""
    kind, outcome = action.action.kind, action.outcome
    if outcome is Outcome.DECLINED:
        return {
            ActionKind.CAPTURE: StopReason.FAILED_CAPTURE,
            ActionKind.VOID: StopReason.FAILED_VOID,
            ActionKind.GIVE_UP: StopReason.FAILED_VOID,
            ActionKind.REVERSE: StopReason.FAILED_VOID,
            ActionKind.REFUND: StopReason.FAILED_REFUND,
            ActionKind.STOP_RENEWAL: None,
        }[kind]
    if outcome is Outcome.NOT_SENT:
        if action.reason == reasons.WITHDRAWN:
            return None  # nobody asked for it in the end
        return StopReason.REFUSED_ACTION if strict and kind is not ActionKind.STOP_RENEWAL else None
    if outcome is Outcome.SUCCEEDED and kind in (ActionKind.VOID, ActionKind.REVERSE):
        return StopReason.REVERSED
    if outcome is Outcome.SUCCEEDED and kind is ActionKind.GIVE_UP:
        return StopReason.GIVEN_UP
    if outcome is Outcome.SUCCEEDED and kind is ActionKind.CAPTURE and action.action.final:
        return StopReason.FINISHED
    return None
