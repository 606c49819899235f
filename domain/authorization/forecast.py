"""What will become of holds if nobody does anything: when each is renewed, when it ends, and what that is worth.

A forecast assumes that every extension succeeds, and that a provider which tells deadlines will tell those of the
table. Instants are UTC, days Berlin's, amounts minor units.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from domain import reasons
from domain.authorization.extension import planned_extension
from domain.authorization.facts import StopReason
from domain.authorization.nights import day_of
from domain.authorization.operations import ExtensionKind
from domain.authorization.schemes import Initiator, valid_for
from domain.authorization.state import AuthorizationState, Hold, HoldEnd


class Fate(StrEnum):
    """What happens to a hold at an instant."""

    RENEWED = "renewed"
    SPLIT = "split"
    HOPE_RUN = "hope_run"
    ENDS = "ends"  # its deadline passes and nothing follows


@dataclass(frozen=True)
class ForecastEvent:
    """One thing that will happen. `told`: the provider named the deadline; otherwise it is an estimate. `why`: why
    nothing follows an end, a `StopReason`, `not_renewable` or `max_age`."""

    workflow_id: str
    reference: str
    case_reference: str
    fate: Fate
    at: datetime
    amount_minor: int
    currency: str
    told: bool = False
    why: str = ""


@dataclass
class DayTotals:
    """What a day brings in one currency, in minor units, and how many holds that are."""

    renewed_minor: int = 0
    ending_minor: int = 0
    renewed: int = 0
    ending: int = 0


@dataclass(frozen=True)
class Forecast:
    """Everything until the horizon, earliest first, and the sums per day and currency."""

    events: tuple[ForecastEvent, ...]
    days: dict[tuple[date, str], DayTotals] = field(default_factory=dict)

    def by_currency(self) -> dict[str, DayTotals]:
        """The sums over all days."""
        sums: dict[str, DayTotals] = {}
        for (_, currency), one in self.days.items():
            before = sums.get(currency, DayTotals())
            sums[currency] = DayTotals(
                before.renewed_minor + one.renewed_minor,
                before.ending_minor + one.ending_minor,
                before.renewed + one.renewed,
                before.ending + one.ending,
            )
        return dict(sorted(sums.items()))


def forecast(states: Iterable[AuthorizationState], until: datetime) -> Forecast:
    """What happens to these authorizations up to and including `until`."""
    events = sorted((one for state in states for one in future(state, until)), key=lambda one: (one.at, one.reference))
    days: dict[tuple[date, str], DayTotals] = defaultdict(DayTotals)
    for one in events:
        totals = days[day_of(one.at), one.currency]
        if one.fate is Fate.ENDS:
            totals.ending += 1
            totals.ending_minor += one.amount_minor
        else:
            totals.renewed += 1
            totals.renewed_minor += one.amount_minor
    return Forecast(tuple(events), dict(sorted(days.items())))


def future(state: AuthorizationState, until: datetime) -> Iterator[ForecastEvent]:
    """What happens to one authorization."""
    last = state.last
    if last is None or last.left_minor <= 0 or last.end is HoldEnd.FOREIGN:
        return
    if state.hope_at is not None:
        if state.hope_at > until:
            return
        yield _event(state, last, Fate.HOPE_RUN, state.hope_at)
        state, last = _followed(state, last, state.hope_at)
    while (coming := planned_extension(state)) is not None:
        if coming.at > until:
            return
        yield _event(state, last, Fate.SPLIT if coming.kind is ExtensionKind.SPLIT else Fate.RENEWED, coming.at)
        state, last = _followed(state, last, coming.at)
    if last.end is None and last.deadline.at <= until:
        yield replace(_event(state, last, Fate.ENDS, last.deadline.at), told=last.deadline.told, why=_why(state))


def _followed(state: AuthorizationState, last: Hold, at: datetime) -> tuple[AuthorizationState, Hold]:
    """The state after an extension that succeeded at `at`."""
    over = last if last.end else replace(last, end=HoldEnd.VOIDED, ended_at=at)
    following = Hold(
        number=last.number + 1,
        hold_id="",
        amount_minor=last.left_minor,
        held_at=at,
        initiator=Initiator.MERCHANT,
        scheme=last.scheme,
        told_deadline=at + valid_for(last.scheme, Initiator.MERCHANT) if last.told_deadline else None,
    )
    return replace(state, holds=(*state.holds[:-1], over, following), hope_at=None), following


def _event(state: AuthorizationState, last: Hold, fate: Fate, at: datetime) -> ForecastEvent:
    registered = state.registered
    return ForecastEvent(
        workflow_id=state.workflow_id,
        reference=registered.hold_id if registered else "",
        case_reference=registered.case_reference if registered else "",
        fate=fate,
        at=at,
        amount_minor=last.left_minor,
        currency=state.currency,
    )


def _why(state: AuthorizationState) -> str:
    if state.stopped is not None:
        return state.stopped.reason.value
    if not state.renewable:
        return reasons.NOT_RENEWABLE
    return StopReason.MAX_AGE.value if state.terms.renew_after_days is not None else StopReason.ASKED.value
