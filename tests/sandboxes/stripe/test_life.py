"""The life of a payment with manual capture, told by the unmodified library."""

import collections
import contextlib
import random
from typing import Any

import pytest
import stripe
from stripe import StripeClient

from tests.sandboxes.stripe.conftest import DAY, Merchant


def figures(intent: Any) -> tuple[str, int, int]:
    return intent.status, intent.amount_capturable, intent.amount_received


def test_authorize_capture_and_refund(merchant: Merchant) -> None:
    """Customer, first payment, capture of everything, two refunds; the effects tell the whole story."""
    customer = merchant.v1.customers.create({"name": "Erika", "metadata": {"shop": "1"}}, merchant.once())
    held = merchant.create(
        customer=customer.id, payment_method="pm_card_visa", setup_future_usage="off_session", expand=["latest_charge"]
    )
    assert figures(held) == ("requires_capture", 10000, 0)
    assert (held.latest_charge.captured, held.latest_charge.paid, held.livemode) == (False, True, False)
    taken = merchant.v1.payment_intents.capture(held.id, {"expand": ["latest_charge"]}, merchant.once())
    assert figures(taken) == ("succeeded", 0, 10000)
    assert (taken.latest_charge.captured, taken.latest_charge.amount_captured) == (True, 10000)
    merchant.v1.refunds.create({"payment_intent": held.id, "amount": 2500, "reason": "duplicate"}, merchant.once())
    rest = merchant.v1.refunds.create({"charge": held.latest_charge.id}, merchant.once())
    assert (rest.amount, rest.status, rest.payment_intent) == (7500, "succeeded", held.id)
    charge = merchant.v1.charges.retrieve(held.latest_charge.id, {"expand": ["refunds"]})
    assert (charge.amount_refunded, charge.refunded, [one.amount for one in charge.refunds.data]) == (
        10000,
        True,
        [7500, 2500],
    )
    assert merchant.effects() == [("authorized", 10000), ("captured", 10000), ("refunded", 2500), ("refunded", 7500)]
    assert merchant.violations() == []


async def test_the_same_life_with_asynchronous_calls(merchant: Merchant, aclient: StripeClient) -> None:
    """Two steps: created without confirm, confirmed by id, and given up."""
    v1 = aclient.v1
    body: Any = {"amount": 5000, "currency": "eur", "capture_method": "manual", "payment_method": "pm_card_mastercard"}
    body["allowed_payment_method_types"] = ["card"]
    made = await v1.payment_intents.create_async(body, merchant.once())
    assert made.status == "requires_confirmation"
    held = await v1.payment_intents.confirm_async(made.id, {}, merchant.once())
    assert figures(held) == ("requires_capture", 5000, 0)
    given_up = await v1.payment_intents.cancel_async(held.id, {"cancellation_reason": "abandoned"}, merchant.once())
    assert (given_up.status, given_up.cancellation_reason) == ("canceled", "abandoned")
    assert merchant.effects("reason") == [("authorized", 5000, None), ("released", 5000, "abandoned")]
    listed = await v1.payment_intents.list_async({"limit": 1})
    assert [one.id async for one in listed.auto_paging_iter()] == [made.id]


@pytest.mark.rule("SX6")
def test_a_smaller_capture_releases_the_rest_without_a_refund(merchant: Merchant) -> None:
    """The rest is gone at once; neither a refund object nor a refunded amount comes of it."""
    held = merchant.seed()
    taken = merchant.v1.payment_intents.capture(
        held["payment_intent"],
        {"amount_to_capture": 4000, "expand": ["latest_charge.balance_transaction"]},
        merchant.once(),
    )
    charge = taken.latest_charge
    assert figures(taken) == ("succeeded", 0, 4000)
    assert (charge.amount, charge.amount_captured, charge.amount_refunded, charge.refunded) == (10000, 4000, 0, False)
    assert charge.balance_transaction.amount == 4000
    assert merchant.v1.refunds.list({"payment_intent": taken.id}).data == []
    assert merchant.effects("by")[1:] == [("captured", 4000, "api"), ("released", 6000, "api")]
    assert "charge.refunded" not in merchant.events()


