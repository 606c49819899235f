"""A tenant with very many due orders and a tenant with one, on a server and workers as in production."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
import pytest_asyncio
from temporalio import activity
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import PollerBehaviorAutoscaling, Worker

import worker as holdfast_worker
from activities.jobs import Job, PaymentAnswer, PaymentQuestion
from domain.outcomes import OperationResult
from simulation.server import TemporalServer
from tests.workflows.world import World, Worlds, reaches, status, until
from workflows import messages

CONCURRENCY = 16  # `HOLDFAST_WORKER_CONCURRENCY`
SECONDS = 0.05  # what each call outside takes
# docs/operations.md, "Fairness": so many times what a worker carries out of the queue at a time
TIMES = 4


class Outside(Worlds):
    """Provider and ERP: each call takes its time, each tenant's ERP takes one at a time. `begun`: (tenant, queue)."""

    def __init__(self) -> None:
        super().__init__()
        self.begun: list[tuple[str, str]] = []
        self.erps: dict[str, asyncio.Semaphore] = {}

    @activity.defn(name="read_payment")
    async def read_payment(self, question: PaymentQuestion) -> PaymentAnswer:
        await self._takes(question.order.tenant, messages.provider_queue("unzer"))
        return await super().read_payment(question)

    @activity.defn(name="capture")
    async def capture(self, job: Job) -> OperationResult:
        await self._takes(job.order.tenant, messages.provider_queue("unzer"))
        return await super().capture(job)

    @activity.defn(name="change_erp_order")
    async def change_erp_order(self, job: Job) -> OperationResult:
        async with self.erps.setdefault(job.order.tenant, asyncio.Semaphore(1)):
            await self._takes(job.order.tenant, messages.ERP_QUEUE)
            return await super().change_erp_order(job)

    async def _takes(self, tenant: str, queue: str) -> None:
        self.begun.append((tenant, queue))
        await asyncio.sleep(SECONDS)

    def slots(self) -> dict[str, int]:
        """How many calls of each queue one worker has under way."""
        return {
            messages.ERP_QUEUE: holdfast_worker.erp_slots(CONCURRENCY),
            messages.MAIL_QUEUE: holdfast_worker.MAIL_SLOTS,
            messages.provider_queue("unzer"): CONCURRENCY,
        }

    def activity_workers(self, client: Client) -> list[Worker]:
        activities: dict[str, list[Any]] = {
            messages.ERP_QUEUE: [self.change_erp_order, self.poll_erp],
            messages.MAIL_QUEUE: [self.send_mail],
            messages.provider_queue("unzer"): [self.read_payment, self.capture],
        }
        return [
            Worker(
                client,
                build_id=holdfast_worker.BUILD_ID,
                task_queue=queue,
                activities=activities[queue],
                max_concurrent_activities=slots,
                activity_task_poller_behavior=PollerBehaviorAutoscaling(),
            )
            for queue, slots in self.slots().items()
        ]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def own_client() -> AsyncIterator[Client]:
    """A server of its own, so that nobody else's work is in the queues."""
    async with TemporalServer() as server:
        yield await server.connect(data_converter=pydantic_data_converter)
        await asyncio.sleep(0.5)  # the native threads must be idle before the interpreter ends


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def outside(own_client: Client) -> AsyncIterator[Outside]:
    found = Outside()
    async with AsyncExitStack() as stack:
        workflows = found.workflow_worker(
            own_client,
            max_concurrent_workflow_tasks=holdfast_worker.WORKFLOW_TASKS,
            max_cached_workflows=holdfast_worker.CACHED_WORKFLOWS,
            sticky_queue_schedule_to_start_timeout=holdfast_worker.STICKY,
            workflow_task_poller_behavior=PollerBehaviorAutoscaling(),
        )
        for one in (workflows, *found.activity_workers(own_client)):
            await stack.enter_async_context(one)
        yield found


async def released(world: World, orders: int) -> list[str]:
    """So many orders that wait for shipping."""
    world.pays()
    numbers = [str(number) for number in range(1, orders + 1)]
    for number in numbers:
        await world.report(world.picture(number))

    async def waits(number: str) -> bool:
        return await status(world.handle(number)) == "released"

    for number in numbers:
        await until(lambda number=number: waits(number), f"{number} released")
    return numbers


async def ships(world: World, number: str) -> None:
    await world.report(world.shipped(10_000, order_no=number))


@pytest.mark.parametrize("orders", [150, pytest.param(1000, marks=[pytest.mark.long, pytest.mark.timeout(1800)])])
async def test_many_due_orders_of_one_tenant_do_not_hold_up_another(
    own_client: Client, outside: Outside, orders: int
) -> None:
    """While a thousand orders of one tenant are due, each operation of another's only order is carried out after a
    fixed number of the first one's, however many are still waiting."""
    busy, quiet = (outside.make(own_client, f"{name}-{orders}") for name in ("busy", "quiet"))
    (mine,) = await released(quiet, 1)
    many = await released(busy, orders)
    outside.begun.clear()
    everything = asyncio.gather(*(ships(busy, number) for number in many))
    await asyncio.sleep(0)  # the busy tenant's come first
    await ships(quiet, mine)
    due = len(outside.begun)
    await reaches(quiet.handle(mine), "settled")
    ended = len(outside.begun)
    await everything
    assert ended < 2 * orders, "the busy tenant was done before, so nothing is proved"
    waited = dict(waits(outside.begun[due:ended], quiet.tenant))
    assert set(waited) == {messages.provider_queue("unzer"), messages.ERP_QUEUE}
    for queue, before in waited.items():
        assert before <= TIMES * outside.slots()[queue], queue


def waits(begun: list[tuple[str, str]], tenant: str) -> Iterator[tuple[str, int]]:
    """For each operation of a tenant, its queue and how many of others began there since it was due."""
    since = 0
    for place, (whose, queue) in enumerate(begun):
        if whose == tenant:
            yield queue, sum(1 for _, other in begun[since:place] if other == queue)
            since = place
