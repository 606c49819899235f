"""The journal of authorizations, their read model, the lines of failures, and the ledger of cards.

As with orders a batch is written whole or not at all, and whoever brings one with an outdated idea is handed the newer
state. A line of a failure is a row with the key of its authorization and attempt: it is there once whatever crashes.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, select

from domain.authorization.facts import AuthorizationFact, HoldOperationEnded, HoldRead
from domain.authorization.notices import failure_lines as lines_of
from domain.authorization.operations import HoldOperation
from domain.authorization.ports import CardLedger, CardName, Instrument
from domain.authorization.records import AuthorizationBatch, AuthorizationRecords, AuthorizationRef
from domain.authorization.retries import CardAttempt
from domain.authorization.state import AuthorizationState, evolve
from domain.authorization.summary import summarize
from domain.operations import Kind
from domain.parties import Sealed
from storage.database import Database
from storage.fact_journal import Batch, FactJournal, Told
from storage.journal import begun, ended_at, is_unheard, outcome_of
from storage.tables import authorizations, authorizations_started, card_attempts, failure_lines, secrets, tenants
from storage.values import from_json, to_json
from storage.writing import insert_new, put


class Vault(Protocol):
    """Where secrets are opened and sealed. Both raise `Misconfigured` without a usable key."""

    def get(self, ref: str) -> str:
        """A secret in clear."""

    def seal(self, ref: str, value: str) -> Sealed:
        """A secret as it may be stored."""


@dataclass(frozen=True)
class StartedAuthorization:
    """An authorization as it was handed over. `start` is the input of its workflow as JSON, without a state."""

    workflow_id: str
    tenant: str
    provider: str
    account: str
    reference: str
    case_reference: str
    payout_reference: str
    start: str
    held_at: datetime | None = None
    instrument_ref: str = ""


def instant_of(fact: AuthorizationFact) -> datetime:
    """When a fact happened, or was read."""
    return fact.snapshot.as_of if isinstance(fact, HoldRead) else fact.at


AUTHORIZATION_FACTS: FactJournal[AuthorizationState, AuthorizationFact] = FactJournal(
    AuthorizationState, AuthorizationState, evolve, instant_of
)


class SqlAuthorizations(AuthorizationRecords):
    """Journal and read model of all authorizations."""

    def __init__(self, db: Database, vault: Vault) -> None:
        self._db = db
        self._vault = vault

    def begin(self, started: StartedAuthorization, instrument: Instrument, at: datetime) -> bool:
        """Note an authorization before its workflow starts; False when it was noted before (nothing is changed).

        What names the card is sealed and stays outside of workflows. It is listed from now on.
        """
        named = instrument != Instrument()
        row = asdict(started) | {"started_at": at, "instrument_ref": started.workflow_id if named else ""}
        sealed = self._vault.seal(_secret(started.workflow_id), to_json(_plain(instrument))) if named else None
        with self._db.write() as sql:
            if not insert_new(sql, authorizations_started, row):
                return False
            insert_new(sql, authorizations, _first_row(started, at))
            if sealed is not None:
                put(sql, secrets, asdict(sealed))
        return True

    def started(self, workflow_id: str) -> StartedAuthorization | None:
        """How an authorization was handed over, None when it never was."""
        query = select(authorizations_started).where(authorizations_started.c.workflow_id == workflow_id)
        with self._db.read() as sql:
            row = sql.execute(query).one_or_none()
        return None if row is None else _started(row)

    def of_case(self, tenant: str, case_reference: str) -> tuple[StartedAuthorization, ...]:
        """The authorizations that a tenant has handed over under this name, oldest first."""
        mine = (authorizations_started.c.tenant == tenant) & (authorizations_started.c.case_reference == case_reference)
        with self._db.read() as sql:
            rows = sql.execute(select(authorizations_started).where(mine).order_by(authorizations_started.c.started_at))
            return tuple(_started(one) for one in rows)

    def tenants(self) -> tuple[str, ...]:
        """The tenants that have handed over authorizations, by id."""
        any_of_it = select(authorizations_started.c.workflow_id).where(authorizations_started.c.tenant == tenants.c.id)
        with self._db.read() as sql:
            return tuple(sql.execute(select(tenants.c.id).where(any_of_it.exists()).order_by(tenants.c.id)).scalars())

    def instrument(self, workflow_id: str) -> Instrument:
        """The sealed names of the card. Raises `Misconfigured` when they cannot be opened."""
        found = self.started(workflow_id)
        if found is None or not found.instrument_ref:
            return Instrument()
        return Instrument(**asdict(from_json(_Plain, self._vault.get(_secret(workflow_id)))))

    def record(self, batch: AuthorizationBatch) -> AuthorizationState | None:
        """Append the batch's new facts, bring the read model up, write down what failed."""
        mine = batch.authorization.workflow_id
        facts = tuple(Told(one.seq, one.fact) for one in batch.facts)
        told: Batch[AuthorizationState, AuthorizationFact] = Batch(mine, facts, batch.state, batch.next_due, batch.at)
        with self._db.write() as sql:
            query = select(authorizations_started).where(authorizations_started.c.workflow_id == mine)
            handed = sql.execute(query.with_for_update()).one_or_none()  # batches of one come one after the other
            last = AUTHORIZATION_FACTS.last_row(sql, mine)
            if AUTHORIZATION_FACTS.is_outdated(sql, told, last):
                return _stored(sql, mine)
            if AUTHORIZATION_FACTS.write(sql, told, last):
                put(sql, authorizations, _row(batch, handed))
                _write_lines(sql, batch)
        return None

    def load(self, workflow_id: str) -> AuthorizationState | None:
        """The last recorded state, from the read model or, where that is gone, from the journal."""
        with self._db.read() as sql:
            return _stored(sql, workflow_id)

    def recall(self, workflow_id: str) -> AuthorizationState | None:
        """The last recorded state, and the operations that the book knows and the authorization does not."""
        with self._db.read() as sql:
            state = _stored(sql, workflow_id)
            rows = begun(sql, workflow_id)
        after = state or AuthorizationState(workflow_id)
        for row in rows:
            if is_unheard(after.operation(Kind(row.kind), row.subject), row):
                ended = HoldOperationEnded(from_json(HoldOperation, row.content), ended_at(row), outcome_of(row))
                after = evolve(after, ended)
        return after if state is not None or after.seq else None


