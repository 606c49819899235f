"""Queries on orders: filters, paging, and everything a page shows of one order."""

from datetime import datetime
from typing import Any

import pytest

from domain.facts import ErpReported, Fact, Phase, ProblemGone, ProblemRaised
from domain.outcomes import OperationResult, Outcome
from storage.database import Database
from storage.gates import Gates
from storage.journal import SqlJournal
from storage.orders import OrderFilter, Orders, Sort
from storage.paging import BadCursor
from storage.records import Records
from tests.storage.builders import T0, WORKFLOW, after, batch, header, numbered, snapshot, succeeded
from tests.storage.test_journal import IN_FLIGHT


@pytest.fixture
def orders(db: Database) -> Orders:
    return Orders(db)


def _add(
    db: Database,
    order_no: str,
    *,
    minute: int = 1,
    due: datetime | None = None,
    tenant: str = "acme",
    problem: str = "",
    **changes: Any,
) -> str:
    """One recorded order, last changed at `minute`."""
    workflow_id = f"order/{tenant}/pixi/{order_no}"
    facts: list[Fact] = [ErpReported(snapshot(minute, order_no=order_no, **changes))]
    if problem:
        facts.append(ProblemRaised(after(minutes=minute), problem, "order", "1"))
    Records(db).record(batch(numbered(facts, workflow_id), next_due=due))
    return workflow_id


def _numbers(orders: Orders, filters: OrderFilter, tenant: str | None = "acme") -> list[str]:
    return [row.order_no for row in orders.list_orders(tenant, filters, sort=Sort.NUMBER).rows]


