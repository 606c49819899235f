"""Puts the telling of changed terms together: SQL, the way to authorizations, and the confirming mails."""

from temporalio.client import Client

from activities.jobs import TermsJob
from activities.terms import WriteTermsMail
from adapters.mail.terms_mail import terms_mail
from cli.wiring import Stores
from domain.authorization.terms import AuthorizationTerms
from domain.ports import Mail
from settings import Settings
from workflows.messages import NewTerms
from workflows.sending_holds import AuthorizationSender
from workflows.sending_terms import TermsSender


class RunningAuthorizations:
    """Fulfils `activities.terms.Authorizations`."""

    def __init__(self, sender: AuthorizationSender) -> None:
        self._sender = sender

    async def new_terms(self, workflow_id: str, terms: AuthorizationTerms) -> None:
        """Tell a running authorization its terms; one that has ended needs none. Raises RPCError."""
        await self._sender.change_terms(workflow_id, NewTerms(f"terms/{terms.version}", terms))


def running_authorizations(settings: Settings, client: Client) -> RunningAuthorizations:
    """The way to authorizations that run."""
    return RunningAuthorizations(AuthorizationSender(client, settings.timing.pacing, settings.profile.value))


def terms_sender(settings: Settings, client: Client) -> TermsSender:
    """The way to what tells changes."""
    return TermsSender(client, settings.timing.pacing, settings.profile.value)


def terms_mail_writer(stores: Stores) -> WriteTermsMail:
    """Writes a change as a mail in the language of its tenant."""

    def write(job: TermsJob) -> Mail:
        return terms_mail(stores.terms.change(job.tenant, job.provider_account, job.version), job.id)

    return write
