"""The activities that mail problems and notices to the tenant's recipient."""

from collections.abc import Callable

from temporalio import activity

from activities.going import going
from activities.jobs import HoldJob, Job
from domain.outcomes import OperationResult
from domain.ports import Mail, Notifier

WriteMail = Callable[[Job], Mail]
WriteHoldMail = Callable[[HoldJob], Mail]


class MailActivities:
    """`write` puts a problem's note into a mail in the tenant's language, `write_of_hold` one of an authorization."""

    def __init__(self, notifier: Notifier, write: WriteMail, write_of_hold: WriteHoldMail) -> None:
        self._notifier = notifier
        self._write = write
        self._write_of_hold = write_of_hold

    @activity.defn(name="send_mail", no_thread_cancel_exception=True)
    def send_mail(self, job: Job) -> OperationResult:
        """Hand one mail to the tenant's server; at least once, always under the same Message-ID."""
        leave = going()
        return self._notifier.send(self._write(job), leave.permit)

    @activity.defn(name="send_hold_mail", no_thread_cancel_exception=True)
    def send_hold_mail(self, job: HoldJob) -> OperationResult:
        """The same for an authorization."""
        leave = going()
        return self._notifier.send(self._write_of_hold(job), leave.permit)
