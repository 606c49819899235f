"""An order whose run was ended from outside: what it had heard is told again, whether it was recorded or not."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from temporalio.client import Client, WorkflowExecutionStatus

from cli.wiring import Stores, TemporalOrders
from domain.facts import ErpReported
from domain.order_state import OrderState, evolve
from domain.ports import Candidate
from settings import Profile, Settings
from storage.migrate import migrate
from tests.storage.builders import CONFIG, T0, WORKFLOW, batch, numbered, snapshot
from workflows.messages import PaymentHint
from workflows.sending import KnownOrder, WorkflowSender

TENANT, CONNECTION, ORDER_NO = "acme", "pixi", "4711"


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    url = f"sqlite:///{tmp_path / 'holdfast.db'}"
    migrate(url)
    opened = Stores.open(Settings(database_url=url, profile=Profile.FAST))
    yield opened
    opened.close()


def tell(stores: Stores, number: int) -> None:
    """The poller delivers a picture and remembers it."""
    stores.polled_orders.register(TENANT, CONNECTION, snapshot(number), CONFIG)
    stores.polled_orders.told(TENANT, CONNECTION, Candidate(ORDER_NO, f"mark-{number}"), snapshot(number))


def test_a_picture_that_was_never_recorded_is_not_lost(stores: Stores) -> None:
    """The run heard of the order and was terminated over its first operation: the next run knows the picture."""
    tell(stores, 1)
    known = stores.known_order(WORKFLOW)
    assert known is not None
    assert known.resume == evolve(OrderState(WORKFLOW), ErpReported(snapshot(1)))


def test_a_later_picture_than_the_recorded_one_is_not_lost(stores: Stores) -> None:
    """An invoice came, the run was terminated over its capture: the next run knows the invoice."""
    steps = numbered([ErpReported(snapshot(1))])
    tell(stores, 1)
    stores.records.record(batch(steps))
    tell(stores, 2)
    known = stores.known_order(WORKFLOW)
    assert known is not None
    assert known.resume is not None
    assert (known.resume.erp, known.resume.seq) == (snapshot(2), 2)


def test_what_was_recorded_is_told_once(stores: Stores) -> None:
    """The recorded state is taken as it is when it knows the last picture."""
    steps = numbered([ErpReported(snapshot(1))])
    tell(stores, 1)
    stores.records.record(batch(steps))
    known = stores.known_order(WORKFLOW)
    assert known is not None
    assert known.resume == steps[-1][1]


def test_an_order_that_never_started_is_not_known(stores: Stores) -> None:
    """Nothing can be started that nobody registered."""
    assert stores.known_order(WORKFLOW) is None


@dataclass
class Ended:
    """A sender and a client for whom a run of the order was terminated."""

    status: WorkflowExecutionStatus = WorkflowExecutionStatus.TERMINATED  # of the order's latest run
    hints: list[tuple[KnownOrder, PaymentHint]] = field(default_factory=list)

    async def ended_from_outside(self, tenant: str, connection: str) -> list[tuple[str, str]]:
        return [(WORKFLOW, "run-1")]

    async def hint(self, order: KnownOrder, hint: PaymentHint) -> None:
        self.hints.append((order, hint))

    def get_workflow_handle(self, workflow_id: str) -> Any:
        async def describe() -> Any:
            return SimpleNamespace(status=self.status)

        return SimpleNamespace(describe=describe)


async def test_a_revived_order_looks_at_its_payment_and_is_told_again(stores: Stores) -> None:
    """A hint or a message may have been heard and forgotten: both come again, once per ended run."""
    tell(stores, 1)
    told = {"tenant": TENANT, "workflow_id": WORKFLOW, "request_id": "r", "wish": "cancel", "actor": "shop"}
    stores.messages.receive(**told, at=T0)
    stores.messages.answered(WORKFLOW, "r", "accepted")
    ended = Ended()
    orders = TemporalOrders(cast(Client, ended), cast(WorkflowSender, ended), stores, asyncio.get_running_loop())
    assert await asyncio.to_thread(orders.revive, TENANT, CONNECTION) == 1
    assert await asyncio.to_thread(orders.revive, TENANT, CONNECTION) == 0
    [(order, hint)] = ended.hints
    assert order.resume is not None
    assert order.resume.erp == snapshot(1)
    assert hint == PaymentHint("revive/run-1")
    assert [one.answer for one in stores.messages.of_order(WORKFLOW)] == [""]


@pytest.mark.parametrize(
    ("latest", "looks"), [(WorkflowExecutionStatus.RUNNING, True), (WorkflowExecutionStatus.COMPLETED, False)]
)
async def test_a_run_that_other_news_started_meanwhile_looks_too(
    stores: Stores, latest: WorkflowExecutionStatus, looks: bool
) -> None:
    """It does not know what the ended run had heard; an order that came to its end since then needs nothing."""
    tell(stores, 1)
    ended = Ended(latest)
    orders = TemporalOrders(cast(Client, ended), cast(WorkflowSender, ended), stores, asyncio.get_running_loop())
    assert await asyncio.to_thread(orders.revive, TENANT, CONNECTION) == int(looks)
    assert [hint for _, hint in ended.hints] == [PaymentHint("revive/run-1")] * looks
