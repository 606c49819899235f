"""What went back by hand at the provider, and what explains it."""

from dataclasses import replace

import pytest

from domain.conditions import is_over
from domain.facts import CreditNoteRow, ErpReported, InvoiceRow
from domain.operations import Cause, Kind
from domain.order_state import OrderState
from domain.outcomes import Outcome
from tests.domain.building import AT, HOUR, after, checked, ended, payment, read, shipped

TAKEN = payment(captured_minor=100_00, remaining_minor=0)
INVOICE = payment(method="invoice", captured_minor=0, remaining_minor=100_00)


def returned(*credit_notes: CreditNoteRow) -> OrderState:
    return checked(shipped(AT, InvoiceRow("R1", 100_00, settled=True), credit_notes=credit_notes), TAKEN)


def given(state: OrderState, minor: int) -> OrderState:
    """As much was given back of what was captured."""
    return read(state, payment(AT + HOUR, captured_minor=100_00 - minor, refunded_minor=minor, remaining_minor=0))


@pytest.mark.rule("P71")
@pytest.mark.parametrize(
    ("outcome", "left"),
    [(Outcome.SUCCEEDED, 20_00), (Outcome.PENDING, 20_00), (Outcome.UNKNOWN, 20_00), (Outcome.DECLINED, 60_00)],
)
def test_our_refunds_are_not_by_hand(outcome: Outcome, left: int) -> None:
    """What may be ours counts as ours; what was refused took nothing."""
    state = after(ended(Kind.REFUND, "G1", outcome, amount=40_00, invoice_no="G1"), state=returned())
    assert given(state, 60_00).by_hand_minor() == left


@pytest.mark.rule("P71")
def test_a_refund_of_another_payment_explains_nothing() -> None:
    """The ERP order carries another payment id than it did."""
    operation = ended(Kind.REFUND, "G1", Outcome.SUCCEEDED, amount=40_00)
    of_other = replace(operation, operation=replace(operation.operation, payment_id="s-pay-other"))
    assert given(after(of_other, state=returned()), 40_00).by_hand_minor() == 40_00


@pytest.mark.rule("P72")
@pytest.mark.parametrize(("settled", "left"), [(True, 0), (False, 40_00)])
def test_a_credit_note_that_a_person_settled_explains_its_amount(settled: bool, left: int) -> None:
    """Whoever settles it says that the money went back."""
    state = returned(CreditNoteRow("G1", 40_00, from_return=True, settled=settled))
    assert given(state, 40_00).by_hand_minor() == left


@pytest.mark.rule("P29")
def test_what_came_too_much_may_go_back_by_hand() -> None:
    """A customer transferred 120.00 for 100.00."""
    paid = payment(method="prepayment", captured_minor=120_00, remaining_minor=-20_00, received_minor=120_00)
    state = checked(shipped(AT), paid)
    back = replace(paid, as_of=AT + HOUR, captured_minor=95_00, received_minor=95_00, refunded_minor=25_00)
    assert read(state, back).by_hand_minor() == 5_00


@pytest.mark.rule("P64", "P65")
def test_a_claim_that_was_lowered_by_hand_was_given_back() -> None:
    """Nothing was paid yet, so the provider shows a smaller payment and no refund."""
    lowered = replace(INVOICE, as_of=AT + HOUR, total_minor=60_00, remaining_minor=60_00)
    assert read(checked(shipped(AT), INVOICE), lowered).by_hand_minor() == 40_00
    ours = after(
        ended(Kind.REFUND, "cancelled-lines/4000", Outcome.SUCCEEDED, amount=40_00), state=checked(None, INVOICE)
    )
    assert read(ours, lowered).by_hand_minor() == 0
    later = replace(lowered, captured_minor=30_00, refunded_minor=30_00, remaining_minor=0)
    assert read(ours, later).by_hand_minor() == 30_00
    of_card = payment(AT + HOUR, total_minor=60_00, remaining_minor=60_00)  # a hold in part given up is no refund
    assert read(checked(shipped(AT)), of_card).by_hand_minor() == 0


@pytest.mark.rule("P72")
def test_a_document_is_over_when_it_is_settled_or_no_longer_listed() -> None:
    """Invoices and credit notes have numbers of their own: one says nothing about the other."""
    refund = ended(Kind.REFUND, "5", Outcome.UNKNOWN, invoice_no="5")
    capture = ended(Kind.CAPTURE, "5", Outcome.UNKNOWN, invoice_no="5")
    state = after(refund, capture, state=checked())
    of_refund, of_capture = (state.operation(kind, "5") for kind in (Kind.REFUND, Kind.CAPTURE))
    assert of_refund is not None
    assert of_capture is not None
    for invoices, credit_notes, over in (
        ((InvoiceRow("5", 1, settled=True),), (CreditNoteRow("5", 1, from_return=True),), (False, True)),
        ((InvoiceRow("5", 1),), (CreditNoteRow("5", 1, from_return=True, settled=True),), (True, False)),
        ((), (), (True, True)),
    ):
        erp = shipped(AT + HOUR, *invoices, credit_notes=credit_notes)
        told = after(ErpReported(erp), state=state)
        assert (is_over(of_refund, told, erp), is_over(of_capture, told, erp)) == over
    booking = ended(Kind.BOOK, "5", Outcome.DECLINED, invoice_no="5").operation
    of_return = replace(of_refund, operation=replace(booking, cause=Cause.RETURN))
    erp = shipped(AT + HOUR, InvoiceRow("5", 1, settled=True), credit_notes=(CreditNoteRow("5", 1, from_return=True),))
    assert not is_over(of_return, state, erp)
