"""A stand-in for the order workflows behind the messenger: it answers like they do and notes what it heard."""

from datetime import datetime

from domain.authorization.explain import HoldExplanation
from domain.explain import Explanation
from storage.messages import message_operation_id
from web.messenger import HoldMessenger, Messenger, NeverStarted, TemporalUnreachable
from workflows.messages import Answer, HoldMessage, HoldReply, Message, PaymentHint, Reply


class FakeMessenger(Messenger):
    """`down`: nobody answers. `lose_answers`: what is sent arrives and the answer gets lost."""

    def __init__(self, next_due: datetime) -> None:
        self.down = False
        self.lose_answers = False
        self.refuse_with = ""
        self.never_started: set[str] = set()
        self.explanation: Explanation | None = None
        self.told: list[tuple[str, Message]] = []
        self.hints: list[tuple[str, PaymentHint]] = []
        self._next_due = next_due

    async def tell(self, workflow_id: str, message: Message) -> Reply:
        self._check(workflow_id)
        operation_id = message_operation_id(workflow_id, message.request_id)
        if self.refuse_with:
            return Reply(Answer.REFUSED, operation_id, self._next_due, self.refuse_with)
        known = any((one, heard.request_id) == (workflow_id, message.request_id) for one, heard in self.told)
        if not known:
            self.told.append((workflow_id, message))
        if self.lose_answers:
            raise TemporalUnreachable("the answer got lost")
        return Reply(Answer.ALREADY if known else Answer.ACCEPTED, operation_id, self._next_due)

    async def hint_payment(self, workflow_id: str, hint: PaymentHint) -> None:
        self._check(workflow_id)
        self.hints.append((workflow_id, hint))
        if self.lose_answers:
            raise TemporalUnreachable("the answer got lost")

    async def explain(self, workflow_id: str) -> Explanation | None:
        self._check("")
        return self.explanation

    async def reachable(self) -> bool:
        return not self.down

    def _check(self, workflow_id: str) -> None:
        if self.down:
            raise TemporalUnreachable("nobody answers")
        if workflow_id in self.never_started:
            raise NeverStarted(workflow_id)


class FakeHolds(HoldMessenger):
    """A stand-in for the authorizations; `down` and `lose_answers` as above."""

    def __init__(self) -> None:
        self.down = False
        self.lose_answers = False
        self.refuse_with: tuple[str, datetime | None] = ("", None)
        self.explanation: HoldExplanation | None = None
        self.begun: list[str] = []
        self.new_terms: list[tuple[str, str]] = []
        self.asked: list[tuple[str, HoldMessage]] = []

    async def begin(self, workflow_id: str) -> None:
        self._check()
        self.begun.append(workflow_id)

    async def act(self, workflow_id: str, message: HoldMessage) -> HoldReply:
        self._check()
        operation_id = message_operation_id(workflow_id, message.request_id)
        reason, retry_at = self.refuse_with
        if reason:
            return HoldReply(Answer.REFUSED, operation_id, retry_at, reason)
        known = any((one, heard.request_id) == (workflow_id, message.request_id) for one, heard in self.asked)
        if not known:
            self.asked.append((workflow_id, message))
        if self.lose_answers:
            raise TemporalUnreachable("the answer got lost")
        return HoldReply(Answer.ALREADY if known else Answer.ACCEPTED, operation_id)

    async def explain(self, workflow_id: str) -> HoldExplanation | None:
        self._check()
        return self.explanation

    async def terms_changed(self, tenant: str, account: str) -> None:
        self._check()
        self.new_terms.append((tenant, account))

    def _check(self) -> None:
        if self.down:
            raise TemporalUnreachable("nobody answers")
