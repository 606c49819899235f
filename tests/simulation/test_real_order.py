"""The real order workflow in simulated time: a prepayment that waits for weeks, with stubs for everything outside."""

from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from temporalio import activity
from temporalio.client import Client
from temporalio.worker import Worker

from activities.jobs import Job, PaymentAnswer, PaymentQuestion
from domain.facts import InvoiceRow
from domain.operations import Kind
from domain.outcomes import OperationResult, Outcome
from domain.records import RecordBatch
from domain.windows import erp_is_quiet
from simulation.steps import At
from tests.domain.building import config, picture, prepayment, shipped
from tests.simulation.conftest import Life, now
from tests.simulation.stand_in import StandIn
from workflows import messages
from workflows.ids import order_workflow_id
from workflows.messages import ErpPicture, OrderStart
from workflows.order import OrderWorkflow

DAY = timedelta(days=1)
CLOSE = timedelta(seconds=5)


@dataclass
class World:
    """Everything outside: what has been paid, and what was done when, at both clocks."""

    outside: StandIn
    received: int = 0
    done: list[tuple[str, datetime]] = field(default_factory=list)
    apart: list[timedelta] = field(default_factory=list)

    def note(self, what: str) -> datetime:
        at = activity.info().started_time.astimezone(UTC)
        self.done.append((what, at))
        self.apart.append(abs(at - self.outside.now()))
        return at

    def when(self, what: str) -> list[datetime]:
        return [at for done, at in self.done if done == what]

    @activity.defn(name="read_payment")
    async def read_payment(self, question: PaymentQuestion) -> PaymentAnswer:
        return PaymentAnswer(prepayment(self.note("read"), self.received))

    @activity.defn(name="change_erp_order")
    async def change_erp_order(self, job: Job) -> OperationResult:
        assert not erp_is_quiet(self.note(job.operation.kind.value))
        return OperationResult(Outcome.SUCCEEDED)

    @activity.defn(name="send_mail")
    async def send_mail(self, job: Job) -> OperationResult:
        self.note(f"mail {job.operation.note.code}")
        return OperationResult(Outcome.SUCCEEDED)

    @activity.defn(name="capture")
    async def capture(self, job: Job) -> OperationResult:
        self.note("capture")
        return OperationResult(Outcome.SUCCEEDED)

    @activity.defn(name="record")
    async def record(self, batch: RecordBatch) -> None:
        return None

    def workers(self, client: Client, queue: str) -> list[Worker]:
        erp, mail = messages.ERP_QUEUE, messages.MAIL_QUEUE
        return [
            Worker(client, task_queue=queue, workflows=[OrderWorkflow], activities=[self.record]),
            Worker(client, task_queue=erp, activities=[self.change_erp_order]),
            Worker(client, task_queue=mail, activities=[self.send_mail]),
            Worker(client, task_queue=messages.provider_queue("unzer"), activities=[self.read_payment, self.capture]),
        ]


async def test_a_prepayment_waits_for_weeks(life: Life) -> None:
    """Released locked, read every three days, overdue after two weeks, unlocked when paid, booked, gone in the end."""
    world, began = World(life.outside), now()
    order = order_workflow_id(life.tenant, "pixi", "4711")
    queue = f"{life.tenant}-real"
    handle = life.client.get_workflow_handle(order)
    came = began + DAY

    async def imported() -> None:
        seen = ErpPicture("held", picture(life.outside.now()))
        start = OrderStart(life.tenant, "pixi", "4711", config(), profile="fast")
        await life.client.start_workflow(
            messages.ORDER, start, id=order, task_queue=queue, start_signal="erp_reported", start_signal_args=[seen]
        )

    async def paid() -> None:
        world.received = 100_00

    async def ships() -> None:
        seen = shipped(life.outside.now(), InvoiceRow("R1", 100_00))
        await handle.signal("erp_reported", ErpPicture("shipped", seen))

    scenario = [
        At(came, "imported", imported),
        At(came + 20 * DAY, "paid", paid),
        At(came + 25 * DAY, "ships", ships),
    ]
    async with AsyncExitStack() as running:
        for worker in world.workers(life.plain, queue):
            await running.enter_async_context(worker)
        await life.driver().run_until(came + 100 * DAY, scenario)

    reads = world.when("read")
    assert all(abs(at - came - 3 * k * DAY) < CLOSE for k, at in enumerate(reads[:8]))
    (released,) = world.when(Kind.RELEASE.value)
    (unlocked,) = world.when(Kind.UNLOCK.value)
    (booked,) = world.when(Kind.BOOK.value)
    assert released - came < DAY / 4  # after the quiet window, should the order have come inside it
    assert came + 21 * DAY <= unlocked < came + 21.25 * DAY
    assert came + 25 * DAY <= booked < came + 25.25 * DAY
    assert [abs(at - came - 14 * DAY) < CLOSE for at in world.when("mail transfer_overdue")] == [True]
    assert not world.when("capture")
    assert max(world.apart) < CLOSE
    ended = (await handle.describe()).close_time
    assert ended is not None
    assert abs(ended - booked - 60 * DAY) < CLOSE
    assert not life.offsets.open_workflows(life.tenant)
