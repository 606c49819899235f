"""Random lives of an order, played in memory: whatever people, banks and networks do, in any mixture.

The world is that of the scenarios. A life is a list of numbers, so that a failing one shrinks to a short one. What must
be true is looked at from outside as far as possible: in what the ERP and the provider saw, not in what the order says.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from domain import reasons
from domain.conditions import conditions
from domain.facts import Fact, Phase
from domain.giving_back import CANCELLED_ORDER
from domain.operations import MONEY, WHOLE_ORDER, Cause, Kind, Operation, operation_key
from domain.order import ends_at, wanted_operations
from domain.order_state import OrderState
from domain.outcomes import FINAL, OperationResult, Outcome
from domain.payment_check import awaits_decision
from domain.problems import Severity
from domain.summary import OrderStatus, status_of
from domain.tenant_config import AppMode
from domain.transfers import CANCELLED_LINES
from domain.wording import problem_parameters
from tests.scenarios import script
from tests.scenarios.fakes import AWAIT_TRANSFER, CALLS
from tests.scenarios.fakes import METHODS as PAYMENT_TYPES
from tests.scenarios.pure import WORKFLOW_ID, PureRun
from tests.scenarios.script import Action, Expect, Line, Order, Payment, Scenario, Setup

OPEN_OUTCOMES = (Outcome.UNKNOWN, Outcome.PENDING)
GIVEN = (Outcome.SUCCEEDED, *OPEN_OUTCOMES)
TYPES = tuple(PAYMENT_TYPES)
CODES = {"prepayment": "V", "invoice": "I", "invoice-secured": "S", "paylater-invoice": "L"}
BY_MODE = ("card", "applepay", "paypal")
PAYLATER = tuple(one for one in TYPES if one.startswith("paylater-"))
IN_THE_SHOP = tuple(one for one in TYPES if one not in (*BY_MODE, *AWAIT_TRANSFER, *PAYLATER))
PASSING = frozenset({"settlement_late", "give_back_late", "misconfigured", "outcome_unknown", "payment_unreadable"})
OF_REFUSED_GIVING = frozenset({"refund_failed", "cancellation_failed"})


@dataclass(frozen=True)
class Life:
    """Everything that is left to chance."""

    standard: bool
    type_no: int
    prices: tuple[int, ...]
    ship_cost: int
    off: int  # how far the payment is off the order's amount
    tolerance: int
    shop_took: int  # in percent
    pending: bool  # the customer has not finished yet
    payment_id: str  # as in `script.Order`
    late_settle: bool
    bank_data_for_prepayment: bool
    webhooks: int
    moments: tuple[tuple[int, int, int], ...]  # (minutes since the last one, what happens, a number for it)
    troubles: tuple[int, ...]  # what goes wrong with one request after the other

    @property
    def type(self) -> str:
        return TYPES[self.type_no]

    @property
    def takes_at_release(self) -> bool:
        return self.type in BY_MODE and self.standard

    def scenario(self) -> Scenario:
        amount = max(1, sum(self.prices) + self.ship_cost + self.off)
        currency = "PLN" if self.type == "przelewy24" else "EUR"
        may_be_pending = self.type in BY_MODE or self.type in PAYLATER
        taken = amount * self.shop_took // 100 if self.type in BY_MODE and not self.pending else 0
        state = "waiting" if self.type in AWAIT_TRANSFER else "charged" if self.type in IN_THE_SHOP else "authorized"
        return Scenario(
            name="random",
            rules=(),
            end=Expect(),
            setup=Setup(
                AppMode.STANDARD if self.standard else AppMode.EXPERT,
                self.tolerance,
                late_settle=self.late_settle,
                bank_data_for_prepayment=self.bank_data_for_prepayment,
            ),
            order=Order(
                tuple(Line(price) for price in self.prices),
                ship_cost=self.ship_cost,
                code=CODES.get(self.type, "K"),
                number="P{nr}" if self.payment_id == "none" else "W-{nr}",
                payment=self.payment_id,
                currency=currency,
            ),
            payment=Payment(
                self.type, "pending" if self.pending and may_be_pending else state, amount, currency, captured=taken
            ),
            webhooks=self.webhooks,
        )


class LifeRun(PureRun):
    """Plays a life and looks after every step whether what must always be true is true."""

    def __init__(self, life: Life) -> None:
        super().__init__(life.scenario())
        self.life = life
        self.in_scope = life.payment_id != "none"
        self.performed: list[tuple[Operation, OperationResult]] = []
        self.interfered: set[str] = set()  # what people and banks did that Holdfast cannot put right by itself
        self.most_cancelled = 0
        self.taken_from_us = 0  # what a bank took back, or the merchant gave back by hand
        self._troubles: Iterator[int] = iter(life.troubles)
        self._imported = True
        self._explained: OrderState | None = None

    def live(self) -> None:
        """The life, then a month in which nothing happens and everything works."""
        self.settle()
        for minutes, what, number in self.life.moments:
            self.run_until(self.now + timedelta(minutes=minutes))
            self.happen(what, number)
        self.recover()
        self.run_until(self.now + timedelta(days=30))
        self.check_rest()

    def happen(self, what: int, number: int) -> Action | None:
        """One of the things that can happen now."""
        possible = list(self._possible(number))
        if not possible:
            return None
        action = possible[what % len(possible)]
        self.play_action(action)
        return action

    def play_action(self, action: Action) -> None:
        self._note(action)
        self._do(action)
        self.settle()

    def recover(self) -> None:
        """From here on nothing goes wrong any more."""
        self._troubles = iter(())
        self.provider.faults.clear()
        if not self.active:
            self._do(script.SwitchConfiguration(active=True))
        if self.provider.status == "pending":
            self._do(script.CompletePayment())
        self._do(script.Webhook())
        self.settle()

    # -- what can happen now

    def _possible(self, number: int) -> Iterator[Action]:
        yield from self._in_the_warehouse(number)
        yield from self._documents(number)
        yield from self._at_the_provider(number)
        yield from self._people(number)

    def _in_the_warehouse(self, number: int) -> Iterator[Action]:
        waiting, undecided = self._lines("ANG"), self._lines("ANG", "HAL")
        if waiting and not self.erp.locked:
            extra = None if number % 5 else number % 700 - 200
            worth = self.erp.lines[waiting[0] - 1].worth
            yield script.Ship((waiting[0],), None if extra is None else max(1, worth + extra))
            yield script.Ship((waiting[number % len(waiting)],))
            yield script.Ship()
        if undecided:
            yield script.CancelLines((undecided[number % len(undecided)],), undeliverable=number % 3 == 0)
            if number % 2:
                yield script.CancelLines()
        if waiting and number % 4 == 0:
            yield script.HoldAgain()
        if self.erp.locked and number % 2:
            yield script.PersonUnlocks()
        if (gone := self._lines("STO", "NLB")) and number % 3 == 0:
            yield script.Reopen((gone[number % len(gone)],))

    def _documents(self, number: int) -> Iterator[Action]:
        shipped = self._lines("AUS")
        if shipped:
            line = shipped[number % len(shipped)]
            worth = self.erp.lines[line - 1].worth
            yield script.Return((line,))
            match number % 5:
                case 0:
                    yield script.Return((line,), shipping=self.life.ship_cost, fee=min(worth - 1, number % 300))
                case 1:
                    yield script.Return((line,), total=1 + number % (worth + 100))
                case 2:
                    yield script.Return((line,), settled=True)
                case _:
                    yield script.Return()
        if self.erp.invoices and number % 7 == 0:
            yield script.CreditNote(1 + number % 50_00)
        if (unsettled := [one.number for one in (*self.erp.invoices, *self.erp.credits) if not one.settled]) and (
            number % 4 == 0
        ):
            yield script.PersonSettles(unsettled[number % len(unsettled)])

    def _at_the_provider(self, number: int) -> Iterator[Action]:
        provider = self.provider
        yield script.Webhook(number % 4)
        if provider.status == "pending":
            yield script.CompletePayment() if number % 4 else script.FailPayment()
            return
        if self.life.type in AWAIT_TRANSFER:
            yield script.Receipt(1 + number)
            if provider.remaining > 0:
                yield script.Receipt(provider.remaining)
        if number % 5 == 0:
            yield script.ExpireHold()
        if provider.charged > 0 and number % 3 == 0:
            yield script.Chargeback(1 + number % provider.charged)
        if provider.charged > 0 and number % 3 == 1:
            yield script.MerchantRefunds(1 + number % provider.charged)
        if provider.remaining > 0 and not provider.awaits_transfer and number % 3 == 2:
            yield script.MerchantCaptures(1 + number % provider.remaining)

    def _people(self, number: int) -> Iterator[Action]:
        if not self.active or number % 6 == 0:
            yield script.SwitchConfiguration(active=not self.active)
        if not self.state.seq:
            return
        yield script.Tell("look_again")
        wishes = ("payment_received", "mark_solved", "cancel")
        wish = wishes[number % 3]
        yield script.Tell(wish, self._refusal() if wish == "cancel" else "")
        if number % 5 == 0:
            yield script.CancelWorkflow()
        yield script.OldPicture() if number % 2 else script.RepeatPicture(3)

    def _lines(self, *statuses: str) -> list[int]:
        return [number for number, line in enumerate(self.erp.lines, 1) if line.status in statuses]

    def _refusal(self) -> str:
        return "shipped" if self.state.erp is not None and self.state.erp.invoices else ""

    def _note(self, action: Action) -> None:
        """What makes the sums differ from what Holdfast alone would bring about."""
        match action:
            case script.Ship(_, total) if total is not None:
                self.interfered.add("another total")
            case script.CreditNote() | script.Reopen() | script.PersonSettles():
                self.interfered.add("by hand")
            case script.Return(_, _, _, total, settled) if settled or total is not None:
                self.interfered.add("by hand")
            case script.MerchantRefunds(amount) | script.Chargeback(amount):
                self.taken_from_us += amount
                self.interfered.add("money moved")
            case script.PersonUnlocks():
                self.interfered.add("unlocked")
            case script.MerchantCaptures():
                self.interfered.add("money moved")
            case script.Tell("mark_solved"):
                self.interfered.add("marked")
            case _:
                pass

    # -- what goes wrong

    def _carry_out(self, operation: Operation) -> OperationResult:
        self._check_request(operation)
        result = self._with_trouble(operation, next(self._troubles, 0))
        self.performed.append((operation, result))
        return result

    def _with_trouble(self, operation: Operation, trouble: int) -> OperationResult:
        if operation.kind is Kind.MAIL:
            failed = OperationResult(Outcome.NOT_SENT, reasons.UNREACHABLE)
            return failed if trouble % 7 == 1 else super()._carry_out(operation)
        call = CALLS.get(operation.kind, operation.kind.value)
        of_provider = operation.kind in MONEY or operation.kind is Kind.REPORT_SHIPMENT
        system = script.System.PROVIDER if of_provider else script.System.ERP
        faults = self.provider.faults if of_provider else self.erp.faults
        match trouble % 9:
            case 1:
                faults.arm(script.Arm(system, call, script.How.LOST_ANSWER))
            case 2:
                faults.arm(script.Arm(system, call, script.How.LOST_REQUEST))
            case 3:
                faults.arm(script.Arm(system, call, script.How.REFUSED))
            case 4:
                past = self.now - timedelta(minutes=trouble % 40)
                return OperationResult(Outcome.NOT_SENT, reasons.RATE, retry_at=past)
            case 5:
                return OperationResult(Outcome.NOT_SENT, reasons.MISCONFIGURED)
            case 6 | 7:
                self.provider.stops_halfway = True
            case _:
                pass
        result = super()._carry_out(operation)
        faults.clear()
        self.provider.stops_halfway = False
        return result

    def _explain(self) -> None:
        if self.state is not self._explained:
            self._explained = self.state
            super()._explain()

    def settle(self) -> None:
        if next(self._troubles, 0) % 11 == 1:
            self.provider.faults.arm(script.Arm(script.System.PROVIDER, "read", script.How.LOST_REQUEST))
        super().settle()
        self._check_money()

    def learn(self, fact: Fact) -> None:
        super().learn(fact)
        self._check_state()

    # -- what must be true before anything is sent

    def _check_request(self, operation: Operation) -> None:
        known = self.state.operation(operation.kind, operation.subject)
        repeated = known is not None and known.attempt == operation.attempt and known.outcome in OPEN_OUTCOMES
        assert self.in_scope, "something is done for an order that is out of scope"
        if operation.kind is Kind.RELEASE and self.state.check is not None and not self.state.check.passed:
            assert operation.lock, "a failed check is released without a lock"
        if operation.kind in MONEY:
            self._check_movement(operation, repeated=repeated)
        if operation.kind is Kind.REPORT_SHIPMENT:
            self._check_shipment()
        if operation.kind is Kind.BOOK and not repeated:
            self._check_booking(operation)

    def _check_movement(self, operation: Operation, *, repeated: bool) -> None:
        state, payment = self.state, self.state.payment
        others = [one for one in state.open_operations(MONEY) if one.operation != operation]
        assert repeated or not others, "a movement of money while the outcome of another is not known"
        assert (operation.amount_minor or 0) > 0, "a movement of nothing"
        assert payment is not None
        if repeated:
            return
        assert payment.charged_back_minor == 0, "a new movement although the bank took money back"
        if operation.kind is Kind.CAPTURE:
            assert state.check is not None
            assert state.check.passed, "a capture although the check has not passed"
            assert not self._order_was_given_back(), "a capture although the whole payment was given back"
            return
        reach = payment.captured_minor + max(0, payment.remaining_minor if self.provider.awaits_transfer else 0)
        assert state.payment_seq >= max(state.erp_seq, state.money_seq), "giving back on an outdated picture"
        assert operation.kind is Kind.VOID or (operation.amount_minor or 0) <= reach, "a refund that cannot succeed"
        if self.life.type in PAYLATER:
            assert not operation.subject.startswith(CANCELLED_LINES), "paylater lines were given back (rule P68)"
            assert operation.kind is not Kind.VOID or payment.captured_minor == 0, "a paylater rest was voided (P57)"

    def _check_shipment(self) -> None:
        erp, payment = self.state.erp, self.state.payment
        assert self.life.type == "invoice-secured", "a shipment that nobody wants to hear of"
        assert erp is not None
        assert erp.phase is Phase.CLOSED or self.state.open_operations(frozenset({Kind.REPORT_SHIPMENT})), "too early"
        assert payment is not None

    def _check_booking(self, operation: Operation) -> None:
        number, amount = operation.invoice_no, operation.amount_minor or 0
        if operation.cause is not Cause.RETURN:
            assert not self._order_was_given_back(), "an invoice is booked although the whole payment was given back"
            return
        credit = next(one for one in self.erp.credits if one.number == number)
        paid = [result for one, result in self.performed if one.kind is Kind.REFUND and one.subject == number]
        moved = self._moved_by(Kind.REFUND, number)
        assert any(one.outcome is Outcome.SUCCEEDED for one in paid), "a credit note is booked without its refund"
        assert moved == amount >= credit.total - self.life.tolerance, "a credit note's booking is not its refund"

    def _order_was_given_back(self) -> bool:
        return any(
            one.kind in (Kind.VOID, Kind.REFUND)
            and one.subject.startswith(CANCELLED_ORDER)
            and result.outcome is Outcome.SUCCEEDED
            and (result.evidence.amount_minor or 0) > 0
            for one, result in self.performed
        )

    def _moved_by(self, kind: Kind, subject: str) -> int:
        """What the provider moved for an operation, whichever attempt it was, and whatever we heard of it."""
        ids = {one.id_within(WORKFLOW_ID) for one, _ in self.performed if (one.kind, one.subject) == (kind, subject)}
        references = {operation_key(one) for one in ids}
        return sum(one.amount for one in self.provider.ours if one.reference in references)

    # -- what must be true after every fact

    def _check_state(self) -> None:
        state = self.state
        self.most_cancelled = max(self.most_cancelled, self._worth("STO", "NLB"))
        assert len(state.open_operations(MONEY)) <= 1, "two movements of money are open at once"
        given = [one for one in state.operations if one.kind in (Kind.REFUND, Kind.VOID) and one.outcome in GIVEN]
        refunds = [one for one in given if one.kind is Kind.REFUND]
        # what was asked for: of a refund that took effect in part, a person gives the rest back
        of_lines = sum(one.operation.amount_minor or 0 for one in refunds if one.subject.startswith(CANCELLED_LINES))
        assert of_lines <= self.most_cancelled, "more was given back for lines than was ever cancelled"
        reach = self.provider.payment.amount + self.provider.received
        assert sum(one.amount_minor or 0 for one in refunds) <= reach, "more given back than there ever was"

    def _check_money(self) -> None:
        """In what the ERP and the provider saw."""
        booked = [effect.split()[1] for effect in self.erp.effects if effect.startswith("book ")]
        captured = [effect.split()[1] for effect in self.provider.effects if effect.startswith("capture ")]
        captured = [one for one in captured if one != "by"]
        references = [one.reference for one in self.provider.ours]
        assert len(set(booked)) == len(booked), "a document was booked twice"
        assert len(set(captured)) == len(captured), "a subject was captured twice"
        assert len(set(references)) == len(references), "an operation took effect twice"
        assert not ({WHOLE_ORDER} & set(captured) and len(captured) > 1), "the order and one of its invoices captured"
        assert self.provider.effects.count("shipment") <= 1, "the shipment was reported twice"
        assert self.provider.charged >= 0, "more refunded than captured"
        if not self.provider.awaits_transfer:
            assert self.provider.remaining >= 0, "more captured than authorized"
        movements = [one for one in self.state.operations if one.outcome is Outcome.SUCCEEDED and self._told_alone(one)]
        told = [one for one in self.erp.effects if one in ("comment voided", "comment refunded")]
        assert len(told) <= len(movements), "a movement was commented twice"
        if not self.in_scope:
            seen = [*self.erp.effects, *self.mails]
            assert not seen, "something was done for an order that is out of scope"
        for found in conditions(self.state, self.config, self.now):
            assert {name for name, _ in found.params} == set(problem_parameters(found.code)), found.code

    @staticmethod
    def _told_alone(one: object) -> bool:
        """Whether a movement has a comment of its own: a booking's comment tells those for credit notes."""
        kind, operation = one.kind, one.operation  # type: ignore[attr-defined]
        return kind is Kind.VOID or (kind is Kind.REFUND and not operation.invoice_no)

    def _worth(self, *statuses: str) -> int:
        return sum(line.worth for line in self.erp.lines if line.status in statuses)

    # -- what must be true at rest

    def check_rest(self) -> None:
        """Everything is known, what is settled is settled with money, and what is left undone is told."""
        state = self.state
        if not self.in_scope or state.erp is None:
            assert not self.provider.ours
            return
        assert not [one for one in state.operations if one.outcome in OPEN_OUTCOMES], "something stays unknown"
        wanted = wanted_operations(state, self.config, self.pacing, self.now)
        assert not wanted, f"still to be done after a month: {wanted}"
        stale = {one.code for one in state.open_problems()} & PASSING
        if self.provider.charged_back > 0:  # nothing is moved while the bank has the last word
            stale -= {"settlement_late", "give_back_late"}
        assert not stale, f"problems that nothing is the matter with: {stale}"
        self._check_end()
        self._check_comments()
        self._check_left_undone()
        self._check_sums()

    def _check_end(self) -> None:
        status, end = status_of(self.state), ends_at(self.state, self.config)
        errors = [one.code for one in self.state.open_problems() if one.kind.severity is Severity.ERROR]
        balanced = status in (OrderStatus.SETTLED, OrderStatus.CANCELLED)
        assert (end is not None) == (balanced and not errors), f"{status}, {errors}, ends {end}"

    def _check_comments(self) -> None:
        for record in self.state.operations:
            if record.outcome is Outcome.SUCCEEDED and self._told_alone(record):
                comment = self.state.operation(Kind.COMMENT, f"{record.kind.value}/{record.subject}")
                assert comment is not None, "a movement without a comment"
                assert comment.outcome in FINAL

    def _told(self, *codes: str, subject: str | None = None) -> bool:
        """Whether a person knows: the problem is open, or a person marked it solved."""
        return any(
            one.code in codes and (subject is None or one.subject == subject)
            for one in (self.state.problems if "marked" in self.interfered else self.state.open_problems())
        )

    def _check_left_undone(self) -> None:
        state, provider = self.state, self.provider
        assert state.erp is not None
        check_failed = state.check is not None and not state.check.passed
        blocked = provider.charged_back > 0 or check_failed
        if check_failed and self.erp.phase is Phase.OPEN and not self.erp.invoices:
            assert self.erp.locked or self._was_unlocked(), "open and unlocked with a failed check"
        if self._is_cancelled():
            left = provider.charged + max(0, provider.remaining)
            if left and not (state.payment is not None and awaits_decision(state.payment)):
                told = self._told("cancellation_failed", "cancellation_by_hand", "pay_back_by_transfer", "chargeback")
                assert told or self._told("refund_incomplete"), f"{left} kept of a cancelled order"
            else:
                assert not self._open(*OF_REFUSED_GIVING), "a refusal is told although everything went back"
            return
        if blocked:
            return  # a person has the order in hand
        for credit in (one for one in self.erp.credits if one.from_return and not one.settled and one.total > 0):
            assert self._waits_for_moment() or any(
                one.subject == credit.number
                for one in (state.problems if "marked" in self.interfered else state.open_problems())
            ), f"nobody knows that {credit.number} is not settled"
        if self._lines_must_be_given_back():
            missing = self._worth("STO", "NLB") - self._given_for_lines()
            reach = provider.charged + max(0, provider.remaining)
            if missing > self.life.tolerance and reach > 0:
                told = self._told(
                    "refund_failed", "refund_exceeds", "pay_back_by_transfer", "refund_incomplete", "refunded_by_hand"
                )
                assert told, f"nobody knows that {missing} of cancelled lines was not given back"
            elif missing <= 0:
                assert not [one for one in self._open(*OF_REFUSED_GIVING) if one.startswith(CANCELLED_LINES)], (
                    "a refusal is told although the lines were given back"
                )

    def _was_unlocked(self) -> bool:
        """By a person; or the ERP refused the lock, which is told."""
        refused = any(one.kind is Kind.LOCK and one.outcome is Outcome.DECLINED for one in self.state.operations)
        return refused or "unlocked" in self.interfered

    def _is_cancelled(self) -> bool:
        return not self.erp.invoices and all(line.status in ("STO", "NLB") for line in self.erp.lines)

    def _open(self, *codes: str) -> list[str]:
        return [one.subject for one in self.state.open_problems() if one.code in codes]

    def _waits_for_moment(self) -> bool:
        """The old invoice types give returns back once the order is closed, paid or reported (rules P66, P74)."""
        if self.life.type == "invoice":
            return self.erp.phase is not Phase.CLOSED
        return self.life.type == "invoice-secured" and not self.provider.shipped

    def _lines_must_be_given_back(self) -> bool:
        closed = self.erp.phase is Phase.CLOSED and bool(self._lines("STO", "NLB"))
        return closed and (self.life.takes_at_release or self.life.type in (*IN_THE_SHOP, *AWAIT_TRANSFER))

    def _given_for_lines(self) -> int:
        subjects = {one.subject for one, _ in self.performed if one.subject.startswith(f"{CANCELLED_LINES}/")}
        return sum(self._moved_by(Kind.REFUND, one) for one in subjects)

    def _check_sums(self) -> None:
        """Bookings are the provider's movements, for an order that Holdfast alone brought to its end."""
        status, open_codes = status_of(self.state), [one.code for one in self.state.open_problems()]
        balanced = status in (OrderStatus.SETTLED, OrderStatus.CANCELLED)
        if not balanced or self.interfered or open_codes != [] or self.life.off:
            return
        kept = self.provider.charged
        if self.life.type == "invoice-secured" and status is OrderStatus.SETTLED:
            kept += self.provider.remaining  # what the customer still owes is the provider's business
        assert kept == self._booked("R") - self._booked("G"), "the account and the provider tell different sums"
        if self.life.type in BY_MODE and self._worth("STO", "NLB"):
            assert self.provider.remaining == 0, "a rest is held that nothing can be delivered for"
        if self.life.type == "invoice-secured" and status is OrderStatus.SETTLED:
            assert self.provider.effects.count("shipment") == 1, "settled without a report of the shipment"

    def _booked(self, kind: str) -> int:
        return sum(
            operation.amount_minor or 0
            for operation in {
                one.invoice_no: one
                for one, result in self.performed
                if one.kind is Kind.BOOK and result.outcome is Outcome.SUCCEEDED and one.invoice_no.startswith(kind)
            }.values()
        )
