"""Plays a scenario in the pure core: a loop of `decide` and `evolve` around a clock that only moves when told to."""

import heapq
import itertools
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from domain import reasons
from domain.explain import explain
from domain.facts import (
    CancelRequested,
    ErpReported,
    ErpSnapshot,
    Fact,
    OperationEnded,
    PaymentHinted,
    PaymentRead,
    PaymentUnreadable,
    Told,
    Wish,
)
from domain.operations import ERP, Kind, Operation, operation_key, operation_tag
from domain.order import ReadPayment, decide, refusal, wanted_operations
from domain.order_state import RULES, OrderState, evolve
from domain.outcomes import Evidence, OperationResult, Outcome
from domain.payment_check import out_of_scope
from domain.problems import CATALOGUE
from domain.summary import status_of, summarize
from domain.tenant_config import Language, OrderConfig, Pacing
from domain.windows import erp_is_quiet, erp_opens
from domain.wording import problem_text, why_text
from tests.scenarios import script
from tests.scenarios.fakes import FakeErp, FakeJournal, FakeProvider
from tests.scenarios.script import EVENT, TAGS, Action, Expect, Scenario, differences, instant, start_of

TODAY = date(2027, 1, 4)
TICK = timedelta(milliseconds=1)
STEPS_AT_MOST = 200  # between two moments; more is a loop that never rests
NUMBER = "100001"
WORKFLOW_ID = f"order/demo/pixi/{NUMBER}"
PAYMENT_ID = "s-pay-1"
PAYMENT_IDS = {"known": PAYMENT_ID, "none": "", "made up": "s-pay-404"}


