"""Refunds with a clear answer: exactly what was asked for, what is owed before what was taken, or nothing at all."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.unzer.adapter import UnzerPayments
from domain import reasons
from domain.errors import NotSent
from domain.operations import Cause
from domain.outcomes import OperationResult, Outcome
from domain.ports import Earlier
from tests.contract.unzer.merchant import AMOUNT, REFERENCE, Merchant, refund_for

PART = 4_000
FIRST = Earlier()
ASK = Earlier(sends=1, may_send=False)
OVER = Earlier(sends=1, may_send=False, over=True)
AGAIN = Earlier(sends=1)
BY_CHARGE = ("card", "paypal", "applepay", "sepa-direct-debit-secured", "sofort", "eps", "ideal", "alipay")
PAYLATER = ("paylater-invoice", "paylater-installment", "paylater-direct-debit")
OWED = ("prepayment", "invoice", "invoice-secured")


def _refund(
    payments: UnzerPayments, payment_id: str, amount: int = AMOUNT, earlier: Earlier = FIRST, **more: Any
) -> OperationResult:
    return payments.refund("main", refund_for(payment_id, amount, **more), earlier, lambda: None)


def _ended(result: OperationResult) -> tuple[Outcome, str, int | None, bool]:
    return result.outcome, result.reason, result.evidence.amount_minor, result.evidence.found_by_reading


def _done(amount: int = AMOUNT) -> tuple[Outcome, str, int | None, bool]:
    return Outcome.SUCCEEDED, "", amount, False


def _no(reason: str) -> tuple[Outcome, str, int | None, bool]:
    return Outcome.DECLINED, reason, None, False


def _captured(merchant: Merchant, *parts: str, type_: str = "card") -> str:
    payment_id = merchant.seed(type_)
    for part in parts:
        merchant.by_hand(payment_id, "charges", amount=part)
    return payment_id


@pytest.mark.parametrize("type_", BY_CHARGE)
@pytest.mark.parametrize("amount", [AMOUNT, PART])
def test_a_charge_gives_exactly_what_was_asked(
    merchant: Merchant, payments: UnzerPayments, type_: str, amount: int
) -> None:
    """In full or in part, below the charge, with all our references."""
    payment_id = merchant.seed(type_, state="charged")
    result = _refund(payments, payment_id, amount)
    assert _ended(result) == _done(amount)
    assert result.evidence.reference == "charges/s-chg-1/cancels/s-cnl-1"
    assert result.evidence.trace
    (effect,) = merchant.effects("refund")
    assert (effect["amount_minor"], effect["payment_reference"]) == (amount, REFERENCE)
    assert (effect["invoice_id"], effect["order_id"]) == ("GS-1", "SO-1")
    assert merchant.amounts(payment_id) == (AMOUNT, AMOUNT - amount, amount, 0)


def test_zloty_are_given_back(merchant: Merchant, payments: UnzerPayments) -> None:
    """The one type that takes zloty only."""
    payment_id = merchant.seed("przelewy24", state="charged", currency="PLN")
    result = _refund(payments, payment_id, PART, currency="PLN")
    assert (result.outcome, result.evidence.currency) == (Outcome.SUCCEEDED, "PLN")
    assert merchant.amounts(payment_id) == (AMOUNT, AMOUNT - PART, PART, 0)


def test_a_currency_without_hundredths(merchant: Merchant, payments: UnzerPayments) -> None:
    """Yen are given back in yen."""
    merchant.http.put(f"{merchant.url}/control/accounts/{merchant.name}", json={"currencies": ["JPY"]})
    payment_id = merchant.seed(amount=1200, currency="JPY", state="charged")
    assert _ended(_refund(payments, payment_id, 700, currency="JPY")) == _done(700)
    assert merchant.amounts(payment_id) == (1200, 500, 700, 0)


@pytest.mark.parametrize(("cause", "code"), [(Cause.CANCELLATION, "CANCEL"), (Cause.RETURN, "RETURN")])
@pytest.mark.parametrize("type_", ["card", "paylater-invoice", "invoice-secured"])
def test_the_provider_hears_why(
    merchant: Merchant, payments: UnzerPayments, type_: str, cause: Cause, code: str
) -> None:
    """The reason code follows from the cause, for every type."""
    payment_id = merchant.seed(type_, state="charged")
    assert _refund(payments, payment_id, PART, cause=cause).outcome is Outcome.SUCCEEDED
    assert merchant.payment(payment_id)["transactions"][-1]["reason_code"] == code


@pytest.mark.parametrize("type_", PAYLATER)
@pytest.mark.parametrize("amount", [AMOUNT, 10_000, PART])
def test_paylater_is_refunded_as_a_whole(merchant: Merchant, payments: UnzerPayments, type_: str, amount: int) -> None:
    """One request on the payment, even over several charges, and never one on a charge."""
    payment_id = _captured(merchant, "40.00", "79.90", type_=type_)
    assert _ended(_refund(payments, payment_id, amount)) == _done(amount)
    assert merchant.gave() == [("refund", "charges/cancels/s-cnl-1", amount)]
    assert merchant.amounts(payment_id) == (AMOUNT, AMOUNT - amount, amount, 0)


@pytest.mark.parametrize("type_", [*PAYLATER, "card"])
def test_a_hold_is_not_lowered_by_a_refund(merchant: Merchant, payments: UnzerPayments, type_: str) -> None:
    """Refunds give back what was taken; more than that is not asked of the open hold."""
    payment_id = _captured(merchant, "40.00", type_=type_)
    assert _ended(_refund(payments, payment_id, PART + 1)) == _no(reasons.EXCEEDS)
    assert _ended(_refund(payments, payment_id, PART)) == _done(PART)
    assert merchant.amounts(payment_id) == (AMOUNT, 0, PART, AMOUNT - PART)


def test_a_refund_goes_over_the_charges_from_the_first_on(merchant: Merchant, payments: UnzerPayments) -> None:
    """Each gives what it still holds, the last one what is missing, all under one reference."""
    payment_id = _captured(merchant, "30.00", "40.00", "49.90")
    merchant.by_hand(payment_id, "charges/s-chg-1/cancels", amount="10.00")
    result = _refund(payments, payment_id, 8_000)
    assert _ended(result) == _done(8_000)
    assert result.evidence.reference == "charges/s-chg-1/cancels/s-cnl-2"
    assert merchant.gave()[1:] == [
        ("refund", "charges/s-chg-1/cancels/s-cnl-2", 2_000),
        ("refund", "charges/s-chg-2/cancels/s-cnl-1", 4_000),
        ("refund", "charges/s-chg-3/cancels/s-cnl-1", 2_000),
    ]
    assert {one["payment_reference"] for one in merchant.effects("refund")[1:]} == {REFERENCE}


def test_charges_that_hold_nothing_are_passed_over(merchant: Merchant, payments: UnzerPayments) -> None:
    """What was refunded or charged back of a charge is not asked of it again, failed charges not at all."""
    payment_id = _captured(merchant, "30.00", "40.00")
    merchant.by_hand(payment_id, "charges/s-chg-1/cancels")
    merchant.happens(payment_id, "chargeback", charge="s-chg-2", amount_minor=3_000)
    merchant.special("transaction_error")
    merchant.by_hand(payment_id, "charges", amount="5.00")
    merchant.by_hand(payment_id, "charges", amount="20.00")
    assert _ended(_refund(payments, payment_id, 2_500)) == _done(2_500)
    assert merchant.gave()[1:] == [
        ("refund", "charges/s-chg-2/cancels/s-cnl-1", 1_000),
        ("refund", "charges/s-chg-4/cancels/s-cnl-1", 1_500),
    ]


@pytest.mark.parametrize("type_", OWED)
def test_what_is_owed_is_cancelled_before_money_comes(merchant: Merchant, payments: UnzerPayments, type_: str) -> None:
    """A part of the claim makes the payment smaller and is no refund at the provider."""
    payment_id = merchant.seed(type_, state="waiting")
    assert _ended(_refund(payments, payment_id, PART)) == _done(PART)
    assert merchant.gave() == [("reversal", "charges/s-chg-1/cancels/s-cnl-1", PART)]
    assert merchant.amounts(payment_id) == (AMOUNT - PART, 0, 0, AMOUNT - PART)


@pytest.mark.parametrize("type_", OWED)
def test_what_has_come_is_refunded_afterwards(merchant: Merchant, payments: UnzerPayments, type_: str) -> None:
    """Transfers are refunded one after the other, the claim that they settled is not touched."""
    payment_id = merchant.seed(type_, state="waiting")
    merchant.happens(payment_id, "receipt", amount_minor=PART)
    merchant.happens(payment_id, "receipt", amount_minor=AMOUNT - PART)
    assert _ended(_refund(payments, payment_id)) == _done()
    assert merchant.gave() == [
        ("refund", "charges/s-chg-2/cancels/s-cnl-1", PART),
        ("refund", "charges/s-chg-3/cancels/s-cnl-1", AMOUNT - PART),
    ]


@pytest.mark.parametrize("type_", OWED)
def test_what_is_owed_comes_before_what_has_come(merchant: Merchant, payments: UnzerPayments, type_: str) -> None:
    """A half-paid claim first gives what is open, then what was transferred."""
    payment_id = merchant.seed(type_, state="waiting")
    merchant.happens(payment_id, "receipt", amount_minor=PART)
    result = _refund(payments, payment_id, AMOUNT - 1_000)
    assert _ended(result) == _done(AMOUNT - 1_000)
    assert merchant.gave() == [
        ("reversal", "charges/s-chg-1/cancels/s-cnl-1", AMOUNT - PART),
        ("refund", "charges/s-chg-2/cancels/s-cnl-1", PART - 1_000),
    ]
    assert merchant.amounts(payment_id) == (PART, 1_000, PART - 1_000, 0)


@pytest.mark.parametrize("paid", [False, True])
def test_a_shipped_secured_invoice_gives_back(merchant: Merchant, payments: UnzerPayments, *, paid: bool) -> None:
    """After the report of the shipment too, what is owed is cancelled and what was paid is refunded."""
    payment_id = merchant.seed("invoice-secured", state="waiting")
    merchant.by_hand(payment_id, "shipments", invoiceId="RE-1")
    if paid:
        merchant.happens(payment_id, "receipt", amount_minor=AMOUNT)
    assert _ended(_refund(payments, payment_id, PART)) == _done(PART)
    assert merchant.gave()[0][0] == ("refund" if paid else "reversal")


def test_an_overpaid_transfer_gives_back_what_came(merchant: Merchant, payments: UnzerPayments) -> None:
    """More than the payment was about can be given back when more has come."""
    payment_id = merchant.seed("prepayment", state="waiting")
    merchant.happens(payment_id, "receipt", amount_minor=AMOUNT + 500)
    assert _ended(_refund(payments, payment_id, AMOUNT + 500)) == _done(AMOUNT + 500)


@pytest.mark.parametrize(
    "build",
    [
        lambda merchant: merchant.seed(),
        lambda merchant: merchant.seed("paylater-invoice"),
        lambda merchant: _captured(merchant, "30.00", "40.00"),
        lambda merchant: merchant.seed("eps", state="charged", amount=AMOUNT - 1),
        lambda merchant: merchant.seed("eps", state="pending"),
        lambda merchant: merchant.seed("invoice", state="waiting", amount=AMOUNT - 1),
        lambda merchant: merchant.seed("invoice", state="declined"),
    ],
)
def test_more_than_there_is_is_not_given_in_part(
    merchant: Merchant, payments: UnzerPayments, build: Callable[[Merchant], str]
) -> None:
    """When the payment cannot give the whole amount, nothing is sent."""
    payment_id = build(merchant)
    assert _ended(_refund(payments, payment_id)) == _no(reasons.EXCEEDS)
    assert merchant.calls("refund") == []


@pytest.mark.parametrize("type_", ["card", "paylater-invoice", "prepayment"])
def test_what_was_refunded_by_hand_is_not_there_any_more(
    merchant: Merchant, payments: UnzerPayments, type_: str
) -> None:
    """Somebody else's refund is not ours: ours exceeds what is left."""
    payment_id = merchant.seed(type_, state="charged")
    charge = {"card": "charges/s-chg-1", "paylater-invoice": "charges", "prepayment": "charges/s-chg-2"}[type_]
    merchant.by_hand(payment_id, f"{charge}/cancels")
    for earlier in (FIRST, AGAIN):
        assert _ended(_refund(payments, payment_id, earlier=earlier)) == _no(reasons.EXCEEDS)
    assert _ended(_refund(payments, payment_id, earlier=OVER))[:2] == (Outcome.UNKNOWN, reasons.TOO_EARLY)


