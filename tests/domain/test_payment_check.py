"""Whether a payment fits its order, before anything is released."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.facts import CheckFailed, CheckPassed, Standing
from domain.payment_check import all_cancelled, awaits_decision, check_payment, out_of_scope
from domain.payment_methods import METHODS
from domain.wording import problem_parameters
from tests.domain.building import AT, config, payment, picture


def _problem(erp: dict[str, Any] | None = None, paid: dict[str, Any] | None = None, **settings: Any) -> str:
    found = check_payment(picture(**(erp or {})), payment(**(paid or {})), config(**settings), AT)
    if isinstance(found, CheckPassed):
        return ""
    assert {name for name, _ in found.params} == set(problem_parameters(found.problem))
    return found.problem


@pytest.mark.rule("P12", "P9")
@pytest.mark.parametrize("method", sorted(METHODS))
def test_a_payment_of_the_right_sum_and_currency_passes(method: str) -> None:
    """The conclusion carries the method by the payment's type and what was taken and is left."""
    found = check_payment(picture(), payment(method=method, captured_minor=40_00, remaining_minor=60_00), config(), AT)
    assert found == CheckPassed(AT, method, 40_00, 60_00)


@pytest.mark.rule("P12", "P14", "P27")
@pytest.mark.parametrize(
    ("erp", "paid", "problem"),
    [
        ({"payment_id": ""}, {}, "payment_id_missing"),
        ({}, {"standing": Standing.MISSING}, "payment_unknown"),
        ({}, {"standing": Standing.DECLINED}, "payment_declined"),
        ({}, {"standing": Standing.VOIDED}, "payment_voided"),
        ({}, {"method": "", "foreign_type": "klarna"}, "unsupported_method"),
        ({"payment_tag": "OTHER"}, {}, "payment_tag_differs"),
        ({"currency": "CHF"}, {}, "currency_differs"),
        ({}, {"total_minor": 99_99}, "amount_differs"),
        ({}, {"total_minor": 100_01}, "amount_differs"),
        ({}, {"total_minor": 0}, "payment_voided"),
        ({}, {"refunded_minor": 100_00}, "payment_voided"),
        ({}, {"refunded_minor": 1}, "amount_differs"),
        ({}, {"charged_back_minor": 100_00}, "payment_voided"),
        ({}, {"charged_back_minor": 40_00}, "amount_differs"),
        ({"payment_tag": "UZCC"}, {}, ""),
        ({"payment_tag": None}, {}, ""),
    ],
)
def test_each_reason_to_fail_has_its_own_problem(erp: dict[str, Any], paid: dict[str, Any], problem: str) -> None:
    """A failed check names one reason, with exactly the parameters of its text."""
    assert _problem(erp, paid) == problem


@pytest.mark.rule("P6")
@given(st.integers(0, 500), st.sampled_from([1, -1]))
def test_the_amount_may_differ_by_the_tolerance_and_no_more(tolerance: int, sign: int) -> None:
    """Inclusive in both directions."""
    assert _problem(paid={"total_minor": 100_00 + sign * tolerance}, tolerance_minor=tolerance) == ""
    beyond = 100_00 + sign * (tolerance + 1)
    assert _problem(paid={"total_minor": beyond}, tolerance_minor=tolerance) == "amount_differs"


@pytest.mark.rule("P12")
def test_an_order_of_nothing_needs_no_money() -> None:
    """A free order with a payment of nothing passes instead of counting as voided."""
    assert _problem({"total_minor": 0}, {"total_minor": 0, "remaining_minor": 0}) == ""


@pytest.mark.rule("P14")
def test_a_payment_that_was_never_read_counts_as_missing() -> None:
    """Without a payment there is nothing that could pass."""
    assert check_payment(picture(), None, config(), AT) == CheckFailed(AT, "payment_id_missing")


@pytest.mark.rule("P7")
@pytest.mark.parametrize(
    ("payment_id", "shop_order_no", "left_alone"),
    [
        ("", "P4711", True),
        ("s-pay-1", "P4711", False),
        ("", "4711", False),
        ("", "P47110", False),
        ("", "p4711", False),
    ],
)
def test_only_a_number_of_the_erp_without_payment_id_is_out_of_scope(
    payment_id: str, shop_order_no: str, left_alone: bool
) -> None:
    """Both facts are needed."""
    assert out_of_scope(picture(payment_id=payment_id, shop_order_no=shop_order_no)) is left_alone


@pytest.mark.rule("P10")
@pytest.mark.parametrize("standing", list(Standing))
def test_only_a_pending_first_transaction_awaits_a_decision(standing: Standing) -> None:
    """Every other standing can be judged now."""
    assert awaits_decision(payment(standing=standing)) is (standing is Standing.PENDING)


def test_an_order_without_lines_is_not_cancelled() -> None:
    """Cancelled means that there is something which was cancelled."""
    assert not all_cancelled(picture())
