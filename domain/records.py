"""What a wake of an order hands to the journal: the facts in order, and the state after them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.facts import Fact
from domain.order_state import OrderState
from domain.tenant_config import OrderConfig


@dataclass(frozen=True)
class RecordedFact:
    """A fact and the state's sequence number after it."""

    seq: int
    fact: Fact


@dataclass(frozen=True)
class RecordBatch:
    """What one wake of an order learned, and the state after it. `at` is the workflow's time (UTC)."""

    workflow_id: str
    tenant: str
    connection: str
    order_no: str
    config: OrderConfig
    facts: tuple[RecordedFact, ...]
    state: OrderState
    next_due: datetime | None
    at: datetime


class OrderRecords(Protocol):
    """The journal of facts and the read models that follow from it."""

    def record(self, batch: RecordBatch) -> OrderState | None:
        """Write the batch whole or not at all; hands back the newer state when the batch's idea is outdated."""

    def recall(self, workflow_id: str) -> OrderState | None:
        """The last recorded state, and what was begun since; None when nothing is known at all."""
