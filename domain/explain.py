"""Why an order is where it is: one sentence for what it waits for, why it is not released, why it is not captured.

The sentences are codes and parameters; `domain.wording.why_text` puts them into German and English. Instants in
parameters are ISO 8601 UTC.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from domain.facts import ErpSnapshot, Phase
from domain.invoices import invoice_needs
from domain.money import Money
from domain.operations import ERP, WHOLE_ORDER, Kind, Note
from domain.order import decide, wanted_operations
from domain.order_state import OperationRecord, OrderState
from domain.outcomes import Outcome
from domain.payment_check import awaits_decision, out_of_scope
from domain.payment_methods import Family, method
from domain.problems import Severity
from domain.repetition import next_turn
from domain.summary import OrderStatus, family_of, status_of
from domain.tenant_config import OrderConfig, Pacing
from domain.transfers import transfer
from domain.windows import erp_is_quiet, erp_opens


@dataclass(frozen=True)
class Explanation:
    """What an operator is told. `not_released` and `not_captured` are None where there is nothing to explain, `hint`
    is what is good to know without anything being waited for."""

    status: str
    waits_for: Note
    not_released: Note | None = None
    not_captured: Note | None = None
    next_due: datetime | None = None
    hint: Note | None = None


def explain(state: OrderState, config: OrderConfig, pacing: Pacing, now: datetime) -> Explanation:
    """The order's situation at `now` (UTC), from the same facts that `decide` looks at."""
    return replace(
        _explained(state, config, pacing, now), hint=deprecation(state.payment.method if state.payment else "")
    )


def deprecation(key: str) -> Note | None:
    """That the provider wants merchants to leave a payment method, and what to change to; None for all others."""
    row = method(key)
    if row is None or not row.deprecated:
        return None
    if not row.successor:
        return Note.of("method_closed", method=row.name)
    successor = method(row.successor)
    return Note.of("method_deprecated", method=row.name, successor=successor.name if successor else row.successor)


def _explained(state: OrderState, config: OrderConfig, pacing: Pacing, now: datetime) -> Explanation:
    next_due = decide(state, config, pacing, now).next_due
    status = status_of(state)
    erp = state.erp
    if erp is None:
        return Explanation(status.value, Note("wait_snapshot"), next_due=next_due)
    if out_of_scope(erp):
        return Explanation(status.value, Note("out_of_scope"))
    held = _held_up(state, config, pacing, now)
    not_released = _not_released(state, erp, held, next_due) if erp.phase is Phase.HELD else None
    not_captured = _not_captured(state, erp, config, held)
    if status in (OrderStatus.SETTLED, OrderStatus.CANCELLED):
        until = _instant(next_due)
        waits = held or _person(state) or Note.of("wait_end", until=until)
        return Explanation(status.value, waits, next_due=next_due)
    waits = held or _transfer(state, config, next_due) or not_released or not_captured or Note("wait_shipping")
    return Explanation(status.value, waits, not_released, not_captured, next_due)


def _held_up(state: OrderState, config: OrderConfig, pacing: Pacing, now: datetime) -> Note | None:
    """What technically stands in the way: an open outcome, a pause, the quiet window."""
    wanted = wanted_operations(state, config, pacing, now)
    for record in state.operations:
        # what was not sent and somebody else did meanwhile is not waited for any more
        not_sent = record.outcome is Outcome.NOT_SENT and (record.kind, record.subject) in wanted
        if not_sent or record.outcome in (Outcome.UNKNOWN, Outcome.PENDING):
            return _repetition(record, state, pacing, now)
    return None


def _repetition(record: OperationRecord, state: OrderState, pacing: Pacing, now: datetime) -> Note:
    turn = next_turn(record, record.kind, state.workflow_id, pacing, now)
    until = _instant(turn.at if turn else None)
    if record.outcome is Outcome.NOT_SENT:
        if record.kind in ERP and erp_is_quiet(now):
            return Note.of("wait_erp_window", until=_instant(erp_opens(now)))
        return Note.of("wait_retry", operation=record.kind.value, reason=record.reason, until=until)
    return Note.of("wait_unknown", operation=record.kind.value, until=until)


def _person(state: OrderState) -> Note | None:
    errors = [one for one in state.open_problems() if one.kind.severity is Severity.ERROR]
    return Note.of("wait_person", problem=errors[-1].code) if errors else None


def _not_released(state: OrderState, erp: ErpSnapshot, held: Note | None, next_due: datetime | None) -> Note | None:
    if state.done(Kind.RELEASE, WHOLE_ORDER):
        return Note("wait_snapshot")
    if held is not None:
        return held
    if state.cancel_wished_at is not None:
        return Note.of("blocked", problem="cancel_wished")
    if state.unreadable is not None:
        until = _instant(state.unreadable.retry_at or next_due)
        return Note.of("wait_payment_read", reason=state.unreadable.reason, until=until)
    if state.payment is not None and awaits_decision(state.payment):
        return Note("wait_payment_decision")
    return Note("wait_release_check")


def _not_captured(state: OrderState, erp: ErpSnapshot, config: OrderConfig, held: Note | None) -> Note | None:
    check = state.check
    if check is not None and not check.passed:
        return Note.of("blocked", problem=check.problem)
    person = _person(state)
    if person is not None:
        return Note.of("blocked", problem=dict(person.params)["problem"])
    open_needs = [one for one in invoice_needs(state, config) if not state.done(Kind.BOOK, one.invoice.number)]
    if not open_needs:
        return None if erp.phase is Phase.HELD else Note("wait_shipping")
    if any(one.invoice.number in state.unpaid_invoices for one in open_needs):
        return Note.of("blocked", problem="shipped_unpaid")
    after_delivery = (Family.PREPAYMENT, Family.INVOICE, Family.SECURED)
    if family_of(state) in after_delivery and erp.phase is not Phase.CLOSED:
        return Note("wait_closed")
    return held


def _transfer(state: OrderState, config: OrderConfig, next_due: datetime | None) -> Note | None:
    if state.erp is None:
        return None
    found = transfer(state, config)
    delivered = family_of(state) is Family.INVOICE and state.erp.phase is Phase.CLOSED and not found.complete
    if status_of(state) is not OrderStatus.WAITING_TRANSFER and not delivered:
        return None
    return Note.of(
        "wait_transfer",
        received=str(Money(found.received_minor, state.erp.currency)),
        expected=str(Money(found.wanted_minor, state.erp.currency)),
        next_look=_instant(next_due),
    )


def _instant(at: datetime | None) -> str:
    return at.isoformat(timespec="minutes") if at is not None else "-"
