"""What an order does next. `decide` looks at the facts alone: how they came, how often and in which order is no matter.

Every rule of the order's life is a proposal: something to do and the instant from which on it may be done. The first
proposal that is due is carried out, its outcome becomes a fact, and everything is decided afresh. The earliest proposal
that is not due yet is when the order looks again.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain import reasons
from domain.comments import comment_of, comment_of_movement
from domain.conditions import conditions, is_over
from domain.facts import CheckFailed, Conclusion, ErpSnapshot, Phase, ProblemGone, ProblemRaised, ShippedUnpaid, Wish
from domain.giving_back import (
    GiveBack,
    gave_back_order,
    give_backs,
    lines_are_pending,
    needs_fresh_payment,
    payment_is_fresh,
    rest_is_closed_from,
    shipment_is_reported,
)
from domain.invoices import (
    InvoiceNeed,
    capture_reference,
    captures_stopped,
    disputed,
    invoice_needs,
    release_capture_minor,
)
from domain.money import Money
from domain.operations import MONEY, WHOLE_ORDER, Cause, Kind, Note, Operation
from domain.order_state import CANCEL_WISH, OperationRecord, OrderState
from domain.outcomes import FINAL, Outcome
from domain.payment_check import all_cancelled, awaits_decision, check_payment, out_of_scope
from domain.payment_methods import Bank, Family, PaymentMethod, method
from domain.problems import Severity
from domain.repetition import next_turn, not_before, pause
from domain.summary import OrderStatus, status_of
from domain.tenant_config import OrderConfig, Pacing
from domain.transfers import transfer

PATIENCE = 8  # an undecided payment is looked at again after this part of the time that it has been so
LONGEST_PENDING_LOOK = timedelta(days=1)


@dataclass(frozen=True)
class ReadPayment:
    """Look at the payment at the provider."""

    payment_id: str


GIVEN_BACK = "payment_given_back"
Step = ReadPayment | Operation | Conclusion


@dataclass(frozen=True)
class Proposal:
    """Something to do, from `at` (UTC) on."""

    at: datetime
    step: Step | None = None  # None: nothing to do, but look again then


@dataclass(frozen=True)
class Decision:
    """`step` is due now; otherwise the order looks again at `next_due` (UTC), or only when a message comes.

    `finished`: the order is balanced, was left alone long enough, and may end.
    """

    step: Step | None = None
    next_due: datetime | None = None
    finished: bool = False


def decide(state: OrderState, config: OrderConfig, pacing: Pacing, now: datetime) -> Decision:
    """The one step that is due at `now`, or when to look again. Pure; amounts in minor units, instants in UTC."""
    if state.erp is None or out_of_scope(state.erp):
        return Decision()
    later: list[datetime] = []
    for proposal in _proposals(state, state.erp, config, pacing, now):
        if proposal.at > now:
            later.append(proposal.at)
        elif proposal.step is not None:
            return Decision(step=proposal.step)
    end = ends_at(state, config)
    if end is not None and end > now:
        later.append(end)
    elif end is not None and not later:
        return Decision(finished=True)
    return Decision(next_due=min(later, default=None))


def wanted_operations(
    state: OrderState, config: OrderConfig, pacing: Pacing, now: datetime
) -> frozenset[tuple[Kind, str]]:
    """Kind and subject of every operation that is to be carried out now or later, as far as can be told now."""
    if state.erp is None:
        return frozenset()
    steps = (one.step for one in _proposals(state, state.erp, config, pacing, now))
    return frozenset((one.kind, one.subject) for one in steps if isinstance(one, Operation))


def refusal(state: OrderState, wish: Wish) -> str:
    """Why a message cannot be accepted, as a code; '' when it can."""
    if wish is Wish.CANCEL and state.erp is not None and state.erp.invoices:
        return "shipped"
    return ""


def ends_at(state: OrderState, config: OrderConfig) -> datetime | None:
    """When the order may end: balanced and unchanged for long enough; None while something is open."""
    open_ended = any(one.outcome in (Outcome.UNKNOWN, Outcome.PENDING) for one in state.operations)
    balanced = status_of(state) in (OrderStatus.SETTLED, OrderStatus.CANCELLED)
    needs_human = any(one.kind.severity is Severity.ERROR for one in state.open_problems())
    if not balanced or open_ended or needs_human or state.changed_at is None:
        return None
    return state.changed_at + config.keep_after_settled


def _proposals(
    state: OrderState, erp: ErpSnapshot, config: OrderConfig, pacing: Pacing, now: datetime
) -> Iterator[Proposal]:
    plan = _Plan(state, erp, config, pacing, now)
    yield from plan.problems()
    yield from plan.open_outcomes()
    yield from plan.look_at_payment()
    yield from plan.check()
    yield from plan.take_before_release()
    yield from plan.bank_data()
    yield from plan.release()
    yield from plan.locks()
    yield from plan.comments_on_movements()
    yield from plan.shipment()
    yield from plan.invoices()
    yield from plan.give_back()
    yield from plan.credit_notes()
    yield from plan.comments()
    yield from plan.mails()


@dataclass(frozen=True)
class _Plan:
    """The rules of an order's life, one method each, over one state at one instant."""

    state: OrderState
    erp: ErpSnapshot
    config: OrderConfig
    pacing: Pacing
    now: datetime

    # -- what everything else leans on

    @property
    def row(self) -> PaymentMethod | None:
        """The capabilities of the payment that was checked."""
        return method(self.state.check.method) if self.state.check else None

    @property
    def family(self) -> Family | None:
        return self.row.family if self.row else None

    @property
    def passed(self) -> bool:
        return self.state.check is not None and self.state.check.passed

    @property
    def cancel_is_wished(self) -> bool:
        """A cancellation was asked for and nothing has left the house yet."""
        return self.state.cancel_wished_at is not None and not self.erp.invoices

    @property
    def awaits_transfer(self) -> bool:
        """A prepaid order whose money is not there (rule P20)."""
        return self.passed and self.family is Family.PREPAYMENT and not transfer(self.state, self.config).complete

    def propose(self, operation: Operation) -> Iterator[Proposal]:
        """`operation`, when it is its turn. What was never sent is sent as it is right now."""
        record = self.state.operation(operation.kind, operation.subject)
        if record is not None and record.outcome in (Outcome.UNKNOWN, Outcome.PENDING):
            return  # `open_outcomes` asks for it
        turn = next_turn(record, operation.kind, self.state.workflow_id, self.pacing, self.now)
        if turn is None:
            return
        yield Proposal(turn.at, replace(operation, attempt=turn.attempt))

    # -- the rules

    def problems(self) -> Iterator[Proposal]:
        """Raise what holds and was not raised, drop what holds no longer."""
        raised = {one.name: one for one in self.state.problems}
        holding = set()
        for found in conditions(self.state, self.config, self.now):
            if found.since > self.now:
                yield Proposal(found.since)
                continue
            holding.add(found.name)
            if found.name not in raised:
                yield Proposal(self.now, ProblemRaised(self.now, found.code, found.subject, found.cause, found.params))
        for problem in self.state.open_problems():
            if problem.name not in holding:
                yield Proposal(self.now, ProblemGone(self.now, problem.code, problem.subject, problem.cause))

    def open_outcomes(self) -> Iterator[Proposal]:
        """Ask for every outcome that is not known, whatever else changed meanwhile (rule P8)."""
        for record in self.state.operations:
            if record.outcome in (Outcome.UNKNOWN, Outcome.PENDING):
                turn = next_turn(record, record.kind, self.state.workflow_id, self.pacing, self.now)
                if turn is not None:
                    # with a disputed payment too: what the bank has taken back must not go out once more
                    unwanted = disputed(self.state) or is_over(record, self.state, self.erp)
                    unwanted &= record.kind in MONEY
                    yield Proposal(turn.at, replace(record.operation, only_ask=unwanted))

    def look_at_payment(self) -> Iterator[Proposal]:
        """Read the payment: the first time, after a hint, while it is undecided, and while a transfer is awaited."""
        if not self.erp.payment_id:
            return
        look = ReadPayment(self.erp.payment_id)
        state = self.state
        if state.unreadable is not None:
            told, wait = state.unreadable, pause(state.unreadable_times, self.pacing)
            yield Proposal(not_before(told.at, told.retry_at, wait), look)  # rule P15
        elif state.payment is None or state.hinted_seq > state.payment_seq:
            yield Proposal(self.now, look)
        elif state.check is None and awaits_decision(state.payment):
            end = ends_at(state, self.config) if state.rules > 1 else None
            if end is None or state.payment.as_of < end:
                yield Proposal(state.payment.as_of + self._pending_look(state.payment.as_of), look)  # rule P10
        elif self._transfer_is_awaited():
            yield Proposal(state.payment.as_of + self.config.reread_prepayment_after, look)  # rule P29
        outdated = state.rules > 1 and state.unreadable is None and state.payment_seq < state.money_seq
        if outdated and self.passed and self.family in (Family.PREPAYMENT, Family.INVOICE):
            yield Proposal(self.now, look)  # rule P29: what arrived is judged without what we gave back
        stale = state.unreadable is None and not payment_is_fresh(state)
        if stale and needs_fresh_payment(state, self.config, self.now):
            yield Proposal(self.now, look)
        needs_news = self._must_know_receipt() or all_cancelled(self.erp)
        if needs_news and state.payment_seq < state.erp_seq and state.unreadable is None:
            yield Proposal(self.now, look)  # rule P32: no judgement on an old picture, nor on a cancelled order

    def _pending_look(self, looked_at: datetime) -> timedelta:
        """How long to wait before the next look at an undecided payment: the longer it stays so, the longer."""
        if self.state.rules < 2:
            return self.pacing.pending_look
        return max(self.pacing.pending_look, min((looked_at - self.erp.as_of) / PATIENCE, LONGEST_PENDING_LOOK))

    def _transfer_is_awaited(self) -> bool:
        """Whether the payment is to be read now and then, in case the news of a transfer was lost."""
        if self.family is Family.INVOICE and self.passed and not all_cancelled(self.erp):
            settled = self.erp.phase is Phase.CLOSED and all(one.settled for one in self.erp.invoices)
            return not settled and not transfer(self.state, self.config).complete
        return self.awaits_transfer and self.erp.phase is not Phase.CLOSED

    def _must_know_receipt(self) -> bool:
        return self.awaits_transfer and any(
            need.invoice.number not in self.state.unpaid_invoices for need in invoice_needs(self.state, self.config)
        )

    def check(self) -> Iterator[Proposal]:
        """Decide once whether the payment fits the order, and again when a person asks (rules P12, P14)."""
        check, payment = self.state.check, self.state.payment
        if self.passed and gave_back_order(self.state) and not all_cancelled(self.erp):
            yield Proposal(self.now, CheckFailed(self.now, GIVEN_BACK))  # the order was opened again
        if check is not None and not check.wanted_again:
            return
        if self.erp.phase is Phase.CLOSED and not self.erp.invoices:
            return  # cancelled before anything happened
        if self.erp.payment_id:
            if payment is None or self.state.unreadable is not None or awaits_decision(payment):
                return
            if self.state.hinted_seq > self.state.payment_seq:
                return
        released_before = self.state.released_before
        found = check_payment(self.erp, payment, self.config, self.now, released_before=released_before)
        yield Proposal(self.now, found)

    def take_before_release(self) -> Iterator[Proposal]:
        """Standard mode: take the whole order before it is released (rules P16, P17); a no fails the check."""
        amount = release_capture_minor(self.state, self.config)
        record = self.state.operation(Kind.CAPTURE, WHOLE_ORDER)
        ended = record is None or record.outcome is Outcome.DECLINED
        if not self.passed or (ended and amount <= 0):
            return
        if record is not None and record.outcome is Outcome.DECLINED and not record.may_be_tried_again:
            code = "authorization_expired" if record.reason == reasons.EXPIRED else "capture_failed"
            total = Money(record.operation.amount_minor or 0, self.erp.currency)
            facts = (("amount", str(total)), ("reason", record.reason))
            yield Proposal(self.now, CheckFailed(self.now, code, facts if code == "capture_failed" else facts[:1]))
        elif not captures_stopped(self.state) and not self.cancel_is_wished and not self._nothing_left():
            yield from self.propose(self._capture(WHOLE_ORDER, amount, ""))

    def _nothing_left(self) -> bool:
        """Everything was cancelled, or somebody settled every invoice: there is nothing to take money for."""
        return self.erp.phase is Phase.CLOSED and all(one.settled for one in self.erp.invoices)

    def _taken(self) -> bool:
        """Whether what must be taken before release is taken, by us or by somebody else."""
        record = self.state.operation(Kind.CAPTURE, WHOLE_ORDER)
        if record is None or record.outcome is Outcome.DECLINED:
            return release_capture_minor(self.state, self.config) <= 0
        return record.outcome is Outcome.SUCCEEDED

    def bank_data(self) -> Iterator[Proposal]:
        """Before the release, tell the ERP where the customer transfers to, so that its invoice can say so (P23)."""
        if self._wants_bank_data() and self.erp.phase is not Phase.CLOSED and not self.erp.invoices:
            note = Note("bank_data_written")
            yield from self.propose(
                Operation(Kind.WRITE_BANK_DATA, WHOLE_ORDER, payment_id=self.erp.payment_id, note=note)
            )

    def _wants_bank_data(self) -> bool:
        if not self.passed or self.row is None or self.cancel_is_wished:
            return False
        told = self.row.bank is Bank.CUSTOMER and self.config.bank_data_for_prepayment
        return self.row.bank is Bank.ERP_INVOICE or (told and self.row.family is Family.PREPAYMENT)

    def _bank_data_are_open(self) -> bool:
        record = self.state.operation(Kind.WRITE_BANK_DATA, WHOLE_ORDER)
        return self._wants_bank_data() and (record is None or record.outcome not in FINAL)

    def release(self) -> Iterator[Proposal]:
        """Release what is on hold, locked when the check failed or the money is awaited (rules P11-P14, P18-P22)."""
        check = self.state.check
        if self.erp.phase is not Phase.HELD or check is None or check.wanted_again or self._lock_is_open():
            return
        if check.passed and (not self._taken() or self.cancel_is_wished or self._bank_data_are_open()):
            return
        done = self.state.operation(Kind.RELEASE, WHOLE_ORDER)
        subject = WHOLE_ORDER
        if done is not None and done.outcome is Outcome.SUCCEEDED:
            if self.erp.as_of <= done.at:
                return  # the picture is older than our release
            subject = f"held-again/{self.erp.as_of.isoformat()}"
        release = Operation(
            Kind.RELEASE,
            subject,
            payment_id=self.erp.payment_id,
            lock=not check.passed or self.awaits_transfer,
            note=self._release_note(),
        )
        before = self.state.operation(Kind.RELEASE, subject)
        if before is not None and before.operation.lock and not release.lock:
            release = before.operation  # its lock may stand already: it is taken away afterwards, with a comment
        yield from self.propose(release)

    def _release_note(self) -> Note:
        check = self.state.check
        if check is not None and not check.passed:
            return Note.of("released_locked", reason=check.problem)
        if self.awaits_transfer:
            wanted = Money(transfer(self.state, self.config).wanted_minor, self.erp.currency)
            return Note.of("released_waiting_transfer", expected=str(wanted))
        record = self.state.operation(Kind.CAPTURE, WHOLE_ORDER)
        if record is not None and record.outcome is Outcome.SUCCEEDED:
            amount = Money(record.amount_minor or 0, self.erp.currency)
            return Note.of("released_captured", amount=str(amount), reference=record.reference)
        return Note.of("released")

    def locks(self) -> Iterator[Proposal]:
        """Keep the order's own shipping lock right after release; never touch the customer's."""
        if self.erp.phase is Phase.CLOSED or self.state.check is None or self._lock_is_open():
            return
        if self.cancel_is_wished:
            yield from self.propose(Operation(Kind.LOCK, CANCEL_WISH, note=Note.of("cancel_wished_locked")))
            return
        if self.erp.phase is Phase.HELD and not self._released_after_picture():
            return
        check = self.state.check
        if not check.passed:
            if self.state.released_before and check.problem != GIVEN_BACK:
                return  # it was let go before: whether it may ship is for a person to say
            if not self.state.payment_lock and not self.erp.locked and not self.erp.invoices:
                note = Note.of("locked", reason=check.problem)
                yield from self.propose(Operation(Kind.LOCK, f"check-{check.number}", note=note))
        elif self.state.payment_lock and self._taken() and not self.awaits_transfer:
            yield from self.propose(self._unlock())

    def _released_after_picture(self) -> bool:
        done = self.state.operation(Kind.RELEASE, WHOLE_ORDER)
        return done is not None and done.outcome is Outcome.SUCCEEDED and done.at >= self.erp.as_of

    def _unlock(self) -> Operation:
        """Take our lock away; named after it, so that a later lock is taken away too."""
        note = Note.of("unlocked_verified")
        if self.family is Family.PREPAYMENT:
            received = Money(transfer(self.state, self.config).received_minor, self.erp.currency)
            note = Note.of("unlocked_transfer", received=str(received))
        return Operation(Kind.UNLOCK, self.state.payment_lock, note=note)

    def _lock_is_open(self) -> bool:
        return any(
            one.outcome is Outcome.UNKNOWN
            for one in self.state.operations
            if one.kind in (Kind.RELEASE, Kind.LOCK, Kind.UNLOCK)
        )

    def invoices(self) -> Iterator[Proposal]:
        """Capture and book each shipped invoice as its family wants it (rules P30-P35, P38)."""
        if self.state.rules > 1 and disputed(self.state):
            return  # an invoice must not count as paid with money that was taken back
        for need in invoice_needs(self.state, self.config):
            if self.state.done(Kind.BOOK, need.invoice.number):
                continue
            if self.family is Family.PREPAYMENT:
                yield from self._settle_prepaid(need)
            elif self.family in (Family.INVOICE, Family.SECURED):
                if self._may_settle_after_shipping() and not need.exceeds:
                    yield from self.propose(self._booking(need, need.invoice.total_minor, "booked"))
            elif need.exceeds:
                continue  # rule P34: a person decides
            elif need.capture_minor > 0 or self.state.operation(Kind.CAPTURE, need.invoice.number) is not None:
                yield from self._capture_and_book(need)
            elif self._taken():
                yield from self.propose(self._booking(need, need.invoice.total_minor, "booked"))

    def _capture_and_book(self, need: InvoiceNeed) -> Iterator[Proposal]:
        number = need.invoice.number
        record = self.state.operation(Kind.CAPTURE, number)
        if record is not None and record.outcome is Outcome.SUCCEEDED:
            missing = max(0, need.wanted_minor - (record.amount_minor or 0))  # a rounding difference over the hold
            booked = need.invoice.total_minor - missing
            yield from self.propose(self._booking(need, booked, "captured_booked"))
        elif not captures_stopped(self.state):
            yield from self.propose(self._capture(number, need.capture_minor, number))

    def _settle_prepaid(self, need: InvoiceNeed) -> Iterator[Proposal]:
        number = need.invoice.number
        complete = transfer(self.state, self.config).complete
        if number in self.state.unpaid_invoices:
            if complete and self.config.late_settle and self.erp.phase is Phase.CLOSED and not need.exceeds:
                yield from self.propose(self._booking(need, need.invoice.total_minor, "booked"))
        elif not complete:
            if self.state.payment_seq >= self.state.erp_seq and self.state.unreadable is None:
                yield Proposal(self.now, ShippedUnpaid(self.now, number))  # rule P32
        elif self.erp.phase is Phase.CLOSED and not need.exceeds:
            yield from self.propose(self._booking(need, need.invoice.total_minor, "booked"))  # rule P33

    def _may_settle_after_shipping(self) -> bool:
        """The old invoice types settle when all is delivered: the plain one once the money is there too (rule P33), the
        secured one once the shipment is reported (rule P36)."""
        if self.erp.phase is not Phase.CLOSED:
            return False
        if self.family is Family.SECURED:
            return shipment_is_reported(self.state)
        return transfer(self.state, self.config).complete

    def shipment(self) -> Iterator[Proposal]:
        """Report the shipment once, when the order is closed; that starts the customer's time to pay (P36, P37)."""
        state, shipped = self.state, [one for one in self.erp.invoices if one.shipped and not one.by_hand]
        if not self.passed or self.row is None or not self.row.report_shipment or not shipped:
            return
        if self.erp.phase is not Phase.CLOSED or captures_stopped(state) or shipment_is_reported(state):
            return
        if lines_are_pending(state, self.config, self.now):
            return  # rule P65: what was cancelled is not claimed
        yield from self.propose(
            Operation(
                Kind.REPORT_SHIPMENT,
                WHOLE_ORDER,
                amount_minor=sum(one.total_minor for one in shipped),
                currency=self.erp.currency,
                payment_id=self.erp.payment_id,
                invoice_no=shipped[-1].number,
            )
        )

    def give_back(self) -> Iterator[Proposal]:
        """Void and refund what is due, one movement at a time (rules P50-P57, P60-P75)."""
        waits_until = rest_is_closed_from(self.state, self.config) if self.state.rules > 1 else None
        if waits_until is not None and waits_until > self.now:
            yield Proposal(waits_until)
        for due in give_backs(self.state, self.config, self.now):
            if due.may_go:
                yield from self.propose(self._giving(due))

    def _giving(self, due: GiveBack) -> Operation:
        return Operation(
            due.kind,
            due.subject,
            amount_minor=due.amount_minor,
            currency=self.erp.currency,
            payment_id=self.erp.payment_id,
            invoice_no=due.document_no,
            cause=due.cause,
        )

    def credit_notes(self) -> Iterator[Proposal]:
        """Book each credit note whose amount went back, once (rule P71)."""
        for credit in self.erp.credit_notes:
            record = self.state.operation(Kind.REFUND, credit.number)
            if record is None or record.outcome is not Outcome.SUCCEEDED or credit.settled:
                continue
            if (record.amount_minor or 0) >= (record.operation.amount_minor or 0):
                yield from self.propose(self._credit_booking(record))

    def _credit_booking(self, refund: OperationRecord) -> Operation:
        number, amount_minor = refund.subject, refund.amount_minor or 0
        note = Note.of(
            "refunded_booked",
            credit_note=number,
            amount=str(Money(amount_minor, self.erp.currency)),
            reference=refund.reference or self.erp.payment_id,
            event=self.config.return_event,
        )
        return Operation(
            Kind.BOOK,
            number,
            amount_minor=amount_minor,
            currency=self.erp.currency,
            payment_id=self.erp.payment_id,
            invoice_no=number,
            booking_event=self.config.return_event,
            capture_reference=refund.reference or self.erp.payment_id,
            cause=Cause.RETURN,
            note=note,
        )

    def _capture(self, subject: str, amount_minor: int, invoice_no: str) -> Operation:
        return Operation(
            Kind.CAPTURE,
            subject,
            amount_minor=amount_minor,
            currency=self.erp.currency,
            payment_id=self.erp.payment_id,
            invoice_no=invoice_no,
        )

    def _booking(self, need: InvoiceNeed, amount_minor: int, note: str) -> Operation:
        number = need.invoice.number
        reference = capture_reference(self.state, number)
        amount = str(Money(amount_minor, self.erp.currency))
        params = {"invoice": number, "amount": amount, "event": self.config.invoice_event}
        if note == "captured_booked":
            params["reference"] = reference or self.erp.payment_id
        return Operation(
            Kind.BOOK,
            number,
            amount_minor=amount_minor,
            currency=self.erp.currency,
            payment_id=self.erp.payment_id,
            invoice_no=number,
            booking_event=self.config.invoice_event,
            capture_reference=reference or self.erp.payment_id,
            note=Note.of(note, **params),
        )

    def comments_on_movements(self) -> Iterator[Proposal]:
        """A comment for each movement that no other operation's comment tells, before anything else follows (P1)."""
        for record in self.state.operations:
            moved = comment_of_movement(record)
            if moved is not None:
                yield from self.propose(Operation(Kind.COMMENT, f"{record.kind.value}/{record.subject}", note=moved))

    def comments(self) -> Iterator[Proposal]:
        """A comment for each problem that no other operation's comment tells (rule P1)."""
        for problem in self.state.open_problems():
            note = comment_of(problem)
            if note is not None:
                yield from self.propose(Operation(Kind.COMMENT, problem.name, note=note))
        if (
            self.state.cancel_wished_at is not None
            and self.erp.invoices
            and not self.state.done(Kind.LOCK, CANCEL_WISH)
        ):
            note = Note.of("cancel_wished_shipped")
            yield from self.propose(Operation(Kind.COMMENT, CANCEL_WISH, note=note))

    def mails(self) -> Iterator[Proposal]:
        """One mail for each error, and for the few notices that ask for one (rule P2)."""
        for problem in self.state.open_problems():
            if problem.kind.mail:
                note = Note(problem.code, problem.params)
                yield from self.propose(Operation(Kind.MAIL, problem.name, concerns=problem.subject, note=note))
