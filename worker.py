"""The worker process: settings → adapters → activities and workflows. No logic lives here.

`python worker.py` reads its settings from the environment (`HOLDFAST_*`) and works until a signal.
"""

import asyncio
import signal
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from importlib.metadata import version

import structlog
from temporalio.client import Client, Interceptor
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import PollerBehaviorAutoscaling, Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities.authorization_records import AuthorizationRecordActivities
from activities.erp import ErpActivities
from activities.failure_report import FailureFileActivities, FailureReportRecords, ReportMailActivities
from activities.holds import HoldActivities
from activities.mails import MailActivities
from activities.payments import PaymentActivities
from activities.polling import PollActivities
from activities.recorder import OperationRecorder, activity_time
from activities.records import RecordActivities
from activities.terms import TermsActivities, TermsMailActivities, TermsRecords
from adapters.computop.adapter import PaygateHolds
from adapters.file_drop.adapter import ServerFileDrop
from adapters.mail.adapter import SmtpNotifier
from adapters.pixi import PixiErp
from adapters.stripe_psp.adapter import StripeHolds
from adapters.unzer.adapter import UnzerPayments
from cli.failure_wiring import drop_account, failure_reports, report_mail_writer
from cli.hold_wiring import held_payments, tell_orders
from cli.keeper import keep
from cli.logs import configure_logs
from cli.terms_wiring import running_authorizations, terms_mail_writer, terms_sender
from cli.wiring import (
    Stores,
    check_database,
    check_keys,
    hold_mail_writer,
    mail_writer,
    settings_of_process,
    simulated_starts,
    temporal_orders,
)
from domain.authorization.ports import HoldProvider
from domain.errors import HoldfastError
from domain.ports import PaymentProvider
from settings import Settings
from workflows.authorization import AuthorizationWorkflow
from workflows.erp_poll import ErpPollWorkflow
from workflows.failure_report import FailureReportWorkflow
from workflows.messages import ERP_QUEUE, FILE_QUEUE, MAIL_QUEUE, WORKFLOW_QUEUE, provider_queue
from workflows.order import OrderWorkflow
from workflows.sending import WorkflowSender
from workflows.sending_holds import AuthorizationSender
from workflows.sending_reports import ReportSender
from workflows.terms_change import TermsChangeWorkflow

log = structlog.get_logger()

PASSED_THROUGH = ("domain", "activities", "workflows", "pydantic", "pydantic_core", "structlog", "temporalio")
CACHED_WORKFLOWS = 2000
MAIL_SLOTS = 4
FILE_SLOTS = 4
# What a worker has taken over, and what the server keeps for its cache, is worked off in turn, whoever it belongs to;
# beyond that tenants take turns. So neither is large: a worker needs no more at a time, and a workflow that waited for
# its place in the cache for a second is loaded anew.
WORKFLOW_TASKS = 20
STICKY = timedelta(seconds=1)
# shown in the Temporal UI; left out, the SDK would compile every module that is loaded to make one up, at each start
BUILD_ID = f"holdfast-{version('holdfast')}"


def erp_slots(concurrency: int) -> int:
    """How many activities of the ERP a worker has under way; each connection lets one of them speak."""
    return max(4, concurrency // 4)


def workflow_runner() -> SandboxedWorkflowRunner:
    """The sandbox in which workflows run, here and wherever histories are replayed."""
    return SandboxedWorkflowRunner(restrictions=SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH))


