"""The local activities that write what a wake of an authorization learned, and read it back after a reset."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from temporalio import activity

from domain.authorization.facts import (
    ActionAsked,
    ActionSettled,
    AuthorizationFact,
    ExtensionFailed,
    HoldOperationEnded,
    HoldRanOut,
    HoldRead,
    LookedAgain,
    ProblemsSolved,
)
from domain.authorization.records import AuthorizationBatch, AuthorizationRecords, AuthorizationRef
from domain.authorization.state import AuthorizationState
from domain.authorization.summary import status_of


class MessageRecords(Protocol):
    """What became of messages of people and shops."""

    def done(self, workflow_id: str, request_ids: Sequence[str], at: datetime, status: str) -> None:
        """It has acted on these messages and then stood at `status`."""


# tells whoever registered for a payment that something happened to it
Moved = Callable[[AuthorizationRef], object]


class AuthorizationRecordActivities:
    """Writes to our own SQL only, so it runs as local activities. `moved` hears of what an order has to look at."""

    def __init__(
        self, records: AuthorizationRecords, messages: MessageRecords, moved: Moved = lambda authorization: None
    ) -> None:
        self._records = records
        self._messages = messages
        self._moved = moved

    @activity.defn(name="record_authorization")
    def record_authorization(self, batch: AuthorizationBatch) -> AuthorizationState | None:
        """Write the batch; hands back the stored state when it is newer than what the authorization knows."""
        newer = self._records.record(batch)
        if newer is None and any(isinstance(one.fact, NEWS) for one in batch.facts):
            self._moved(batch.authorization)
        done = _done(batch)
        if newer is None and done:
            self._messages.done(batch.authorization.workflow_id, done, batch.at, status_of(batch.state).value)
        return newer

    @activity.defn(name="recall_authorization")
    def recall_authorization(self, workflow_id: str) -> AuthorizationState | None:
        """What the journal knows of an authorization, what was begun and never recorded included."""
        return self._records.recall(workflow_id)


NEWS = HoldRead | HoldRanOut | ActionSettled | HoldOperationEnded | ExtensionFailed


def _done(batch: AuthorizationBatch) -> list[str]:
    """The messages that have been acted on: what was asked for has ended, or asked for nothing that takes time."""
    touched = dict.fromkeys(_request_id(one.fact) for one in batch.facts)
    actions = (batch.state.action(one) for one in touched)
    waiting = {one.request_id for one in actions if one is not None and one.waits}
    return [one for one in touched if one and one not in waiting]


def _request_id(fact: AuthorizationFact) -> str:
    match fact:
        case ActionAsked() | ActionSettled() | LookedAgain() | ProblemsSolved():
            return fact.request_id
        case HoldOperationEnded():
            return fact.operation.request_id
        case _:
            return ""
