"""Captures with a clear answer: taken, pending, refused, stopped before they leave."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.unzer.adapter import UnzerPayments
from domain import reasons
from domain.errors import NotSent
from domain.outcomes import OperationResult, Outcome
from domain.ports import CaptureRequest, Earlier
from tests.contract.unzer.merchant import AMOUNT, REFERENCE, Merchant, request_for

HALF = 4_000


def _permit() -> None:
    """Everything may leave."""


def _capture(payments: UnzerPayments, request: CaptureRequest, sends: int = 0) -> OperationResult:
    return payments.capture("main", request, Earlier(sends=sends), _permit)


def _ended(result: OperationResult) -> tuple[Outcome, str]:
    return result.outcome, result.reason


@pytest.mark.parametrize("type_", ["card", "paypal", "applepay", "paylater-invoice"])
def test_a_capture_takes_exactly_what_was_asked(merchant: Merchant, payments: UnzerPayments, type_: str) -> None:
    """One effect with our amount, invoice, order and reference, and evidence that names it."""
    payment_id = merchant.seed(type_)
    before = datetime.now(UTC)
    result = _capture(payments, request_for(payment_id, HALF))
    (effect,) = merchant.captures()
    assert (effect["payment_id"], effect["amount_minor"], effect["currency"]) == (payment_id, HALF, "EUR")
    assert (effect["invoice_id"], effect["order_id"]) == ("RE-2027-1", "SO-1")
    assert effect["payment_reference"] == REFERENCE
    assert _ended(result) == (Outcome.SUCCEEDED, "")
    evidence = result.evidence
    assert (evidence.reference, evidence.amount_minor, evidence.currency) == ("charges/s-chg-1", HALF, "EUR")
    assert len(evidence.trace.split(".")) == 3
    assert not evidence.found_by_reading
    assert evidence.at is not None
    assert evidence.at >= before


def test_a_first_capture_costs_one_request(merchant: Merchant, payments: UnzerPayments) -> None:
    """Nothing is read when nothing was sent before."""
    _capture(payments, request_for(merchant.seed()))
    assert [one["call"] for one in merchant.calls("*")] == ["capture"]


def test_parts_are_captured_one_after_the_other(merchant: Merchant, payments: UnzerPayments) -> None:
    """Two invoices of the same amount are two captures, each with its own reference."""
    payment_id = merchant.seed()
    results = [_capture(payments, request_for(payment_id, HALF, reference)) for reference in ("FIRST", "SECOND")]
    assert [one.evidence.reference for one in results] == ["charges/s-chg-1", "charges/s-chg-2"]
    assert [one["payment_reference"] for one in merchant.captures()] == ["FIRST", "SECOND"]


def test_an_amount_without_hundredths_is_sent_in_its_own_unit(merchant: Merchant, payments: UnzerPayments) -> None:
    """Yen have no hundredths, neither on the way out nor on the way back."""
    merchant.http.put(f"{merchant.url}/control/accounts/{merchant.name}", json={"currencies": ["JPY"]})
    payment_id = merchant.seed(amount=1200, currency="JPY")
    result = _capture(payments, CaptureRequest(payment_id, 700, "JPY", REFERENCE))
    assert merchant.captures()[0]["amount_minor"] == result.evidence.amount_minor == 700


def test_a_pending_capture_is_followed_by_reading(merchant: Merchant, payments: UnzerPayments) -> None:
    """Pending stays pending as long as the provider says so, then it is done, without a second request."""
    payment_id = merchant.seed()
    merchant.special("pending_capture")
    assert _ended(first := _capture(payments, request_for(payment_id))) == (Outcome.PENDING, reasons.WAITING)
    assert first.evidence.reference == "charges/s-chg-1"
    again = _capture(payments, request_for(payment_id), sends=1)
    assert _ended(again) == (Outcome.PENDING, reasons.WAITING)
    merchant.happens(payment_id, "complete")
    done = _capture(payments, request_for(payment_id), sends=1)
    assert _ended(done) == (Outcome.SUCCEEDED, "")
    assert done.evidence.found_by_reading
    assert len(merchant.calls("capture")) == len(merchant.captures()) == 1


def test_a_pending_capture_that_fails_is_declined_and_not_sent_again(
    merchant: Merchant, payments: UnzerPayments
) -> None:
    """Once the provider refused it, only a new attempt with a new reference may try again."""
    payment_id = merchant.seed()
    merchant.special("pending_capture")
    _capture(payments, request_for(payment_id))
    merchant.happens(payment_id, "fail", code="SDM.LIMIT_EXCEEDED")
    result = _capture(payments, request_for(payment_id), sends=1)
    assert _ended(result) == (Outcome.DECLINED, reasons.REFUSED)
    assert result.evidence.found_by_reading
    assert len(merchant.calls("capture")) == 1
    assert _capture(payments, request_for(payment_id, reference="NEXT")).outcome is Outcome.SUCCEEDED


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("SDM.INCREASED_RISK", reasons.REFUSED),
        ("API.330.100.202", reasons.UNSUPPORTED),
        ("API.999.999.999", reasons.REFUSED),
        ("COR.700.300.300", reasons.EXPIRED),
        ("COR.700.400.101", reasons.EXPIRED),
        ("API.330.000.004", reasons.EXPIRED),
        ("API.330.100.007", reasons.EXCEEDS),
    ],
)
@pytest.mark.parametrize("shape", ["decline", "error_in_200", "transaction_error"])
def test_a_refusal_is_declined_in_every_shape(
    merchant: Merchant, payments: UnzerPayments, shape: str, code: str, reason: str
) -> None:
    """Whether with a status, in a 200 or as a failed transaction: nothing was taken, and the reason is ours."""
    payment_id = merchant.seed()
    merchant.special(shape, code=code)
    result = _capture(payments, request_for(payment_id))
    assert _ended(result) == (Outcome.DECLINED, reason)
    assert result.evidence.trace
    assert merchant.captures() == []


@pytest.mark.parametrize(
    "expiry",
    [
        {},
        {"code": "COR.700.400.100"},
        {"code": "API.330.000.004"},
        {"state": "canceled"},
        {"state": "canceled", "code": "API.330.000.004"},
        {"state": "canceled", "code": "API.330.100.007"},
    ],
)
@pytest.mark.parametrize("type_", ["card", "paylater-invoice"])
def test_a_lapsed_authorization_is_recognised(
    merchant: Merchant, payments: UnzerPayments, type_: str, expiry: dict[str, Any]
) -> None:
    """No code says so by itself: enough seems left, or the payment was cancelled, yet the capture is refused."""
    payment_id = merchant.seed(type_)
    merchant.happens(payment_id, "expire", **expiry)
    assert _ended(_capture(payments, request_for(payment_id))) == (Outcome.DECLINED, reasons.EXPIRED)


def test_a_rest_that_lapsed_after_a_capture_is_recognised(merchant: Merchant, payments: UnzerPayments) -> None:
    """A second part can no longer be captured once the rest was released by the expiry."""
    payment_id = merchant.seed()
    _capture(payments, request_for(payment_id, HALF, "FIRST"))
    merchant.happens(payment_id, "expire")
    assert _ended(_capture(payments, request_for(payment_id, HALF))) == (Outcome.DECLINED, reasons.EXPIRED)


def test_more_than_is_left_exceeds(merchant: Merchant, payments: UnzerPayments) -> None:
    """An invoice above the hold is refused, and the hold stays as it was."""
    payment_id = merchant.seed()
    _capture(payments, request_for(payment_id, HALF, "FIRST"))
    assert _ended(_capture(payments, request_for(payment_id))) == (Outcome.DECLINED, reasons.EXCEEDS)
    assert merchant.payment(payment_id)["remaining_minor"] == AMOUNT - HALF


def test_nothing_left_exceeds(merchant: Merchant, payments: UnzerPayments) -> None:
    """A hold that is used up was not lost: the amount is too high."""
    payment_id = merchant.seed()
    _capture(payments, request_for(payment_id, reference="FIRST"))
    assert _ended(_capture(payments, request_for(payment_id))) == (Outcome.DECLINED, reasons.EXCEEDS)


@pytest.mark.parametrize(
    ("type_", "state", "reason"),
    [
        ("prepayment", "waiting", reasons.UNSUPPORTED),
        ("eps", "charged", reasons.UNSUPPORTED),
        ("card", "pending", reasons.REFUSED),
    ],
)
def test_what_was_never_authorized_cannot_be_captured(
    merchant: Merchant, payments: UnzerPayments, type_: str, state: str, reason: str
) -> None:
    """Without a successful authorization the capture is declined, which is no question of its age."""
    payment_id = merchant.seed(type_, state=state)
    assert _ended(_capture(payments, request_for(payment_id))) == (Outcome.DECLINED, reason)
    assert merchant.captures() == []


@pytest.mark.parametrize("payment_id", ["s-pay-1", "", "4711", "s-pay-1/../s-pay-2"])
def test_an_unknown_payment_cannot_be_captured(merchant: Merchant, payments: UnzerPayments, payment_id: str) -> None:
    """What the provider does not know is declined as not found."""
    assert _ended(_capture(payments, request_for(payment_id))) == (Outcome.DECLINED, reasons.NOT_FOUND)


def test_an_order_number_is_never_captured(merchant: Merchant, payments: UnzerPayments) -> None:
    """The provider would take the order number of another payment for a payment id: it does not get there."""
    merchant.seed(order_id="4711")
    assert _capture(payments, request_for("4711")).outcome is Outcome.DECLINED
    assert merchant.captures() == []


def test_the_permit_is_asked_immediately_before_the_request(merchant: Merchant, payments: UnzerPayments) -> None:
    """Reading comes first, then the permit, then the request and nothing in between."""
    seen: list[list[str]] = []
    payments.capture(
        "main",
        request_for(merchant.seed()),
        Earlier(sends=1),
        lambda: seen.append([one["call"] for one in merchant.calls("*")]),
    )
    assert seen == [["read_payment"]]
    assert [one["call"] for one in merchant.calls("*")] == ["read_payment", "capture"]


@pytest.mark.parametrize("sends", [0, 1])
def test_a_refused_permit_sends_nothing(merchant: Merchant, payments: UnzerPayments, sends: int) -> None:
    """The reason and the time of the permit are handed on."""
    until = datetime.now(UTC) + timedelta(minutes=7)

    def stop() -> None:
        raise NotSent(reasons.PAUSED, until)

    result = payments.capture("main", request_for(merchant.seed()), Earlier(sends=sends), stop)
    assert result == OperationResult(Outcome.NOT_SENT, reasons.PAUSED, retry_at=until)
    assert merchant.calls("capture") == []


def test_a_closed_port_is_not_sent(merchant: Merchant, payments: UnzerPayments) -> None:
    """A refused connection proves that nothing left us."""
    adapter = UnzerPayments({"main": merchant.account(base_url="http://127.0.0.1:9")}.__getitem__)
    assert _ended(_capture(adapter, request_for("s-pay-1"))) == (Outcome.NOT_SENT, reasons.UNREACHABLE)


def test_too_many_requests_are_not_sent_and_tell_when(merchant: Merchant, payments: UnzerPayments) -> None:
    """A refusal for the rate of requests took no effect and says when to come back."""
    payment_id = merchant.seed()
    merchant.fault("status", status=429)
    result = _capture(payments, request_for(payment_id))
    assert _ended(result) == (Outcome.NOT_SENT, reasons.RATE)
    assert result.retry_at is not None
    assert result.retry_at > datetime.now(UTC)
    assert merchant.captures() == []


def test_captures_of_many_threads_do_not_mix(merchant: Merchant, payments: UnzerPayments) -> None:
    """Each of many captures at once takes effect once, on its own payment."""
    wanted = {merchant.seed(amount=5_000 + number): 5_000 + number for number in range(20)}
    requests = [request_for(payment_id, amount, f"REF{amount}") for payment_id, amount in wanted.items()]
    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(lambda one: _capture(payments, one), requests))
    assert [one.evidence.amount_minor for one in results] == list(wanted.values())
    assert {one["payment_id"]: one["amount_minor"] for one in merchant.captures()} == wanted
    assert len(merchant.captures()) == len(wanted)
