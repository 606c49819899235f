"""Failure files in SQL: each line in exactly one file, each file written once, and only when its day is complete."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime

import pytest
from sqlalchemy import select

from domain.authorization.nights import local
from domain.authorization.terms import AuthorizationTerms, Channel
from domain.failure_report import Delivery, ReportPicture
from domain.file_drop import DropProtocol, FileDropSettings
from domain.outcomes import Evidence, OperationResult, Outcome
from domain.parties import Tenant
from domain.tenant_config import InvalidConfiguration, Language
from storage.audit import AuditTrail
from storage.database import Database
from storage.directory import Directory
from storage.failure_files import FailureFiles
from storage.failure_report import SqlFailureReports
from storage.file_drops import FileDrops
from storage.tables import failure_lines, operations
from tests.support.failing import DECLINED, NAMES, NOT_SENT, UNKNOWN, Failing, PlainLayout

DAY = date(2026, 11, 10)
REPORT = "failure-report/acme"
DROP = FileDropSettings("acme", DropProtocol.SFTP, "127.0.0.1", 22, "acme", "acme/drop")


def at(day: int, clock: str = "02:00") -> datetime:
    """A Berlin wall time of November 2026."""
    hour, minute = map(int, clock.split(":"))
    return local(date(2026, 11, day), datetime.min.time().replace(hour=hour, minute=minute))


MORNING = at(11, "05:00")


@pytest.fixture
def reports(db: Database) -> SqlFailureReports:
    Directory(db).put_tenant(Tenant("acme", "Acme GmbH"))
    return SqlFailureReports(db, PlainLayout(), NAMES)


def look(reports: SqlFailureReports, when: datetime = MORNING) -> ReportPicture:
    return reports.look("acme", REPORT, when)


def contents(db: Database) -> dict[str, str]:
    """Every file by its name."""
    files = FailureFiles(db)
    return {one.name: (files.download("acme", one.name) or b"").decode() for one in files.list_files("acme")}


# -- what is written


@pytest.mark.rule("R52", "R54")
def test_a_days_failures_are_one_file_of_their_account(db: Database, reports: SqlFailureReports) -> None:
    """The night, the hope run and what failed by day until midnight, in the order in which they failed."""
    Failing(db, "c").fail(at(10, "23:59"))
    Failing(db, "a").fail(at(10, "00:00"))
    Failing(db, "b").fail(at(10, "04:15"))
    Failing(db, "z").fail(at(11, "00:00"))
    picture = look(reports)
    assert picture == ReportPicture(written=("F20261110acct.dat",))
    assert contents(db) == {"F20261110acct.dat": "a 1-1\nb 1-1\nc 1-1\n"}
    (row,) = FailureFiles(db).list_files("acme")
    assert (row.lines, row.written_at, row.delivery) == (3, MORNING, Delivery.NONE)


@pytest.mark.rule("R54")
@pytest.mark.parametrize(("clock", "written"), [("00:00", False), ("04:59", False), ("05:00", True), ("23:59", True)])
def test_a_day_is_written_from_five_on(db: Database, reports: SqlFailureReports, clock: str, written: bool) -> None:
    """However early somebody has it look: what ended late in the night still gets in."""
    Failing(db).fail(at(10))
    assert bool(look(reports, at(11, clock)).written) is written


def test_no_file_without_failures(db: Database, reports: SqlFailureReports) -> None:
    """A good day leaves nothing."""
    Failing(db).held(at(3)).begin(at(10)).end(at(10), OperationResult(Outcome.SUCCEEDED, evidence=Evidence("n")))
    assert look(reports, at(14)).written == ()
    assert contents(db) == {}


@pytest.mark.rule("R51", "R55")
def test_who_is_told_by_mail_is_in_no_file(db: Database, reports: SqlFailureReports) -> None:
    """One channel each: a merchant with realtime hears by mail, and no file ever lists it."""
    realtime = AuthorizationTerms(channel=Channel.MAIL, realtime=True)
    Failing(db, terms=realtime).fail(at(10))
    assert look(reports) == ReportPicture()
    assert contents(db) == {}


@pytest.mark.rule("R51", "R52")
def test_each_account_has_a_file_of_its_own(db: Database, reports: SqlFailureReports) -> None:
    """Two accounts of a tenant, and another tenant whose id differs in capitals only."""
    Directory(db).put_tenant(Tenant("ACME", "Another"))
    Failing(db, "a", account="one").fail(at(10))
    Failing(db, "b", account="two").fail(at(10))
    Failing(db, "c", account="one", tenant="ACME").fail(at(10))
    assert look(reports).written == ("F20261110one.dat", "F20261110two.dat")
    assert contents(db) == {"F20261110one.dat": "a 1-1\n", "F20261110two.dat": "b 1-1\n"}
    assert reports.look("ACME", "failure-report/ACME", MORNING).written == ("F20261110one.dat",)


def test_days_that_were_missed_are_made_up_for(db: Database, reports: SqlFailureReports) -> None:
    """After an outage each day gets its own file."""
    for day in (7, 8, 10):
        Failing(db, f"h{day}").fail(at(day))
    assert look(reports).written == ("F20261107acct.dat", "F20261108acct.dat", "F20261110acct.dat")


def test_a_name_that_another_account_has_is_not_taken(db: Database, reports: SqlFailureReports) -> None:
    """Two accounts that would call their files alike get two names."""

    class Alike(PlainLayout):
        def names(self, tenant: str, account: str, day: date) -> tuple[str, ...]:
            return (f"F{day:%Y%m%d}same.dat", f"F{day:%Y%m%d}{account}.dat")

    Failing(db, "a", account="one").fail(at(10))
    Failing(db, "b", account="two").fail(at(10))
    assert look(SqlFailureReports(db, Alike(), NAMES)).written == ("F20261110same.dat", "F20261110two.dat")


def test_a_tenant_that_is_gone(reports: SqlFailureReports) -> None:
    """The report of a tenant that nobody knows has nothing to do any more."""
    assert not reports.look("nobody", "failure-report/nobody", MORNING).active


# -- complete, and never rewritten


Steps = Callable[[Failing], object]
# how it is left open, how it ends, and the day of its line
OPEN: dict[str, tuple[Steps, Steps, int]] = {
    "sent, and nobody knows": (
        lambda one: one.begin(at(10)).end(at(10), UNKNOWN).learn(at(10)).record(at(10)),
        lambda one: one.begin(at(11, "09:00")).end(at(11, "09:00")).learn(at(11, "09:00")).record(at(11, "09:00")),
        10,
    ),
    "its worker died": (
        lambda one: one.begin(at(10)),
        lambda one: one.end(at(11, "09:00")).learn(at(11, "09:00")).record(at(11, "09:00")),
        11,
    ),
    "refused, and the authorization has not heard of it": (
        lambda one: one.begin(at(10)).end(at(10)),
        lambda one: one.learn(at(10)).record(at(11, "09:00")),
        10,
    ),
    "refused and heard, and not recorded": (
        lambda one: one.begin(at(10)).end(at(10)).learn(at(10)),
        lambda one: one.record(at(11, "09:00")),
        10,
    ),
}


@pytest.mark.rule("R54")
@pytest.mark.parametrize("case", OPEN)
def test_a_day_waits_for_its_last_attempt(db: Database, reports: SqlFailureReports, case: str) -> None:
    """While an attempt of the day may still fail its file is not written; other accounts do not wait."""
    leave_open, close, day = OPEN[case]
    Failing(db, "done").fail(at(10, "01:45"))
    Failing(db, "other", account="two").fail(at(10))
    slow = Failing(db, "slow").held(at(3))
    leave_open(slow)
    picture = look(reports)
    assert picture.written == ("F20261110two.dat",)
    (waiting,) = picture.waiting
    assert (waiting.account, waiting.day, waiting.lines, waiting.attempts) == ("acct", DAY, 1, 1)
    close(slow)
    assert look(reports, at(11, "09:15")).waiting == ()
    assert look(reports, at(12, "05:00")).late == 0
    found = {name: text for name, text in contents(db).items() if "acct" in name}
    if day == 10:
        assert found == {"F20261110acct.dat": "done 1-1\nslow 1-1\n"}
    else:
        assert found == {"F20261110acct.dat": "done 1-1\n", "F20261111acct.dat": "slow 1-1\n"}


@pytest.mark.rule("R54")
def test_an_attempt_that_is_heard_of_keeps_its_own_day_only(db: Database, reports: SqlFailureReports) -> None:
    """One that stays unknown for days holds up the file of its day, and no other."""
    Failing(db, "slow").held(at(1)).begin(at(8)).end(at(8), UNKNOWN).learn(at(8)).record(at(8))
    Failing(db, "a").fail(at(8))
    Failing(db, "b").fail(at(10))
    picture = look(reports)
    assert picture.written == ("F20261110acct.dat",)
    assert [one.day for one in picture.waiting] == [date(2026, 11, 8)]


@pytest.mark.rule("R54")
def test_what_a_pause_held_back_belongs_to_the_day_on_which_it_ran(db: Database, reports: SqlFailureReports) -> None:
    """A renewal that was not sent for two days keeps no file waiting, and its failure is of the day of its try."""
    Failing(db, "a").fail(at(8))
    paused = Failing(db, "late").held(at(1)).begin(at(8)).end(at(8), NOT_SENT).learn(at(8)).record(at(8))
    assert look(reports, at(9, "05:00")).written == ("F20261108acct.dat",)
    paused.begin(at(10)).end(at(10), DECLINED).learn(at(10)).record(at(10))
    assert look(reports).written == ("F20261110acct.dat",)
    assert look(reports).late == 0


@pytest.mark.rule("R54")
def test_a_written_file_never_changes(db: Database, reports: SqlFailureReports) -> None:
    """A line that comes too late for its day goes into the next file, marked, and what was written stays as it was."""
    Failing(db, "a").fail(at(10))
    look(reports)
    before = contents(db)
    Failing(db, "late").fail(at(10, "03:00"))
    assert look(reports, at(11, "06:00")).written == ()
    assert contents(db) == before
    picture = look(reports, at(12, "05:00"))
    assert (picture.written, picture.late) == (("F20261111acct.dat",), 1)
    assert contents(db) == before | {"F20261111acct.dat": "late 1-1\n"}


@pytest.mark.rule("R51")
def test_looking_again_writes_nothing_twice(db: Database, reports: SqlFailureReports) -> None:
    """A repeated look, as after a crash before its answer was heard, finds everything done."""
    Failing(db, "a").fail(at(10))
    assert look(reports).written
    for hour in range(6, 9):
        assert look(reports, at(11, f"0{hour}:00")) == ReportPicture()
    with db.read() as sql:
        assert sql.execute(select(failure_lines.c.file_day)).scalars().all() == [DAY]


@pytest.mark.rule("R51", "R54")
def test_many_writers_leave_one_file(db: Database, reports: SqlFailureReports) -> None:
    """Eight looks at the same instant, while lines of the day still come in: every line stands in exactly one file."""
    for number in range(20):
        Failing(db, f"h{number:02}").fail(at(10))
    ready = threading.Barrier(9)

    def writer(_: int) -> ReportPicture:
        ready.wait()
        return look(reports)

    def late() -> None:
        ready.wait()
        for number in range(20, 30):
            Failing(db, f"h{number:02}").fail(at(10))

    with ThreadPoolExecutor(9) as threads:
        coming = threads.submit(late)
        pictures = list(threads.map(writer, range(8)))
        coming.result()
    assert sum(len(one.written) for one in pictures) == 1
    look(reports, at(12, "05:00"))
    look(reports, at(13, "05:00"))
    listed = "".join(contents(db).values()).split("\n")
    assert sorted(one for one in listed if one) == [f"h{number:02} 1-1" for number in range(30)]


@pytest.mark.parametrize("dies", ["content", "names"])
def test_a_writer_that_dies_in_the_middle_leaves_nothing(db: Database, reports: SqlFailureReports, dies: str) -> None:
    """File and assignment are one: whoever comes next writes all of it."""

    class Dying(PlainLayout):
        def __getattribute__(self, name: str) -> object:
            if name == dies:
                raise KeyboardInterrupt
            return super().__getattribute__(name)

    Failing(db, "a").fail(at(10))
    with pytest.raises(KeyboardInterrupt):
        look(SqlFailureReports(db, Dying(), NAMES))
    assert contents(db) == {}
    assert look(reports).written == ("F20261110acct.dat",)


def test_states_that_were_dropped_are_read_from_the_journal(db: Database, reports: SqlFailureReports) -> None:
    """Without the read model an attempt is judged by what the facts say, not taken for open."""
    from storage.tables import authorizations

    Failing(db, "a").fail(at(10))
    with db.write() as sql:
        sql.execute(authorizations.delete())
    assert look(reports).written == ("F20261110acct.dat",)


# -- delivery


def journalled(db: Database, op_id: str, outcome: Outcome | None, when: datetime, **values: object) -> None:
    """An operation of the report as the journal would hold it."""
    failing = Failing(db)
    failing.begin(when)
    known = failing.operation.id_within(failing.workflow_id)
    fresh = {"id": op_id, "workflow_id": REPORT, "kind": "deliver", "outcome": outcome and outcome.value}
    with db.write() as sql:
        sql.execute(operations.delete().where(operations.c.id == op_id))
        sql.execute(
            operations.update()
            .where(operations.c.id == known)
            .values(**fresh, executing=False, finished_at=when, reason="", **values)
        )


def test_a_file_is_to_be_delivered_where_there_is_a_folder(db: Database, reports: SqlFailureReports) -> None:
    """It stays open until the journal says that it was put there."""
    FileDrops(db).put_file_drop(DROP)
    Failing(db, "a").fail(at(10))
    (file,) = look(reports).files
    assert (file.name, file.since, file.delivery, file.mail) == ("F20261110acct.dat", MORNING, None, None)
    op_id = f"{REPORT}/deliver/acct%3A2026-11-10/1"
    journalled(db, op_id, Outcome.NOT_SENT, MORNING)
    (file,) = look(reports).files
    assert file.delivery is not None
    assert file.delivery.outcome is Outcome.NOT_SENT
    journalled(db, op_id, Outcome.SUCCEEDED, at(11, "06:00"))
    assert look(reports).files == ()
    row = FailureFiles(db).get("acme", "F20261110acct.dat")
    assert row is not None
    assert (row.delivery, row.delivered_at) == (Delivery.DELIVERED, at(11, "06:00"))


def test_a_refused_file_is_shown_until_somebody_was_told(db: Database, reports: SqlFailureReports) -> None:
    """After the mail it needs nothing more from us."""
    FileDrops(db).put_file_drop(DROP)
    Failing(db, "a").fail(at(10))
    look(reports)
    journalled(db, f"{REPORT}/deliver/acct%3A2026-11-10/1", Outcome.DECLINED, MORNING)
    assert len(look(reports).files) == 1
    journalled(db, f"{REPORT}/mail/undelivered%2Facct%3A2026-11-10%2F1/1", Outcome.SUCCEEDED, MORNING)
    assert look(reports).files == ()
    row = FailureFiles(db).get("acme", "F20261110acct.dat")
    assert row is not None
    assert row.delivery is Delivery.REFUSED


def test_sending_again(db: Database, reports: SqlFailureReports) -> None:
    """What ended gets a new attempt, what is under way another budget; without a folder it is refused."""
    Failing(db, "a").fail(at(10))
    look(reports)
    files, name, noon = FailureFiles(db), "F20261110acct.dat", at(11, "12:00")
    with pytest.raises(InvalidConfiguration, match="no active folder"):
        files.send_again("acme", name, by="kim", at=noon)
    FileDrops(db).put_file_drop(DROP)
    assert files.send_again("acme", "none", by="kim", at=noon) is None
    assert files.send_again("other", name, by="kim", at=noon) is None
    first = files.send_again("acme", name, by="kim", at=noon)
    assert first is not None
    assert (first.delivery, first.attempt) == (Delivery.OPEN, 1)
    files.send_again("acme", name, by="kim", at=noon)
    (file,) = look(reports, noon).files
    assert (file.attempt, file.grants, file.since) == (1, 1, noon)
    journalled(db, f"{REPORT}/deliver/acct%3A2026-11-10/1", Outcome.SUCCEEDED, noon)
    assert look(reports, noon).files == ()
    files.send_again("acme", name, by="kim", at=noon)
    (file,) = look(reports, noon).files
    assert (file.attempt, file.grants, file.delivery) == (2, 0, None)
    assert AuditTrail(db).entries("acme")[0].action == "failure_file.send_again"


def test_lists_and_downloads(db: Database, reports: SqlFailureReports) -> None:
    """Newest first, page by page, one account or all; another tenant sees nothing."""
    for day in (7, 8, 10):
        Failing(db, f"h{day}").fail(at(day))
    Failing(db, "two", account="two").fail(at(10))
    look(reports)
    files = FailureFiles(db)
    assert [(one.day.day, one.account) for one in files.list_files("acme")] == [
        (10, "acct"),
        (10, "two"),
        (8, "acct"),
        (7, "acct"),
    ]
    page = files.list_files("acme", account="acct", after="F20261110acct.dat", limit=1)
    assert [one.day.day for one in page] == [8]
    rest = files.list_files("acme", after="F20261110acct.dat")
    assert [one.name for one in rest] == ["F20261110two.dat", "F20261108acct.dat", "F20261107acct.dat"]
    with pytest.raises(LookupError):
        files.list_files("acme", after="none")
    assert files.list_files("other") == ()
    assert files.download("acme", "F20261110two.dat") == b"two 1-1\n"
    assert files.download("other", "F20261110two.dat") is None
    assert files.get("acme", "none") is None
    assert reports.content("acme", "two", DAY) == b"two 1-1\n"
    with pytest.raises(LookupError):
        reports.content("acme", "two", date(2026, 11, 9))


def test_a_folder_is_kept_as_it_was_given(db: Database, reports: SqlFailureReports) -> None:
    """Settings survive, changes count, and the trail tells them."""
    drops = FileDrops(db)
    assert drops.file_drop("acme") is None
    drops.put_file_drop(DROP, by="kim", expected=0)
    assert drops.file_drop("acme") == DROP
    with pytest.raises(InvalidConfiguration, match="no tenant"):
        drops.put_file_drop(FileDropSettings("nobody", DropProtocol.SFTP, "127.0.0.1", 22, "u", "r"))
    assert AuditTrail(db).entries("acme")[0].action == "file_drop.put"


def test_the_language_of_the_tenant_is_that_of_the_file(db: Database, reports: SqlFailureReports) -> None:
    """The layout is told in which language to write."""
    heard = []

    class Hearing(PlainLayout):
        def content(self, lines: object, language: Language) -> bytes:
            heard.append(language)
            return b""

    Directory(db).put_tenant(Tenant("acme", "Acme Ltd", Language.ENGLISH))
    Failing(db).fail(at(10))
    look(SqlFailureReports(db, Hearing(), NAMES))
    assert heard == [Language.ENGLISH]
