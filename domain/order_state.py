"""What an order knows, and how a fact changes it.

`evolve` returns the very same state when a fact says nothing new: duplicates, late and reordered facts change nothing
and leave no trace in the journal.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from domain import reasons
from domain.facts import (
    CancelRequested,
    CheckFailed,
    CheckPassed,
    ErpReported,
    ErpSnapshot,
    Fact,
    LineSums,
    OperationEnded,
    PaymentHinted,
    PaymentRead,
    PaymentSnapshot,
    PaymentUnreadable,
    Phase,
    ProblemGone,
    ProblemRaised,
    RulesAdopted,
    ShippedUnpaid,
    TakenOver,
    Told,
    Wish,
)
from domain.operations import MONEY, Kind, Operation
from domain.outcomes import FINAL, Outcome
from domain.payment_methods import method
from domain.problems import Problem

RULES = 3
"""The generation of rules that new orders live by. 1 gave nothing back by itself. 2 refunded whatever had gone back by
hand, and forgot when the ERP had said the same once more."""
MESSAGES_KEPT = 500
TAKEN_OVER_LOCK = "taken-over"  # subject of the lock that the application before has set
REFUNDED_BY_HAND = "refunded_by_hand"  # the problem that a wish to look again answers: refund all the same
CANCEL_WISH = "cancel-wish"  # subject of the lock and the comment that answer a wish to cancel


@dataclass(frozen=True)
class OperationRecord:
    """The latest attempt of one operation. `executions` counts how often this attempt was carried out.

    `amount_minor` is what took effect where that is known. `again` is set when a person asked for another attempt
    after a definite no. An operation with no execution was carried out by the application before Holdfast.
    """

    operation: Operation
    outcome: Outcome
    first_at: datetime
    at: datetime
    executions: int = 1
    amount_minor: int | None = None
    reference: str = ""
    reason: str = ""
    retry_at: datetime | None = None
    again: bool = False

    @property
    def kind(self) -> Kind:
        return self.operation.kind

    @property
    def subject(self) -> str:
        return self.operation.subject

    @property
    def attempt(self) -> int:
        return self.operation.attempt

    @property
    def may_be_tried_again(self) -> bool:
        """Whether a definite no is not the last word: a person asked for more, or it came while nobody wanted a yes."""
        return self.again or self.reason == reasons.WITHDRAWN


@dataclass(frozen=True)
class Check:
    """The latest check of the payment before release: `problem` is '' when it passed."""

    at: datetime
    number: int
    problem: str = ""
    params: tuple[tuple[str, str], ...] = ()
    method: str = ""
    taken_minor: int = 0
    left_minor: int = 0
    wanted_again: bool = False  # a person asked to check once more

    @property
    def passed(self) -> bool:
        return not self.problem


@dataclass(frozen=True)
class OrderState:
    """Everything an order decides on. Instants are UTC, amounts minor units of the order's currency."""

    workflow_id: str
    seq: int = 0
    erp: ErpSnapshot | None = None
    erp_seq: int = 0  # when the latest picture came
    erp_confirmed_at: datetime | None = None  # when a later picture that says the same was taken (UTC)
    payment: PaymentSnapshot | None = None
    payment_seq: int = -1  # how much was known when the latest read of the payment was asked for
    unreadable: PaymentUnreadable | None = None
    unreadable_times: int = 0
    hinted_seq: int = -1
    money_seq: int = 0  # when our latest movement of money ended, so that older reads of the payment are outdated
    check: Check | None = None
    checks: int = 0  # how many there were: the number of a check is never used again
    payment_lock: str = ""  # our lock that stands for the payment's sake, named after the operation that set it
    operations: tuple[OperationRecord, ...] = ()
    problems: tuple[Problem, ...] = ()
    unpaid_invoices: tuple[str, ...] = ()
    cancel_wished_at: datetime | None = None
    workflow_cancelled_at: datetime | None = None
    messages: tuple[str, ...] = ()
    changed_at: datetime | None = None
    rules: int = 1
    by_hand_seen_minor: int = 0  # refunds by hand that a person knew of when asking for a refund all the same
    taken_over: TakenOver | None = None

    @property
    def released_before(self) -> bool:
        """Whether the application before Holdfast had checked the payment and released the order."""
        return self.taken_over is not None and self.taken_over.released

    def operation(self, kind: Kind, subject: str) -> OperationRecord | None:
        """The latest attempt of an operation, or None when it was never carried out."""
        return next((one for one in self.operations if one.kind is kind and one.subject == subject), None)

    def done(self, kind: Kind, subject: str) -> bool:
        record = self.operation(kind, subject)
        return record is not None and record.outcome is Outcome.SUCCEEDED

    def open_operations(self, kinds: frozenset[Kind]) -> tuple[OperationRecord, ...]:
        """Those of `kinds` whose outcome is not known yet."""
        return tuple(
            one for one in self.operations if one.kind in kinds and one.outcome in (Outcome.UNKNOWN, Outcome.PENDING)
        )

    def open_problems(self) -> tuple[Problem, ...]:
        return tuple(one for one in self.problems if one.solved_at is None)

    def by_hand_minor(self) -> int:
        """Minor units of the payment that somebody gave back by hand, as far as nothing explains them: no refund of
        ours, no payment larger than the order, no credit note that a person settled, no person who waved them through.

        Of what the customer has not transferred yet, giving back is to claim no longer.
        """
        erp, payment = self.erp, self.payment
        if erp is None or payment is None:
            return 0
        row = method(payment.method)
        waived = max(0, erp.total_minor - payment.total_minor) if row is not None and row.awaits_transfer else 0
        ours = (
            one.operation.amount_minor or 0
            for one in self.operations
            if one.kind is Kind.REFUND
            and one.operation.payment_id in ("", payment.payment_id)
            and one.outcome in (Outcome.SUCCEEDED, Outcome.PENDING, Outcome.UNKNOWN)
        )
        taken = payment.captured_minor + payment.refunded_minor + payment.charged_back_minor
        surplus = max(0, taken + max(0, payment.remaining_minor) - erp.total_minor)
        settled = (one for one in erp.credit_notes if one.settled and not self.done(Kind.REFUND, one.number))
        explained = sum(ours) + surplus + sum(max(0, one.total_minor) for one in settled)
        return max(0, payment.refunded_minor + waived - explained - self.by_hand_seen_minor)

    def captured_since_check(self) -> int:
        """Minor units that our own captures took (or are taking) since the payment was checked."""
        return sum(
            one.amount_minor or 0
            for one in self.operations
            if one.kind is Kind.CAPTURE
            and one.outcome in (Outcome.SUCCEEDED, Outcome.PENDING)
            and (self.check is None or one.at >= self.check.at)
            and one.executions
        )


