"""The journal of orders and its read models: idempotent, in order, and rebuilt equal."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from domain.facts import ErpReported, Fact, OperationEnded, PaymentHinted, ProblemRaised, Told, Wish
from domain.operations import Kind, Operation
from domain.order_state import OrderState
from domain.outcomes import OperationResult, Outcome
from domain.tenant_config import Pacing
from storage.database import Database
from storage.orders import Orders
from storage.records import Records, StartedOrder, rebuild
from storage.tables import READ_MODELS, journal_facts, metadata, orders
from tests.storage.builders import CONFIG, T0, WORKFLOW, after, batch, numbered, snapshot, succeeded
from tests.storage.facts import FACTS

STORY: list[Fact] = [
    ErpReported(snapshot(1)),
    PaymentHinted(after(minutes=2)),
    OperationEnded(Operation(Kind.CAPTURE, "R1", 1, 1995), after(minutes=3), succeeded("s-chg-7")),
    OperationEnded(Operation(Kind.BOOK, "R1", 1, 1995), after(minutes=4), OperationResult(Outcome.PENDING)),
    ProblemRaised(after(minutes=5), "booking_failed", "R1", "1", (("invoice", "R1"),)),
]


@pytest.fixture
def records(db: Database) -> Records:
    return Records(db)


def _tables(db: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Everything in the read models."""
    with db.read() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for table in READ_MODELS
        }


def _drop(db: Database) -> None:
    with db.write() as connection:
        for table in READ_MODELS:
            connection.execute(delete(table))


def _journal(db: Database) -> list[tuple[int, str]]:
    with db.read() as connection:
        rows = connection.execute(select(journal_facts.c.seq, journal_facts.c.kind).order_by(journal_facts.c.seq))
        return [(row.seq, row.kind) for row in rows]


def test_a_batch_is_seen_everywhere(db: Database, records: Records) -> None:
    """Facts, order, invoice and problem tell what the batch told."""
    steps = numbered(STORY)
    assert records.record(batch(steps, next_due=after(hours=1))) is None
    queries = Orders(db)
    order = queries.get_order("acme", "pixi", "4711")
    assert order is not None
    assert (order.workflow_id, order.seq, order.status, order.next_due) == (WORKFLOW, 5, "shipping", after(hours=1))
    assert (order.total_minor, order.captured_minor, order.booked_minor) == (1995, 1995, 0)
    assert (order.problem, order.severity, order.needs_human) == ("booking_failed", "error", True)
    assert (order.configuration, order.config_version, order.changed_at) == ("acme-card", 1, after(minutes=5))
    (invoice,) = queries.invoices(WORKFLOW)
    assert (invoice.captured_minor, invoice.capture_reference, invoice.capture_outcome) == (
        1995,
        "s-chg-7",
        "succeeded",
    )
    assert (invoice.booked_minor, invoice.book_outcome) == (0, "pending")
    (problem,) = queries.problems(WORKFLOW, open_only=True)
    assert (problem.number, problem.params) == (2041, (("invoice", "R1"),))
    facts = queries.facts(WORKFLOW)
    assert [one.fact for one in facts] == STORY
    assert [one.at for one in facts] == [after(minutes=number) for number in range(1, 6)]
    assert records.load(WORKFLOW) == steps[-1][1]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(facts=st.lists(FACTS, max_size=14), data=st.data())
def test_any_split_and_any_repetition_give_the_same_tables(
    db: Database, facts: list[Fact], data: st.DataObject
) -> None:
    """However the facts are cut into batches, and whichever come twice, the read models are those of one batch, and
    those of a rebuild from the journal.
    """
    _wipe(db)
    records = Records(db)
    steps = numbered(facts)
    last = len(steps)
    cuts = sorted(data.draw(st.sets(st.integers(0, last)), label="cuts") | {last})
    done = []
    for number, (start, end) in enumerate(zip([0, *cuts], cuts, strict=False)):
        state = steps[end - 1][1] if end else OrderState(WORKFLOW)
        known = tuple(fact for fact, _ in steps[start:end])
        due = after(days=1) if end == last else after(seconds=number)
        done.append(batch(steps[:end], facts=known, state=state, at=after(hours=number), next_due=due))
        assert records.record(done[-1]) is None
        again = data.draw(st.sampled_from([None, *done]), label="again")
        if again is not None:
            newer = records.record(again)
            assert newer == (None if again.state.seq == state.seq else state)
    live = _tables(db)
    assert len(live["orders"]) == 1
    rebuild(db)
    assert _tables(db) == live
    _drop(db)
    rebuild(db)
    assert _tables(db) == live
    _wipe(db)
    assert records.record(batch(steps, at=done[0].at, next_due=after(days=1))) is None
    assert _tables(db) == live


def _wipe(db: Database) -> None:
    with db.write() as connection:
        for table in metadata.tables.values():
            connection.execute(delete(table))


def test_an_outdated_batch_writes_nothing(db: Database, records: Records) -> None:
    """Whoever starts over without the recorded state is handed it and changes nothing."""
    steps = numbered(STORY)
    records.record(batch(steps))
    before = _tables(db)
    other = numbered([Told("m1", Wish.CANCEL, after(days=1))])
    assert records.record(batch(other, at=after(days=1))) == steps[-1][1]
    assert records.record(batch([], at=after(days=1))) == steps[-1][1]
    assert (_tables(db), len(_journal(db))) == (before, 5)


