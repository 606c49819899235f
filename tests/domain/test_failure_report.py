"""When a day's failure file is complete, what is done about it, and when to look again."""

from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest

from domain.authorization.facts import ExtensionFailed, HoldOperationEnded, Registered
from domain.authorization.notices import failure_lines, notices
from domain.authorization.operations import ExtensionKind, HoldOperation, hold_subject
from domain.authorization.state import AuthorizationState, evolve
from domain.authorization.terms import AuthorizationTerms, Channel
from domain.failure_report import (
    LOOK_AGAIN,
    TELL_AFTER,
    BegunAttempt,
    OpenAttempt,
    ReportPicture,
    Tried,
    WaitingFile,
    WrittenFile,
    closes_at,
    decide,
    last_closed,
    open_attempt,
)
from domain.operations import Kind
from domain.outcomes import OperationResult, Outcome
from domain.tenant_config import InvalidConfiguration, Pacing
from tests.domain.authorization import life

at = partial(life.at, year=2026)
PACING = Pacing()
REPORT = "failure-report/acme"
DAY = date(2026, 11, 10)
FIVE = at(11, 11, "05:00")
FILE = WrittenFile("acct", DAY, "F20261110acct.dat", FIVE)
WAITING = WaitingFile("acct", DAY, lines=1, attempts=2)


# -- days


@pytest.mark.rule("R54")
@pytest.mark.parametrize(
    ("month", "day", "clock", "closed"),
    [
        (11, 11, "04:59", (11, 9)),
        (11, 11, "05:00", (11, 10)),
        (11, 11, "23:59", (11, 10)),
        (11, 12, "00:00", (11, 10)),
        (3, 29, "04:59", (3, 27)),  # the clock jumps from 2 to 3
        (3, 29, "05:00", (3, 28)),
        (3, 30, "05:00", (3, 29)),
        (10, 25, "04:59", (10, 23)),  # 2 to 3 comes twice
        (10, 25, "05:00", (10, 24)),
        (10, 26, "05:00", (10, 25)),
    ],
)
def test_a_day_closes_at_midnight_and_is_written_from_five(
    month: int, day: int, clock: str, closed: tuple[int, int]
) -> None:
    """By the clock on the wall in Berlin, also in the two nights in which it changes."""
    assert last_closed(at(month, day, clock)) == date(2026, *closed)


@pytest.mark.parametrize(
    ("day", "utc"),
    [
        (date(2026, 3, 28), datetime(2026, 3, 29, 3, tzinfo=UTC)),
        (date(2026, 10, 24), datetime(2026, 10, 25, 4, tzinfo=UTC)),
        (DAY, datetime(2026, 11, 11, 4, tzinfo=UTC)),
    ],
)
def test_five_in_the_morning_is_wall_time(day: date, utc: datetime) -> None:
    """Computed by zone rules, never by adding hours."""
    assert closes_at(day) == utc


# -- attempts


def state_of(*results: tuple[str, Outcome], channel: Channel = Channel.FILE) -> AuthorizationState:
    """An authorization that has heard of these executions of its renewal, by clock time of the 10th."""
    state = AuthorizationState("a")
    state = evolve(state, Registered(at(11, 1), "hold-1", AuthorizationTerms(channel=channel)))
    operation = HoldOperation(Kind.AUTHORIZE, hold_subject(2), hold=1, extension=ExtensionKind.RENEWAL)
    for clock, outcome in results:
        state = evolve(state, HoldOperationEnded(operation, at(11, 10, clock), OperationResult(outcome)))
    return state


def begun(outcome: Outcome | None, *, executing: bool = False, attempt: int = 1, again: int = 10) -> BegunAttempt:
    return BegunAttempt(
        Kind.AUTHORIZE, hold_subject(2), attempt, at(11, 10, "02:00"), at(11, again, "02:00"), executing, outcome
    )


