"""The provider's own sample payments, which lie outside this project, are read as they are."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from adapters.unzer.answers import flag, parsed
from adapters.unzer.payment import payment_from, snapshot
from domain import reasons
from domain.facts import PaymentSnapshot, Standing
from domain.outcomes import Outcome
from domain.ports import Earlier
from tests.contract.unzer.merchant import refund_for
from tests.contract.unzer.recorded import adapter

NOW = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)


def _sample(name: str) -> bytes:
    folder = os.environ.get("HOLDFAST_SPECS")
    if not folder:
        pytest.skip("HOLDFAST_SPECS names no folder with the providers' samples")
    return (Path(folder) / "unzer" / name).read_bytes()


def _picture(name: str) -> PaymentSnapshot:
    return snapshot(payment_from(parsed(200, _sample(name)).body), NOW)


def test_a_payment_with_direct_chargebacks() -> None:
    """Chargebacks that belong to no charge are counted."""
    picture = _picture("paymentWithDirectChargeback.json")
    assert (picture.payment_id, picture.method, picture.standing) == ("s-pay-123", "card", Standing.ACCEPTED)
    assert (picture.total_minor, picture.captured_minor, picture.charged_back_minor) == (100, 0, 100)
    assert (picture.refunded_minor, picture.remaining_minor) == (0, 0)


def test_a_payment_with_a_chargeback_per_charge() -> None:
    """Two chargebacks with the same id below two charges are two; a payment without resources has no known type."""
    picture = _picture("paymentWithMultipleChargebacks.json")
    assert (picture.charged_back_minor, picture.refunded_minor) == (100, 0)
    assert (picture.method, picture.foreign_type) == ("", "unknown")


@pytest.mark.parametrize(
    ("name", "amount", "reason"),
    [
        ("paymentWithDirectChargeback.json", 100, reasons.CHARGED_BACK),
        ("paymentWithDirectChargeback.json", 101, reasons.EXCEEDS),
        ("paymentWithMultipleChargebacks.json", 1, reasons.UNSUPPORTED),
    ],
)
def test_nothing_is_given_back_of_what_was_charged_back(name: str, amount: int, reason: str) -> None:
    """The payments of the samples hold nothing any more: no request that changes something leaves."""
    content = _sample(name)
    payment_id = json.loads(content)["id"]

    def handler(request: httpx.Request) -> httpx.Response:
        assert request.method == "GET"
        return httpx.Response(200, content=content)

    result = adapter(handler).refund("main", refund_for(payment_id, amount), Earlier(), lambda: None)
    assert (result.outcome, result.reason) == (Outcome.DECLINED, reason)


def test_a_chargeback_transaction() -> None:
    """A single transaction tells by its flags how it stands."""
    assert flag(parsed(200, _sample("chargeback.json")).body) == "success"


@pytest.mark.parametrize("name", ["paylaterPlansResponse.json", "sofortResponseWithIban.json"])
def test_other_resources_are_answers_too(name: str) -> None:
    """What is no payment is still a readable answer."""
    assert not json.loads(_sample(name)).get("errors")
    assert not parsed(200, _sample(name)).refused
