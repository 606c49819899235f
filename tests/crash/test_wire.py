"""What a wake learned arrives in the journal as what it was."""

from datetime import UTC, datetime
from typing import get_args

import pytest
from temporalio.contrib.pydantic import pydantic_data_converter

from domain.facts import CancelRequested, Fact, PaymentHinted, ProblemGone, ProblemRaised
from domain.order_state import OrderState
from domain.records import RecordBatch, RecordedFact
from domain.tenant_config import AppMode, OrderConfig

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
CONFIG = OrderConfig("t-K", 1, "unzer", "t", AppMode.EXPERT, "UZCARD", "UZE", "UZR")
ALIKE: tuple[Fact, ...] = (
    PaymentHinted(NOW),
    CancelRequested(NOW),
    ProblemRaised(NOW, "payment_pending", "", "1"),
    ProblemGone(NOW, "payment_pending", "", "1"),
)


@pytest.mark.parametrize("fact", ALIKE, ids=lambda one: type(one).__name__)
async def test_facts_that_look_alike_stay_apart_on_the_wire(fact: Fact) -> None:
    """A fact with the same fields as another one is not taken for it on its way into the journal."""
    batch = RecordBatch(
        "order/t/pixi/1", "t", "pixi", "1", CONFIG, (RecordedFact(1, fact),), OrderState("x"), None, NOW
    )
    sent = await pydantic_data_converter.encode([batch])
    (came,) = await pydantic_data_converter.decode(sent, [RecordBatch])
    assert came.facts[0].fact == fact
    assert type(came.facts[0].fact) is type(fact)


def test_every_fact_names_its_kind() -> None:
    """The name that keeps facts apart is that of their class, for each of them."""
    kinds = {one.__name__: one.__dataclass_fields__["kind"].default for one in get_args(Fact)}
    assert kinds == {name: name for name in kinds}
