"""The payment tag is read for held orders only; what was read once still counts when a person looks again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from domain.facts import ErpReported, ErpSnapshot, Phase
from domain.order_state import OrderState, evolve, same_picture

NOON = datetime(2027, 3, 1, 11, tzinfo=UTC)
HELD = ErpSnapshot(
    "1", "W-1", "DEM", "K", "s-pay-1", "EUR", 1000, Phase.HELD, as_of=NOON, digest="a", payment_tag="OTHER"
)


def test_a_picture_without_tag_keeps_the_tag_that_was_read() -> None:
    """A wrong tag is not forgotten because the released order's picture no longer shows it."""
    state = evolve(OrderState("order/t/c/1"), ErpReported(HELD))
    opened = replace(HELD, phase=Phase.OPEN, payment_tag=None, as_of=NOON + timedelta(minutes=5), digest="b")
    after = evolve(state, ErpReported(opened))
    assert after.erp is not None
    assert (after.erp.phase, after.erp.payment_tag) == (Phase.OPEN, "OTHER")


def test_an_unread_tag_is_no_news() -> None:
    """Two pictures that differ only in a tag that one of them lacks tell the same; two tags do not."""
    assert same_picture(replace(HELD, payment_tag=None), HELD)
    assert not same_picture(replace(HELD, payment_tag="UZCARD"), HELD)
