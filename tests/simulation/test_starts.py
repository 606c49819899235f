"""Starts of simulated tenants begin in simulated time; those of real tenants are left alone."""

from datetime import timedelta

import pytest
from temporalio.client import Client, WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from simulation.errors import SimulationError
from simulation.starts import SimulatedStarts, tenant_of
from tests.simulation.conftest import Life, now
from tests.simulation.plays import DAY
from workflows.ids import erp_poll_workflow_id, order_workflow_id

CLOSE = timedelta(seconds=5)


@pytest.mark.parametrize("tenant", ["acme", "a/b %", "Müller & Söhne"])
def test_the_tenant_is_read_from_the_id(tenant: str) -> None:
    """Whatever a tenant is called, it is found in the ids that the workflows build."""
    assert tenant_of(order_workflow_id(tenant, "shop/1", "4711")) == tenant
    assert tenant_of(erp_poll_workflow_id(tenant, "shop")) == tenant


@pytest.mark.parametrize("workflow_id", ["", "single", "single/"])
def test_an_id_without_tenant(workflow_id: str) -> None:
    """Ids of another shape belong to no tenant."""
    assert tenant_of(workflow_id) == ""


async def test_real_tenants_are_left_alone(life: Life) -> None:
    """A tenant without offset starts now, is not noted, and may start by update."""
    life.offsets.offsets.clear()
    order = life.id("order")
    await life.tell(order, "new")
    began = await life.began(order)
    assert abs(began - now()) < CLOSE
    assert not life.offsets.open_workflows(life.tenant)


async def test_a_new_tenant_starts_now_and_is_noted(life: Life) -> None:
    """A simulated tenant whose clock has not moved yet starts like any other, but the driver knows of it."""
    await life.tell(life.id("order"), "new")
    began = await life.began(life.id("order"))
    assert abs(began - now()) < CLOSE
    assert [one.workflow_id for one in life.offsets.open_workflows(life.tenant)] == [life.id("order")]


async def test_a_second_signal_finds_the_order(life: Life) -> None:
    """Signal-with-start of a running order signals it, and leaves its clock as it is."""
    life.offsets.set_offset(life.tenant, 50 * DAY)
    order = life.id("order")
    await life.tell(order, "new")
    before = await life.began(order)
    life.offsets.set_offset(life.tenant, 51 * DAY)
    await life.tell(order, "shipped")
    assert await life.began(order) == before


async def test_starting_twice_is_still_an_error(life: Life) -> None:
    """A plain start of a running workflow fails as it always does."""
    life.offsets.set_offset(life.tenant, 50 * DAY)
    await life.start("OrderPlay", "", life.id("order"))
    with pytest.raises(WorkflowAlreadyStartedError):
        await life.start("OrderPlay", "", life.id("order"))


async def test_update_with_start_is_refused(life: Life) -> None:
    """A simulated tenant cannot start by update: the server does not forward such a start."""
    life.offsets.set_offset(life.tenant, DAY)
    start: WithStartWorkflowOperation[object, object] = WithStartWorkflowOperation(
        "OrderPlay",
        "",
        id=life.id("order"),
        task_queue=life.tenant,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
    )
    with pytest.raises(SimulationError, match="signal-with-start"):
        await life.client.execute_update_with_start_workflow("tell", "hello", start_workflow_operation=start)


async def test_a_delay_on_top_is_refused(life: Life) -> None:
    """A start delay of the caller's own would not be simulated."""
    life.offsets.set_offset(life.tenant, DAY)
    with pytest.raises(SimulationError, match="delayed"):
        await life.client.start_workflow(
            "OrderPlay", "", id=life.id("order"), task_queue=life.tenant, start_delay=timedelta(hours=1)
        )


async def test_a_clock_behind_real_time_is_refused(life: Life) -> None:
    """Simulated time runs ahead of real time only."""
    life.offsets.set_offset(life.tenant, -DAY)
    with pytest.raises(SimulationError, match="only run ahead"):
        await life.start("OrderPlay", "", life.id("order"))


async def test_the_id_is_noted_before_the_start(life: Life, plain: Client) -> None:
    """A crash between note and start leaves a note of nothing, never a workflow that nobody moves."""
    noted: list[str] = []

    def opened(tenant: str, workflow_id: str) -> None:
        noted.append(workflow_id)
        raise RuntimeError("crash")

    config = plain.config()
    config["interceptors"] = [SimulatedStarts(lambda _: DAY, opened)]
    with pytest.raises(RuntimeError, match="crash"):
        await Client(**config).start_workflow("OrderPlay", "", id=life.id("order"), task_queue=life.tenant)
    assert noted == [life.id("order")]
    assert "order" not in str([one async for one in plain.list_workflows(f"WorkflowId = '{life.id('order')}'")])
