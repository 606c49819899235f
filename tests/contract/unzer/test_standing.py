"""What the adapter says about payments in every state that the sandbox can bring them into."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.unzer.adapter import UnzerPayments
from domain.errors import Misconfigured, Transient
from domain.facts import PaymentSnapshot, Standing
from domain.ports import Earlier
from tests.contract.unzer.merchant import AMOUNT, Merchant, request_for

HALF = 4_000


def _read(payments: UnzerPayments, payment_id: str) -> PaymentSnapshot:
    return payments.read_payment("main", payment_id)


def _amounts(picture: PaymentSnapshot) -> tuple[int, int, int, int]:
    return picture.total_minor, picture.captured_minor, picture.refunded_minor, picture.remaining_minor


@pytest.mark.parametrize(
    ("type_", "state", "more", "standing"),
    [
        ("card", "authorized", {}, Standing.ACCEPTED),
        ("card", "charged", {}, Standing.ACCEPTED),
        ("card", "charged", {"charge": True}, Standing.ACCEPTED),
        ("card", "pending", {}, Standing.PENDING),
        ("card", "pending", {"charge": True}, Standing.PENDING),
        ("card", "declined", {}, Standing.DECLINED),
        ("card", "declined", {"charge": True}, Standing.DECLINED),
        ("card", "created", {}, Standing.PENDING),
        ("paypal", "authorized", {}, Standing.ACCEPTED),
        ("paypal", "pending", {}, Standing.PENDING),
        ("applepay", "authorized", {}, Standing.ACCEPTED),
        ("paylater-invoice", "authorized", {}, Standing.ACCEPTED),
        ("paylater-invoice", "declined", {}, Standing.DECLINED),
        ("prepayment", "waiting", {}, Standing.ACCEPTED),
        ("prepayment", "charged", {}, Standing.ACCEPTED),
        ("prepayment", "declined", {}, Standing.DECLINED),
        ("invoice", "waiting", {}, Standing.ACCEPTED),
        ("invoice", "charged", {}, Standing.ACCEPTED),
        ("invoice", "declined", {}, Standing.DECLINED),
        ("invoice-secured", "waiting", {}, Standing.ACCEPTED),
        ("invoice-secured", "declined", {}, Standing.DECLINED),
        ("paylater-installment", "authorized", {}, Standing.ACCEPTED),
        ("paylater-installment", "pending", {}, Standing.PENDING),
        ("paylater-direct-debit", "authorized", {}, Standing.ACCEPTED),
        ("sepa-direct-debit-secured", "charged", {}, Standing.ACCEPTED),
        ("sofort", "pending", {}, Standing.PENDING),
        ("ideal", "charged", {}, Standing.ACCEPTED),
        ("alipay", "declined", {}, Standing.DECLINED),
        ("przelewy24", "charged", {"currency": "PLN"}, Standing.ACCEPTED),
        ("giropay", "charged", {}, Standing.ACCEPTED),
        ("eps", "pending", {}, Standing.PENDING),
        ("eps", "charged", {}, Standing.ACCEPTED),
    ],
)
@pytest.mark.rule("P10")
def test_the_initiating_transaction_decides(
    merchant: Merchant, payments: UnzerPayments, type_: str, state: str, more: dict[str, Any], standing: Standing
) -> None:
    """Authorized, charged and waiting for a transfer are accepted although the payment itself says pending."""
    assert _read(payments, merchant.seed(type_, state=state, **more)).standing is standing


@pytest.mark.parametrize(
    ("type_", "state", "method", "foreign"),
    [
        ("card", "authorized", "card", ""),
        ("paypal", "authorized", "paypal", ""),
        ("applepay", "authorized", "apple_pay", ""),
        ("prepayment", "waiting", "prepayment", ""),
        ("paylater-invoice", "authorized", "paylater_invoice", ""),
        ("paylater-installment", "authorized", "installment_paylater", ""),
        ("paylater-direct-debit", "authorized", "direct_debit_paylater", ""),
        ("invoice", "waiting", "invoice", ""),
        ("invoice-secured", "waiting", "invoice_secured", ""),
        ("sepa-direct-debit-secured", "charged", "direct_debit_secured", ""),
        ("eps", "charged", "eps", ""),
        ("ideal", "charged", "ideal", ""),
        ("alipay", "charged", "alipay", ""),
        ("sofort", "charged", "sofort", ""),
        ("giropay", "charged", "giropay", ""),
        ("sepa-direct-debit", "charged", "", "sepa-direct-debit"),
        ("klarna", "authorized", "", "klarna"),
        ("googlepay", "authorized", "", "googlepay"),
        ("wero", "charged", "", "wero"),
    ],
)
def test_the_method_follows_from_the_payment_type(
    merchant: Merchant, payments: UnzerPayments, type_: str, state: str, method: str, foreign: str
) -> None:
    """Supported types carry our key; every other is named for the operator."""
    picture = _read(payments, merchant.seed(type_, state=state))
    assert (picture.method, picture.foreign_type) == (method, foreign)


def test_an_authorization_is_all_remainder(merchant: Merchant, payments: UnzerPayments) -> None:
    """Nothing is taken from a fresh hold, and the picture says when it was read."""
    before = datetime.now(UTC)
    payment_id = merchant.seed()
    picture = _read(payments, payment_id)
    assert picture.payment_id == payment_id
    assert picture.currency == "EUR"
    assert _amounts(picture) == (AMOUNT, 0, 0, AMOUNT)
    assert before <= picture.as_of <= datetime.now(UTC)


def test_a_currency_without_hundredths_is_read_in_its_own_unit(merchant: Merchant, payments: UnzerPayments) -> None:
    """The minor unit of yen is the yen."""
    merchant.http.put(f"{merchant.url}/control/accounts/{merchant.name}", json={"currencies": ["JPY"]})
    picture = _read(payments, merchant.seed(amount=1200, currency="JPY"))
    assert (picture.currency, picture.total_minor) == ("JPY", 1200)


def _api(merchant: Merchant, path: str, body: dict[str, Any]) -> None:
    answer = merchant.http.post(f"{merchant.url}/v1/payments/{path}", json=body, auth=(merchant.private_key, ""))
    answer.raise_for_status()


def test_a_void_is_told_from_a_refund(merchant: Merchant, payments: UnzerPayments) -> None:
    """Fully reversed is voided; fully captured and given back is accepted, with everything refunded."""
    voided, refunded = merchant.seed(), merchant.seed(state="charged")
    _api(merchant, f"{voided}/authorize/cancels", {})
    _api(merchant, f"{refunded}/charges/s-chg-1/cancels", {})
    assert _read(payments, voided).standing is Standing.VOIDED
    picture = _read(payments, refunded)
    assert picture.standing is Standing.ACCEPTED
    assert _amounts(picture) == (AMOUNT, 0, AMOUNT, 0)


def test_a_partial_reversal_makes_the_payment_smaller(merchant: Merchant, payments: UnzerPayments) -> None:
    """What was given back of a hold is gone from the total and from what is left."""
    payment_id = merchant.seed(amount=10_000)
    _api(merchant, f"{payment_id}/charges", {"amount": "25.00"})
    _api(merchant, f"{payment_id}/authorize/cancels", {"amount": "20.00"})
    assert _amounts(_read(payments, payment_id)) == (8_000, 2_500, 0, 5_500)


def test_a_cancelled_prepayment_is_voided(merchant: Merchant, payments: UnzerPayments) -> None:
    """A transfer that nobody waits for any more is no accepted payment."""
    payment_id = merchant.seed("prepayment", state="waiting")
    _api(merchant, f"{payment_id}/charges/s-chg-1/cancels", {})
    assert _read(payments, payment_id).standing is Standing.VOIDED


def test_an_authorization_that_lapsed_by_itself_is_voided(merchant: Merchant, payments: UnzerPayments) -> None:
    """When the provider cancels the rest at expiry, the hold is gone."""
    payment_id = merchant.seed()
    merchant.happens(payment_id, "expire", state="canceled")
    assert _read(payments, payment_id).standing is Standing.VOIDED


def test_transfers_of_a_prepayment_add_up(merchant: Merchant, payments: UnzerPayments) -> None:
    """Each transfer counts, what was refunded of one does not, and the waiting first charge never does."""
    payment_id = merchant.seed("prepayment", state="waiting")
    assert _read(payments, payment_id).received_minor == 0
    merchant.happens(payment_id, "receipt", amount_minor=HALF)
    assert _read(payments, payment_id).received_minor == HALF
    merchant.happens(payment_id, "receipt", amount_minor=AMOUNT - HALF)
    assert _read(payments, payment_id).received_minor == AMOUNT
    _api(merchant, f"{payment_id}/charges/s-chg-2/cancels", {"amount": "10.00"})
    picture = _read(payments, payment_id)
    assert picture.received_minor == picture.captured_minor == AMOUNT - 1_000
    assert picture.refunded_minor == 1_000


def test_a_reduced_prepayment_has_received_nothing(merchant: Merchant, payments: UnzerPayments) -> None:
    """Cancelling part of the waiting charge makes the payment smaller and is no refund."""
    payment_id = merchant.seed("prepayment", state="waiting")
    _api(merchant, f"{payment_id}/charges/s-chg-1/cancels", {"amount": "19.90"})
    merchant.happens(payment_id, "receipt", amount_minor=10_000)
    picture = _read(payments, payment_id)
    assert (picture.total_minor, picture.received_minor, picture.refunded_minor) == (10_000, 10_000, 0)


def test_an_overpaid_prepayment_is_under_review(merchant: Merchant, payments: UnzerPayments) -> None:
    """Too much money shows in the sum, and the provider's suspicion is passed on."""
    payment_id = merchant.seed("prepayment", state="waiting")
    merchant.happens(payment_id, "receipt", amount_minor=AMOUNT + 500)
    picture = _read(payments, payment_id)
    assert picture.received_minor == AMOUNT + 500
    assert picture.under_review
    assert picture.standing is Standing.ACCEPTED


