"""The report of a tenant's failures: every morning at 05:00 it has the files of the closed days written and delivers
them.

It remembers nothing. Each look at SQL writes what is complete and tells what is left to do, `decide` says what comes
first, and whatever was done stands in the journal before the next look.
"""

import asyncio

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from datetime import datetime

    from activities.jobs import ReportJob, ReportLook
    from domain.failure_report import ReportPicture, ReportStep, decide
    from domain.operations import Kind
    from domain.outcomes import OperationResult
    from domain.repetition import pause
    from workflows import messages
    from workflows.alarm import Alarm
    from workflows.messages import FailureReportStart, LookNow
    from workflows.options import BULK, ONCE, OWN_SQL, fairness, time_outs

LOOKS_PER_RUN = 200


@workflow.defn(name=messages.FAILURE_REPORT)
class FailureReportWorkflow:
    """Lives until its tenant is removed."""

    @workflow.init
    def __init__(self, start: FailureReportStart) -> None:
        self._start = start
        self._woken = False
        self._looks = 0
        self._failed = 0  # operations in a row that came back without a result
        self._picture = ReportPicture()
        self._next_due: datetime | None = None
        self._alarm = Alarm()

    @workflow.run
    async def run(self, start: FailureReportStart) -> None:
        living = asyncio.create_task(self._live())
        while not living.done():
            try:
                await asyncio.shield(living)
            except asyncio.CancelledError:  # failures go on, so somebody has to write them down
                workflow.logger.warning("failure_report.cancel_ignored")
        living.result()

    async def _live(self) -> None:
        while True:
            self._woken = False
            self._picture = await self._look()
            if not self._picture.active:
                return
            decision = decide(self._picture, self._id, self._start.pacing, workflow.now())
            self._next_due = decision.next_due
            if decision.step is not None:
                await self._perform(decision.step)
                continue
            if self._woken:
                continue
            if self._looks >= LOOKS_PER_RUN or workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(self._start)
            await self._alarm.wait(decision.next_due, lambda: self._woken)

    @property
    def _id(self) -> str:
        return workflow.info().workflow_id

    async def _look(self) -> ReportPicture:
        self._looks += 1
        picture: ReportPicture = await workflow.execute_local_activity(
            "look_at_failures",
            ReportLook(self._id, self._start.tenant, workflow.now()),
            result_type=ReportPicture,
            start_to_close_timeout=time_outs(self._start.profile).own_sql,
            retry_policy=OWN_SQL,
            summary="look",
        )
        if picture.late:
            workflow.logger.warning("failure_report.late_lines", extra={"lines": picture.late})
        return picture

    async def _perform(self, step: ReportStep) -> None:
        """Carry out one operation; what becomes of it stands in the journal."""
        limits, operation = time_outs(self._start.profile), step.operation
        mail = operation.kind is Kind.MAIL
        try:
            await workflow.execute_activity(
                "send_report_mail" if mail else "deliver_failure_file",
                ReportJob(self._id, self._start.tenant, step),
                result_type=OperationResult,
                task_queue=messages.MAIL_QUEUE if mail else messages.FILE_QUEUE,
                start_to_close_timeout=limits.mail if mail else limits.files,
                heartbeat_timeout=limits.heartbeat,
                priority=fairness(self._start.tenant, BULK),
                retry_policy=ONCE,
                summary=f"{operation.kind.value} {operation.subject} #{operation.attempt}"[:200],
            )
            self._failed = 0
        except ActivityError:
            # it may have ended before the journal knew of it: without a pause it would be due again at once
            self._failed += 1
            await self._alarm.wait(workflow.now() + pause(self._failed, self._start.pacing), lambda: self._woken)

    # Signals may come by hand and without their argument: a handler that fails would stop the report for good.

    @workflow.signal
    def look_now(self, reason: LookNow | None = None) -> None:
        """Look at once: a file is to be sent again, or an attempt has ended."""
        self._woken = True

    @workflow.query
    def next_due(self) -> datetime | None:
        """When it looks next (UTC)."""
        return self._next_due

    @workflow.query
    def picture(self) -> ReportPicture:
        """What the last look found: files under way, days that wait."""
        return self._picture