@pytest.mark.rule("SX6")
def test_several_captures_when_the_feature_is_granted(merchant: Merchant) -> None:
    """With final_capture=false the hold lives on; the default ends it; zero releases the rest on purpose."""
    held = merchant.seed(features=["multicapture"])["payment_intent"]
    capture = merchant.v1.payment_intents.capture
    first = capture(held, {"amount_to_capture": 3000, "final_capture": False}, merchant.once())
    assert figures(first) == ("requires_capture", 7000, 3000)
    refund = merchant.v1.refunds.create({"payment_intent": held, "amount": 1000}, merchant.once())
    assert refund.amount == 1000
    with pytest.raises(stripe.InvalidRequestError, match="greater than"):
        merchant.v1.refunds.create({"payment_intent": held, "amount": 2001}, merchant.once())
    last = capture(held, {"amount_to_capture": 0, "final_capture": True}, merchant.once())
    assert figures(last) == ("succeeded", 0, 3000)
    assert [kind for kind, _ in merchant.effects()] == ["authorized", "captured", "refunded", "released"]


def test_without_the_feature_a_hold_is_captured_once(merchant: Merchant) -> None:
    """The status says unavailable, for the special card, without request and without grant."""
    merchant.configure(features=[])
    for seeded in (
        merchant.seed(),
        merchant.seed(features=["multicapture"]),
        merchant.seed(card="pm_card_credit_disableEnterpriseCardFeatures", features=["multicapture"]),
    ):
        charge = merchant.v1.charges.retrieve(seeded["charge"])
        assert charge.payment_method_details.card.multicapture.status == "unavailable"
    with pytest.raises(stripe.InvalidRequestError) as refused:
        merchant.v1.payment_intents.capture(seeded["payment_intent"], {"final_capture": False}, merchant.once())
    assert refused.value.param == "final_capture"


@pytest.mark.rule("SX5")
def test_what_is_over_is_refused(merchant: Merchant) -> None:
    """More than is held, more than was taken, a second capture, a refund of nothing."""
    v1, once = merchant.v1, merchant.once
    held = merchant.seed()["payment_intent"]

    def code(call: Any, *given: Any) -> Any:
        with pytest.raises(stripe.InvalidRequestError) as refused:
            call(*given, once())
        return refused.value.code, refused.value.param

    assert code(v1.payment_intents.capture, held, {"amount_to_capture": 10001}) == (
        "amount_too_large",
        "amount_to_capture",
    )
    assert code(v1.payment_intents.capture, held, {"amount_to_capture": 0})[0] == "parameter_invalid_integer"
    assert code(v1.refunds.create, {"payment_intent": held}) == (None, "payment_intent")
    v1.payment_intents.capture(held, {"amount_to_capture": 9000}, once())
    assert code(v1.payment_intents.capture, held, {})[0] == "payment_intent_unexpected_state"
    assert code(v1.payment_intents.cancel, held, {})[0] == "payment_intent_unexpected_state"
    assert code(v1.refunds.create, {"payment_intent": held, "amount": 9001}) == (None, "amount")
    v1.refunds.create({"payment_intent": held}, once())
    assert code(v1.refunds.create, {"payment_intent": held})[0] == "charge_already_refunded"
    assert [kind for kind, _ in merchant.effects()] == ["authorized", "captured", "released", "refunded"]


@pytest.mark.rule("SX5")
def test_a_wrong_state_carries_the_payment(merchant: Merchant) -> None:
    """A second confirm of a held payment is refused and shows the payment as it is."""
    held = merchant.seed()["payment_intent"]
    with pytest.raises(stripe.InvalidRequestError) as refused:
        merchant.v1.payment_intents.confirm(held, {}, merchant.once())
    error: Any = refused.value.error
    assert (error.code, error.payment_intent.id, error.payment_intent.status) == (
        "payment_intent_unexpected_state",
        held,
        "requires_capture",
    )
    assert merchant.effects() == [("authorized", 10000)]