def evolve(state: OrderState, fact: Fact) -> OrderState:
    """The state after `fact`; the same object when the fact says nothing new."""
    after = _apply(state, fact)
    if after is state:
        return state
    read_again = state.rules > 1 and isinstance(fact, PaymentRead) and _says_the_same(fact.snapshot, state.payment)
    if read_again or (isinstance(fact, ErpReported) and after.erp is state.erp):
        return replace(after, seq=state.seq + 1)  # looking again and again does not keep an order alive
    return replace(after, seq=state.seq + 1, changed_at=_later(state.changed_at, _instant(fact)))


def _says_the_same(one: PaymentSnapshot, other: PaymentSnapshot | None) -> bool:
    return other is not None and replace(one, as_of=other.as_of) == other


def _apply(state: OrderState, fact: Fact) -> OrderState:
    match fact:
        case ErpReported(snapshot):
            known = state.erp
            if known is not None and snapshot.as_of <= max(known.as_of, state.erp_confirmed_at or known.as_of):
                return state
            if known is not None and same_picture(snapshot, known):
                # so that one that was taken in between, and comes later, is not taken for news
                return replace(state, erp_confirmed_at=snapshot.as_of) if state.rules > 2 else state
            if snapshot.payment_tag is None and known is not None and snapshot.payment_id == known.payment_id:
                # the tag is looked up for held orders only: what was read once still holds when a person looks again
                snapshot = replace(snapshot, payment_tag=known.payment_tag)
            after = replace(state, erp=snapshot, erp_seq=state.seq + 1)
            if known is not None and snapshot.payment_id != known.payment_id:
                # another payment: check it anew, and a refusal of the former one says nothing about it
                return replace(
                    after,
                    payment=None,
                    unreadable=None,
                    check=None,
                    by_hand_seen_minor=0,
                    operations=tuple(
                        replace(one, again=True) if (one.kind, one.outcome) == (Kind.CAPTURE, Outcome.DECLINED) else one
                        for one in state.operations
                    ),
                )
            return after
        case PaymentRead(snapshot, asked_seq):
            if state.erp is not None and snapshot.payment_id != state.erp.payment_id:
                return state
            return replace(state, payment=snapshot, payment_seq=asked_seq, unreadable=None, unreadable_times=0)
        case PaymentUnreadable():
            return replace(state, unreadable=fact, unreadable_times=state.unreadable_times + 1)
        case PaymentHinted():
            return replace(state, hinted_seq=state.seq + 1)
        case OperationEnded():
            return _ended(state, fact)
        case Told():
            return _told(state, fact)
        case CancelRequested(at):
            return replace(state, workflow_cancelled_at=at)
        case CheckPassed(at, method, taken, left):
            number = state.checks + 1
            passed = Check(at, number, method=method, taken_minor=taken, left_minor=left)
            return replace(state, check=passed, checks=number)
        case CheckFailed(at, problem, params):
            number = state.checks + 1
            return replace(state, check=Check(at, number, problem, params), checks=number)
        case ShippedUnpaid(_, invoice_no):
            if invoice_no in state.unpaid_invoices:
                return state
            return replace(state, unpaid_invoices=(*state.unpaid_invoices, invoice_no))
        case ProblemRaised(at, code, subject, cause, params):
            raised = Problem(code, subject, cause, at, params)
            if any(one.name == raised.name for one in state.problems):
                return state
            return replace(state, problems=(*state.problems, raised))
        case TakenOver():
            begun = state.erp is not None or state.taken_over is not None or state.operations
            return state if begun else _taken_over(state, fact)
        case RulesAdopted(_, rules):
            return replace(state, rules=rules) if rules > state.rules else state
        case ProblemGone(at, code, subject, cause):
            return _solved(state, at, Problem(code, subject, cause, at).name)


