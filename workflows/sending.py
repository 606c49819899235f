"""The way to the workflows from outside: who wants to tell an order something does it through here.

Facts go by signal-with-start, so an order that is not running starts again with what the journal knows of it. What
people and shops want goes by update, which answers at once; an order that ended is started first.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio.client import Client, WorkflowExecutionStatus, WorkflowUpdateStage
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError, RPCStatusCode

from domain.explain import Explanation
from domain.order_state import RULES, OrderState
from domain.tenant_config import OrderConfig, Pacing
from workflows import messages, search
from workflows.ids import erp_poll_workflow_id, order_workflow_id
from workflows.messages import ErpPicture, ErpPollStart, LookNow, Message, OrderStart, PaymentHint, PickUp, Reply
from workflows.options import fairness

RPC_DEADLINE = timedelta(seconds=10)
GONE = frozenset({RPCStatusCode.NOT_FOUND, RPCStatusCode.FAILED_PRECONDITION})


@dataclass(frozen=True)
class KnownOrder:
    """What is needed to start an order again: its identity, its frozen configuration, and its last recorded state."""

    tenant: str
    connection: str
    order_no: str
    config: OrderConfig
    resume: OrderState | None

    @property
    def workflow_id(self) -> str:
        return order_workflow_id(self.tenant, self.connection, self.order_no)


class WorkflowSender:
    """Starts, signals, updates and queries; one per process. `pacing` and `profile` go into every start."""

    def __init__(self, client: Client, pacing: Pacing, profile: str) -> None:
        self._client = client
        self._pacing = pacing
        self._profile = profile

    async def report(self, order: KnownOrder, picture: ErpPicture) -> None:
        """The ERP's picture of an order changed."""
        await self._signal(order, "erp_reported", picture)

    async def hint(self, order: KnownOrder, hint: PaymentHint) -> None:
        """Something happened to the order's payment."""
        await self._signal(order, "payment_hinted", hint)

    async def pick_up(self, order: KnownOrder, reason: PickUp) -> None:
        """Make sure that the order runs."""
        await self._signal(order, "pick_up", reason)

    async def tell(self, workflow_id: str, message: Message, find: Callable[[], KnownOrder]) -> Reply:
        """Deliver a message and return the order's answer; `find` says how to start it should it have ended."""
        try:
            return await self._update(workflow_id, message)
        except RPCError as error:
            if error.status not in GONE:
                raise
        await self.pick_up(find(), PickUp(message.request_id))
        return await self._update(workflow_id, message)

    async def explain(self, workflow_id: str) -> Explanation:
        """Why the order waits, from the order itself."""
        handle = self._client.get_workflow_handle(workflow_id)
        told: Explanation = await handle.query("explain", result_type=Explanation, rpc_timeout=RPC_DEADLINE)
        return told

    async def start_poller(self, tenant: str, connection: str) -> None:
        """Start the poller of a connection unless it runs."""
        await self._client.start_workflow(
            messages.ERP_POLL,
            ErpPollStart(tenant, connection, profile=self._profile),
            id=erp_poll_workflow_id(tenant, connection),
            task_queue=messages.WORKFLOW_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            search_attributes=search.of_poller(tenant),
            static_summary=f"polls {connection} of {tenant}",
            priority=fairness(tenant),
            rpc_timeout=RPC_DEADLINE,
        )

    async def look_now(self, tenant: str, connection: str, reason: LookNow) -> None:
        """Have a running poller ask at once."""
        handle = self._client.get_workflow_handle(erp_poll_workflow_id(tenant, connection))
        await handle.signal("look_now", reason, rpc_timeout=RPC_DEADLINE)

    async def runs(self, workflow_id: str) -> bool:
        """Whether a workflow is there and has not ended."""
        try:
            found = await self._client.get_workflow_handle(workflow_id).describe(rpc_timeout=RPC_DEADLINE)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            return False
        return found.status is WorkflowExecutionStatus.RUNNING

    async def ended_from_outside(self, tenant: str, connection: str) -> list[tuple[str, str]]:
        """(workflow id, run id) of this connection's orders whose latest run was terminated, failed or timed out."""
        wanted = f"WorkflowType = '{messages.ORDER}' AND Tenant = '{_quoted(tenant)}' AND ExecutionStatus IN "
        found = self._client.list_workflows(wanted + "('Terminated', 'Failed', 'TimedOut', 'Canceled')")
        prefix = order_workflow_id(tenant, connection, "x")[:-1]
        return [(one.id, one.run_id) async for one in found if one.id.startswith(prefix)]

    async def _update(self, workflow_id: str, message: Message) -> Reply:
        handle = self._client.get_workflow_handle(workflow_id)
        started = await handle.start_update(
            "tell",
            message,
            id=message.request_id,
            wait_for_stage=WorkflowUpdateStage.COMPLETED,
            result_type=Reply,
            rpc_timeout=RPC_DEADLINE,
        )
        reply: Reply = await started.result(rpc_timeout=RPC_DEADLINE)
        return reply

    async def _signal(self, order: KnownOrder, name: str, argument: Any) -> None:
        start = OrderStart(
            tenant=order.tenant,
            connection=order.connection,
            order_no=order.order_no,
            config=order.config,
            pacing=self._pacing,
            resume=order.resume,
            profile=self._profile,
            rules=RULES,
        )
        await self._client.start_workflow(
            messages.ORDER,
            start,
            id=order.workflow_id,
            task_queue=messages.WORKFLOW_QUEUE,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            start_signal=name,
            start_signal_args=[argument],
            search_attributes=search.of_new_order(order.tenant, order.order_no, order.config.provider),
            static_summary=f"order {order.order_no}",
            priority=fairness(order.tenant),
            rpc_timeout=RPC_DEADLINE,
        )


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")
