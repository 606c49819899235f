"""Many open orders at once: one is released through the whole path, the others are copies of it.

The copies stand in the ERP (imported as released some days ago) and in every table in which the first one stands, so
the system knows them; as many as are wanted have their workflow, asleep. A share stands on the ERP's list of held
orders, told and left alone (orders made by hand). What is not done for a copy is the release itself.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Table, select
from temporalio.client import Client

from adapters.pixi import Limits, PixiErp
from bench.stand import Stand
from cli.stage import Stage
from storage.tables import journal_facts, operations, orders, orders_started, payment_routes, poll_memory
from workflows.ids import erp_poll_workflow_id, order_workflow_id
from workflows.messages import LookNow, PickUp
from workflows.sending import WorkflowSender

AMOUNT = 9990
AGE = timedelta(days=3)  # further back than a poller without a cursor looks
FIRST_COPY, FIRST_HELD = 2_000_000, 3_000_000
AT_ONCE = 24
IMPORTED_AT_ONCE = 500
LOOK_EVERY = 0.02
PATIENCE = 300.0
_BY_WORKFLOW = (orders_started, orders, operations, journal_facts)


class NotThere(Exception):
    """What had to come did not come in time."""


@dataclass(frozen=True)
class Seeded:
    """How many orders stand there, and how."""

    released: int
    held: int
    asleep: int

    def __str__(self) -> str:
        every = self.released + self.held
        return f"{every} ({self.released} released, {self.held} held and left alone, {self.asleep} workflows asleep)"


@dataclass
class Crowd:
    """The orders of one tenant."""

    stand: Stand
    stage: Stage
    client: Client
    _looks: int = 0

    def __post_init__(self) -> None:
        settings = self.stand.settings
        self.sender = WorkflowSender(self.client, settings.timing.pacing, settings.profile.value)
        self.tenant, self.connection = self.stage.role.tenant, self.stage.role.connection
        self.numbers: list[str] = []  # of the copies

    def workflow_id(self, order_no: str) -> str:
        return order_workflow_id(self.tenant, self.connection, order_no)

    # -- one order through the whole path

    async def one_released(self, mark: str) -> str:
        """Import an order, paid by card, and let it be released; returns its number."""
        return (await self.some_released(1, mark))[0]

    async def some_released(self, count: int, mark: str) -> list[str]:
        numbers = [await asyncio.to_thread(partial(self._import, f"{mark}-{number}")) for number in range(count)]
        await self.poll()
        for number in numbers:
            await self.until(number, "released")
        return numbers

    def _import(self, mark: str) -> str:
        stage = self.stage
        payment = stage.seed_payment(type="card", state="authorized", amount_minor=AMOUNT, currency="EUR")
        return str(stage.import_order(**self._order(f"W-{mark}", payment))["order_nr"])

    def _order(self, external: str, payment: str) -> dict[str, Any]:
        lines = [{"sku": "ART-1", "name": "Artikel", "qty": 1, "price": AMOUNT}]
        role = {"shop_id": self.stage.role.shop, "payment_code": "K", "xml_tag": "UZCARD"}
        return {"order_nr_external": external, "kk_id": payment, "lines": lines, **role}

    async def ship_and_settle(self, order_no: str) -> None:
        """The goods leave, the poller is told to look, and the capture is booked in the ERP."""
        await asyncio.to_thread(partial(self.stage.at_order, order_no, "ship", lines=None))
        await self._look()
        await self.until(order_no, "settled")

    async def until(self, order_no: str, status: str) -> None:
        limit = asyncio.get_running_loop().time() + PATIENCE
        while await asyncio.to_thread(self._status, order_no) != status:
            self.stand.launcher.check()
            if asyncio.get_running_loop().time() > limit:
                raise NotThere(f"the order {order_no} of {self.tenant} was never {status}")
            await asyncio.sleep(LOOK_EVERY)

    def _status(self, order_no: str) -> str | None:
        with self.stand.stores.db.read() as sql:
            query = select(orders.c.status).where(orders.c.workflow_id == self.workflow_id(order_no))
            return sql.execute(query).scalar()

    # -- polls

    async def poll(self) -> None:
        """Have the poller look once, and wait until it rests."""
        await self.sender.start_poller(self.tenant, self.connection)
        await self._at_rest()
        before = await self._length()
        await self._look()
        while await self._length() < before + 4:  # the message and a task's three events
            await asyncio.sleep(LOOK_EVERY)
        await self._at_rest()

    async def _look(self) -> None:
        self._looks += 1
        await self.sender.look_now(self.tenant, self.connection, LookNow(f"look-{self._looks}"))

    async def _length(self) -> int:
        return int((await self._poller().describe()).history_length)

    async def _at_rest(self) -> None:
        limit = asyncio.get_running_loop().time() + PATIENCE
        while True:
            raw = (await self._poller().describe()).raw_description
            if not raw.pending_activities and not raw.HasField("pending_workflow_task"):
                return
            self.stand.launcher.check()
            if asyncio.get_running_loop().time() > limit:
                raise NotThere(f"the poller of {self.tenant} never rested")
            await asyncio.sleep(LOOK_EVERY)

    def _poller(self) -> Any:
        return self.client.get_workflow_handle(erp_poll_workflow_id(self.tenant, self.connection))

    async def soap_calls(self, polls: int) -> float:
        """Requests to the ERP per poll while nothing changes."""
        for _ in range(2):  # the poll after a change lists the change once more
            await self.poll()
        await asyncio.to_thread(partial(self.stage.call, "DELETE", f"{self.stage.pixi}/log"))
        for _ in range(polls):
            await self.poll()
        log = await asyncio.to_thread(partial(self.stage.call, "GET", f"{self.stage.pixi}/log"))
        return sum(1 for one in log if one["method"] == "POST") / polls

    # -- the crowd

    async def seed(self, count: int, *, held_share: int, asleep: int) -> Seeded:
        """`count` open orders: one in `held_share` is held (0: none), so many copies at most have their workflow."""
        first = await self.one_released("first")
        held = count // held_share if held_share else 0
        copies = count - held - 1
        await asyncio.to_thread(partial(self._seed, first, copies, held))
        started = self.numbers[:asleep]
        await self._start(started)
        return Seeded(copies + 1, held, len(started) + 1)

    def _seed(self, first: str, copies: int, held: int) -> None:
        clock = f"{self.stage.pixi}/clock"
        self.stage.call("PUT", clock, offset_seconds=-AGE.total_seconds())
        released = [
            {"order_nr": number, "status": "ANG", **self._order(f"W-{number}", f"s-pay-{number}")}
            for number in range(FIRST_COPY, FIRST_COPY + copies)
        ]
        by_hand = [
            {"order_nr": number, **self._order(f"P{number}", ""), "kk_id": None}
            for number in range(FIRST_HELD, FIRST_HELD + held)
        ]
        both = released + by_hand
        for start in range(0, len(both), IMPORTED_AT_ONCE):
            answer = self.stage.import_orders(both[start : start + IMPORTED_AT_ONCE])
            self.numbers += [str(one["order_nr"]) for one in answer if int(one["order_nr"]) < FIRST_HELD]
        self.stage.call("PUT", clock, offset_seconds=0)
        self._copy_rows(first)
        self._leave_held_alone()

    def _copy_rows(self, first: str) -> None:
        """Every row in which the first order stands, once more for each copy."""
        with self.stand.stores.db.read() as sql:
            mine: dict[Table, list[dict[str, Any]]] = {
                table: [
                    dict(row._mapping)
                    for row in sql.execute(select(table).where(table.c.workflow_id == self.workflow_id(first)))
                ]
                for table in (*_BY_WORKFLOW, payment_routes)
            }
            told = (poll_memory.c.tenant == self.tenant, poll_memory.c.connection == self.connection)
            query = select(poll_memory).where(*told, poll_memory.c.order_no == first)
            mine[poll_memory] = [dict(row._mapping) for row in sql.execute(query)]
            query_payment = select(orders.c.payment_id).where(orders.c.workflow_id == self.workflow_id(first))
            payment = str(sql.execute(query_payment).scalar_one())
        for table, rows in mine.items():
            self._insert(table, [_renamed(row, first, payment, number) for number in self.numbers for row in rows])

    def _leave_held_alone(self) -> None:
        """What a poll remembers of held orders that concern nobody, with the marks that the list gives them."""
        stores = self.stand.stores
        erp = PixiErp(stores.pixi_connection, limits=Limits(page=1_000_000, page_seconds=PATIENCE))
        codes = stores.directory.polled_codes(self.tenant, self.connection)
        place = stores.poll_memory.place(self.tenant, self.connection)
        try:
            page = erp.candidates(
                f"{self.tenant}/{self.connection}", codes, place.cursor, datetime.now(UTC), _free, _none_seen
            )
        finally:
            erp.close()
        empty = {"tenant": self.tenant, "connection": self.connection, "digest": "", "delivered_at": datetime.now(UTC)}
        rows = [{"order_no": one.order_no, "mark": one.mark, **empty} for one in page.candidates if one.held]
        self._insert(poll_memory, rows)

    def _insert(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        with self.stand.stores.db.write() as sql:
            if rows:
                sql.execute(table.insert(), [dict(row) for row in rows])

    async def _start(self, numbers: Sequence[str]) -> None:
        """Start copies' workflows, which load their state and fall asleep."""
        slots = asyncio.Semaphore(AT_ONCE)

        async def one(number: str) -> None:
            async with slots:
                known = await asyncio.to_thread(self.stand.stores.known_order, self.workflow_id(number))
                if known is None:
                    raise NotThere(f"the copy {number} is not known")
                await self.sender.pick_up(known, PickUp("bench"))

        await asyncio.gather(*(one(number) for number in numbers))
        limit = asyncio.get_running_loop().time() + PATIENCE
        for number in reversed(numbers):  # the last ones first: the others rest by then
            handle = self.client.get_workflow_handle(self.workflow_id(number))
            while (await handle.describe()).raw_description.HasField("pending_workflow_task"):
                if asyncio.get_running_loop().time() > limit:
                    raise NotThere(f"the copy {number} never fell asleep")
                await asyncio.sleep(LOOK_EVERY)


def _free() -> None:
    """Nobody else asks this ERP while the crowd is set up."""


def _none_seen(found: object) -> tuple[str, ...]:
    return ()


def _renamed(row: Mapping[str, Any], order_no: str, payment: str, copy: str) -> dict[str, Any]:
    """The row of another order: its number and its payment in every text."""
    number = re.compile(rf"(?<!\d){re.escape(order_no)}(?!\d)")

    def other(value: Any) -> Any:
        return number.sub(copy, value.replace(payment, f"s-pay-{copy}")) if isinstance(value, str) else value

    return {name: other(value) for name, value in row.items()}