@pytest.mark.parametrize(("charge", "amount"), [("s-chg-1", None), ("s-chg-1", 100), ("", None), ("", 100)])
def test_what_the_bank_took_back_is_not_given_again(
    merchant: Merchant, payments: UnzerPayments, charge: str, amount: int | None
) -> None:
    """Charged back is not refunded too, wherever the provider lists it."""
    payment_id = merchant.seed(state="charged")
    merchant.happens(payment_id, "chargeback", charge=charge, amount_minor=amount)
    assert _ended(_refund(payments, payment_id)) == _no(reasons.CHARGED_BACK)
    assert merchant.calls("refund") == []
    assert _ended(_refund(payments, payment_id, AMOUNT + 1)) == _no(reasons.EXCEEDS)
    if amount is not None:
        assert _ended(_refund(payments, payment_id, AMOUNT - amount)) == _done(AMOUNT - amount)


@pytest.mark.parametrize(("type_", "state"), [("giropay", "charged"), ("klarna", "authorized"), ("wero", "charged")])
def test_what_cannot_be_refunded_is_unsupported(
    merchant: Merchant, payments: UnzerPayments, type_: str, state: str
) -> None:
    """A scheme that was closed, and types that are not ours: nothing is sent."""
    payment_id = merchant.seed(type_, state=state)
    assert _ended(_refund(payments, payment_id)) == _no(reasons.UNSUPPORTED)
    assert merchant.calls("refund") == []


