"""Tables of failure files: the files themselves, and the merchants' folders that they are put into."""

from datetime import date, datetime

from sqlalchemy import Column, Date, Index, LargeBinary, Named, Table, TypedColumns

from storage.tables.base import UtcDateTime, metadata


class FailureFileColumns(TypedColumns):
    """The file of one provider account and Berlin day. Content and name never change once the row is there.

    `sha256` is that of the content, in hex. `wanted_at`: since when it is to be delivered, None where nobody wants it.
    `delivery`: what has become of that (`storage.failure_files.Delivery`), `reason` why not. `attempt` and `grants`
    count the times that a person had it sent again. `told`: a person was told that it was refused for good.
    """

    tenant: Named[str] = Column(primary_key=True)
    account: Named[str] = Column(primary_key=True)
    day: Named[date] = Column(Date, primary_key=True)
    name: Named[str]
    content: Named[bytes] = Column(LargeBinary)
    sha256: Named[str]
    lines: Named[int]
    written_at: Named[datetime] = Column(UtcDateTime)
    wanted_at: Named[datetime | None] = Column(UtcDateTime)
    delivery: Named[str]
    reason: Named[str]
    attempt: Named[int]
    grants: Named[int]
    delivered_at: Named[datetime | None] = Column(UtcDateTime)
    told: Named[bool]


failure_files = Table("failure_files", metadata, FailureFileColumns)
Index(None, failure_files.c.tenant, failure_files.c.name, unique=True)
Index(None, failure_files.c.tenant, failure_files.c.delivery, failure_files.c.day)


class FileDropColumns(TypedColumns):
    """The folder on a file server that a tenant's failure files are put into."""

    tenant: Named[str] = Column(primary_key=True)
    protocol: Named[str]
    host: Named[str]
    port: Named[int]
    username: Named[str]
    secret_ref: Named[str]
    login: Named[str]
    folder: Named[str]
    host_key: Named[str]
    unencrypted: Named[bool]
    active: Named[bool]
    revision: Named[int]


file_drops = Table("file_drops", metadata, FileDropColumns)
