"""Failure files: looking at a tenant's failures, putting a file into the merchant's folder, telling that it is late."""

import asyncio
from collections.abc import Callable

from temporalio import activity

from activities.going import going
from activities.jobs import ReportJob, ReportLook
from domain.failure_report import FailureReports, ReportPicture
from domain.file_drop import FileDrop, Parcel
from domain.operations import operation_key
from domain.outcomes import OperationResult
from domain.ports import Mail, Notifier

WriteReportMail = Callable[[ReportJob], Mail]
_KEY_LENGTH = 8


class FailureReportRecords:
    """Reads and writes our own SQL only, so it runs as a local activity."""

    def __init__(self, reports: FailureReports) -> None:
        self._reports = reports

    @activity.defn(name="look_at_failures")
    def look_at_failures(self, look: ReportLook) -> ReportPicture:
        """Write every file that is complete, and tell what is left to do."""
        return self._reports.look(look.tenant, look.workflow_id, look.at)


class FailureFileActivities:
    """`drop` reaches the merchants' folders."""

    def __init__(self, reports: FailureReports, drop: FileDrop) -> None:
        self._reports = reports
        self._drop = drop

    @activity.defn(name="deliver_failure_file")
    async def deliver_failure_file(self, job: ReportJob) -> OperationResult:
        """Put one file into the merchant's folder, whole and once."""
        leave, step = going(), job.step
        content = await asyncio.to_thread(self._reports.content, job.tenant, step.account, step.day)
        working_name = f".{step.name}.{operation_key(job.id, _KEY_LENGTH)}.part"
        return await self._drop.put(Parcel(job.tenant, step.name, working_name, content), leave.earlier, leave.permit)


class ReportMailActivities:
    """`write` puts what is the matter with a file into a mail in the tenant's language."""

    def __init__(self, notifier: Notifier, write: WriteReportMail) -> None:
        self._notifier = notifier
        self._write = write

    @activity.defn(name="send_report_mail", no_thread_cancel_exception=True)
    def send_report_mail(self, job: ReportJob) -> OperationResult:
        """Hand one mail to the tenant's server; at least once, always under the same Message-ID."""
        leave = going()
        return self._notifier.send(self._write(job), leave.permit)
