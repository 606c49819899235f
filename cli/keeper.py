"""What each worker sees to beside its work, in real time: that pollers and reports run, changed terms are told and no
order oversleeps.

Simulated tenants are left to their driver.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog

from cli.setup_wiring import administration_over
from cli.wiring import Stores
from storage.authorization_list import AuthorizationList
from storage.orders import Orders
from workflows.messages import PickUp
from workflows.sending import WorkflowSender
from workflows.sending_holds import AuthorizationSender
from workflows.sending_reports import ReportSender
from workflows.sending_terms import TermsSender

log = structlog.get_logger()

EVERY_SECONDS = 60.0
OVERDUE_AFTER = timedelta(minutes=15)  # a backlog of workers may be that long
OVERDUE_AT_A_TIME = 200


def _real_time() -> datetime:
    return datetime.now(UTC)


async def keep(
    stores: Stores,
    sender: WorkflowSender,
    every: float = EVERY_SECONDS,
    now: Callable[[], datetime] = _real_time,
    reports: ReportSender | None = None,
    terms: TermsSender | None = None,
    holds: AuthorizationSender | None = None,
) -> None:
    """Start pollers and reports that do not run and orders that are overdue and do not run, and prove connections that
    could not be proved when they were saved, until cancelled."""
    connections = (await asyncio.to_thread(administration_over, stores)).connections
    while True:
        try:
            await asyncio.to_thread(connections.verify_due)
        except Exception as error:  # whatever it is, the next round tries again
            log.warning("keeper.not_verified", error=type(error).__name__)
        try:
            await start_pollers(stores, sender)
            if reports is not None:
                await start_reports(stores, reports)
            if terms is not None:
                await start_terms_changes(stores, terms)
            await wake_overdue(stores, sender, now())
            if holds is not None:
                await wake_overdue_holds(stores, sender, holds, now())
        except Exception as error:  # whatever it is, the next round tries again
            log.warning("keeper.failed", error=type(error).__name__)
        await asyncio.sleep(every)


async def start_pollers(stores: Stores, sender: WorkflowSender) -> None:
    """See to it that each active ERP connection has its poller, also one that was added or whose poller was ended."""
    simulated = await asyncio.to_thread(_simulated, stores)
    for one in await asyncio.to_thread(stores.directory.erp_connections):
        if one.active and one.tenant not in simulated:
            await sender.start_poller(one.tenant, one.name)


async def start_reports(stores: Stores, reports: ReportSender) -> None:
    """See to it that each tenant with authorizations has its report of failures."""
    simulated = await asyncio.to_thread(_simulated, stores)
    for tenant in await asyncio.to_thread(stores.authorizations.tenants):
        if tenant not in simulated:
            await reports.start(tenant)


async def start_terms_changes(stores: Stores, terms: TermsSender) -> None:
    """See to it that changed terms are told, also where whoever changed them could not say so."""
    simulated = await asyncio.to_thread(_simulated, stores)
    for tenant, account in await asyncio.to_thread(stores.terms.unfinished):
        if tenant not in simulated:
            await terms.start(tenant, account)


async def wake_overdue(stores: Stores, sender: WorkflowSender, now: datetime) -> int:
    """Start orders again whose own time passed while no run of theirs was there, as after Temporal lost its state.

    Returns how many. Orders that run and are late wait for a worker, which is told in the log.
    """
    simulated = await asyncio.to_thread(_simulated, stores)
    found = await asyncio.to_thread(Orders(stores.db).overdue, now - OVERDUE_AFTER, simulated, OVERDUE_AT_A_TIME)
    woken = 0
    for row in found:
        if await sender.runs(row.workflow_id):
            continue
        order = await asyncio.to_thread(stores.known_order, row.workflow_id)
        if order is None or row.next_due is None:
            continue
        await sender.pick_up(order, PickUp(f"overdue/{row.next_due.isoformat()}"))
        log.warning("order.woken", workflow=row.workflow_id, due=row.next_due.isoformat())
        woken += 1
    if len(found) > woken:
        log.warning("orders.late", orders=len(found) - woken)
    return woken


async def wake_overdue_holds(stores: Stores, sender: WorkflowSender, holds: AuthorizationSender, now: datetime) -> int:
    """Start authorizations again whose own time passed while no run of theirs was there; what they had accepted and
    not acted on is sent again. Returns how many."""
    simulated = await asyncio.to_thread(_simulated, stores)
    listed = AuthorizationList(stores.db)
    found = await asyncio.to_thread(listed.overdue, now - OVERDUE_AFTER, simulated, OVERDUE_AT_A_TIME)
    woken = 0
    for row in found:
        if await sender.runs(row.workflow_id):
            continue
        known = await asyncio.to_thread(stores.known_authorization, row.workflow_id)
        if known is None or row.next_due is None:
            continue
        await asyncio.to_thread(stores.messages.reopen, row.workflow_id)
        await holds.begin(known, PickUp(f"overdue/{row.next_due.isoformat()}"))
        log.warning("authorization.woken", workflow=row.workflow_id, due=row.next_due.isoformat())
        woken += 1
    if len(found) > woken:
        log.warning("authorizations.late", authorizations=len(found) - woken)
    return woken


def _simulated(stores: Stores) -> frozenset[str]:
    return frozenset(one.id for one in stores.directory.tenants() if one.simulated)
