"""Where the customer transfers to: named where the provider names its own account, and shown nowhere else."""

from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from adapters.unzer.adapter import UnzerPayments
from domain.errors import Misconfigured, Transient
from domain.ports import BankDetails, Earlier
from tests.contract.unzer.merchant import Merchant, refund_for, shipment_for, void_for
from tests.contract.unzer.recorded import PAYMENT, adapter, listed, payment, transaction

IBAN = "DE02120300000000202051"
OWN = "DE89370400440532013000"  # the customer's
NAMED = {"holder": "Example Merchant GmbH", "iban": IBAN, "bic": "BYLADEM1001", "descriptor": "1234.5678.9012"}


def _details(payments: UnzerPayments, payment_id: str) -> BankDetails | None:
    return payments.bank_details("main", payment_id)


@pytest.mark.parametrize(
    ("type_", "state", "place"),
    [
        ("prepayment", "waiting", "charges/s-chg-1"),
        ("prepayment", "charged", "charges/s-chg-1"),
        ("invoice", "waiting", "charges/s-chg-1"),
        ("invoice-secured", "waiting", "charges/s-chg-1"),
        ("paylater-invoice", "authorized", "authorize/s-aut-1"),
        ("paylater-invoice", "charged", "authorize/s-aut-1"),
        ("paylater-installment", "authorized", "authorize/s-aut-1"),
    ],
)
def test_the_first_transaction_names_the_account(
    merchant: Merchant, payments: UnzerPayments, type_: str, state: str, place: str
) -> None:
    """Holder, IBAN and BIC as they stand there; the text for the transfer is the descriptor."""
    payment_id = merchant.seed(type_, state=state)
    url = f"{merchant.url}/v1/payments/{payment_id}/{place}"
    told = merchant.http.get(url, auth=(merchant.private_key, "")).json()["processing"]
    found = _details(payments, payment_id)
    assert found == BankDetails(told["holder"], told["iban"], told["bic"], told["descriptor"])
    assert found is not None
    assert found.iban == IBAN


@pytest.mark.parametrize(
    ("type_", "state"),
    [
        ("sepa-direct-debit-secured", "charged"),
        ("sepa-direct-debit", "charged"),
        ("paylater-direct-debit", "authorized"),
        ("card", "authorized"),
        ("paypal", "authorized"),
        ("sofort", "charged"),
        ("eps", "charged"),
        ("klarna", "authorized"),
        ("invoice", "declined"),
        ("invoice", "created"),
    ],
)
def test_other_payments_name_none(merchant: Merchant, payments: UnzerPayments, type_: str, state: str) -> None:
    """A direct debit names the customer's account, which is never handed out; the rest name none."""
    payment_id = merchant.seed(type_, state=state, type_data={"iban": OWN, "holder": "Erika Muster"})
    assert _details(payments, payment_id) is None


@pytest.mark.parametrize("payment_id", ["s-pay-1", "4711", ""])
def test_an_unknown_payment_names_none(merchant: Merchant, payments: UnzerPayments, payment_id: str) -> None:
    """What the provider does not know has no account."""
    assert _details(payments, payment_id) is None


@pytest.mark.parametrize("part", ["pdd", "dds", "ddg", "sdd", "crd", "sft", "xyz"])
def test_even_a_full_answer_is_not_believed_for_other_types(part: str) -> None:
    """The type decides, not what stands in the answer; the transaction is not even asked."""
    answers = [payment(type_id=f"s-{part}-x"), transaction("s-aut-1", processing={**NAMED, "iban": OWN})]
    assert _details(adapter(lambda _: httpx.Response(200, json=answers.pop(0))), PAYMENT) is None
    assert len(answers) == 1


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, BankDetails(NAMED["holder"], IBAN, NAMED["bic"], NAMED["descriptor"])),
        ({"bic": ""}, BankDetails(NAMED["holder"], IBAN, "", NAMED["descriptor"])),
        ({"bic": None, "holder": None}, BankDetails("", IBAN, "", NAMED["descriptor"])),
        ({"iban": ""}, None),
        ({"iban": " "}, None),
        ({"iban": None}, None),
        ({"iban": 7}, None),
        ({"descriptor": ""}, None),
    ],
)
def test_what_is_missing(changed: dict[str, Any], expected: BankDetails | None) -> None:
    """Without an IBAN, or the text that tells whose transfer it is, there is no account; the rest may be empty."""
    first = listed("charge", "charges/s-chg-1", status="pending")
    answers = [payment(first, type_id="s-ivc-x"), transaction(processing={**NAMED, **changed})]
    assert _details(adapter(lambda _: httpx.Response(200, json=answers.pop(0))), PAYMENT) == expected


@pytest.mark.parametrize("call", ["read_payment", "read_transaction"])
@pytest.mark.parametrize(
    ("kind", "more", "error"),
    [
        ("status", {"status": 503}, Transient),
        ("malformed", {}, Transient),
        ("special", {"name": "error_in_200"}, Transient),
        ("status", {"status": 401}, Misconfigured),
    ],
)
def test_a_failed_read_is_no_missing_account(
    merchant: Merchant, payments: UnzerPayments, call: str, kind: str, more: dict[str, Any], error: type[Exception]
) -> None:
    """What could not be read may be read later."""
    payment_id = merchant.seed("invoice", state="waiting")
    merchant.fault(kind, call, **more)
    with pytest.raises(error) as raised:
        _details(payments, payment_id)
    assert IBAN not in str(raised.value)
    assert _details(payments, payment_id) is not None


def test_no_log_line_shows_an_account(merchant: Merchant, payments: UnzerPayments) -> None:
    """Neither reading it nor anything else done to such a payment writes it down, nor does its repr."""
    payment_id = merchant.seed("invoice-secured", state="waiting")
    with capture_logs() as lines:
        found = _details(payments, payment_id)
        payments.report_shipment("main", shipment_for(payment_id), Earlier(), lambda: None)
        payments.refund("main", refund_for(payment_id, 1_000), Earlier(), lambda: None)
        payments.void("main", void_for(payment_id, reference="V"), Earlier(), lambda: None)
        merchant.fault("status", "read_transaction", status=503)
        with pytest.raises(Transient):
            _details(payments, payment_id)
    assert [line["event"] for line in lines] == [
        "shipment.succeeded",
        "refund.succeeded",
        "void.succeeded",
        "payment.unreadable",
    ]
    assert found is not None
    for secret in (found.iban, found.bic, found.holder, found.reference, merchant.private_key):
        assert secret not in str([{**line, "trace": ""} for line in lines])
        assert secret not in repr(found)
