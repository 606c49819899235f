"""Taking orders over: what stops it, what is kept when it is stopped, and what the next run finds."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from pydantic import SecretStr

from cli.importing import Importer, Stopped, Verdict
from cli.order_file import OrderLine
from cli.wiring import Stores
from domain.errors import Rejected, Transient
from domain.facts import ErpSnapshot, InvoiceRow, PaymentSnapshot, TakenOver
from domain.operations import Kind
from domain.parties import Configuration, ErpConnection, ProviderAccount, Tenant
from domain.ports import SendPermit
from domain.tenant_config import Language
from settings import Profile, Settings
from storage.migrate import migrate
from storage.orders import Orders
from storage.records import rebuild
from storage.secrets import new_master_key
from tests.domain import building
from tests.domain.test_taking_over import G2, R1, R2, erp, paid, settled
from workflows.ids import order_workflow_id
from workflows.messages import PickUp
from workflows.sending import KnownOrder, WorkflowSender

NOON = datetime(2027, 3, 3, 11, 0, tzinfo=UTC)
NIGHT = datetime(2027, 3, 3, 0, 30, tzinfo=UTC)
LINE = OrderLine(2, "4711")
WORKFLOW = order_workflow_id("acme", "pixi", "4711")


@dataclass
class Outside:
    """ERP and provider at once; `fails` are raised one after the other before anything is answered."""

    picture: ErpSnapshot | None
    payment: PaymentSnapshot
    fails: list[Exception] = field(default_factory=list)
    asked: int = 0

    def snapshot(self, connection: str, order_no: str, as_of: datetime, permit: SendPermit) -> ErpSnapshot | None:
        permit()
        self.asked += 1
        if self.fails:
            raise self.fails.pop(0)
        return replace(self.picture, as_of=as_of) if self.picture is not None else None

    def read_payment(self, account: str, payment_id: str) -> PaymentSnapshot:
        self.asked += 1
        return self.payment


@dataclass
class Sender:
    """Notes what is started; `breaks` as if the process ended just then."""

    started: list[KnownOrder] = field(default_factory=list)
    breaks: bool = False

    async def pick_up(self, order: KnownOrder, reason: PickUp) -> None:
        if self.breaks:
            raise KeyboardInterrupt
        self.started.append(order)


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    url = f"sqlite:///{tmp_path / 'holdfast.db'}"
    migrate(url)
    opened = Stores.open(Settings(database_url=url, profile=Profile.FAST, master_key=SecretStr(new_master_key())))
    directory = opened.directory
    directory.put_tenant(Tenant("acme", "Acme"))
    directory.put_erp_connection(ErpConnection("acme", "pixi", "http://127.0.0.1:1/", "u", "acme/pixi"))
    directory.put_provider_account(
        ProviderAccount("main", "acme", "unzer", "http://127.0.0.1:1"), callback_token="t" * 20
    )
    directory.put_configuration(Configuration("acme", "pixi", "DEM", "K", building.config()))
    yield opened
    opened.close()


def importer(stores: Stores, outside: Outside, now: datetime = NOON, waits: list[float] | None = None) -> Importer:
    wait = (waits if waits is not None else []).append
    return Importer(stores, cast(Any, outside), {"unzer": cast(Any, outside)}, "acme", "pixi", lambda: now, wait=wait)


def half_done() -> Outside:
    """The first invoice is settled, the second waits, a credit note went back without being booked."""
    return Outside(erp(settled(R1), R2, G2), paid(100_00, 40_00))


def test_nothing_is_asked_in_the_quiet_window(stores: Stores) -> None:
    """The import stops and says when it may go on (rule P5)."""
    outside = half_done()
    with pytest.raises(Stopped, match=r"quiet_window.*03:00 UTC"):
        importer(stores, outside, NIGHT).look(LINE)
    assert outside.asked == 0


@pytest.mark.parametrize("gate", ["erp/acme/pixi", "unzer/acme/main"])
def test_a_pause_stops_the_import(stores: Stores, gate: str) -> None:
    """Of the ERP as of the provider's account."""
    stores.gates.pause(gate, "maintenance", NOON + timedelta(hours=1))
    with pytest.raises(Stopped, match="paused"):
        importer(stores, half_done()).look(LINE)


def test_a_slow_gate_is_waited_for(stores: Stores) -> None:
    """The account's rate delays the import and does not end it."""
    stores.gates.set_rate("unzer/acme/main", 0.5)
    found = importer(stores, half_done())
    assert found.look(LINE).verdict is Verdict.TAKE
    waits: list[float] = []
    clock = [NOON]

    def wait(seconds: float) -> None:
        waits.append(seconds)
        clock[0] += timedelta(seconds=seconds)

    again = importer(stores, half_done())
    again.now, again.wait = (lambda: clock[0]), wait
    assert again.look(LINE).verdict is Verdict.TAKE
    assert waits


