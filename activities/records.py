"""The local activity that writes what a wake learned into the journal and the read models."""

from temporalio import activity

from domain.order_state import OrderState
from domain.records import OrderRecords, RecordBatch


class RecordActivities:
    """Writes to our own SQL only, so it runs as a local activity."""

    def __init__(self, records: OrderRecords) -> None:
        self._records = records

    @activity.defn(name="record")
    def record(self, batch: RecordBatch) -> OrderState | None:
        """Write the batch; hands back the stored state when it is newer than what the order knows."""
        return self._records.record(batch)
