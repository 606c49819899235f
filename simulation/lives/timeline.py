"""What came of a life: one line for each thing that happened, and the chain of holds, from the facts of the journal.

A line reads `renewal 10000`, `capture 4000 declined: refused`, `stopped max_age`; amounts are minor units. The same
lines come from the pure core and from the real thing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from domain.authorization.facts import (
    Action,
    ActionAsked,
    ActionKind,
    ActionSettled,
    AuthorizationFact,
    ExtensionFailed,
    HoldOperationEnded,
    HopeGivenUp,
    RenewalStopped,
    StopReason,
    TermsChanged,
)
from domain.authorization.state import AuthorizationState, HoldEnd
from domain.authorization.summary import status_of
from domain.facts import ProblemRaised
from domain.operations import Kind
from domain.outcomes import Outcome
from domain.windows import BERLIN
from simulation.lives.scenario import Scenario, day_number


class What(StrEnum):
    """Kinds of lines, for colours and marks."""

    PAID = "paid"
    EXTENDED = "extended"  # a renewal or a split that succeeded
    GIVEN_UP = "given_up"  # a hold that was voided
    CAPTURED = "captured"
    REFUNDED = "refunded"
    FAILED = "failed"  # declined by the provider, or not even tried
    REFUSED = "refused"  # asked for, and not sent
    DOUBT = "doubt"  # no usable answer yet
    STOPPED = "stopped"
    LAPSED = "lapsed"
    TOLD = "told"  # a mail to the merchant
    PROBLEM = "problem"
    CHANGED = "changed"
    ERP = "erp"  # something happened to the order


HAPPENS = frozenset(
    {
        What.EXTENDED,
        What.GIVEN_UP,
        What.CAPTURED,
        What.REFUNDED,
        What.FAILED,
        What.REFUSED,
        What.STOPPED,
        What.LAPSED,
        What.ERP,
    }
)


@dataclass(frozen=True)
class Line:
    """One thing that happened. `hold` counts from 1, 0 for none; `why` says more to a reader."""

    at: datetime
    what: What
    text: str
    amount_minor: int | None = None
    hold: int = 0
    why: str = ""


@dataclass(frozen=True)
class Bar:
    """One hold from its beginning to its end. `deadline` is until when it was good."""

    number: int
    amount_minor: int
    captured_minor: int
    begins: datetime
    ends: datetime
    deadline: datetime
    deadline_told: bool
    came_from: str  # payment, renewal or split
    end: str  # captured, voided, lapsed, foreign, or open


@dataclass(frozen=True)
class Refusal:
    """What was asked for and refused at once."""

    at: datetime
    action: Action
    reason: str


@dataclass(frozen=True)
class ErpMove:
    """What happened to the order in the ERP: by people, or by Holdfast."""

    at: datetime
    text: str
    amount_minor: int | None = None
    why: str = ""


@dataclass(frozen=True)
class Life:
    """A life that was played: its facts in order, each with the instant at which it was learned (UTC); what took effect
    at the provider, and what of it broke a rule of the provider, as its stand-in tells. `erp`: what happened to the
    order, `booked` what stands on the customer's account, `order_status` where it stands; empty without an order."""

    scenario: Scenario
    begins: datetime
    ends: datetime
    facts: tuple[tuple[datetime, AuthorizationFact], ...]
    refusals: tuple[Refusal, ...]
    by_hand: tuple[tuple[datetime, str, int | None], ...]
    state: AuthorizationState
    effects: tuple[dict[str, Any], ...] = ()
    violations: tuple[dict[str, Any], ...] = ()
    erp: tuple[ErpMove, ...] = ()
    booked: tuple[int, ...] = ()
    order_status: str = ""
    how: str = "real"
    seconds: float = 0.0

    @property
    def ratio(self) -> float:
        """How many simulated seconds passed in a real one."""
        return (self.ends - self.begins).total_seconds() / self.seconds if self.seconds else 0.0

    def day(self, instant: datetime) -> int:
        return day_number(instant, self.begins)

    def short(self, line: Line) -> str:
        """`day 7 renewal 10000`."""
        return f"day {self.day(line.at)} {line.text}"

    def long(self, line: Line) -> str:
        """`day 7 01:33 renewal 10000`."""
        return f"day {self.day(line.at)} {line.at.astimezone(BERLIN):%H:%M} {line.text}"

    @property
    def status(self) -> str:
        return status_of(self.state).value


def timeline(life: Life) -> tuple[Line, ...]:
    """Everything that happened, in order."""
    return tuple(sorted(_lines(life), key=lambda one: one.at))


def bars(life: Life) -> tuple[Bar, ...]:
    """The chain of holds; one that is still open ends with the life, or at its deadline."""
    found = []
    for hold in life.state.holds:
        deadline = hold.deadline
        found.append(
            Bar(
                number=hold.number,
                amount_minor=hold.amount_minor,
                captured_minor=hold.captured_minor,
                begins=hold.held_at,
                ends=max(hold.ended_at or life.ends, hold.held_at),
                deadline=deadline.at,
                deadline_told=deadline.told,
                came_from=hold.extended_by.value if hold.extended_by else "payment",
                end=hold.end.value if hold.end else "open",
            )
        )
    return tuple(found)


