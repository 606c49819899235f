"""Reports of a shipment: one per payment, whoever made it, and none where the type needs none."""

from typing import Any

import pytest

from adapters.unzer.adapter import UnzerPayments
from domain import reasons
from domain.errors import NotSent
from domain.outcomes import OperationResult, Outcome
from domain.ports import Earlier
from tests.contract.unzer.merchant import Merchant, eventually, shipment_for

FIRST = Earlier()
ASK = Earlier(sends=1, may_send=False)
AGAIN = Earlier(sends=1)
PLACE = "shipments/s-shp-1"


def _ship(payments: UnzerPayments, payment_id: str, earlier: Earlier = FIRST) -> OperationResult:
    return payments.report_shipment("main", shipment_for(payment_id), earlier, lambda: None)


def _ended(result: OperationResult) -> tuple[Outcome, str, str, bool]:
    return result.outcome, result.reason, result.evidence.reference, result.evidence.found_by_reading


def _secured(merchant: Merchant, state: str = "waiting") -> str:
    return merchant.seed("invoice-secured", state=state)


@pytest.mark.parametrize("state", ["waiting", "charged"])
def test_a_secured_invoice_is_reported_once(merchant: Merchant, payments: UnzerPayments, state: str) -> None:
    """With the invoice's number; the picture says so afterwards, and a second report is not sent."""
    payment_id = _secured(merchant, state)
    assert not payments.read_payment("main", payment_id).shipment_reported
    result = _ship(payments, payment_id)
    assert _ended(result) == (Outcome.SUCCEEDED, "", PLACE, False)
    assert result.evidence.trace
    (effect,) = merchant.effects("shipment")
    assert (effect["invoice_id"], effect["order_id"]) == ("RE-1", "SO-1")
    assert payments.read_payment("main", payment_id).shipment_reported
    for earlier in (FIRST, ASK, AGAIN):
        assert _ended(_ship(payments, payment_id, earlier)) == (Outcome.SUCCEEDED, "", PLACE, True)
    assert len(merchant.calls("shipment")) == 1


def test_somebodys_report_counts(merchant: Merchant, payments: UnzerPayments) -> None:
    """The merchant may have reported it by hand."""
    payment_id = _secured(merchant)
    merchant.by_hand(payment_id, "shipments", invoiceId="OTHER")
    assert _ended(_ship(payments, payment_id)) == (Outcome.SUCCEEDED, "", PLACE, True)
    assert len(merchant.effects("shipment")) == 1


@pytest.mark.parametrize(
    ("type_", "state"),
    [
        ("card", "authorized"),
        ("paypal", "authorized"),
        ("prepayment", "waiting"),
        ("invoice", "waiting"),
        ("paylater-invoice", "authorized"),
        ("paylater-installment", "authorized"),
        ("paylater-direct-debit", "authorized"),
        ("sepa-direct-debit-secured", "charged"),
        ("eps", "charged"),
        ("giropay", "charged"),
    ],
)
def test_other_types_need_no_report(merchant: Merchant, payments: UnzerPayments, type_: str, state: str) -> None:
    """The capability table knows it, so nothing is sent."""
    assert _ended(_ship(payments, merchant.seed(type_, state=state))) == (Outcome.SUCCEEDED, "", "", True)
    assert merchant.calls("shipment") == []


@pytest.mark.parametrize("shape", ["decline", "error_in_200", "transaction_error"])
@pytest.mark.parametrize(
    ("code", "outcome", "reason"),
    [
        ("COR.700.400.800", Outcome.SUCCEEDED, ""),
        ("API.360.000.004", Outcome.SUCCEEDED, ""),
        ("COR.700.300.400", Outcome.DECLINED, reasons.EXPIRED),
        ("COR.700.300.100", Outcome.DECLINED, reasons.EXPIRED),
        ("API.360.100.025", Outcome.DECLINED, reasons.REFUSED),
        ("API.710.000.002", Outcome.NOT_SENT, reasons.MISCONFIGURED),
        ("API.000.000.999", Outcome.UNKNOWN, reasons.SERVER_ERROR),
    ],
)
def test_refusals(
    merchant: Merchant, payments: UnzerPayments, shape: str, code: str, outcome: Outcome, reason: str
) -> None:
    """Two codes say that no report is needed, and that is a success; the others are told by our reasons."""
    merchant.special(shape, "shipment", code=code)
    result = _ship(payments, _secured(merchant))
    assert (result.outcome, result.reason) == (outcome, reason)
    assert result.evidence.trace
    assert merchant.effects("shipment") == []


