"""When an operation may be carried out (again): windows, pauses and budgets of every repetition.

An ambiguous end keeps its attempt, so the other side is asked by the same reference; a definite no gets a new attempt
number, and only when a person asked for it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from domain.operations import ERP, Kind
from domain.outcomes import Outcome
from domain.tenant_config import Pacing
from domain.windows import erp_opens_for


class Tried(Protocol):
    """What is known of the latest attempt of an operation."""

    @property
    def outcome(self) -> Outcome: ...
    @property
    def attempt(self) -> int: ...
    @property
    def at(self) -> datetime: ...
    @property
    def executions(self) -> int: ...
    @property
    def retry_at(self) -> datetime | None: ...
    @property
    def may_be_tried_again(self) -> bool: ...


@dataclass(frozen=True)
class Turn:
    """Attempt `attempt` may start at `at` (UTC)."""

    attempt: int
    at: datetime


def next_turn(record: Tried | None, kind: Kind, workflow_id: str, pacing: Pacing, now: datetime) -> Turn | None:
    """When the operation may be carried out next; None when it is done or was refused for good.

    ERP operations wait for the end of the quiet window, spread by workflow id (rule P5).
    """
    turn = _turn(record, pacing, now)
    if turn is None or kind not in ERP:
        return turn
    return Turn(turn.attempt, erp_opens_for(max(turn.at, now), workflow_id, pacing.spread_after_quiet))


def _turn(record: Tried | None, pacing: Pacing, now: datetime) -> Turn | None:
    if record is None:
        return Turn(1, now)
    match record.outcome:
        case Outcome.SUCCEEDED:
            return None
        case Outcome.DECLINED:
            return Turn(record.attempt + 1, now) if record.may_be_tried_again else None
        case Outcome.NOT_SENT:
            return Turn(record.attempt, not_before(record.at, record.retry_at, pause(record.executions, pacing)))
        case Outcome.UNKNOWN:
            first = pacing.in_flight if record.executions == 1 else pause(record.executions, pacing)
            return Turn(record.attempt, not_before(record.at, record.retry_at, first))
        case Outcome.PENDING:
            return Turn(record.attempt, not_before(record.at, record.retry_at, pacing.pending_look))


def not_before(at: datetime, retry_at: datetime | None, wait: timedelta) -> datetime:
    """When to come back after a try at `at`: as told, if that lies ahead of the try, else after `wait`.

    Whoever says "again, at once" each time would otherwise never let the order rest.
    """
    return retry_at if retry_at is not None and retry_at > at else at + wait


def pause(times: int, pacing: Pacing) -> timedelta:
    """The pause after the `times`-th try: doubling from the first, up to the longest."""
    doublings: int = 2 ** min(max(times, 1) - 1, 20)
    return min(pacing.first_pause * doublings, pacing.longest_pause)
