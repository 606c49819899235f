"""An authorization that is played through its workflow: the same questions and answers as `Life`, another machine.

A thread of its own runs the event loop with server and workers, so that scenarios read as plain functions. The provider
is the one in memory; what carries out its effects is not: activities, the recorder and the journal are the real ones.
"""

import asyncio
import itertools
import threading
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import select
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Worker

import worker as holdfast_worker
from activities.authorization_records import AuthorizationRecordActivities
from activities.holds import HoldActivities
from activities.jobs import HoldJob, Job
from activities.mails import MailActivities
from activities.recorder import OperationRecorder, activity_time
from adapters.mail.hold_mail import hold_mail
from domain import reasons
from domain.authorization.facts import Action, ActionKind, AuthorizationFact, HoldSnapshot, HoldStanding, Origin
from domain.authorization.operations import HoldOperation
from domain.authorization.ports import (
    AuthorizeRequest,
    Case,
    HoldCaptureRequest,
    HoldProvider,
    HoldRefundRequest,
    HoldVoidRequest,
    Instrument,
)
from domain.authorization.schemes import Initiator
from domain.authorization.state import ActionRecord, AuthorizationState
from domain.authorization.terms import AuthorizationTerms
from domain.errors import Transient
from domain.operations import Kind
from domain.outcomes import OperationResult, Outcome
from domain.ports import Earlier, Mail, Notifier, SendPermit
from simulation.server import TemporalServer
from simulation.skipping import Skipper, clock_in
from simulation.starts import SimulatedStarts
from storage.authorizations import SqlAuthorizations, SqlCardLedger, StartedAuthorization
from storage.database import Database
from storage.directory import Directory
from storage.gates import Gates
from storage.journal import SqlJournal
from storage.messages import Messages
from storage.migrate import migrate
from storage.secrets import SecretBox, new_master_key, parse_master_keys
from storage.switches import SqlSwitches
from storage.tables import journal_facts
from storage.values import fact_from_json
from tests.domain.authorization.life import PACING, FakeProvider, at, lines_of
from tests.simulation.stand_in import MemoryOffsets
from workflows import messages
from workflows.authorization import AuthorizationWorkflow
from workflows.ids import authorization_workflow_id
from workflows.messages import Answer, AuthorizationStart, Care, HoldHint, HoldMessage, NewTerms, PickUp
from workflows.sending_holds import AuthorizationSender, KnownAuthorization

T = TypeVar("T")
PATIENCE = 60.0
PROVIDER = "memory"
ACCOUNT = "a"
SHORTEST = timedelta(seconds=1)


class MemoryHolds(HoldProvider):
    """The port, fulfilled by the provider in memory that belongs to the tenant; tenants are found by their holds."""

    def __init__(self) -> None:
        self.by_case: dict[str, FakeProvider] = {}

    async def read(self, account: str, case: Case, hold_id: str) -> HoldSnapshot:
        provider = self.by_case[case.case_reference]
        if provider.unreadable:
            provider.unreadable -= 1
            raise Transient("unreadable on purpose")
        return provider.read(hold_id, activity_time())

    async def authorize(
        self, account: str, request: AuthorizeRequest, earlier: Earlier, permit: SendPermit
    ) -> OperationResult:
        number = request.number - 1
        asked = HoldOperation(Kind.AUTHORIZE, "", hold_id=request.previous_hold_id, hold=number)
        return await self._perform(request.case, asked, request.amount_minor, request.reference, earlier, permit)

    async def capture(
        self, account: str, request: HoldCaptureRequest, earlier: Earlier, permit: SendPermit
    ) -> OperationResult:
        asked = HoldOperation(Kind.CAPTURE, "", hold_id=request.hold_id, final=request.final)
        return await self._perform(request.case, asked, request.amount_minor, request.reference, earlier, permit)

    async def void(
        self, account: str, request: HoldVoidRequest, earlier: Earlier, permit: SendPermit
    ) -> OperationResult:
        asked = HoldOperation(Kind.VOID, "", hold_id=request.hold_id)
        return await self._perform(request.case, asked, request.amount_minor, request.reference, earlier, permit)

    async def refund(
        self, account: str, request: HoldRefundRequest, earlier: Earlier, permit: SendPermit
    ) -> OperationResult:
        asked = HoldOperation(Kind.REFUND, "", hold_id=request.hold_id, undo=request.undo)
        return await self._perform(request.case, asked, request.amount_minor, request.reference, earlier, permit)

    async def _perform(
        self,
        case: Case,
        asked: HoldOperation,
        amount_minor: int,
        reference: str,
        earlier: Earlier,
        permit: SendPermit,
    ) -> OperationResult:
        provider = self.by_case[case.case_reference]
        if earlier.sends and reference in provider.done:
            return provider.done[reference]
        if earlier.withdrawn and earlier.over:
            return OperationResult(Outcome.DECLINED, reasons.WITHDRAWN)
        if not earlier.may_send:
            return OperationResult(Outcome.UNKNOWN, reasons.TOO_EARLY)
        await asyncio.to_thread(permit)
        operation = replace(asked, amount_minor=amount_minor, currency=case.currency)
        return provider.perform(reference, operation, activity_time())


