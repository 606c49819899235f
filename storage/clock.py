"""The offset of a simulated tenant's clock, and which of its workflows are open. Production refuses to move clocks."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from domain.errors import Misconfigured
from storage.database import Database
from storage.tables import open_workflows, tenants
from storage.writing import insert_new


@dataclass(frozen=True)
class OpenWorkflow:
    """A workflow that the driver of a simulated tenant has to move along. `started_at` is simulated time."""

    workflow_id: str
    started_at: datetime


class TenantClocks:
    """Simulated time = real time + offset, per tenant."""

    def __init__(self, db: Database, *, production: bool) -> None:
        self._db = db
        self._production = production

    def offset(self, tenant: str) -> timedelta:
        """How far the tenant's clock is ahead of real time; nothing for a real or unknown tenant."""
        if self._production:
            return timedelta(0)
        with self._db.read() as connection:
            query = select(tenants.c.offset_seconds).where(tenants.c.id == tenant, tenants.c.simulated)
            return timedelta(seconds=connection.execute(query).scalar() or 0)

    def set_offset(self, tenant: str, offset: timedelta) -> None:
        """Move a simulated tenant's clock. Raises `Misconfigured` in production and for real tenants."""
        if self._production:
            raise Misconfigured("production settings do not move clocks: use a simulation")
        mine = (tenants.c.id == tenant) & tenants.c.simulated
        with self._db.write() as connection:
            moved = connection.execute(
                tenants.update().where(mine).values(offset_seconds=offset.total_seconds())
            ).rowcount
        if not moved:
            raise Misconfigured(f"the tenant {tenant} is not simulated: its clock is the real one")

    def opened(self, tenant: str, workflow_id: str, started_at: datetime) -> bool:
        """Note a started workflow; False when it was noted before."""
        row = {"tenant": tenant, "workflow_id": workflow_id, "started_at": started_at}
        with self._db.write() as connection:
            return insert_new(connection, open_workflows, row)

    def closed(self, tenant: str, workflow_id: str) -> None:
        """Forget a workflow that ended."""
        mine = (open_workflows.c.tenant == tenant) & (open_workflows.c.workflow_id == workflow_id)
        with self._db.write() as connection:
            connection.execute(open_workflows.delete().where(mine))

    def open_workflows(self, tenant: str) -> tuple[OpenWorkflow, ...]:
        """The tenant's open workflows by id."""
        query = select(open_workflows.c.workflow_id, open_workflows.c.started_at)
        with self._db.read() as connection:
            rows = connection.execute(
                query.where(open_workflows.c.tenant == tenant).order_by(open_workflows.c.workflow_id)
            )
            return tuple(OpenWorkflow(row.workflow_id, row.started_at) for row in rows)
