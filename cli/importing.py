"""Takes orders over from another application: looks at each in ERP and provider, says what would happen, begins it.

The journal gets the order's first facts before its workflow starts: whatever ends that run, no later one can know the
order without its history.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

from activities.going import connection_name, erp_permit
from activities.recorder import gate_name
from cli.order_file import OrderLine
from cli.wiring import Stores
from domain import reasons
from domain.errors import NotSent, Rejected, Transient
from domain.facts import ErpReported, ErpSnapshot, Fact, PaymentSnapshot, TakenOver
from domain.order_state import OrderState, evolve
from domain.payment_check import out_of_scope
from domain.ports import Candidate, ErpChanges, PaymentProvider
from domain.preview import Preview, preview
from domain.preview_words import remarks, sentences
from domain.records import RecordBatch, RecordedFact
from domain.taking_over import begun, take_over
from domain.tenant_config import Language, OrderConfig
from storage.projections import StartedOrder
from workflows.ids import order_workflow_id
from workflows.messages import PickUp
from workflows.sending import WorkflowSender

T = TypeVar("T")
READS_AT_MOST = 3
_SOON = frozenset({reasons.RATE, reasons.BUSY})


class Verdict(StrEnum):
    """What becomes of a line."""

    TAKE = "take"  # would be taken over
    TAKEN = "taken"
    FINISHED = "finished"  # closed and settled: left out
    ALREADY = "already"  # Holdfast looks after it
    FAULTY = "faulty"
    UNREADABLE = "unreadable"  # ERP or provider did not answer: run again


@dataclass(frozen=True)
class Looked:
    """One order as it was found. `what` says why it is not taken over, or what to do."""

    line: OrderLine
    verdict: Verdict
    what: str = ""
    erp: ErpSnapshot | None = None
    config: OrderConfig | None = None
    fact: TakenOver | None = None
    foreseen: Preview | None = None

    def told(self, language: Language) -> tuple[str, ...]:
        """The order's future in sentences."""
        if self.foreseen is None or self.erp is None or self.fact is None:
            return (self.what,)
        state = begun("", self.fact, self.erp)
        return (*sentences(self.foreseen, self.erp.currency, language), *remarks(state, language))


class Stopped(Exception):
    """Nothing may be asked now, and not soon: the text says why and until when."""


