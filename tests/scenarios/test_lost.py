"""Every row while no request of one kind is ever heard of: it stays one operation, and a person hears of it."""

import contextlib
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.operations import MONEY, Kind
from domain.outcomes import Outcome
from tests.scenarios.pure import PureRun
from tests.scenarios.script import Action, Arm, Expect, How, Scenario, System, Tell
from tests.scenarios.table import SCENARIOS

ENDLESS = 10_000


class LostRun(PureRun):
    """Plays the row without asking what it comes to; `_check_wanted` asks at each inquiry."""

    def expect(self, wanted: Expect) -> None: ...

    def _do(self, action: Action) -> None:
        with contextlib.suppress(AssertionError):  # goods that were never released cannot ship, nor come back
            super()._do(action)


def _lasts_long(row: Scenario) -> bool:
    """Whether what is never heard of is asked for over months."""
    moments = [when for when, _ in row.script if isinstance(when, timedelta)]
    return max(moments, default=timedelta()) + row.lasts > timedelta(days=60)


ROWS = [pytest.param(row, id=row.name, marks=[pytest.mark.long] if _lasts_long(row) else []) for row in SCENARIOS]


@pytest.mark.rule("P8")
@pytest.mark.parametrize("kind", [Kind.CAPTURE, Kind.VOID, Kind.REFUND], ids=str)
@pytest.mark.parametrize("scenario", ROWS)
def test_a_request_that_is_never_heard_of_stays_one_operation(scenario: Scenario, kind: Kind) -> None:
    """What nobody wants any more is only asked for; what is still wanted keeps its id, and is told when it lasts."""
    arm = Arm(System.PROVIDER, kind.value, How.LOST_REQUEST, times=ENDLESS)
    run = LostRun(replace(scenario, script=((timedelta(), arm), *scenario.script), in_this_order=()))
    run.play()
    asked = sum(isinstance(what, Tell) for _, what in scenario.script)
    for one in run.state.operations:
        if one.kind in MONEY:
            assert one.attempt <= 1 + asked, one.operation
        if one.outcome is Outcome.UNKNOWN and one.executions > 10:
            assert any(found.code == "outcome_unknown" for found in run.state.problems)
