"""The poller's memory: fulfils `domain.polling.PolledOrders` from the directory, the poll memory and the journal."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from domain.facts import ErpSnapshot
from domain.order_state import OrderState, same_picture
from domain.polling import ConnectionSettings, PollPlace
from domain.ports import Candidate
from domain.tenant_config import OrderConfig, Pacing
from storage.directory import Directory
from storage.inbox import Inbox
from storage.poll_memory import PollMemory
from storage.projections import StartedOrder
from storage.records import Records


class SqlPolledOrders:
    """`pacing` is noted with each order's start; `workflow_id` makes an order's id of tenant, connection and number."""

    def __init__(
        self,
        directory: Directory,
        memory: PollMemory,
        records: Records,
        inbox: Inbox,
        pacing: Pacing,
        workflow_id: Callable[[str, str, str], str],
    ) -> None:
        self._directory = directory
        self._memory = memory
        self._records = records
        self._inbox = inbox
        self._pacing = pacing
        self._workflow_id = workflow_id

    def settings(self, tenant: str, connection: str) -> ConnectionSettings:
        """The connection as it is configured now; a removed one counts as switched off."""
        found = self._directory.erp_connection(tenant, connection)
        if found is None:
            return ConnectionSettings(active=False, interval_seconds=3600, codes=())
        codes = self._directory.polled_codes(tenant, connection)
        return ConnectionSettings(found.active, found.poll_interval.total_seconds(), codes)

    def place(self, tenant: str, connection: str) -> PollPlace:
        """Where polling stopped."""
        return self._memory.place(tenant, connection)

    def keep_place(self, tenant: str, connection: str, place: PollPlace) -> None:
        """Remember where polling stopped."""
        self._memory.keep_place(tenant, connection, place)

    def seen(self, tenant: str, connection: str, candidates: Sequence[Candidate]) -> frozenset[str]:
        """The numbers of those about which the lists told the very same when they were last read."""
        marks = self._memory.marks(tenant, connection, [one.order_no for one in candidates])
        return frozenset(one.order_no for one in candidates if marks.get(one.order_no) == one.mark)

    def next_as_of(self, tenant: str, connection: str, order_no: str, now: datetime) -> datetime:
        """The instant of the next picture, always later than the last one."""
        return self._memory.next_as_of(tenant, connection, order_no, now)

    def knows(self, tenant: str, connection: str, snapshot: ErpSnapshot) -> bool:
        """Whether the order was told this very picture, or expects it as the effect of its own operations."""
        known = self._memory.get(tenant, connection, snapshot.order_no)
        if known is None or known.snapshot is None:
            return False
        state = self._records.load(self._workflow_id(tenant, connection, snapshot.order_no))
        if state is None or state.erp is None:
            return known.digest == snapshot.digest
        # told before or not: what counts is what the order believes, for it has acted since it was told
        return same_picture(snapshot, state.erp)

    def told(self, tenant: str, connection: str, candidate: Candidate, snapshot: ErpSnapshot | None) -> None:
        """Remember the picture that the order was told, or that the order is left alone."""
        at, order_no = datetime.now(UTC), candidate.order_no
        if snapshot is None:
            self._memory.leave_alone(tenant, connection, order_no, mark=candidate.mark, at=at)
        else:
            self._memory.remember(tenant, connection, order_no, mark=candidate.mark, snapshot=snapshot, at=at)

    def config(
        self, tenant: str, connection: str, snapshot: ErpSnapshot
    ) -> tuple[OrderConfig, OrderState | None] | None:
        """The order's frozen configuration and last state; for a new order the configuration in force (rule P4)."""
        workflow_id = self._workflow_id(tenant, connection, snapshot.order_no)
        known = self._records.start_of(workflow_id)
        if known is not None:
            return known.config, self._records.recall(workflow_id)
        config = self._directory.order_config(tenant, connection, snapshot.shop_id, snapshot.payment_code)
        return (config, None) if config is not None else None

    def started(self, tenant: str, connection: str, order_no: str) -> bool:
        """Whether the order has begun."""
        return self._records.start_of(self._workflow_id(tenant, connection, order_no)) is not None

    def register(self, tenant: str, connection: str, snapshot: ErpSnapshot, config: OrderConfig) -> None:
        """Note the start, and let callbacks about the payment find the order."""
        workflow_id = self._workflow_id(tenant, connection, snapshot.order_no)
        order = StartedOrder(workflow_id, tenant, connection, snapshot.order_no, config, self._pacing)
        self._records.started(order, snapshot.as_of)
        if snapshot.payment_id:
            now = datetime.now(UTC)
            self._inbox.register_route(tenant, config.provider, snapshot.payment_id, workflow_id, now)
