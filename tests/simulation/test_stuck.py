"""A simulation that cannot go on says why, instead of hanging."""

import asyncio
from datetime import timedelta

import pytest
from temporalio import activity, workflow
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from simulation.errors import ClockAstray, SimulationError, Stuck
from simulation.skipping import Skipper
from tests.simulation.conftest import Life, a_life, now
from tests.simulation.plays import DAY, Errand, ErrandPlay

SOON = timedelta(seconds=2)


@workflow.defn
class DumbPlay:
    """Does not say when it is due."""

    @workflow.run
    async def run(self) -> None:
        await workflow.sleep(DAY)


@workflow.defn
class BrokenPlay:
    """Fails in its first workflow task, again and again."""

    @workflow.run
    async def run(self) -> None:
        raise RuntimeError("broken on purpose")


def errand(**more: object) -> Errand:
    return Errand(DAY, "errand", **more)  # type: ignore[arg-type]


async def test_nobody_takes_the_activity(life: Life) -> None:
    """Without a worker for the activity, the workflow, the activity and the missing worker are named."""
    workflow_id, queue = life.id("errand"), f"{life.tenant}-other"
    async with Worker(life.plain, task_queue=queue, workflows=[ErrandPlay]):
        await life.client.start_workflow("ErrandPlay", errand(), id=workflow_id, task_queue=queue)
        with pytest.raises(Stuck, match=f"^Stuck: .*{workflow_id} .*activity act .*no worker has taken it"):
            await life.driver(patience=SOON).run_until(now() + 2 * DAY)


async def test_nobody_runs_the_workflow(life: Life) -> None:
    """Without a worker for the workflow, its task is named."""
    workflow_id = life.id("errand")
    await life.client.start_workflow("ErrandPlay", errand(), id=workflow_id, task_queue=f"{life.tenant}-nobody")
    with pytest.raises(Stuck, match=f"{workflow_id} .*workflow task, attempt 1"):
        await life.driver(patience=SOON).run_until(now() + 2 * DAY)


async def test_the_workflow_is_broken(life: Life) -> None:
    """A workflow whose task fails is named with its failure."""
    queue = f"{life.tenant}-broken"
    async with Worker(
        life.plain, task_queue=queue, workflows=[BrokenPlay], workflow_runner=UnsandboxedWorkflowRunner()
    ):
        await life.client.start_workflow("BrokenPlay", id=life.id("broken"), task_queue=queue)
        with pytest.raises(Stuck, match="last workflow task failed: broken on purpose"):
            await life.driver(patience=SOON).run_until(now() + 2 * DAY)


async def test_an_activity_that_never_ends(life: Life) -> None:
    """A running activity is named with its attempt."""
    queue = f"{life.tenant}-slow"

    @activity.defn(name="act")
    async def act(what: str) -> None:
        await asyncio.sleep(12)

    async with Worker(life.plain, task_queue=queue, workflows=[ErrandPlay], activities=[act]):
        await life.client.start_workflow("ErrandPlay", errand(), id=life.id("errand"), task_queue=queue)
        with pytest.raises(Stuck, match=r"activity act \(started, attempt 1"):
            await life.driver(patience=SOON).run_until(now() + 2 * DAY)


async def test_one_that_does_not_say_when_it_is_due(life: Life) -> None:
    """A workflow without the query `next_due` cannot be driven."""
    queue = f"{life.tenant}-dumb"
    async with Worker(life.plain, task_queue=queue, workflows=[DumbPlay], workflow_runner=UnsandboxedWorkflowRunner()):
        await life.client.start_workflow("DumbPlay", id=life.id("dumb"), task_queue=queue)
        with pytest.raises(SimulationError, match=r"dumb/.* \(DumbPlay\) does not say when it is due"):
            await life.driver(patience=SOON).run_until(now() + 2 * DAY)


async def test_one_that_does_nothing_when_due(life: Life) -> None:
    """A workflow that stays due although it was woken is named, instead of creeping on second by second."""
    await life.start("ErrandPlay", errand(said=now() + timedelta(hours=5)), life.id("errand"))
    with pytest.raises(Stuck, match=f"still due after it was woken: {life.id('errand')}"):
        await life.driver(patience=SOON).run_until(now() + 2 * DAY)


async def test_what_came_in_does_not_go_on(life: Life) -> None:
    """Queues that do not empty are named."""
    life.empty = False
    with pytest.raises(Stuck, match="does not reach its workflows"):
        await life.driver(patience=SOON).run_until(now() + DAY)


async def test_a_clock_that_ran_ahead(life: Life) -> None:
    """A workflow whose clock is ahead of its tenant's is an error: it would act in the future."""
    await life.start("ErrandPlay", Errand(9 * DAY, "errand"), life.id("errand"))
    await Skipper(life.client).fast_forward(life.id("errand"), DAY)
    with pytest.raises(ClockAstray, match=f"{life.id('errand')} is 86[34].. s ahead"):
        await life.driver().run_until(now() + 2 * DAY)


async def test_after_trouble_it_goes_on(life: Life) -> None:
    """Once a worker is there, a new driver lives on from where the stuck one stood."""
    queue, began = f"{life.tenant}-late", now()
    late = a_life(life.plain, life.tenant, life.offsets)
    late.log, late.outside = life.log, life.outside
    await life.client.start_workflow("ErrandPlay", errand(), id=life.id("errand"), task_queue=queue)
    with pytest.raises(Stuck):
        await life.driver(patience=SOON).run_until(began + 2 * DAY)
    late.tenant = queue
    async with late.worker():
        await life.driver().run_until(began + 2 * DAY)
    assert abs(life.log.of("errand")[0] - began - DAY) < timedelta(seconds=5)
