"""The pixi sandbox as a real process, and a fresh account of it for each test."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.contract.pixi.house import House
from tests.support.sandbox_process import start_sandbox

_serial = itertools.count(1)


@pytest.fixture(scope="session")
def pixi_url() -> Iterator[str]:
    process = start_sandbox("sandboxes.pixi")
    yield process.url
    process.stop()


@pytest.fixture
def make_house(pixi_url: str) -> Iterator[Callable[..., House]]:
    """Accounts with the settings given; each test has its own."""
    made: list[House] = []

    def make(settings: dict[str, Any] | None = None, **fields: Any) -> House:
        made.append(House(pixi_url, f"T{next(_serial)}", settings or {}, **fields))
        return made[-1]

    yield make
    for house in made:
        house.close()


@pytest.fixture
def house(make_house: Callable[..., House]) -> House:
    return make_house()