NEVER_HEARD = state_of()
U, N, P, D, S = Outcome.UNKNOWN, Outcome.NOT_SENT, Outcome.PENDING, Outcome.DECLINED, Outcome.SUCCEEDED


@pytest.mark.rule("R54")
@pytest.mark.parametrize(
    ("row", "state", "expected"),
    [
        (begun(None, executing=True), None, OpenAttempt(DAY, exact=False)),
        (begun(None, executing=True), NEVER_HEARD, OpenAttempt(DAY, exact=False)),
        (begun(D), NEVER_HEARD, OpenAttempt(DAY, exact=False)),
        (begun(U), state_of(("02:01", U)), OpenAttempt(DAY, exact=True)),
        (begun(P), state_of(("02:01", P)), OpenAttempt(DAY, exact=True)),
        (begun(D), state_of(("02:01", U)), OpenAttempt(DAY, exact=True)),
        (begun(D), state_of(("02:01", D)), None),
        (begun(S), state_of(("02:01", U), ("02:30", S)), None),
        (begun(N), state_of(("02:01", N)), None),
        (begun(N, executing=True, again=12), state_of(("02:01", N)), OpenAttempt(date(2026, 11, 12), exact=False)),
        (begun(D, again=12), state_of(("02:01", N)), OpenAttempt(date(2026, 11, 12), exact=False)),
        (begun(U, attempt=2), state_of(("02:01", D)), OpenAttempt(DAY, exact=False)),
        (begun(U), state_of(("02:01", U), channel=Channel.MAIL), None),
    ],
)
def test_which_attempts_keep_a_day_open(
    row: BegunAttempt, state: AuthorizationState | None, expected: OpenAttempt | None
) -> None:
    """Only what journal and authorization both know to be over is over; what never left belongs to its next try."""
    assert open_attempt(row, state) == expected


def test_an_exact_attempt_keeps_its_own_day_only() -> None:
    """Another may turn up on any day from its beginning on."""
    days = [date(2026, 11, 9), DAY, date(2026, 11, 11)]
    assert [OpenAttempt(DAY, exact=True).keeps_open(one) for one in days] == [False, True, False]
    assert [OpenAttempt(DAY, exact=False).keeps_open(one) for one in days] == [False, True, True]


@pytest.mark.rule("R54")
def test_an_attempt_that_was_held_back_runs_when_it_is_tried() -> None:
    """Its failure belongs to the day of the try that may have left us, not to that of the pause before it."""
    (record,) = state_of(("02:00", N), ("20:00", U), ("23:00", D)).operations
    assert (record.first_at, record.ran_at) == (at(11, 10, "02:00"), at(11, 10, "20:00"))
    (record,) = state_of(("02:00", N), ("20:00", N)).operations
    assert record.ran_at == at(11, 10, "20:00")


@pytest.mark.rule("R55", "R6")
def test_realtime_and_a_file_do_not_go_together() -> None:
    """The refusal says what to choose instead."""
    with pytest.raises(InvalidConfiguration, match="choose the channel mail"):
        AuthorizationTerms(realtime=True, channel=Channel.FILE)


@pytest.mark.rule("R51", "R55")
@pytest.mark.parametrize(("channel", "mails"), [(Channel.MAIL, ["failure/1-1"]), (Channel.FILE, [])])
def test_a_failure_is_told_through_one_channel(channel: Channel, mails: list[str]) -> None:
    """One line either way; it is mailed where the merchant chose mail, and only there."""
    state = state_of(("02:01", Outcome.DECLINED), channel=channel)
    failed = ExtensionFailed(at(11, 10, "02:01"), ExtensionKind.RENEWAL, 1, 1, 6000, at(11, 10, "02:01"), "declined")
    state = evolve(state, failed)
    assert [(one.key, one.day) for one in failure_lines(state)] == [("1-1", DAY)]
    assert [one.subject for one in notices(state) if one.subject.startswith("failure/")] == mails
    assert evolve(state, failed) is state


# -- what is done


