"""Holds run out by the clock of the account: on access, by themselves, and when a simulation releases them."""

from datetime import UTC, datetime
from typing import Any

import pytest
import stripe

from simulation.clock import SandboxClock
from tests.sandboxes.stripe.conftest import DAY, START, Merchant, until

SHORT = 4 * DAY + 18 * 3600


def deadline(merchant: Merchant, charge: str) -> int:
    card: Any = merchant.v1.charges.retrieve(charge).payment_method_details.card
    return int(card.capture_before - datetime.fromisoformat(START).timestamp())


@pytest.mark.rule("SX6")
@pytest.mark.parametrize(
    ("token", "off_session", "seconds"),
    [
        ("pm_card_visa", False, 7 * DAY),
        ("pm_card_visa", True, SHORT),
        ("pm_card_mastercard", True, 7 * DAY),
        ("pm_card_amex", True, 7 * DAY),
        ("pm_card_discover", False, 7 * DAY),
    ],
)
def test_windows_by_brand_and_initiator(merchant: Merchant, token: str, off_session: bool, seconds: int) -> None:
    """Only Visa is shorter when the merchant starts the payment."""
    merchant.clock(instant=START, frozen=True)
    seeded = merchant.seed(card=token, off_session=off_session)
    assert deadline(merchant, seeded["charge"]) == seconds


@pytest.mark.rule("SX6")
def test_extended_windows(merchant: Merchant) -> None:
    """On request Visa holds 29 d 18 h for the customer's own payment, others 30 days; Visa renewals stay short."""
    merchant.clock(instant=START, frozen=True)
    wanted: dict[str, Any] = {"features": ["extended_authorization"]}
    assert deadline(merchant, merchant.seed(**wanted)["charge"]) == 29 * DAY + 18 * 3600
    assert deadline(merchant, merchant.seed(card="pm_card_mastercard", **wanted)["charge"]) == 30 * DAY
    renewed = merchant.seed(off_session=True, **wanted)
    assert (deadline(merchant, renewed["charge"]), renewed["features"]) == (SHORT, [])
    merchant.configure(country="JP")
    assert deadline(merchant, merchant.seed(5000, currency="jpy", off_session=True)["charge"]) == 30 * DAY


def test_a_hold_is_gone_when_it_is_looked_at_too_late(merchant: Merchant) -> None:
    """Cancelled with the reason expired at the deadline, not at the moment of the look; capture is refused."""
    merchant.clock(instant=START, frozen=True, hold=True)
    held = merchant.seed()["payment_intent"]
    merchant.stand_at(7 * DAY - 1)
    assert merchant.v1.payment_intents.retrieve(held).status == "requires_capture"
    merchant.stand_at(8 * DAY)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        merchant.v1.payment_intents.capture(held, {}, merchant.once())
    assert refused.value.code == "payment_intent_unexpected_state"
    gone = merchant.v1.payment_intents.retrieve(held)
    assert (gone.status, gone.cancellation_reason, gone.amount_capturable) == ("canceled", "expired", 0)
    assert gone.canceled_at == gone.created + 7 * DAY
    assert merchant.effects("by", "reason") == [
        ("authorized", 10000, "seed", None),
        ("expired", 10000, "clock", "expired"),
    ]
    assert merchant.events()[-2:] == ["charge.expired", "payment_intent.canceled"]


@pytest.mark.parametrize("code", ["charge_expired_for_capture", "capture_charge_authorization_expired"])
def test_the_other_codes_of_a_late_capture(merchant: Merchant, code: str) -> None:
    """Which code comes is not certain, so each of them can be chosen."""
    merchant.configure(expired_capture_code=code)
    held = merchant.seed()["payment_intent"]
    assert merchant.hook(held, "expire").json()["status"] == "canceled"
    with pytest.raises(stripe.InvalidRequestError) as refused:
        merchant.v1.payment_intents.capture(held, {}, merchant.once())
    assert refused.value.code == code


@pytest.mark.rule("SX6")
def test_a_partly_captured_hold_succeeds_at_its_deadline(merchant: Merchant) -> None:
    """What was taken stays taken, the rest is gone."""
    merchant.clock(instant=START, frozen=True)
    held = merchant.seed(features=["multicapture"])["payment_intent"]
    taking = {"amount_to_capture": 2500, "final_capture": False}
    merchant.v1.payment_intents.capture(held, taking, merchant.once())
    merchant.stand_at(7 * DAY)
    ended = merchant.v1.payment_intents.retrieve(held, {"expand": ["latest_charge"]})
    assert (ended.status, ended.amount_received, ended.amount_capturable) == ("succeeded", 2500, 0)
    assert (ended.latest_charge.captured, ended.latest_charge.amount_captured) == (True, 2500)
    assert merchant.effects() == [("authorized", 10000), ("captured", 2500), ("expired", 7500)]


async def test_a_simulation_finds_the_next_expiry(merchant: Merchant) -> None:
    """The end of the oldest hold is the next own event; nothing happens before it is released."""
    clock = SandboxClock(merchant.url, merchant.name)
    start = datetime.fromisoformat(START)
    await clock.set(start, hold=True)
    visa, other = merchant.seed(off_session=True)["payment_intent"], merchant.seed(2000)["payment_intent"]
    seen = await clock.changes()
    due = await clock.next_event()
    assert due is not None
    assert due.timestamp() - start.timestamp() - SHORT < 60
    await clock.set(due, hold=True)
    assert await clock.pending() == 1
    assert await clock.release() == 1
    assert await clock.changes() == seen + 1
    assert (merchant.view(visa)["status"], merchant.view(other)["status"]) == ("canceled", "requires_capture")
    merchant.v1.payment_intents.cancel(other, {}, merchant.once())
    assert await clock.next_event() is None
    await clock.aclose()


@pytest.mark.rule("SX11")
async def test_a_hold_ends_by_itself_as_time_passes(merchant: Merchant) -> None:
    """Without hold nobody has to look: the clock is enough."""
    merchant.clock(instant=START, frozen=True)
    merchant.seed()
    merchant.stand_at(7 * DAY)
    await until(lambda: merchant.effects()[-1:] == [("expired", 10000)])
    assert datetime.now(UTC).tzinfo is not None


@pytest.mark.rule("SX11")
def test_a_clock_set_back_keeps_what_happened(merchant: Merchant) -> None:
    """An expired hold stays expired, and a later one can be made in the past."""
    merchant.clock(instant=START, frozen=True)
    first = merchant.seed()["payment_intent"]
    merchant.stand_at(7 * DAY)
    assert merchant.view(first)["status"] == "canceled"
    merchant.stand_at(0)
    second = merchant.seed()
    assert (merchant.view(first)["status"], second["status"]) == ("canceled", "requires_capture")


def test_asynchronous_refunds_end_later(merchant: Merchant) -> None:
    """One card's refunds are pending first, the other's fail after they had succeeded and give the money back."""
    merchant.clock(instant=START, frozen=True)
    ends = {}
    for token, first, last in (
        ("pm_card_pendingRefund", "pending", "succeeded"),
        ("pm_card_refundFail", "succeeded", "failed"),
    ):
        taken = merchant.seed(card=token, state="captured")["payment_intent"]
        made = merchant.v1.refunds.create({"payment_intent": taken}, merchant.once())
        assert made.status == first
        ends[made.id] = last
    merchant.stand_at(3600)
    for refund, last in ends.items():
        assert merchant.v1.refunds.retrieve(refund).status == last
    assert merchant.v1.charges.retrieve(merchant.view(taken)["charge"]).amount_refunded == 0
    assert merchant.effects()[-1] == ("refund_failed", 10000)
