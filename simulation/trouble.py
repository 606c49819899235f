"""Explains why a workflow does not come to rest, for the error that ends a stuck simulation."""

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client
from temporalio.service import RPCError

from simulation.picture import Picture, look


async def explain(client: Client, workflow_id: str) -> str:
    """One clause: the workflow, its type, what it is busy with and how its last workflow task failed."""
    picture = await look(client, workflow_id)
    if not isinstance(picture, Picture):
        return f"{workflow_id} (not running)"
    waits = list(picture.busy) or ["nothing pending"]
    if picture.retry_at is not None:
        waits.append(f"an activity is tried again at {picture.retry_at:%Y-%m-%d %H:%M:%S}Z")
    failure = await _last_task_failure(client, picture)
    if failure:
        waits.append(f"its last workflow task failed: {failure}")
    return f"{workflow_id} ({picture.kind}, clock {picture.clock:%Y-%m-%d %H:%M:%S}Z): {', '.join(waits)}"


async def _last_task_failure(client: Client, picture: Picture) -> str:
    """The message of the last failed workflow task, '' when one was completed after it."""
    last = ""
    try:
        async for event in client.get_workflow_handle(picture.workflow_id).fetch_history_events():
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED:
                last = event.workflow_task_failed_event_attributes.failure.message
            elif event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
                last = ""
    except RPCError:
        return last
    return last
