"""Callbacks: every delivery is kept, marks merge and wait, and nothing that arrives is lost."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from storage.database import Database
from storage.inbox import BODY_LIMIT, NAME_LIMIT, Inbox
from tests.storage.builders import T0, WORKFLOW, after

PAYMENT = ("acme", "unzer", "s-pay-1")


@pytest.fixture
def inbox(db: Database) -> Inbox:
    return Inbox(db)


def _arrive(inbox: Inbox, at: datetime = T0, payment_id: str = "s-pay-1", body: str = "{}") -> int:
    return inbox.append("acme", "unzer", payment_id, "charge.succeeded", body, at)


def test_deliveries_merge_for_two_seconds(inbox: Inbox) -> None:
    """Ten deliveries within the window are one look, due when the window of the first one ends."""
    inbox.register_route(*PAYMENT, WORKFLOW, T0)
    numbers = [_arrive(inbox, after(seconds=number / 10)) for number in range(10)]
    assert inbox.due(after(seconds=2, microseconds=-1)) == ()
    (mark,) = inbox.due(after(seconds=2))
    assert (mark.payment_id, mark.deliveries, mark.workflow_ids) == ("s-pay-1", 10, (WORKFLOW,))
    assert [one.id for one in inbox.deliveries(*PAYMENT)] == numbers[::-1]


def test_a_steady_stream_does_not_put_the_look_off(inbox: Inbox) -> None:
    """Deliveries that never pause are looked at all the same."""
    inbox.register_route(*PAYMENT, WORKFLOW, T0)
    for second in range(20):
        _arrive(inbox, after(seconds=second))
    assert len(inbox.due(after(seconds=2))) == 1


def test_a_clock_that_runs_back_brings_the_look_forward(inbox: Inbox) -> None:
    """A mark set by a clock that was ahead does not wait for it."""
    inbox.register_route(*PAYMENT, WORKFLOW, T0)
    _arrive(inbox, after(days=1))
    _arrive(inbox, T0)
    assert len(inbox.due(after(seconds=2))) == 1


def test_a_passed_on_mark_is_cleared(inbox: Inbox) -> None:
    """A look that was passed on is not due again, and a later delivery is a new look."""
    inbox.register_route(*PAYMENT, WORKFLOW, T0)
    _arrive(inbox)
    (mark,) = inbox.due(after(seconds=2))
    assert inbox.clear(mark)
    assert not inbox.clear(mark)
    assert inbox.due(after(days=1)) == ()
    _arrive(inbox, after(minutes=1))
    (again,) = inbox.due(after(days=1))
    assert again.version > mark.version
    assert not inbox.clear(mark)


def test_what_arrives_meanwhile_keeps_the_mark(inbox: Inbox) -> None:
    """A delivery between handing out and clearing is looked at once more."""
    inbox.register_route(*PAYMENT, WORKFLOW, T0)
    _arrive(inbox)
    (mark,) = inbox.due(after(seconds=2))
    _arrive(inbox, after(seconds=2))
    assert not inbox.clear(mark)
    (again,) = inbox.due(after(seconds=2))
    assert again == replace(mark, version=again.version, deliveries=2)


def test_what_matches_no_order_waits_for_it(inbox: Inbox) -> None:
    """A callback that comes before its order is looked at as soon as the order registers."""
    _arrive(inbox, after(hours=1))
    assert inbox.due(after(days=1)) == ()
    assert [one.payment_id for one in inbox.waiting()] == ["s-pay-1"]
    assert inbox.pending() == 0
    assert inbox.register_route(*PAYMENT, WORKFLOW, after(minutes=5))
    assert [one.due_at for one in inbox.due(after(minutes=5))] == [after(minutes=5)]
    assert inbox.waiting() == ()
    assert inbox.pending() == 1


def test_a_route_is_registered_once(inbox: Inbox) -> None:
    """Registering again changes nothing; two orders may share a payment and both hear of it."""
    assert inbox.register_route(*PAYMENT, WORKFLOW, T0)
    assert not inbox.register_route(*PAYMENT, WORKFLOW, after(days=1))
    assert inbox.register_route(*PAYMENT, "order/acme/pixi/4712", T0)
    _arrive(inbox)
    (mark,) = inbox.due(after(days=1))
    assert mark.workflow_ids == (WORKFLOW, "order/acme/pixi/4712")


def test_payments_of_other_tenants_and_providers_are_others(inbox: Inbox) -> None:
    """The same payment id elsewhere is another payment."""
    inbox.register_route(*PAYMENT, WORKFLOW, T0)
    inbox.append("other", "unzer", "s-pay-1", "e", "", T0)
    inbox.append("acme", "stripe", "s-pay-1", "e", "", T0)
    assert inbox.due(after(days=1)) == ()
    assert len(inbox.waiting()) == 2


def test_a_huge_or_odd_delivery_is_cut_and_kept(inbox: Inbox) -> None:
    """Ten megabytes with NULs and an endless payment id fit, and their route matches all the same."""
    endless = "x" * 10_000
    inbox.register_route("acme", "unzer", endless, WORKFLOW, T0)
    _arrive(inbox, payment_id=endless, body="\0ü" * 5_000_000)
    (mark,) = inbox.due(after(days=1))
    assert len(mark.payment_id) == NAME_LIMIT
    (kept,) = inbox.deliveries("acme", "unzer", endless)
    assert kept.body == "\ufffdü" * (BODY_LIMIT // 2)


def test_only_as_many_marks_as_asked_for_longest_due_first(inbox: Inbox) -> None:
    """A relay that takes few at a time starts with the oldest."""
    for number in (3, 1, 2):
        inbox.register_route("acme", "unzer", f"p{number}", WORKFLOW, T0)
        _arrive(inbox, after(seconds=number), f"p{number}")
    assert [one.payment_id for one in inbox.due(after(days=1), limit=2)] == ["p1", "p2"]


def test_old_deliveries_are_forgotten(inbox: Inbox) -> None:
    """Pruning removes old deliveries and marks that no order ever claimed, nothing that is still to be looked at."""
    inbox.register_route(*PAYMENT, WORKFLOW, T0)
    _arrive(inbox)
    _arrive(inbox, payment_id="stray")
    _arrive(inbox, after(days=9))
    assert inbox.prune(after(days=8)) == 3
    assert [one.received_at for one in inbox.deliveries(*PAYMENT)] == [after(days=9)]
    assert inbox.waiting() == ()
    assert len(inbox.due(after(days=1))) == 1


def test_nothing_is_lost_while_marks_are_cleared(inbox: Inbox) -> None:
    """Four threads deliver while one passes on and clears: every delivery comes before a look that followed it."""
    inbox.register_route(*PAYMENT, WORKFLOW, T0)
    done = threading.Event()
    looked: list[int] = []

    def relay() -> None:
        while not done.is_set() or inbox.pending():
            for mark in inbox.due(after(days=1)):
                looked.append(mark.version)
                inbox.clear(mark)

    with ThreadPoolExecutor(5) as threads:
        relaying = threads.submit(relay)
        numbers = list(threads.map(lambda _: _arrive(inbox), range(60)))
        done.set()
        relaying.result(timeout=30)
    assert max(looked) == max(numbers)
    assert looked == sorted(looked)


def test_a_merge_window_can_be_chosen(inbox: Inbox) -> None:
    """Without a window a delivery is due at once."""
    inbox.register_route(*PAYMENT, WORKFLOW, T0)
    inbox.append(*PAYMENT, "e", "", T0, timedelta(0))
    assert len(inbox.due(T0)) == 1
