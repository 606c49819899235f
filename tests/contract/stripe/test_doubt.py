"""Doubts that are Stripe's own: two steps, keys that remember failures for a day and are forgotten then, long lists."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.stripe_psp.adapter import StripeHolds
from domain import reasons
from domain.authorization.declines import Decline
from domain.outcomes import OperationResult, Outcome
from domain.ports import Earlier
from tests.contract.stripe.merchant import AMOUNT, REFERENCE, Asked, Merchant, authorization, capture, refund, void

FIRST = Earlier()
ASK = Earlier(sends=1, may_send=False)
AGAIN = Earlier(sends=1, may_send=True, over=True)
GIVEN_UP = Earlier(sends=1, may_send=False, over=True, withdrawn=True)
NOW = datetime(2027, 3, 1, 10, 0, tzinfo=UTC)
LOST = ("drop_after", "refuse", "malformed")


async def _authorize(holds: StripeHolds, first: str, earlier: Earlier = FIRST, **more: Any) -> OperationResult:
    return await holds.authorize("main", authorization(first, **more), earlier, Asked().permits)


@pytest.mark.rule("SI5")
@pytest.mark.parametrize("kind", LOST)
@pytest.mark.parametrize("repeat", [ASK, AGAIN, GIVEN_UP])
async def test_a_lost_first_step_holds_nothing(
    merchant: Merchant, holds: StripeHolds, kind: str, repeat: Earlier
) -> None:
    """Made or not, it was not confirmed: it is confirmed only if it may be, and otherwise stays what holds nothing."""
    first = merchant.hold()
    merchant.fault(kind, "payment_intents.create")
    assert (await _authorize(holds, first)).outcome is Outcome.UNKNOWN
    assert merchant.effects() == []
    result = await _authorize(holds, first, repeat)
    if repeat.may_send:
        assert (result.outcome, result.evidence.amount_minor) == (Outcome.SUCCEEDED, AMOUNT)
        assert merchant.effects() == [("authorized", AMOUNT)]
    else:
        ended = (Outcome.DECLINED, reasons.WITHDRAWN) if repeat.withdrawn else (Outcome.UNKNOWN, reasons.TOO_EARLY)
        assert (result.outcome, result.reason) == ended
        assert merchant.effects() == []
    assert len(merchant.payments()) <= 2


@pytest.mark.rule("SI5", "SI1")
@pytest.mark.parametrize("earlier", [ASK, AGAIN, GIVEN_UP])
async def test_a_lost_second_step_is_found(merchant: Merchant, holds: StripeHolds, earlier: Earlier) -> None:
    """The hold stands, wanted or not: it is found with all that its answer would have told."""
    first = merchant.hold(features=["multicapture"])
    merchant.fault("drop_after", "payment_intents.confirm")
    assert (await _authorize(holds, first)).outcome is Outcome.UNKNOWN
    found = await _authorize(holds, first, earlier)
    assert (found.outcome, found.evidence.found_by_reading, found.evidence.currency) == (Outcome.SUCCEEDED, True, "EUR")
    assert found.evidence.hold is not None
    assert found.evidence.hold.deadline is not None
    assert found.evidence.hold.in_parts
    assert merchant.payment(found.evidence.reference)["status"] == "requires_capture"
    assert merchant.effects() == [("authorized", AMOUNT)]


@pytest.mark.rule("SI5")
async def test_a_second_confirmation_cannot_hold_twice(merchant: Merchant, holds: StripeHolds) -> None:
    """Somebody confirms just before we do: the provider refuses ours, and reading tells that it is held."""
    first, asked = merchant.hold(), []

    def permit() -> None:
        asked.append("send")
        if len(asked) == 2:
            merchant.api(f"payment_intents/{merchant.payments()[-1]['payment_intent']}/confirm", off_session="true")

    found = await holds.authorize("main", authorization(first), FIRST, permit)
    assert (found.outcome, found.evidence.found_by_reading) == (Outcome.SUCCEEDED, True)
    assert found.evidence.reference == merchant.payments()[-1]["payment_intent"]
    assert [one.get("error", "") for one in merchant.sent()] == ["", "", "payment_intent_unexpected_state"]
    assert merchant.effects() == [("authorized", AMOUNT)]


@pytest.mark.rule("SI3")
@pytest.mark.parametrize("call", ["payment_intents.create", "payment_intents.confirm"])
async def test_after_a_day_the_key_protects_nothing_and_reading_does(
    merchant: Merchant, holds: StripeHolds, call: str
) -> None:
    """The provider has forgotten the key: what was made is found by its metadata and not made again."""
    merchant.stand_at(NOW)
    first = merchant.hold()
    merchant.fault("drop_after", call)
    await _authorize(holds, first)
    merchant.stand_at(NOW + timedelta(hours=25))
    found = await _authorize(holds, first, AGAIN)
    assert found.outcome is Outcome.SUCCEEDED
    assert len(merchant.payments()) == 2
    assert merchant.effects() == [("authorized", AMOUNT)]


Effect = Callable[[StripeHolds, str, Earlier], Any]
EFFECTS: dict[str, tuple[Effect, str, str]] = {
    "confirm": (_authorize, "authorized", "payment_intents.confirm"),
    "create": (_authorize, "authorized", "payment_intents.create"),
    "capture": (lambda h, p, e: h.capture("main", capture(p), e, Asked().permits), "authorized", "*.capture"),
    "void": (lambda h, p, e: h.void("main", void(p), e, Asked().permits), "authorized", "*.cancel"),
    "refund": (lambda h, p, e: h.refund("main", refund(p), e, Asked().permits), "captured", "refunds.create"),
}


@pytest.mark.rule("SI1", "SI2")
@pytest.mark.parametrize(("effect", "state", "call"), EFFECTS.values(), ids=EFFECTS)
@pytest.mark.parametrize("after", [False, True])
async def test_a_failure_that_the_key_remembers_is_passed_by(
    merchant: Merchant, holds: StripeHolds, effect: Effect, state: str, call: str, after: bool
) -> None:
    """The key would bring the 500 back for a day. What took effect is found; what did not goes on under the next key,
    for a remembered answer proves that the first request is over."""
    payment = merchant.hold(state=state)
    call = call.replace("*", "payment_intents")
    merchant.special("server_error", call, after=after)
    first = await effect(holds, payment, FIRST)
    assert (first.outcome, first.reason) == (Outcome.UNKNOWN, reasons.SERVER_ERROR)
    again = await effect(holds, payment, AGAIN)
    assert again.outcome is Outcome.SUCCEEDED
    assert [amount for _, amount in merchant.effects()] == [AMOUNT]
    keys = [one["idempotency_key"] for one in merchant.sent() if one["call"] == call]
    assert (keys[-1] == f"{keys[0]}:2") is not after
    assert merchant.violations() == []


@pytest.mark.rule("SI4")
@pytest.mark.parametrize(("effect", "state", "call"), EFFECTS.values(), ids=EFFECTS)
async def test_a_repetition_says_the_very_same(
    merchant: Merchant, holds: StripeHolds, effect: Effect, state: str, call: str
) -> None:
    """The same key and the same body, to the byte."""
    payment = merchant.hold(state=state)
    call = call.replace("*", "payment_intents")
    merchant.fault("refuse", call)
    await effect(holds, payment, FIRST)
    await effect(holds, payment, AGAIN)
    first, second = ((one["path"], one["body"]) for one in merchant.sent() if one["call"] == call)
    assert first == second


@pytest.mark.rule("SI2")
async def test_a_new_attempt_after_a_refusal_has_a_new_key(merchant: Merchant, holds: StripeHolds) -> None:
    """The old key would bring the old refusal back; another attempt has another reference."""
    first = merchant.hold()
    merchant.lay_down("generic_decline")
    assert (await _authorize(holds, first)).reason == Decline.BY_ISSUER
    assert (await _authorize(holds, first, AGAIN)).reason == Decline.BY_ISSUER
    assert (await _authorize(holds, first, reference="REFATTEMPT2")).outcome is Outcome.SUCCEEDED
    assert merchant.effects() == [("authorized", AMOUNT)]


async def test_what_was_made_is_found_among_many(merchant: Merchant, holds: StripeHolds) -> None:
    """A customer with more payments than fit on a page, and older ones that cannot be it."""
    seeded = merchant.seed()
    merchant.fault("drop_after", "payment_intents.confirm")
    await _authorize(holds, seeded["payment_intent"])
    for _ in range(105):
        merchant.seed(100, customer=seeded["customer"], payment_method=seeded["payment_method"], state="created")
    found = await _authorize(holds, seeded["payment_intent"], ASK)
    assert (found.outcome, found.evidence.found_by_reading) == (Outcome.SUCCEEDED, True)
    assert merchant.calls().count("payment_intents.list") == 2


async def test_the_hold_before_bounds_the_search(merchant: Merchant, holds: StripeHolds) -> None:
    """What follows a hold is no older than it: only payments since then are listed."""
    merchant.stand_at(NOW)
    first = merchant.hold()
    merchant.stand_at(NOW + timedelta(days=5))
    second = (await _authorize(holds, first, reference="REFSECOND")).evidence.reference
    merchant.stand_at(NOW + timedelta(days=9))
    merchant.fault("drop_after", "payment_intents.confirm")
    await _authorize(holds, first, previous_hold_id=second, number=3)
    found = await _authorize(holds, first, ASK, previous_hold_id=second, number=3)
    assert found.outcome is Outcome.SUCCEEDED
    listed = next(one for one in merchant.log() if one["call"] == "payment_intents.list")
    assert f"created[gte]={int((NOW + timedelta(days=5)).timestamp())}" in listed["query"]


@pytest.mark.parametrize("what", ["capture", "cancel", "expire"])
async def test_a_hold_that_somebody_ended_was_placed_all_the_same(
    merchant: Merchant, holds: StripeHolds, what: str
) -> None:
    """The answer is lost, then somebody takes or ends the hold: the authorization took effect, reading tells the
    rest."""
    first = merchant.hold()
    merchant.fault("drop_after", "payment_intents.confirm")
    await _authorize(holds, first)
    merchant.happens(merchant.payments()[-1]["payment_intent"], what)
    found = await _authorize(holds, first, ASK)
    assert (found.outcome, found.evidence.amount_minor) == (Outcome.SUCCEEDED, AMOUNT)


async def test_what_was_cancelled_before_it_was_confirmed_is_refused(merchant: Merchant, holds: StripeHolds) -> None:
    """Somebody closed what waited for its second step: nothing is held, and nothing is made anew for it."""
    first = merchant.hold()
    merchant.fault("drop_after", "payment_intents.create")
    await _authorize(holds, first)
    merchant.happens(merchant.payments()[-1]["payment_intent"], "cancel")
    assert (await _authorize(holds, first, ASK)).outcome is Outcome.UNKNOWN
    ended = await _authorize(holds, first, AGAIN)
    assert (ended.outcome, ended.reason, ended.evidence.code) == (Outcome.DECLINED, Decline.OTHER, "canceled")


async def test_a_first_hold_that_disappeared_ends_no_doubt(merchant: Merchant, holds: StripeHolds) -> None:
    """The key of another account: that it knows nothing of the payment says nothing about the request before."""
    for effect, *_ in EFFECTS.values():
        result = await effect(holds, "pi_3MtwBwLkdIwHu7ix28a3tqPa", AGAIN)
        assert (result.outcome, result.reason) == (Outcome.UNKNOWN, reasons.NOT_FOUND)
    assert merchant.sent() == []


async def test_a_permit_that_ends_between_the_steps_holds_nothing(merchant: Merchant, holds: StripeHolds) -> None:
    """The pause comes after the first step: nothing is held, so it is not sent, and goes on from there later."""
    first, until = merchant.hold(), NOW
    asked = Asked(sends=1, retry_at=until)
    stopped = await holds.authorize("main", authorization(first), FIRST, asked.permits)
    assert (stopped.outcome, stopped.reason, stopped.retry_at) == (Outcome.NOT_SENT, reasons.PAUSED, until)
    result = await _authorize(holds, first, Earlier(sends=1))
    assert result.outcome is Outcome.SUCCEEDED
    assert [one["call"] for one in merchant.sent()] == ["payment_intents.create", "payment_intents.confirm"]


async def test_a_refusal_whose_class_nobody_can_read_stays_open(merchant: Merchant, holds: StripeHolds) -> None:
    """Issuer or provider: the charge tells, and asking for it is stopped. Nothing is guessed; the next look ends it."""
    first = merchant.hold()
    merchant.lay_down("generic_decline")
    asked = Asked(looks=1)
    open_ = await holds.authorize("main", authorization(first), FIRST, asked.permits)
    assert (open_.outcome, open_.reason) == (Outcome.UNKNOWN, reasons.PAUSED)
    ended = await _authorize(holds, first, AGAIN)
    assert (ended.outcome, ended.reason) == (Outcome.DECLINED, Decline.BY_ISSUER)


async def test_a_refusal_that_speaks_for_itself_needs_no_look(merchant: Merchant, holds: StripeHolds) -> None:
    """A lost card is lost whoever says so."""
    first = merchant.hold()
    merchant.lay_down("lost_card")
    asked = Asked(looks=1)
    result = await holds.authorize("main", authorization(first), FIRST, asked.permits)
    assert (result.outcome, result.reason) == (Outcome.DECLINED, Decline.NEVER)
    assert result.evidence.trace.startswith("req_")
    assert REFERENCE not in result.evidence.trace
