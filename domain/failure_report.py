"""The failure file of a day: when it is complete, what is done with it, and when to look again.

A file belongs to a merchant's provider account and a Berlin day. It closes with its day, is written the next morning
once no attempt of that day can fail any more, and never changes afterwards (rules R52, R54). Instants are UTC.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Protocol

from domain.authorization.nights import day_of, local
from domain.authorization.notices import FailureLine
from domain.authorization.state import AuthorizationState
from domain.authorization.terms import Channel
from domain.operations import Kind, Note, Operation
from domain.outcomes import FINAL, Outcome
from domain.repetition import next_turn
from domain.tenant_config import Language, Pacing
from domain.windows import BERLIN, next_local

REPORT_AT = time(5, 0)  # Berlin; the night, the hope run and five hours for what ended late lie before it
LOOK_AGAIN = timedelta(minutes=15)
TELL_AFTER = timedelta(days=1)  # how long a file may be late before a person hears of it


def closes_at(day: date) -> datetime:
    """When the file of a day may be written at the earliest (UTC): 05:00 in Berlin on the next day."""
    return local(day + timedelta(days=1), REPORT_AT)


def last_closed(now: datetime) -> date:
    """The latest day whose file may be written at `now`."""
    here = now.astimezone(BERLIN)
    return here.date() - timedelta(days=1 if here.time() >= REPORT_AT else 2)


# -- which attempts keep a day open


@dataclass(frozen=True)
class BegunAttempt:
    """What the journal of operations knows of a request that places or gives up a hold."""

    kind: Kind
    subject: str
    attempt: int
    created_at: datetime
    begun_at: datetime
    executing: bool
    outcome: Outcome | None


@dataclass(frozen=True)
class OpenAttempt:
    """An attempt that may still fail with a line of `day`, or, unless `exact`, of that day or a later one."""

    day: date
    exact: bool

    def keeps_open(self, day: date) -> bool:
        """Whether the file of `day` has to wait for it."""
        return day == self.day if self.exact else day >= self.day


def open_attempt(begun: BegunAttempt, state: AuthorizationState | None) -> OpenAttempt | None:
    """Whether lines may still come of an attempt, by the last recorded state of its authorization (None: none yet).

    A line carries the day on which its authorization learned that the attempt had run. Until a recorded state has
    learned it, that may be any day from the beginning on; afterwards the day is fixed, and only the outcome is open.
    What certainly never left is dated by its next try. Who is told by mail has no lines in files.
    """
    if state is not None and state.terms.channel is not Channel.FILE:
        return None
    record = state.operation(begun.kind, begun.subject) if state is not None else None
    if record is None or record.attempt < begun.attempt:
        return OpenAttempt(day_of(begun.created_at), exact=False)
    if record.attempt > begun.attempt or record.outcome in FINAL:
        return None
    if record.outcome is not Outcome.NOT_SENT:
        return OpenAttempt(day_of(record.ran_at), exact=True)
    if begun.executing or begun.outcome is not Outcome.NOT_SENT:
        return OpenAttempt(day_of(begun.begun_at), exact=False)
    return None


# -- what a look finds


class Delivery(StrEnum):
    """What has become of a written file."""

    NONE = "none"  # there was no folder to put it into: it can be downloaded
    OPEN = "open"
    DELIVERED = "delivered"
    REFUSED = "refused"  # for good, until a person has it sent again


class FailureLayout(Protocol):
    """How failure files are named and written."""

    def names(self, tenant: str, account: str, day: date) -> Sequence[str]:
        """Names for a day's file, the best first; a later one is for when another account has taken the name."""

    def content(self, lines: Sequence[FailureLine], language: Language) -> bytes:
        """The whole file."""


@dataclass(frozen=True)
class Tried:
    """What the journal knows of the latest execution of an operation."""

    outcome: Outcome
    attempt: int
    at: datetime
    executions: int = 1
    retry_at: datetime | None = None
    reason: str = ""

    @property
    def may_be_tried_again(self) -> bool:
        """A definite no is final until a person wants the file sent again."""
        return False


@dataclass(frozen=True)
class WrittenFile:
    """A file that is to be put into the merchant's folder. `since`: when that was wanted; `attempt` and `grants` count
    the wishes of persons; `delivery` and `mail` are what was done so far, None for nothing."""

    account: str
    day: date
    name: str
    since: datetime
    attempt: int = 1
    grants: int = 0
    delivery: Tried | None = None
    mail: Tried | None = None