def _lines(life: Life) -> Iterator[Line]:
    first = life.state.first
    if first is not None:
        yield Line(life.begins, What.PAID, f"paid {first.amount_minor}", first.amount_minor, 1)
    for hold in life.state.holds:
        if hold.end in (HoldEnd.LAPSED, HoldEnd.FOREIGN) and hold.ended_at is not None:
            word = "lapsed" if hold.end is HoldEnd.LAPSED else "ended by somebody else"
            yield Line(hold.ended_at, What.LAPSED, f"{word} {hold.left_minor}", hold.left_minor, hold.number)
    asked = {one.request_id: one.action for _, one in life.facts if isinstance(one, ActionAsked)}
    for at, fact in life.facts:
        yield from _of(at, fact, asked)
    for one in life.refusals:
        yield Line(one.at, What.REFUSED, _refused(one.action, one.reason), one.action.amount_minor)
    for move in life.erp:
        yield Line(move.at, What.ERP, f"{move.text}{_sum(move.amount_minor)}", move.amount_minor, why=move.why)
    for at, what, amount in life.by_hand:
        yield Line(at, What.CHANGED, f"by hand: {what}{_sum(amount)}", amount, why="at the provider's dashboard")


def _of(at: datetime, fact: AuthorizationFact, asked: dict[str, Action]) -> Iterator[Line]:
    if isinstance(fact, HoldOperationEnded):
        line = _operation(fact)
        if line is not None:
            yield line
    elif isinstance(fact, RenewalStopped):
        yield Line(at, What.STOPPED, f"stopped {fact.reason.value}", why=STOPS.get(fact.reason, ""))
    elif isinstance(fact, ActionSettled) and fact.reason and fact.request_id in asked:
        action = asked[fact.request_id]
        yield Line(at, What.REFUSED, _refused(action, fact.reason), action.amount_minor)
    elif isinstance(fact, ExtensionFailed):
        if fact.attempt == 0:
            text = f"{fact.extension.value} {fact.amount_minor} not possible: {fact.reason}"
            yield Line(at, What.FAILED, text, fact.amount_minor, fact.hold)
        if fact.hope_at is not None:
            when = f"{fact.hope_at.astimezone(BERLIN):%a %d.%m. %H:%M}"
            yield Line(at, What.CHANGED, "hope run planned", fact.amount_minor, fact.hold, f"at {when}")
    elif isinstance(fact, HopeGivenUp):
        why = "its day is over" if fact.too_late else "an action came in between"
        yield Line(at, What.STOPPED, "hope run given up", hold=fact.hold, why=why)
    elif isinstance(fact, ProblemRaised):
        yield Line(at, What.PROBLEM, f"problem {fact.code}", why=_params(fact.params))
    elif isinstance(fact, TermsChanged):
        yield Line(at, What.CHANGED, "new terms")


_DONE = {
    Kind.VOID: What.GIVEN_UP,
    Kind.CAPTURE: What.CAPTURED,
    Kind.REFUND: What.REFUNDED,
    Kind.AUTHORIZE: What.EXTENDED,
}


def _operation(fact: HoldOperationEnded) -> Line | None:
    operation, result = fact.operation, fact.result
    if operation.kind is Kind.MAIL:
        if result.outcome is not Outcome.SUCCEEDED:
            return None
        return Line(fact.at, What.TOLD, f"told {operation.note.code}", why=_params(operation.note.params))
    name = operation.kind.value
    if operation.extension is not None and operation.kind is Kind.AUTHORIZE:
        name = operation.extension.value
    if operation.undo:
        name = "undo"
    hope = " (hope run)" if operation.kind is Kind.AUTHORIZE and operation.attempt > 1 else ""
    text = f"{name}{_sum(operation.amount_minor)}{hope}"
    amount = operation.amount_minor
    match result.outcome:
        case Outcome.SUCCEEDED:
            found = "found by asking" if result.evidence.found_by_reading else ""
            number = operation.hold + (operation.kind is Kind.AUTHORIZE)
            return Line(fact.at, _DONE[operation.kind], text, amount, number, found)
        case Outcome.DECLINED:
            code = f"code {result.evidence.code}" if result.evidence.code else ""
            return Line(fact.at, What.FAILED, f"{text} declined: {result.reason}", amount, operation.hold, code)
        case outcome:
            words = outcome.value.replace("_", " ")
            return Line(fact.at, What.DOUBT, f"{text} {words}: {result.reason}", amount, operation.hold)


STOPS = {
    StopReason.ASKED: "the merchant wished it",
    StopReason.FINISHED: "the capture was the last one",
    StopReason.ZERO_CAPTURE: "a capture of nothing",
    StopReason.REVERSED: "something was undone or given up",
    StopReason.MAX_AGE: "the maximum age is reached",
    StopReason.SPLIT_OFF: "remainders are not split",
    StopReason.TOO_SMALL: "the remainder cannot be captured",
    StopReason.DIFFERS: "the provider's books differ",
}


def _refused(action: Action, reason: str) -> str:
    amount = action.amount_minor if action.kind in (ActionKind.CAPTURE, ActionKind.REFUND) else None
    return f"refused {action.kind.value}{_sum(amount)}: {reason}"


def _sum(amount_minor: int | None) -> str:
    return "" if amount_minor is None else f" {amount_minor}"


def _params(params: Sequence[tuple[str, str]]) -> str:
    shown = {name: value for name, value in params if name in ("amount", "reason", "deadline", "renewal", "system")}
    for name in ("deadline", "renewal"):
        if name in shown:
            instant = datetime.fromisoformat(shown[name]).astimezone(BERLIN)
            shown[name] = f"{instant:%a %d.%m. %H:%M}"
    return ", ".join(f"{name} {value}" if name != "amount" else value for name, value in shown.items())
