"""The provider's own sample payments, which lie outside this project, are read as they are."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.unzer.answers import flag, parsed
from adapters.unzer.payment import payment_from, snapshot
from domain.facts import PaymentSnapshot, Standing

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


def test_a_chargeback_transaction() -> None:
    """A single transaction tells by its flags how it stands."""
    assert flag(parsed(200, _sample("chargeback.json")).body) == "success"


@pytest.mark.parametrize("name", ["paylaterPlansResponse.json", "sofortResponseWithIban.json"])
def test_other_resources_are_answers_too(name: str) -> None:
    """What is no payment is still a readable answer."""
    assert not json.loads(_sample(name)).get("errors")
    assert not parsed(200, _sample(name)).refused
