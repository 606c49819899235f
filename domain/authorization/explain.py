"""Why an authorization is where it is: one sentence for what it waits for, and what may be done with it now.

The sentences are codes and parameters; `domain.wording.why_text` puts them into German and English. Instants in
parameters are ISO 8601 UTC.
"""

from dataclasses import dataclass
from datetime import datetime

from domain.authorization.capturing import judge
from domain.authorization.decide import decide
from domain.authorization.extension import begun_extension, planned_extension
from domain.authorization.facts import Action, ActionKind
from domain.authorization.operations import ExtensionKind
from domain.authorization.state import AuthorizationState
from domain.authorization.summary import AuthorizationStatus, status_of
from domain.money import Money
from domain.operations import Note
from domain.repetition import next_turn
from domain.tenant_config import Pacing


@dataclass(frozen=True)
class HoldExplanation:
    """What an operator is told. `capture_from`: when the next capture is allowed (UTC), now where it is; None: never.
    `capturable_minor`: what can be captured then. `ends_on`: from which day on nothing is renewed any more."""

    status: str
    waits_for: Note
    next_due: datetime | None = None
    capturable_minor: int = 0
    capture_from: datetime | None = None
    capture_refused: str = ""
    ends_on: str = ""


def explain(state: AuthorizationState, pacing: Pacing, now: datetime) -> HoldExplanation:
    """The situation at `now` (UTC), from the same facts that `decide` looks at."""
    verdict = judge(state, Action(ActionKind.CAPTURE), now)
    last, ends_on = state.last, state.age_ends_on()
    later = verdict.retry_at is not None
    return HoldExplanation(
        status=status_of(state).value,
        waits_for=_waits_for(state, pacing, now),
        next_due=decide(state, pacing, now).next_due,
        capturable_minor=verdict.amount_minor if verdict.allowed else (last.left_minor if last and later else 0),
        capture_from=now if verdict.allowed else verdict.retry_at,
        capture_refused=verdict.reason,
        ends_on=ends_on.isoformat() if ends_on and state.stopped is None else "",
    )


def _waits_for(state: AuthorizationState, pacing: Pacing, now: datetime) -> Note:
    doubts = state.in_doubt()
    if doubts:
        turn = next_turn(doubts[0], doubts[0].kind, state.workflow_id, pacing, now)
        until = turn.at if turn is not None else now
        return Note.of("wait_unknown", operation=doubts[0].kind.value, until=until.isoformat())
    if state.unreadable is not None:
        due = decide(state, pacing, now).next_due or now
        return Note.of("wait_hold_read", reason=state.unreadable.reason, until=due.isoformat())
    status, last = status_of(state), state.last
    if last is None:
        return Note("wait_first_look" if status is AuthorizationStatus.WAITING else "hold_unusable")
    left = str(Money(last.left_minor, state.currency))
    if state.hope_at is not None:
        return Note.of("wait_hope_run", amount=left, until=state.hope_at.isoformat())
    begun = begun_extension(state)
    if begun is not None:
        return Note.of("wait_authorization", amount=left)
    coming = planned_extension(state)
    if coming is not None:
        code = "wait_split" if coming.kind is ExtensionKind.SPLIT else "wait_renewal"
        return Note.of(code, amount=left, until=coming.at.isoformat())
    if last.end is None:
        reason = state.stopped.reason.value if state.stopped else ""
        return Note.of("wait_lapse", amount=left, reason=reason, until=last.deadline.at.isoformat())
    return Note.of("authorization_over", status=status.value)
