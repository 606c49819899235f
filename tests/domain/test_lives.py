"""Whatever happens to an order, in any mixture: money is taken once, booked once, and the order comes to rest."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain import reasons
from domain.conditions import conditions
from domain.explain import explain
from domain.facts import (
    CancelRequested,
    CreditNoteRow,
    ErpReported,
    ErpSnapshot,
    Fact,
    InvoiceRow,
    LineSums,
    OperationEnded,
    PaymentHinted,
    PaymentRead,
    PaymentSnapshot,
    PaymentUnreadable,
    Phase,
    Standing,
    Told,
    Wish,
)
from domain.operations import Kind, Operation
from domain.order import ReadPayment, decide
from domain.order_state import RULES, OrderState, evolve
from domain.outcomes import Evidence, OperationResult, Outcome
from domain.payment_methods import METHODS
from domain.problems import CATALOGUE
from domain.summary import summarize
from domain.tenant_config import AppMode, Language
from domain.wording import comment_text, problem_parameters, problem_text, why_text
from tests.domain.building import AT, PACING, WORKFLOW_ID, config
from tests.domain.lives import TYPES, Life, LifeRun

LIVES = st.builds(
    Life,
    standard=st.booleans(),
    type_no=st.integers(0, len(TYPES) - 1),
    prices=st.lists(st.integers(1, 300_00), min_size=1, max_size=4).map(tuple),
    ship_cost=st.sampled_from([0, 0, 4_90]),
    off=st.sampled_from([0, 0, 0, 0, 0, 1, -1, 3, -3, 50_00]),
    tolerance=st.sampled_from([0, 0, 1, 3]),
    shop_took=st.sampled_from([0, 0, 0, 37, 100]),
    pending=st.sampled_from([False, False, False, True]),
    payment_id=st.sampled_from(["known"] * 19 + ["none"]),
    late_settle=st.booleans(),
    bank_data_for_prepayment=st.booleans(),
    webhooks=st.integers(0, 3),
    moments=st.lists(
        st.tuples(st.sampled_from([0, 1, 10, 200, 700, 3000, 21_000]), st.integers(0, 40), st.integers(0, 400_00)),
        max_size=14,
    ).map(tuple),
    troubles=st.one_of(st.just(()), st.lists(st.integers(0, 98), max_size=40).map(tuple)),
)
QUICK = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
THOROUGH = settings(QUICK, max_examples=5_000)
GIVING_BACK = ("P8", "P15", "P31", "P35", "P36", "P50", "P57", "P61", "P63", "P64", "P65", "P68", "P70", "P71", "P73")


@pytest.mark.rule(*GIVING_BACK)
@QUICK
@given(LIVES)
def test_a_random_life_moves_and_books_once_and_comes_to_rest(life: Life) -> None:
    """Invariants hold after every step; a month later nothing is unclear, and what is left undone is told."""
    LifeRun(life).live()


@pytest.mark.long
@THOROUGH
@given(LIVES)
def test_five_thousand_random_lives(life: Life) -> None:
    """As above, for long."""
    LifeRun(life).live()


# --- states that no sane world brings about


INSTANTS = st.datetimes(datetime(2026, 12, 1), datetime(2027, 4, 30), timezones=st.just(UTC))  # noqa: DTZ001
SMALL = st.integers(0, 150_00)
SUMS = st.builds(LineSums, st.integers(0, 3), SMALL)
PICTURES = st.builds(
    ErpSnapshot,
    order_no=st.just("4711"),
    shop_order_no=st.sampled_from(["W-4711", "P4711"]),
    shop_id=st.just("DEM"),
    payment_code=st.just("K"),
    payment_id=st.sampled_from(["", "s-pay-1", "s-pay-1", "s-pay-2"]),
    currency=st.sampled_from(["EUR", "EUR", "JPY"]),
    total_minor=SMALL,
    phase=st.sampled_from(Phase),
    as_of=INSTANTS,
    digest=st.text(max_size=3),
    locked=st.booleans(),
    payment_tag=st.sampled_from([None, "UZCC", "other"]),
    cancelled=SUMS,
    shipped=SUMS,
    invoices=st.lists(
        st.builds(InvoiceRow, st.sampled_from(["R1", "R2", "R3"]), SMALL, st.booleans(), st.booleans()),
        max_size=3,
        unique_by=lambda one: one.number,
    ).map(tuple),
    credit_notes=st.lists(st.builds(CreditNoteRow, st.just("G1"), SMALL, st.booleans(), st.booleans()), max_size=1).map(
        tuple
    ),
    settled_left_out_minor=SMALL,
)
PAYMENTS = st.builds(
    PaymentSnapshot,
    payment_id=st.just(""),  # filled in with the id that was asked for
    standing=st.sampled_from(Standing),
    as_of=INSTANTS,
    method=st.sampled_from([*METHODS, ""]),
    foreign_type=st.just("klarna"),
    currency=st.sampled_from(["EUR", "EUR", "USD"]),
    total_minor=SMALL,
    captured_minor=SMALL,
    refunded_minor=SMALL,
    remaining_minor=st.integers(-50_00, 150_00),
    received_minor=SMALL,
    charged_back_minor=st.sampled_from([0, 0, 5_00]),
    under_review=st.booleans(),
)
MAYBE_INSTANTS = st.one_of(st.none(), INSTANTS)
CODES = st.sampled_from([value for name, value in vars(reasons).items() if name.isupper()])
RESULTS = st.builds(
    OperationResult,
    st.sampled_from(Outcome),
    CODES,
    st.builds(Evidence, reference=st.just("charges/s-chg-1"), amount_minor=st.one_of(st.none(), SMALL)),
    MAYBE_INSTANTS,
)
HEARD: st.SearchStrategy[Fact] = st.one_of(
    st.builds(ErpReported, PICTURES),
    st.builds(PaymentHinted, INSTANTS),
    st.builds(Told, st.text(max_size=2), st.sampled_from(Wish), INSTANTS),
    st.builds(CancelRequested, INSTANTS),
    st.builds(PaymentUnreadable, INSTANTS, CODES, MAYBE_INSTANTS),
    st.builds(
        OperationEnded,
        st.builds(
            Operation,
            st.sampled_from(Kind),
            st.sampled_from(["order", "R1", "cancel-wish"]),
            attempt=st.integers(1, 2),
            amount_minor=st.one_of(st.none(), SMALL),
            currency=st.just("EUR"),
            lock=st.booleans(),
        ),
        INSTANTS,
        RESULTS,
    ),
)
STEPS_AT_MOST = 200


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    st.lists(st.one_of(HEARD, PAYMENTS), max_size=12),
    st.lists(RESULTS, min_size=1, max_size=20),
    st.lists(st.one_of(st.none(), PAYMENTS), min_size=1, max_size=5),
    st.lists(INSTANTS, min_size=1, max_size=4),
    st.sampled_from(AppMode),
    st.booleans(),
)
def test_decide_is_total_and_every_order_comes_to_rest(
    heard: list[Fact | PaymentSnapshot],
    results: list[OperationResult],
    looks: list[PaymentSnapshot | None],
    instants: list[datetime],
    mode: AppMode,
    late: bool,
) -> None:
    """Any facts, any outcomes, any clock: no error, no endless loop, the next look lies ahead, every text is whole."""
    settings_ = config(mode=mode, late_settle=late, tolerance_minor=1)
    state, turn = OrderState(WORKFLOW_ID, rules=RULES), 0
    for fact in heard:
        if isinstance(fact, PaymentSnapshot):
            known = state.erp.payment_id if state.erp else ""
            state = evolve(state, PaymentRead(replace(fact, payment_id=known), state.seq))
        else:
            state = evolve(state, fact)
    for now in instants:
        for steps in range(STEPS_AT_MOST + 1):
            assert steps < STEPS_AT_MOST, "no rest"
            decision = decide(state, settings_, PACING, now)
            step = decision.step
            if step is None:
                break
            turn += 1
            if isinstance(step, ReadPayment):
                look = looks[turn % len(looks)]
                seen = replace(look, payment_id=step.payment_id, as_of=now) if look else None
                missed = PaymentUnreadable(now, reasons.NO_ANSWER, now)
                state = evolve(state, PaymentRead(seen, state.seq) if seen else missed)
            elif isinstance(step, Operation):
                _writes(step)
                result = results[turn % len(results)]
                if result.reason == reasons.WITHDRAWN and not step.only_ask:  # nobody withdraws what is wanted
                    result = replace(result, reason=reasons.REFUSED)
                state = evolve(state, OperationEnded(step, now, result))
            else:
                after = evolve(state, step)
                assert after is not state, "a conclusion that concludes nothing"
                state = after
        assert decision.next_due is None or decision.next_due > now
        _can_be_told(state, now, mode)


def _writes(operation: Operation) -> None:
    """What goes to people can be written in both languages; operations that were made up here have no text."""
    if not operation.note.code:
        return
    for language in Language:
        if operation.kind is Kind.MAIL:
            assert problem_text(operation.note.code, operation.note.params, language)
        elif operation.kind is not Kind.CAPTURE:
            assert comment_text(operation.note, language, AT)


def _can_be_told(state: OrderState, now: datetime, mode: AppMode) -> None:
    """Conditions, summary and explanation stand for every state."""
    settings_ = config(mode=mode)
    for found in conditions(state, settings_, now):
        assert {name for name, _ in found.params} == set(problem_parameters(found.code)), found.code
    assert all(one.code in CATALOGUE for one in state.open_problems())
    assert summarize(state) == summarize(state)
    told = explain(state, settings_, PACING, now)
    for note in (told.waits_for, told.not_released, told.not_captured):
        assert note is None or all(why_text(note.code, note.params, language) for language in Language)


@given(st.lists(HEARD, max_size=10), st.timedeltas(-timedelta(days=90), timedelta(days=90)))
def test_deciding_changes_nothing_and_depends_on_nothing_else(heard: list[Fact], later: timedelta) -> None:
    """The same state at the same instant always leads to the same decision."""
    state = OrderState(WORKFLOW_ID, rules=RULES)
    for fact in heard:
        state = evolve(state, fact)
    kept = replace(state)
    assert decide(state, config(), PACING, AT + later) == decide(kept, config(), PACING, AT + later)
    assert state == kept
