"""An order that starts again knows what was done for it, also where its last run could not record it any more."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from activities.jobs import Job, OrderRef
from activities.recorder import header_of
from cli.wiring import Stores
from domain import reasons
from domain.facts import OperationEnded
from domain.giving_back import CANCELLED_ORDER
from domain.operations import WHOLE_ORDER, Cause, Kind, Note, Operation
from domain.order_state import OrderState, evolve
from domain.outcomes import Evidence, OperationResult, Outcome
from domain.records import RecordBatch, RecordedFact
from domain.tenant_config import AppMode, Language, OrderConfig
from settings import Profile, Settings
from storage.migrate import migrate

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
ORDER = OrderRef("order/t/pixi/1", "t", "pixi", "1")
CONFIG = OrderConfig("t-V", 1, "unzer", "t", AppMode.EXPERT, "UZPRE", "UZE", "UZR")
RELEASE = Operation(
    Kind.RELEASE, WHOLE_ORDER, payment_id="s-pay-1", lock=True, note=Note.of("released_waiting_transfer", expected="1")
)
PAYMENT = {"currency": "EUR", "payment_id": "s-pay-1"}
GIVING_BACK = (
    Operation(Kind.VOID, CANCELLED_ORDER, amount_minor=7490, cause=Cause.CANCELLATION, **PAYMENT),
    Operation(Kind.REFUND, "G1", amount_minor=2500, cause=Cause.RETURN, invoice_no="G1", **PAYMENT),
    Operation(Kind.REPORT_SHIPMENT, WHOLE_ORDER, payment_id="s-pay-1", invoice_no="R1"),
    Operation(Kind.WRITE_BANK_DATA, WHOLE_ORDER, payment_id="s-pay-1", note=Note.of("bank_data_written")),
    Operation(Kind.BOOK, "G1", amount_minor=2500, currency="EUR", invoice_no="G1", cause=Cause.RETURN),
)
DONE = OperationResult(Outcome.SUCCEEDED, evidence=Evidence("1", at=LATER))


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    url = f"sqlite:///{tmp_path / 'holdfast.db'}"
    migrate(url)
    opened = Stores.open(Settings(database_url=url, profile=Profile.FAST))
    yield opened
    opened.close()


def begin(stores: Stores, operation: Operation = RELEASE) -> str:
    """A run begins the operation and is about to send it; returns its id."""
    job = Job(ORDER, operation, "erp", "pixi", CONFIG.configuration, Language.GERMAN)
    stores.journal.begin(header_of(job, "run"), NOW, "run/1/1")
    stores.journal.permit(job.id, "run/1/1", NOW)
    return job.id


def test_a_release_that_was_never_recorded_is_known(stores: Stores) -> None:
    """A run released with a lock and was terminated before it recorded anything: the next run knows its own lock."""
    stores.journal.finish(begin(stores), "run/1/1", LATER, DONE)
    state = stores.records.recall(ORDER.workflow_id)
    assert state is not None
    assert state.done(Kind.RELEASE, WHOLE_ORDER)
    assert state.payment_lock == "release-order"


@pytest.mark.parametrize("operation", [RELEASE, *GIVING_BACK], ids=lambda one: one.kind.value)
def test_an_operation_without_an_outcome_is_unknown(stores: Stores, operation: Operation) -> None:
    """A run was terminated over its operation: the next run asks what became of it."""
    begin(stores, operation)
    state = stores.records.recall(ORDER.workflow_id)
    assert state is not None
    record = state.operation(operation.kind, operation.subject)
    assert record is not None
    assert (record.operation, record.outcome, record.reason) == (operation, Outcome.UNKNOWN, reasons.WORKER_LOST)


@pytest.mark.parametrize("operation", GIVING_BACK[:2], ids=lambda one: one.kind.value)
def test_money_that_went_back_unrecorded_is_known(stores: Stores, operation: Operation) -> None:
    """It went back and the run ended before it could record that: the next run knows the amount, and that whatever it
    read of the payment before is outdated."""
    went = OperationResult(Outcome.SUCCEEDED, evidence=Evidence("x/s-cnl-1", amount_minor=2000, at=LATER))
    stores.journal.finish(begin(stores, operation), "run/1/1", LATER, went)
    state = stores.records.recall(ORDER.workflow_id)
    assert state is not None
    record = state.operation(operation.kind, operation.subject)
    assert record is not None
    assert (record.outcome, record.amount_minor, state.money_seq) == (Outcome.SUCCEEDED, 2000, state.seq)


def test_what_was_recorded_is_not_heard_twice(stores: Stores) -> None:
    """An order that recorded everything starts again with exactly what it recorded."""
    stores.journal.finish(begin(stores), "run/1/1", LATER, DONE)
    fact = OperationEnded(RELEASE, LATER, DONE)
    state = evolve(OrderState(ORDER.workflow_id), fact)
    batch = RecordBatch(
        ORDER.workflow_id, "t", "pixi", "1", CONFIG, (RecordedFact(state.seq, fact),), state, None, LATER
    )
    stores.records.record(batch)
    assert stores.records.recall(ORDER.workflow_id) == state


def test_of_an_order_without_a_past_nothing_is_known(stores: Stores) -> None:
    """An order that never lived has no state to start with."""
    assert stores.records.recall("order/t/pixi/2") is None
