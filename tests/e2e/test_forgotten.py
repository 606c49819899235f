"""Temporal may forget everything: what counts stands in the journal, and orders that ended begin again from there."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from temporalio.client import WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from settings import Profile
from storage.orders import Orders
from storage.records import rebuild
from storage.tables import journal_facts
from tests.e2e.life import DAY, HOUR, PRICES, TOTAL, Done, Life, Placed, read_models
from tests.support.stack import Stack


@pytest.fixture(scope="module")
def own_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A Holdfast whose Temporal may be thrown away."""
    with Stack.start(tmp_path_factory.mktemp("forgotten"), profile=Profile.EMBEDDED) as running:
        yield running


def forget_everything(stack: Stack) -> None:
    """A fresh Temporal server on an empty database file; worker and starter find it again by themselves."""
    for one in stack.running("temporal"):
        stack.stop(one)
    for path in stack.places.folder.glob("temporal.db*"):
        path.unlink()
    stack.run("temporal")


def numbers(stack: Stack, workflow_id: str) -> list[int]:
    """The sequence numbers of an order's facts in the journal."""
    with stack.stores.db.read() as sql:
        query = select(journal_facts.c.seq).where(journal_facts.c.workflow_id == workflow_id)
        return list(sql.execute(query.order_by(journal_facts.c.seq)).scalars())


async def is_known(stack: Stack, workflow_id: str) -> bool:
    try:
        await (await stack.client()).get_workflow_handle(workflow_id).describe()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return False
    return True


async def test_orders_outlive_temporal(own_stack: Stack) -> None:
    """Settled and closed after sixty days, forgotten by Temporal, rebuilt from the journal alone, and alive again.

    A credit note and a chargeback that the provider calls about tell a person each, nothing is done a second time, and
    the journal's numbers go on.
    """
    stack = own_stack
    life = await Life.begin(stack, "forgotten")
    whole, parts, called = life.order(), life.order(), life.order("R")
    prepaid = life.order("V")
    life.stage.at_payment(prepaid.payment_id, "receipt", amount_minor=TOTAL)
    await life.pass_by(HOUR)
    for order in (whole, called, prepaid):
        life.ship(order)
    life.ship(parts, 1)
    life.stage.at_order(parts.order_no, "cancel-lines", lines=[2], status="STO")
    await life.pass_by(HOUR)
    orders = [whole, parts, called, prepaid]
    settled = {one: life.done(one) for one in orders}
    assert settled[whole] == settled[called] == Done((TOTAL,), (TOTAL,), releases=1, status="settled")
    assert settled[parts].captured == settled[parts].booked == (PRICES[0],)
    assert settled[parts].given_back == (PRICES[1],)
    await life.pass_by(61 * DAY)
    client = await stack.client()
    ids = {one: life.workflow_id(one) for one in orders}
    for workflow_id in ids.values():
        found = await client.get_workflow_handle(workflow_id).describe()
        assert found.status is WorkflowExecutionStatus.COMPLETED
    before, facts = read_models(stack.stores.db), {one: numbers(stack, ids[one]) for one in orders}

    forget_everything(stack)
    assert not await is_known(stack, ids[whole])
    assert rebuild(stack.stores.db) == len(orders)
    assert read_models(stack.stores.db) == before

    await life.go_on()
    await life.pass_by(HOUR)
    assert {one: life.done(one) for one in orders} == settled, "looking at everything again does nothing"
    assert read_models(stack.stores.db) == before
    assert not await is_known(stack, ids[whole]), "an order without news stays closed"

    later(life, whole, called)
    await life.pass_by(2 * HOUR)
    assert life.done(called) == replace(settled[called], mails=(2080,))
    assert life.done(whole) == replace(settled[whole], mails=(2070,))
    for order in (whole, called):
        assert await is_known(stack, ids[order])
        seqs = numbers(stack, ids[order])
        assert seqs[: len(facts[order])] == facts[order]
        assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))
        assert len(seqs) > len(facts[order])
    assert numbers(stack, ids[prepaid]) == facts[prepaid]
    state = Orders(stack.stores.db).state(ids[whole])
    assert state is not None
    assert state.seq == numbers(stack, ids[whole])[-1]
    now = read_models(stack.stores.db)
    rebuild(stack.stores.db)
    assert read_models(stack.stores.db) == now


def later(life: Life, whole: Placed, called: Placed) -> None:
    """Months afterwards there is a credit note for one order, and the provider calls about the payment of another."""
    life.stage.at_order(whole.order_no, "credit", amount_minor=1500, note="goodwill")
    life.stage.at_payment(called.payment_id, "chargeback", amount_minor=TOTAL)


async def test_a_late_invoice_is_told_and_nothing_is_done_twice(own_stack: Stack) -> None:
    """An order that ended with a part cancelled gets one more invoice after Temporal forgot it.

    Its hold was closed with the last delivery (rule P62), so the money cannot be taken any more: a person is told.
    """
    stack = own_stack
    life = await Life.begin(stack, "late")
    order = life.order()
    await life.pass_by(HOUR)
    life.ship(order, 1)
    life.stage.at_order(order.order_no, "cancel-lines", lines=[2], status="STO")
    await life.pass_by(61 * DAY)
    workflow_id = life.workflow_id(order)
    facts = numbers(stack, workflow_id)
    forget_everything(stack)
    await life.go_on()
    life.stage.at_order(order.order_no, "status", lines=[2], status="ANG")
    await life.pass_by(HOUR)
    life.ship(order, 2)
    await life.pass_by(timedelta(hours=2))
    once = (PRICES[0],)
    assert life.done(order) == Done(once, once, releases=1, mails=(2035,), status="shipping", given_back=(PRICES[1],))
    assert numbers(stack, workflow_id)[: len(facts)] == facts
    assert len(numbers(stack, workflow_id)) > len(facts)
