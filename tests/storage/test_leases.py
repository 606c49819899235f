"""Leases: at most so many holders, and dead ones are replaced."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from storage.database import Database
from storage.leases import Leases
from tests.storage.builders import T0

TTL = timedelta(seconds=30)


class _Clock:
    def __init__(self) -> None:
        self.now = T0

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> _Clock:
    return _Clock()


@pytest.fixture
def leases(db: Database, clock: _Clock) -> Leases:
    return Leases(db, clock)


def test_one_slot_has_one_holder(leases: Leases) -> None:
    """A taken slot is refused to others, and free once it is given back."""
    assert leases.acquire("erp", "a", TTL)
    assert not leases.acquire("erp", "b", TTL)
    assert leases.acquire("other", "b", TTL)
    leases.release("erp", "a")
    assert leases.acquire("erp", "b", TTL)


def test_two_slots_have_two_holders(leases: Leases) -> None:
    """With two slots a third holder waits."""
    assert [leases.acquire("erp", holder, TTL, slots=2) for holder in "abc"] == [True, True, False]


def test_who_holds_a_slot_keeps_it(leases: Leases, clock: _Clock) -> None:
    """Acquiring again prolongs instead of taking a second slot."""
    assert leases.acquire("erp", "a", TTL, slots=2)
    clock.now += TTL / 2
    assert leases.acquire("erp", "a", TTL, slots=2)
    clock.now += TTL * 0.75
    assert [leases.acquire("erp", holder, TTL, slots=2) for holder in "bc"] == [True, False]


def test_an_expired_lease_is_taken_over(leases: Leases, clock: _Clock) -> None:
    """A dead holder's slot goes to the next one, and the dead one learns that it lost it."""
    assert leases.acquire("erp", "a", TTL)
    clock.now += TTL
    assert leases.acquire("erp", "b", TTL)
    assert not leases.renew("erp", "a", TTL)
    leases.release("erp", "a")
    assert not leases.acquire("erp", "c", TTL)


def test_a_clock_put_back_keeps_nobody_out_for_long(leases: Leases, clock: _Clock) -> None:
    """The lease of a worker that died before the clock was put back by hours is void, not valid for those hours."""
    assert leases.acquire("erp", "a", TTL)
    clock.now -= timedelta(seconds=10)  # machines differ by that much
    assert not leases.acquire("erp", "b", TTL)
    clock.now -= timedelta(hours=3)
    assert leases.acquire("erp", "b", TTL)
    assert not leases.renew("erp", "a", TTL)


def test_a_renewed_lease_does_not_expire(leases: Leases, clock: _Clock) -> None:
    """Renewing in time keeps others out for as long as one likes."""
    assert leases.acquire("erp", "a", TTL)
    for _ in range(5):
        clock.now += TTL * 0.9
        assert leases.renew("erp", "a", TTL)
        assert not leases.acquire("erp", "b", TTL)


@pytest.mark.parametrize("expired", [False, True])
def test_of_many_that_race_as_many_win_as_there_are_slots(db: Database, *, expired: bool) -> None:
    """Twelve threads race for two free or two expired slots: two get them."""
    leases = Leases(db, lambda: T0)
    if expired:
        old = Leases(db, lambda: T0 - TTL)
        assert [old.acquire("erp", holder, TTL, slots=2) for holder in ("x", "y")] == [True, True]
    ready = threading.Barrier(12)

    def race(number: int) -> bool:
        ready.wait()
        return leases.acquire("erp", f"h{number}", TTL, slots=2)

    with ThreadPoolExecutor(12) as threads:
        assert list(threads.map(race, range(12))).count(True) == 2
