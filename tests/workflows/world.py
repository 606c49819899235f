"""Everything outside the workflows as stubs: a payment, an ERP that says yes, a journal, and what was asked of them.

Each test has a world of its own, found by its tenant; the workers are shared by the session.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any, cast

from temporalio import activity
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import Client, WorkflowHandle, WorkflowHistory
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import PollerBehaviorAutoscaling, Worker

import worker as holdfast_worker
from activities.jobs import Job, PaymentAnswer, PaymentQuestion, PollJob, PollReport
from domain.facts import ErpSnapshot, InvoiceRow, LineSums, OperationEnded, PaymentSnapshot, Phase, Standing
from domain.operations import Kind, Operation
from domain.order_state import RULES, OrderState, evolve
from domain.outcomes import Evidence, OperationResult, Outcome
from domain.ports import PollCursor
from domain.records import RecordBatch
from domain.tenant_config import AppMode, Language, OrderConfig, Pacing
from domain.windows import BERLIN, next_local
from simulation.skipping import Skipper
from simulation.starts import SimulatedStarts
from tests.simulation.stand_in import MemoryOffsets
from workflows import messages
from workflows.erp_poll import ErpPollWorkflow
from workflows.ids import erp_poll_workflow_id, parse_order_workflow_id
from workflows.messages import ErpPicture, ErpPollStart, OrderStart
from workflows.order import OrderWorkflow
from workflows.sending import KnownOrder, WorkflowSender

CONNECTION, ORDER_NO, PAYMENT = "pixi", "4711", "s-pay-1"
PATIENCE = 60.0
PACING = Pacing(
    in_flight=timedelta(seconds=30),
    first_pause=timedelta(minutes=1),
    longest_pause=timedelta(minutes=8),
    spread_after_quiet=timedelta(minutes=1),
    pending_look=timedelta(minutes=15),
)
CONFIG = OrderConfig(
    configuration="test-card",
    version=1,
    provider="unzer",
    provider_account="test",
    mode=AppMode.EXPERT,
    xml_tag="UZCARD",
    invoice_event="UZE",
    return_event="UZR",
    language=Language.ENGLISH,
)

Answers = deque[OperationResult | Exception]


@dataclass
class World:
    """One tenant. `results` are given out before the default (everything succeeds), one per execution of a kind."""

    tenant: str
    client: Client  # its starts begin at the tenant's time
    plain: Client
    offsets: MemoryOffsets
    queue: str = messages.WORKFLOW_QUEUE
    config: OrderConfig = CONFIG
    payment: PaymentSnapshot | None = None
    results: dict[str, Answers] = field(default_factory=lambda: defaultdict(deque))
    reads: deque[PaymentAnswer | Exception] = field(default_factory=deque)
    stored: OrderState | None = None  # what the journal holds when it is newer than what an order brings
    batches: list[RecordBatch] = field(default_factory=list)
    done: list[str] = field(default_factory=list)  # "capture R1 #1", "read s-pay-1", in order
    ended: dict[str, OperationResult] = field(default_factory=dict)  # by operation id, as the real recorder knows them
    effects: list[str] = field(default_factory=list)  # what took effect, each once
    happened: list[OperationEnded] = field(default_factory=list)
    recalls: int = 0
    polls: list[PollJob] = field(default_factory=list)
    polled_at: list[datetime] = field(default_factory=list)
    reports: deque[PollReport | Exception] = field(default_factory=deque)
    interval: timedelta = timedelta(days=30)
    gates: dict[str, asyncio.Event] = field(default_factory=dict)
    entered: dict[str, asyncio.Event] = field(default_factory=lambda: defaultdict(asyncio.Event))

    # -- time

    def start_at(self, instant: datetime) -> None:
        """Workflows of this tenant that start from now on begin at `instant`."""
        self.offsets.set_offset(self.tenant, instant - datetime.now(UTC))

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offsets.offsets[self.tenant]

    async def forward(self, handle: WorkflowHandle[Any, Any], by: timedelta) -> None:
        """Let time pass for one workflow, and everything on the way happen."""
        async with asyncio.timeout(PATIENCE):
            await Skipper(self.plain).fast_forward(handle.id, by)

    # -- orders

    @property
    def sender(self) -> WorkflowSender:
        return WorkflowSender(self.client, PACING, "fast")

    def known(self, order_no: str = ORDER_NO, resume: OrderState | None = None) -> KnownOrder:
        return KnownOrder(self.tenant, CONNECTION, order_no, self.config, resume)

    def handle(self, order_no: str = ORDER_NO) -> WorkflowHandle[Any, Any]:
        return self.plain.get_workflow_handle(self.known(order_no).workflow_id)

    def picture(self, order_no: str = ORDER_NO, **changes: Any) -> ErpSnapshot:
        """The ERP's picture of an order over 100 euros, on hold unless told otherwise."""
        as_of = self.now()
        known = ErpSnapshot(
            order_no=order_no,
            shop_order_no=f"W-{order_no}",
            shop_id="SHOP",
            payment_code="K",
            payment_id=PAYMENT,
            currency="EUR",
            total_minor=10_000,
            phase=Phase.HELD,
            as_of=as_of,
            digest=as_of.isoformat(),
            payment_tag=self.config.xml_tag,
            held=LineSums(1, 10_000),
        )
        return replace(known, **changes)

    def shipped(self, *totals: int, phase: Phase = Phase.CLOSED, **changes: Any) -> ErpSnapshot:
        """The picture with one invoice per total, R1, R2, ..."""
        rows = tuple(InvoiceRow(f"R{number}", total) for number, total in enumerate(totals, 1))
        sums = LineSums(len(totals), sum(totals))
        return self.picture(phase=phase, held=LineSums(), shipped=sums, invoices=rows, payment_tag=None, **changes)

    def cancelled(self, **changes: Any) -> ErpSnapshot:
        """The picture of an order that was cancelled as a whole."""
        sums = {"held": LineSums(), "cancelled": LineSums(1, 10_000)}
        return self.picture(**{"phase": Phase.CLOSED, "payment_tag": None, **sums, **changes})

    async def report(self, picture: ErpSnapshot, resume: OrderState | None = None) -> None:
        """What the poller does with a changed picture."""
        await self.sender.report(self.known(picture.order_no, resume), ErpPicture(picture.digest, picture))

    def order_start(self, **changes: Any) -> OrderStart:
        known = OrderStart(self.tenant, CONNECTION, ORDER_NO, self.config, PACING, None, "fast", RULES)
        return replace(known, **changes)

    def pays(self, method: str = "card", **changes: Any) -> PaymentSnapshot:
        """A payment over 100 euros, held; a prepayment waits for its transfer."""
        known = PaymentSnapshot(
            PAYMENT,
            Standing.ACCEPTED,
            datetime.now(UTC),
            method=method,
            currency="EUR",
            total_minor=10_000,
            remaining_minor=10_000,
        )
        self.payment = replace(known, **changes)
        return self.payment

    # -- pollers

    async def start_poller(self, **changes: Any) -> WorkflowHandle[Any, Any]:
        start = replace(ErpPollStart(self.tenant, CONNECTION, profile="fast"), **changes)
        workflow_id = erp_poll_workflow_id(self.tenant, CONNECTION)
        return await self.client.start_workflow(messages.ERP_POLL, start, id=workflow_id, task_queue=self.queue)

    # -- what stubs do

    def hold(self, name: str) -> asyncio.Event:
        """The next activities of that name stay under way until the event is set."""
        self.gates[name] = asyncio.Event()
        return self.gates[name]

    async def _pass(self, name: str) -> None:
        self.entered[name].set()
        if name in self.gates:
            await self.gates[name].wait()

    async def read(self, question: PaymentQuestion) -> PaymentAnswer:
        self.done.append(f"read {question.payment_id}")
        await self._pass("read")
        if self.reads:
            answer = self.reads.popleft()
            if isinstance(answer, Exception):
                raise answer
            return answer
        at = activity.info().started_time.astimezone(UTC)
        if self.payment is None:
            return PaymentAnswer(PaymentSnapshot(question.payment_id, Standing.MISSING, at))
        return PaymentAnswer(replace(self.payment, payment_id=question.payment_id, as_of=at))

    async def perform(self, job: Job) -> OperationResult:
        operation = job.operation
        self.done.append(f"{operation.kind.value} {operation.subject} #{operation.attempt}")
        await self._pass(operation.kind.value)
        if self.results[operation.kind.value]:
            result = self.results[operation.kind.value].popleft()
            if isinstance(result, Exception):
                raise result
            return result
        if job.id not in self.ended:
            self.effects.append(self.done[-1])
            self.ended[job.id] = succeeded(operation.amount_minor, f"{operation.kind.value}-{operation.subject}")
            self._moves(operation)
            self.happened.append(
                OperationEnded(operation, activity.info().started_time.astimezone(UTC), self.ended[job.id])
            )
        return self.ended[job.id]

    def _moves(self, operation: Operation) -> None:
        """What is given back is gone from the payment."""
        if self.payment is not None and operation.kind is Kind.VOID:
            taken = self.payment.captured_minor
            standing = self.payment.standing if taken else Standing.VOIDED
            self.payment = replace(self.payment, standing=standing, total_minor=taken, remaining_minor=0)
        if self.payment is not None and operation.kind is Kind.REFUND:
            amount, paid = operation.amount_minor or 0, self.payment
            self.payment = replace(
                paid, captured_minor=paid.captured_minor - amount, refunded_minor=paid.refunded_minor + amount
            )

    def record(self, batch: RecordBatch) -> OrderState | None:
        self.batches.append(batch)
        if self.stored is not None and self.stored.seq > batch.state.seq:
            return self.stored
        return None

    def recalled(self) -> OrderState | None:
        """As the real journal: the latest state that was recorded, and every operation that has ended since."""
        self.recalls += 1
        if not self.batches:
            return None
        state = max((one.state for one in self.batches), key=lambda one: one.seq)
        for fact in self.happened:
            state = evolve(state, fact)
        return state

    async def poll(self, job: PollJob) -> PollReport:
        self.polls.append(job)
        self.polled_at.append(activity.info().started_time.astimezone(UTC))
        await self._pass("poll")
        if self.reports:
            report = self.reports.popleft()
            if isinstance(report, Exception):
                raise report
            return report
        number = int(job.cursor.changed_from or 0) + 1
        return PollReport(PollCursor(str(number)), interval_seconds=self.interval.total_seconds())