def test_a_batch_that_contradicts_the_journal_writes_nothing(db: Database, records: Records) -> None:
    """Other facts under numbers that are taken are not mixed in, even if the batch knows more facts."""
    steps = numbered(STORY)
    records.record(batch(steps[:2]))
    other = numbered([STORY[0], Told("m1", Wish.CANCEL, T0), *STORY[2:]])
    assert records.record(batch(other, at=after(days=1))) == steps[1][1]
    assert _journal(db) == [(1, "ErpReported"), (2, "PaymentHinted")]


def test_a_batch_that_repeats_and_goes_on_is_appended(db: Database, records: Records) -> None:
    """Facts that stand already are passed over, the rest is added."""
    steps = numbered(STORY)
    records.record(batch(steps[:2]))
    assert records.record(batch(steps)) is None
    assert [seq for seq, _ in _journal(db)] == [1, 2, 3, 4, 5]


def test_another_due_instant_is_kept_without_facts(db: Database, records: Records) -> None:
    """A wake that learned nothing may move the next look; an older one that comes late may not."""
    steps = numbered(STORY)
    early = batch(steps, next_due=after(hours=1))
    records.record(early)
    records.record(replace(early, facts=(), next_due=after(hours=2), at=after(minutes=1)))
    assert records.record(early) is None
    order = Orders(db).get_by_workflow(WORKFLOW)
    assert order is not None
    assert order.next_due == after(hours=2)
    before = _tables(db)
    rebuild(db)
    assert _tables(db) == before


def test_of_two_workers_with_other_news_one_wins(db: Database) -> None:
    """Two workers bring different facts under the same numbers at the same time: one journal, one newer state."""
    records = Records(db)
    first = numbered(STORY)
    batches = [
        batch(numbered([STORY[0], Told(f"m{number}", Wish.CANCEL, after(minutes=number))])) for number in range(8)
    ]
    records.record(batch(first[:1]))
    ready = threading.Barrier(8)

    def bring(number: int) -> OrderState | None:
        ready.wait()
        return records.record(batches[number])

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(bring, range(8)))
    assert answers.count(None) == 1
    winner = batches[answers.index(None)].state
    assert all(answer == winner for answer in answers if answer is not None)
    assert records.load(WORKFLOW) == winner


def test_the_state_is_found_without_read_models(db: Database, records: Records) -> None:
    """With the read models gone the journal still tells the state, and an outdated batch still learns it."""
    steps = numbered(STORY)
    records.record(batch(steps))
    _drop(db)
    assert records.load(WORKFLOW) == steps[-1][1]
    assert records.record(batch([], at=after(days=1))) == steps[-1][1]
    assert records.load("order/acme/pixi/unknown") is None


def test_lost_facts_do_not_stop_an_order(db: Database, records: Records) -> None:
    """After a restore of an old backup the order goes on from its whole state, and a rebuild ends there too."""
    steps = numbered(STORY)
    records.record(batch(steps[:1]))
    late = batch(steps, facts=(steps[4][0],), at=after(days=1))
    assert records.record(late) is None
    before = _tables(db)
    _drop(db)
    rebuild(db)
    assert _tables(db) == before
    assert records.load(WORKFLOW) == steps[-1][1]
    assert [seq for seq, _ in _journal(db)] == [1, 5]


def test_an_order_goes_on_when_all_facts_are_lost(db: Database, records: Records) -> None:
    """Even a batch without facts brings back an order that SQL knows nothing of."""
    state = numbered(STORY)[-1][1]
    assert records.record(batch([], state=state)) is None
    rebuild(db)
    assert records.load(WORKFLOW) == state
    assert [one.fact for one in Orders(db).facts(WORKFLOW)] == [None]


def test_the_first_configuration_is_frozen(records: Records) -> None:
    """A second start hears the configuration and keeps nothing else."""
    order = StartedOrder(WORKFLOW, "acme", "pixi", "4711", CONFIG, Pacing(sends=2))
    assert records.started(order, T0) == CONFIG
    assert records.started(replace(order, config=replace(CONFIG, version=2)), after(days=1)) == CONFIG
    assert records.start_of(WORKFLOW) == replace(order, started_at=T0)
    assert records.start_of("order/acme/pixi/other") is None


def test_a_started_order_without_facts_has_no_row(db: Database, records: Records) -> None:
    """What was about to start but told nothing yet shows in no list."""
    records.started(StartedOrder(WORKFLOW, "acme", "pixi", "4711", CONFIG), T0)
    assert rebuild(db) == 1
    assert _tables(db)["orders"] == []
    assert records.load(WORKFLOW) is None


def test_a_rebuild_takes_strangers_out_and_says_how_far_it_is(db: Database, records: Records) -> None:
    """Rows that no journal explains go, wrong values are corrected, progress is told order by order."""
    for number in range(3):
        records.record(batch(numbered(STORY, f"order/acme/pixi/{number}")))
    right = _tables(db)
    with db.write() as connection:
        stranger = dict(connection.execute(select(orders).limit(1)).one()._mapping)
        connection.execute(orders.insert().values(**stranger | {"workflow_id": "order/x/y/z", "tenant": "x"}))
        connection.execute(orders.update().values(status="settled"))
    heard: list[tuple[int, int]] = []
    assert rebuild(db, lambda done, total: heard.append((done, total))) == 3
    assert heard == [(1, 3), (2, 3), (3, 3)]
    assert _tables(db) == right


def test_a_failed_batch_leaves_nothing(db: Database, records: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    """Journal and read models are written together or not at all."""

    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("storage.records.project", fail)
    with pytest.raises(RuntimeError):
        records.record(batch(numbered(STORY)))
    with db.read() as connection:
        assert connection.execute(select(func.count()).select_from(journal_facts)).scalar() == 0
