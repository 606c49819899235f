"""Refusals that no longer tell anybody anything, for what was refused is no longer wanted."""

from datetime import timedelta

import pytest

from domain import reasons
from domain.conditions import conditions
from domain.facts import ErpReported, ErpSnapshot, LineSums, Phase
from domain.operations import WHOLE_ORDER, Kind
from domain.outcomes import Outcome
from tests.domain.building import AT, after, checked, config, ended, picture, shipped

LATER = AT + timedelta(minutes=5)


def cancelled() -> ErpSnapshot:
    return picture(LATER, phase=Phase.CLOSED, held=LineSums(), cancelled=LineSums(1, 100_00))


def raised(erp: ErpSnapshot, reason: str) -> set[str]:
    """What is told of an order whose release was refused, when the ERP shows it like this."""
    refused = ended(Kind.RELEASE, WHOLE_ORDER, Outcome.DECLINED, reason=reason)
    state = after(refused, ErpReported(erp), state=checked())
    return {one.code for one in conditions(state, config(), LATER)}


@pytest.mark.rule("P84")
def test_a_cancelled_order_needs_no_release() -> None:
    """It was released without an answer and cancelled before we asked again: there is nothing to release any more."""
    assert "erp_refused" not in raised(cancelled(), reasons.ORDER_STATE)


def test_any_other_refusal_of_a_release_is_told() -> None:
    """An order that goes on, or a refusal that has nothing to do with the order's state, is a person's business."""
    assert "erp_refused" in raised(cancelled(), reasons.REFUSED)
    assert "erp_refused" in raised(shipped(LATER, phase=Phase.OPEN), reasons.ORDER_STATE)
