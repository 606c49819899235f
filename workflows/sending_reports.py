"""The way to the reports of failures from outside: starting them, and having them look at once."""

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from domain.tenant_config import Pacing
from workflows import messages, search
from workflows.ids import failure_report_workflow_id
from workflows.messages import FailureReportStart, LookNow
from workflows.options import fairness
from workflows.sending import RPC_DEADLINE


class ReportSender:
    """Starts and signals; one per process. `pacing` and `profile` go into every start."""

    def __init__(self, client: Client, pacing: Pacing, profile: str) -> None:
        self._client = client
        self._pacing = pacing
        self._profile = profile

    async def start(self, tenant: str) -> None:
        """Start the report of a tenant unless it runs."""
        await self._start(tenant, None)

    async def look_now(self, tenant: str, reason: LookNow) -> None:
        """Have the report of a tenant look at once; one that does not run is started."""
        await self._start(tenant, reason)

    async def _start(self, tenant: str, reason: LookNow | None) -> None:
        await self._client.start_workflow(
            messages.FAILURE_REPORT,
            FailureReportStart(tenant, self._pacing, self._profile),
            id=failure_report_workflow_id(tenant),
            task_queue=messages.WORKFLOW_QUEUE,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            start_signal="look_now" if reason is not None else None,
            start_signal_args=[reason] if reason is not None else [],
            search_attributes=search.of_failure_report(tenant),
            static_summary=f"failure files of {tenant}",
            priority=fairness(tenant),
            rpc_timeout=RPC_DEADLINE,
        )