class NoMail(Notifier):
    """Takes every mail."""

    def send(self, mail: Mail, permit: SendPermit) -> OperationResult:
        permit()
        return OperationResult(Outcome.SUCCEEDED)


class Stand:
    """Server, workers and database, run by a thread until `close`."""

    def __init__(self, folder: Path) -> None:
        url = f"sqlite:///{folder / 'holdfast.db'}"
        migrate(url)
        self.db = Database(url)
        self.authorizations = SqlAuthorizations(self.db, SecretBox(self.db, parse_master_keys(new_master_key())))
        self.holds, self.offsets = MemoryHolds(), MemoryOffsets()
        self.names = itertools.count(1)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="temporal", daemon=True)
        self._thread.start()
        self._stack = AsyncExitStack()
        self._threads = ThreadPoolExecutor(8)
        self.run(self._open())

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something in the loop's thread and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE)

    async def _open(self) -> None:
        server = await self._stack.enter_async_context(TemporalServer())
        self.plain: Client = await server.connect(data_converter=pydantic_data_converter)
        config = self.plain.config()
        config["interceptors"] = [SimulatedStarts.of(self.offsets)]
        self.sender = AuthorizationSender(Client(**config), PACING, "fast")
        for one in self._workers():
            await self._stack.enter_async_context(one)

    def _workers(self) -> list[Worker]:
        gates = Gates(self.db)
        recorder = OperationRecorder(SqlJournal(self.db, gates, in_flight=PACING.in_flight, sends=PACING.sends))
        ledger = SqlCardLedger(self.db)
        holds = HoldActivities(
            {PROVIDER: self.holds}, SqlSwitches(gates, Directory(self.db)), ledger, self.authorizations
        )
        records = AuthorizationRecordActivities(self.authorizations, Messages(self.db))
        mails = MailActivities(NoMail(), _no_order, _mail_of)
        return [
            Worker(
                self.plain,
                build_id=holdfast_worker.BUILD_ID,
                task_queue=messages.WORKFLOW_QUEUE,
                workflows=[AuthorizationWorkflow],
                activities=[records.record_authorization, records.recall_authorization],
                activity_executor=self._threads,
                workflow_runner=holdfast_worker.workflow_runner(),
                disable_eager_activity_execution=True,
            ),
            Worker(
                self.plain,
                build_id=holdfast_worker.BUILD_ID,
                task_queue=messages.provider_queue(PROVIDER),
                activities=list(holds.all()),
                interceptors=[recorder],
            ),
            Worker(
                self.plain,
                build_id=holdfast_worker.BUILD_ID,
                task_queue=messages.MAIL_QUEUE,
                activities=[mails.send_hold_mail],
                activity_executor=self._threads,
                interceptors=[recorder],
            ),
        ]

    def close(self) -> None:
        self.run(self._stack.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self.db.close()


def _no_order(_: Job) -> Mail:
    raise AssertionError("there are no orders here")


def _mail_of(job: HoldJob) -> Mail:
    note = job.operation.note
    return hold_mail(tenant=job.tenant, name="order-1", note=note, language=job.language, operation_id=job.id)


class RealLife:
    """One authorization of a tenant of its own, with the interface of `Life`."""

    def __init__(self, stand: Stand, provider: FakeProvider, now: datetime, start: AuthorizationStart) -> None:
        self.stand, self.provider, self.now = stand, provider, now
        self.known = KnownAuthorization(start)
        self.requests = 0
        self._told_seq = 0

    @classmethod
    def begin(
        cls,
        stand: Stand,
        amount_minor: int = 10_000,
        *,
        on: datetime | None = None,
        provider: FakeProvider | None = None,
        standing: HoldStanding = HoldStanding.HELD,
        **terms: Any,
    ) -> "RealLife":
        """As `Life.begin`: the customer has just paid, and the authorization is handed over at once."""
        provider, now = provider or FakeProvider(), on or at(6, 1)
        hold = provider.place(amount_minor, now, Initiator.CUSTOMER)
        hold.standing = standing
        tenant = _spread_as("t", stand.names)
        stand.holds.by_case[tenant] = provider
        provider.card = tenant  # what one card may do is shared by all who use it
        start = AuthorizationStart(
            tenant, PROVIDER, ACCOUNT, hold.hold_id, AuthorizationTerms(**terms), case_reference=tenant
        )
        life = cls(stand, provider, now, start)
        stand.offsets.set_offset(tenant, now - datetime.now(UTC))
        stand.authorizations.begin(
            StartedAuthorization(
                life.known.workflow_id, tenant, PROVIDER, ACCOUNT, hold.hold_id, tenant, "INV-1", "{}"
            ),
            Instrument(),
            now,
        )
        stand.run(stand.sender.begin(life.known, PickUp("begin")))
        life.settle()
        return life

    # -- time

    def settle(self) -> None:
        """Wait until nothing is under way."""
        self.stand.run(self._rests())

    def until(self, instant: datetime) -> list[str]:
        """Let everything happen up to `instant`; returns what happened."""
        self.stand.run(self._forward(instant + SHORTEST))  # what is due at the very instant has been done by then
        self.now = instant
        self.settle()
        return self.take()

    async def _forward(self, instant: datetime) -> None:
        handle = self.stand.plain.get_workflow_handle(self.known.workflow_id)
        described = await handle.describe()
        clock = clock_in(described, datetime.now(UTC)).now
        by = instant - clock
        if described.status is WorkflowExecutionStatus.RUNNING and by >= SHORTEST:
            async with asyncio.timeout(PATIENCE):
                await Skipper(self.stand.plain).fast_forward(handle.id, by)

    async def _rests(self) -> None:
        handle = self.stand.plain.get_workflow_handle(self.known.workflow_id)
        limit = asyncio.get_running_loop().time() + PATIENCE
        before = -1
        while asyncio.get_running_loop().time() < limit:
            described = await handle.describe()
            raw = described.raw_description
            under_way = raw.pending_activities or raw.HasField("pending_workflow_task")
            forwarding = clock_in(described, datetime.now(UTC)).forwarding
            if described.status is not WorkflowExecutionStatus.RUNNING:
                return
            if not under_way and not forwarding and described.history_length == before:
                return
            before = -1 if under_way or forwarding else described.history_length
            await asyncio.sleep(0.01)
        raise AssertionError(f"{self.known.workflow_id} never comes to rest")

    # -- what there is to see

    @property
    def state(self) -> AuthorizationState:
        handle = self.stand.plain.get_workflow_handle(self.known.workflow_id)
        return self.stand.run(handle.query("state", result_type=AuthorizationState))

    @property
    def finished(self) -> bool:
        handle = self.stand.plain.get_workflow_handle(self.known.workflow_id)
        return self.stand.run(handle.describe()).status is WorkflowExecutionStatus.COMPLETED

    @property
    def facts(self) -> list[AuthorizationFact]:
        return [fact for _, fact, _ in self._journal()]

    def take(self) -> list[str]:
        """What the journal says that happened since it was last asked."""
        fresh = [one for one in self._journal() if one[0] > self._told_seq]
        self._told_seq = max((seq for seq, _, _ in fresh), default=self._told_seq)
        return [line for _, fact, at_ in fresh for line in lines_of(fact, at_)]

    def _journal(self) -> list[tuple[int, AuthorizationFact, datetime]]:
        mine = journal_facts.c.workflow_id == self.known.workflow_id
        with self.stand.db.read() as sql:
            rows = sql.execute(select(journal_facts).where(mine).order_by(journal_facts.c.seq)).all()
        return [(row.seq, fact_from_json(row.kind, row.payload), row.at) for row in rows if row.kind != "Checkpoint"]

    def renewals(self) -> list[datetime]:
        return [one.held_at for one in self.state.holds[1:]]

    # -- what people do

    def ask(
        self, kind: ActionKind, amount_minor: int | None = None, *, final: bool = False, patient: bool = False
    ) -> ActionRecord:
        """Ask for something and let it happen; returns what became of it."""
        self.requests += 1
        request_id = f"r{self.requests}"
        action = Action(kind, amount_minor, final=final, patient=patient)
        reply = self.stand.run(
            self.stand.sender.act(self.known.workflow_id, HoldMessage(request_id, action), self._again)
        )
        self.settle()
        if reply.answer is Answer.REFUSED:
            return ActionRecord(
                request_id,
                action,
                self.now,
                Origin.API,
                outcome=Outcome.NOT_SENT,
                reason=reply.reason,
                retry_at=reply.retry_at,
            )
        record = self.state.action(request_id)
        assert record is not None
        return record

    def _again(self) -> KnownAuthorization:
        self.stand.offsets.set_offset(self.known.start.tenant, self.now - datetime.now(UTC))
        return replace(self.known, resume=self.stand.authorizations.recall(self.known.workflow_id))

    def capture(self, amount_minor: int | None, *, final: bool = False, patient: bool = False) -> ActionRecord:
        return self.ask(ActionKind.CAPTURE, amount_minor, final=final, patient=patient)

    def stop(self) -> ActionRecord:
        return self.ask(ActionKind.STOP_RENEWAL)

    def reverse(self) -> ActionRecord:
        return self.ask(ActionKind.REVERSE)

    def void(self) -> ActionRecord:
        return self.ask(ActionKind.VOID)

    def refund(self, amount_minor: int | None) -> ActionRecord:
        return self.ask(ActionKind.REFUND, amount_minor)

    def give_up(self) -> ActionRecord:
        return self.ask(ActionKind.GIVE_UP)

    def withdraw(self, request_id: str) -> bool:
        self.requests += 1
        message = HoldMessage(f"r{self.requests}", withdraws=request_id)
        reply = self.stand.run(self.stand.sender.act(self.known.workflow_id, message, self._again))
        self.settle()
        return reply.answer is Answer.ACCEPTED

    def change_terms(self, **changes: Any) -> None:
        before = self.state.terms
        changed = replace(before, **{"version": before.version + 1, **changes})
        self.stand.run(self.stand.sender.change_terms(self.known.workflow_id, NewTerms("terms", changed)))
        self.settle()

    def hint(self) -> None:
        self.stand.run(self.stand.sender.hint(self._again(), HoldHint("hint")))
        self.settle()

    def look_again(self) -> None:
        self.requests += 1
        message = HoldMessage(f"r{self.requests}", care=Care.LOOK_AGAIN)
        self.stand.run(self.stand.sender.act(self.known.workflow_id, message, self._again))
        self.settle()


def _spread_as(prefix: str, names: "itertools.count[int]") -> str:
    """A tenant of its own whose nightly turn is at the minute that the scenarios are written for."""
    from domain.authorization.nights import night_of
    from tests.domain.authorization.life import clock

    terms = AuthorizationTerms()
    while True:
        tenant = f"{prefix}{next(names)}"
        turn = night_of(at(6, 8).date(), authorization_workflow_id(tenant, ACCOUNT, "hold1"), terms)
        if clock(turn).endswith("02:12"):
            return tenant
