"""Giving money back: found by its metadata, and as it ends when that takes a while."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest

from adapters.stripe_psp.adapter import StripeHolds
from domain import reasons
from domain.outcomes import OperationResult, Outcome
from domain.ports import Earlier
from tests.contract.stripe.merchant import AMOUNT, REFERENCE, Asked, Merchant, refund

FIRST = Earlier()
ASK = Earlier(sends=1, may_send=False)
AGAIN = Earlier(sends=1, may_send=True, over=True)
ACCEPTED = Earlier(sends=1, may_send=False, over=True)
NOW = datetime(2027, 3, 1, 10, 0, tzinfo=UTC)


async def _refund(
    holds: StripeHolds, hold: str, amount: int = AMOUNT, earlier: Earlier = FIRST, **more: Any
) -> OperationResult:
    return await holds.refund("main", refund(hold, amount, **more), earlier, Asked().permits)


@pytest.mark.parametrize("undo", [False, True])
async def test_a_refund_is_one_request(merchant: Merchant, holds: StripeHolds, undo: bool) -> None:
    """Taking a capture back is the same thing here."""
    hold = merchant.hold(state="captured")
    result = await _refund(holds, hold, 2500, undo=undo)
    assert (result.outcome, result.evidence.amount_minor) == (Outcome.SUCCEEDED, 2500)
    assert result.evidence.reference == merchant.payment(hold)["refunds"][0]["refund"]
    assert parse_qs(merchant.sent()[0]["body"]) == {
        "payment_intent": [hold],
        "amount": ["2500"],
        "metadata[holdfast_reference]": [REFERENCE],
        "metadata[holdfast_document]": ["GS-1"],
    }
    assert merchant.sent()[0]["idempotency_key"] == f"{REFERENCE}:refund"
    assert merchant.calls() == ["refunds.create"]


@pytest.mark.rule("SI5", "SI3")
async def test_a_lost_refund_is_found_among_others(merchant: Merchant, holds: StripeHolds) -> None:
    """By its reference, days later, among refunds of the same amount that were given by hand or by us."""
    merchant.stand_at(NOW)
    hold = merchant.hold(state="captured")
    await _refund(holds, hold, 1000, reference="REFBEFORE")
    merchant.fault("drop_after", "refunds.create")
    assert (await _refund(holds, hold, 1000)).outcome is Outcome.UNKNOWN
    merchant.happens(hold, "refund", amount_minor=1000)
    merchant.stand_at(NOW + timedelta(days=3))
    found = await _refund(holds, hold, 1000, AGAIN)
    assert (found.outcome, found.evidence.found_by_reading) == (Outcome.SUCCEEDED, True)
    ours = [one for one in merchant.payment(hold)["refunds"] if one["metadata"].get("holdfast_reference") == REFERENCE]
    assert [one["refund"] for one in ours] == [found.evidence.reference]


async def test_a_refund_that_takes_a_while(merchant: Merchant, holds: StripeHolds) -> None:
    """Accepted first, done an hour later."""
    merchant.stand_at(NOW)
    hold = merchant.hold(state="captured", card="pm_card_pendingRefund")
    first = await _refund(holds, hold)
    assert (first.outcome, first.reason, first.evidence.amount_minor) == (Outcome.PENDING, reasons.WAITING, AMOUNT)
    assert (await _refund(holds, hold, earlier=ACCEPTED)).outcome is Outcome.PENDING
    merchant.stand_at(NOW + timedelta(hours=2))
    ended = await _refund(holds, hold, earlier=ACCEPTED)
    assert (ended.outcome, ended.evidence.found_by_reading) == (Outcome.SUCCEEDED, True)
    assert len(merchant.sent()) == 1


async def test_a_refund_that_fails_afterwards(merchant: Merchant, holds: StripeHolds) -> None:
    """The money came back to the merchant: nothing was given, and it is not given again without a new decision."""
    hold = merchant.hold(state="captured")
    merchant.fault("drop_after", "refunds.create")
    await _refund(holds, hold)
    made = merchant.payment(hold)["refunds"][0]["refund"]
    merchant.http.post(f"{merchant.url}/control/accounts/{merchant.name}/refunds/{made}/fail").raise_for_status()
    assert (await _refund(holds, hold, earlier=ASK)).outcome is Outcome.UNKNOWN
    ended = await _refund(holds, hold, earlier=AGAIN)
    assert (ended.outcome, ended.reason, ended.evidence.code) == (
        Outcome.DECLINED,
        reasons.REFUSED,
        "expired_or_canceled_card",
    )
    assert len(merchant.sent()) == 1


async def test_refunds_between_captures(merchant: Merchant, holds: StripeHolds) -> None:
    """A hold in parts: what was taken so far can be given back while the rest is held."""
    hold = merchant.hold(features=["multicapture"])
    merchant.happens(hold, "capture", amount_minor=3000, final=False)
    assert (await _refund(holds, hold, 3001, reference="REFTOOMUCH")).reason == reasons.EXCEEDS
    assert (await _refund(holds, hold, 3000)).outcome is Outcome.SUCCEEDED
    assert merchant.payment(hold)["amount_capturable_minor"] == 7000


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("charge_disputed", reasons.CHARGED_BACK),
        ("charge_already_refunded", reasons.EXCEEDS),
        ("resource_missing", reasons.NOT_FOUND),
        ("balance_insufficient", reasons.REFUSED),
    ],
)
async def test_a_refusal_has_a_reason(merchant: Merchant, holds: StripeHolds, code: str, reason: str) -> None:
    """In our words, and the provider's."""
    hold = merchant.hold(state="captured")
    merchant.special("error", "refunds.create", code=code)
    result = await _refund(holds, hold)
    assert (result.outcome, result.reason, result.evidence.code) == (Outcome.DECLINED, reason, code)
