"""Where an authorization stands, in one row: for lists, search attributes and reports."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.authorization.extension import begun_extension, planned_extension
from domain.authorization.operations import ExtensionKind
from domain.authorization.state import AuthorizationState, HoldEnd
from domain.problems import Problem, Severity


class AuthorizationStatus(StrEnum):
    """The stations of an authorization's life."""

    WAITING = "waiting"  # nothing is known of a hold yet
    UNUSABLE = "unusable"  # what was handed over is no hold
    HELD = "held"
    STOPPED = "stopped"  # held, and not renewed any more
    EXTENDING = "extending"  # between two holds: a renewal is under way, or a remainder waits for its split
    HOPE_RUN = "hope_run"  # a failed extension is tried once more
    UNSECURED = "unsecured"  # an extension failed, nothing is held
    CAPTURED = "captured"
    VOIDED = "voided"
    LAPSED = "lapsed"


OVER = frozenset(
    {
        AuthorizationStatus.UNUSABLE,
        AuthorizationStatus.UNSECURED,
        AuthorizationStatus.CAPTURED,
        AuthorizationStatus.VOIDED,
        AuthorizationStatus.LAPSED,
    }
)


@dataclass(frozen=True)
class AuthorizationSummary:
    """Amounts are minor units of `currency`, instants UTC. `remainder_minor` was authorized and not captured, held or
    not; `open_minor` is held now, `deadline` until when. `problem` is the gravest open one, '' for none."""

    status: AuthorizationStatus
    currency: str
    authorized_minor: int
    open_minor: int
    remainder_minor: int
    captured_minor: int
    refunded_minor: int
    holds: int
    hold_id: str
    scheme: str
    card: str
    authorized_at: datetime | None
    held_at: datetime | None
    deadline: datetime | None
    deadline_told: bool
    renews_at: datetime | None
    stop_reason: str
    problem: str
    needs_human: bool


def status_of(state: AuthorizationState) -> AuthorizationStatus:
    """The station that an authorization is at."""
    last = state.last
    if last is None:
        return AuthorizationStatus.UNUSABLE if _is_unusable(state) else AuthorizationStatus.WAITING
    if last.end is None:
        return AuthorizationStatus.STOPPED if state.stopped else AuthorizationStatus.HELD
    if state.hope_at is not None:
        return AuthorizationStatus.HOPE_RUN
    if last.left_minor > 0:
        if begun_extension(state) is not None or planned_extension(state) is not None:
            return AuthorizationStatus.EXTENDING
        if any(one.hold == last.number for one in state.failures):
            return AuthorizationStatus.UNSECURED
        if state.in_doubt() and any(one.operation.extension is not None for one in state.in_doubt()):
            return AuthorizationStatus.EXTENDING
    return {
        HoldEnd.CAPTURED: AuthorizationStatus.CAPTURED,
        HoldEnd.VOIDED: AuthorizationStatus.VOIDED,
        HoldEnd.LAPSED: AuthorizationStatus.CAPTURED if last.captured_minor else AuthorizationStatus.LAPSED,
        HoldEnd.FOREIGN: AuthorizationStatus.VOIDED,
    }[last.end]


def _is_unusable(state: AuthorizationState) -> bool:
    return any(one.code == "hold_not_usable" for one in state.problems)


def summarize(state: AuthorizationState) -> AuthorizationSummary:
    """The whole row."""
    first, last, current = state.first, state.last, state.current
    gravest = _gravest(state.open_problems())
    coming = planned_extension(state)
    renewal = coming is not None and coming.kind in (ExtensionKind.RENEWAL, ExtensionKind.SPLIT)
    return AuthorizationSummary(
        status=status_of(state),
        currency=state.currency,
        authorized_minor=first.amount_minor if first else 0,
        open_minor=current.open_minor if current else 0,
        remainder_minor=last.left_minor if last else 0,
        captured_minor=state.captured_minor,
        refunded_minor=state.refunded_minor,
        holds=len(state.holds),
        hold_id=last.hold_id if last else (state.registered.hold_id if state.registered else ""),
        scheme=last.scheme.value if last else "",
        card=state.card,
        authorized_at=first.held_at if first else None,
        held_at=last.held_at if last else None,
        deadline=current.deadline.at if current else None,
        deadline_told=current.deadline.told if current else False,
        renews_at=coming.at if coming is not None and renewal else None,
        stop_reason=state.stopped.reason.value if state.stopped else "",
        problem=gravest.code if gravest else "",
        needs_human=gravest is not None and gravest.kind.severity is Severity.ERROR,
    )


def _gravest(problems: tuple[Problem, ...]) -> Problem | None:
    errors = [one for one in problems if one.kind.severity is Severity.ERROR]
    return max(errors or problems, key=lambda one: one.raised_at, default=None)
