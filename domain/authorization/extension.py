"""When a hold is renewed and a remainder is held anew, and for how much. Arithmetic over the state; nothing is stored.

Days are calendar days of Berlin, instants UTC, amounts minor units.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain import reasons
from domain.authorization.nights import day_of, next_night, night_of
from domain.authorization.operations import ExtensionKind, hold_subject
from domain.authorization.schemes import Deadline, valid_for
from domain.authorization.state import AuthorizationState, Hold, HoldEnd, HoldRecord
from domain.authorization.terms import SMALLEST_CAPTURE_MINOR, AuthorizationTerms, Guard
from domain.operations import Kind
from domain.outcomes import Outcome


@dataclass(frozen=True)
class Extension:
    """Hold `hold` is followed by a new one of `amount_minor` from `at` on. `guarded`: sooner than the interval says,
    because the hold would not be good for so long."""

    kind: ExtensionKind
    hold: int
    amount_minor: int
    at: datetime
    guarded: bool = False


def planned_extension(state: AuthorizationState) -> Extension | None:
    """The next renewal or split; None when there will be none. Says nothing of hope runs."""
    last = state.last
    if last is None or state.stopped or not state.renewable or last.left_minor <= 0:
        return None
    if void_of(state, last) is not None:
        return None  # under way, see `begun_extension`
    found = _planned(state, last)
    age_ends_on = state.age_ends_on()
    if found is None or (age_ends_on is not None and day_of(found.at) >= age_ends_on):
        return None  # rules R16, R82
    return found


def _planned(state: AuthorizationState, last: Hold) -> Extension | None:
    terms, key = state.terms, state.workflow_id
    if last.end is HoldEnd.CAPTURED:
        if not splits(last, terms) or last.captured_at is None:
            return None
        due = last.captured_at + terms.split_after
        if not terms.realtime:
            due = night_of(day_of(last.captured_at) + timedelta(days=1), key, terms)  # rule R22
        return Extension(ExtensionKind.SPLIT, last.number, last.left_minor, due)
    if last.end not in (None, HoldEnd.LAPSED):
        return None
    if terms.renew_after_days is None:
        return None
    by_interval = night_of(day_of(last.held_at) + timedelta(days=terms.renew_after_days), key, terms)
    if state.terms_since is not None and by_interval < state.terms_since:
        by_interval = next_night(state.terms_since, key, terms)  # rule R8: other terms renew nothing at once
    guarded = _guarded(last, by_interval, key, terms)
    at = by_interval if guarded is None else guarded
    return Extension(ExtensionKind.RENEWAL, last.number, last.left_minor, at, guarded=guarded is not None)


def splits(last: Hold, terms: AuthorizationTerms) -> bool:
    """Whether the remainder of a hold whose capture ended it is authorized anew (rules R3, R24)."""
    return terms.split and not is_too_small(last.left_minor, terms)


def is_too_small(amount_minor: int, terms: AuthorizationTerms) -> bool:
    """Whether the provider would not capture so little without an agreement (rule R24)."""
    return amount_minor < SMALLEST_CAPTURE_MINOR and not terms.small_amounts


def guards(deadline: Deadline, terms: AuthorizationTerms) -> bool:
    """Whether renewals are brought forward for the sake of this deadline."""
    return terms.guard is Guard.SHORTEN or (terms.guard is Guard.BY_SOURCE and deadline.told)


def _guarded(hold: Hold, by_interval: datetime, key: str, terms: AuthorizationTerms) -> datetime | None:
    """When the hold must be renewed for its deadline's sake; None when the interval is soon enough.

    The nightly run before the deadline's margin; where there is none any more, the margin itself. Of an estimated
    deadline whole days count: the scheme's window less one.
    """
    deadline = hold.deadline
    if not guards(deadline, terms):
        return None
    if not deadline.told:
        days = max(1, valid_for(hold.scheme, hold.initiator) // timedelta(days=1) - 1)
        by_table = night_of(day_of(hold.held_at) + timedelta(days=days), key, terms)
        return by_table if by_table < by_interval else None
    latest = deadline.at - terms.deadline_margin
    if by_interval <= latest:
        return None
    night = night_of(day_of(latest), key, terms)
    if night > latest:
        night = night_of(day_of(latest) - timedelta(days=1), key, terms)
    if night > hold.held_at + timedelta(hours=12):
        return night
    return max(latest, hold.held_at + (deadline.at - hold.held_at) / 2)


def void_of(state: AuthorizationState, hold: Hold) -> HoldRecord | None:
    """Our own giving up of a hold for the sake of its renewal, if it took effect."""
    record = state.operation(Kind.VOID, hold_subject(hold.number))
    if record is None or record.operation.extension is None or record.outcome is not Outcome.SUCCEEDED:
        return None
    return record


def authorization_after(state: AuthorizationState, hold: Hold) -> HoldRecord | None:
    """The latest try to place the hold that follows `hold`."""
    return state.operation(Kind.AUTHORIZE, hold_subject(hold.number + 1))


def begun_extension(state: AuthorizationState) -> Extension | None:
    """An extension that was begun and must be brought to its end: the hold before is void already, or a request for the
    next one was written down and has not left us."""
    last = state.last
    if last is None or last.left_minor <= 0:
        return None
    void, placed = void_of(state, last), authorization_after(state, last)
    if placed is not None and placed.attempt == 1 and placed.outcome is Outcome.NOT_SENT and not is_forbidden(placed):
        assert placed.operation.extension is not None
        return Extension(placed.operation.extension, last.number, last.left_minor, placed.at)
    if void is not None and placed is None:
        return Extension(ExtensionKind.RENEWAL, last.number, last.left_minor, void.at)
    return None


def is_forbidden(record: HoldRecord) -> bool:
    """Whether an authorization was held back for good: its card's scheme or issuer allow none any more."""
    return record.reason == reasons.SCHEME_FORBIDS and record.retry_at is None


def is_too_old(state: AuthorizationState, day: date) -> bool:
    """Whether the maximum age is reached on `day`."""
    ends = state.age_ends_on()
    return ends is not None and day >= ends