def test_another_currency_is_unsupported(merchant: Merchant, payments: UnzerPayments) -> None:
    """The number of one currency is never given back in another."""
    payment_id = merchant.seed(state="charged")
    assert _ended(_refund(payments, payment_id, currency="CHF")) == _no(reasons.UNSUPPORTED)


def test_an_unknown_payment_is_not_found(merchant: Merchant, payments: UnzerPayments) -> None:
    """What the provider does not know is declined; after a send it is not even that."""
    assert _ended(_refund(payments, "s-pay-1"))[:2] == (Outcome.DECLINED, reasons.NOT_FOUND)
    assert _ended(_refund(payments, "s-pay-1", earlier=AGAIN))[:2] == (Outcome.UNKNOWN, reasons.NOT_FOUND)


@pytest.mark.parametrize("shape", ["decline", "error_in_200", "transaction_error"])
@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("API.340.100.015", reasons.CHARGED_BACK),
        ("API.340.100.014", reasons.EXCEEDS),
        ("API.340.100.017", reasons.EXCEEDS),
        ("API.340.000.004", reasons.UNSUPPORTED),
        ("API.340.100.024", reasons.REFUSED),
        ("COR.700.300.600", reasons.CHARGED_BACK),
        ("COR.700.400.200", reasons.EXCEEDS),
        ("SDM.LIMIT_EXCEEDED", reasons.REFUSED),
    ],
)
def test_a_refusal_is_declined_in_every_shape(
    merchant: Merchant, payments: UnzerPayments, shape: str, code: str, reason: str
) -> None:
    """Nothing was given back, the reason is ours, and the same request is not sent twice."""
    payment_id = merchant.seed(state="charged")
    merchant.special(shape, "refund", code=code)
    result = _refund(payments, payment_id)
    assert (result.outcome, result.reason) == (Outcome.DECLINED, reason)
    assert result.evidence.trace
    assert merchant.gave() == []
    assert len(merchant.calls("refund")) == 1