OWED = pytest.mark.parametrize("type_", ["prepayment", "invoice", "invoice-secured"])


@OWED
def test_an_invoice_is_read_like_a_prepayment(merchant: Merchant, payments: UnzerPayments, type_: str) -> None:
    """Cancelled before money came, transferred, refunded: each is counted where it belongs."""
    payment_id = merchant.seed(type_, state="waiting", amount=10_000)
    merchant.by_hand(payment_id, "charges/s-chg-1/cancels", amount="10.00", reasonCode="CANCEL")
    assert _amounts(_read(payments, payment_id)) == (9_000, 0, 0, 9_000)
    merchant.happens(payment_id, "receipt", amount_minor=HALF)
    merchant.by_hand(payment_id, "charges/s-chg-2/cancels", amount="5.00", reasonCode="RETURN")
    picture = _read(payments, payment_id)
    assert _amounts(picture) == (9_000, HALF - 500, 500, 9_000 - HALF)
    assert (picture.received_minor, picture.standing) == (HALF - 500, Standing.ACCEPTED)
    merchant.happens(payment_id, "receipt", amount_minor=9_000 - HALF)
    assert _read(payments, payment_id).received_minor == 8_500


@OWED
@pytest.mark.parametrize("charge", ["", "s-chg-2"])
def test_a_transfer_that_was_charged_back(merchant: Merchant, payments: UnzerPayments, type_: str, charge: str) -> None:
    """What the bank took back has not been received, and is no refund."""
    payment_id = merchant.seed(type_, state="charged")
    merchant.happens(payment_id, "chargeback", charge=charge, amount_minor=HALF)
    picture = _read(payments, payment_id)
    assert (picture.charged_back_minor, picture.refunded_minor) == (HALF, 0)
    assert picture.received_minor == picture.captured_minor == AMOUNT - HALF
    assert picture.standing is Standing.ACCEPTED


