"""The way to authorizations from outside: who wants to start one or tell it something does it through here.

What people and shops want goes by update, which answers at once; an authorization that has ended is started first,
with what the journal knows of it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from temporalio.client import Client, WorkflowUpdateStage
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError

from domain.authorization.explain import HoldExplanation
from domain.authorization.state import AuthorizationState
from domain.tenant_config import Pacing
from workflows import messages, search
from workflows.ids import authorization_workflow_id
from workflows.messages import AuthorizationStart, HoldHint, HoldMessage, HoldReply, NewTerms, PickUp
from workflows.options import fairness
from workflows.sending import GONE, RPC_DEADLINE


@dataclass(frozen=True)
class KnownAuthorization:
    """What is needed to start an authorization again: how it was handed over, and its last recorded state."""

    start: AuthorizationStart
    resume: AuthorizationState | None = None

    @property
    def workflow_id(self) -> str:
        return authorization_workflow_id(self.start.tenant, self.start.account, self.start.reference)


class AuthorizationSender:
    """Starts, signals, updates and queries; one per process. `pacing` and `profile` go into every start."""

    def __init__(self, client: Client, pacing: Pacing, profile: str) -> None:
        self._client = client
        self._pacing = pacing
        self._profile = profile

    async def begin(self, known: KnownAuthorization, reason: PickUp) -> None:
        """Make sure that the authorization runs."""
        await self._signal(known, "pick_up", reason)

    async def hint(self, known: KnownAuthorization, hint: HoldHint) -> None:
        """Something happened to a hold."""
        await self._signal(known, "hold_hinted", hint)

    async def change_terms(self, workflow_id: str, terms: NewTerms) -> None:
        """Tell a running authorization its new terms; one that has ended needs none."""
        handle = self._client.get_workflow_handle(workflow_id)
        try:
            await handle.signal("terms_changed", terms, rpc_timeout=RPC_DEADLINE)
        except RPCError as error:
            if error.status not in GONE:
                raise

    async def act(self, workflow_id: str, message: HoldMessage, find: Callable[[], KnownAuthorization]) -> HoldReply:
        """Deliver a message and return the answer; `find` says how to start the authorization should it have ended."""
        try:
            return await self._update(workflow_id, message)
        except RPCError as error:
            if error.status not in GONE:
                raise
        await self.begin(find(), PickUp(message.request_id))
        return await self._update(workflow_id, message)

    async def explain(self, workflow_id: str) -> HoldExplanation:
        """Where it stands, from the authorization itself."""
        handle = self._client.get_workflow_handle(workflow_id)
        told: HoldExplanation = await handle.query("explain", result_type=HoldExplanation, rpc_timeout=RPC_DEADLINE)
        return told

    async def _update(self, workflow_id: str, message: HoldMessage) -> HoldReply:
        handle = self._client.get_workflow_handle(workflow_id)
        started = await handle.start_update(
            "act",
            message,
            id=message.request_id,
            wait_for_stage=WorkflowUpdateStage.COMPLETED,
            result_type=HoldReply,
            rpc_timeout=RPC_DEADLINE,
        )
        reply: HoldReply = await started.result(rpc_timeout=RPC_DEADLINE)
        return reply

    async def _signal(self, known: KnownAuthorization, name: str, argument: Any) -> None:
        holds = len(known.resume.holds) if known.resume else 1
        start = replace(
            known.start, pacing=self._pacing, profile=self._profile, resume=known.resume, begun=max(1, holds)
        )
        named = start.case_reference or start.reference
        await self._client.start_workflow(
            messages.AUTHORIZATION,
            start,
            id=known.workflow_id,
            task_queue=messages.WORKFLOW_QUEUE,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            start_signal=name,
            start_signal_args=[argument],
            search_attributes=search.of_new_authorization(start.tenant, start.case_reference, start.provider),
            static_summary=f"authorization {named}"[:200],
            priority=fairness(start.tenant),
            rpc_timeout=RPC_DEADLINE,
        )
