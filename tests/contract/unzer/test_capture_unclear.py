"""Captures whose answer is lost or useless: unknown, found again by reading, and never taken twice."""

from typing import Any

import pytest

from adapters.unzer.account import UnzerAccount
from adapters.unzer.adapter import UnzerPayments
from domain import reasons
from domain.outcomes import OperationResult, Outcome
from domain.ports import Earlier
from tests.contract.unzer.merchant import AMOUNT, REFERENCE, Merchant, eventually, request_for

FIRST = Earlier()
ASK = Earlier(sends=1, may_send=False)
AGAIN = Earlier(sends=1, may_send=True)
FOUND = (Outcome.SUCCEEDED, "", True)


def _capture(payments: UnzerPayments, payment_id: str, earlier: Earlier, reference: str = REFERENCE) -> OperationResult:
    return payments.capture("main", request_for(payment_id, reference=reference), earlier, lambda: None)


def _ended(result: OperationResult) -> tuple[Outcome, str, bool]:
    return result.outcome, result.reason, result.evidence.found_by_reading


@pytest.mark.parametrize(
    ("kind", "more", "reason"),
    [
        ("drop_after", {}, reasons.NO_ANSWER),
        ("status_after", {"status": 500}, reasons.SERVER_ERROR),
        ("status_after", {"status": 503}, reasons.SERVER_ERROR),
        ("status_after", {"status": 404}, reasons.BAD_ANSWER),
        ("status_after", {"status": 408}, reasons.BAD_ANSWER),
        ("status_after", {"status": 302}, reasons.BAD_ANSWER),
        ("malformed", {}, reasons.BAD_ANSWER),
    ],
)
@pytest.mark.parametrize("repeat", [ASK, AGAIN])
def test_a_capture_whose_answer_is_lost_is_found_and_not_repeated(
    merchant: Merchant, payments: UnzerPayments, kind: str, more: dict[str, Any], reason: str, repeat: Earlier
) -> None:
    """It took effect and we do not know: the repetition finds it by its reference and sends nothing."""
    payment_id = merchant.seed(amount=2 * AMOUNT)
    merchant.fault(kind, **more)
    assert _ended(_capture(payments, payment_id, FIRST)) == (Outcome.UNKNOWN, reason, False)
    result = _capture(payments, payment_id, repeat)
    assert _ended(result) == FOUND
    assert (result.evidence.reference, result.evidence.amount_minor) == ("charges/s-chg-1", AMOUNT)
    assert result.evidence.trace
    assert len(merchant.captures()) == len(merchant.calls("capture")) == 1


@pytest.mark.parametrize(
    ("kind", "more", "reason"),
    [
        ("refuse", {}, reasons.NO_ANSWER),
        ("status", {"status": 503}, reasons.SERVER_ERROR),
        ("special", {"name": "error_in_200"}, reasons.SERVER_ERROR),
        ("special", {"name": "decline", "params": {"code": "API.000.000.999", "status": 400}}, reasons.SERVER_ERROR),
        ("special", {"name": "transaction_error", "params": {"code": "API.000.000.999"}}, reasons.SERVER_ERROR),
    ],
)
def test_a_capture_that_never_arrived_is_sent_once_it_may(
    merchant: Merchant, payments: UnzerPayments, kind: str, more: dict[str, Any], reason: str
) -> None:
    """Nothing took effect, but only time proves it: asking keeps it unknown, then it is sent a second time."""
    payment_id = merchant.seed(amount=2 * AMOUNT)
    merchant.fault(kind, **more)
    assert _ended(_capture(payments, payment_id, FIRST)) == (Outcome.UNKNOWN, reason, False)
    assert merchant.captures() == []
    if more.get("name") != "transaction_error":  # a failed transaction can be found, which ends the matter
        assert _ended(_capture(payments, payment_id, ASK)) == (Outcome.UNKNOWN, reasons.TOO_EARLY, False)
        assert _ended(_capture(payments, payment_id, AGAIN)) == (Outcome.SUCCEEDED, "", False)
        assert len(merchant.captures()) == 1


