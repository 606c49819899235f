"""The way to changes of terms from outside: starting what tells them, or having it look at once."""

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from domain.tenant_config import Pacing
from workflows import messages, search
from workflows.ids import terms_change_workflow_id
from workflows.messages import LookNow, TermsChangeStart
from workflows.options import fairness
from workflows.sending import RPC_DEADLINE


class TermsSender:
    """Starts and signals; one per process. `pacing` and `profile` go into every start."""

    def __init__(self, client: Client, pacing: Pacing, profile: str) -> None:
        self._client = client
        self._pacing = pacing
        self._profile = profile

    async def start(self, tenant: str, account: str) -> None:
        """See to it that what is left to tell of an account's terms is told."""
        await self._start(tenant, account, None)

    async def changed(self, tenant: str, account: str, reason: LookNow) -> None:
        """The terms of an account were changed: have that told at once."""
        await self._start(tenant, account, reason)

    async def _start(self, tenant: str, account: str, reason: LookNow | None) -> None:
        await self._client.start_workflow(
            messages.TERMS_CHANGE,
            TermsChangeStart(tenant, account, self._pacing, self._profile),
            id=terms_change_workflow_id(tenant, account),
            task_queue=messages.WORKFLOW_QUEUE,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            start_signal="look_now" if reason is not None else None,
            start_signal_args=[reason] if reason is not None else [],
            search_attributes=search.of_terms_change(tenant),
            static_summary=f"change of the terms of {account}"[:200],
            priority=fairness(tenant),
            rpc_timeout=RPC_DEADLINE,
        )
