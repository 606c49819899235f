"""Authorizations behind the starter's routes that really live: the pure core and a provider in memory, their state
recorded as a workflow records it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.authorization.capturing import judge
from domain.authorization.explain import HoldExplanation
from domain.authorization.facts import ActionAsked
from domain.authorization.ports import Instrument
from domain.authorization.records import AuthorizationBatch, AuthorizationRef, RecordedAuthorizationFact
from domain.authorization.schemes import Initiator
from domain.authorization.state import AuthorizationState
from simulation.lives.core import MemoryHold
from storage.authorizations import StartedAuthorization
from storage.messages import message_operation_id
from tests.domain.authorization.life import FakeProvider, Life
from web.messenger import HoldMessenger, TemporalUnreachable
from web.services import Services
from workflows.ids import authorization_workflow_id
from workflows.messages import Answer, HoldMessage, HoldReply

PAY_ID = "0123456789abcdef0123456789abcdef"


class Numbered(FakeProvider):
    """A provider whose holds are called as merchants know them; the first one as it was named."""

    first = PAY_ID

    def place(self, amount_minor: int, now: datetime, initiator: Initiator) -> MemoryHold:
        hold = super().place(amount_minor, now, initiator)
        del self.holds[hold.hold_id]
        hold.hold_id = self.first if not self.holds else f"{len(self.holds):032x}"
        self.holds[hold.hold_id] = hold
        return hold


@dataclass
class Living(HoldMessenger):
    """Answers as the workflows do, and lets happen at once what is due. `down`: nobody answers."""

    services: Callable[[], Services]
    clock: Callable[[], datetime]
    down: bool = False
    asked: list[tuple[str, HoldMessage]] = field(default_factory=list)
    lives: dict[str, Life] = field(default_factory=dict)
    refs: dict[str, AuthorizationRef] = field(default_factory=dict)

    def hold(
        self,
        reference: str = PAY_ID,
        case: str = "order-1",
        *,
        tenant: str = "acme",
        account: str = "paygate-acme",
        provider: str = "computop",
        **terms: Any,
    ) -> Life:
        """A hold of 100.00 EUR that was handed over."""
        workflow_id = authorization_workflow_id(tenant, account, reference)
        started = StartedAuthorization(workflow_id, tenant, provider, account, reference, case, "INV-1", "{}")
        assert self.services().authorizations.begin(started, Instrument(), self.clock())
        memory = Numbered()
        memory.first = reference
        self.refs[workflow_id] = AuthorizationRef(workflow_id, tenant, provider, account, reference)
        life = Life.begin(on=self.clock(), provider=memory, name=workflow_id, **terms)
        life.state.registered and object.__setattr__(life.state.registered, "case_reference", case)
        self.lives[workflow_id] = life
        self._record(workflow_id, AuthorizationState(workflow_id))
        return life

    def forward(self) -> None:
        """Let everything happen up to the clock's instant."""
        for workflow_id, life in self.lives.items():
            before = life.state
            life.until(self.clock())
            self._record(workflow_id, before)

    async def begin(self, workflow_id: str) -> None:
        self._check()

    async def act(self, workflow_id: str, message: HoldMessage) -> HoldReply:
        self._check()
        assert message.action is not None
        life = self.lives[workflow_id]
        life.now = self.clock()
        operation_id = message_operation_id(workflow_id, message.request_id)
        if message.request_id in life.state.messages:
            return HoldReply(Answer.ALREADY, operation_id)
        self.asked.append((workflow_id, message))
        verdict, before = judge(life.state, message.action, life.now), life.state
        if not verdict.reason or life.state.terms.strict:
            life.learn(ActionAsked(message.request_id, message.action, life.now, message.origin))
            life.settle()
            self._record(workflow_id, before)
        if verdict.reason:
            return HoldReply(Answer.REFUSED, operation_id, verdict.retry_at, verdict.reason)
        return HoldReply(Answer.ACCEPTED, operation_id)

    async def explain(self, workflow_id: str) -> HoldExplanation | None:
        return None

    def _record(self, workflow_id: str, before: AuthorizationState) -> None:
        life = self.lives[workflow_id]
        fresh = life.facts[before.seq :]
        facts = tuple(RecordedAuthorizationFact(before.seq + n, one) for n, one in enumerate(fresh, start=1))
        if facts:
            batch = AuthorizationBatch(self.refs[workflow_id], facts, life.state, None, life.now)
            assert self.services().authorizations.record(batch) is None

    def _check(self) -> None:
        if self.down:
            raise TemporalUnreachable("nobody answers")