def _taken_over(state: OrderState, fact: TakenOver) -> OrderState:
    """What was done before counts as done; what may have been done counts as refused, until a person asks for it."""
    done = (
        OperationRecord(one, Outcome.SUCCEEDED, fact.at, fact.at, executions=0, amount_minor=one.amount_minor)
        for one in fact.done
    )
    doubtful = (
        OperationRecord(one, Outcome.DECLINED, fact.at, fact.at, executions=0, reason=reasons.TAKEN_OVER)
        for one in fact.doubtful
    )
    return replace(
        state,
        taken_over=fact,
        operations=(*done, *doubtful),
        payment_lock=TAKEN_OVER_LOCK if fact.lock else "",
    )


def _ended(state: OrderState, fact: OperationEnded) -> OrderState:
    operation, result = fact.operation, fact.result
    before = state.operation(operation.kind, operation.subject)
    same = before if before is not None and before.attempt == operation.attempt else None
    if before is not None and (operation.attempt < before.attempt or (same and before.outcome in FINAL)):
        return state
    if same and same.operation.grants > operation.grants:  # a person asked while it was carried out
        operation = replace(operation, grants=same.operation.grants)
    evidence = result.evidence
    outcome = result.outcome
    if same and outcome is Outcome.NOT_SENT and same.outcome in (Outcome.UNKNOWN, Outcome.PENDING):
        outcome = same.outcome  # that this request did not leave says nothing about the one before
    record = OperationRecord(
        operation=operation,
        outcome=outcome,
        first_at=same.first_at if same else fact.at,
        at=fact.at,
        executions=same.executions + 1 if same else 1,
        amount_minor=evidence.amount_minor if evidence.amount_minor is not None else operation.amount_minor,
        reference=evidence.reference,
        reason=result.reason,
        retry_at=result.retry_at,
    )
    if before is None:
        operations = (*state.operations, record)
    else:
        operations = tuple(record if one is before else one for one in state.operations)
    erp, payment_lock = state.erp, state.payment_lock
    if record.outcome is Outcome.SUCCEEDED:
        erp = _anticipated(erp, operation) if erp is not None else None
        payment_lock = _payment_lock(payment_lock, operation)
    money_seq = state.seq + 1 if operation.kind in MONEY else state.money_seq
    return replace(state, operations=operations, erp=erp, payment_lock=payment_lock, money_seq=money_seq)


def _payment_lock(before: str, operation: Operation) -> str:
    """Which lock stands for a failed check or an awaited transfer; that of a cancel wish is for a person to lift."""
    if operation.kind is Kind.UNLOCK:
        return ""
    locks = operation.kind is Kind.LOCK or (operation.kind is Kind.RELEASE and operation.lock)
    return f"{operation.kind.value}-{operation.subject}" if locks and operation.subject != CANCEL_WISH else before


