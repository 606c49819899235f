"""Every row of the table on real parts: workflows, server, sandboxes, mail server and callbacks.

Eight rows live side by side. `HOLDFAST_SAVE_HISTORIES=folder` keeps the histories of every row for replays.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from settings import Profile
from tests.scenarios.real import RealRun
from tests.scenarios.script import Scenario
from tests.scenarios.table import SCENARIOS
from tests.support.stack import Stack

SIDE_BY_SIDE = 8
# every row plays in the pure core in every run (`test_pure.py`); every other one on real parts, and the rest for long
ROWS = [
    pytest.param(row, id=row.name, marks=[pytest.mark.rule(*row.rules), *([pytest.mark.long] if number % 2 else [])])
    for number, row in enumerate(SCENARIOS)
]
SAVE = os.environ.get("HOLDFAST_SAVE_HISTORIES", "")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One Holdfast for all rows; pauses and time-outs are those of the embedded start."""
    with Stack.start(tmp_path_factory.mktemp("holdfast"), profile=Profile.EMBEDDED) as started:
        yield started


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def lives(stack: Stack, request: pytest.FixtureRequest) -> AsyncIterator[dict[str, asyncio.Task[None]]]:
    """Every chosen row, begun in the order of the tests; a test waits for its own."""
    places = asyncio.Semaphore(SIDE_BY_SIDE)

    async def live(row: Scenario) -> None:
        async with places:
            run = RealRun(stack, row, SCENARIOS.index(row))
            try:
                await run.play()
            finally:
                if SAVE:
                    await run.save_histories(Path(SAVE))

    chosen = [item.callspec.params["scenario"] for item in request.session.items if item.path == request.path]  # type: ignore[attr-defined]
    begun = {row.name: asyncio.create_task(live(row)) for row in chosen}
    yield begun
    for task in begun.values():
        task.cancel()
    await asyncio.gather(*begun.values(), return_exceptions=True)


@pytest.mark.parametrize("scenario", ROWS)
async def test_the_row_has_exactly_these_effects(scenario: Scenario, lives: dict[str, asyncio.Task[None]]) -> None:
    """The real parts do everything that the row lists, and nothing else."""
    await lives[scenario.name]
