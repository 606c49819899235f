"""The local activity that writes what a wake learned into the journal and the read models."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from temporalio import activity

from domain.facts import Told
from domain.order_state import OrderState
from domain.records import OrderRecords, RecordBatch
from domain.summary import status_of


class MessageRecords(Protocol):
    """What became of messages of people and shops."""

    def done(self, workflow_id: str, request_ids: Sequence[str], at: datetime, status: str) -> None:
        """The order has acted on these messages and then stood at `status`."""


class RecordActivities:
    """Writes to our own SQL only, so it runs as a local activity."""

    def __init__(self, records: OrderRecords, messages: MessageRecords) -> None:
        self._records = records
        self._messages = messages

    @activity.defn(name="record")
    def record(self, batch: RecordBatch) -> OrderState | None:
        """Write the batch; hands back the stored state when it is newer than what the order knows."""
        newer = self._records.record(batch)
        heard = [one.fact.request_id for one in batch.facts if isinstance(one.fact, Told)]
        if newer is None and heard:
            self._messages.done(batch.workflow_id, heard, batch.at, status_of(batch.state).value)
        return newer

    @activity.defn(name="recall")
    def recall(self, workflow_id: str) -> OrderState | None:
        """What the journal knows of an order, what was begun and never recorded included."""
        return self._records.recall(workflow_id)