def _anticipated(erp: ErpSnapshot, operation: Operation) -> ErpSnapshot:
    """The picture as the ERP will show it after our own operation, so that it is no news when it does."""
    match operation.kind:
        case Kind.RELEASE if erp.phase is Phase.HELD:
            moved = LineSums(erp.held.count + erp.open.count, erp.held.total_minor + erp.open.total_minor)
            locked = erp.locked or operation.lock
            return replace(erp, phase=Phase.OPEN, held=LineSums(), open=moved, locked=locked)
        case Kind.LOCK | Kind.UNLOCK:
            return replace(erp, locked=operation.kind is Kind.LOCK)
        case Kind.BOOK:
            booked = operation.invoice_no
            rows = tuple(replace(one, settled=True) if one.number == booked else one for one in erp.invoices)
            credits_ = tuple(replace(one, settled=True) if one.number == booked else one for one in erp.credit_notes)
            return replace(erp, invoices=rows, credit_notes=credits_)
        case _:
            return erp


def same_picture(one: ErpSnapshot, other: ErpSnapshot) -> bool:
    """Whether two pictures tell the same, whenever they were taken; what one did not read contradicts no other."""
    if one.payment_tag is None or other.payment_tag is None:
        one, other = replace(one, payment_tag=None), replace(other, payment_tag=None)
    return replace(one, as_of=other.as_of, digest=other.digest, created_at=other.created_at) == other


def _told(state: OrderState, fact: Told) -> OrderState:
    if fact.request_id in state.messages:
        return state
    heard = replace(state, messages=(*state.messages, fact.request_id)[-MESSAGES_KEPT:])
    match fact.wish:
        case Wish.PAYMENT_RECEIVED:
            return replace(heard, hinted_seq=state.seq + 1)
        case Wish.CANCEL:
            return replace(heard, cancel_wished_at=state.cancel_wished_at or fact.at)
        case Wish.MARK_SOLVED:
            return replace(
                heard, problems=tuple(replace(one, solved_at=one.solved_at or fact.at) for one in state.problems)
            )
        case Wish.LOOK_AGAIN:
            heard = _asked_about_refunds(heard)
            return replace(
                heard,
                hinted_seq=state.seq + 1,
                unreadable=replace(state.unreadable, retry_at=fact.at) if state.unreadable else None,
                check=replace(state.check, wanted_again=True) if state.check and state.check.problem else state.check,
                operations=tuple(_tried_again(one, fact.at) for one in state.operations),
            )


def _asked_about_refunds(state: OrderState) -> OrderState:
    """A person who asks to look again, knowing that something went back by hand, wants the refund all the same. Where
    the problem was marked solved before, it is asked anew: solved may have meant that this was the refund."""
    asked = [one for one in state.problems if one.code == REFUNDED_BY_HAND and not one.gone]
    if any(one.solved_at is not None for one in asked):
        return replace(
            state,
            problems=tuple(
                replace(one, gone=True) if one in asked and one.solved_at else one for one in state.problems
            ),
        )
    return replace(state, by_hand_seen_minor=state.by_hand_seen_minor + state.by_hand_minor()) if asked else state


def _tried_again(record: OperationRecord, at: datetime) -> OperationRecord:
    """A definite no may be asked for once more; what is unknown gets a new budget of sends, still under its own id."""
    operation = record.operation
    if record.outcome is Outcome.UNKNOWN:
        operation = replace(operation, grants=operation.grants + 1)
    return replace(record, operation=operation, again=record.outcome is Outcome.DECLINED, retry_at=at)


def _solved(state: OrderState, at: datetime, name: str) -> OrderState:
    if not any(one.name == name and one.solved_at is None for one in state.problems):
        return state
    return replace(
        state,
        problems=tuple(
            replace(one, solved_at=at, gone=True) if one.name == name and one.solved_at is None else one
            for one in state.problems
        ),
    )


def _instant(fact: Fact) -> datetime:
    match fact:
        case ErpReported(snapshot):
            return snapshot.as_of
        case PaymentRead(snapshot, _):
            return snapshot.as_of
        case _:
            return fact.at


def _later(one: datetime | None, other: datetime) -> datetime:
    return other if one is None or other > one else one
