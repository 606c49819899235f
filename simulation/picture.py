"""What a description tells about one workflow: where its clock stands, and whether it is at rest."""

import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType, PendingActivityState
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryReverseRequest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from simulation.skipping import clock_in

Standing = tuple[str, int]


@dataclass(frozen=True)
class Picture:
    """One look at an open workflow. `retry_at`: when its activity is tried again, if that is all it waits for.

    `busy` lists what keeps it from resting, in words; `looked_at` is monotonic real time.
    """

    workflow_id: str
    run_id: str
    kind: str
    length: int
    clock: datetime
    looked_at: float
    busy: tuple[str, ...] = ()
    retry_at: datetime | None = None

    @property
    def standing(self) -> Standing:
        """Run and length of the history: what changes when anything happens."""
        return self.run_id, self.length

    def clock_now(self) -> datetime:
        """Where the clock stands by now: it runs on in real time."""
        return self.clock + timedelta(seconds=time.monotonic() - self.looked_at)

    def forwarded(self, to: datetime, events: int) -> "Picture":
        """The picture after a forward that did nothing else."""
        return replace(self, clock=to, looked_at=time.monotonic(), length=self.length + events)


class Ended:
    """The workflow has ended."""


class Unheard:
    """Temporal does not know the workflow: its start is under way, or it was never started."""


async def look(client: Client, workflow_id: str) -> Picture | Ended | Unheard:
    """How the workflow stands now."""
    try:
        description = await client.get_workflow_handle(workflow_id).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return Unheard()
        raise
    if description.status is not WorkflowExecutionStatus.RUNNING:
        return Ended()
    raw = description.raw_description
    clock = clock_in(description, datetime.now(UTC))
    busy: list[str] = []
    retries: list[datetime] = []
    for one in raw.pending_activities:
        again = _next_attempt(one)
        if again is None or again <= clock.now:
            busy.append(in_words(one))
        else:
            retries.append(again)
    if raw.HasField("pending_workflow_task"):
        busy.append(f"workflow task, attempt {raw.pending_workflow_task.attempt}")
    if clock.forwarding:
        busy.append("its clock is on its way")
    return Picture(
        workflow_id=workflow_id,
        run_id=description.run_id,
        kind=description.workflow_type,
        length=raw.workflow_execution_info.history_length,
        clock=clock.now,
        looked_at=time.monotonic(),
        busy=tuple(busy),
        retry_at=min(retries, default=None),
    )


_SPEAKS = (
    EventType.EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED,
    EventType.EVENT_TYPE_REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED,
)
_HEARD = {
    EventType.EVENT_TYPE_EXTERNAL_WORKFLOW_EXECUTION_SIGNALED: "external_workflow_execution_signaled",
    EventType.EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_FAILED: "signal_external_workflow_execution_failed",
    EventType.EVENT_TYPE_EXTERNAL_WORKFLOW_EXECUTION_CANCEL_REQUESTED: "external_workflow_execution_cancel_requested",
    EventType.EVENT_TYPE_REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_FAILED: (
        "request_cancel_external_workflow_execution_failed"
    ),
}
LATEST = 30  # events in which a message that is still on its way must show


async def speaking(client: Client, picture: Picture) -> bool:
    """Whether a message of the workflow to another one is still on its way; a description does not tell."""
    request = GetWorkflowExecutionHistoryReverseRequest(
        namespace=client.namespace,
        execution=WorkflowExecution(workflow_id=picture.workflow_id, run_id=picture.run_id),
        maximum_page_size=LATEST,
    )
    answer = await client.workflow_service.get_workflow_execution_history_reverse(request, retry=True)
    heard: set[int] = set()
    for event in answer.history.events:
        if event.event_type in _HEARD:
            heard.add(getattr(event, f"{_HEARD[event.event_type]}_event_attributes").initiated_event_id)
        elif event.event_type in _SPEAKS and event.event_id not in heard:
            return True
    return False


def _next_attempt(activity: PendingActivityInfo) -> datetime | None:
    """When a failed activity is tried again; None when it waits for nothing but its worker."""
    waiting = activity.state == PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED
    if not waiting or activity.attempt < 2 or not activity.HasField("next_attempt_schedule_time"):
        return None
    return activity.next_attempt_schedule_time.ToDatetime().replace(tzinfo=UTC)


def in_words(activity: PendingActivityInfo) -> str:
    """A pending activity for a person: which, how far, and how its last attempt failed."""
    state = PendingActivityState.Name(activity.state).removeprefix("PENDING_ACTIVITY_STATE_").lower()
    told = f"activity {activity.activity_type.name} ({state}, attempt {activity.attempt}"
    if activity.HasField("last_failure"):
        told += f", last failure: {activity.last_failure.message}"
    elif state == "scheduled":
        told += ", no worker has taken it"
    return f"{told})"
