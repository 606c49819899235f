"""What happens when two things fall due at the same instant."""

import pytest

from domain.authorization.decide import decide
from domain.authorization.facts import Action, ActionAsked, ActionKind
from domain.authorization.operations import HoldOperation
from domain.authorization.state import evolve
from domain.authorization.terms import Guard
from domain.operations import Kind
from tests.domain.authorization.life import PACING, Life, at


@pytest.mark.rule("SR5")
def test_a_capture_that_meets_a_renewal_wins() -> None:
    """The hold that is about to be replaced is captured; one thing at a time, so the renewal looks anew afterwards."""
    life = Life.begin(guard=Guard.OFF, renew_after_days=7)
    life.until(at(6, 8, "02:11"))
    due = decide(life.state, PACING, life.now).next_due
    assert due is not None
    life.state = evolve(life.state, ActionAsked("r", Action(ActionKind.CAPTURE, 10_000), due))
    step = decide(life.state, PACING, due).step
    assert isinstance(step, HoldOperation)
    assert (step.kind, step.hold_id) == (Kind.CAPTURE, "hold1")
    life.until(at(6, 20))
    assert life.provider.effects == [("capture", "hold1", 10_000)]
