"""The journal of operations: recorded before sending, fenced by owner, and unknown until somebody knows."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from domain import reasons
from domain.errors import NotSent
from domain.outcomes import Evidence, OperationResult, Outcome
from domain.ports import Begun, Earlier
from storage.database import Database
from storage.gates import Gates
from storage.journal import SqlJournal
from storage.orders import Orders
from storage.rows import OperationRow
from tests.storage.builders import T0, after, header, succeeded

IN_FLIGHT = timedelta(seconds=150)
BUDGET = 3
OP = header().id
UNKNOWN = OperationResult(Outcome.UNKNOWN, reasons.NO_ANSWER)
DECLINED = OperationResult(Outcome.DECLINED, reasons.REFUSED)
PENDING = OperationResult(Outcome.PENDING, reasons.WAITING, Evidence("s-chg-9"), after(minutes=15))
NOT_SENT = OperationResult(Outcome.NOT_SENT, reasons.UNREACHABLE, retry_at=after(minutes=1))
FRESH = Begun(None, Earlier(0, True))


@pytest.fixture
def gates(db: Database) -> Gates:
    return Gates(db)


@pytest.fixture
def journal(db: Database, gates: Gates) -> SqlJournal:
    return SqlJournal(db, gates, in_flight=IN_FLIGHT, sends=BUDGET)


def _execute(journal: SqlJournal, owner: str, at: datetime, result: OperationResult | None) -> Begun:
    """One execution that sends; without a result it dies after sending."""
    begun = journal.begin(header(), at, owner)
    journal.permit(OP, owner, at)
    if result is not None:
        journal.finish(OP, owner, at, result)
    return begun


def _refusal(journal: SqlJournal, owner: str, at: datetime) -> NotSent:
    with pytest.raises(NotSent) as caught:
        journal.permit(OP, owner, at)
    return caught.value


def _row(db: Database) -> OperationRow:
    row = Orders(db).operation(OP)
    assert row is not None
    return row


def test_an_operation_stands_before_it_is_sent(db: Database, journal: SqlJournal) -> None:
    """`begin` alone leaves a row with everything that is known, and nothing sent."""
    assert journal.begin(header(), T0, "a") == FRESH
    row = _row(db)
    assert (row.amount_minor, row.currency, row.key, row.created_at) == (1995, "EUR", header().key, T0)
    assert (row.executing, row.executions, row.sends, row.result) == (True, 1, 0, None)


def test_a_success_is_kept_with_its_evidence(db: Database, journal: SqlJournal) -> None:
    """The result that is stored is the result that every later execution is handed."""
    assert _execute(journal, "a", T0, succeeded()) == FRESH
    assert journal.begin(header(), after(days=1), "b") == Begun(succeeded(), Earlier(1, False))
    assert _row(db).finished_at == T0


def test_a_decline_is_final_too(journal: SqlJournal) -> None:
    """A definite no is never sent again under the same id."""
    _execute(journal, "a", T0, DECLINED)
    assert journal.begin(header(), after(days=1), "b").result == DECLINED
    assert _refusal(journal, "b", after(days=1)).reason == reasons.STALE_OWNER


def test_the_first_final_outcome_wins(journal: SqlJournal) -> None:
    """Nothing that comes later changes a final outcome."""
    _execute(journal, "a", T0, succeeded())
    assert journal.finish(OP, "a", after(seconds=1), DECLINED) == succeeded()
    assert journal.finish(OP, "b", after(seconds=1), UNKNOWN) == succeeded()


def test_one_execution_counts_as_one_send(db: Database, journal: SqlJournal) -> None:
    """Several requests of one execution are one send; another execution is another."""
    journal.begin(header(), T0, "a")
    for second in range(3):
        journal.permit(OP, "a", after(seconds=second))
    assert (_row(db).sends, _row(db).last_sent_at) == (1, after(seconds=2))
    journal.finish(OP, "a", after(seconds=3), NOT_SENT)
    assert _execute(journal, "b", after(minutes=1), UNKNOWN) == Begun(None, Earlier(1, True))
    assert _row(db).sends == 2


def test_not_sent_may_be_sent_at_once(journal: SqlJournal) -> None:
    """A request that certainly never left needs no waiting time."""
    _execute(journal, "a", T0, NOT_SENT)
    assert journal.begin(header(), after(seconds=1), "b").earlier.may_send


@pytest.mark.parametrize("result", [UNKNOWN, None], ids=["unknown", "crashed"])
def test_an_unheard_answer_is_waited_for(journal: SqlJournal, result: OperationResult | None) -> None:
    """Until a lost request can no longer take effect, it is only asked about."""
    _execute(journal, "a", T0, result)
    early = journal.begin(header(), T0 + IN_FLIGHT - timedelta(microseconds=1), "b")
    assert early == Begun(None, Earlier(1, False))
    assert journal.begin(header(), T0 + IN_FLIGHT, "c") == Begun(None, Earlier(1, True, over=True))


def test_a_crash_before_sending_costs_nothing(db: Database, journal: SqlJournal) -> None:
    """An execution that died before its permit has sent nothing, and cannot send any more."""
    journal.begin(header(), T0, "a")
    assert journal.begin(header(), after(seconds=1), "b") == FRESH
    assert _refusal(journal, "a", after(seconds=1)).reason == reasons.STALE_OWNER
    journal.permit(OP, "b", after(seconds=1))
    assert _row(db).sends == 1


def test_a_crash_shows_as_unknown(db: Database, journal: SqlJournal) -> None:
    """Who looks at the operation after a crash reads that its outcome is unknown, and why."""
    _execute(journal, "a", T0, None)
    journal.begin(header(), after(seconds=1), "b")
    assert _row(db).result == OperationResult(Outcome.UNKNOWN, reasons.WORKER_LOST)
    assert _row(db).unresolved == 1


def test_the_budget_of_unheard_sends_is_kept(journal: SqlJournal) -> None:
    """After the last allowed send without an answer the operation is only asked about, for ever."""
    for number in range(BUDGET):
        assert _execute(journal, f"w{number}", T0 + number * IN_FLIGHT, UNKNOWN if number else None).earlier.may_send
    assert journal.begin(header(), after(days=1), "x") == Begun(None, Earlier(BUDGET, False, over=True))


def test_a_person_grants_another_budget(journal: SqlJournal) -> None:
    """A provider that was out for long used up the sends: when a person asks, the operation goes on, asking first."""
    for number in range(BUDGET):
        _execute(journal, f"w{number}", T0 + number * IN_FLIGHT, UNKNOWN)
    granted = header(grants=1, input_hash="hash-2")
    assert journal.begin(granted, after(days=1), "x") == Begun(None, Earlier(BUDGET, True, over=True))
    journal.permit(OP, "x", after(days=1))
    journal.finish(OP, "x", after(days=1), UNKNOWN)
    assert not journal.begin(granted, after(days=1, seconds=1), "y").earlier.may_send


def test_asking_alone_costs_no_budget(journal: SqlJournal) -> None:
    """Executions that only asked and heard nothing do not use up the sends."""
    _execute(journal, "a", T0, UNKNOWN)
    for number in range(10):
        journal.begin(header(), after(seconds=number), f"w{number}")
        journal.finish(OP, f"w{number}", after(seconds=number), UNKNOWN)
    assert journal.begin(header(), T0 + IN_FLIGHT, "x").earlier == Earlier(1, True, over=True)


def test_looking_counts_as_no_send(db: Database, journal: SqlJournal) -> None:
    """Questions leave nothing in doubt: whoever only asked and died has sent nothing."""
    journal.begin(header(), T0, "a")
    journal.look(OP, "a", T0)
    assert (_row(db).sends, _row(db).last_sent_at) == (0, None)
    assert journal.begin(header(), after(seconds=1), "b") == FRESH


def test_looking_does_not_prolong_the_wait(journal: SqlJournal) -> None:
    """The time in which a lost request may still take effect runs from that request, not from asking about it."""
    _execute(journal, "a", T0, UNKNOWN)
    journal.begin(header(), after(seconds=100), "b")
    journal.look(OP, "b", after(seconds=100))
    journal.finish(OP, "b", after(seconds=100), UNKNOWN)
    assert journal.begin(header(), T0 + IN_FLIGHT, "c").earlier == Earlier(1, True, over=True)


def test_nobody_looks_for_another(journal: SqlJournal, gates: Gates) -> None:
    """A lost owner may not even ask, and neither may anybody while the gate is paused."""
    journal.begin(header(), T0, "a")
    journal.begin(header(), after(seconds=1), "b")
    with pytest.raises(NotSent, match=reasons.STALE_OWNER):
        journal.look(OP, "a", after(seconds=1))
    gates.pause(header().gate, "by hand")
    with pytest.raises(NotSent, match=reasons.PAUSED):
        journal.look(OP, "b", after(seconds=1))


def test_not_sent_does_not_end_an_unknown(db: Database, journal: SqlJournal) -> None:
    """A pause that keeps us from asking says nothing about the request that was lost before."""
    _execute(journal, "a", T0, UNKNOWN)
    journal.begin(header(), after(seconds=10), "b")
    stands = journal.finish(OP, "b", after(seconds=10), NOT_SENT)
    assert stands == OperationResult(Outcome.UNKNOWN, reasons.UNREACHABLE, retry_at=NOT_SENT.retry_at)
    assert _row(db).result == stands
    assert not journal.begin(header(), after(seconds=20), "c").earlier.may_send


def test_pending_is_never_sent_again(journal: SqlJournal) -> None:
    """What the other side has accepted is asked about, however long it takes and whatever the asking brings."""
    _execute(journal, "a", T0, PENDING)
    assert journal.begin(header(), after(days=9), "b") == Begun(None, Earlier(1, False, over=True))
    assert journal.finish(OP, "b", after(days=9), NOT_SENT).outcome is Outcome.PENDING
    journal.begin(header(), after(days=10), "c")
    journal.finish(OP, "c", after(days=10), UNKNOWN)
    assert not journal.begin(header(), after(days=20), "d").earlier.may_send
    assert journal.finish(OP, "d", after(days=20), succeeded()) == succeeded()


def test_what_nobody_wants_any_more_is_only_asked_for(db: Database, journal: SqlJournal) -> None:
    """However long ago it was sent; and it keeps the hash under which it was begun."""
    _execute(journal, "a", T0, UNKNOWN)
    begun = journal.begin(header(only_ask=True), after(days=1), "b")
    assert begun == Begun(None, Earlier(1, may_send=False, over=True, withdrawn=True))
    journal.finish(OP, "b", after(days=1), UNKNOWN)
    assert journal.begin(header(), after(days=2), "c").earlier == Earlier(1, may_send=True, over=True)


def test_what_was_accepted_is_never_withdrawn(journal: SqlJournal) -> None:
    """It is on its way: not to find it says nothing."""
    _execute(journal, "a", T0, PENDING)
    assert journal.begin(header(only_ask=True), after(days=9), "b").earlier == Earlier(1, False, over=True)


def test_what_never_left_must_not_leave_once_nobody_wants_it(journal: SqlJournal) -> None:
    """The order may know of an operation that the journal never saw."""
    assert journal.begin(header(only_ask=True), T0, "a").earlier == Earlier(may_send=False, withdrawn=True)


def test_a_lost_owner_cannot_send(journal: SqlJournal) -> None:
    """A worker that was thought dead wakes up and gets no permit."""
    journal.begin(header(), T0, "a")
    journal.begin(header(), after(seconds=1), "b")
    assert _refusal(journal, "a", after(seconds=2)).reason == reasons.STALE_OWNER
    journal.permit(OP, "b", after(seconds=2))


def test_nobody_sends_what_was_not_begun(journal: SqlJournal) -> None:
    """A permit or an end without a beginning is refused."""
    assert _refusal(journal, "a", T0).reason == reasons.STALE_OWNER
    with pytest.raises(LookupError, match="never begun"):
        journal.finish(OP, "a", T0, succeeded())


def test_nobody_sends_after_the_end(journal: SqlJournal) -> None:
    """An execution that has reported may not send any more."""
    _execute(journal, "a", T0, UNKNOWN)
    assert _refusal(journal, "a", after(days=1)).reason == reasons.STALE_OWNER


def test_a_success_is_the_truth_whoever_brings_it(journal: SqlJournal) -> None:
    """The proven success of a slow worker counts, and whoever took over sends nothing and learns it."""
    _execute(journal, "a", T0, None)
    journal.begin(header(), T0 + IN_FLIGHT, "b")
    assert journal.finish(OP, "a", T0 + IN_FLIGHT, succeeded()) == succeeded()
    refusal = _refusal(journal, "b", T0 + IN_FLIGHT)
    assert refusal.reason == reasons.STALE_OWNER
    not_sent = OperationResult(Outcome.NOT_SENT, refusal.reason)
    assert journal.finish(OP, "b", T0 + IN_FLIGHT, not_sent) == succeeded()


@pytest.mark.parametrize("late", [DECLINED, UNKNOWN, NOT_SENT, OperationResult(Outcome.SUCCEEDED)])
def test_other_news_of_a_lost_owner_change_nothing(db: Database, journal: SqlJournal, late: OperationResult) -> None:
    """Only a proven success counts from a worker that lost the operation."""
    _execute(journal, "a", T0, None)
    journal.begin(header(), T0 + IN_FLIGHT, "b")
    before = _row(db)
    assert journal.finish(OP, "a", T0 + IN_FLIGHT, late) == late
    assert _row(db) == before
    journal.finish(OP, "b", T0 + IN_FLIGHT, succeeded())


def test_a_late_pending_keeps_others_from_sending(journal: SqlJournal) -> None:
    """The other side's acceptance is remembered even if a lost worker brings it."""
    _execute(journal, "a", T0, None)
    journal.begin(header(), T0 + IN_FLIGHT, "b")
    journal.finish(OP, "a", T0 + IN_FLIGHT, PENDING)
    journal.finish(OP, "b", T0 + IN_FLIGHT, UNKNOWN)
    assert not journal.begin(header(), after(days=1), "c").earlier.may_send