def test_a_later_refusal_leaves_what_took_effect(merchant: Merchant, payments: UnzerPayments) -> None:
    """Some came back: that is a success of less than was asked for."""
    payment_id = _captured(merchant, "30.00", "40.00")
    merchant.fault("special", "refund", name="decline", params={"code": "API.340.100.015"}, skip=1)
    assert _ended(_refund(payments, payment_id, 7_000)) == (Outcome.SUCCEEDED, "", 3_000, True)
    assert merchant.gave() == [("refund", "charges/s-chg-1/cancels/s-cnl-1", 3_000)]


def test_a_later_refusal_that_cannot_be_looked_into(merchant: Merchant, payments: UnzerPayments) -> None:
    """Both answers were definite, so the look that fails takes nothing from them."""
    payment_id = _captured(merchant, "30.00", "40.00")
    merchant.fault("special", "refund", name="decline", params={"code": "API.340.100.015"}, skip=1)
    merchant.fault("status", "read_payment", status=503, skip=1)
    assert _ended(_refund(payments, payment_id, 7_000)) == _done(3_000)


def test_a_charge_that_gave_to_another_is_made_up_for(merchant: Merchant, payments: UnzerPayments) -> None:
    """Between our look and our request somebody refunded: what is missing comes from the next charge."""
    payment_id = _captured(merchant, "30.00", "40.00")
    asked: list[None] = []

    def somebody() -> None:
        if not asked:
            merchant.by_hand(payment_id, "charges/s-chg-1/cancels")
        asked.append(None)

    result = payments.refund("main", refund_for(payment_id, 3_500), FIRST, somebody)
    assert _ended(result) == _done(3_500)
    assert merchant.gave()[1:] == [("refund", "charges/s-chg-2/cancels/s-cnl-1", 3_500)]
    assert len(asked) == 2


