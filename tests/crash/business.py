"""Shop, customers and warehouse at work over many orders at once."""

import asyncio
import random
import threading
from collections.abc import Sequence

from sqlalchemy import func, select

from cli.stage import Stage
from domain.order_state import OrderState
from domain.outcomes import FINAL
from storage.orders import OrderFilter, Orders
from storage.tables import operations, orders
from storage.values import from_json
from tests.crash.chaos import until
from tests.crash.shop import ALL_PLANS, Placed, Plan, first_losses, hand_over, losses, losses_of_booking, move_on, pay
from tests.support.stack import Stack
from workflows.sending import WorkflowSender

FINAL_VALUES = tuple(one.value for one in FINAL)


class Business:
    """Shop, customers and warehouse at work: new orders come in, and known ones move on."""

    def __init__(
        self,
        stack: Stack,
        stage: Stage,
        rng: random.Random,
        *,
        plans: Sequence[Plan] = ALL_PLANS,
        lossy: bool = True,
    ) -> None:
        self.stage = stage
        self._plans = plans
        self._lossy = lossy
        self._at_work = threading.Lock()  # one thing after the other, whoever asks for it
        self._db = stack.stores.db
        self._orders = Orders(stack.stores.db)
        self._rng = rng
        self.placed: list[Placed] = []

    def place(self, count: int) -> None:
        """`count` new orders, every family in turn."""
        with self._at_work:
            for _ in range(count):
                plan = self._plans[len(self.placed) % len(self._plans)]
                name = f"o{len(self.placed) + 1}"
                payment_id = pay(self.stage, plan, name)
                if self._lossy:
                    first_losses(self.stage, payment_id)
                order = hand_over(self.stage, plan, name, payment_id)
                if self._lossy:
                    losses(self._rng, self.stage, order)
                self.placed.append(order)

    def statuses(self) -> dict[str, str]:
        page = self._orders.list_orders(self.stage.role.tenant, OrderFilter(), limit=500)
        return {one.order_no: one.status for one in page.rows}

    def work(self) -> bool:
        """Whatever is next for each order; whether all of them are settled and nothing is open any more."""
        statuses = self.statuses()
        with self._at_work:
            self._move(statuses)
            ended = all(one.told_all and statuses.get(one.order_no) == one.plan.ends for one in self.placed)
            return ended and not self.open_operations() and not self.missing()

    def _move(self, statuses: dict[str, str]) -> None:
        for order in self.placed:
            status = statuses.get(order.order_no, "")
            if status == "shipping" and self._rng.random() < 0.7:
                continue  # the next parcel takes its time
            document = move_on(self.stage, order, status)
            if document and self._lossy:
                losses_of_booking(self._rng, self.stage, order, document)

    def missing(self) -> list[str]:
        """What has not gone back yet: an order stands at its end before it has heard of its return."""
        payments, erp = self.stage.effects(self.stage.unzer), self.stage.effects(self.stage.pixi)
        return [f"{one}: {what} is missing" for one in self.placed for what in one.missing(payments, erp)]

    def open_operations(self) -> list[str]:
        """What has no final outcome yet, in the book of operations or as far as its order has heard."""
        mine = operations.c.workflow_id.like(f"order/{self.stage.role.tenant}/%")
        query = select(operations.c.id).where(
            mine, operations.c.executing | func.coalesce(operations.c.outcome, "").not_in(FINAL_VALUES)
        )
        with self._db.read() as sql:
            found = set(sql.execute(query).scalars())
            states = sql.execute(select(orders.c.state).where(orders.c.tenant == self.stage.role.tenant)).scalars()
            for state in (from_json(OrderState, one) for one in states):
                found |= {
                    one.operation.id_within(state.workflow_id) for one in state.operations if one.outcome not in FINAL
                }
        return sorted(found)

    def unsettled(self) -> list[str]:
        """What keeps the day from ending, one sentence each."""
        statuses = self.statuses()
        orders = [
            f"{one}: {statuses.get(one.order_no, 'never seen')}, {one.moved} of {len(one.plan.all_moves)} moves made"
            for one in self.placed
            if not one.told_all or statuses.get(one.order_no) != one.plan.ends
        ]
        return [*orders, *self.missing(), *(f"{one} is open" for one in self.open_operations())]

    async def open(self, stack: Stack) -> None:
        """Have the ERP connection polled from now on."""
        sender = WorkflowSender(await stack.client(), stack.settings.timing.pacing, stack.settings.profile.value)
        await sender.start_poller(self.stage.role.tenant, self.stage.role.connection)

    async def settled(self, within: float) -> None:
        """Wait until the day is done; the error names what keeps it from ending."""
        try:
            await until("not every order is settled", self.work, within)
        except AssertionError as error:
            raise AssertionError("\n".join([str(error), *self.unsettled()])) from None

    async def stay_open(self) -> None:
        """Work until cancelled."""
        while True:
            await asyncio.to_thread(self.work)
            await asyncio.sleep(0.2)