def test_other_money_under_a_sent_id_is_asked_about_as_it_was_sent(db: Database, journal: SqlJournal) -> None:
    """What may have taken effect keeps its figures and is only asked for; it can still be learned what became of it."""
    _execute(journal, "a", T0, None)
    begun = journal.begin(header(input_hash="hash-2", amount_minor=1), after(days=1), "b")
    assert (begun.result, begun.earlier.may_send, begun.amount_minor) == (None, False, 1995)
    assert _row(db).amount_minor == 1995
    journal.finish(OP, "b", after(days=1), succeeded())
    assert journal.begin(header(input_hash="hash-2", amount_minor=1), after(days=2), "c").result == succeeded()


def test_other_words_under_a_sent_id_are_taken(journal: SqlJournal) -> None:
    """Where no money differs the newest content goes on: the adapter reads what stands before it repeats."""
    _execute(journal, "a", T0, None)
    begun = journal.begin(header(input_hash="hash-2"), after(days=1), "b")
    assert begun.result is None
    assert begun.earlier.sends == 1
    journal.permit(OP, "b", after(days=1))


def test_other_content_replaces_what_never_left(db: Database, journal: SqlJournal) -> None:
    """As long as certainly nothing was sent, the operation takes its newest content."""
    _execute(journal, "a", T0, NOT_SENT)
    assert journal.begin(header(input_hash="hash-2", amount_minor=1), after(minutes=1), "b").earlier.may_send
    assert _row(db).amount_minor == 1