class PureRun:
    """One life of one order. `state` and the effects of the fakes can be looked at at any time."""

    def __init__(self, scenario: Scenario) -> None:
        setup = scenario.setup
        self.scenario = scenario
        self.start = start_of(scenario.season, TODAY).astimezone(UTC)
        self.now = self.start
        self.config = OrderConfig(
            configuration="demo",
            version=1,
            provider="unzer",
            provider_account="main",
            mode=setup.mode,
            xml_tag=setup.tag or TAGS[scenario.order.code],
            invoice_event=EVENT,
            return_event="UZR",
            tolerance_minor=setup.tolerance,
            late_settle=setup.late_settle,
            bank_data_for_prepayment=setup.bank_data_for_prepayment,
        )
        self.pacing = Pacing(in_flight=timedelta(seconds=45))  # as in the embedded start
        self.state = OrderState(WORKFLOW_ID, rules=RULES)
        self.erp = FakeErp(scenario.order, NUMBER, PAYMENT_IDS[scenario.order.payment])
        payment = scenario.payment
        self.provider = FakeProvider(payment or script.Payment(), PAYMENT_ID if payment else "")
        self.mails: list[int] = []
        self.log: list[str] = []
        self.active = setup.active
        self.finished = False
        self._journal = FakeJournal(self.pacing.in_flight)
        self._pictures: list[ErpSnapshot] = []
        self._hints = 0
        self._serial = itertools.count(1)
        self._imported = False

    def play(self) -> None:
        """Everything in the script, what is due in between, and the end."""
        queue: list[tuple[datetime, int, Action | None]] = []
        for number, (moment, action) in enumerate(self.scenario.script):
            heapq.heappush(queue, (instant(self.start, moment).astimezone(UTC), number, action))
        # what is arranged for the same moment comes before the import
        heapq.heappush(queue, (self.start + self.scenario.order.imported_after, len(queue), None))
        while queue:
            at, _, due = heapq.heappop(queue)
            self.run_until(at)
            if due is None:
                self._imported = True
            else:
                self._do(due)
            self.settle()
        self.run_until(self.now + self.scenario.lasts)
        self.expect(self.scenario.end)
        self._expect_order()

    def expect(self, wanted: Expect) -> None:
        """Compare complete lists."""
        seen = Expect(
            erp=tuple(self.erp.effects),
            provider=tuple(self.provider.effects),
            mails=tuple(self.mails),
            problems=tuple(sorted(one.code for one in self.state.open_problems())),
            status=status_of(self.state).value if self.state.seq else "",
        )
        assert not (found := differences(wanted, seen)), f"{self.now:%d.%m. %H:%M}Z: {found}"

    def _expect_order(self) -> None:
        rest = iter(self.log)
        for wanted in self.scenario.in_this_order:
            assert wanted in rest, f"{wanted} does not follow in {self.log}"

    # -- the clock

    def run_until(self, at: datetime) -> None:
        """Let time pass up to `at`; whatever is due on the way is done at its time."""
        self.settle()
        while (due := self._next_due()) is not None and due <= at:
            self.now = max(self.now, due)
            self.settle()
        self.now = max(self.now, at)

    def _next_due(self) -> datetime | None:
        due = [decide(self.state, self.config, self.pacing, self.now).next_due] if self.state.seq else []
        if self._erp_changed():
            due.append(erp_opens(self.now))
        return min((one for one in due if one is not None), default=None)

    def settle(self) -> None:
        """Do everything that can be done now."""
        for _ in range(STEPS_AT_MOST):
            if not (self._poll() or self._deliver_hint() or self._step()):
                self._explain()
                return
            self.now += TICK
        raise AssertionError(f"{STEPS_AT_MOST} steps and no rest: {self.state}")

    # -- messages

    def learn(self, fact: Fact) -> None:
        self.state = evolve(self.state, fact)

    def _erp_changed(self) -> bool:
        if not self._imported or not self.active:
            return False
        seen = self.erp.snapshot(self.now)
        known = self._pictures[-1].digest if self._pictures else ""
        return seen.digest != known and not out_of_scope(seen)

    def _poll(self) -> bool:
        if not self._erp_changed() or erp_is_quiet(self.now):
            return False
        self._pictures.append(self.erp.snapshot(self.now))
        self.learn(ErpReported(self._pictures[-1]))
        return True

    def _deliver_hint(self) -> bool:
        if self._hints == 0 or not self.state.seq:
            return False
        self._hints -= 1
        self.learn(PaymentHinted(self.now))
        return True

    def _payment_changed(self) -> None:
        self._hints += self.scenario.webhooks

    # -- the loop of the workflow

    def _step(self) -> bool:
        if not self.state.seq:
            return False
        decision = decide(self.state, self.config, self.pacing, self.now)
        self.finished = decision.finished
        step = decision.step
        if step is None:
            assert decision.next_due is None or decision.next_due > self.now
            return False
        if isinstance(step, ReadPayment):
            asked_seq = self.state.seq
            snapshot = self.provider.read(step.payment_id, self.now)
            unreadable = PaymentUnreadable(self.now, reasons.SERVER_ERROR)
            self.learn(PaymentRead(snapshot, asked_seq) if snapshot is not None else unreadable)
        elif isinstance(step, Operation):
            self.learn(OperationEnded(step, self.now, self._perform(step)))
        else:
            self.learn(step)
        return True

    def _perform(self, operation: Operation) -> OperationResult:
        before = (len(self.erp.effects), len(self.provider.effects))
        result = self._carry_out(operation)
        self.log += self.erp.effects[before[0] :] + self.provider.effects[before[1] :]
        if len(self.provider.effects) != before[1]:
            self._payment_changed()
        return result

    def _carry_out(self, operation: Operation) -> OperationResult:
        self._check_wanted(operation)
        if operation.kind is Kind.MAIL:
            self.mails.append(CATALOGUE[operation.note.code].number)
            assert all(problem_text(operation.note.code, operation.note.params, one) for one in Language)
            return OperationResult(Outcome.SUCCEEDED)
        if not self.active:
            return OperationResult(Outcome.NOT_SENT, reasons.INACTIVE)
        operation_id = operation.id_within(WORKFLOW_ID)
        sent, over, may_send = self._journal.begin(operation_id, self.now, operation.grants)
        if operation.kind in ERP:
            assert not erp_is_quiet(self.now), "a request to the ERP in its quiet window"
            if sent and not may_send:
                return OperationResult(Outcome.UNKNOWN, reasons.TOO_EARLY)
            self._journal.sent(operation_id, self.now)
            return self.erp.carry_out(operation, operation_tag(operation_id), self.now)
        reference = operation_key(operation_id)
        if sent:
            found = self.provider.find(operation, reference)
            if found is not None:
                return replace(found, evidence=replace(found.evidence, found_by_reading=True))
            if operation.only_ask and over:
                return OperationResult(Outcome.DECLINED, reasons.WITHDRAWN)
            if operation.only_ask or not may_send:
                return OperationResult(Outcome.UNKNOWN, reasons.TOO_EARLY, Evidence())
        elif operation.only_ask:
            return OperationResult(Outcome.DECLINED, reasons.WITHDRAWN)
        self._journal.sent(operation_id, self.now)
        return self.provider.carry_out(operation, reference)

    def _check_wanted(self, operation: Operation) -> None:
        """What is only asked for because nobody wants it must not be wanted: it would be sent under another id."""
        record = self.state.operation(operation.kind, operation.subject)
        if operation.only_ask and record is not None:
            others = tuple(one for one in self.state.operations if one is not record)
            forgotten = replace(self.state, operations=others, payment_seq=self.state.seq)
            assert (operation.kind, operation.subject) not in wanted_operations(
                forgotten, self.config, self.pacing, self.now
            )

    def _explain(self) -> None:
        """Whatever the situation, it can be told in both languages, and summed up."""
        if not self.state.seq:
            return
        told = explain(self.state, self.config, self.pacing, self.now)
        for note in (told.waits_for, told.not_released, told.not_captured, told.hint):
            assert note is None or all(why_text(note.code, note.params, language) for language in Language)
        assert summarize(self.state).status.value == told.status

    # -- the script

    def _do(self, action: Action) -> None:
        match action:
            case Expect():
                self.expect(action)
            case script.Arm(system):
                (self.erp if system is script.System.ERP else self.provider).faults.arm(action)
            case script.Disarm(system):
                (self.erp if system is script.System.ERP else self.provider).faults.clear()
            case script.Ship(lines, total):
                self.erp.ship(lines, total)
            case script.CancelLines(lines, undeliverable):
                self.erp.cancel(lines, undeliverable=undeliverable)
            case script.Return():
                self.erp.take_back(action)
            case script.Reopen(lines):
                self.erp.reopen(lines)
            case script.HoldAgain():
                self.erp.hold_again()
            case script.PersonUnlocks():
                self.erp.locked = False
            case script.PersonSettles(document):
                self.erp.settle(document)
            case script.CreditNote(amount):
                self.erp.credit(amount)
            case script.EnterPaymentId():
                self.erp.payment_id = PAYMENT_ID
            case script.SwitchConfiguration(active):
                self.active = active
            case script.Webhook(times):
                self._hints += times
            case script.RepeatPicture() | script.OldPicture() | script.Tell() | script.CancelWorkflow():
                self._message(action)
            case _:
                self._happen(action)
                self._payment_changed()

    def _happen(self, action: Action) -> None:
        """At the provider, which calls afterwards."""
        match action:
            case script.Receipt(amount):
                self.provider.receive(amount)
            case script.CompletePayment():
                self.provider.complete()
            case script.FailPayment():
                self.provider.fail()
            case script.ExpireHold():
                self.provider.expire()
            case script.Chargeback(amount):
                self.provider.take_back(amount)
            case script.MerchantRefunds(amount):
                self.provider.refund_by_hand(amount)
            case script.MerchantCaptures(amount):
                self.provider.capture_by_hand(amount)
            case _:
                raise AssertionError(f"nobody plays {action}")

    def _message(self, action: Action) -> None:
        match action:
            case script.RepeatPicture(times):
                for _ in range(times):
                    self.learn(ErpReported(self._pictures[-1]))
            case script.OldPicture():
                self.learn(ErpReported(self._pictures[0]))
            case script.Tell(wish, refused, times):
                request_id = f"request-{next(self._serial)}"
                for _ in range(times):
                    told = Told(request_id, Wish(wish), self.now)
                    assert refusal(self.state, told.wish) == refused
                    if not refused:
                        self.learn(told)
            case script.CancelWorkflow():
                self.learn(CancelRequested(self.now))
            case _:
                raise AssertionError(f"nobody plays {action}")
