"""The operation recorder: writes every operation down before it is sent and what became of it afterwards.

An activity whose job is a `Job` runs inside it. The journal decides whether anything happens at all: an operation
that has ended is answered from the journal, one that was left open is asked for before it is sent again, whatever the
attempt number, a reset or a second worker says.
"""

import asyncio
import contextlib
import hashlib
import inspect
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from temporalio import activity
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from activities.going import Going, go
from activities.jobs import HoldJob, Job, ReportJob, TermsJob
from domain import reasons
from domain.errors import Misconfigured, NotSent
from domain.operations import operation_key
from domain.outcomes import OperationResult, Outcome
from domain.ports import Journal, OperationHeader, Permits

log = structlog.get_logger()


class OperationRecorder(Interceptor):
    """Worker interceptor around every activity that carries out an operation."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002
        return _Recording(next, self._journal)


class _Recording(ActivityInboundInterceptor):
    def __init__(self, next_: ActivityInboundInterceptor, journal: Journal) -> None:
        super().__init__(next_)
        self._journal = journal

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002
        job = input.args[0] if input.args else None
        if not isinstance(job, Job | HoldJob | ReportJob | TermsJob):
            return await self._beating(input)
        info = activity.info()
        now = activity_clock()
        owner = f"{info.workflow_run_id}/{info.activity_id}/{info.attempt}"
        header = header_of(job, info.workflow_run_id or "")
        begun = await asyncio.to_thread(self._journal.begin, header, now(), owner)
        if begun.result is not None:
            log.info("operation.known", operation=job.id, outcome=begun.result.outcome.value)
            return begun.result

        if begun.amount_minor is not None and not isinstance(job, ReportJob | TermsJob):
            # sent before with other figures: those are asked about
            input.args = [with_figures(job, begun.amount_minor, begun.currency)]
        permits = Permits(
            send=lambda: self._journal.permit(job.id, owner, now()),
            look=lambda: self._journal.look(job.id, owner, now()),
        )
        result: OperationResult
        try:
            if begun.earlier.withdrawn and not begun.earlier.sends:
                result = OperationResult(Outcome.DECLINED, reasons.WITHDRAWN)  # it never left, and now it must not
            else:
                with go(Going(now, begun.earlier, permits)):
                    result = await self._beating(input)
        except NotSent as stop:
            result = OperationResult(Outcome.NOT_SENT, stop.reason, retry_at=stop.retry_at)
        except Misconfigured:
            result = OperationResult(Outcome.NOT_SENT, reasons.MISCONFIGURED)
        stands = await asyncio.to_thread(self._journal.finish, job.id, owner, now(), result)
        log.info("operation.ended", operation=job.id, outcome=stands.outcome.value, reason=stands.reason)
        return stands

    async def _beating(self, input: ExecuteActivityInput) -> Any:  # noqa: A002
        async with _heartbeat(in_thread=not inspect.iscoroutinefunction(input.fn)):
            return await self.next.execute_activity(input)


def with_figures(job: Job | HoldJob, amount_minor: int, currency: str) -> Job | HoldJob:
    """The job about other money."""
    if isinstance(job, HoldJob):
        return replace(job, operation=replace(job.operation, amount_minor=amount_minor, currency=currency))
    return replace(job, operation=replace(job.operation, amount_minor=amount_minor, currency=currency))


def header_of(job: Job | HoldJob | ReportJob | TermsJob, origin: str) -> OperationHeader:
    """What the journal keeps of a job. The hash covers everything that must be equal in a repetition."""
    operation = job.operation
    content = asdict(operation)
    if operation.cause is None:
        del content["cause"]  # as it was written down before operations had one
    del content["only_ask"]  # says how to go about it, not what it is
    told = json.dumps(content, sort_keys=True, default=str)
    return OperationHeader(
        id=job.id,
        key=operation_key(job.id),
        workflow_id=job.workflow_id,
        kind=operation.kind.value,
        subject=operation.subject,
        attempt=operation.attempt,
        amount_minor=operation.amount_minor,
        currency=operation.currency,
        input_hash=hashlib.sha256(told.encode()).hexdigest(),
        gate=gate_name(job.provider, job.tenant, job.account),
        origin=origin,
        grants=operation.grants,
        content=told,
        only_ask=operation.only_ask,
    )


def gate_name(system: str, tenant: str, account: str) -> str:
    """Name of the pause and rate rows of a provider account or an ERP connection."""
    return f"{system}/{tenant}/{account}"


def activity_time() -> datetime:
    """The activity's own time (UTC): when this attempt was started, in simulated time where the order lives in it."""
    return activity.info().started_time.astimezone(UTC)


def activity_clock() -> Callable[[], datetime]:
    """The activity's own time as it goes on, from this call. An activity may take minutes, and one whose worker was
    thought dead may wake up later still: what it may do then is not what it might have done when it started."""
    at, began = activity_time(), time.monotonic()
    return lambda: at + timedelta(seconds=time.monotonic() - began)


@contextlib.asynccontextmanager
async def _heartbeat(*, in_thread: bool) -> AsyncIterator[None]:
    """Tell the server that the worker lives while a call takes long, if the activity asks for it.

    The beats of an activity that runs `in_thread` wait for the event loop, so they must not come from the loop itself:
    it would stand still for all activities and workflows. A beat that fails says nothing about the effect.
    """
    info = activity.info()
    timeout = info.heartbeat_timeout
    if timeout is None or info.is_local or not timeout.total_seconds():
        yield
        return

    async def beat() -> None:
        while True:
            await asyncio.sleep(timeout.total_seconds() / 4)
            try:
                await asyncio.to_thread(activity.heartbeat) if in_thread else activity.heartbeat()
            except Exception as error:
                log.warning("heartbeat.failed", activity=info.activity_type, error=type(error).__name__)

    beating = asyncio.create_task(beat())
    try:
        yield
    finally:
        beating.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await beating