@pytest.mark.rule("SX6")
def test_increment_and_overcapture(merchant: Merchant) -> None:
    """A hold grows when the feature is granted; a refused increment leaves it as it was; overcapture takes more."""
    held = merchant.seed(features=["incremental_authorization", "overcapture"])["payment_intent"]
    raised = merchant.v1.payment_intents.increment_authorization(held, {"amount": 12000}, merchant.once())
    assert figures(raised) == ("requires_capture", 12000, 0)
    merchant.lay_down("insufficient_funds", call="increment")
    with pytest.raises(stripe.CardError):
        merchant.v1.payment_intents.increment_authorization(held, {"amount": 13000}, merchant.once())
    assert figures(merchant.v1.payment_intents.retrieve(held)) == ("requires_capture", 12000, 0)
    charge = merchant.v1.payment_intents.retrieve(held, {"expand": ["latest_charge"]}).latest_charge
    most = charge.payment_method_details.card.overcapture.maximum_amount_capturable
    assert most == 13800
    taken = merchant.v1.payment_intents.capture(held, {"amount_to_capture": most}, merchant.once())
    assert figures(taken) == ("succeeded", 0, 13800)
    assert merchant.effects() == [("authorized", 10000), ("authorized", 2000), ("captured", 13800)]


def test_automatic_capture_takes_the_money_at_once(merchant: Merchant) -> None:
    """What a forgotten capture_method does."""
    body = {"amount": 700, "currency": "eur", "payment_method": "pm_card_visa", "confirm": True}
    never = {"enabled": True, "allow_redirects": "never"}
    made = merchant.v1.payment_intents.create({**body, "automatic_payment_methods": never}, merchant.once())
    assert figures(made) == ("succeeded", 0, 700)
    assert made.capture_method == "automatic_async"


def test_update_changes_texts_of_a_held_payment_only(merchant: Merchant) -> None:
    """Metadata merges and empties; the amount of a hold stays."""
    held = merchant.seed(metadata={"order": "1", "attempt": "1"})["payment_intent"]
    update = merchant.v1.payment_intents.update
    changed = update(held, {"metadata": {"attempt": "2", "order": ""}, "description": "later"}, merchant.once())
    assert (changed.metadata.to_dict(), changed.description) == ({"attempt": "2"}, "later")
    with pytest.raises(stripe.InvalidRequestError) as refused:
        update(held, {"amount": 1}, merchant.once())
    assert refused.value.code in ("payment_intent_unexpected_state", "amount_too_small")
    fresh = merchant.create()
    assert update(fresh.id, {"amount": 6000}, merchant.once()).amount == 6000


def test_rules_of_creation(merchant: Merchant) -> None:
    """A1 to A3: dashboard methods may redirect, some parameters need confirm, a stored card needs its customer."""
    _, method = merchant.customer()
    body: dict[str, Any] = {"amount": 1000, "currency": "eur", "capture_method": "manual"}
    cases: list[tuple[dict[str, Any], str]] = [
        ({"payment_method": "pm_card_visa", "confirm": True}, "return_url"),
        ({"off_session": True}, "off_session"),
        ({"return_url": "https://shop.example"}, "return_url"),
        ({"payment_method": method}, "payment_method"),
        ({"amount": 49}, "amount"),
        ({"currency": "xyz"}, "currency"),
        ({"payment_method_types": ["card"]}, "payment_method_types"),
    ]
    for more, param in cases:
        with pytest.raises(stripe.InvalidRequestError) as refused:
            merchant.v1.payment_intents.create({**body, **more}, merchant.once())
        assert refused.value.param == param, more
    assert refused.value.code == "payment_method_types_no_longer_supported"
    assert merchant.v1.payment_intents.list().data == []


