"""The poller of one ERP connection: asks at its interval, at once when told to, and never in the quiet window."""

import contextlib
from dataclasses import replace
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from activities.jobs import PollJob, PollReport
    from domain import reasons
    from domain.windows import erp_opens_for
    from workflows import messages
    from workflows.messages import ErpPollStart, LookNow
    from workflows.options import READS, fairness, time_outs

POLLS_PER_RUN = 100
AFTER_FAILURE = timedelta(minutes=1)
AFTER_QUIET_SPREAD = timedelta(minutes=2)


@workflow.defn(name=messages.ERP_POLL)
class ErpPollWorkflow:
    """Lives until its connection is removed; carries its cursor from run to run."""

    @workflow.init
    def __init__(self, start: ErpPollStart) -> None:
        self._start = start
        self._cursor = start.cursor
        self._again = start.again
        self._rest = start.rest
        self._look = start.next_due is None
        self._polls = 0
        self._next_due = start.next_due
        self._last = PollReport(start.cursor)

    @workflow.run
    async def run(self, start: ErpPollStart) -> None:
        while True:
            # asked before each poll: a long backlog, page after page, must not grow one run's history
            if self._polls >= POLLS_PER_RUN or workflow.info().is_continue_as_new_suggested():
                due = None if self._look else self._next_due
                here = replace(self._start, cursor=self._cursor, again=self._again, rest=self._rest)
                workflow.continue_as_new(replace(here, next_due=due))
            if self._look or self._next_due is None or workflow.now() >= self._next_due:
                self._look = False
                await self._poll()
            else:
                await self._wait(self._next_due)

    async def _poll(self) -> None:
        now, workflow_id = workflow.now(), workflow.info().workflow_id
        opens = erp_opens_for(now, workflow_id, AFTER_QUIET_SPREAD)
        if opens > now:
            self._next_due = opens  # rule P5
            return
        limits = time_outs(self._start.profile)
        start = self._start
        job = PollJob(start.tenant, start.connection, self._cursor, self._again, start.profile, self._rest)
        try:
            report = await workflow.execute_activity(
                "poll_erp",
                job,
                result_type=PollReport,
                task_queue=messages.ERP_QUEUE,
                start_to_close_timeout=limits.poll,
                heartbeat_timeout=limits.heartbeat,
                priority=fairness(self._start.tenant),
                retry_policy=READS,
                summary="poll",
            )
        except ActivityError:
            report = PollReport(self._cursor, reason=reasons.NO_ANSWER, again=self._again, rest=self._rest)
        self._polls += 1
        self._last, self._cursor, self._again, self._rest = report, report.cursor, report.again, report.rest
        self._next_due = self._after(report, workflow.now())
        self._look = self._look or report.more

    def _after(self, report: PollReport, now: datetime) -> datetime:
        if report.retry_at is not None:
            return max(report.retry_at, now + timedelta(seconds=1))
        if report.reason and report.reason != reasons.INACTIVE:
            return now + min(AFTER_FAILURE, timedelta(seconds=report.interval_seconds))
        return now + timedelta(seconds=report.interval_seconds)

    async def _wait(self, due: datetime) -> None:
        pause = max(due - workflow.now(), timedelta(milliseconds=1))
        with contextlib.suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: self._look, timeout=pause, timeout_summary=f"polls at {due:%Y-%m-%d %H:%M}Z"
            )

    @workflow.signal
    def look_now(self, reason: LookNow | None = None) -> None:
        """Poll at once, or as soon as the quiet window ends."""
        self._look = True

    @workflow.query
    def next_due(self) -> datetime | None:
        """When the poller asks next (UTC)."""
        return self._next_due

    @workflow.query
    def last_report(self) -> PollReport:
        """What the last poll brought."""
        return self._last
