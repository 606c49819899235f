"""Places at an ERP connection: over threads and over processes, given back and taken over."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from domain import reasons
from domain.errors import NotSent
from storage.database import Database
from storage.leases import Leases
from storage.slots import LeasedSlots

TTL = timedelta(seconds=30)
SHORT = timedelta(seconds=0.2)


@pytest.fixture
def process(db: Database) -> Callable[[], LeasedSlots]:
    """Makes what each process has of its own."""
    return lambda: LeasedSlots(Leases(db), ttl=TTL, patience=SHORT)


def test_one_process_at_a_time(process: Callable[[], LeasedSlots]) -> None:
    """A second process waits a while and is told that the connection is busy, until the first gives its place back."""
    first, second = process(), process()
    place = first.hold("acme/pixi")
    second.hold("acme/other").release()
    with pytest.raises(NotSent) as caught:
        second.hold("acme/pixi")
    assert caught.value.reason == reasons.BUSY
    place.renew()
    place.release()
    second.hold("acme/pixi").release()


def test_one_thread_at_a_time(process: Callable[[], LeasedSlots]) -> None:
    """A second thread of the same process waits just the same, and failing leaves no place taken."""
    slots = process()
    place = slots.hold("acme/pixi")
    for _ in range(2):
        with pytest.raises(NotSent), ThreadPoolExecutor(1) as threads:
            threads.submit(slots.hold, "acme/pixi").result()
    place.release()
    slots.hold("acme/pixi").release()


def test_places_are_never_shared(db: Database) -> None:
    """Six threads in three processes that work at one connection never meet there."""
    processes = [LeasedSlots(Leases(db), ttl=TTL, patience=timedelta(seconds=60)) for _ in range(3)]
    inside = threading.Semaphore(1)

    def work(number: int) -> bool:
        place = processes[number % 3].hold("acme/pixi")
        alone = inside.acquire(blocking=False)
        if alone:
            inside.release()
        place.release()
        return alone

    with ThreadPoolExecutor(6) as threads:
        assert all(threads.map(work, range(24)))


def test_a_lost_place_is_noticed_before_the_next_request(db: Database) -> None:
    """A worker that slept so long that another took its place sends nothing more."""
    sleepy = LeasedSlots(Leases(db), ttl=timedelta(0), patience=SHORT).hold("acme/pixi")
    other = LeasedSlots(Leases(db), ttl=TTL, patience=SHORT).hold("acme/pixi")
    with pytest.raises(NotSent):
        sleepy.renew()
    sleepy.release()
    other.renew()
    other.release()