def build_workers(settings: Settings, stores: Stores, client: Client, threads: ThreadPoolExecutor) -> Sequence[Worker]:
    """One worker per task queue: workflows, the ERP, mails, files, and each kind of provider."""
    recorder = OperationRecorder(stores.journal)
    erp = PixiErp(stores.pixi_connection)
    unzer = UnzerPayments(stores.unzer_account, clock=activity_time)
    providers: dict[str, PaymentProvider] = {"unzer": unzer, **held_payments(settings, stores, client)}
    payments = PaymentActivities(providers, stores.switches)
    changes = ErpActivities(erp, stores.slots, stores.switches, providers)
    polls = PollActivities(
        erp, stores.polled_orders, temporal_orders(settings, stores, client), stores.slots, stores.switches
    )
    notifier = SmtpNotifier(stores.mail_settings, clock=activity_time)
    mails = MailActivities(notifier, mail_writer(settings, stores), hold_mail_writer())
    records = RecordActivities(stores.records, stores.messages)
    hold_providers: dict[str, HoldProvider] = {
        "stripe": StripeHolds(stores.stripe_account, clock=activity_time),
        "computop": PaygateHolds(stores.paygate_account, clock=activity_time),
    }
    holds = HoldActivities(hold_providers, stores.switches, stores.card_ledger, stores.authorizations)
    authorizations = AuthorizationRecordActivities(stores.authorizations, stores.messages, tell_orders(stores))
    reports = failure_reports(stores)
    files = FailureFileActivities(reports, ServerFileDrop(drop_account(stores), clock=activity_time))
    report_mails = ReportMailActivities(notifier, report_mail_writer(stores))
    terms = TermsActivities(stores.terms, running_authorizations(settings, client))
    terms_mails = TermsMailActivities(notifier, terms_mail_writer(stores))

    def activity_worker(queue: str, activities: Sequence[object], slots: int) -> Worker:
        return Worker(
            client,
            build_id=BUILD_ID,
            task_queue=queue,
            activities=activities,  # type: ignore[arg-type]
            activity_executor=threads,
            max_concurrent_activities=slots,
            interceptors=[recorder],
            activity_task_poller_behavior=PollerBehaviorAutoscaling(),
            graceful_shutdown_timeout=timedelta(seconds=20),
        )

    concurrency = settings.worker_concurrency
    return (
        Worker(
            client,
            build_id=BUILD_ID,
            task_queue=WORKFLOW_QUEUE,
            workflows=[
                OrderWorkflow,
                ErpPollWorkflow,
                AuthorizationWorkflow,
                FailureReportWorkflow,
                TermsChangeWorkflow,
            ],
            activities=[
                records.record,
                records.recall,
                authorizations.record_authorization,
                authorizations.recall_authorization,
                FailureReportRecords(reports).look_at_failures,
                TermsRecords(stores.terms).look_at_terms,
                terms.tell_terms,
            ],
            activity_executor=threads,
            max_cached_workflows=CACHED_WORKFLOWS,
            disable_eager_activity_execution=True,
            workflow_runner=workflow_runner(),
            workflow_task_poller_behavior=PollerBehaviorAutoscaling(),
            max_concurrent_workflow_tasks=WORKFLOW_TASKS,
            sticky_queue_schedule_to_start_timeout=STICKY,
            graceful_shutdown_timeout=timedelta(seconds=20),
        ),
        activity_worker(ERP_QUEUE, [changes.change_erp_order, polls.poll_erp], erp_slots(concurrency)),
        activity_worker(
            MAIL_QUEUE,
            [mails.send_mail, mails.send_hold_mail, report_mails.send_report_mail, terms_mails.send_terms_mail],
            MAIL_SLOTS,
        ),
        activity_worker(FILE_QUEUE, [files.deliver_failure_file], FILE_SLOTS),
        activity_worker(provider_queue("unzer"), payments.all(), concurrency),
        *(
            activity_worker(provider_queue(name), [*payments.all(), *holds.all()], concurrency)
            for name in hold_providers
        ),
    )


async def connect(settings: Settings, interceptors: Sequence[Interceptor]) -> Client:
    """The Temporal client of this process; waits for a server that is still starting."""
    while True:
        try:
            return await Client.connect(
                settings.temporal_address,
                namespace=settings.temporal_namespace,
                data_converter=pydantic_data_converter,
                interceptors=interceptors,
            )
        except RuntimeError as error:
            log.warning("temporal.unreachable", address=settings.temporal_address, error=str(error)[:200])
            await asyncio.sleep(1)


async def stopped_before(stop: asyncio.Event, connecting: "asyncio.Task[Client]") -> bool:
    """Whether the process was told to end while it still waits for Temporal."""
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait([stopped, connecting], return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    return not connecting.done() and connecting.cancel()


async def work(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(one, stop.set)
    stores = Stores.open(settings)
    connecting = asyncio.create_task(connect(settings, simulated_starts(settings, stores)))
    if await stopped_before(stop, connecting):
        return
    with ThreadPoolExecutor(settings.worker_concurrency + 16, thread_name_prefix="activity") as threads:
        workers = build_workers(settings, stores, connecting.result(), threads)
        running = [asyncio.create_task(worker.run()) for worker in workers]
        log.info("worker.started", temporal=settings.temporal_address, profile=settings.profile.value)
        sender = WorkflowSender(connecting.result(), settings.timing.pacing, settings.profile.value)
        reports = ReportSender(connecting.result(), settings.timing.pacing, settings.profile.value)
        terms = terms_sender(settings, connecting.result())
        holds = AuthorizationSender(connecting.result(), settings.timing.pacing, settings.profile.value)
        keeper = asyncio.create_task(keep(stores, sender, reports=reports, terms=terms, holds=holds))
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait([stopped, *running], return_when=asyncio.FIRST_COMPLETED)
        keeper.cancel()
        log.info("worker.stopping")
        await asyncio.gather(*(worker.shutdown() for worker in workers))
        await asyncio.gather(*running)
    stores.close()


async def main() -> int:
    """Check what is needed, then work. Exit code 1 and one sentence when something is missing."""
    try:
        settings = settings_of_process()
        configure_logs(settings)
        check_keys(settings)
        check_database(settings)
    except HoldfastError as error:
        log.error("worker.cannot_start", reason=str(error))
        return 1
    await work(settings)
    await asyncio.sleep(0.5)  # the native threads must be idle before the interpreter ends
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
