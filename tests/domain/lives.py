"""Random lives of an order, played in memory: whatever people, banks and networks do, in any mixture.

The world is that of the scenarios. A life is a list of numbers, so that a failing one shrinks to a short one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from domain import reasons
from domain.conditions import conditions
from domain.facts import Phase
from domain.operations import Kind, Operation
from domain.outcomes import OperationResult, Outcome
from domain.tenant_config import AppMode
from domain.wording import problem_parameters
from tests.scenarios import script
from tests.scenarios.pure import PureRun
from tests.scenarios.script import EVENT, Action, Expect, Line, Order, Payment, Scenario, Setup

OPEN_OUTCOMES = (Outcome.UNKNOWN, Outcome.PENDING)
TYPES = (("K", "card"), ("P", "paypal"), ("A", "applepay"), ("V", "prepayment"), ("L", "paylater-invoice"))


@dataclass(frozen=True)
class Life:
    """Everything that is left to chance."""

    standard: bool
    type_no: int
    prices: tuple[int, ...]
    off: int  # how far the payment is off the order's amount
    tolerance: int
    shop_took: int  # in percent
    late_settle: bool
    webhooks: int
    moments: tuple[tuple[int, int, int], ...]  # (minutes since the last one, what happens, a number for it)
    troubles: tuple[int, ...]  # what goes wrong with one request after the other

    def scenario(self) -> Scenario:
        code, kind = TYPES[self.type_no]
        total = sum(self.prices)
        amount = max(1, total + self.off)
        waiting = "waiting" if kind == "prepayment" else "authorized"
        can_be_taken = kind not in ("prepayment", "paylater-invoice")
        taken = amount * self.shop_took // 100 if can_be_taken else 0
        return Scenario(
            name="random",
            rules=(),
            end=Expect(),
            setup=Setup(
                AppMode.STANDARD if self.standard else AppMode.EXPERT, self.tolerance, late_settle=self.late_settle
            ),
            order=Order(tuple(Line(price) for price in self.prices), code=code),
            payment=Payment(kind, waiting, amount, captured=taken),
            webhooks=self.webhooks,
        )


class LifeRun(PureRun):
    """Plays a life and looks after every step whether what must always be true is true."""

    def __init__(self, life: Life) -> None:
        super().__init__(life.scenario())
        self.life = life
        self._troubles: Iterator[int] = iter(life.troubles)
        self._imported = True

    def live(self) -> None:
        """The life, then a month in which nothing happens and everything works."""
        self.settle()
        for minutes, what, number in self.life.moments:
            self.run_until(self.now + timedelta(minutes=minutes))
            action = self._possible(what, number)
            if action is not None:
                self._do(action)
            self.settle()
        self._troubles = iter(())
        self.run_until(self.now + timedelta(days=30))
        self._check_rest()

    # -- what can happen now

    def _possible(self, what: int, number: int) -> Action | None:
        kinds = {line.status for line in self.erp.lines}
        match what % 12:
            case 0 | 1 if "ANG" in kinds and not self.erp.locked:
                waiting = [no for no, line in enumerate(self.erp.lines, 1) if line.status == "ANG"]
                extra = None if number % 5 else number % 700
                worth = self.erp.lines[waiting[0] - 1].worth
                return script.Ship((waiting[0],), None if extra is None else worth + extra)
            case 2 if kinds & {"ANG", "HAL"}:
                waiting = [no for no, line in enumerate(self.erp.lines, 1) if line.status in ("ANG", "HAL")]
                return script.CancelLines((waiting[number % len(waiting)],))
            case 3 if "ANG" in kinds:
                return script.HoldAgain()
            case 4:
                return script.PersonUnlocks()
            case 5 if self.provider.payment.type == "prepayment":
                return script.Receipt(1 + number)
            case 6 if self.provider.charged > 0:
                return script.Chargeback(1 + number % self.provider.charged)
            case 7:
                return script.ExpireHold() if number % 3 == 0 else script.Webhook(number % 4)
            case 8:
                return script.Tell("look_again")
            case 9:
                wishes = ("payment_received", "mark_solved")
                return script.Tell(wishes[number % 2])
            case 10:
                return script.CancelWorkflow() if number % 2 else script.Tell("cancel", self._refusal())
            case 11 if self._pictures:
                return script.OldPicture() if number % 2 else script.RepeatPicture(3)
            case _:
                return None

    def _refusal(self) -> str:
        return "shipped" if self.state.erp is not None and self.state.erp.invoices else ""

    # -- what goes wrong

    def _carry_out(self, operation: Operation) -> OperationResult:
        self._check_request(operation)
        trouble = next(self._troubles, 0)
        if operation.kind is Kind.MAIL:
            failed = OperationResult(Outcome.NOT_SENT, reasons.UNREACHABLE)
            return failed if trouble % 7 == 1 else super()._carry_out(operation)
        kind = operation.kind.value
        system = script.System.PROVIDER if operation.kind is Kind.CAPTURE else script.System.ERP
        faults = self.provider.faults if operation.kind is Kind.CAPTURE else self.erp.faults
        match trouble % 9:
            case 1:
                faults.arm(script.Arm(system, kind, script.How.LOST_ANSWER))
            case 2:
                faults.arm(script.Arm(system, kind, script.How.LOST_REQUEST))
            case 3:
                faults.arm(script.Arm(system, kind, script.How.REFUSED))
            case 4:
                past = self.now - timedelta(minutes=trouble % 40)
                return OperationResult(Outcome.NOT_SENT, reasons.RATE, retry_at=past)
            case 5:
                return OperationResult(Outcome.NOT_SENT, reasons.MISCONFIGURED)
            case _:
                pass
        result = super()._carry_out(operation)
        faults.clear()
        return result

    def settle(self) -> None:
        trouble = next(self._troubles, 0)
        if trouble % 11 == 1:
            self.provider.faults.arm(script.Arm(script.System.PROVIDER, "read", script.How.LOST_REQUEST))
        super().settle()
        self._check_state()

    # -- what must always be true

    def _check_request(self, operation: Operation) -> None:
        """Looked at before anything is sent."""
        if operation.kind is not Kind.CAPTURE:
            return
        known = self.state.operation(operation.kind, operation.subject)
        repeated = known is not None and known.attempt == operation.attempt
        others = [
            one
            for one in self.state.operations
            if one.kind is Kind.CAPTURE and one.outcome in OPEN_OUTCOMES and one.subject != operation.subject
        ]
        assert repeated or not others, "a capture while the outcome of another is not known"
        assert (operation.amount_minor or 0) > 0, "a capture of nothing"
        assert self.state.check is not None
        assert self.state.check.passed, "a capture although the check has not passed"
        disputed = self.state.payment is not None and self.state.payment.charged_back_minor > 0
        assert repeated or not disputed, "a new capture although the bank took money back"

    def _check_state(self) -> None:
        captured = [effect.split()[1] for effect in self.provider.effects]
        booked = [effect.split()[1] for effect in self.erp.effects if effect.startswith("book ")]
        assert len(set(captured)) == len(captured), "a subject was captured twice"
        assert len(set(booked)) == len(booked), "an invoice was booked twice"
        assert not ({"order"} & set(captured) and len(captured) > 1), "the order and one of its invoices were captured"
        taken = sum(one.amount for one in self.provider.charges)
        assert taken + self.scenario_taken <= self.provider.payment.amount, "more captured than authorized"
        check = self.state.check
        if check is not None and not check.passed and self.erp.phase is Phase.OPEN and not self.erp.invoices:
            assert self.state.payment_lock or "lock" in self.erp.effects, "open and unlocked with a failed check"
        for found in conditions(self.state, self.config, self.now):
            assert {name for name, _ in found.params} == set(problem_parameters(found.code)), found.code

    @property
    def scenario_taken(self) -> int:
        return self.scenario.payment.captured if self.scenario.payment else 0

    def _check_rest(self) -> None:
        """Everything is known, and what is settled is settled with money."""
        assert not [one for one in self.state.operations if one.outcome in OPEN_OUTCOMES], "something stays unknown"
        bookings = [effect.split() for effect in self.erp.effects if effect.startswith("book ")]
        charges = {effect.split()[1]: effect.split()[2] for effect in self.provider.effects}
        for _, number, amount, event in bookings:
            assert event == EVENT
            shop = self.scenario_taken > 0
            if number in charges and not shop:
                assert amount == charges[number], "a booking that is not the money taken"
