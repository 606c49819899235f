"""Taking a hold whole or in parts, and giving up what is left of it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest

from adapters.stripe_psp.adapter import StripeHolds
from domain import reasons
from domain.outcomes import OperationResult, Outcome
from domain.ports import Earlier
from tests.contract.stripe.merchant import AMOUNT, REFERENCE, Asked, Merchant, capture, case, void

FIRST = Earlier()
ASK = Earlier(sends=1, may_send=False)
AGAIN = Earlier(sends=1, may_send=True, over=True)
NOW = datetime(2027, 3, 1, 10, 0, tzinfo=UTC)
IN_PARTS = {"features": ["multicapture"]}


async def _capture(
    holds: StripeHolds, hold: str, amount: int = AMOUNT, earlier: Earlier = FIRST, **more: Any
) -> OperationResult:
    return await holds.capture("main", capture(hold, amount, **more), earlier, Asked().permits)


async def _void(holds: StripeHolds, hold: str, earlier: Earlier = FIRST, **more: Any) -> OperationResult:
    return await holds.void("main", void(hold, **more), earlier, Asked().permits)


async def test_a_final_capture_is_one_request(merchant: Merchant, holds: StripeHolds) -> None:
    """No question before it, and no word about the rest, which is let go unless told otherwise."""
    seeded, asked = merchant.seed(), Asked()
    result = await holds.capture("main", capture(seeded["payment_intent"], 4000), FIRST, asked.permits)
    assert (result.outcome, result.evidence.reference) == (Outcome.SUCCEEDED, seeded["charge"])
    assert (result.evidence.amount_minor, result.evidence.found_by_reading) == (4000, False)
    assert asked.asked == ["send"]
    assert parse_qs(merchant.sent()[0]["body"]) == {
        "amount_to_capture": ["4000"],
        "metadata[holdfast_capture]": [REFERENCE],
        "metadata[holdfast_document]": ["RE-1"],
        "expand[0]": ["latest_charge"],
    }
    assert merchant.effects() == [("captured", 4000), ("released", 6000)]


async def test_a_capture_that_keeps_the_rest(merchant: Merchant, holds: StripeHolds) -> None:
    """Where the charge may be captured in parts, what is left stays held and is taken later."""
    hold = merchant.hold(**IN_PARTS)
    for number, (amount, final) in enumerate(((3000, False), (2000, False), (4000, True))):
        result = await _capture(holds, hold, amount, final=final, reference=f"REF{number}")
        assert (result.outcome, result.evidence.amount_minor) == (Outcome.SUCCEEDED, amount)
        read = await holds.read("main", case(hold), hold)
        assert read.open_minor == (0 if final else AMOUNT - read.captured_minor)
    told = [parse_qs(one["body"]).get("final_capture") for one in merchant.sent()]
    assert told == [["false"], ["false"], None]
    assert merchant.effects() == [("captured", 3000), ("captured", 2000), ("captured", 4000), ("released", 1000)]


async def test_the_last_part_keeps_nothing(merchant: Merchant, holds: StripeHolds) -> None:
    """All that is left is taken: the hold ends, though nobody said that this was the last capture."""
    hold = merchant.hold(**IN_PARTS)
    await _capture(holds, hold, 3000, final=False)
    assert (await _capture(holds, hold, 7000, final=False, reference="REFLAST")).outcome is Outcome.SUCCEEDED
    assert "final_capture" not in merchant.sent()[1]["body"]
    assert (await holds.read("main", case(hold), hold)).open_minor == 0


async def test_a_hold_that_cannot_be_captured_in_parts_is_not_asked_to(merchant: Merchant, holds: StripeHolds) -> None:
    """Feature asked for and not granted: the capture goes out plain, and the rest is let go."""
    hold = merchant.hold(card="pm_card_credit_disableEnterpriseCardFeatures", **IN_PARTS)
    assert (await _capture(holds, hold, 3000, final=False)).outcome is Outcome.SUCCEEDED
    assert "final_capture" not in merchant.sent()[0]["body"]
    assert merchant.effects() == [("captured", 3000), ("released", 7000)]


async def test_a_lost_part_is_told_from_the_parts_of_others(merchant: Merchant, holds: StripeHolds) -> None:
    """Our reference stands in the payment with the capture: amounts alone would take somebody's for ours."""
    hold = merchant.hold(**IN_PARTS)
    merchant.fault("refuse", "payment_intents.capture")
    assert (await _capture(holds, hold, 3000, final=False)).outcome is Outcome.UNKNOWN
    merchant.happens(hold, "capture", amount_minor=3000, final=False)
    assert (await _capture(holds, hold, 3000, ASK, final=False)).reason == reasons.TOO_EARLY
    merchant.fault("drop_after", "payment_intents.capture")
    assert (await _capture(holds, hold, 3000, AGAIN, final=False)).outcome is Outcome.UNKNOWN
    found = await _capture(holds, hold, 3000, ASK, final=False)
    assert (found.outcome, found.evidence.found_by_reading, found.evidence.amount_minor) == (
        Outcome.SUCCEEDED,
        True,
        3000,
    )
    assert merchant.payment(hold)["amount_received_minor"] == 6000


