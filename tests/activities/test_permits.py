"""The leave to send: judged at the moment a request leaves, and only what changes something counts as sent."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from temporalio.testing import ActivityEnvironment
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput

from activities.erp import ErpActivities
from activities.going import PATIENCE, erp_permit, going, patiently
from activities.jobs import Job, OrderRef
from activities.payments import PaymentActivities
from activities.recorder import OperationRecorder, activity_clock
from domain import reasons
from domain.errors import NotSent
from domain.operations import Kind, Note, Operation
from domain.outcomes import OperationResult, Outcome
from domain.ports import (
    Begun,
    CommentRequest,
    Earlier,
    Erp,
    Journal,
    OperationHeader,
    PaymentProvider,
    Permits,
    RefundRequest,
    SendPermit,
)
from domain.tenant_config import Language
from storage.database import Database
from storage.gates import Gates
from storage.journal import SqlJournal
from storage.migrate import migrate

EVENING = datetime(2027, 3, 3, 22, 59, 50, tzinfo=UTC)  # ten seconds before the ERP's quiet window
NOON = datetime(2027, 3, 3, 11, 0, tzinfo=UTC)
IN_FLIGHT = timedelta(seconds=150)
JOB = Job(
    OrderRef("order/acme/pixi/1", "acme", "pixi", "1"),
    Operation(Kind.COMMENT, "x", note=Note.of("released")),
    "erp",
    "pixi",
    "acme-card",
    Language.GERMAN,
)
REFUND = replace(
    JOB,
    operation=Operation(Kind.REFUND, "G1", amount_minor=7_000, currency="EUR", payment_id="s-pay-1"),
    provider="unzer",
    account="main",
)


@dataclass
class Elapsing:
    """Real time that passes when a test says so."""

    seconds: float = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch) -> Elapsing:
    elapsing = Elapsing()
    monkeypatch.setattr(time, "monotonic", elapsing)
    return elapsing


def started(at: datetime, time_out: timedelta = timedelta(minutes=5)) -> ActivityEnvironment:
    """An activity that the server started at this instant."""
    environment = ActivityEnvironment()
    environment.info = replace(
        environment.info, started_time=at, heartbeat_timeout=None, start_to_close_timeout=time_out
    )
    return environment


@dataclass
class Noted(Journal):
    """Notes when it was asked for the leave to send."""

    sends: list[datetime] = field(default_factory=list)

    def begin(self, header: OperationHeader, at: datetime, owner: str) -> Begun:
        return Begun(None, Earlier())

    def permit(self, operation_id: str, owner: str, at: datetime) -> None:
        self.sends.append(at)

    def look(self, operation_id: str, owner: str, at: datetime) -> None:
        raise AssertionError("nothing asks here")

    def finish(self, operation_id: str, owner: str, at: datetime, result: OperationResult) -> OperationResult:
        return result


class _Inner(ActivityInboundInterceptor):
    def __init__(self, work: Callable[[Job], OperationResult]) -> None:
        self._work = work

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002
        return self._work(input.args[0])


async def recorded(
    journal: Journal,
    at: datetime,
    work: Callable[[Job], OperationResult],
    job: Job = JOB,
    time_out: timedelta = timedelta(minutes=5),
) -> OperationResult:
    """One execution of the job inside the recorder."""
    chain = OperationRecorder(journal).intercept_activity(_Inner(work))

    async def execute() -> Any:
        return await chain.execute_activity(ExecuteActivityInput(fn=work, args=[job], executor=None, headers={}))

    return cast(OperationResult, await started(at, time_out).run(execute))


async def test_a_permit_knows_how_late_it_is(real: Elapsing) -> None:
    """A request that leaves minutes after its activity began is journalled with that time: who takes over must wait."""
    journal = Noted()

    def slow(job: Job) -> OperationResult:
        real.seconds += 200
        going().permit()
        return OperationResult(Outcome.UNKNOWN, reasons.NO_ANSWER)

    await recorded(journal, NOON, slow)
    assert journal.sends == [NOON + timedelta(seconds=200)]


@pytest.mark.rule("P5")
async def test_no_request_slips_into_the_quiet_window(real: Elapsing) -> None:
    """What began before midnight sends nothing more once it is midnight, and comes back at four."""

    async def execute() -> None:
        permit = erp_permit(activity_clock())
        permit()
        real.seconds += 11
        with pytest.raises(NotSent) as caught:
            permit()
        assert (caught.value.reason, caught.value.retry_at) == (
            reasons.QUIET_WINDOW,
            datetime(2027, 3, 4, 3, tzinfo=UTC),
        )

    await started(EVENING).run(execute)


class Switch:
    def check(self, name: str, at: datetime) -> None: ...

    def is_active(self, configuration: str) -> bool:
        return True


class Place:
    def renew(self) -> None: ...

    def release(self) -> None: ...


class Places:
    def hold(self, connection: str) -> Place:
        return Place()


class SilentErp:
    """Asks first, as every effect does; `answers` says whether an answer comes."""

    def __init__(self) -> None:
        self.answers = False
        self.seen: list[Earlier] = []

    def comment(
        self, connection: str, request: CommentRequest, earlier: Earlier, permit: SendPermit
    ) -> OperationResult:
        assert isinstance(permit, Permits)
        self.seen.append(earlier)
        permit.look()
        if not self.answers:
            outcome = Outcome.UNKNOWN if earlier.sends else Outcome.NOT_SENT
            return OperationResult(outcome, reasons.NO_ANSWER)
        if not earlier.may_send:
            return OperationResult(Outcome.UNKNOWN, reasons.TOO_EARLY)
        permit()
        return OperationResult(Outcome.SUCCEEDED)


class AskingErp:
    """Asks four times before it writes, without a pause of its own."""

    def comment(
        self, connection: str, request: CommentRequest, earlier: Earlier, permit: SendPermit
    ) -> OperationResult:
        assert isinstance(permit, Permits)
        for _ in range(4):
            permit.look()
        permit()
        return OperationResult(Outcome.SUCCEEDED)


@contextmanager
def journal_in(folder: Path, per_second: float | None = None) -> Iterator[SqlJournal]:
    url = f"sqlite:///{folder / 'holdfast.db'}"
    migrate(url)
    db = Database(url)
    for gate in ("erp/acme/pixi", "unzer/acme/main"):
        Gates(db).set_rate(gate, per_second)
    try:
        yield SqlJournal(db, Gates(db), in_flight=IN_FLIGHT, sends=5)
    finally:
        db.close()


async def test_an_outage_uses_up_no_sends(tmp_path: Path) -> None:
    """However often an ERP that is away was asked, the operation is carried out when it is back."""
    erp = SilentErp()
    activities = ErpActivities(cast(Erp, erp), Places(), Switch())
    with journal_in(tmp_path) as journal:
        for hour in range(10):
            result = await recorded(journal, NOON + timedelta(days=hour), activities.change_erp_order)
            assert result.outcome is Outcome.NOT_SENT
        erp.answers = True
        result = await recorded(journal, NOON + timedelta(days=20), activities.change_erp_order)
    assert result.outcome is Outcome.SUCCEEDED
    assert set(erp.seen) == {Earlier(0, True)}


async def test_what_never_left_does_not_leave_once_nobody_wants_it(tmp_path: Path) -> None:
    """The order gave it up before any worker had taken it: it ends without a request, and stays ended."""
    withdrawn = replace(REFUND, operation=replace(REFUND.operation, only_ask=True))

    def work(job: Job) -> OperationResult:
        raise AssertionError("nothing is sent and nothing asked")

    with journal_in(tmp_path) as journal:
        for job in (withdrawn, REFUND):
            result = await recorded(journal, NOON, work, job)
            assert (result.outcome, result.reason) == (Outcome.DECLINED, reasons.WITHDRAWN)


async def test_a_slow_gate_slows_down_and_stops_nothing(tmp_path: Path) -> None:
    """An operation of several requests waits for each of its turns instead of beginning anew for ever."""
    activities = ErpActivities(cast(Erp, AskingErp()), Places(), Switch())
    began = time.monotonic()
    with journal_in(tmp_path, per_second=10) as journal:
        result = await recorded(journal, NOON, activities.change_erp_order)
    assert result.outcome is Outcome.SUCCEEDED
    assert time.monotonic() - began >= 0.4


async def test_a_gate_that_is_too_slow_is_not_waited_for() -> None:
    """Who would hold the connection for minutes comes back later."""

    def refuse() -> None:
        raise NotSent(reasons.RATE, NOON + timedelta(minutes=5))

    with pytest.raises(NotSent, match=reasons.RATE):
        erp_permit(lambda: NOON, refuse)()


class SplitRefund:
    """Looks, then gives back in two steps, as a payment that was captured twice wants it."""

    def __init__(self) -> None:
        self.steps = 0

    def refund(self, account: str, request: RefundRequest, earlier: Earlier, permit: SendPermit) -> OperationResult:
        assert isinstance(permit, Permits)
        permit.look()
        for _ in range(2 - self.steps):
            try:
                permit()
            except NotSent as stop:
                if not self.steps:
                    raise
                return OperationResult(Outcome.UNKNOWN, stop.reason, retry_at=stop.retry_at)
            self.steps += 1
        return OperationResult(Outcome.SUCCEEDED)


def refunding(provider: SplitRefund) -> PaymentActivities:
    return PaymentActivities({"unzer": cast(PaymentProvider, provider)}, Switch())


async def test_the_second_step_of_a_refund_waits_for_its_turn(tmp_path: Path) -> None:
    """A rate makes a refund of several steps slow, and leaves nothing unknown."""
    began = time.monotonic()
    with journal_in(tmp_path, per_second=10) as journal:
        result = await recorded(journal, NOON, refunding(SplitRefund()).refund, REFUND)
    assert result.outcome is Outcome.SUCCEEDED
    assert time.monotonic() - began >= 0.2


async def test_a_refund_waits_no_longer_than_its_time_allows(tmp_path: Path) -> None:
    """Half of the activity's time is kept for the request itself: who would wait longer comes back."""
    provider = SplitRefund()
    with journal_in(tmp_path, per_second=2) as journal:
        first = await recorded(journal, NOON, refunding(provider).refund, REFUND, timedelta(seconds=1.6))
        assert (first.outcome, first.reason, provider.steps) == (Outcome.UNKNOWN, reasons.RATE, 1)
        assert first.retry_at is not None
        again = await recorded(journal, first.retry_at + IN_FLIGHT, refunding(provider).refund, REFUND)
    assert (again.outcome, provider.steps) == (Outcome.SUCCEEDED, 2)


@pytest.mark.parametrize("reason", [reasons.PAUSED, reasons.INACTIVE, reasons.STALE_OWNER])
def test_only_a_rate_is_waited_for(reason: str) -> None:
    """Whatever else stops a request stops it at once, even when it says for how long."""
    asked = 0

    def refuse() -> None:
        nonlocal asked
        asked += 1
        raise NotSent(reason, NOON + timedelta(seconds=1))

    with pytest.raises(NotSent, match=reason):
        patiently(lambda: NOON, refuse)()
    assert asked == 1


def test_patience_ends_where_it_is_told_to() -> None:
    """A turn within the usual patience is too far away for an activity whose time is nearly over."""

    def refuse() -> None:
        raise NotSent(reasons.RATE, NOON + PATIENCE / 2)

    with pytest.raises(NotSent, match=reasons.RATE):
        patiently(lambda: NOON, refuse, NOON + PATIENCE / 3)()