def test_a_final_outcome_stands_for_any_content(journal: SqlJournal) -> None:
    """After a final outcome the content no longer matters."""
    _execute(journal, "a", T0, succeeded())
    assert journal.begin(header(input_hash="hash-2"), T0, "b").result == succeeded()


def test_a_clock_that_runs_back_delays_but_never_blocks(journal: SqlJournal) -> None:
    """With a clock an hour back nothing is sent too early, and nothing waits for the hour to pass."""
    _execute(journal, "a", T0, None)
    back = after(hours=-1)
    assert not journal.begin(header(), back, "b").earlier.may_send
    assert not journal.begin(header(), back + IN_FLIGHT - timedelta(seconds=1), "c").earlier.may_send
    assert journal.begin(header(), back + IN_FLIGHT, "d").earlier == Earlier(1, True, over=True)


def test_a_pause_stops_the_next_request(journal: SqlJournal, gates: Gates) -> None:
    """A pause stops even between two requests of one execution and says until when."""
    journal.begin(header(), T0, "a")
    journal.permit(OP, "a", T0)
    gates.pause("unzer/acme", "maintenance", after(hours=1))
    refusal = _refusal(journal, "a", after(seconds=1))
    assert (refusal.reason, refusal.retry_at) == (reasons.PAUSED, after(hours=1))
    gates.resume("unzer/acme")
    journal.permit(OP, "a", after(seconds=2))