@OWED
def test_a_claim_that_was_given_up_is_voided(merchant: Merchant, payments: UnzerPayments, type_: str) -> None:
    """Nobody waits for that transfer any more."""
    payment_id = merchant.seed(type_, state="waiting")
    merchant.by_hand(payment_id, "charges/s-chg-1/cancels", reasonCode="CANCEL")
    picture = _read(payments, payment_id)
    assert (picture.standing, picture.received_minor, picture.refunded_minor) == (Standing.VOIDED, 0, 0)


def test_a_shipped_secured_invoice_stays_accepted(merchant: Merchant, payments: UnzerPayments) -> None:
    """Unpaid, paid and fully refunded: the provider calls it completed all along, the picture says what is true."""
    payment_id = merchant.seed("invoice-secured", state="waiting")
    assert not _read(payments, payment_id).shipment_reported
    merchant.by_hand(payment_id, "shipments", invoiceId="RE-1")
    picture = _read(payments, payment_id)
    assert (picture.standing, picture.shipment_reported) == (Standing.ACCEPTED, True)
    assert (picture.received_minor, _amounts(picture)) == (0, (AMOUNT, 0, 0, AMOUNT))
    merchant.happens(payment_id, "receipt", amount_minor=AMOUNT)
    assert _read(payments, payment_id).received_minor == AMOUNT
    merchant.by_hand(payment_id, "charges/s-chg-2/cancels", reasonCode="RETURN")
    picture = _read(payments, payment_id)
    assert (picture.standing, picture.received_minor) == (Standing.ACCEPTED, 0)
    assert _amounts(picture) == (AMOUNT, 0, AMOUNT, 0)