class SqlCardLedger(CardLedger):
    """Attempts in SQL, one row per operation."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def attempts(self, card: CardName, since: datetime) -> tuple[CardAttempt, ...]:
        """The attempts with a card since then, in the order in which they were made."""
        query = select(card_attempts).where(
            card_attempts.c.account == card.account, card_attempts.c.card == card.card, card_attempts.c.at >= since
        )
        with self._db.read() as sql:
            rows = sql.execute(query.order_by(card_attempts.c.at, card_attempts.c.operation_id)).all()
        return tuple(
            CardAttempt(row.at, row.amount_minor, row.currency, row.declined, row.never_again, row.not_before)
            for row in rows
        )

    def record(self, card: CardName, operation_id: str, attempt: CardAttempt) -> None:
        """Write an attempt down; a repetition of the same operation counts once."""
        row = asdict(attempt) | {"operation_id": operation_id, "account": card.account, "card": card.card}
        with self._db.write() as sql:
            insert_new(sql, card_attempts, row)


@dataclass(frozen=True)
class _Plain:
    """An instrument whose values may be written: only into the box of secrets."""

    token: str = ""
    customer: str = ""
    brand: str = ""
    expires: str = ""
    scheme_reference: str = ""


def _plain(instrument: Instrument) -> _Plain:
    return _Plain(**asdict(instrument))


def _secret(workflow_id: str) -> str:
    return f"instrument/{workflow_id}"


def _started(row: Any) -> StartedAuthorization:
    values = dict(row._mapping)
    del values["started_at"]
    return StartedAuthorization(**values)


def _row(batch: AuthorizationBatch, handed: Any) -> dict[str, Any]:
    state, ref = batch.state, batch.authorization
    summary = summarize(state)
    registered = state.registered
    return asdict(summary) | {
        "status": summary.status.value,
        "workflow_id": ref.workflow_id,
        "tenant": ref.tenant,
        "provider": ref.provider,
        "account": ref.account,
        "reference": ref.reference,
        "case_reference": registered.case_reference if registered else (handed.case_reference if handed else ""),
        "payout_reference": registered.payout_reference if registered else (handed.payout_reference if handed else ""),
        "seq": state.seq,
        "next_due": batch.next_due,
        "changed_at": state.changed_at or batch.at,
        "state": to_json(state),
        "terms_version": state.terms.version,
    }


def _first_row(started: StartedAuthorization, at: datetime) -> dict[str, Any]:
    """Of which nothing is known yet, nor which terms it has heard; should its workflow never start, it is overdue."""
    state, ref = AuthorizationState(started.workflow_id), started
    batch = AuthorizationBatch(
        AuthorizationRef(ref.workflow_id, ref.tenant, ref.provider, ref.account, ref.reference), (), state, at, at
    )
    return _row(batch, started) | {"terms_version": 0}


def _write_lines(sql: Connection, batch: AuthorizationBatch) -> None:
    for line in lines_of(batch.state):
        values = asdict(line) | {
            "extension": line.extension.value,
            "workflow_id": batch.authorization.workflow_id,
            "tenant": batch.authorization.tenant,
            "account": batch.authorization.account,
            "day": line.day,
            "channel": batch.state.terms.channel.value,
            "recorded_at": batch.at,
        }
        insert_new(sql, failure_lines, values)


def _stored(sql: Connection, workflow_id: str) -> AuthorizationState | None:
    query = select(authorizations.c.state).where(authorizations.c.workflow_id == workflow_id)
    text = sql.execute(query).scalar()
    return from_json(AuthorizationState, text) if text is not None else AUTHORIZATION_FACTS.fold(sql, workflow_id)
