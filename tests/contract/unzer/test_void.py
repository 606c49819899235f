"""Voids: of holds and of claims, of what is left only, and never of money that was taken."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.unzer.adapter import UnzerPayments
from domain import reasons
from domain.errors import NotSent
from domain.operations import Cause
from domain.outcomes import OperationResult, Outcome
from domain.ports import Earlier, VoidRequest
from tests.contract.unzer.merchant import AMOUNT, REFERENCE, Merchant, eventually, void_for

PART = 4_000
FIRST = Earlier()
ASK = Earlier(sends=1, may_send=False)
AGAIN = Earlier(sends=1)
HELD = ("card", "paypal", "applepay", "paylater-invoice", "paylater-installment", "paylater-direct-debit")
OWED = ("prepayment", "invoice", "invoice-secured")
TAKEN = ("sepa-direct-debit-secured", "sofort", "eps", "ideal", "alipay", "giropay")


def _void(payments: UnzerPayments, payment_id: str, earlier: Earlier = FIRST, **more: Any) -> OperationResult:
    return payments.void("main", void_for(payment_id, **more), earlier, lambda: None)


def _ended(result: OperationResult) -> tuple[Outcome, str, int | None, bool]:
    return result.outcome, result.reason, result.evidence.amount_minor, result.evidence.found_by_reading


GONE = (Outcome.SUCCEEDED, "", 0, True)
DONE = (Outcome.SUCCEEDED, "", AMOUNT, False)
FOUND = (Outcome.SUCCEEDED, "", AMOUNT, True)


@pytest.mark.parametrize("type_", HELD)
def test_a_hold_is_given_back(merchant: Merchant, payments: UnzerPayments, type_: str) -> None:
    """The whole authorization is reversed, under our reference."""
    payment_id = merchant.seed(type_)
    result = _void(payments, payment_id)
    assert _ended(result) == DONE
    assert result.evidence.trace
    (effect,) = merchant.effects("reversal")
    assert (effect["amount_minor"], effect["payment_reference"], effect["order_id"]) == (AMOUNT, REFERENCE, "SO-1")
    assert merchant.amounts(payment_id) == (0, 0, 0, 0)


@pytest.mark.parametrize("type_", OWED)
@pytest.mark.parametrize(("cause", "code"), [(Cause.CANCELLATION, "CANCEL"), (Cause.RETURN, "RETURN")])
def test_a_claim_is_given_up(merchant: Merchant, payments: UnzerPayments, type_: str, cause: Cause, code: str) -> None:
    """What the customer owes is cancelled on the first charge, and the provider hears why."""
    payment_id = merchant.seed(type_, state="waiting")
    assert _ended(_void(payments, payment_id, cause=cause)) == DONE
    assert merchant.gave() == [("reversal", "charges/s-chg-1/cancels/s-cnl-1", AMOUNT)]
    assert merchant.payment(payment_id)["transactions"][-1]["reason_code"] == code
    assert merchant.amounts(payment_id) == (0, 0, 0, 0)


@pytest.mark.parametrize("type_", OWED)
def test_only_what_is_still_owed_is_given_up(merchant: Merchant, payments: UnzerPayments, type_: str) -> None:
    """A transfer that has arrived stays where it is."""
    payment_id = merchant.seed(type_, state="waiting")
    merchant.happens(payment_id, "receipt", amount_minor=PART)
    assert _ended(_void(payments, payment_id)) == (Outcome.SUCCEEDED, "", AMOUNT - PART, False)
    assert merchant.amounts(payment_id) == (PART, PART, 0, 0)


def test_a_shipped_secured_invoice_can_still_be_given_up(merchant: Merchant, payments: UnzerPayments) -> None:
    """The report of the shipment does not keep an unpaid claim from being cancelled."""
    payment_id = merchant.seed("invoice-secured", state="waiting")
    merchant.by_hand(payment_id, "shipments", invoiceId="RE-1")
    assert _ended(_void(payments, payment_id, cause=Cause.RETURN)) == DONE


@pytest.mark.parametrize("type_", ["card", "paypal", "applepay"])
def test_the_rest_of_a_hold_is_given_back_after_a_capture(
    merchant: Merchant, payments: UnzerPayments, type_: str
) -> None:
    """What was taken stays taken, what was asked for counts less than what is left."""
    payment_id = merchant.seed(type_)
    merchant.by_hand(payment_id, "charges", amount="40.00")
    assert _ended(_void(payments, payment_id)) == (Outcome.SUCCEEDED, "", AMOUNT - PART, False)
    assert merchant.amounts(payment_id) == (PART, PART, 0, 0)


@pytest.mark.parametrize("type_", ["paylater-invoice", "paylater-installment", "paylater-direct-debit"])
@pytest.mark.parametrize("refunded", [False, True])
def test_paylater_cannot_be_voided_after_a_capture(
    merchant: Merchant, payments: UnzerPayments, type_: str, refunded: bool
) -> None:
    """The rest lapses by itself: declined, and nothing is sent."""
    payment_id = merchant.seed(type_)
    merchant.by_hand(payment_id, "charges", amount="40.00")
    if refunded:
        merchant.by_hand(payment_id, "charges/cancels", amount="40.00")
    assert _ended(_void(payments, payment_id)) == (Outcome.DECLINED, reasons.UNSUPPORTED, None, False)
    assert merchant.calls("reversal") == []
    assert merchant.gave() == ([("refund", "charges/cancels/s-cnl-1", PART)] if refunded else [])


@pytest.mark.parametrize("type_", [*HELD, *OWED, *TAKEN])
def test_nothing_left_is_a_success_of_nothing(merchant: Merchant, payments: UnzerPayments, type_: str) -> None:
    """Where all was taken there is nothing to give back, and nothing is sent."""
    payment_id = merchant.seed(type_, state="charged")
    assert _ended(_void(payments, payment_id)) == GONE
    assert [one["call"] for one in merchant.calls("*")] == ["read_payment"]


@pytest.mark.parametrize("type_", ["card", "paylater-invoice"])
def test_a_hold_that_somebody_gave_back_is_done(merchant: Merchant, payments: UnzerPayments, type_: str) -> None:
    """Voided by hand is voided."""
    payment_id = merchant.seed(type_)
    merchant.by_hand(payment_id, "authorize/cancels")
    assert _ended(_void(payments, payment_id)) == GONE


@pytest.mark.parametrize(("type_", "state"), [("card", "declined"), ("invoice", "declined"), ("eps", "declined")])
def test_what_never_was_holds_nothing(merchant: Merchant, payments: UnzerPayments, type_: str, state: str) -> None:
    """A declined payment has nothing to give back."""
    assert _ended(_void(payments, merchant.seed(type_, state=state))) == GONE


def test_a_hold_that_lapsed_by_itself_is_done(merchant: Merchant, payments: UnzerPayments) -> None:
    """When the provider has released it, nothing is left."""
    payment_id = merchant.seed()
    merchant.happens(payment_id, "expire", state="canceled")
    assert _ended(_void(payments, payment_id)) == GONE


def test_a_lapsed_hold_that_still_shows_its_amount(merchant: Merchant, payments: UnzerPayments) -> None:
    """The provider refuses to reverse what has run out: declined as lapsed."""
    payment_id = merchant.seed()
    merchant.happens(payment_id, "expire")
    result = _void(payments, payment_id)
    assert (result.outcome, result.reason) == (Outcome.DECLINED, reasons.EXPIRED)


@pytest.mark.parametrize("type_", ["eps", "sofort", "ideal", "alipay", "giropay", "klarna"])
def test_what_cannot_be_voided_is_unsupported(merchant: Merchant, payments: UnzerPayments, type_: str) -> None:
    """A customer who has not finished may still pay, and a foreign type is left alone: nothing is sent."""
    payment_id = merchant.seed(type_, state="pending")
    assert _ended(_void(payments, payment_id)) == (Outcome.DECLINED, reasons.UNSUPPORTED, None, False)
    assert merchant.gave() == []


def test_an_unknown_payment_is_not_found(merchant: Merchant, payments: UnzerPayments) -> None:
    """What the provider does not know is declined; after a send it is not even that."""
    assert _ended(_void(payments, "s-pay-1"))[:2] == (Outcome.DECLINED, reasons.NOT_FOUND)
    assert _ended(_void(payments, "s-pay-1", AGAIN))[:2] == (Outcome.UNKNOWN, reasons.NOT_FOUND)
    assert _ended(_void(payments, "4711"))[:2] == (Outcome.DECLINED, reasons.NOT_FOUND)


def test_a_hold_is_not_voided_while_a_capture_is_pending(merchant: Merchant, payments: UnzerPayments) -> None:
    """What becomes of the capture decides how much is left, so the void waits."""
    payment_id = merchant.seed()
    merchant.special("pending_capture")
    merchant.by_hand(payment_id, "charges", amount="40.00")
    assert _ended(_void(payments, payment_id))[:2] == (Outcome.NOT_SENT, reasons.TOO_EARLY)
    merchant.happens(payment_id, "fail")
    assert _ended(_void(payments, payment_id)) == DONE


def test_a_pending_void_is_followed_by_reading(merchant: Merchant, payments: UnzerPayments) -> None:
    """Pending stays pending until the provider has decided."""
    payment_id = merchant.seed("invoice", state="waiting")
    merchant.special("pending_capture", "refund")
    assert _void(payments, payment_id).outcome is Outcome.PENDING
    assert _void(payments, payment_id, ASK).outcome is Outcome.PENDING
    merchant.happens(payment_id, "complete")
    assert _ended(_void(payments, payment_id, ASK)) == FOUND
    assert merchant.gave() == [("reversal", "charges/s-chg-1/cancels/s-cnl-1", AMOUNT)]


@pytest.mark.parametrize(
    ("type_", "state", "call"), [("card", "authorized", "reversal"), ("invoice-secured", "waiting", "refund")]
)
@pytest.mark.parametrize(("kind", "more"), [("drop_after", {}), ("status_after", {"status": 500}), ("malformed", {})])
@pytest.mark.parametrize("repeat", [ASK, AGAIN])
def test_a_void_whose_answer_is_lost_is_found_and_not_repeated(
    merchant: Merchant,
    payments: UnzerPayments,
    type_: str,
    state: str,
    call: str,
    kind: str,
    more: dict[str, Any],
    repeat: Earlier,
) -> None:
    """The repetition finds it by its reference and sends nothing."""
    payment_id = merchant.seed(type_, state=state)
    merchant.fault(kind, call, **more)
    assert _void(payments, payment_id).outcome is Outcome.UNKNOWN
    assert _ended(_void(payments, payment_id, repeat)) == FOUND
    assert len(merchant.gave()) == len(merchant.calls(call)) == 1


def test_a_void_that_never_arrived_is_sent_once_it_may(merchant: Merchant, payments: UnzerPayments) -> None:
    """Only time proves that nothing took effect."""
    payment_id = merchant.seed()
    merchant.fault("refuse", "reversal")
    assert _void(payments, payment_id).outcome is Outcome.UNKNOWN
    assert _ended(_void(payments, payment_id, ASK))[:2] == (Outcome.UNKNOWN, reasons.TOO_EARLY)
    assert _ended(_void(payments, payment_id, AGAIN)) == DONE
    assert len(merchant.gave()) == 1


def test_two_sends_of_one_void_give_back_once(merchant: Merchant, payments: UnzerPayments) -> None:
    """A request that commits between our look and our second send is found when the second one is refused."""
    payment_id = merchant.seed()
    merchant.special("late_commit", "reversal", seconds=60)
    _void(payments, payment_id)

    def commits_just_now() -> None:
        merchant.forward(61)
        eventually(lambda: len(merchant.gave()) == 1)

    assert _ended(payments.void("main", void_for(payment_id), AGAIN, commits_just_now)) == FOUND
    assert len(merchant.gave()) == 1


def test_a_void_by_another_hand_just_before_ours(merchant: Merchant, payments: UnzerPayments) -> None:
    """The refusal is looked into: the hold is gone, and we did not do it."""
    payment_id = merchant.seed()

    def somebody() -> None:
        merchant.by_hand(payment_id, "authorize/cancels")

    assert _ended(payments.void("main", void_for(payment_id), FIRST, somebody)) == GONE
    assert [one["payment_reference"] for one in merchant.effects("reversal")] == [""]


def test_a_hold_that_shrank_is_voided_as_it_is(merchant: Merchant, payments: UnzerPayments) -> None:
    """What is left when the request arrives counts: a refusal for the amount is followed by the smaller one."""
    payment_id = merchant.seed()
    asked: list[None] = []

    def somebody() -> None:
        if not asked:
            merchant.by_hand(payment_id, "charges", amount="40.00")
        asked.append(None)

    result = payments.void("main", void_for(payment_id), FIRST, somebody)
    assert _ended(result) == (Outcome.SUCCEEDED, "", AMOUNT - PART, False)
    assert len(asked) == len(merchant.calls("reversal")) == 2


@pytest.mark.parametrize("shape", ["decline", "error_in_200", "transaction_error"])
@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("API.340.000.004", reasons.UNSUPPORTED),
        ("API.340.100.018", reasons.UNSUPPORTED),
        ("API.340.100.017", reasons.EXCEEDS),
        ("COR.700.300.700", reasons.EXPIRED),
        ("COR.700.400.300", reasons.EXCEEDS),
        ("API.999.999.999", reasons.REFUSED),
    ],
)
def test_a_refusal_is_declined_in_every_shape(
    merchant: Merchant, payments: UnzerPayments, shape: str, code: str, reason: str
) -> None:
    """Nothing was given back, and the reason is ours."""
    payment_id = merchant.seed()
    merchant.special(shape, "reversal", code=code)
    result = _void(payments, payment_id)
    assert (result.outcome, result.reason) == (Outcome.DECLINED, reason)
    assert result.evidence.trace
    assert merchant.gave() == []
    if shape == "transaction_error":
        assert _ended(_void(payments, payment_id, AGAIN))[:2] == (Outcome.DECLINED, reason)


@pytest.mark.parametrize("call", ["read_payment", "reversal"])
def test_what_certainly_did_not_leave_is_not_sent(merchant: Merchant, payments: UnzerPayments, call: str) -> None:
    """A read that failed, and a request refused for the rate, changed nothing."""
    payment_id = merchant.seed()
    merchant.fault("status", call, status=429)
    result = _void(payments, payment_id)
    assert (result.outcome, result.reason) == (Outcome.NOT_SENT, reasons.RATE)
    assert result.retry_at is not None
    assert merchant.gave() == []


def test_an_unreadable_payment_is_not_voided(merchant: Merchant, payments: UnzerPayments) -> None:
    """Without the picture nothing is sent; after a send nothing is known either."""
    payment_id = merchant.seed()
    merchant.fault("status", "read_payment", status=503, times=2)
    assert _ended(_void(payments, payment_id))[:2] == (Outcome.NOT_SENT, reasons.SERVER_ERROR)
    assert _ended(_void(payments, payment_id, AGAIN))[:2] == (Outcome.UNKNOWN, reasons.SERVER_ERROR)
    assert merchant.calls("reversal") == []


def test_a_refused_permit_sends_nothing(merchant: Merchant, payments: UnzerPayments) -> None:
    """The permit is asked after reading, immediately before the request."""
    payment_id, until = merchant.seed(), datetime.now(UTC) + timedelta(minutes=7)

    def stop() -> None:
        assert [one["call"] for one in merchant.calls("*")] == ["read_payment"]
        raise NotSent(reasons.PAUSED, until)

    result = payments.void("main", void_for(payment_id), FIRST, stop)
    assert result == OperationResult(Outcome.NOT_SENT, reasons.PAUSED, retry_at=until)


def test_a_currency_without_hundredths(merchant: Merchant, payments: UnzerPayments) -> None:
    """Yen are reversed in yen."""
    merchant.http.put(f"{merchant.url}/control/accounts/{merchant.name}", json={"currencies": ["JPY"]})
    payment_id = merchant.seed(amount=1200, currency="JPY")
    result = payments.void("main", VoidRequest(payment_id, 1200, "JPY", REFERENCE), FIRST, lambda: None)
    assert (result.evidence.amount_minor, result.evidence.currency) == (1200, "JPY")
    assert merchant.amounts(payment_id) == (0, 0, 0, 0)