def succeeded(amount_minor: int | None = None, reference: str = "ref-1") -> OperationResult:
    return OperationResult(Outcome.SUCCEEDED, evidence=Evidence(reference, amount_minor=amount_minor))


def broken() -> ApplicationError:
    """A failure that no policy repeats."""
    return ApplicationError("broken on purpose", non_retryable=True)


class Worlds:
    """The stub activities; they find the world of the tenant that calls."""

    def __init__(self) -> None:
        self.by_tenant: dict[str, World] = {}

    def of(self, tenant: str) -> World:
        return self.by_tenant[tenant]

    @activity.defn(name="read_payment")
    async def read_payment(self, question: PaymentQuestion) -> PaymentAnswer:
        return await self.of(question.order.tenant).read(question)

    @activity.defn(name="capture")
    async def capture(self, job: Job) -> OperationResult:
        return await self.of(job.order.tenant).perform(job)

    @activity.defn(name="void")
    async def void(self, job: Job) -> OperationResult:
        return await self.of(job.order.tenant).perform(job)

    @activity.defn(name="refund")
    async def refund(self, job: Job) -> OperationResult:
        return await self.of(job.order.tenant).perform(job)

    @activity.defn(name="report_shipment")
    async def report_shipment(self, job: Job) -> OperationResult:
        return await self.of(job.order.tenant).perform(job)

    @activity.defn(name="change_erp_order")
    async def change_erp_order(self, job: Job) -> OperationResult:
        return await self.of(job.order.tenant).perform(job)

    @activity.defn(name="send_mail")
    async def send_mail(self, job: Job) -> OperationResult:
        return await self.of(job.order.tenant).perform(job)

    @activity.defn(name="record")
    async def record(self, batch: RecordBatch) -> OrderState | None:
        return self.of(batch.tenant).record(batch)

    @activity.defn(name="recall")
    async def recall(self, workflow_id: str) -> OrderState | None:
        return self.of(parse_order_workflow_id(workflow_id).tenant).recalled()

    @activity.defn(name="poll_erp")
    async def poll_erp(self, job: PollJob) -> PollReport:
        return await self.of(job.tenant).poll(job)

    def activity_workers(self, client: Client) -> list[Worker]:
        queues: dict[str, list[Any]] = {
            messages.ERP_QUEUE: [self.change_erp_order, self.poll_erp],
            messages.MAIL_QUEUE: [self.send_mail],
            messages.provider_queue("unzer"): [
                self.read_payment,
                self.capture,
                self.void,
                self.refund,
                self.report_shipment,
            ],
        }
        return [
            Worker(
                client,
                build_id=holdfast_worker.BUILD_ID,
                task_queue=queue,
                activities=activities,
                activity_task_poller_behavior=PollerBehaviorAutoscaling(),
            )
            for queue, activities in queues.items()
        ]

    def workflow_worker(self, client: Client, queue: str = messages.WORKFLOW_QUEUE, **options: Any) -> Worker:
        """Runs the real workflows as the real worker does."""
        workflows: list[type] = options.pop("workflows", [OrderWorkflow, ErpPollWorkflow])
        return Worker(
            client,
            build_id=holdfast_worker.BUILD_ID,
            task_queue=queue,
            workflows=workflows,
            activities=[self.record, self.recall],
            workflow_runner=holdfast_worker.workflow_runner(),
            disable_eager_activity_execution=True,
            **options,
        )

    def make(self, plain: Client, tenant: str) -> World:
        """A world whose time begins at the next noon in Berlin."""
        offsets = MemoryOffsets()
        config = plain.config()
        config["interceptors"] = [SimulatedStarts.of(offsets)]
        world = World(tenant, Client(**config), plain, offsets)
        world.start_at(next_local(datetime.now(UTC), time(12)))
        self.by_tenant[tenant] = world
        return world


