"""What the merchant is told: one line per failed renewal or split, by mail or in the day's file, and successes on wish.

The lines are derived from the state, so the mail, the file and the page cannot tell different stories. Amounts are
minor units, instants UTC; a line belongs to the Berlin day on which its attempt ran (rule R54).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from domain import reasons
from domain.authorization.facts import ExtensionFailed, StopReason
from domain.authorization.nights import day_of
from domain.authorization.operations import ExtensionKind, HoldOperation
from domain.authorization.state import AuthorizationState
from domain.authorization.terms import Channel
from domain.money import Money
from domain.operations import Kind, Note

_FAILED_ACTIONS = frozenset({StopReason.FAILED_VOID, StopReason.FAILED_CAPTURE, StopReason.FAILED_REFUND})


@dataclass(frozen=True)
class FailureLine:
    """One extension that could not be carried out. `key` is its own within the authorization. `hope_at`: one more
    attempt follows then; None: this is final."""

    key: str
    extension: ExtensionKind
    amount_minor: int
    currency: str
    case_reference: str
    payout_reference: str
    reference: str
    failed_at: datetime
    reason: str
    code: str = ""
    hope_at: datetime | None = None

    @property
    def day(self) -> date:
        return day_of(self.failed_at)


def failure_lines(state: AuthorizationState) -> tuple[FailureLine, ...]:
    """Every line that the merchant gets, in the order in which they came to be (rules R51, R53, R57, R68)."""
    return tuple(_lines(state))


def _lines(state: AuthorizationState) -> Iterator[FailureLine]:
    final_only = state.terms.report_final_only
    for failed in state.failures:
        if failed.hope_at is None or not final_only:
            yield _line(
                state, failed, f"{failed.hold}-{failed.attempt}", failed.reason, failed.failed_at, failed.hope_at
            )
        for given_up in state.given_up:
            if given_up.hold == failed.hold and failed.hope_at is not None and (given_up.too_late or final_only):
                key = f"{failed.hold}-{failed.attempt}-final"
                yield _line(state, failed, key, failed.reason, given_up.at, None)
    stop = state.stopped
    if stop is not None and stop.reason in _FAILED_ACTIONS and state.terms.report_stops and not state.failures:
        left = state.last.left_minor if state.last is not None else 0
        as_failed = ExtensionFailed(stop.at, ExtensionKind.RENEWAL, 0, 0, left, stop.at, stop.reason.value)
        yield _line(state, as_failed, "stop", stop.reason.value, stop.at, None)


def _line(
    state: AuthorizationState, failed: ExtensionFailed, key: str, reason: str, at: datetime, hope_at: datetime | None
) -> FailureLine:
    registered = state.registered
    return FailureLine(
        key=key,
        extension=failed.extension,
        amount_minor=failed.amount_minor,
        currency=state.currency,
        case_reference=registered.case_reference if registered else "",
        payout_reference=registered.payout_reference if registered else "",
        reference=registered.hold_id if registered else "",
        failed_at=at,
        reason=reason,
        code=failed.code,
        hope_at=hope_at,
    )


def notices(state: AuthorizationState) -> tuple[HoldOperation, ...]:
    """The mails that are due: failures where the merchant chose mail (rules R5, R55, R56), successes where wished, and
    problems that ask for one."""
    return tuple(_mails(state))


def _mails(state: AuthorizationState) -> Iterator[HoldOperation]:
    for line in failure_lines(state):
        if state.terms.channel is Channel.MAIL:
            code = "extension_failed_hope" if line.hope_at is not None else "extension_failed"
            yield _mail(f"failure/{line.key}", Note(code, _told(line)))
    if state.terms.tell_success:
        for hold in state.holds[1:]:
            facts = (
                ("amount", str(Money(hold.amount_minor, state.currency))),
                ("hold", hold.hold_id),
                ("number", str(hold.number)),
            )
            code = "split" if hold.extended_by is ExtensionKind.SPLIT else "renewed"
            yield _mail(f"success/{hold.number}", Note(code, facts))
    for problem in state.open_problems():
        if problem.kind.mail:
            yield _mail(problem.name, Note(problem.code, problem.params))


def _told(line: FailureLine) -> tuple[tuple[str, str], ...]:
    facts = (
        ("extension", line.extension.value),
        ("amount", str(Money(line.amount_minor, line.currency))),
        ("amount_minor", str(line.amount_minor)),
        ("currency", line.currency),
        ("case_reference", line.case_reference),
        ("payout_reference", line.payout_reference),
        ("reference", line.reference),
        ("reason", line.reason or reasons.REFUSED),
        ("code", line.code),
    )
    return (*facts, ("hope_at", line.hope_at.isoformat())) if line.hope_at is not None else facts


def _mail(subject: str, note: Note) -> HoldOperation:
    return HoldOperation(Kind.MAIL, subject, concerns=subject, note=note)
