"""A stand-in for the order workflows behind the messenger: it answers like they do and notes what it heard."""

from datetime import datetime

from domain.explain import Explanation
from storage.messages import message_operation_id
from web.messenger import Messenger, OrderNeverStarted, TemporalUnreachable
from workflows.messages import Answer, Message, PaymentHint, Reply


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
            raise OrderNeverStarted(workflow_id)
