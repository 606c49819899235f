"""How much to take for each invoice, and which invoice is too much."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.facts import InvoiceRow
from domain.invoices import captures_stopped, invoice_needs, release_capture_minor
from domain.operations import Kind
from domain.outcomes import Outcome
from domain.tenant_config import AppMode
from tests.domain.building import AT, after, checked, config, ended, payment, picture, shipped

STANDARD: dict[str, Any] = {"mode": AppMode.STANDARD}
TOTALS = st.lists(st.integers(1, 500_00), min_size=1, max_size=8)


def _rows(*totals: int, settled: frozenset[int] = frozenset()) -> tuple[InvoiceRow, ...]:
    return tuple(InvoiceRow(f"R{no}", total, settled=no in settled) for no, total in enumerate(totals, 1))


def _wanted(rows: tuple[InvoiceRow, ...], paid: dict[str, Any], erp: dict[str, Any], **settings: Any) -> list[int]:
    state = checked(shipped(AT, *rows, **erp), payment(**paid))
    return [one.capture_minor for one in invoice_needs(state, config(**settings))]


@pytest.mark.rule("P35")
@given(TOTALS)
def test_in_expert_mode_each_invoice_is_taken_exactly(totals: list[int]) -> None:
    """Without money from the shop the parts are the invoices."""
    whole = sum(totals)
    paid = {"total_minor": whole, "remaining_minor": whole}
    assert _wanted(_rows(*totals), paid, {"total_minor": whole}) == totals


@pytest.mark.rule("P28", "P35")
@given(TOTALS, st.data())
def test_what_the_shop_took_covers_invoices_from_the_first_on(totals: list[int], data: st.DataObject) -> None:
    """Together the invoices take what the shop left, and none takes more than its own total."""
    whole = sum(totals)
    taken = data.draw(st.integers(0, whole))
    paid = {"total_minor": whole, "captured_minor": taken, "remaining_minor": whole - taken}
    wanted = _wanted(_rows(*totals), paid, {"total_minor": whole})
    assert sum(wanted) == whole - taken
    assert all(0 <= one <= total for one, total in zip(wanted, totals, strict=True))


@pytest.mark.rule("P28")
@given(TOTALS, st.integers(0, 100), st.integers(-100, 100))
def test_nothing_is_taken_where_the_shop_took_everything(totals: list[int], tolerance: int, off: int) -> None:
    """Not even a rounding difference; whether the invoices fit the order is another question."""
    whole = sum(totals)
    paid = {"total_minor": whole + off, "captured_minor": whole + off, "remaining_minor": 0}
    assert set(_wanted(_rows(*totals), paid, {"total_minor": whole}, tolerance_minor=tolerance)) <= {0}


@pytest.mark.rule("P34")
@given(TOTALS)
def test_in_standard_mode_shipping_takes_nothing(totals: list[int]) -> None:
    """The money was taken before the release."""
    whole = sum(totals)
    paid = {"total_minor": whole, "remaining_minor": whole}
    assert set(_wanted(_rows(*totals), paid, {"total_minor": whole}, **STANDARD)) == {0}


@pytest.mark.rule("P34", "P6")
@pytest.mark.parametrize(("tolerance", "exceeding"), [(0, ["R3"]), (4_99, ["R3"]), (5_00, [])])
def test_the_invoice_that_brings_the_sum_over_the_order_exceeds(tolerance: int, exceeding: list[str]) -> None:
    """Invoices before it do not, and the tolerance is inclusive."""
    state = checked(shipped(AT, *_rows(40_00, 60_00, 5_00)))
    needs = invoice_needs(state, config(tolerance_minor=tolerance, **STANDARD))
    assert [one.invoice.number for one in needs if one.exceeds] == exceeding


def test_settled_invoices_need_nothing_but_count() -> None:
    """What a person settled is left alone, listed or not, and still uses up the order's amount."""
    erp = shipped(AT, *_rows(40_00, 20_00, settled=frozenset({1})), settled_left_out_minor=50_00)
    needs = invoice_needs(checked(erp), config(**STANDARD))
    assert [(one.invoice.number, one.sum_minor, one.exceeds) for one in needs] == [("R2", 110_00, True)]


def test_an_invoice_that_has_not_shipped_needs_nothing_yet() -> None:
    """The trigger is shipping."""
    assert invoice_needs(checked(shipped(AT, InvoiceRow("R1", 100_00, shipped=False))), config()) == ()


@pytest.mark.rule("P6")
@pytest.mark.parametrize(("left", "taken"), [(99_98, 99_98), (99_97, 100_00), (100_01, 100_00)])
def test_only_a_rounding_difference_over_the_hold_is_left_out(left: int, taken: int) -> None:
    """More than the tolerance over the hold is asked for in full, so that the provider's no is seen."""
    paid = {"total_minor": left, "remaining_minor": left}
    assert _wanted(_rows(100_00), paid, {}, tolerance_minor=2) == [taken]


@pytest.mark.rule("P6")
def test_a_rounding_difference_over_an_exhausted_hold_is_not_asked_for() -> None:
    """The last cents of an order are booked without a capture that could only be refused."""
    state = checked(shipped(AT, *_rows(99_98, 2)), payment(total_minor=99_98, remaining_minor=99_98))
    state = after(ended(Kind.CAPTURE, "R1", Outcome.SUCCEEDED, amount=99_98, invoice_no="R1"), state=state)
    assert [one.capture_minor for one in invoice_needs(state, config(tolerance_minor=2))][1:] == [0]


@pytest.mark.rule("P16", "P17")
@pytest.mark.parametrize(
    ("taken", "left", "wanted"),
    [(0, 100_00, 100_00), (40_00, 60_00, 60_00), (100_00, 0, 0), (0, 99_98, 99_98), (99_98, 2, 0), (0, 100_02, 100_00)],
)
def test_before_release_the_rest_of_the_order_is_taken(taken: int, left: int, wanted: int) -> None:
    """What the shop took is not taken again, a rounding difference is left alone, the hold is never exceeded."""
    paid = payment(total_minor=taken + left, captured_minor=taken, remaining_minor=left)
    assert release_capture_minor(checked(read_payment=paid), config(tolerance_minor=2, **STANDARD)) == wanted


@pytest.mark.rule("P18")
def test_in_expert_mode_nothing_is_taken_before_release() -> None:
    """Nor for a payment that failed its check."""
    assert release_capture_minor(checked(), config()) == 0
    assert release_capture_minor(checked(problem="amount_differs"), config(**STANDARD)) == 0


@pytest.mark.rule("P8")
@pytest.mark.parametrize("outcome", list(Outcome))
def test_an_open_capture_stops_the_others(outcome: Outcome) -> None:
    """While it is not known what became of one capture no other is sent."""
    state = after(ended(Kind.CAPTURE, "R1", outcome, invoice_no="R1"), state=checked())
    assert captures_stopped(state) is (outcome in (Outcome.UNKNOWN, Outcome.PENDING))


@pytest.mark.rule("P8")
def test_a_disputed_payment_stops_captures() -> None:
    """Money that the customer's bank took back is not asked for again."""
    assert captures_stopped(checked(read_payment=payment(charged_back_minor=1)))


@pytest.mark.rule("P16", "P6")
def test_an_order_within_the_tolerance_is_taken_all_the_same() -> None:
    """A tolerance is for differences; nothing was taken yet, so there is no difference."""
    standard = config(mode=AppMode.STANDARD, tolerance_minor=5)
    order = checked(picture(total_minor=3), payment(total_minor=3, remaining_minor=3))
    assert release_capture_minor(order, standard) == 3