@pytest.mark.rule("A8")
@pytest.mark.parametrize(
    "code",
    ["payment_intent_unexpected_state", "charge_expired_for_capture", "capture_charge_authorization_expired"],
)
async def test_a_capture_after_the_deadline(merchant: Merchant, holds: StripeHolds, code: str) -> None:
    """Whatever code the provider has for it, reading tells that the hold ran out; the second time, too."""
    merchant.configure(expired_capture_code=code)
    merchant.stand_at(NOW)
    hold = merchant.hold()
    merchant.stand_at(NOW + timedelta(days=7, seconds=1))
    for earlier in (FIRST, AGAIN):
        result = await _capture(holds, hold, earlier=earlier)
        assert (result.outcome, result.reason, result.evidence.code) == (
            Outcome.DECLINED,
            reasons.EXPIRED,
            "canceled",
        )
    assert merchant.effects() == []


async def test_a_wrong_state_that_nobody_may_read_ends_nothing(merchant: Merchant, holds: StripeHolds) -> None:
    """Without the look it is not known what the refusal means; it is found out later."""
    hold = merchant.hold()
    merchant.happens(hold, "cancel")
    asked = Asked(looks=0, retry_at=NOW)
    result = await holds.capture("main", capture(hold), FIRST, asked.permits)
    assert (result.outcome, result.reason, result.retry_at) == (Outcome.NOT_SENT, reasons.PAUSED, NOW)
    assert (await _capture(holds, hold, earlier=AGAIN)).reason == reasons.EXPIRED


async def test_a_wrong_state_that_is_over_is_passed_by(merchant: Merchant, holds: StripeHolds) -> None:
    """The key remembers that the customer had not authenticated yet; meanwhile the money is held."""
    hold = merchant.hold(state="requires_action")
    merchant.fault("drop_after", "payment_intents.capture")
    assert (await _capture(holds, hold)).outcome is Outcome.UNKNOWN
    merchant.happens(hold, "authenticate", outcome="succeeded")
    result = await _capture(holds, hold, earlier=AGAIN)
    assert (result.outcome, result.evidence.amount_minor) == (Outcome.SUCCEEDED, AMOUNT)
    assert [one["idempotency_key"] for one in merchant.sent()][-1] == f"{REFERENCE}:capture:2"


@pytest.mark.parametrize(("state", "code"), [("requires_action", "requires_action"), ("created", "requires")])
async def test_what_is_not_held_yet_cannot_be_captured(
    merchant: Merchant, holds: StripeHolds, state: str, code: str
) -> None:
    """Refused, with the provider's word for how it stands."""
    result = await _capture(holds, merchant.hold(state=state))
    assert (result.outcome, result.reason) == (Outcome.DECLINED, reasons.REFUSED)
    assert result.evidence.code.startswith(code)


async def test_more_than_is_held(merchant: Merchant, holds: StripeHolds) -> None:
    """Unless the card lets more be taken than was held."""
    result = await _capture(holds, merchant.hold(), AMOUNT + 1)
    assert (result.outcome, result.reason) == (Outcome.DECLINED, reasons.EXCEEDS)
    generous = merchant.hold(features=["overcapture"])
    assert (await _capture(holds, generous, AMOUNT + 1000)).evidence.amount_minor == AMOUNT + 1000


