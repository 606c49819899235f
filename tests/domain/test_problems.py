"""The catalogue of problems: numbers, severities, mails."""

import pytest

from domain.problems import CATALOGUE, Severity

NOTICES = {
    "payment_pending",
    "payment_unreadable",
    "waiting_for_transfer",
    "transfer_too_little",
    "transfer_too_much",
    "transfer_overdue",
    "shipped_unpaid",
    "hold_aging",
    "settlement_late",
    "cancel_wished",
    "give_back_late",
    "workflow_cancelled",
    "hold_ends_soon",
    "hold_outside_guarantee",
    "not_renewable",
    "hold_unreadable",
    "failure_file_waits",
}
MAILED_NOTICES = {"transfer_overdue", "hold_ends_soon", "not_renewable", "failure_file_waits"}
TOLD_OTHERWISE = {"unsecured", "renewal_failed"}  # the failed extension has a mail or a line of its own


@pytest.mark.rule("P84")
def test_exactly_these_problems_are_notices() -> None:
    """Where nobody has to act yet it is a notice; everything else is an error."""
    assert {code for code, kind in CATALOGUE.items() if kind.severity is Severity.NOTICE} == NOTICES


@pytest.mark.rule("P84", "P14", "P35", "P39", "P51", "P72", "P73", "P75")
@pytest.mark.parametrize(
    "code",
    [
        "payment_id_missing",
        "payment_unknown",
        "payment_declined",
        "amount_differs",
        "currency_differs",
        "payment_tag_differs",
        "payment_voided",
        "unsupported_method",
        "capture_failed",
        "authorization_expired",
        "invoices_exceed_order",
        "credit_note_by_hand",
        "cancellation_failed",
        "credit_note_settled",
        "refund_exceeds",
        "refunded_by_hand",
    ],
)
def test_what_somebody_must_act_on_is_an_error(code: str) -> None:
    """Failed checks, failed captures and lapsed holds call a person."""
    assert CATALOGUE[code].severity is Severity.ERROR


@pytest.mark.rule("P2", "P20")
def test_every_error_sends_a_mail_and_few_notices_do() -> None:
    """An error without a mail would be seen by nobody; what waits bothers nobody before its time."""
    mailed = {code for code, kind in CATALOGUE.items() if kind.mail}
    assert mailed == (set(CATALOGUE) - NOTICES - TOLD_OTHERWISE) | MAILED_NOTICES


def test_numbers_tell_problems_and_severities_apart() -> None:
    """No number is used twice; notices begin with 1, errors with 2."""
    numbers = [kind.number for kind in CATALOGUE.values()]
    assert len(set(numbers)) == len(numbers)
    for kind in CATALOGUE.values():
        assert kind.number // 1000 == (1 if kind.severity is Severity.NOTICE else 2)


def test_every_row_is_filed_under_its_own_code() -> None:
    """A code finds its own row."""
    assert all(code == kind.code for code, kind in CATALOGUE.items())
