"""The journal of facts of a long-lived thing, whatever it is: append, compare, fold.

A batch is written whole or not at all. The state after a fact stands in no row; it follows from the facts.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import Connection, select

from storage.tables import journal_facts
from storage.values import fact_from_json, from_json, to_json

CHECKPOINT = "Checkpoint"  # a row that is no fact: the state as it stood when the facts before it were lost

F = TypeVar("F")


class Numbered(Protocol):
    """A state that counts its facts."""

    @property
    def seq(self) -> int: ...


S = TypeVar("S", bound=Numbered)


@dataclass(frozen=True)
class Told(Generic[F]):
    """A fact and the state's sequence number after it."""

    seq: int
    fact: F


@dataclass(frozen=True)
class Batch(Generic[S, F]):
    """What one wake learned, the state after it, and when it looks next (UTC)."""

    workflow_id: str
    facts: tuple[Told[F], ...]
    state: S
    next_due: datetime | None
    at: datetime


@dataclass(frozen=True)
class FactJournal(Generic[S, F]):
    """The journal of one kind of long-lived thing. `fresh` begins a state, `evolve` leads from fact to fact,
    `instant_of` says when a fact happened."""

    state_type: type[S]
    fresh: Callable[[str], S]
    evolve: Callable[[S, F], S]
    instant_of: Callable[[F], datetime]

    def last_row(self, sql: Connection, workflow_id: str) -> Any:
        """The latest row, None when there is none."""
        return sql.execute(
            select(journal_facts)
            .where(journal_facts.c.workflow_id == workflow_id)
            .order_by(journal_facts.c.seq.desc())
            .limit(1)
        ).one_or_none()

    def is_outdated(self, sql: Connection, batch: Batch[S, F], last: Any) -> bool:
        """Whether the journal knows more than the batch, or otherwise."""
        return last is not None and (batch.state.seq < last.seq or self._contradicts(sql, batch, last.seq))

    def write(self, sql: Connection, batch: Batch[S, F], last: Any) -> bool:
        """Write what is not there yet, or move the next due instant; whether the batch is the latest word."""
        return self.append(sql, batch, last) or self._move_due(sql, batch, last)

    def append(self, sql: Connection, batch: Batch[S, F], last: Any) -> bool:
        """Write the facts that are not there yet; whether anything was written."""
        seq = last.seq if last is not None else 0
        fresh = [one for one in batch.facts if one.seq > seq]
        rows = [self._row(batch, one.seq, one.fact) for one in fresh]
        complete = [one.seq for one in fresh] == list(range(seq + 1, batch.state.seq + 1))
        if not complete and (not rows or rows[-1]["seq"] < batch.state.seq):
            rows.append(self._row(batch, batch.state.seq, None))
        if last is None and not rows:
            rows.append(self._row(batch, 0, None))
        if not rows:
            return False
        rows[-1] |= {"ends_batch": True, "next_due": batch.next_due}
        if not complete or rows[-1]["kind"] == CHECKPOINT:
            rows[-1] |= {"checkpoint": to_json(batch.state)}
        sql.execute(journal_facts.insert(), rows)
        return True

    def fold(self, sql: Connection, workflow_id: str) -> S | None:
        """The state that follows from the journal, None when it has no row of this workflow."""
        rows = sql.execute(
            select(journal_facts).where(journal_facts.c.workflow_id == workflow_id).order_by(journal_facts.c.seq)
        ).all()
        state = self.fresh(workflow_id)
        for row in rows:
            if row.checkpoint is not None:
                state = from_json(self.state_type, row.checkpoint)
            else:
                # the number stands in the journal: a later version that makes less of an old fact must not shift it
                after: Any = self.evolve(state, fact_from_json(row.kind, row.payload))
                state = replace(after, seq=row.seq)
        return state if rows else None

    def _row(self, batch: Batch[S, F], seq: int, fact: F | None) -> dict[str, Any]:
        return {
            "workflow_id": batch.workflow_id,
            "seq": seq,
            "kind": type(fact).__name__ if fact is not None else CHECKPOINT,
            "at": self.instant_of(fact) if fact is not None else batch.at,
            "payload": to_json(fact) if fact is not None else "{}",
            "recorded_at": batch.at,
            "ends_batch": False,
            "next_due": None,
            "checkpoint": None,
        }

    def _move_due(self, sql: Connection, batch: Batch[S, F], last: Any) -> bool:
        """Nothing new was learned, but the next look may be at another time; whether the batch is the latest word."""
        if batch.at < last.recorded_at:
            return False
        place = (journal_facts.c.workflow_id == batch.workflow_id) & (journal_facts.c.seq == batch.state.seq)
        sql.execute(journal_facts.update().where(place).values(next_due=batch.next_due, recorded_at=batch.at))
        return True

    def _contradicts(self, sql: Connection, batch: Batch[S, F], last: int) -> bool:
        """Whether a fact of the batch differs from the one that stands under its number."""
        known = [one for one in batch.facts if one.seq <= last]
        if not known:
            return False
        found = {
            row.seq: (row.kind, row.payload)
            for row in sql.execute(
                select(journal_facts.c.seq, journal_facts.c.kind, journal_facts.c.payload).where(
                    journal_facts.c.workflow_id == batch.workflow_id, journal_facts.c.seq >= known[0].seq
                )
            )
        }
        return any(one.seq in found and not _equal(one.fact, *found[one.seq]) for one in known)


def _equal(fact: object, kind: str, payload: str) -> bool:
    if type(fact).__name__ != kind:
        return False
    return to_json(fact) == payload or fact_from_json(kind, payload) == fact
