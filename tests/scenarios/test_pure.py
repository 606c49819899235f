"""Every row of the table in the pure core."""

import pytest

from tests.scenarios.pure import PureRun
from tests.scenarios.script import Scenario
from tests.scenarios.table import SCENARIOS

ROWS = [pytest.param(row, id=row.name, marks=pytest.mark.rule(*row.rules)) for row in SCENARIOS]


@pytest.mark.parametrize("scenario", ROWS)
def test_the_row_has_exactly_these_effects(scenario: Scenario) -> None:
    """The pure core does everything that the row lists, and nothing else."""
    PureRun(scenario).play()
