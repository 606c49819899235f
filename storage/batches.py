"""Batch files and their records in SQL: taken in whole, worked record by record, answered by one file of results."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import bindparam, func, select

from storage.database import Database
from storage.tables import batch_records, batches
from storage.writing import insert_new

_AT_A_TIME = 5_000


@dataclass(frozen=True)
class NewBatch:
    """A batch file whose frame is right."""

    id: str
    tenant: str
    account: str
    merchant_id: str
    name: str
    sha256: str
    content: bytes
    records: int
    actor: str
    source: str
    received_at: datetime


@dataclass(frozen=True)
class BatchRow:
    """A batch file in lists. `ended`: how many of its `records` have a result, `failed`: how many of those failed."""

    id: str
    tenant: str
    account: str
    merchant_id: str
    name: str
    sha256: str
    records: int
    actor: str
    source: str
    received_at: datetime
    finished_at: datetime | None
    ended: int = 0
    failed: int = 0


@dataclass(frozen=True)
class RecordResult:
    """What became of one record."""

    number: int
    status: str
    code: str


_COLUMNS = tuple(batches.c[name] for name in BatchRow.__dataclass_fields__ if name not in ("ended", "failed"))


class Batches:
    """The batch files of all tenants."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def take_in(self, new: NewBatch, lines: Iterable[tuple[int, bytes]]) -> BatchRow | None:
        """Store a file with the lines of its records, all or nothing. Where an account has one of this name or content
        already, that one is handed back and nothing is stored."""
        same = (batches.c.name == new.name) | (batches.c.sha256 == new.sha256)
        with self._db.write() as sql:
            row = {name: getattr(new, name) for name in NewBatch.__dataclass_fields__}
            if not insert_new(sql, batches, row):
                known = sql.execute(select(*_COLUMNS).where(batches.c.account == new.account, same)).first()
                return _row(known)
            numbered = iter(enumerate(lines, start=1))
            while portion := list(islice(numbered, _AT_A_TIME)):
                rows = [
                    {"batch": new.id, "number": number, "line": line, "status": "", "code": ""}
                    for number, (_, line) in portion
                ]
                sql.execute(batch_records.insert(), rows)
        return None

    def get(self, tenant: str, batch_id: str) -> BatchRow | None:
        """One file, with how far it has come."""
        mine = (batches.c.tenant == tenant, batches.c.id == batch_id)
        with self._db.read() as sql:
            row = sql.execute(select(*_COLUMNS).where(*mine)).one_or_none()
            return _with_progress(sql, row) if row is not None else None

    def named(self, tenant: str, name: str) -> BatchRow | None:
        """The latest file of this name."""
        mine = (batches.c.tenant == tenant, batches.c.name == name)
        with self._db.read() as sql:
            row = sql.execute(select(*_COLUMNS).where(*mine).order_by(batches.c.received_at.desc())).first()
        return _row(row) if row is not None else None

    def list_batches(self, tenant: str, limit: int = 50) -> tuple[BatchRow, ...]:
        """The latest files of a tenant, newest first."""
        query = select(*_COLUMNS).where(batches.c.tenant == tenant)
        with self._db.read() as sql:
            rows = sql.execute(query.order_by(batches.c.received_at.desc(), batches.c.id).limit(limit)).all()
            return tuple(_with_progress(sql, one) for one in rows)

    def unfinished(self) -> tuple[BatchRow, ...]:
        """The files that have no result yet, oldest first."""
        query = select(*_COLUMNS).where(batches.c.finished_at.is_(None))
        with self._db.read() as sql:
            return tuple(_row(one) for one in sql.execute(query.order_by(batches.c.received_at, batches.c.id)))

    def open_records(self, batch_id: str, limit: int) -> tuple[tuple[int, bytes], ...]:
        """Number and line of the first records without a result, in the order of the file."""
        query = select(batch_records.c.number, batch_records.c.line).where(
            batch_records.c.batch == batch_id, batch_records.c.status == ""
        )
        with self._db.read() as sql:
            rows = sql.execute(query.order_by(batch_records.c.number).limit(limit)).all()
        return tuple((one.number, one.line) for one in rows)

    def ended(self, batch_id: str, results: Sequence[RecordResult]) -> None:
        """What became of records; a first result stays."""
        if not results:
            return
        change = (
            batch_records.update()
            .where(
                batch_records.c.batch == batch_id,
                batch_records.c.number == bindparam("of_number"),
                batch_records.c.status == "",
            )
            .values(status=bindparam("to_status"), code=bindparam("to_code"))
        )
        with self._db.write() as sql:
            sql.execute(
                change, [{"of_number": one.number, "to_status": one.status, "to_code": one.code} for one in results]
            )

    def content(self, batch_id: str) -> bytes:
        """The file as it came. Raises LookupError."""
        with self._db.read() as sql:
            found = sql.execute(select(batches.c.content).where(batches.c.id == batch_id)).scalar()
        if found is None:
            raise LookupError(batch_id)
        return bytes(found)

    def head_of(self, batch_id: str, size: int) -> bytes:
        """The first bytes of a file."""
        begin = func.substr(batches.c.content, 1, size)
        with self._db.read() as sql:
            return bytes(sql.execute(select(begin).where(batches.c.id == batch_id)).scalar() or b"")

    def results(self, batch_id: str) -> Iterator[RecordResult]:
        """What became of each record, in the order of the file, some thousands at a time."""
        seen = 0
        while True:
            query = (
                select(batch_records.c.number, batch_records.c.status, batch_records.c.code)
                .where(batch_records.c.batch == batch_id, batch_records.c.number > seen)
                .order_by(batch_records.c.number)
                .limit(_AT_A_TIME)
            )
            with self._db.read() as sql:
                rows = sql.execute(query).all()
            yield from (RecordResult(one.number, one.status, one.code) for one in rows)
            if len(rows) < _AT_A_TIME:
                return
            seen = rows[-1].number

    def finish(self, batch_id: str, result: bytes, at: datetime) -> None:
        """The file of results; a first one stays."""
        mine = (batches.c.id == batch_id) & batches.c.finished_at.is_(None)
        with self._db.write() as sql:
            sql.execute(batches.update().where(mine).values(result=result, finished_at=at))

    def result(self, tenant: str, batch_id: str) -> bytes | None:
        """The file of results, None as long as there is none."""
        query = select(batches.c.result).where(batches.c.tenant == tenant, batches.c.id == batch_id)
        with self._db.read() as sql:
            found = sql.execute(query).scalar()
        return bytes(found) if found is not None else None


def _row(row: Any) -> BatchRow:
    return BatchRow(**row._mapping)


def _with_progress(sql: Any, row: Any) -> BatchRow:
    counted = (
        select(batch_records.c.status, func.count().label("number"))
        .where(batch_records.c.batch == row.id, batch_records.c.status != "")
        .group_by(batch_records.c.status)
    )
    by_status = {one.status: one.number for one in sql.execute(counted)}
    return BatchRow(**row._mapping, ended=sum(by_status.values()), failed=by_status.get("FAILED", 0))
