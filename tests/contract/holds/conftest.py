"""Each provider's sandbox as a process for the session, and a fresh merchant account per test and provider."""

from collections.abc import AsyncIterator, Iterator
from itertools import count

import pytest

from tests.contract.holds.houses import HOUSES
from tests.contract.holds.stand import House, Stand

_numbers = count(1)


@pytest.fixture(scope="session", params=HOUSES)
def house(request: pytest.FixtureRequest) -> Iterator[House]:
    """A provider's running sandbox."""
    running = HOUSES[request.param]()
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture
async def stand(house: House) -> AsyncIterator[Stand]:
    """A merchant account that no other test uses. Whatever a test does, no rule of the provider may be broken."""
    made = house.stand(f"holds{next(_numbers)}")
    yield made
    await made.close()
    assert made.violations() == []
