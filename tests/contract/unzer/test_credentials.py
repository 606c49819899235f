"""Keys and tokens: which are accepted, what a refused one means, and that no key ever shows."""

import base64
import logging
import traceback
from collections.abc import Iterator
from typing import Any

import pytest

from adapters.unzer.account import UnzerAccount
from adapters.unzer.adapter import UnzerPayments
from domain import reasons
from domain.errors import HoldfastError, Misconfigured
from domain.facts import Standing
from domain.outcomes import OperationResult, Outcome
from domain.ports import Earlier
from tests.contract.unzer.merchant import Merchant, request_for

WRONG = "s-priv-nobodyhasthiskey"


def _adapter(account: UnzerAccount) -> UnzerPayments:
    return UnzerPayments({"main": account}.__getitem__)


def _capture(payments: UnzerPayments, payment_id: str) -> OperationResult:
    return payments.capture("main", request_for(payment_id), Earlier(), lambda: None)


def _refused(merchant: Merchant) -> Iterator[tuple[UnzerAccount, str]]:
    yield merchant.account(private_key=WRONG), "a key that nobody has"
    yield merchant.account(private_key=merchant.public_key), "a public key"
    yield merchant.account(private_key=""), "no key"
    yield merchant.account(private_key=WRONG, bearer=True), "a wrong key where tokens are made"
    yield merchant.account(private_key="s-priv-ümläut"), "a key with strange letters"


def test_a_refused_key_stops_and_takes_nothing(merchant: Merchant) -> None:
    """Reading says that the configuration is wrong; a capture certainly did not happen."""
    payment_id = merchant.seed()
    for account, what in _refused(merchant):
        payments = _adapter(account)
        with pytest.raises(Misconfigured):
            payments.read_payment("main", payment_id)
        result = _capture(payments, payment_id)
        assert (result.outcome, result.reason) == (Outcome.NOT_SENT, reasons.MISCONFIGURED), what
    assert merchant.captures() == []


@pytest.mark.parametrize("code", ["API.710.000.002", "API.320.200.145", "API.710.000.007", "API.000.000.001"])
@pytest.mark.parametrize("name", ["decline", "error_in_200"])
def test_a_refused_key_is_known_by_its_code_too(
    merchant: Merchant, payments: UnzerPayments, name: str, code: str
) -> None:
    """The code alone says that the credentials are wrong, whatever status it comes with."""
    payment_id = merchant.seed()
    merchant.special(name, code=code)
    merchant.special(name, "read_payment", code=code)
    result = _capture(payments, payment_id)
    assert (result.outcome, result.reason) == (Outcome.NOT_SENT, reasons.MISCONFIGURED)
    with pytest.raises(Misconfigured):
        payments.read_payment("main", payment_id)


@pytest.mark.parametrize("base_url", ["", "nonsense", "ftp://127.0.0.1", "http://"])
def test_an_impossible_address_is_a_matter_of_configuration(merchant: Merchant, base_url: str) -> None:
    """Nothing can leave towards an address that is none."""
    payments = _adapter(merchant.account(base_url=base_url))
    result = _capture(payments, "s-pay-1")
    assert (result.outcome, result.reason) == (Outcome.NOT_SENT, reasons.MISCONFIGURED)


def test_bearer_tokens_are_made_once_and_shared(merchant: Merchant) -> None:
    """Many requests need one token, and the key itself goes to the token service only."""
    payment_id = merchant.seed()
    payments = _adapter(merchant.account(bearer=True))
    for _ in range(3):
        assert payments.read_payment("main", payment_id).standing is Standing.ACCEPTED
    assert _capture(payments, payment_id).outcome is Outcome.SUCCEEDED
    assert len(merchant.calls("token")) == len(merchant.captures()) == 1


def test_a_token_that_ended_is_replaced_and_the_request_repeated_once(merchant: Merchant) -> None:
    """After a 401 a new token is made; the permit is asked again, for a second request leaves."""
    payment_id = merchant.seed()
    payments = _adapter(merchant.account(bearer=True))
    payments.read_payment("main", payment_id)
    merchant.forward(600)  # the token's seven minutes are over for the provider, not for us
    permits: list[str] = []
    result = payments.capture("main", request_for(payment_id), Earlier(), lambda: permits.append("asked"))
    assert result.outcome is Outcome.SUCCEEDED
    assert len(permits) == 2
    assert len(merchant.captures()) == 1


def test_an_unreachable_token_service_sends_nothing(merchant: Merchant) -> None:
    """Without a token the capture has not left, and the permit is not even asked."""
    payments = _adapter(merchant.account(bearer=True, token_url="http://127.0.0.1:9"))
    permits: list[str] = []
    result = payments.capture("main", request_for("s-pay-1"), Earlier(), lambda: permits.append("asked"))
    assert (result.outcome, result.reason) == (Outcome.NOT_SENT, reasons.UNREACHABLE)
    assert permits == []


@pytest.mark.parametrize("bearer", [False, True])
def test_no_key_appears_in_logs_errors_or_results(
    merchant: Merchant, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str], bearer: bool
) -> None:
    """Whatever goes wrong, nothing that we print, raise or return carries the key; the provider's texts do."""
    caplog.set_level(logging.DEBUG)
    account = merchant.account(bearer=bearer, timeout_seconds=0.5)
    payments = _adapter(account)
    shown: list[Any] = [account, payments]
    payment_id = merchant.seed()
    answer = merchant.http.get(f"{merchant.url}/v1/payments/s-pay-1", auth=(merchant.private_key, ""))
    assert merchant.private_key in answer.text  # the provider repeats the key in this message
    shown.append(payments.read_payment("main", "s-pay-1"))
    shown.append(_capture(payments, "s-pay-1"))
    for kind, more in (
        ("refuse", {}),
        ("drop_after", {}),
        ("malformed", {}),
        ("delay", {"seconds": 1.0}),
        ("status", {"status": 401}),
        ("status", {"status": 503}),
        ("special", {"name": "error_in_200"}),
        ("special", {"name": "decline", "params": {"code": "API.310.100.003"}}),
    ):
        for call in ("read_payment", "capture"):
            merchant.fault(kind, call, **more)
        try:
            shown.append(payments.read_payment("main", payment_id))
        except HoldfastError as error:
            shown += [error, error.__cause__, "".join(traceback.format_exception(error))]
        shown.append(_capture(payments, payment_id))
    printed = capsys.readouterr()
    everything = "\n".join((*map(repr, shown), caplog.text, printed.out, printed.err))
    assert "capture." in everything
    encoded = base64.b64encode(f"{merchant.private_key}:".encode()).decode()
    for secret in (merchant.private_key, encoded, encoded.rstrip("="), "Bearer ey"):
        assert secret not in everything
