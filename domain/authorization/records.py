"""What a wake of an authorization hands to the journal: the facts in order, and the state after them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.authorization.facts import AuthorizationFact
from domain.authorization.state import AuthorizationState


@dataclass(frozen=True)
class AuthorizationRef:
    """The identity of an authorization: the merchant's tenant, the provider account, and what its maker called it."""

    workflow_id: str
    tenant: str
    provider: str
    account: str
    reference: str


@dataclass(frozen=True)
class RecordedAuthorizationFact:
    """A fact and the state's sequence number after it."""

    seq: int
    fact: AuthorizationFact


@dataclass(frozen=True)
class AuthorizationBatch:
    """What one wake learned, and the state after it. `at` is the workflow's time (UTC)."""

    authorization: AuthorizationRef
    facts: tuple[RecordedAuthorizationFact, ...]
    state: AuthorizationState
    next_due: datetime | None
    at: datetime


class AuthorizationRecords(Protocol):
    """The journal of authorizations, and what follows from it: read model, failure lines."""

    def record(self, batch: AuthorizationBatch) -> AuthorizationState | None:
        """Write the batch whole or not at all; hands back the newer state when the batch's idea is outdated."""

    def recall(self, workflow_id: str) -> AuthorizationState | None:
        """The last recorded state, and what was begun since; None when nothing is known at all."""
