"""The sandbox as a process for the session, merchants of their own per test, and answers made up in the process."""

from collections.abc import AsyncIterator, Callable, Iterator
from itertools import count
from typing import Any

import pytest

from tests.contract.holds.paygate import PaygateHouse, PaygateStand

_numbers = count(1)
Open = Callable[..., PaygateStand]


@pytest.fixture(scope="session")
def house() -> Iterator[PaygateHouse]:
    """The running sandbox."""
    running = PaygateHouse()
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture
async def merchant(house: PaygateHouse) -> AsyncIterator[Open]:
    """Opens merchants with settings of the sandbox. Whatever a test does, no rule of Paygate's may be broken."""
    opened: list[PaygateStand] = []

    def open_one(**settings: Any) -> PaygateStand:
        opened.append(house.stand(f"computop{next(_numbers)}", **settings))
        return opened[-1]

    yield open_one
    for stand in opened:
        await stand.close()
    assert [one for stand in opened for one in stand.violations()] == []


@pytest.fixture
def stand(merchant: Open) -> PaygateStand:
    """A merchant as they mostly are."""
    return merchant()