def test_a_capture_that_commits_late_is_found_afterwards(merchant: Merchant, payments: UnzerPayments) -> None:
    """While the request may still take effect we only ask; once it did, asking finds it."""
    payment_id = merchant.seed(amount=2 * AMOUNT)
    merchant.special("late_commit", seconds=90)
    assert _ended(_capture(payments, payment_id, FIRST)) == (Outcome.UNKNOWN, reasons.NO_ANSWER, False)
    assert _ended(_capture(payments, payment_id, ASK)) == (Outcome.UNKNOWN, reasons.TOO_EARLY, False)
    assert merchant.captures() == []
    merchant.forward(91)
    eventually(lambda: len(merchant.captures()) == 1)
    assert _ended(_capture(payments, payment_id, ASK)) == FOUND
    assert _ended(_capture(payments, payment_id, AGAIN)) == FOUND
    assert len(merchant.captures()) == len(merchant.calls("capture")) == 1


def test_an_answer_after_the_time_out_is_unknown(merchant: Merchant) -> None:
    """A capture that takes effect while we stop waiting is found by the next look."""
    payment_id = merchant.seed(amount=2 * AMOUNT)
    merchant.fault("delay", seconds=1.5)
    adapter = UnzerPayments({"main": merchant.account(timeout_seconds=0.3)}.__getitem__)
    assert _ended(_capture(adapter, payment_id, FIRST)) == (Outcome.UNKNOWN, reasons.NO_ANSWER, False)
    assert _ended(_capture(adapter, payment_id, ASK)) == FOUND
    assert len(merchant.captures()) == 1


def test_a_failed_transaction_whose_answer_was_lost_is_a_refusal(merchant: Merchant, payments: UnzerPayments) -> None:
    """The provider's own record says no: declined by reading, and not sent again under the same reference."""
    payment_id = merchant.seed(amount=2 * AMOUNT)
    merchant.special("transaction_error", code="SDM.LIMIT_EXCEEDED")
    assert _ended(_capture(payments, payment_id, FIRST))[0] is Outcome.DECLINED  # and suppose that we never heard it
    for repeat in (ASK, AGAIN):
        assert _ended(_capture(payments, payment_id, repeat)) == (Outcome.DECLINED, reasons.REFUSED, True)
    assert len(merchant.calls("capture")) == 1


def test_a_refusal_does_not_speak_for_another_send(merchant: Merchant, payments: UnzerPayments) -> None:
    """Of two sends one was refused: as long as the other may take effect, the outcome stays unknown."""
    payment_id = merchant.seed(amount=2 * AMOUNT)
    merchant.special("transaction_error", code="SDM.LIMIT_EXCEEDED")
    _capture(payments, payment_id, FIRST)
    result = _capture(payments, payment_id, Earlier(sends=2, may_send=False))
    assert _ended(result) == (Outcome.UNKNOWN, reasons.TOO_EARLY, False)


def test_a_refusal_ends_what_was_accepted_and_failed(merchant: Merchant, payments: UnzerPayments) -> None:
    """Sent twice, once without an answer, once accepted and then refused: when nothing else can come, it is a no."""
    payment_id = merchant.seed(amount=2 * AMOUNT)
    merchant.special("pending_capture")
    assert _capture(payments, payment_id, FIRST).outcome is Outcome.PENDING
    merchant.happens(payment_id, "fail", code="SDM.LIMIT_EXCEEDED")
    twice = Earlier(sends=2, may_send=False, over=True)
    assert _ended(_capture(payments, payment_id, twice)) == (Outcome.DECLINED, reasons.REFUSED, True)


def test_the_capture_of_another_operation_is_not_ours(merchant: Merchant, payments: UnzerPayments) -> None:
    """Amount and invoice may be equal: only the reference tells."""
    payment_id = merchant.seed(amount=2 * AMOUNT)
    assert _capture(payments, payment_id, FIRST, "OTHER").outcome is Outcome.SUCCEEDED
    assert _ended(_capture(payments, payment_id, ASK)) == (Outcome.UNKNOWN, reasons.TOO_EARLY, False)
    result = _capture(payments, payment_id, AGAIN)
    assert _ended(result) == (Outcome.SUCCEEDED, "", False)
    assert result.evidence.reference == "charges/s-chg-2"


def test_only_charges_that_could_be_ours_are_read(merchant: Merchant, payments: UnzerPayments) -> None:
    """Captures of other amounts cost no request."""
    payment_id = merchant.seed(amount=5 * AMOUNT)
    for number in range(3):
        payments.capture("main", request_for(payment_id, 1_000 + number, f"R{number}"), FIRST, lambda: None)
    merchant.fault("drop_after")
    _capture(payments, payment_id, FIRST)
    assert _ended(_capture(payments, payment_id, ASK)) == FOUND
    assert len(merchant.calls("read_transaction")) == 1


