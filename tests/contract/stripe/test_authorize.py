"""Holding money once more: two steps, the customer's card, the first hold's features, and what comes back."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest

from adapters.stripe_psp.adapter import StripeHolds
from domain.authorization.declines import Decline
from domain.outcomes import Outcome
from domain.ports import Earlier
from tests.contract.stripe.merchant import AMOUNT, REFERENCE, Asked, Merchant, authorization

FIRST = Earlier()
NOW = datetime(2027, 3, 1, 10, 0, tzinfo=UTC)
WINDOWS = {
    "pm_card_visa": timedelta(days=4, hours=18),
    "pm_card_mastercard": timedelta(days=7),
    "pm_card_amex": timedelta(days=7),
}


@pytest.mark.rule("SI5", "SI1")
async def test_a_hold_is_made_in_two_steps(merchant: Merchant, holds: StripeHolds) -> None:
    """Card read, PaymentIntent made without confirming it, then confirmed by its id, each under a key of its own."""
    first, asked = merchant.hold(), Asked()
    result = await holds.authorize("main", authorization(first), FIRST, asked.permits)
    assert (result.outcome, result.reason) == (Outcome.SUCCEEDED, "")
    assert asked.asked == ["look", "send", "send"]
    assert merchant.calls() == ["payment_intents.retrieve", "payment_intents.create", "payment_intents.confirm"]
    create, confirm = merchant.sent()
    assert create["idempotency_key"] == f"{REFERENCE}:create:{AMOUNT}"
    assert confirm["idempotency_key"] == f"{REFERENCE}:confirm:{AMOUNT}"
    assert confirm["path"] == f"/v1/payment_intents/{result.evidence.reference}/confirm"
    assert merchant.effects() == [("authorized", AMOUNT)]
    assert merchant.violations() == []


@pytest.mark.rule("A1", "A2", "A3", "A5")
async def test_what_the_two_steps_say(merchant: Merchant, holds: StripeHolds) -> None:
    """A card, held and not taken, of the customer who keeps it; off-session comes with the confirmation only."""
    seeded = merchant.seed()
    await holds.authorize("main", authorization(seeded["payment_intent"], 4000), FIRST, Asked().permits)
    create, confirm = (parse_qs(one["body"]) for one in merchant.sent())
    assert create == {
        "amount": ["4000"],
        "currency": ["eur"],
        "capture_method": ["manual"],
        "customer": [seeded["customer"]],
        "payment_method": [seeded["payment_method"]],
        "allowed_payment_method_types[0]": ["card"],
        "metadata[holdfast_reference]": [REFERENCE],
        "metadata[holdfast_case]": ["SO-1"],
        "metadata[holdfast_payout]": ["PAYOUT-1"],
        "metadata[holdfast_number]": ["2"],
    }
    assert confirm == {
        "payment_method": [seeded["payment_method"]],
        "off_session": ["true"],
        "expand[0]": ["latest_charge"],
    }


@pytest.mark.rule("A6")
@pytest.mark.parametrize(("card", "window"), WINDOWS.items())
async def test_the_deadline_is_the_one_of_the_charge(
    merchant: Merchant, holds: StripeHolds, card: str, window: timedelta
) -> None:
    """The evidence tells when the hold was placed and until when it is good, by the provider's own clock."""
    merchant.stand_at(NOW)
    result = await holds.authorize("main", authorization(merchant.hold(card=card)), FIRST, Asked().permits)
    evidence = result.evidence
    assert (evidence.at, evidence.amount_minor, evidence.currency) == (NOW, AMOUNT, "EUR")
    assert evidence.hold is not None
    assert (evidence.hold.deadline, evidence.hold.in_parts) == (NOW + window, False)
    assert evidence.trace.startswith("req_")
    assert not evidence.found_by_reading


@pytest.mark.rule("SR2", "SR3")
async def test_the_same_features_are_asked_for_again(merchant: Merchant, holds: StripeHolds) -> None:
    """A first hold that may be captured in parts is followed by one that may, over the open amount only."""
    first = merchant.hold(features=["multicapture", "overcapture"])
    result = await holds.authorize("main", authorization(first, 2500), FIRST, Asked().permits)
    made = merchant.payment(result.evidence.reference)
    assert (made["amount_minor"], sorted(made["features"])) == (2500, ["multicapture", "overcapture"])
    assert result.evidence.hold is not None
    assert result.evidence.hold.in_parts


async def test_a_hold_over_another_amount_starts_anew(merchant: Merchant, holds: StripeHolds) -> None:
    """A PaymentIntent that was made and never confirmed, for its turn did not come, is no hold over another amount."""
    first = merchant.hold()
    merchant.special("rate_limit", "payment_intents.confirm")
    stopped = await holds.authorize("main", authorization(first), FIRST, Asked().permits)
    assert stopped.outcome is Outcome.NOT_SENT
    result = await holds.authorize("main", authorization(first, 3000), Earlier(sends=1), Asked().permits)
    assert (result.outcome, result.evidence.amount_minor) == (Outcome.SUCCEEDED, 3000)
    assert merchant.effects() == [("authorized", 3000)]


@pytest.mark.rule("SR1")
async def test_without_a_customer_there_is_nothing_to_authorize(merchant: Merchant, holds: StripeHolds) -> None:
    """A payment without customer or card can be followed by the customer only, and nothing is sent."""
    nobody = merchant.api("payment_intents", amount=AMOUNT, currency="eur", capture_method="manual")
    before = len(merchant.sent())
    result = await holds.authorize("main", authorization(nobody["id"]), FIRST, Asked().permits)
    assert (result.outcome, result.reason) == (Outcome.DECLINED, Decline.CUSTOMER)
    assert len(merchant.sent()) == before


async def test_an_unknown_first_hold_is_refused(merchant: Merchant, holds: StripeHolds) -> None:
    """No card is known then; and no id reaches the path that is none."""
    for first in ("pi_unknown", "pi_x/../customers", "12345"):
        result = await holds.authorize("main", authorization(first), FIRST, Asked().permits)
        assert (result.outcome, result.reason, result.evidence.code) == (
            Outcome.DECLINED,
            Decline.OTHER,
            "resource_missing",
        )
    assert merchant.calls() == ["payment_intents.retrieve"]


@pytest.mark.parametrize(
    ("amount", "code", "reason"),
    [(10, "amount_too_small", Decline.AMOUNT), (100_000_000, "amount_too_large", Decline.AMOUNT)],
)
async def test_an_amount_that_cannot_be_is_refused(
    merchant: Merchant, holds: StripeHolds, amount: int, code: str, reason: Decline
) -> None:
    """The provider's word stands in the evidence."""
    result = await holds.authorize("main", authorization(merchant.hold(), amount), FIRST, Asked().permits)
    assert (result.outcome, result.reason, result.evidence.code) == (Outcome.DECLINED, reason, code)
    assert merchant.effects() == []


async def test_a_card_that_was_taken_away_is_refused_as_data(merchant: Merchant, holds: StripeHolds) -> None:
    """The customer's card is gone: new data are needed, no issuer was asked."""
    first = merchant.hold()
    merchant.special(
        "error", "payment_intents.create", code="resource_missing", param="payment_method", message="No such one"
    )
    result = await holds.authorize("main", authorization(first), FIRST, Asked().permits)
    assert (result.outcome, result.reason) == (Outcome.DECLINED, Decline.DATA)