def test_nothing_to_do_until_five() -> None:
    """The report wakes at the next five o'clock."""
    assert decide(ReportPicture(), REPORT, PACING, FIVE).next_due == at(11, 12, "05:00")
    assert decide(ReportPicture(), REPORT, PACING, FIVE - timedelta(minutes=1)).next_due == FIVE


def step(picture: ReportPicture, now: datetime) -> str:
    """The id of what is due, or when to look again."""
    decision = decide(picture, REPORT, PACING, now)
    return f"{decision.next_due:%d %H:%M}" if decision.step is None else decision.step.operation.id_within(REPORT)


DELIVER = f"{REPORT}/deliver/acct%3A2026-11-10/1"
TOLD = f"{REPORT}/mail/undelivered%2Facct%3A2026-11-10%2F1/1"
LATE = FIVE + TELL_AFTER


@pytest.mark.parametrize(
    ("delivery", "mail", "now", "expected"),
    [
        (None, None, FIVE, DELIVER),
        (Tried(N, 1, FIVE), None, FIVE, "11 04:01"),
        (Tried(N, 1, FIVE), None, FIVE + timedelta(minutes=1), DELIVER),
        (Tried(N, 1, FIVE, executions=4), None, FIVE, "11 04:08"),
        (Tried(U, 1, FIVE), None, FIVE, "11 04:02"),
        (Tried(N, 1, LATE), None, LATE, TOLD),
        (Tried(N, 1, LATE), Tried(N, 1, LATE), LATE, "12 04:01"),
        (Tried(N, 1, LATE), Tried(S, 1, LATE), LATE, "12 04:01"),
        (Tried(D, 1, FIVE), None, FIVE, TOLD),
        (Tried(D, 1, FIVE), Tried(S, 1, FIVE), FIVE, "12 04:00"),
        (Tried(D, 1, FIVE), Tried(D, 1, FIVE), FIVE, "12 04:00"),
    ],
)
def test_a_file_on_its_way(delivery: Tried | None, mail: Tried | None, now: datetime, expected: str) -> None:
    """Delivered by the pauses of every operation; a refusal is told at once, anything else after a day, once."""
    file = WrittenFile(FILE.account, FILE.day, FILE.name, FILE.since, delivery=delivery, mail=mail)
    assert step(ReportPicture(files=(file,)), now) == expected


def test_a_file_that_is_stuck_holds_up_no_other() -> None:
    """The next one has its turn."""
    stuck = WrittenFile("acct", DAY, "a", FIVE, delivery=Tried(U, 1, FIVE))
    picture = ReportPicture(files=(stuck, WrittenFile("two", DAY, "b", FIVE)))
    assert step(picture, FIVE) == f"{REPORT}/deliver/two%3A2026-11-10/1"


def test_sending_again_is_another_attempt_and_tells_anew() -> None:
    """Its operation and its mail have ids of their own."""
    again = WrittenFile("acct", DAY, "a", FIVE, attempt=2)
    assert step(ReportPicture(files=(again,)), FIVE) == f"{REPORT}/deliver/acct%3A2026-11-10/2"
    refused = WrittenFile("acct", DAY, "a", FIVE, attempt=2, delivery=Tried(D, 2, FIVE))
    assert step(ReportPicture(files=(refused,)), FIVE) == f"{REPORT}/mail/undelivered%2Facct%3A2026-11-10%2F2/1"


def test_a_day_that_waits_is_looked_at_again_soon() -> None:
    """A person hears of it after a day, where a line waits to be told."""
    picture = ReportPicture(waiting=(WAITING,))
    assert decide(picture, REPORT, PACING, FIVE).next_due == FIVE + LOOK_AGAIN
    assert step(picture, LATE) == f"{REPORT}/mail/waits%2Facct%3A2026-11-10/1"
    nothing_known = ReportPicture(waiting=(WaitingFile("acct", DAY, lines=0, attempts=2),))
    assert decide(nothing_known, REPORT, PACING, LATE).next_due == LATE + LOOK_AGAIN