def test_a_refused_permit_is_no_send(db: Database, journal: SqlJournal, gates: Gates) -> None:
    """What a gate stopped was not sent, does not count, and may go as soon as the gate opens."""
    gates.set_active("unzer/acme", False)
    journal.begin(header(), T0, "a")
    assert _refusal(journal, "a", T0).reason == reasons.INACTIVE
    journal.finish(OP, "a", T0, OperationResult(Outcome.NOT_SENT, reasons.INACTIVE))
    gates.set_active("unzer/acme", True)
    assert _row(db).sends == 0
    assert journal.begin(header(), T0, "b") == FRESH
    journal.permit(OP, "b", T0)


def test_every_request_counts_for_the_rate(journal: SqlJournal, gates: Gates) -> None:
    """Requests of one execution are paced like those of many."""
    gates.set_rate("unzer/acme", 2)
    journal.begin(header(), T0, "a")
    journal.permit(OP, "a", T0)
    refusal = _refusal(journal, "a", T0)
    assert (refusal.reason, refusal.retry_at) == (reasons.RATE, after(seconds=0.5))
    journal.permit(OP, "a", after(seconds=0.5))


def test_of_many_owners_one_may_send(db: Database, journal: SqlJournal) -> None:
    """Sixteen workers begin the same operation at the same time: one permit is given in the end."""
    ready = threading.Barrier(16)

    def work(owner: str) -> bool:
        ready.wait()
        journal.begin(header(), T0, owner)
        ready.wait()
        try:
            journal.permit(OP, owner, T0)
        except NotSent:
            return False
        return True

    with ThreadPoolExecutor(16) as threads:
        permitted = list(threads.map(work, [f"w{number}" for number in range(16)]))
    assert permitted.count(True) == 1
    assert _row(db).sends == 1


def test_many_operations_run_side_by_side(db: Database, journal: SqlJournal) -> None:
    """Forty operations of eight threads, each from begin to end, all end well in a short time."""
    headers = [header(id=f"o/{number}", key=str(number)) for number in range(40)]

    def work(number: int) -> OperationResult:
        op = headers[number]
        journal.begin(op, T0, "w")
        journal.permit(op.id, "w", T0)
        return journal.finish(op.id, "w", T0, replace(succeeded(), reason=str(number)))

    with ThreadPoolExecutor(8) as threads:
        assert [one.reason for one in threads.map(work, range(40))] == [str(number) for number in range(40)]
    assert Orders(db).open_operations() == ()