def test_a_shipment_of_a_part_makes_the_payment_smaller(merchant: Merchant, payments: UnzerPayments) -> None:
    """The provider cancels the rest of its own accord."""
    payment_id = merchant.seed("invoice-secured", state="waiting", amount=5_500)
    merchant.by_hand(payment_id, "shipments", invoiceId="RE-1", amount="50.00")
    assert _amounts(_read(payments, payment_id)) == (5_000, 0, 0, 5_000)


@pytest.mark.parametrize("charge", ["", "s-chg-1"])
def test_a_chargeback_is_no_refund(merchant: Merchant, payments: UnzerPayments, charge: str) -> None:
    """Money that the bank took back is counted for itself, wherever the provider lists it."""
    payment_id = merchant.seed(state="charged")
    merchant.happens(payment_id, "chargeback", charge=charge, amount_minor=HALF)
    picture = _read(payments, payment_id)
    assert picture.charged_back_minor == HALF
    assert _amounts(picture) == (AMOUNT, AMOUNT - HALF, 0, 0)
    assert picture.standing is Standing.ACCEPTED


def test_a_refused_capture_leaves_the_hold_accepted(merchant: Merchant, payments: UnzerPayments) -> None:
    """A failed capture in the list is not the initiating transaction."""
    payment_id = merchant.seed()
    merchant.special("transaction_error")
    merchant.http.post(f"{merchant.url}/v1/payments/{payment_id}/charges", json={}, auth=(merchant.private_key, ""))
    picture = _read(payments, payment_id)
    assert picture.standing is Standing.ACCEPTED
    assert _amounts(picture) == (AMOUNT, 0, 0, AMOUNT)


@pytest.mark.parametrize("payment_id", ["s-pay-1", "s-pay-999999999", "p-pay-5a0c1e2f-0b3d-4c5e-8f90-123456789abc"])
def test_an_unknown_payment_is_missing(merchant: Merchant, payments: UnzerPayments, payment_id: str) -> None:
    """What the provider was asked for and does not know is missing."""
    assert _read(payments, payment_id).standing is Standing.MISSING
    assert len(merchant.calls("read_payment")) == 1


@pytest.mark.parametrize(
    "payment_id", ["", "4711", "s-pay-1/charges", "../keypair", "s-pay-1\n", "s-pay-1?a=b", "S-PAY-1"]
)
def test_what_is_no_payment_id_is_missing(merchant: Merchant, payments: UnzerPayments, payment_id: str) -> None:
    """What cannot be a payment id is missing without a request."""
    picture = _read(payments, payment_id)
    assert (picture.standing, picture.payment_id) == (Standing.MISSING, payment_id)
    assert merchant.calls("*") == []


