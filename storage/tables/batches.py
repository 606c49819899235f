"""Tables of batch files: the files as they came, and what became of each record."""

from datetime import datetime

from sqlalchemy import Column, Index, LargeBinary, Named, Table, TypedColumns

from storage.tables.base import UtcDateTime, metadata


class BatchColumns(TypedColumns):
    """One batch file. Name, content and its digest (SHA-256, hex) never change. `source`: by which way it came.

    `result` is the file of results, None until each record has one.
    """

    id: Named[str] = Column(primary_key=True)
    tenant: Named[str]
    account: Named[str]
    merchant_id: Named[str]
    name: Named[str]
    sha256: Named[str]
    content: Named[bytes] = Column(LargeBinary)
    records: Named[int]
    actor: Named[str]
    source: Named[str]
    received_at: Named[datetime] = Column(UtcDateTime)
    finished_at: Named[datetime | None] = Column(UtcDateTime)
    result: Named[bytes | None] = Column(LargeBinary)


batches = Table("batches", metadata, BatchColumns)
Index(None, batches.c.account, batches.c.name, unique=True)
Index(None, batches.c.account, batches.c.sha256, unique=True)
Index(None, batches.c.tenant, batches.c.received_at)
Index(None, batches.c.finished_at, batches.c.received_at)


class BatchRecordColumns(TypedColumns):
    """One record as it came. `status` and `code` are '' until it has ended."""

    batch: Named[str] = Column(primary_key=True)
    number: Named[int] = Column(primary_key=True)
    line: Named[bytes] = Column(LargeBinary)
    status: Named[str]
    code: Named[str]


batch_records = Table("batch_records", metadata, BatchRecordColumns)
Index(None, batch_records.c.batch, batch_records.c.status, batch_records.c.number)
