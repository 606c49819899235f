"""A change of the terms of an account: it sees to it that the merchant gets the confirming mail and that every open
authorization hears of it.

It remembers next to nothing. Each look at SQL tells what is left to do, `decide` says what comes first, and what was
done stands in SQL before the next look.
"""

from dataclasses import replace

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from datetime import datetime

    from activities.jobs import TermsJob, TermsLook, TermsNews
    from domain.authorization.terms_change import TermsPicture, decide, mail_of
    from domain.outcomes import OperationResult
    from domain.repetition import pause
    from workflows import messages
    from workflows.alarm import Alarm
    from workflows.messages import LookNow, TermsChangeStart
    from workflows.options import BULK, ONCE, OWN_SQL, READS, fairness, time_outs

LOOKS_PER_RUN = 200


@workflow.defn(name=messages.TERMS_CHANGE)
class TermsChangeWorkflow:
    """Lives until nothing is left to tell; each change starts it again."""

    @workflow.init
    def __init__(self, start: TermsChangeStart) -> None:
        self._start = start
        self._rounds = start.rounds
        self._woken = False
        self._looks = 0
        self._failed = 0  # activities in a row that came back without a result
        self._next_due: datetime | None = None
        self._alarm = Alarm()

    @workflow.run
    async def run(self, start: TermsChangeStart) -> None:
        while True:
            self._woken = False
            picture = await self._look()
            if not picture.active:
                return
            decision, rounds = decide(picture, self._rounds, self._id, self._start.pacing, workflow.now())
            self._next_due = decision.next_due
            if decision.confirm is not None:
                await self._confirm(decision.confirm)
            elif decision.tell:
                if await self._tell(decision.tell):
                    self._rounds = rounds
            elif decision.look:
                self._rounds = rounds
            elif not self._woken:
                self._rounds = rounds
                if decision.next_due is None:
                    return
                await self._alarm.wait(decision.next_due, lambda: self._woken)
            if self._looks >= LOOKS_PER_RUN or workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(replace(self._start, rounds=self._rounds))

    @property
    def _id(self) -> str:
        return workflow.info().workflow_id

    async def _look(self) -> TermsPicture:
        self._looks += 1
        start = self._start
        picture: TermsPicture = await workflow.execute_local_activity(
            "look_at_terms",
            TermsLook(self._id, start.tenant, start.account, self._rounds.after),
            result_type=TermsPicture,
            start_to_close_timeout=time_outs(start.profile).own_sql,
            retry_policy=OWN_SQL,
            summary="look",
        )
        return picture

    async def _confirm(self, version: int) -> None:
        """Send one mail; what becomes of it stands in the journal."""
        start, limits, operation = self._start, time_outs(self._start.profile), mail_of(version)
        try:
            await workflow.execute_activity(
                "send_terms_mail",
                TermsJob(self._id, start.tenant, start.account, version, operation),
                result_type=OperationResult,
                task_queue=messages.MAIL_QUEUE,
                start_to_close_timeout=limits.mail,
                heartbeat_timeout=limits.heartbeat,
                priority=fairness(start.tenant, BULK),
                retry_policy=ONCE,
                summary=f"mail {operation.subject}"[:200],
            )
            self._failed = 0
        except ActivityError:
            await self._come_to_rest()

    async def _tell(self, authorizations: tuple[str, ...]) -> bool:
        """Tell a page of authorizations; whether all of it was done."""
        start, limits = self._start, time_outs(self._start.profile)
        try:
            await workflow.execute_activity(
                "tell_terms",
                TermsNews(start.tenant, start.account, authorizations),
                task_queue=messages.WORKFLOW_QUEUE,
                start_to_close_timeout=limits.mail,
                heartbeat_timeout=limits.heartbeat,
                priority=fairness(start.tenant, BULK),
                retry_policy=READS,
                summary=f"tell {len(authorizations)}",
            )
            self._failed = 0
        except ActivityError:
            await self._come_to_rest()
            return False
        return True

    async def _come_to_rest(self) -> None:
        """It may have ended before anything stood in SQL: without a pause it would be due again at once."""
        self._failed += 1
        await self._alarm.wait(workflow.now() + pause(self._failed, self._start.pacing), lambda: self._woken)

    # Signals may come by hand and without their argument: a handler that fails would stop it for good.

    @workflow.signal
    def look_now(self, reason: LookNow | None = None) -> None:
        """The terms were changed."""
        self._woken = True

    @workflow.query
    def next_due(self) -> datetime | None:
        """When it looks next (UTC)."""
        return self._next_due
