"""Changed terms: looking what is left to tell, telling authorizations, confirming a change by mail."""

import asyncio
from collections.abc import Callable
from typing import Protocol

import structlog
from temporalio import activity
from temporalio.service import RPCError, RPCStatusCode

from activities.going import going
from activities.jobs import TermsJob, TermsLook, TermsNews
from domain.authorization.terms import AuthorizationTerms
from domain.authorization.terms_change import TermsChanges, TermsPicture
from domain.outcomes import OperationResult
from domain.ports import Mail, Notifier

log = structlog.get_logger()

WriteTermsMail = Callable[[TermsJob], Mail]
PER_SECOND = 25.0  # how many authorizations of an account hear of a change, so that the night's work goes on beside it
_OF_THE_SERVER = frozenset(
    {RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.RESOURCE_EXHAUSTED}
)


class Authorizations(Protocol):
    """The way to authorizations."""

    async def new_terms(self, workflow_id: str, terms: AuthorizationTerms) -> None:
        """Tell a running authorization its terms. Raises RPCError."""


class TermsRecords:
    """Reads and writes our own SQL only, so it runs as a local activity."""

    def __init__(self, changes: TermsChanges) -> None:
        self._changes = changes

    @activity.defn(name="look_at_terms")
    def look_at_terms(self, look: TermsLook) -> TermsPicture:
        """Note which mails were taken, and tell what is left to do."""
        return self._changes.look(look.tenant, look.account, look.workflow_id, look.after)


class TermsActivities:
    """`authorizations` is the way to them."""

    def __init__(self, changes: TermsChanges, authorizations: Authorizations) -> None:
        self._changes = changes
        self._authorizations = authorizations

    @activity.defn(name="tell_terms")
    async def tell_terms(self, news: TermsNews) -> None:
        """Tell a page of authorizations the terms that hold now, at a limited rate; may be repeated.

        One that cannot be told does not keep the others from hearing; it is told again in the next round. Raises
        RPCError when the server cannot be reached.
        """
        terms = await asyncio.to_thread(self._changes.current, news.tenant, news.account)
        for workflow_id in news.authorizations:
            activity.heartbeat()
            try:
                await self._authorizations.new_terms(workflow_id, terms)
            except RPCError as error:
                if error.status in _OF_THE_SERVER:
                    raise
                log.warning("terms.not_told", workflow=workflow_id, error=error.status.name.lower())
            await asyncio.sleep(1 / PER_SECOND)


class TermsMailActivities:
    """`write` puts a change into a mail in the tenant's language."""

    def __init__(self, notifier: Notifier, write: WriteTermsMail) -> None:
        self._notifier = notifier
        self._write = write

    @activity.defn(name="send_terms_mail", no_thread_cancel_exception=True)
    def send_terms_mail(self, job: TermsJob) -> OperationResult:
        """Hand one mail to the tenant's server; at least once, always under the same Message-ID."""
        leave = going()
        return self._notifier.send(self._write(job), leave.permit)
