"""What a single look at a workflow tells."""

from typing import cast

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import History, HistoryEvent
from temporalio.api.workflowservice.v1 import (
    GetWorkflowExecutionHistoryReverseRequest,
    GetWorkflowExecutionHistoryReverseResponse,
)
from temporalio.client import Client

from simulation.picture import Picture, speaking
from tests.simulation.conftest import now

ASKED = HistoryEvent(event_id=5, event_type=EventType.EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED)
CANCEL = HistoryEvent(event_id=5, event_type=EventType.EVENT_TYPE_REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED)
OTHER = HistoryEvent(event_id=6, event_type=EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED)


def heard(kind: str, initiated: int) -> HistoryEvent:
    event = HistoryEvent(event_id=7, event_type=EventType.Value(f"EVENT_TYPE_{kind.upper()}"))
    getattr(event, f"{kind}_event_attributes").initiated_event_id = initiated
    return event


class Histories:
    """Stands for client and service: answers every question for a history with the same events, newest first."""

    namespace = "default"

    def __init__(self, *events: HistoryEvent) -> None:
        self.events = sorted(events, key=lambda one: -one.event_id)
        self.workflow_service = self

    async def get_workflow_execution_history_reverse(
        self, request: GetWorkflowExecutionHistoryReverseRequest, retry: bool
    ) -> GetWorkflowExecutionHistoryReverseResponse:
        return GetWorkflowExecutionHistoryReverseResponse(history=History(events=self.events))


@pytest.mark.parametrize(
    ("events", "answer"),
    [
        ([OTHER], False),
        ([ASKED, OTHER], True),
        ([CANCEL], True),
        ([ASKED, heard("external_workflow_execution_signaled", 5)], False),
        ([ASKED, heard("signal_external_workflow_execution_failed", 5)], False),
        ([CANCEL, heard("external_workflow_execution_cancel_requested", 5)], False),
        ([CANCEL, heard("request_cancel_external_workflow_execution_failed", 5)], False),
        ([ASKED, heard("external_workflow_execution_signaled", 3)], True),
    ],
)
async def test_a_message_on_its_way(events: list[HistoryEvent], answer: bool) -> None:
    """A workflow speaks from the moment it sends a message until the message has arrived or failed."""
    picture = Picture("order/a/1", "run", "OrderPlay", 9, now(), 0.0)
    assert await speaking(cast("Client", Histories(*events)), picture) is answer
