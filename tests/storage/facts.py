"""Random facts of every kind, small enough that they meet: few invoices, few operations, few problems."""

from datetime import datetime

from hypothesis import strategies as st

from domain.facts import (
    CancelRequested,
    CheckFailed,
    CheckPassed,
    CreditNoteRow,
    ErpReported,
    Fact,
    InvoiceRow,
    LineSums,
    OperationEnded,
    PaymentHinted,
    PaymentRead,
    PaymentSnapshot,
    PaymentUnreadable,
    Phase,
    ProblemGone,
    ProblemRaised,
    ShippedUnpaid,
    Standing,
    TakenOver,
    Told,
    Wish,
)
from domain.operations import Kind, Note, Operation
from domain.outcomes import Evidence, OperationResult, Outcome
from domain.payment_methods import METHODS
from domain.problems import CATALOGUE
from tests.storage.builders import after, snapshot

INSTANTS: st.SearchStrategy[datetime] = st.integers(0, 10**6).map(lambda number: after(seconds=number / 7))
AMOUNTS = st.integers(0, 10**12)
NUMBERS = st.sampled_from(["R1", "R2", "Ü/3 <&\"'😀"])
PARAMS = st.lists(st.tuples(st.sampled_from(["amount", "invoice"]), st.text(max_size=3)), max_size=2).map(tuple)

_invoices = st.lists(
    st.builds(InvoiceRow, NUMBERS, AMOUNTS, st.booleans(), st.booleans()), max_size=3, unique_by=lambda one: one.number
)
_snapshots = st.builds(
    lambda number, phase, invoices, notes, shipped: snapshot(
        number, phase=phase, invoices=tuple(invoices), credit_notes=tuple(notes), shipped=shipped
    ),
    st.integers(1, 50),
    st.sampled_from(Phase),
    _invoices,
    st.lists(st.builds(CreditNoteRow, NUMBERS, AMOUNTS), max_size=1),
    st.builds(LineSums, st.integers(0, 3), AMOUNTS),
)
_payments = st.builds(
    PaymentSnapshot,
    st.sampled_from(["s-pay-1", "s-pay-2"]),
    st.sampled_from(Standing),
    INSTANTS,
    method=st.sampled_from(["", *METHODS]),
    captured_minor=AMOUNTS,
)
_results = st.builds(
    OperationResult,
    st.sampled_from(Outcome),
    st.sampled_from(["", "refused"]),
    st.builds(Evidence, st.sampled_from(["", "s-chg-1"]), amount_minor=st.none() | AMOUNTS, at=st.none() | INSTANTS),
    st.none() | INSTANTS,
)
_problems = (INSTANTS, st.sampled_from(sorted(CATALOGUE)), NUMBERS, st.sampled_from(["1", "2"]))

FACTS: st.SearchStrategy[Fact] = st.one_of(
    st.builds(ErpReported, _snapshots),
    st.builds(PaymentRead, _payments, st.integers(0, 30)),
    st.builds(PaymentUnreadable, INSTANTS, st.just("no_answer"), st.none() | INSTANTS),
    st.builds(PaymentHinted, INSTANTS),
    st.builds(
        OperationEnded,
        st.builds(
            Operation,
            st.sampled_from(Kind),
            NUMBERS | st.just("order"),
            st.integers(1, 3),
            st.none() | AMOUNTS,
            note=st.builds(Note, st.just("booked"), PARAMS),
        ),
        INSTANTS,
        _results,
    ),
    st.builds(Told, st.sampled_from(["m1", "m2", "m3"]), st.sampled_from(Wish), INSTANTS, st.just("shop")),
    st.builds(CancelRequested, INSTANTS),
    st.builds(CheckPassed, INSTANTS, st.sampled_from(sorted(METHODS)), AMOUNTS, AMOUNTS),
    st.builds(CheckFailed, INSTANTS, st.sampled_from(sorted(CATALOGUE)), PARAMS),
    st.builds(ShippedUnpaid, INSTANTS, NUMBERS),
    st.builds(
        TakenOver,
        INSTANTS,
        st.booleans(),
        st.booleans(),
        *(st.lists(st.builds(Operation, st.sampled_from(Kind), NUMBERS), max_size=2).map(tuple) for _ in range(2)),
    ),
    st.builds(ProblemRaised, *_problems, PARAMS),
    st.builds(ProblemGone, *_problems),
)