async def test_a_void_cancels(merchant: Merchant, holds: StripeHolds) -> None:
    """Looked at, then cancelled by its id; no refund comes of it."""
    hold, asked = merchant.hold(), Asked()
    result = await holds.void("main", void(hold), FIRST, asked.permits)
    assert (result.outcome, result.evidence.reference, result.evidence.amount_minor) == (
        Outcome.SUCCEEDED,
        hold,
        AMOUNT,
    )
    assert asked.asked == ["look", "send"]
    assert merchant.effects() == [("released", AMOUNT)]
    assert merchant.payment(hold)["refunds"] == []


@pytest.mark.parametrize("kind", ["", "drop_after", "refuse"])
async def test_the_rest_of_a_hold_in_parts_is_let_go(merchant: Merchant, holds: StripeHolds, kind: str) -> None:
    """After a partial capture a cancel is impossible: nothing is captured for the last time, and that is found."""
    hold = merchant.hold(**IN_PARTS)
    await _capture(holds, hold, 3000, final=False)
    if kind:
        merchant.fault(kind, "payment_intents.capture")
    result = await _void(holds, hold, captured_minor=3000, reference="REFVOID")
    if kind:
        assert result.outcome is Outcome.UNKNOWN
        result = await _void(holds, hold, AGAIN, captured_minor=3000, reference="REFVOID")
    assert (result.outcome, result.evidence.amount_minor) == (Outcome.SUCCEEDED, 7000)
    assert merchant.effects() == [("captured", 3000), ("released", 7000)]
    assert {one["idempotency_key"] for one in merchant.sent()} == {f"{REFERENCE}:capture", "REFVOID:release"}
    read = await holds.read("main", case(hold), hold)
    assert (read.captured_minor, read.open_minor) == (3000, 0)


async def test_a_rest_that_ran_out_needs_no_void(merchant: Merchant, holds: StripeHolds) -> None:
    """The deadline of a hold in parts: what was taken stays taken, and there is nothing left to give up."""
    hold = merchant.hold(**IN_PARTS)
    await _capture(holds, hold, 3000, final=False)
    merchant.happens(hold, "expire")
    result = await _void(holds, hold, captured_minor=3000, reference="REFVOID")
    assert (result.outcome, result.evidence.amount_minor) == (Outcome.SUCCEEDED, 0)
    assert [one["call"] for one in merchant.sent()] == ["payment_intents.capture"]


async def test_a_rest_that_somebody_else_took_is_no_void(merchant: Merchant, holds: StripeHolds) -> None:
    """More was captured than our books say, and a capture is never taken back."""
    hold = merchant.hold(**IN_PARTS)
    await _capture(holds, hold, 3000, final=False)
    merchant.happens(hold, "capture", amount_minor=2000, final=True)
    result = await _void(holds, hold, captured_minor=3000, reference="REFVOID")
    assert (result.outcome, result.reason) == (Outcome.DECLINED, reasons.LAST_WAS_CAPTURE)


async def test_a_part_that_is_taken_under_our_hands_turns_the_void(merchant: Merchant, holds: StripeHolds) -> None:
    """Somebody captures a part between our look and our cancel: the refusal is read, and the rest is let go."""
    hold = merchant.hold(**IN_PARTS)

    def permit() -> None:
        if not merchant.payment(hold)["amount_received_minor"]:
            merchant.happens(hold, "capture", amount_minor=1000, final=False)

    result = await holds.void("main", void(hold), FIRST, permit)
    assert (result.outcome, result.evidence.amount_minor) == (Outcome.SUCCEEDED, AMOUNT - 1000)
    assert [one["idempotency_key"] for one in merchant.sent()] == [f"{REFERENCE}:cancel", f"{REFERENCE}:release"]


@pytest.mark.parametrize("state", ["created", "requires_action", "declined"])
async def test_what_never_was_held_is_closed(merchant: Merchant, holds: StripeHolds, state: str) -> None:
    """A payment that the customer has not finished: nothing is given up, and nobody can finish it any more."""
    hold = merchant.hold(state=state)
    result = await _void(holds, hold)
    assert (result.outcome, result.evidence.amount_minor) == (Outcome.SUCCEEDED, 0)
    assert merchant.payment(hold)["status"] == "canceled"
    assert merchant.effects() == []