def test_lists_expand_and_pages(merchant: Merchant) -> None:
    """Newest first, cursors in both directions, filters, `data.` in front of what is expanded."""
    customer, method = merchant.customer()
    merchant.clock(instant="2027-03-01T10:00:00+00:00", frozen=True)
    first = merchant.renew(customer, method, 1000)
    merchant.stand_at(DAY)
    second = merchant.renew(customer, method, 2000)
    merchant.create(3000)
    listed = merchant.v1.payment_intents.list({"customer": customer, "expand": ["data.latest_charge"]})
    assert [one.id for one in listed.data] == [second.id, first.id]
    assert listed.data[0].latest_charge.payment_intent == second.id
    since = merchant.v1.payment_intents.list({"customer": customer, "created": {"gte": second.created}})
    assert [one.id for one in since.data] == [second.id]
    paged = merchant.v1.payment_intents.list({"limit": 1})
    assert paged.has_more
    assert len(list(paged.auto_paging_iter())) == 3
    before = merchant.v1.payment_intents.list({"ending_before": first.id, "limit": 1})
    assert [one.id for one in before.data] == [second.id]
    for path in ("charge", "latest_charge.nothing", "metadata"):
        with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
            merchant.v1.payment_intents.retrieve(first.id, {"expand": [path]})
    charges = merchant.v1.charges.list({"payment_intent": second.id}).data
    assert [one.id for one in charges] == [second.latest_charge]


@pytest.mark.parametrize("seed", range(4))
def test_no_money_appears_or_disappears(merchant: Merchant, seed: int) -> None:
    """Whatever is asked in whatever order: held = taken + let go + run out + still open, and refunds stay below."""
    chance = random.Random(seed)
    features = ["multicapture", "incremental_authorization"]
    intents = [merchant.seed(1000, features=features)["payment_intent"] for _ in range(3)]
    v1, once = merchant.v1, merchant.once
    for _ in range(40):
        one, amount = chance.choice(intents), chance.randint(1, 1200)
        deed = chance.choice(("capture", "part", "part", "cancel", "refund", "increment", "expire", "zero"))
        with contextlib.suppress(stripe.InvalidRequestError):
            if deed in ("capture", "part"):
                taking = {"amount_to_capture": amount, "final_capture": deed == "capture"}
                v1.payment_intents.capture(one, taking, once())
            elif deed == "zero":
                v1.payment_intents.capture(one, {"amount_to_capture": 0}, once())
            elif deed == "cancel" and chance.random() < 0.3:
                v1.payment_intents.cancel(one, {}, once())
            elif deed == "refund":
                v1.refunds.create({"payment_intent": one, "amount": amount}, once())
            elif deed == "increment":
                v1.payment_intents.increment_authorization(one, {"amount": 1000 + amount}, once())
            elif deed == "expire" and chance.random() < 0.2:
                merchant.hook(one, "expire")
    for one in intents:
        moved: dict[str, int] = collections.Counter()
        for kind, amount, intent in merchant.effects("payment_intent"):
            moved[kind] += amount if intent == one else 0
        seen = v1.payment_intents.retrieve(one, {"expand": ["latest_charge"]})
        gone = moved["captured"] + moved["released"] + moved["expired"]
        assert moved["authorized"] == seen.amount == gone + seen.amount_capturable, (seed, moved)
        assert (seen.amount_received, seen.latest_charge.amount_refunded) == (moved["captured"], moved["refunded"])
        assert moved["refunded"] <= moved["captured"]


def test_equal_cards_have_equal_fingerprints(merchant: Merchant) -> None:
    """Two stored cards of one token are one card; another token is another card."""
    make = merchant.v1.payment_methods.create
    made = [make({"type": "card", "card": {"token": token}}, merchant.once()) for token in ("tok_visa", "pm_card_visa")]
    other = make({"type": "card", "card": {"token": "tok_mastercard"}}, merchant.once())
    assert made[0].id != made[1].id
    assert made[0].card.fingerprint == made[1].card.fingerprint != other.card.fingerprint
    customer = merchant.v1.customers.create({}, merchant.once()).id
    merchant.v1.payment_methods.attach(made[0].id, {"customer": customer}, merchant.once())
    assert [one.id for one in merchant.v1.payment_methods.list({"customer": customer}).data] == [made[0].id]
    assert [one.id for one in merchant.v1.customers.payment_methods.list(customer).data] == [made[0].id]