@pytest.mark.parametrize(
    ("call", "kind", "more", "reason"),
    [
        ("read_payment", "status", {"status": 503}, reasons.SERVER_ERROR),
        ("read_payment", "malformed", {}, reasons.BAD_ANSWER),
        ("read_payment", "refuse", {}, reasons.NO_ANSWER),
        ("read_payment", "status", {"status": 401}, reasons.MISCONFIGURED),
        ("read_payment", "status", {"status": 429}, reasons.RATE),
        ("read_payment", "special", {"name": "decline", "params": {"code": "API.310.100.003"}}, reasons.NOT_FOUND),
        ("read_transaction", "status", {"status": 503}, reasons.SERVER_ERROR),
        ("read_transaction", "malformed", {}, reasons.BAD_ANSWER),
        ("read_transaction", "special", {"name": "error_in_200"}, reasons.SERVER_ERROR),
        ("read_transaction", "special", {"name": "decline", "params": {"code": "API.310.100.003"}}, reasons.BAD_ANSWER),
    ],
)
def test_without_a_look_nothing_is_sent(
    merchant: Merchant, payments: UnzerPayments, call: str, kind: str, more: dict[str, Any], reason: str
) -> None:
    """When the earlier send cannot be looked for, the outcome stays unknown, although sending would be allowed."""
    payment_id = merchant.seed(amount=2 * AMOUNT)  # a second capture would find enough
    merchant.fault("drop_after")
    _capture(payments, payment_id, FIRST)
    merchant.fault(kind, call, **more)
    assert _ended(_capture(payments, payment_id, AGAIN)) == (Outcome.UNKNOWN, reason, False)
    assert len(merchant.calls("capture")) == 1
    assert _ended(_capture(payments, payment_id, AGAIN)) == FOUND


def test_an_unreachable_provider_leaves_an_earlier_send_unknown(merchant: Merchant) -> None:
    """*Not sent* would say too much when something was sent before."""
    adapter = UnzerPayments({"main": merchant.account(base_url="http://127.0.0.1:9")}.__getitem__)
    result = _capture(adapter, "s-pay-1", AGAIN)
    assert _ended(result) == (Outcome.UNKNOWN, reasons.UNREACHABLE, False)


def test_a_lost_account_leaves_an_earlier_send_unknown() -> None:
    """Neither does a configuration that went away prove anything about what was sent."""
    nobody: dict[str, UnzerAccount] = {}
    adapter = UnzerPayments(nobody.__getitem__)
    assert _ended(_capture(adapter, "s-pay-1", AGAIN)) == (Outcome.UNKNOWN, reasons.MISCONFIGURED, False)
    assert _ended(_capture(adapter, "s-pay-1", FIRST)) == (Outcome.NOT_SENT, reasons.MISCONFIGURED, False)


def test_two_sends_of_one_full_capture_take_once(merchant: Merchant, payments: UnzerPayments) -> None:
    """A request that commits between our look and our second send uses up the hold: the refusal is looked into."""
    payment_id = merchant.seed()
    merchant.special("late_commit", seconds=60)
    _capture(payments, payment_id, FIRST)

    def commits_just_now() -> None:
        merchant.forward(61)
        eventually(lambda: len(merchant.captures()) == 1)

    result = payments.capture("main", request_for(payment_id), AGAIN, commits_just_now)
    assert _ended(result) == FOUND
    assert len(merchant.calls("capture")) == 2
    assert len(merchant.captures()) == 1


@pytest.mark.parametrize("sends", [0, 1])
def test_a_refusal_that_cannot_be_looked_into(merchant: Merchant, payments: UnzerPayments, sends: int) -> None:
    """A single send that was refused is declined; with an earlier send behind it, the outcome stays unknown."""
    payment_id = merchant.seed()
    merchant.special("decline", code="API.330.100.007")
    merchant.fault("status", "read_payment", status=503, times=-1, skip=sends)
    result = _capture(payments, payment_id, Earlier(sends=sends))
    expected = (Outcome.UNKNOWN, reasons.SERVER_ERROR) if sends else (Outcome.DECLINED, reasons.EXCEEDS)
    assert (result.outcome, result.reason) == expected