def test_pending_refunds_are_followed_by_reading(merchant: Merchant, payments: UnzerPayments) -> None:
    """All steps are asked for, then they are waited for, and none is sent again."""
    payment_id = _captured(merchant, "30.00", "40.00")
    merchant.special("pending_capture", "refund")
    first = _refund(payments, payment_id, 7_000)
    assert _ended(first) == (Outcome.PENDING, reasons.WAITING, 7_000, False)
    assert _ended(_refund(payments, payment_id, 7_000, ASK))[:2] == (Outcome.PENDING, reasons.WAITING)
    merchant.happens(payment_id, "complete")
    assert _ended(_refund(payments, payment_id, 7_000, ASK)) == (Outcome.SUCCEEDED, "", 7_000, True)
    assert len(merchant.calls("refund")) == len(merchant.gave()) == 2


@pytest.mark.parametrize("parts", [("70.00",), ("30.00", "40.00")])
def test_a_pending_refund_that_fails_ends_once_nothing_else_can_come(
    merchant: Merchant, payments: UnzerPayments, parts: tuple[str, ...]
) -> None:
    """What failed was refused; what the other steps gave is a success of less."""
    payment_id = _captured(merchant, *parts)
    merchant.special("pending_capture", "refund")
    _refund(payments, payment_id, 7_000)
    merchant.happens(payment_id, "fail", code="COR.700.300.600")
    assert _ended(_refund(payments, payment_id, 7_000, OVER)) == (
        (Outcome.SUCCEEDED, "", 4_000, True) if len(parts) > 1 else (Outcome.DECLINED, reasons.CHARGED_BACK, None, True)
    )
    assert len(merchant.calls("refund")) == len(parts)