def test_an_answer_that_stays_away_is_asked_for_again(stores: Stores) -> None:
    """Twice; then the line is told as unreadable, and the others go on."""
    outside = half_done()
    outside.fails = [Transient("no answer")] * 2
    assert importer(stores, outside).look(LINE).verdict is Verdict.TAKE
    outside.fails = [Transient("no answer")] * 3
    assert importer(stores, outside).look(LINE).verdict is Verdict.UNREADABLE
    outside.fails = [Rejected("half an order")]
    assert importer(stores, outside).look(LINE).verdict is Verdict.UNREADABLE


@pytest.mark.parametrize(
    ("line", "change", "says"),
    [
        (LINE, {"payment_id": "", "shop_order_no": "P4711"}, "P7"),
        (LINE, {"payment_code": "Q"}, "no active configuration"),
        (LINE, {"shop_id": "OTHER"}, "no active configuration"),
        (replace(LINE, payment_id="s-pay-2"), {}, "the ERP has the payment id s-pay-1"),
    ],
)
def test_what_cannot_be_taken_over(stores: Stores, line: OrderLine, change: dict[str, Any], says: str) -> None:
    """Each with the reason and what to do."""
    outside = half_done()
    assert outside.picture is not None
    outside.picture = replace(outside.picture, **change)
    looked = importer(stores, outside).look(line)
    assert looked.verdict is Verdict.FAULTY
    assert says in looked.what


def test_a_look_writes_nothing(stores: Stores) -> None:
    """A dry run leaves no trace in the memory of the poller, nor anywhere else."""
    assert importer(stores, half_done()).look(LINE).verdict is Verdict.TAKE
    assert stores.records.start_of(WORKFLOW) is None
    assert stores.poll_memory.next_as_of("acme", "pixi", "4711", NOON - timedelta(days=1)) == NOON - timedelta(days=1)


async def test_the_history_stands_before_the_order_runs(stores: Stores) -> None:
    """Stopped between journal and start: the order has begun with its history, and the next run starts it, once."""
    sender = Sender(breaks=True)
    work = importer(stores, half_done())
    looked = work.look(LINE, keeps=True)
    with pytest.raises(KeyboardInterrupt):
        await work.take(looked, cast(WorkflowSender, sender))
    sender.breaks = False
    again = await work.take(work.look(LINE, keeps=True), cast(WorkflowSender, sender))
    assert again.verdict is Verdict.ALREADY
    [order] = sender.started
    assert order.resume is not None
    assert order.resume.done(Kind.REFUND, "G2")
    assert order.resume.taken_over == looked.fact
    assert [one.kind for one in Orders(stores.db).facts(WORKFLOW)] == ["TakenOver", "ErpReported"]


async def test_an_order_that_began_meanwhile_keeps_its_own_facts(stores: Stores) -> None:
    """The poller was faster: nothing of the import is written."""
    work = importer(stores, half_done())
    looked = work.look(LINE, keeps=True)
    assert looked.erp is not None
    stores.polled_orders.register("acme", "pixi", looked.erp, building.config())
    taken = await work.take(looked, cast(WorkflowSender, Sender()))
    assert taken.verdict is Verdict.ALREADY
    assert stores.records.load(WORKFLOW) is None


async def test_what_was_taken_over_can_be_derived_anew(stores: Stores) -> None:
    """The read models follow from the journal alone, history included."""
    work = importer(stores, half_done())
    await work.take(work.look(LINE, keeps=True), cast(WorkflowSender, Sender()))
    before = stores.records.load(WORKFLOW)
    assert rebuild(stores.db) == 1
    assert stores.records.load(WORKFLOW) == before
    assert before is not None
    assert isinstance(before.taken_over, TakenOver)


def test_a_finished_order_is_left_out_unless_it_is_wanted(stores: Stores) -> None:
    """For the sake of later returns it may be taken over all the same."""
    outside = Outside(erp(settled(R1), settled(R2)), paid(100_00))
    work = importer(stores, outside)
    assert work.look(LINE).verdict is Verdict.FINISHED
    work.with_finished = True
    assert work.look(LINE).verdict is Verdict.TAKE


def test_documents_of_others_stay_theirs(stores: Stores) -> None:
    """An invoice written by hand is told as a problem, in both languages."""
    outside = Outside(erp(settled(R1), R2, InvoiceRow("R9", 5_00, by_hand=True)), paid(100_00))
    looked = importer(stores, outside).look(LINE)
    for language in Language:
        assert any("2083" in one for one in looked.told(language))