# -- waiting and looking


async def until(holds: Callable[[], Awaitable[bool]] | Callable[[], bool], what: str) -> None:
    """Wait until something holds; AssertionError naming it when it never does."""
    loop = asyncio.get_running_loop()
    limit = loop.time() + PATIENCE
    while True:
        found = holds()
        if found if isinstance(found, bool) else await found:
            return
        assert loop.time() < limit, f"never happened: {what}"
        await asyncio.sleep(0.02)


async def status(handle: WorkflowHandle[Any, Any]) -> str:
    """The order's status, '' while its first task has not come yet."""
    try:
        told = await handle.query("explain")
    except RPCError as error:
        if error.status is RPCStatusCode.FAILED_PRECONDITION:
            return ""
        raise
    return str(told["status"])


async def reaches(handle: WorkflowHandle[Any, Any], wanted: str) -> None:
    """Wait until the order stands at a status, recorded it and rests."""

    async def stands() -> bool:
        return await status(handle) == wanted and await rests(handle)

    await until(stands, f"{handle.id} at {wanted}")


async def rests(handle: WorkflowHandle[Any, Any]) -> bool:
    """Whether it has begun and nothing is under way."""
    try:
        await handle.query("next_due")
    except RPCError as error:
        if error.status is RPCStatusCode.FAILED_PRECONDITION:
            return False
        raise
    raw = (await handle.describe()).raw_description
    return not raw.pending_activities and not raw.HasField("pending_workflow_task")


