"""Which comment on the ERP order tells a problem or a movement of money (rule P1); the sentences stand in `wording`."""

from domain.conditions import SHIPMENT
from domain.money import Money
from domain.operations import Kind, Note
from domain.order_state import OperationRecord
from domain.outcomes import Outcome
from domain.problems import Problem

# Problems with a comment of their own. The comments of releases, locks and bookings tell the others.
_COMMENTED = frozenset(
    {
        "payment_pending",
        "shipped_unpaid",
        "transfer_too_little",
        "transfer_too_much",
        "transfer_overdue",
        "hold_aging",
        "capture_unverified",
        "booking_failed",
    }
)
_NAMED_ONLY = frozenset(
    {
        "chargeback",
        "cancellation_by_hand",
        "cancellation_failed",
        "credit_note_by_hand",
        "credit_note_settled",
        "credit_notes_exceed_return",
        "refund_failed",
        "refund_exceeds",
        "refunded_by_hand",
        "refund_incomplete",
        "pay_back_by_transfer",
        "bank_data_missing",
        "shipment_failed",
        "invoice_by_hand",
        "taken_over_unclear",
    }
)
_OF_CAPTURES = frozenset({"capture_failed", "authorization_expired"})


def comment_of(problem: Problem) -> Note | None:
    """The comment that tells a problem, None when an operation's own comment does."""
    if problem.code in _COMMENTED:
        return Note(problem.code, problem.params)
    if problem.code == "invoices_exceed_order":
        return Note("invoices_exceed", problem.params)
    if problem.code in _NAMED_ONLY:
        return Note.of("problem", problem=problem.code)
    if problem.code in _OF_CAPTURES and problem.subject == SHIPMENT:
        return Note.of("problem", problem=problem.code)
    if problem.code in _OF_CAPTURES and problem.subject:
        amount = dict(problem.params)["amount"]
        return Note.of("capture_failed", invoice=problem.subject, amount=amount, problem=problem.code)
    return None


def comment_of_movement(record: OperationRecord) -> Note | None:
    """The comment that tells a movement of money which no booking's comment tells."""
    if record.outcome is not Outcome.SUCCEEDED or not record.executions:
        return None
    amount = str(Money(record.amount_minor or 0, record.operation.currency))
    match record.kind:
        case Kind.VOID if record.amount_minor:
            return Note.of("voided", amount=amount)
        case Kind.VOID:
            return Note("nothing_to_void")
        case Kind.REFUND if not record.operation.invoice_no:
            return Note.of("refunded", amount=amount, reference=record.reference)
        case Kind.REPORT_SHIPMENT:
            return Note("shipment_reported")
        case _:
            return None