@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_pages_show_every_order_once(db: Database, orders: Orders, sort: Sort, limit: int) -> None:
    """Whatever the sort and the page size, the pages together are the whole list, also where values are equal."""
    for number in range(7):
        _add(db, f"{number}", minute=1 + number // 3, due=after(hours=number // 2) if number < 4 else None)
    whole = [row.order_no for row in orders.list_orders("acme", sort=sort).rows]
    seen: list[str] = []
    after_row = None
    while True:
        page = orders.list_orders("acme", after=after_row, limit=limit, sort=sort)
        assert len(page.rows) <= limit
        seen += [row.order_no for row in page.rows]
        after_row = page.after
        if after_row is None:
            break
    assert seen == whole
    assert sorted(seen) == [str(number) for number in range(7)]


def test_lists_are_sorted_as_asked(db: Database, orders: Orders) -> None:
    """Last changed first, by number, or next due first with the orders that wait for nothing at the end."""
    _add(db, "a", minute=2)
    _add(db, "b", minute=3, due=after(hours=2))
    _add(db, "c", minute=1, due=after(hours=1))
    listed = {sort: "".join(row.order_no for row in orders.list_orders("acme", sort=sort).rows) for sort in Sort}
    assert listed == {Sort.CHANGED: "bac", Sort.NUMBER: "abc", Sort.DUE: "cba"}


def test_filters_narrow_the_list(db: Database, orders: Orders) -> None:
    """Each filter alone finds what it names, and a tenant never sees another one's orders."""
    _add(db, "a", invoices=())
    _add(db, "b", problem="capture_failed")
    _add(db, "c", problem="hold_aging", shop_order_no="100%_sure")
    _add(db, "d", tenant="other", payment_id="s-pay-77")
    assert _numbers(orders, OrderFilter()) == ["a", "b", "c"]
    assert _numbers(orders, OrderFilter(), None) == ["a", "b", "c", "d"]
    assert _numbers(orders, OrderFilter(status="released")) == ["a"]
    assert _numbers(orders, OrderFilter(problem="hold_aging")) == ["c"]
    assert _numbers(orders, OrderFilter(needs_human=True)) == ["b"]
    assert _numbers(orders, OrderFilter(needs_human=False)) == ["a", "c"]
    assert _numbers(orders, OrderFilter(connection="elsewhere")) == []
    assert _numbers(orders, OrderFilter(family="prepayment")) == []
    assert _numbers(orders, OrderFilter(text="W-47")) == ["a", "b"]
    assert _numbers(orders, OrderFilter(text="w-47")) == ["a", "b"]
    assert _numbers(orders, OrderFilter(text="0%_s")) == ["c"]
    assert _numbers(orders, OrderFilter(text="%")) == ["c"]
    assert _numbers(orders, OrderFilter(text="PAY-77"), None) == ["d"]
    assert _numbers(orders, OrderFilter(text="\0")) == []
    assert orders.count("acme") == {"released": 1, "shipping": 2}


@pytest.mark.parametrize("cursor", ["", "x", "ÄÖ", "bnVsbA", "W10", "eyJhIjogMX0", "WyJjaGFuZ2VkIiwgIngiLCAieSJd"])
def test_a_foreign_cursor_is_refused(orders: Orders, cursor: str) -> None:
    """A cursor that nobody handed out gives one sentence and no list."""
    with pytest.raises(BadCursor, match="start again"):
        orders.list_orders("acme", after=cursor)


def test_a_cursor_belongs_to_its_sort(db: Database, orders: Orders) -> None:
    """The cursor of one sort means nothing in another."""
    for number in range(3):
        _add(db, str(number))
    cursor = orders.list_orders("acme", limit=1, sort=Sort.NUMBER).after
    with pytest.raises(BadCursor):
        orders.list_orders("acme", after=cursor, sort=Sort.CHANGED)


def test_one_order_is_found_by_each_of_its_names(db: Database, orders: Orders) -> None:
    """By tenant, connection and number, by workflow and by payment; never across tenants."""
    workflow_id = _add(db, "a")
    row = orders.get_order("acme", "pixi", "a")
    assert row is not None
    assert row == orders.get_by_workflow(workflow_id)
    assert orders.by_payment("acme", "s-pay-1") == (row,)
    assert orders.by_payment("other", "s-pay-1") == ()
    assert orders.get_order("other", "pixi", "a") is None
    assert orders.get_by_workflow("order/acme/pixi/b") is None


def test_the_state_behind_a_row_can_be_read(db: Database, orders: Orders) -> None:
    """A page gets the whole state that the row sums up."""
    workflow_id = _add(db, "a")
    state = orders.state(workflow_id)
    assert state is not None
    assert state.erp == snapshot(1, order_no="a")
    assert orders.state("order/acme/pixi/b") is None


def test_unfinished_orders_are_listed(db: Database, orders: Orders) -> None:
    """Settled and cancelled orders are finished, unless something is still due."""
    _add(db, "open")
    _add(db, "cancelled", phase=Phase.CLOSED, invoices=())
    _add(db, "due", phase=Phase.CLOSED, invoices=(), due=after(days=1))
    assert [row.order_no for row in orders.unfinished("acme")] == ["due", "open"]
    assert orders.unfinished("other") == ()


def test_problems_are_listed_open_or_all(db: Database, orders: Orders) -> None:
    """A solved problem stays in the list of all with the time it was solved."""
    facts: list[Fact] = [
        ErpReported(snapshot()),
        ProblemRaised(after(minutes=1), "hold_aging", "order", "1"),
        ProblemRaised(after(minutes=2), "capture_failed", "R1", "1"),
        ProblemGone(after(minutes=3), "hold_aging", "order", "1"),
    ]
    Records(db).record(batch(numbered(facts)))
    assert [(one.code, one.solved_at) for one in orders.problems(WORKFLOW)] == [
        ("hold_aging", after(minutes=3)),
        ("capture_failed", None),
    ]
    assert [one.code for one in orders.problems(open_only=True)] == ["capture_failed"]


def test_the_journal_is_read_in_pages(db: Database, orders: Orders) -> None:
    """Facts come in order, from any number on, and the last of a wake carries what was due then."""
    facts: list[Fact] = [ErpReported(snapshot(number)) for number in range(1, 5)]
    Records(db).record(batch(numbered(facts), next_due=after(days=1)))
    assert [one.seq for one in orders.facts(WORKFLOW, limit=2)] == [1, 2]
    rest = orders.facts(WORKFLOW, after=2)
    assert [(one.seq, one.fact, one.next_due) for one in rest] == [(3, facts[2], None), (4, facts[3], after(days=1))]


def test_operations_are_listed_with_their_outcome(db: Database, orders: Orders) -> None:
    """An order's operations come as they began; those whose end is unknown are found over all orders."""
    journal = SqlJournal(db, Gates(db), in_flight=IN_FLIGHT, sends=5)
    second = header(id=f"{WORKFLOW}/book/R1/1", kind="book")
    third = header(id="order/acme/pixi/4712/book/R1/1", workflow_id="order/acme/pixi/4712", kind="book")
    for number, one in enumerate((header(), second, third)):
        journal.begin(one, after(minutes=number), "w")
    journal.finish(header().id, "w", T0, succeeded())
    journal.finish(second.id, "w", T0, OperationResult(Outcome.UNKNOWN, "no_answer"))
    assert [(one.kind, one.result and one.result.outcome) for one in orders.operations(WORKFLOW)] == [
        ("capture", Outcome.SUCCEEDED),
        ("book", Outcome.UNKNOWN),
    ]
    assert [one.id for one in orders.open_operations()] == [second.id, third.id]
    assert orders.operation("nothing") is None
