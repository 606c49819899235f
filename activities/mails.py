"""The activity that mails a problem to the tenant's recipient."""

from collections.abc import Callable

from temporalio import activity

from activities.going import going
from activities.jobs import Job
from domain.outcomes import OperationResult
from domain.ports import Mail, Notifier

WriteMail = Callable[[Job], Mail]


class MailActivities:
    """`write` puts a problem's note into a mail in the tenant's language."""

    def __init__(self, notifier: Notifier, write: WriteMail) -> None:
        self._notifier = notifier
        self._write = write

    @activity.defn(name="send_mail", no_thread_cancel_exception=True)
    def send_mail(self, job: Job) -> OperationResult:
        """Hand one mail to the tenant's server; at least once, always under the same Message-ID."""
        leave = going()
        return self._notifier.send(self._write(job), leave.permit)