async def due_of(handle: WorkflowHandle[Any, Any]) -> datetime | None:
    """When the workflow wants to wake (UTC)."""
    due = await handle.query("next_due", result_type=datetime | None)  # type: ignore[arg-type]
    return cast("datetime | None", due)


async def at_rest(handle: WorkflowHandle[Any, Any]) -> None:
    async def resting() -> bool:
        return await rests(handle)

    await until(resting, f"{handle.id} at rest")


def events(history: WorkflowHistory, *names: str) -> list[Any]:
    """The attributes of all events of these kinds, for example `timer_started`."""
    found = []
    for event in history.events:
        kind = event.WhichOneof("attributes") or ""
        if kind.removesuffix("_event_attributes") in names:
            found.append(getattr(event, kind))
    return found


def summaries(history: WorkflowHistory, name: str) -> list[str]:
    """The summaries of all events of a kind."""
    return [
        event.user_metadata.summary.data.decode().strip('"')
        for event in history.events
        if (event.WhichOneof("attributes") or "").removesuffix("_event_attributes") == name
    ]


async def details(handle: WorkflowHandle[Any, Any]) -> str:
    """What the Temporal UI shows as current details."""
    told = await handle.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
    return str(told.current_details)


def berlin(instant: datetime) -> str:
    """Berlin wall time with its offset, to the minute."""
    return instant.astimezone(BERLIN).isoformat(timespec="minutes")
