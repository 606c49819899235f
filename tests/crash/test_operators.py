"""Somebody presses a button in the Temporal UI while an operation is in the air: each button, each operation."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
import pytest_asyncio
from temporalio.client import Client, WorkflowExecutionStatus

from cli.stage import Stage
from tests.crash.business import Business
from tests.crash.chaos import PAUSE, HeldCall, hold, until
from tests.crash.ledger import Books
from tests.crash.operator import ACTS
from tests.crash.shop import ALL_PLANS, CODES, Placed, Plan, hand_over, pay
from tests.support.stack import Stack
from workflows.ids import order_workflow_id

pytestmark = [pytest.mark.crash, pytest.mark.timeout(1800)]

HELD_SECONDS = 1.2
HELD_WITHIN = 240.0
SETTLED_WITHIN = 600.0
BY_NAME = {one.name: one for one in ALL_PLANS}


@dataclass(frozen=True)
class Held:
    """An operation that is held in the air: in an order of which plan, by which call, from which moment on."""

    plan: str
    system: str
    call: str
    moment: str = "import"  # or: invoice, credit, receipt


OPERATIONS = {
    "read the payment": Held("paypal expert", "unzer", "read_payment"),
    "capture for an invoice": Held("card expert", "unzer", "capture"),
    "capture before release": Held("card standard", "unzer", "capture"),
    "release": Held("paylater", "pixi", "pixiPaySetAuthorizationStatus"),
    "lock": Held("prepayment", "pixi", "pixiSetOrderShippingLock"),
    "unlock": Held("prepayment", "pixi", "pixiSetOrderShippingLock", "receipt"),
    "book": Held("card expert in parts", "pixi", "pixiPaySetInvoiceCapture", "invoice"),
    "comment": Held("card expert, pending at first", "pixi", "pixiCreateOrderComment"),
    "void": Held("card expert, cancelled", "unzer", "reversal"),
    "refund": Held("card standard, cancelled", "unzer", "refund"),
    "refund in two steps": Held("card expert in parts, returned", "unzer", "refund"),
    "report the shipment": Held("secured invoice, returned", "unzer", "shipment"),
    "write bank data": Held("invoice", "pixi", "pixiChangeAddress"),
    "book a credit note": Held("paylater in parts, returned", "pixi", "pixiCACreateManualBooking", "credit"),
}


# the buttons that take a run's memory away; the others are pressed during the operations from before alone
FORGETTING = ("terminate", "reset to the start", "reset to the middle")
GOES_BACK = ("void", "refund", "refund in two steps", "report the shipment", "write bank data", "book a credit note")
CELLS = [(act, one) for act in ACTS for one in OPERATIONS if act in FORGETTING or one not in GOES_BACK]


@dataclass
class Cell:
    """One button during one operation of one order."""

    act: str
    operation: str
    tenant: str
    order_no: int
    stage: Stage
    order: Placed | None = None
    held: HeldCall | None = None
    kind: str = "delay"

    def prepare(self) -> Placed:
        """Arm the hold and place the order; nothing of it can happen before the hold is armed."""
        held = OPERATIONS[self.operation]
        plan: Plan = BY_NAME[held.plan]
        name = f"{self.tenant}-{self.order_no}"
        payment_id = pay(self.stage, plan, name)
        match = {"payment_id": payment_id} if held.system == "unzer" else {"OrderNr": str(self.order_no)}
        if held.moment == "import":
            self._arm(held, match)
        order = hand_over(self.stage, plan, name, payment_id, self.order_no)
        if held.moment == "receipt":
            order.before["receipt"] = lambda: self._arm(held, match)
        if held.moment == "invoice":
            order.on_invoice = lambda number: self._arm(held, {"InvoiceNr": number})
        if held.moment == "credit":
            order.on_credit = lambda number: self._arm(held, {"InvoiceNr": number})
        self.order = order
        return order

    def _arm(self, held: Held, match: dict[str, str]) -> None:
        if self.held is None:
            self.held = hold(self.stage, held.system, held.call, self.kind, HELD_SECONDS, **match)

    @property
    def workflow_id(self) -> str:
        return order_workflow_id(self.tenant, self.stage.role.connection, str(self.order_no))

    async def play(self, client: Client) -> None:
        """Wait until the operation is in the air, then press the button."""
        await until(f"{self.operation} was never in the air", self.is_held, HELD_WITHIN)
        await ACTS[self.act](client, client.get_workflow_handle(self.workflow_id))

    def is_held(self) -> bool:
        return self.held is not None and self.held.taken()


@dataclass
class Played:
    """What was wrong at the end, by tenant; and how the workflows stood."""

    wrong: dict[str, list[str]] = field(default_factory=dict)
    cells: dict[tuple[str, str], Cell] = field(default_factory=dict)
    failed: dict[tuple[str, str], str] = field(default_factory=dict)
    statuses: dict[str, str] = field(default_factory=dict)

    def of(self, cell: Cell) -> list[str]:
        """What was wrong with one order."""
        order = cell.order
        names = (f"order {cell.order_no} ", f"/{cell.order_no}/", f" of {order.payment_id if order else '?'} ")
        return [one for one in self.wrong[cell.tenant] if any(name in f"{one} " for name in names)]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def played(shared_stack: Stack) -> AsyncIterator[Played]:
    """Each button during each operation that it belongs to, in an order of its own, one tenant per button."""
    client, result, tasks = await shared_stack.client(), Played(), []
    days: list[Business] = []

    def all_settled() -> bool:
        ended = [one.work() for one in tuple(days)]
        return len(ended) == len(ACTS) and all(ended)

    # from the beginning: the first orders must not wait until the last ones are placed
    open_for_business = asyncio.create_task(until("not every order is settled", all_settled, SETTLED_WITHIN))
    for row, act in enumerate(ACTS):
        tenant = f"ui{row}"
        stage = shared_stack.stage(tenant, simulated=False, poll_interval=timedelta(seconds=2), codes=CODES)
        business = Business(shared_stack, stage, random.Random(row))
        for column, operation in enumerate(one for button, one in CELLS if button == act):
            kind = ("delay", "delay_before")[(row + column) % 2]
            cell = Cell(act, operation, tenant, 500_000 + column, stage, kind=kind)
            result.cells[act, operation] = cell
            business.placed.append(await asyncio.to_thread(cell.prepare))
            tasks.append(asyncio.create_task(cell.play(client)))
        await business.open(shared_stack)
        days.append(business)

    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    for key, outcome in zip(result.cells, outcomes, strict=True):
        if isinstance(outcome, BaseException):
            result.failed[key] = f"{type(outcome).__name__}: {outcome}"
    stuck: list[str] = []
    try:
        await open_for_business
    except AssertionError:
        stuck = [sentence for one in days for sentence in one.unsettled()]
    for business in days:
        tenant = business.stage.role.tenant
        books = await asyncio.to_thread(Books.of, business.stage, shared_stack.stores.db, business.placed)
        result.wrong[tenant] = [*books.check(business.placed), *business.unsettled()]
    for cell in result.cells.values():
        description = await client.get_workflow_handle(cell.workflow_id).describe()
        status = description.status or WorkflowExecutionStatus.RUNNING
        result.statuses[cell.workflow_id] = status.name
    result.wrong["stuck"] = stuck
    yield result
    await asyncio.sleep(PAUSE)


@pytest.mark.parametrize(("act", "operation"), CELLS)
def test_a_button_changes_nothing(played: Played, act: str, operation: str) -> None:
    """Each effect happens once, no money moves that need not, and the order lives on to its proper end."""
    cell = played.cells[act, operation]
    assert played.failed.get((act, operation)) is None, played.failed[act, operation]
    assert played.of(cell) == []
    assert played.statuses[cell.workflow_id] == "RUNNING"


def test_nothing_else_happened(played: Played) -> None:
    """No effect on anybody else's order, no mail, no request against the ERP's rules, in any of the tenants."""
    known = [sentence for cell in played.cells.values() for sentence in played.of(cell)]
    rest = [sentence for found in played.wrong.values() for sentence in found if sentence not in known]
    assert rest == []
