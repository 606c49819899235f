"""What somebody can do to an order's workflow in the Temporal UI."""

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode

from domain.facts import Phase
from domain.order_state import OrderState
from workflows.messages import ErpPicture, PaymentHint

Handle = WorkflowHandle[object, object]
Act = Callable[[Client, Handle], Awaitable[None]]


async def cancel(client: Client, handle: Handle) -> None:
    """The button *cancel*."""
    await handle.cancel()


async def terminate(client: Client, handle: Handle) -> None:
    """The button *terminate*."""
    await handle.terminate("by hand")


async def reset_to_start(client: Client, handle: Handle) -> None:
    """*Reset* to the first workflow task."""
    await _reset(client, handle, 0.0)


async def reset_to_middle(client: Client, handle: Handle) -> None:
    """*Reset* to a workflow task in the middle."""
    await _reset(client, handle, 0.5)


async def old_picture(client: Client, handle: Handle) -> None:
    """A picture of the ERP that is long outdated, and the present one once more."""
    state: OrderState = await handle.query("state", result_type=OrderState)
    assert state.erp is not None
    old = replace(
        state.erp,
        as_of=state.erp.as_of - timedelta(hours=1),
        phase=Phase.HELD,
        invoices=(),
        locked=False,
        digest="by hand",
    )
    await handle.signal("erp_reported", ErpPicture("by hand/1", old))
    await handle.signal("erp_reported", ErpPicture("by hand/2", state.erp))


async def garbage(client: Client, handle: Handle) -> None:
    """Signals that nobody can read, signals without their argument, and one that does not exist."""
    await handle.signal("erp_reported", "nonsense")
    await handle.signal("erp_reported", {"request_id": "by hand", "snapshot": {"order_no": 7}})
    await handle.signal("payment_hinted", [None, -1])
    for name in ("erp_reported", "payment_hinted", "pick_up"):
        await handle.signal(name)
    await handle.signal("capture_everything", {"amount": 100})


async def hint(client: Client, handle: Handle) -> None:
    """The message that something happened to the payment, three times."""
    for _ in range(3):
        await handle.signal("payment_hinted", PaymentHint("by hand"))


ACTS: dict[str, Act] = {
    "cancel": cancel,
    "terminate": terminate,
    "reset to the start": reset_to_start,
    "reset to the middle": reset_to_middle,
    "an old picture by hand": old_picture,
    "garbage by hand": garbage,
    "hints by hand": hint,
}


async def _reset(client: Client, handle: Handle, share: float) -> None:
    """Reset the latest run to the completed workflow task that lies `share` of the way through its history."""
    while True:
        run_id = (await handle.describe()).run_id
        done = [
            event.event_id
            async for event in client.get_workflow_handle(handle.id, run_id=run_id).fetch_history_events()
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
        ]
        if done:
            break
    request = ResetWorkflowExecutionRequest(
        namespace=client.namespace,
        workflow_execution=WorkflowExecution(workflow_id=handle.id, run_id=run_id),
        reason="by hand",
        workflow_task_finish_event_id=done[int(len(done) * share)],
        request_id=str(uuid.uuid4()),
    )
    try:
        await client.workflow_service.reset_workflow_execution(request)
    except RPCError as error:  # the run went on as new meanwhile, so there is nothing to reset
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
