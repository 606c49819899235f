"""Refusals that no longer tell anybody anything, for what was refused is no longer wanted."""

from datetime import datetime, timedelta

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


def raised(erp: ErpSnapshot | None, reason: str) -> list[datetime]:
    """Since when a refused release is told, when the ERP shows the order like this; never: an empty list."""
    refused = ended(Kind.RELEASE, WHOLE_ORDER, Outcome.DECLINED, reason=reason)
    heard = () if erp is None else (ErpReported(erp),)
    state = after(refused, *heard, state=checked())
    return [one.since for one in conditions(state, config(), LATER) if one.code == "erp_refused"]


@pytest.mark.rule("P84")
def test_a_cancelled_order_needs_no_release() -> None:
    """It was released without an answer and cancelled before we asked again: there is nothing to release any more."""
    assert raised(cancelled(), reasons.ORDER_STATE) == []


def test_the_news_of_a_cancellation_may_take_its_usual_time() -> None:
    """The ERP has nothing to release, and the order does not know yet why: nobody is called before it should know."""
    assert raised(None, reasons.ORDER_STATE) == [AT + config().alarm_after]
    assert raised(shipped(LATER, phase=Phase.OPEN), reasons.ORDER_STATE) == [AT + config().alarm_after]


def test_any_other_refusal_of_a_release_is_told_at_once() -> None:
    """A refusal that has nothing to do with the order's state is a person's business."""
    assert raised(None, reasons.REFUSED) == [AT] == raised(cancelled(), reasons.REFUSED)