@dataclass
class Importer:
    """Takes over orders of one ERP connection. `now` is the tenant's time (UTC), `wait` sleeps for seconds."""

    stores: Stores
    erp: ErpChanges
    providers: Mapping[str, PaymentProvider]
    tenant: str
    connection: str
    now: Callable[[], datetime]
    actor: str = "cli"
    with_finished: bool = False
    wait: Callable[[float], None] = time.sleep

    def workflow_id(self, line: OrderLine) -> str:
        return order_workflow_id(self.tenant, self.connection, line.order_no)

    def look(self, line: OrderLine, *, keeps: bool = False) -> Looked:
        """What would become of an order. Reads only; `keeps`: it is going to be taken over at once."""
        if self.stores.records.start_of(self.workflow_id(line)) is not None:
            return Looked(line, Verdict.ALREADY, "Holdfast looks after this order already")
        try:
            return self._look(line, keeps=keeps)
        except Rejected as error:
            return Looked(line, Verdict.UNREADABLE, f"the ERP does not show this order whole ({error}): run again")
        except Transient as error:
            return Looked(line, Verdict.UNREADABLE, f"could not be read ({error}): run again")

    def _look(self, line: OrderLine, *, keeps: bool) -> Looked:
        now = self.now()
        polled, place = self.stores.polled_orders, (self.tenant, self.connection)
        as_of = polled.next_as_of(*place, line.order_no, now) if keeps else now
        erp = self._read(lambda: self._snapshot(line.order_no, as_of))
        if erp is None:
            return Looked(line, Verdict.FAULTY, "the ERP knows no such order: check the number")
        if out_of_scope(erp):
            return Looked(
                line, Verdict.FAULTY, "made by hand or an exchange (rule P7): Holdfast leaves such orders alone"
            )
        config = self.stores.directory.order_config(*place, erp.shop_id, erp.payment_code)
        if config is None:
            what = (
                f"the payment code {erp.payment_code} of shop {erp.shop_id} has no active configuration: add it first"
            )
            return Looked(line, Verdict.FAULTY, what)
        if line.payment_id and line.payment_id != erp.payment_id:
            what = f"the ERP has the payment id {erp.payment_id or '(none)'}: correct the line, or the order"
            return Looked(line, Verdict.FAULTY, what)
        payment = self._read(lambda: self._payment(config, erp.payment_id)) if erp.payment_id else None
        fact = take_over(erp, payment, config, as_of, line.known, self.actor)
        pacing = self.stores.settings.timing.pacing
        foreseen = preview(begun(self.workflow_id(line), fact, erp), payment, config, pacing, max(now, as_of))
        left_out = foreseen.finished and not self.with_finished
        verdict = Verdict.FINISHED if left_out else Verdict.TAKE
        return Looked(line, verdict, "", erp, config, fact, foreseen)

    async def take(self, looked: Looked, sender: WorkflowSender) -> Looked:
        """Take an order over that was looked at; one that was begun meanwhile, or before, is only woken if needed."""
        workflow_id = self.workflow_id(looked.line)
        if looked.verdict is Verdict.TAKE:
            verdict = Verdict.TAKEN if self._begin(workflow_id, looked) else Verdict.ALREADY
            looked = replace(looked, verdict=verdict)
        if looked.verdict in (Verdict.TAKEN, Verdict.ALREADY) and self._never_ran(workflow_id):
            order = self.stores.known_order(workflow_id)
            if order is not None:
                await sender.pick_up(order, PickUp(f"take-over/{looked.line.order_no}"))
        return looked

    def _begin(self, workflow_id: str, looked: Looked) -> bool:
        erp, config, fact = looked.erp, looked.config, looked.fact
        assert erp is not None
        assert config is not None
        assert fact is not None
        state, facts = OrderState(workflow_id), list[RecordedFact]()
        first: tuple[Fact, ...] = (fact, ErpReported(erp))
        for one in first:
            state = evolve(state, one)
            facts.append(RecordedFact(state.seq, one))
        identity = (workflow_id, self.tenant, self.connection, erp.order_no, config)
        batch = RecordBatch(*identity, tuple(facts), state, next_due=erp.as_of, at=erp.as_of)
        order = StartedOrder(*identity, self.stores.settings.timing.pacing)
        if not self.stores.records.take_over(order, batch):
            return False
        self.stores.polled_orders.register(self.tenant, self.connection, erp, config)
        self.stores.polled_orders.told(self.tenant, self.connection, Candidate(erp.order_no, ""), erp)
        return True

    def _never_ran(self, workflow_id: str) -> bool:
        """Whether the order was taken over and nothing happened since, as after an import that was stopped."""
        state = self.stores.records.load(workflow_id)
        if state is None or state.taken_over is None or state.erp is None or state.payment is not None or state.check:
            return False
        started = self.stores.records.start_of(workflow_id)
        if started is not None:
            self.stores.polled_orders.register(self.tenant, self.connection, state.erp, started.config)
        return True

    # -- reading, within what is allowed

    def _snapshot(self, order_no: str, as_of: datetime) -> ErpSnapshot | None:
        name = connection_name(self.tenant, self.connection)
        gate = gate_name("erp", self.tenant, self.connection)
        permit = erp_permit(self.now, lambda: self.stores.switches.check(gate, self.now()))
        permit()
        slot = self.stores.slots.hold(name)

        def both() -> None:
            permit()
            slot.renew()

        try:
            return self.erp.snapshot(name, order_no, as_of, both)
        finally:
            slot.release()

    def _payment(self, config: OrderConfig, payment_id: str) -> PaymentSnapshot:
        gate = gate_name(config.provider, self.tenant, config.provider_account)
        self.stores.switches.check(gate, self.now())
        return self.providers[config.provider].read_payment(config.provider_account, payment_id)

    def _read(self, ask: Callable[[], T]) -> T:
        """Ask until there is an answer; a slow gate is waited for, a closed one ends the import."""
        tries = 0
        while True:
            try:
                return ask()
            except NotSent as stop:
                if stop.reason not in _SOON:
                    until = f" until {stop.retry_at:%Y-%m-%d %H:%M} UTC" if stop.retry_at else ""
                    raise Stopped(
                        f"nothing may be asked now ({stop.reason}){until}: run the import again then"
                    ) from None
                ahead = (stop.retry_at - self.now()).total_seconds() if stop.retry_at else 1.0
                self.wait(min(max(ahead, 0.05), 60.0))
            except Transient:
                tries += 1
                if tries == READS_AT_MOST:
                    raise
                self.wait(float(tries))


def tenant_clock(stores: Stores, tenant: str) -> Callable[[], datetime]:
    """The tenant's time, simulated or real."""
    return lambda: datetime.now(UTC) + stores.clocks.offset(tenant)