def test_an_order_number_in_place_of_a_payment_id_is_missing(merchant: Merchant, payments: UnzerPayments) -> None:
    """The provider also finds payments by order number, even one that looks like a payment id: we do not."""
    merchant.seed(order_id="s-pay-4711")
    assert _read(payments, "s-pay-4711").standing is Standing.MISSING
    assert len(merchant.calls("read_payment")) == 1


def test_a_payment_of_another_merchant_is_missing(
    merchant: Merchant, payments: UnzerPayments, sandbox_url: str
) -> None:
    """A payment is visible to its own keys only."""
    stranger = Merchant.create(merchant.http, sandbox_url, f"{merchant.name}stranger")
    assert _read(payments, stranger.seed()).standing is Standing.MISSING


@pytest.mark.parametrize(
    ("kind", "more", "reason"),
    [
        ("status", {"status": 503}, "server_error"),
        ("status", {"status": 500}, "server_error"),
        ("status", {"status": 404}, "bad_answer"),
        ("status", {"status": 302}, "bad_answer"),
        ("status", {"status": 429}, "rate"),
        ("malformed", {}, "bad_answer"),
        ("refuse", {}, "no_answer"),
        ("drop_after", {}, "no_answer"),
        ("special", {"name": "error_in_200"}, "server_error"),
        ("special", {"name": "error_in_200", "params": {"code": "API.500.300.999"}}, "bad_answer"),
    ],
)
def test_a_failed_read_is_no_decision_about_the_payment(
    merchant: Merchant, payments: UnzerPayments, kind: str, more: dict[str, Any], reason: str
) -> None:
    """Whatever breaks on the way is transient and says so by a reason code; the next read works."""
    payment_id = merchant.seed()
    merchant.fault(kind, "read_payment", **more)
    with pytest.raises(Transient) as raised:
        _read(payments, payment_id)
    assert str(raised.value) == reason
    assert _read(payments, payment_id).standing is Standing.ACCEPTED


def test_a_slow_answer_is_not_waited_for(merchant: Merchant) -> None:
    """The time-out of the account counts."""
    payment_id = merchant.seed()
    merchant.fault("delay", "read_payment", seconds=2.0)
    adapter = UnzerPayments({"main": merchant.account(timeout_seconds=0.2)}.__getitem__)
    with pytest.raises(Transient, match="no_answer"):
        _read(adapter, payment_id)


def test_a_closed_port_is_transient(merchant: Merchant) -> None:
    """A provider that cannot be reached says nothing about a payment."""
    adapter = UnzerPayments({"main": merchant.account(base_url="http://127.0.0.1:9")}.__getitem__)
    with pytest.raises(Transient, match="unreachable"):
        _read(adapter, "s-pay-1")


def test_a_missing_account_is_a_matter_of_configuration(payments: UnzerPayments) -> None:
    """Without an account nothing can be asked."""
    with pytest.raises(Misconfigured, match="nobody"):
        payments.read_payment("nobody", "s-pay-1")


def test_many_threads_read_side_by_side(merchant: Merchant, payments: UnzerPayments) -> None:
    """One adapter serves all threads, and no answer reaches the wrong reader."""
    wanted = {merchant.seed(amount=1_000 + number): 1_000 + number for number in range(40)}
    with ThreadPoolExecutor(12) as threads:
        found = list(threads.map(lambda one: _read(payments, one), list(wanted) * 3))
    assert [(one.payment_id, one.total_minor) for one in found] == list(wanted.items()) * 3


def test_a_capture_shows_in_the_next_picture(merchant: Merchant, payments: UnzerPayments) -> None:
    """After a partial capture the picture shows what was taken and what is left."""
    payment_id = merchant.seed()
    payments.capture("main", request_for(payment_id, HALF), Earlier(), lambda: None)
    assert _amounts(_read(payments, payment_id)) == (AMOUNT, HALF, 0, AMOUNT - HALF)
