"""Clocks of simulated tenants."""

from datetime import timedelta

import pytest

from domain.errors import Misconfigured
from domain.parties import Tenant
from storage.clock import OpenWorkflow, TenantClocks
from storage.database import Database
from storage.directory import Directory
from tests.storage.builders import T0, after


@pytest.fixture
def clocks(db: Database) -> TenantClocks:
    directory = Directory(db)
    directory.put_tenant(Tenant("demo", "Demo", simulated=True))
    directory.put_tenant(Tenant("real", "Real"))
    return TenantClocks(db, production=False)


def test_a_simulated_clock_can_be_moved(db: Database, clocks: TenantClocks) -> None:
    """The offset is kept to the microsecond, and a change of the tenant's name leaves it alone."""
    assert clocks.offset("demo") == timedelta(0)
    offset = timedelta(days=181, microseconds=1)
    clocks.set_offset("demo", offset)
    Directory(db).put_tenant(Tenant("demo", "Other name", simulated=True))
    assert clocks.offset("demo") == offset
    assert clocks.offset("real") == clocks.offset("unknown") == timedelta(0)


@pytest.mark.parametrize("tenant", ["real", "unknown"])
def test_a_real_clock_cannot_be_moved(clocks: TenantClocks, tenant: str) -> None:
    """Only simulated tenants have a clock of their own."""
    with pytest.raises(Misconfigured, match="is not simulated"):
        clocks.set_offset(tenant, timedelta(days=1))


def test_production_knows_no_offset(db: Database, clocks: TenantClocks) -> None:
    """Production settings neither move a clock nor believe an offset that is there."""
    clocks.set_offset("demo", timedelta(days=1))
    production = TenantClocks(db, production=True)
    with pytest.raises(Misconfigured, match="production"):
        production.set_offset("demo", timedelta(days=2))
    assert production.offset("demo") == timedelta(0)
    assert clocks.offset("demo") == timedelta(days=1)


def test_open_workflows_are_noted_once(clocks: TenantClocks) -> None:
    """A workflow is open from its first start until it is closed, per tenant."""
    assert clocks.opened("demo", "order/2", T0)
    assert clocks.opened("demo", "order/1", after(days=1))
    assert clocks.opened("other", "order/1", T0)
    assert not clocks.opened("demo", "order/2", after(days=9))
    assert clocks.open_workflows("demo") == (OpenWorkflow("order/1", after(days=1)), OpenWorkflow("order/2", T0))
    clocks.closed("demo", "order/1")
    clocks.closed("demo", "unknown")
    assert clocks.open_workflows("demo") == (OpenWorkflow("order/2", T0),)
