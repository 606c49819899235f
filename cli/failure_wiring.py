"""Puts the report of failures together: SQL, the layout of its files, the merchants' folders, and its mails."""

from collections.abc import Callable

from activities.failure_report import WriteReportMail
from activities.jobs import ReportJob
from adapters.computop.handing_over import PAYGATE_HOLDS
from adapters.file_drop.account import DropAccount
from adapters.file_drop.layout import FailureFileLayout
from adapters.mail.file_mail import file_mail
from cli.wiring import Stores
from domain.errors import Misconfigured
from domain.file_drop import FileDropSettings
from domain.ports import Mail
from domain.tenant_config import Language
from storage.failure_report import SqlFailureReports
from storage.open_attempts import AuthorizationNames
from workflows.ids import authorizations_of, parse_authorization_workflow_id


def failure_reports(stores: Stores) -> SqlFailureReports:
    """The failures of all tenants. An account at Paygate is a MerchantID; another names one in the option
    `merchant_id`."""

    def merchant_id(account: str) -> str:
        found = stores.directory.provider_account(account)
        if found is None:
            return ""
        own = found.public_key if found.provider == PAYGATE_HOLDS.provider else ""
        return found.options.get("merchant_id", own)

    names = AuthorizationNames(authorizations_of, lambda found: parse_authorization_workflow_id(found).account)
    return SqlFailureReports(stores.db, FailureFileLayout(merchant_id), names)


def drop_account(stores: Stores) -> Callable[[str], DropAccount]:
    """Finds a tenant's file server; raises `Misconfigured` when none is set or it is switched off."""

    def found(tenant: str) -> DropAccount:
        settings = stores.file_drops.file_drop(tenant)
        if settings is None or not settings.active:
            raise Misconfigured(f"the tenant {tenant} has no active folder on a file server: set one")
        return account_of(stores, settings, stores.secrets.get(settings.secret_ref))

    return found


def account_of(stores: Stores, settings: FileDropSettings, secret: str) -> DropAccount:
    """A tenant's file server as the adapter wants it."""
    timing = stores.settings.timing
    return DropAccount(
        protocol=settings.protocol,
        host=settings.host,
        port=settings.port,
        username=settings.username,
        secret=secret,
        login=settings.login,
        folder=settings.folder,
        host_key=settings.host_key,
        connect_seconds=timing.http_connect,
        request_seconds=timing.provider_read,
    )


def report_mail_writer(stores: Stores) -> WriteReportMail:
    """Writes a mail about a failure file in the language of its tenant."""

    def write(job: ReportJob) -> Mail:
        tenant = stores.directory.tenant(job.tenant)
        return file_mail(
            tenant=job.tenant,
            name=job.step.name or job.operation.concerns,
            note=job.operation.note,
            language=tenant.language if tenant is not None else Language.GERMAN,
            operation_id=job.id,
        )

    return write
