"""Authorizations whose renewals fail, as rows in a database: what the report of failures finds there."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta

from domain.authorization.declines import Decline
from domain.authorization.facts import (
    AuthorizationFact,
    ExtensionFailed,
    HoldOperationEnded,
    HoldRead,
    HoldSnapshot,
    HoldStanding,
    Registered,
)
from domain.authorization.notices import FailureLine
from domain.authorization.operations import ExtensionKind, HoldOperation, hold_subject
from domain.authorization.records import AuthorizationBatch, AuthorizationRef, RecordedAuthorizationFact
from domain.authorization.state import AuthorizationState, evolve
from domain.authorization.terms import AuthorizationTerms, Channel
from domain.operations import Kind, operation_key
from domain.outcomes import Evidence, OperationResult, Outcome
from domain.ports import OperationHeader
from domain.tenant_config import Language
from storage.authorizations import SqlAuthorizations
from storage.database import Database
from storage.gates import Gates
from storage.journal import SqlJournal
from storage.open_attempts import AuthorizationNames
from storage.secrets import SecretBox
from workflows.ids import authorization_workflow_id, parse_authorization_workflow_id

DECLINED = OperationResult(Outcome.DECLINED, Decline.BY_ISSUER, Evidence(code="21000305"))
UNKNOWN = OperationResult(Outcome.UNKNOWN, "no_answer")
NOT_SENT = OperationResult(Outcome.NOT_SENT, "paused")
NAMES = AuthorizationNames(
    prefix=lambda tenant: authorization_workflow_id(tenant, "x", "x")[: -len("x/x")],
    account=lambda workflow_id: parse_authorization_workflow_id(workflow_id).account,
)


class PlainLayout:
    """A layout that a test can read: one line per failure, its reference."""

    def names(self, tenant: str, account: str, day: date) -> Sequence[str]:
        return (f"F{day:%Y%m%d}{account}.dat", f"F{day:%Y%m%d}{account}_own.dat")

    def content(self, lines: Sequence[FailureLine], language: Language) -> bytes:
        return "".join(f"{one.reference} {one.key}\n" for one in lines).encode()


@dataclass
class Failing:
    """One authorization of an account. `begin`, `end`, `learn` and `record` are the steps in which a failure becomes a
    line; a test stops between any two of them."""

    db: Database
    reference: str = "hold-a"
    account: str = "acct"
    tenant: str = "acme"
    terms: AuthorizationTerms = field(default_factory=lambda: AuthorizationTerms(channel=Channel.FILE))

    def __post_init__(self) -> None:
        self.workflow_id = authorization_workflow_id(self.tenant, self.account, self.reference)
        self.journal = SqlJournal(self.db, Gates(self.db), in_flight=timedelta(minutes=3), sends=5)
        self.store = SqlAuthorizations(self.db, SecretBox(self.db, [b"k" * 32]))
        self.state = AuthorizationState(self.workflow_id)
        self._unrecorded: list[RecordedAuthorizationFact] = []

    @property
    def operation(self) -> HoldOperation:
        return HoldOperation(
            Kind.AUTHORIZE, hold_subject(2), amount_minor=6000, currency="EUR", hold=1, extension=ExtensionKind.RENEWAL
        )

    def held(self, at: datetime) -> "Failing":
        """It begins with a hold, and records that."""
        self._learn(Registered(at, self.reference, self.terms, f"order-{self.reference}", "INV-1", 6000, "EUR"))
        self._learn(HoldRead(HoldSnapshot(self.reference, HoldStanding.HELD, at, "EUR", 6000, 6000, held_at=at), 0))
        self.record(at)
        return self

    def begin(self, at: datetime) -> "Failing":
        """A renewal is written down and sent."""
        told = json.dumps(asdict(self.operation), default=str)
        op_id = self.operation.id_within(self.workflow_id)
        header = OperationHeader(
            op_id, operation_key(op_id), self.workflow_id, "authorize", self.operation.subject, 1, 6000, "EUR", "hash",
            f"paygate/{self.tenant}/{self.account}", content=told,
        )  # fmt: skip
        self.journal.begin(header, at, f"owner-{at.isoformat()}")
        self.owner = f"owner-{at.isoformat()}"
        self.journal.permit(op_id, self.owner, at)
        return self

    def end(self, at: datetime, result: OperationResult = DECLINED) -> "Failing":
        """The journal hears what became of it."""
        self.result = self.journal.finish(self.operation.id_within(self.workflow_id), self.owner, at, result)
        return self

    def learn(self, at: datetime) -> "Failing":
        """The authorization hears it too, and draws its conclusion."""
        self._learn(HoldOperationEnded(self.operation, at, self.result))
        record = self.state.operation(Kind.AUTHORIZE, hold_subject(2))
        assert record is not None
        if record.outcome is Outcome.DECLINED:
            failed = ExtensionFailed(at, ExtensionKind.RENEWAL, 1, 1, 6000, record.ran_at, record.reason, record.code)
            self._learn(failed)
        return self

    def learn_of(self, fact: AuthorizationFact) -> "Failing":
        """It hears something else."""
        self._learn(fact)
        return self

    def record(self, at: datetime) -> "Failing":
        """It comes to rest and writes down what it learned."""
        ref = AuthorizationRef(self.workflow_id, self.tenant, "paygate", self.account, self.reference)
        facts, self._unrecorded = tuple(self._unrecorded), []
        assert self.store.record(AuthorizationBatch(ref, facts, self.state, None, at)) is None
        return self

    def fail(self, at: datetime) -> "Failing":
        """All of it at once: a renewal is refused at `at`, and its line is written."""
        second = timedelta(seconds=1)
        return self.held(at - timedelta(days=7)).begin(at).end(at + second).learn(at + second).record(at + second)

    def _learn(self, fact: AuthorizationFact) -> None:
        self.state = evolve(self.state, fact)
        self._unrecorded.append(RecordedAuthorizationFact(self.state.seq, fact))
