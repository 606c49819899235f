"""What an order would do if it began now: the rules themselves, carried out without any effect.

Whatever `decide` asks for counts as done at once, and its effect is anticipated in the pictures, until nothing more is
due. So a preview says nothing that the order would not do, and stops where the order would wait.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from domain.explain import explain
from domain.facts import OperationEnded, PaymentRead, PaymentSnapshot, PaymentUnreadable, RulesAdopted
from domain.operations import ERP, MONEY, Kind, Note, Operation
from domain.order import ReadPayment, decide
from domain.order_state import RULES, OrderState, evolve
from domain.outcomes import Evidence, OperationResult, Outcome
from domain.payment_methods import method
from domain.problems import Problem
from domain.reasons import NO_ANSWER
from domain.summary import OrderStatus, status_of
from domain.tenant_config import OrderConfig, Pacing

STEPS_AT_MOST = 1000
_EFFECTS = (ERP | MONEY | {Kind.REPORT_SHIPMENT}) - {Kind.COMMENT}


@dataclass(frozen=True)
class Preview:
    """What would happen at once, in this order, and how the order would stand then.

    `finished`: nothing is left to do, now or later, unless something new happens.
    """

    operations: tuple[Operation, ...]
    problems: tuple[Problem, ...]
    status: OrderStatus
    waits_for: Note
    next_due: datetime | None
    finished: bool

    @property
    def effects(self) -> tuple[Operation, ...]:
        """The operations that change something beside comments and mails."""
        return tuple(one for one in self.operations if one.kind in _EFFECTS)


def preview(
    state: OrderState, payment: PaymentSnapshot | None, config: OrderConfig, pacing: Pacing, now: datetime
) -> Preview:
    """What follows from `state` if each operation succeeds. `payment` is what reading it would bring."""
    state = evolve(state, RulesAdopted(now, RULES))
    done: list[Operation] = []
    for _ in range(STEPS_AT_MOST):
        step = decide(state, config, pacing, now).step
        if step is None:
            return _told(state, done, config, pacing, now)
        if isinstance(step, ReadPayment):
            read = PaymentRead(payment, state.seq) if payment is not None else None
            state = evolve(state, read or PaymentUnreadable(now, NO_ANSWER))
        elif isinstance(step, Operation):
            done.append(step)
            payment = anticipated(payment, step) if payment is not None else None
            amount_minor = step.amount_minor
            succeeded = OperationResult(Outcome.SUCCEEDED, evidence=Evidence(amount_minor=amount_minor))
            state = evolve(state, OperationEnded(step, now, succeeded))
        else:
            state = evolve(state, step)
    raise AssertionError("the order never rests")


def anticipated(payment: PaymentSnapshot, operation: Operation) -> PaymentSnapshot:
    """The payment as the provider will show it after the operation."""
    amount = operation.amount_minor or 0
    match operation.kind:
        case Kind.CAPTURE:
            return replace(
                payment,
                captured_minor=payment.captured_minor + amount,
                remaining_minor=payment.remaining_minor - amount,
            )
        case Kind.VOID:
            return replace(payment, total_minor=payment.total_minor - payment.remaining_minor, remaining_minor=0)
        case Kind.REFUND:
            row = method(payment.method)
            owed = min(amount, max(0, payment.remaining_minor)) if row is not None and row.awaits_transfer else 0
            back = amount - owed
            return replace(
                payment,
                total_minor=payment.total_minor - owed,
                remaining_minor=payment.remaining_minor - owed,
                captured_minor=payment.captured_minor - back,
                refunded_minor=payment.refunded_minor + back,
                received_minor=max(0, min(payment.received_minor - back, payment.captured_minor - back)),
            )
        case Kind.REPORT_SHIPMENT:
            return replace(payment, shipment_reported=True)
        case _:
            return payment


def _told(state: OrderState, done: list[Operation], config: OrderConfig, pacing: Pacing, now: datetime) -> Preview:
    told = explain(state, config, pacing, now)
    status, problems = status_of(state), state.open_problems()
    ended = status in (OrderStatus.SETTLED, OrderStatus.CANCELLED)
    return Preview(
        operations=tuple(done),
        problems=problems,
        status=status,
        waits_for=told.waits_for,
        next_due=told.next_due,
        finished=ended and not done and not problems and told.waits_for.code in ("wait_end", "finished"),
    )