def test_somebodys_pending_refund_is_not_given_twice(merchant: Merchant, payments: UnzerPayments) -> None:
    """What is on its way counts as gone."""
    payment_id = merchant.seed(state="charged")
    merchant.special("pending_capture", "refund")
    merchant.by_hand(payment_id, "charges/s-chg-1/cancels", amount="79.90")
    assert _ended(_refund(payments, payment_id, PART + 1)) == _no(reasons.EXCEEDS)
    assert _ended(_refund(payments, payment_id, PART)) == _done(PART)


def test_the_permit_is_asked_before_each_step(merchant: Merchant, payments: UnzerPayments) -> None:
    """Reading comes first, then a permit, its request and nothing in between."""
    payment_id = _captured(merchant, "30.00", "40.00")
    before = len(merchant.calls("*"))
    seen: list[list[str]] = []
    payments.refund(
        "main",
        refund_for(payment_id, 7_000),
        FIRST,
        lambda: seen.append([one["call"] for one in merchant.calls("*")[before:]]),
    )
    assert seen == [["read_payment"], ["read_payment", "refund"]]


@pytest.mark.parametrize("steps", [0, 1])
def test_a_permit_refused_on_the_way(merchant: Merchant, payments: UnzerPayments, steps: int) -> None:
    """Before the first step nothing left us; after it the whole is unclear, and asking again makes it whole."""
    payment_id, until = _captured(merchant, "30.00", "40.00"), datetime.now(UTC) + timedelta(minutes=7)
    left = [None] * steps

    def stop() -> None:
        if not left:
            raise NotSent(reasons.PAUSED, until)
        left.pop()

    result = payments.refund("main", refund_for(payment_id, 7_000), FIRST, stop)
    assert (result.reason, result.retry_at) == (reasons.PAUSED, until)
    assert result.outcome is (Outcome.UNKNOWN if steps else Outcome.NOT_SENT)
    assert result.evidence.amount_minor == (3_000 if steps else None)
    assert len(merchant.gave()) == steps
    again = _refund(payments, payment_id, 7_000, Earlier(sends=steps))
    assert _ended(again) == (Outcome.SUCCEEDED, "", 7_000, bool(steps))
    assert [one[2] for one in merchant.gave()] == [3_000, 4_000]


def test_too_many_requests_on_the_way(merchant: Merchant, payments: UnzerPayments) -> None:
    """The same for a second request that the provider turns away for the rate."""
    payment_id = _captured(merchant, "30.00", "40.00")
    merchant.fault("status", "refund", status=429, skip=1)
    result = _refund(payments, payment_id, 7_000)
    assert (result.outcome, result.reason) == (Outcome.UNKNOWN, reasons.RATE)
    assert result.retry_at is not None


@pytest.mark.parametrize(("status", "reason"), [(503, reasons.SERVER_ERROR), (401, reasons.MISCONFIGURED)])
def test_an_unreadable_payment_is_not_refunded(
    merchant: Merchant, payments: UnzerPayments, status: int, reason: str
) -> None:
    """Without the picture nothing is sent; after a send nothing is known either."""
    payment_id = merchant.seed(state="charged")
    merchant.fault("status", "read_payment", status=status, times=2)
    assert _ended(_refund(payments, payment_id))[:2] == (Outcome.NOT_SENT, reason)
    assert _ended(_refund(payments, payment_id, earlier=AGAIN))[:2] == (Outcome.UNKNOWN, reason)
    assert merchant.calls("refund") == []
