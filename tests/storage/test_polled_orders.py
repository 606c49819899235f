"""What the poller is told about its connection and orders, and what stops requests."""

from dataclasses import replace

import pytest

from domain import reasons
from domain.errors import NotSent
from domain.facts import ErpReported, LineSums, OperationEnded, Phase
from domain.operations import Kind, Operation
from domain.outcomes import OperationResult, Outcome
from domain.polling import PollPlace
from domain.ports import Candidate, PollCursor, PolledCode
from domain.tenant_config import Pacing
from storage.database import Database
from storage.directory import Directory
from storage.gates import Gates
from storage.inbox import Inbox
from storage.poll_memory import PollMemory
from storage.polled_orders import SqlPolledOrders
from storage.records import Records
from storage.switches import SqlSwitches
from tests.storage.builders import CONFIG, T0, WORKFLOW, after, batch, numbered, snapshot
from tests.storage.test_directory import ACCOUNT, CONFIGURATION, CONNECTION, TENANT
from tests.storage.test_records import STORY

HERE = ("acme", "pixi")


@pytest.fixture
def directory(db: Database) -> Directory:
    found = Directory(db)
    found.put_tenant(TENANT)
    found.put_erp_connection(CONNECTION)
    found.put_provider_account(ACCOUNT)
    found.put_configuration(CONFIGURATION)
    return found


@pytest.fixture
def polled(db: Database, directory: Directory) -> SqlPolledOrders:
    return SqlPolledOrders(
        directory, PollMemory(db), Records(db), Inbox(db), Pacing(), lambda *parts: "/".join(("order", *parts))
    )


def test_the_connection_is_read_as_it_is_now(directory: Directory, polled: SqlPolledOrders) -> None:
    """Interval, switch and codes follow the directory; a connection that is gone counts as switched off."""
    settings = polled.settings(*HERE)
    assert (settings.active, settings.interval_seconds, settings.codes) == (True, 120, (PolledCode("SHOP", "CC"),))
    directory.put_erp_connection(replace(CONNECTION, active=False))
    assert (polled.settings(*HERE).active, polled.settings(*HERE).codes) == (False, ())
    assert not polled.settings("acme", "gone").active


def test_a_told_order_is_seen_until_its_mark_changes(polled: SqlPolledOrders) -> None:
    """What was told is not read again; what changed is."""
    candidate = Candidate("4711", "m1")
    assert polled.seen(*HERE, [candidate]) == frozenset()
    polled.told(*HERE, candidate, snapshot())
    assert polled.seen(*HERE, [candidate]) == {"4711"}
    assert polled.seen(*HERE, [replace(candidate, mark="m2")]) == frozenset()
    polled.told(*HERE, Candidate("9", "m1"), None)
    assert polled.seen(*HERE, [candidate, Candidate("9", "m1"), Candidate("10", "m1")]) == {"4711", "9"}


def test_polling_goes_on_where_it_stopped(db: Database, polled: SqlPolledOrders) -> None:
    """The place is kept per connection, whoever asks for it; where polling never began there is none."""
    assert polled.place(*HERE) == PollPlace()
    for cursor in ("a", "b"):
        polled.keep_place(*HERE, PollPlace(PollCursor(cursor, T0), ("4711",), ("4712", "4713")))
    assert PollMemory(db).place(*HERE) == PollPlace(PollCursor("b", T0), ("4711",), ("4712", "4713"))
    assert polled.place("acme", "other") == PollPlace()


def test_an_equal_picture_is_known(polled: SqlPolledOrders) -> None:
    """A picture with the digest that was last told needs no message, another one does."""
    assert not polled.knows(*HERE, snapshot(1))
    polled.told(*HERE, Candidate("4711", "m1"), snapshot(1))
    assert polled.knows(*HERE, snapshot(1, as_of=after(days=1)))
    assert not polled.knows(*HERE, snapshot(2))


def test_what_somebody_undid_is_news(db: Database, polled: SqlPolledOrders) -> None:
    """The order released itself and expects to be open; it is put on hold again and looks as it was told at first."""
    held = snapshot(1, phase=Phase.HELD, invoices=(), open=LineSums(), held=LineSums(1, 1995))
    polled.told(*HERE, Candidate("4711", "m1"), held)
    release = OperationEnded(Operation(Kind.RELEASE, "order"), after(minutes=2), OperationResult(Outcome.SUCCEEDED))
    Records(db).record(batch(numbered([ErpReported(held), release])))
    assert polled.knows(*HERE, replace(held, phase=Phase.OPEN, held=LineSums(), open=held.held, digest="open"))
    assert not polled.knows(*HERE, replace(held, as_of=after(minutes=5)))


@pytest.mark.rule("P4")
def test_a_new_order_takes_the_configuration_in_force(directory: Directory, polled: SqlPolledOrders) -> None:
    """Without an active configuration there is no order; a started one keeps its own and its state."""
    assert polled.config(*HERE, snapshot()) == (CONFIG, None)
    assert polled.config(*HERE, snapshot(payment_code="other")) is None
    polled.register(*HERE, snapshot(), CONFIG)
    directory.put_configuration(replace(CONFIGURATION, config=replace(CONFIG, tolerance_minor=9)))
    directory.set_active("acme-card", False)
    assert polled.config(*HERE, snapshot()) == (CONFIG, None)


def test_an_order_that_lived_before_resumes(db: Database, polled: SqlPolledOrders) -> None:
    """A picture of a known order comes with the state that was recorded last."""
    steps = numbered(STORY)
    Records(db).record(batch(steps))
    assert polled.config(*HERE, snapshot()) == (CONFIG, steps[-1][1])


def test_a_registered_order_hears_of_its_payment(db: Database, polled: SqlPolledOrders) -> None:
    """Callbacks that came before the order find it once it is registered; an order without payment has no route."""
    inbox = Inbox(db)
    inbox.append("acme", "unzer", "s-pay-1", "charge", "", T0)
    polled.register(*HERE, snapshot(order_no="9", payment_id=""), CONFIG)
    assert inbox.pending() == 0
    polled.register(*HERE, snapshot(), CONFIG)
    (mark,) = inbox.due(after(days=1))
    assert mark.workflow_ids == (WORKFLOW,)


@pytest.mark.rule("P4")
def test_switches_stop_requests(db: Database, directory: Directory) -> None:
    """A paused gate and a switched-off configuration are seen at the next request."""
    gates = Gates(db)
    switches = SqlSwitches(gates, directory)
    switches.check("erp/acme", T0)
    gates.pause("erp/acme", "maintenance", after(hours=1))
    with pytest.raises(NotSent) as caught:
        switches.check("erp/acme", T0)
    assert (caught.value.reason, caught.value.retry_at) == (reasons.PAUSED, after(hours=1))
    assert switches.is_active("acme-card")
    directory.set_active("acme-card", False)
    assert not switches.is_active("acme-card")
