"""What the poller remembers."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from storage.database import Database
from storage.poll_memory import PollMemory
from tests.storage.builders import T0, after, snapshot

ORDER = ("acme", "pixi", "4711")
TICK = timedelta(microseconds=1)


@pytest.fixture
def memory(db: Database) -> PollMemory:
    return PollMemory(db)


def test_what_was_delivered_is_remembered(memory: PollMemory) -> None:
    """Mark, digest, picture and lines come back; before the first delivery there is nothing."""
    assert memory.get(*ORDER) is None
    memory.remember(*ORDER, mark="m1", snapshot=snapshot(), at=T0, lines=[{"art": "Ü", "qty": 2}])
    found = memory.get(*ORDER)
    assert found is not None
    assert (found.mark, found.digest, found.snapshot) == ("m1", "digest-1", snapshot())
    assert (found.lines, found.delivered_at) == ([{"art": "Ü", "qty": 2}], T0)


def test_a_later_delivery_replaces_an_earlier_one(memory: PollMemory) -> None:
    """The newest picture counts, also when an older one is reported last."""
    memory.remember(*ORDER, mark="m2", snapshot=snapshot(2), at=after(minutes=2))
    memory.remember(*ORDER, mark="m1", snapshot=snapshot(1), at=after(minutes=3))
    memory.remember(*ORDER, mark="m3", snapshot=snapshot(3), at=after(minutes=4))
    found = memory.get(*ORDER)
    assert found is not None
    assert (found.mark, found.digest, found.delivered_at) == ("m3", "digest-3", after(minutes=4))


def test_marks_of_many_orders_are_read_together(memory: PollMemory) -> None:
    """Thousands of candidates are compared at once; orders never delivered and other connections are missing."""
    memory.remember(*ORDER, mark="m1", snapshot=snapshot(), at=T0)
    memory.remember("acme", "other", "9", mark="x", snapshot=snapshot(), at=T0)
    memory.next_as_of("acme", "pixi", "begun", T0)
    wanted = [str(number) for number in range(6000)]
    assert memory.marks("acme", "pixi", [*wanted, "begun"]) == {"4711": "m1"}
    assert memory.marks("acme", "pixi", []) == {}


def test_pictures_get_ever_later_instants(memory: PollMemory) -> None:
    """Each picture is later than the last one, even if the clock stands still or runs back."""
    given = [memory.next_as_of(*ORDER, now) for now in (T0, T0, after(days=-1), after(seconds=1))]
    assert given == [T0, T0 + TICK, T0 + 2 * TICK, after(seconds=1)]
    memory.remember(*ORDER, mark="m", snapshot=snapshot(as_of=after(days=1)), at=T0)
    assert memory.next_as_of(*ORDER, T0) == after(days=1) + TICK
    assert memory.next_as_of("acme", "pixi", "other", T0) == T0


def test_instants_are_never_given_twice(memory: PollMemory) -> None:
    """Eight threads that ask at the same time get eight instants."""
    ready = threading.Barrier(8)

    def ask(_: int) -> object:
        ready.wait()
        return memory.next_as_of(*ORDER, T0)

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(ask, range(8)))) == 8


def test_an_order_of_nobody_is_left_alone(memory: PollMemory) -> None:
    """An order that concerns no configuration is known by its mark and has no picture."""
    memory.leave_alone(*ORDER, mark="m1", at=T0)
    assert memory.marks("acme", "pixi", ["4711"]) == {"4711": "m1"}
    found = memory.get(*ORDER)
    assert found is not None
    assert (found.snapshot, found.as_of) == (None, None)
    assert memory.next_as_of(*ORDER, T0) == T0


def test_a_forgotten_order_is_delivered_again(memory: PollMemory) -> None:
    """Forgetting removes mark and digest; the instants go on."""
    memory.remember(*ORDER, mark="m", snapshot=snapshot(as_of=after(days=1)), at=T0)
    memory.forget(*ORDER)
    assert memory.get(*ORDER) is None
    assert memory.marks("acme", "pixi", ["4711"]) == {}
    assert memory.next_as_of(*ORDER, T0) == after(days=1) + TICK