def test_a_cancelled_secured_invoice_needs_no_report(merchant: Merchant, payments: UnzerPayments) -> None:
    """The provider refuses to insure what nobody owes any more."""
    payment_id = _secured(merchant)
    merchant.by_hand(payment_id, "charges/s-chg-1/cancels", reasonCode="CANCEL")
    assert _ship(payments, payment_id).outcome is Outcome.SUCCEEDED
    assert merchant.effects("shipment") == []


@pytest.mark.parametrize(("kind", "more"), [("drop_after", {}), ("status_after", {"status": 500}), ("malformed", {})])
@pytest.mark.parametrize("repeat", [ASK, AGAIN])
def test_a_report_whose_answer_is_lost_is_found(
    merchant: Merchant, payments: UnzerPayments, kind: str, more: dict[str, Any], repeat: Earlier
) -> None:
    """It took effect and we do not know: the list tells."""
    payment_id = _secured(merchant)
    merchant.fault(kind, "shipment", **more)
    assert _ship(payments, payment_id).outcome is Outcome.UNKNOWN
    assert _ended(_ship(payments, payment_id, repeat)) == (Outcome.SUCCEEDED, "", PLACE, True)
    assert len(merchant.calls("shipment")) == 1


def test_a_report_that_never_arrived_is_sent_once_it_may(merchant: Merchant, payments: UnzerPayments) -> None:
    """Only time proves that nothing took effect."""
    payment_id = _secured(merchant)
    merchant.fault("refuse", "shipment")
    assert _ship(payments, payment_id).outcome is Outcome.UNKNOWN
    assert _ended(_ship(payments, payment_id, ASK))[:2] == (Outcome.UNKNOWN, reasons.TOO_EARLY)
    assert _ended(_ship(payments, payment_id, AGAIN)) == (Outcome.SUCCEEDED, "", PLACE, False)
    assert len(merchant.effects("shipment")) == 1


def test_two_sends_report_once(merchant: Merchant, payments: UnzerPayments) -> None:
    """The first request commits just before the second one, which the provider turns down."""
    payment_id = _secured(merchant)
    merchant.special("late_commit", "shipment", seconds=60)
    _ship(payments, payment_id)

    def commits_just_now() -> None:
        merchant.forward(61)
        eventually(lambda: len(merchant.effects("shipment")) == 1)

    result = payments.report_shipment("main", shipment_for(payment_id), AGAIN, commits_just_now)
    assert result.outcome is Outcome.SUCCEEDED
    assert len(merchant.effects("shipment")) == 1


def test_a_pending_report_is_followed_by_reading(merchant: Merchant, payments: UnzerPayments) -> None:
    """The picture does not say shipped before the provider does."""
    payment_id = _secured(merchant)
    merchant.special("pending_capture", "shipment")
    assert _ended(_ship(payments, payment_id)) == (Outcome.PENDING, reasons.WAITING, PLACE, False)
    assert not payments.read_payment("main", payment_id).shipment_reported
    assert _ship(payments, payment_id, ASK).outcome is Outcome.PENDING
    merchant.happens(payment_id, "complete", transaction="s-shp-1")
    assert _ended(_ship(payments, payment_id, ASK)) == (Outcome.SUCCEEDED, "", PLACE, True)
    assert payments.read_payment("main", payment_id).shipment_reported


@pytest.mark.parametrize(("sends", "outcome"), [(0, Outcome.NOT_SENT), (1, Outcome.UNKNOWN)])
def test_an_unreadable_payment_is_not_reported(
    merchant: Merchant, payments: UnzerPayments, sends: int, outcome: Outcome
) -> None:
    """Without the picture nothing is sent."""
    payment_id = _secured(merchant)
    merchant.fault("status", "read_payment", status=503)
    assert _ship(payments, payment_id, Earlier(sends=sends)).outcome is outcome
    assert merchant.calls("shipment") == []


def test_a_refused_permit_sends_nothing(merchant: Merchant, payments: UnzerPayments) -> None:
    """The permit's reason is handed on."""

    def stop() -> None:
        raise NotSent(reasons.PAUSED)

    result = payments.report_shipment("main", shipment_for(_secured(merchant)), FIRST, stop)
    assert result == OperationResult(Outcome.NOT_SENT, reasons.PAUSED)
    assert merchant.calls("shipment") == []


def test_an_unknown_payment_is_not_found(merchant: Merchant, payments: UnzerPayments) -> None:
    """What the provider does not know is declined."""
    assert _ended(_ship(payments, "s-pay-1"))[:2] == (Outcome.DECLINED, reasons.NOT_FOUND)