@dataclass(frozen=True)
class WaitingFile:
    """A day that cannot be written yet: so many of its lines are known, so many attempts are open."""

    account: str
    day: date
    lines: int
    attempts: int
    mail: Tried | None = None


@dataclass(frozen=True)
class ReportPicture:
    """What one look at a tenant's failures found and did. `active` False: there is no such tenant any more. `late`:
    lines that went into a later file than that of their day; there should be none."""

    active: bool = True
    written: tuple[str, ...] = ()
    files: tuple[WrittenFile, ...] = ()
    waiting: tuple[WaitingFile, ...] = ()
    late: int = 0


class FailureReports(Protocol):
    """The failures of tenants, and their files."""

    def look(self, tenant: str, workflow_id: str, at: datetime) -> ReportPicture:
        """Write every file that is complete at `at` (UTC), and tell what is left to do. May be repeated."""

    def content(self, tenant: str, account: str, day: date) -> bytes:
        """A written file. Raises LookupError when there is none."""


# -- what is done about it


@dataclass(frozen=True)
class ReportStep:
    """An operation that is due, and the file that it is about."""

    operation: Operation
    account: str
    day: date
    name: str = ""


@dataclass(frozen=True)
class ReportDecision:
    """The step that is due now; otherwise look again at `next_due` (UTC)."""

    next_due: datetime
    step: ReportStep | None = None


@dataclass(frozen=True)
class _Proposal:
    at: datetime
    step: ReportStep | None = None


def decide(picture: ReportPicture, workflow_id: str, pacing: Pacing, now: datetime) -> ReportDecision:
    """What to do about the files of a tenant at `now`, or when to look again. Pure."""
    later = [next_local(now, REPORT_AT)]
    for proposal in _proposals(picture, workflow_id, pacing, now):
        if proposal.at > now:
            later.append(proposal.at)
        elif proposal.step is not None:
            return ReportDecision(now, proposal.step)
    return ReportDecision(min(later))


def delivery_of(file: WrittenFile) -> ReportStep:
    """Putting a file into the merchant's folder."""
    subject = _subject(file.account, file.day)
    operation = Operation(Kind.DELIVER, subject, attempt=file.attempt, grants=file.grants)
    return ReportStep(operation, file.account, file.day, file.name)


def mail_of(file: WrittenFile | WaitingFile) -> ReportStep:
    """Telling a person that a file is late; once per file, and once more after it was sent again in vain."""
    subject = _subject(file.account, file.day)
    if isinstance(file, WaitingFile):
        note = Note.of("failure_file_waits", day=file.day.isoformat(), attempts=str(file.attempts))
        operation = Operation(Kind.MAIL, f"waits/{subject}", concerns=subject, note=note)
        return ReportStep(operation, file.account, file.day)
    reason = file.delivery.reason if file.delivery is not None else ""
    note = Note.of("failure_file_undelivered", file=file.name, reason=reason)
    operation = Operation(Kind.MAIL, f"undelivered/{subject}/{file.attempt}", concerns=subject, note=note)
    return ReportStep(operation, file.account, file.day, file.name)


def _subject(account: str, day: date) -> str:
    return f"{account}:{day.isoformat()}"


def _proposals(picture: ReportPicture, workflow_id: str, pacing: Pacing, now: datetime) -> Iterator[_Proposal]:
    def in_turn(step: ReportStep, tried: Tried | None, since: datetime) -> Iterator[_Proposal]:
        """The step at its turn, and not before `since`."""
        turn = next_turn(tried, step.operation.kind, workflow_id, pacing, now)
        if turn is not None:
            yield _Proposal(max(turn.at, since), step)

    for file in picture.files:
        yield from in_turn(delivery_of(file), file.delivery, file.since)
        refused = file.delivery is not None and file.delivery.outcome is Outcome.DECLINED
        yield from in_turn(mail_of(file), file.mail, file.since if refused else file.since + TELL_AFTER)
    for waiting in picture.waiting:
        yield _Proposal(now + LOOK_AGAIN)
        if waiting.lines:
            yield from in_turn(mail_of(waiting), waiting.mail, closes_at(waiting.day) + TELL_AFTER)
