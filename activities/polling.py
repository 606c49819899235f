"""The poller's activity: turns changes in the ERP into messages to orders.

The number of requests grows with what changed, not with what is open: the lists tell which orders may have changed,
only those are read, and an order hears of it only when its picture differs from the last one it was told.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from temporalio import activity

from activities.going import connection_name, erp_permit
from activities.jobs import PollJob, PollReport
from activities.recorder import activity_clock, gate_name
from domain import reasons
from domain.errors import Misconfigured, NotSent, Rejected, Transient
from domain.facts import ErpSnapshot, Phase
from domain.payment_check import out_of_scope
from domain.polling import ConnectionSettings, LookedAfter, Orders, PolledOrders, PollPlace
from domain.ports import Candidate, CandidatePage, ErpChanges, PollCursor, PolledCode, SendPermit, Slots, Switches

log = structlog.get_logger()

AGAIN_KEPT = 500
CLOCKS_DIFFER = timedelta(minutes=10)  # two clocks are never equal


class PollActivities:
    """Reads through `erp`, remembers in `memory`, speaks to `orders`."""

    def __init__(self, erp: ErpChanges, memory: PolledOrders, orders: Orders, slots: Slots, switches: Switches) -> None:
        self._erp = erp
        self._memory = memory
        self._orders = orders
        self._slots = slots
        self._switches = switches

    @activity.defn(name="poll_erp")
    def poll_erp(self, job: PollJob) -> PollReport:
        """One page of changes; nothing is asked inside the quiet window (rule P5)."""
        now = activity_clock()
        settings = self._memory.settings(job.tenant, job.connection)
        job = self._placed(job)
        report = PollReport(
            job.cursor,
            interval_seconds=settings.interval_seconds,
            active=settings.active,
            again=job.again,
            rest=job.rest,
        )
        place = self._memory.place(job.tenant, job.connection)
        looked_after = _looked_after(place.looked_after, settings, now())
        if looked_after != place.looked_after:
            self._memory.keep_place(job.tenant, job.connection, replace(place, looked_after=looked_after))
        if not settings.active:
            return replace(report, reason=reasons.INACTIVE)
        try:
            self._orders.revive(job.tenant, job.connection)
            permit = erp_permit(now, lambda: self._switches.check(gate_name("erp", job.tenant, job.connection), now()))
            permit()
            page = self._rest(job) or self._page(job, settings.codes, now(), permit)
            told = self._tell_all(job, page, report, now, permit, looked_after)
            reached = PollPlace(told.cursor, told.again, told.rest, looked_after)
            self._memory.keep_place(job.tenant, job.connection, reached)
            return told
        except NotSent as stop:
            return replace(report, reason=stop.reason, retry_at=stop.retry_at)
        except Misconfigured:
            log.error("poll.misconfigured", tenant=job.tenant, connection=job.connection)
            return replace(report, reason=reasons.MISCONFIGURED)
        except Rejected as error:
            log.error("poll.refused", tenant=job.tenant, connection=job.connection, error=str(error))
            return replace(report, reason=reasons.REFUSED)
        except Transient as error:
            log.warning("poll.unreachable", tenant=job.tenant, connection=job.connection, error=str(error))
            return replace(report, reason=reasons.NO_ANSWER)

    def _placed(self, job: PollJob) -> PollJob:
        """The job with the place that was kept, where the poller knows none."""
        if job.cursor != PollCursor() or job.again or job.rest:
            return job
        kept = self._memory.place(job.tenant, job.connection)
        return replace(job, cursor=kept.cursor, again=kept.again, rest=kept.rest)

    def _rest(self, job: PollJob) -> CandidatePage | None:
        """What is left of the last page, to be told before anything else is asked."""
        left = tuple(Candidate(order_no, "") for order_no in job.rest)
        return CandidatePage(left, job.cursor, more=True) if left else None

    def _page(self, job: PollJob, codes: Sequence[PolledCode], at: datetime, permit: SendPermit) -> CandidatePage:
        slot = self._slots.hold(connection_name(job.tenant, job.connection))
        try:
            return self._erp.candidates(
                connection_name(job.tenant, job.connection),
                codes,
                job.cursor,
                at,
                _both(permit, slot.renew),
                lambda found: self._memory.seen(job.tenant, job.connection, found),
            )
        finally:
            slot.release()

    def _tell_all(
        self,
        job: PollJob,
        page: CandidatePage,
        report: PollReport,
        now: Callable[[], datetime],
        permit: SendPermit,
        looked_after: Sequence[LookedAfter],
    ) -> PollReport:
        told = unchanged = 0
        again: list[str] = []
        rest: tuple[str, ...] = ()
        listed = {one.order_no for one in page.candidates}
        retried = tuple(Candidate(order_no, "") for order_no in job.again if order_no not in listed)
        candidates, ends = (*page.candidates, *retried), now() + _share_of_time()
        marked = [one for one in page.candidates if one.mark]
        seen = self._memory.seen(job.tenant, job.connection, marked) if marked else ()
        for place, candidate in enumerate(candidates):
            if place and now() > ends:
                # a slow ERP: what was told is kept, and the rest is told by executions of its own
                rest = tuple(one.order_no for one in candidates[place:])
                break
            if candidate.mark and candidate.order_no in seen:
                unchanged += 1
                continue
            try:
                changed = self._tell(job, candidate, now(), permit, looked_after)
            except Rejected as error:
                # one order that cannot be read must not hold up the others
                log.error("poll.order_unreadable", order=candidate.order_no, error=str(error))
                again.append(candidate.order_no)
                continue
            told += changed
            unchanged += not changed
        return replace(
            report,
            cursor=page.cursor,
            more=page.more or bool(rest),
            told=told,
            unchanged=unchanged,
            again=tuple(again[-AGAIN_KEPT:]),
            rest=rest,
            reason=reasons.REFUSED if page.refused else "",
        )

    def _tell(
        self,
        job: PollJob,
        candidate: Candidate,
        at: datetime,
        permit: SendPermit,
        looked_after: Sequence[LookedAfter],
    ) -> bool:
        tenant, connection, order_no = job.tenant, job.connection, candidate.order_no
        as_of = self._memory.next_as_of(tenant, connection, order_no, at)
        slot = self._slots.hold(connection_name(tenant, connection))
        try:
            snapshot = self._erp.snapshot(
                connection_name(tenant, connection), order_no, as_of, _both(permit, slot.renew)
            )
        finally:
            slot.release()
        if order_no not in job.again and _doubtful(snapshot):
            raise Rejected("what the list tells and what the order tells do not go together")
        if snapshot is None or out_of_scope(snapshot):
            self._memory.told(tenant, connection, candidate, None)
            return False
        if self._memory.knows(tenant, connection, snapshot):
            self._memory.told(tenant, connection, candidate, snapshot)
            return False
        found = self._memory.config(tenant, connection, snapshot)
        if found is None:
            return False
        config, resume = found
        begun = resume is not None or self._memory.started(tenant, connection, order_no)
        if not begun and not _begins(snapshot, looked_after):
            self._memory.told(tenant, connection, candidate, None)
            return False
        self._memory.register(tenant, connection, snapshot, config)
        self._orders.report(tenant, connection, snapshot, config, resume)
        self._memory.told(tenant, connection, candidate, snapshot)
        return True


def _looked_after(known: Sequence[LookedAfter], settings: ConnectionSettings, now: datetime) -> tuple[LookedAfter, ...]:
    """Since when the orders of each code are looked after; whatever was switched off meanwhile begins anew."""
    before = {one.code: one.since for one in known}
    codes = settings.codes if settings.active else ()
    return tuple(LookedAfter(code, before.get(code, now)) for code in codes)


def _begins(snapshot: ErpSnapshot, looked_after: Sequence[LookedAfter]) -> bool:
    """Whether an order that nobody began is Holdfast's: it is on hold, or it came after its code was switched on.

    Any other was let go by somebody else, such as an app that Holdfast takes over from, and is imported on purpose.
    """
    if snapshot.phase is Phase.HELD:
        return True
    code = PolledCode(snapshot.shop_id, snapshot.payment_code)
    since = next((one.since for one in looked_after if _same(one.code, code)), None)
    return since is not None and snapshot.created_at is not None and snapshot.created_at >= since - CLOCKS_DIFFER


def _same(one: PolledCode, other: PolledCode) -> bool:
    return (one.shop_id.upper(), one.payment_code) == (other.shop_id.upper(), other.payment_code)


def _share_of_time() -> timedelta:
    """How long orders are told in one execution: half of its time, for the other half is the last order's reserve."""
    return (activity.info().start_to_close_timeout or timedelta(minutes=10)) / 2


def _doubtful(snapshot: ErpSnapshot | None) -> bool:
    """Whether an answer came without its rows: a listed order that does not exist, goods that left without an invoice.

    Believed only when the next poll finds the same, for an order is not looked at again until its lists change.
    """
    return snapshot is None or (snapshot.shipped.count > 0 and not snapshot.invoices)


def _both(one: SendPermit, other: SendPermit) -> SendPermit:
    def permit() -> None:
        one()
        other()

    return permit
