"""A hold as it reads: what its states mean, its deadline, who set it off, whether it can be renewed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.stripe_psp.adapter import StripeHolds
from adapters.stripe_psp.answers import CallFailed
from adapters.stripe_psp.intent import intent_of
from adapters.stripe_psp.snapshot import snapshot
from domain.authorization.extension import planned_extension
from domain.authorization.facts import HoldRead, HoldSnapshot, HoldStanding, Registered
from domain.authorization.schemes import VISA_MERCHANT, Initiator, Scheme, deadline_of
from domain.authorization.state import AuthorizationState, evolve
from domain.authorization.terms import AuthorizationTerms
from domain.ports import Earlier
from tests.contract.stripe.merchant import AMOUNT, Asked, Merchant, authorization, case

NOW = datetime(2027, 3, 1, 10, 0, tzinfo=UTC)
AT = int(NOW.timestamp())


def _told(status: str = "requires_capture", **more: Any) -> dict[str, Any]:
    """A PaymentIntent as the provider would tell it, with what is given in place of what is usual."""
    card = {"brand": "visa", "network": "visa", "fingerprint": "FP", "capture_before": AT + 7 * 86_400}
    card |= {"multicapture": {"status": "unavailable"}, **more.pop("card", {})}
    charge = {"id": "ch_1", "status": "succeeded", "created": AT, "amount_refunded": 0}
    charge["payment_method_details"] = {"type": "card", "card": card}
    return {
        "id": "pi_1",
        "object": "payment_intent",
        "status": status,
        "amount": AMOUNT,
        "amount_capturable": AMOUNT,
        "amount_received": 0,
        "currency": "eur",
        "created": AT,
        "customer": "cus_1",
        "payment_method": {"id": "pm_1", "customer": "cus_1", "card": {"brand": "visa", "fingerprint": "FP"}},
        "setup_future_usage": "off_session",
        "metadata": {},
        "latest_charge": charge,
        **more,
    }


def _read(*told: Any, **more: Any) -> HoldSnapshot:
    return snapshot(intent_of(_told(*told, **more)), NOW)


@pytest.mark.rule("A8")
@pytest.mark.parametrize(
    ("status", "more", "standing"),
    [
        ("requires_capture", {}, HoldStanding.HELD),
        ("succeeded", {}, HoldStanding.CAPTURED),
        ("canceled", {"cancellation_reason": "expired"}, HoldStanding.LAPSED),
        ("canceled", {"cancellation_reason": "automatic"}, HoldStanding.VOIDED),
        ("canceled", {"cancellation_reason": None}, HoldStanding.VOIDED),
        ("canceled", {"cancellation_reason": "a_new_word"}, HoldStanding.VOIDED),
        ("processing", {}, HoldStanding.PENDING),
        ("requires_action", {}, HoldStanding.PENDING),
        ("requires_confirmation", {}, HoldStanding.PENDING),
        ("requires_payment_method", {"last_payment_error": {"code": "card_declined"}}, HoldStanding.DECLINED),
        ("requires_payment_method", {"last_payment_error": None}, HoldStanding.PENDING),
        ("a_new_word", {}, HoldStanding.PENDING),
    ],
)
def test_each_status_is_a_standing(status: str, more: dict[str, Any], standing: HoldStanding) -> None:
    """A word that nobody knows ends nothing; a payment that the customer has not begun is not refused."""
    assert _read(status, **more).standing is standing


@pytest.mark.rule("A6")
@pytest.mark.parametrize(
    ("card", "off_session", "window"),
    [
        ("pm_card_visa", False, timedelta(days=7)),
        ("pm_card_visa", True, VISA_MERCHANT),
        ("pm_card_mastercard", True, timedelta(days=7)),
    ],
)
async def test_the_deadline_is_read(
    merchant: Merchant, holds: StripeHolds, card: str, off_session: bool, window: timedelta
) -> None:
    """From the charge, never from a table; with the window of Visa one sees who set the hold off."""
    merchant.stand_at(NOW)
    hold = merchant.hold(card=card, off_session=off_session)
    read = await holds.read("main", case(hold), hold)
    assert (read.held_at, read.deadline) == (NOW, NOW + window)
    if card == "pm_card_visa":
        assert read.initiator is (Initiator.MERCHANT if off_session else Initiator.CUSTOMER)


@pytest.mark.rule("A6")
async def test_an_extended_hold_lasts_as_the_charge_says(merchant: Merchant, holds: StripeHolds) -> None:
    """Granted on request: a month instead of a week."""
    merchant.stand_at(NOW)
    hold = merchant.hold(features=["extended_authorization"])
    read = await holds.read("main", case(hold), hold)
    assert read.deadline == NOW + timedelta(days=29, hours=18)


@pytest.mark.rule("A9")
@pytest.mark.parametrize("window", [VISA_MERCHANT, timedelta(days=7), timedelta(days=29, hours=18)])
def test_a_renewal_keeps_its_distance_from_the_deadline(window: timedelta) -> None:
    """Whatever interval was agreed: what reads from the charge is renewed at least twelve hours before it ends."""
    read = _read(card={"capture_before": AT + int(window.total_seconds())})
    state = AuthorizationState("authorization/demo/stripe/pi_1")
    terms = AuthorizationTerms(renew_after_days=60, override_interval=True)
    for fact in (Registered(NOW, "pi_1", terms), HoldRead(read, 0)):
        state = evolve(state, fact)
    planned = planned_extension(state)
    assert planned is not None
    assert planned.guarded
    assert NOW < planned.at <= NOW + window - timedelta(hours=12)


@pytest.mark.rule("A7")
@pytest.mark.parametrize("brand", ["visa", "jcb"])
def test_a_deadline_that_is_not_told_is_not_made_up(brand: str) -> None:
    """It reads as none, and what the domain then plans with is the shortest window that is plausible."""
    read = _read(card={"brand": brand, "network": brand, "capture_before": None})
    assert read.deadline is None
    assert read.held_at is not None
    planned = deadline_of(read.held_at, read.deadline, read.scheme, read.initiator)
    assert (planned.at, planned.told) == (NOW + VISA_MERCHANT, False)


async def test_a_later_hold_is_the_merchants(merchant: Merchant, holds: StripeHolds) -> None:
    """Known by what we wrote into it, whatever the card's window says."""
    first = merchant.hold(card="pm_card_mastercard")
    made = await holds.authorize("main", authorization(first), Earlier(), Asked().permits)
    read = await holds.read("main", case(first), made.evidence.reference)
    assert (read.initiator, read.scheme, read.renewable) == (Initiator.MERCHANT, Scheme.MASTERCARD, True)
    assert read.deadline == (made.evidence.hold.deadline if made.evidence.hold else None)


@pytest.mark.rule("SR1")
@pytest.mark.parametrize(
    ("more", "renewable"),
    [
        ({}, True),
        ({"customer": None}, False),
        ({"payment_method": None}, False),
        ({"payment_method": {"id": "pm_1", "customer": None}}, False),  # taken away from the customer
        ({"payment_method": {"id": "pm_1", "customer": "cus_2"}}, False),
        ({"setup_future_usage": None}, False),
        ({"setup_future_usage": "on_session"}, False),
        ({"setup_future_usage": None, "payment_method_options": {"card": {"setup_future_usage": "off_session"}}}, True),
        ({"payment_method_options": {"card": {"setup_future_usage": "none"}}}, False),
        ({"setup_future_usage": None, "card": {"stored_credential_usage": "unscheduled"}}, True),
    ],
)
def test_a_hold_is_renewable_if_its_card_was_kept_for_that(more: dict[str, Any], renewable: bool) -> None:
    """A customer, a card that is theirs still, and the consent to use it without them: known from the start."""
    assert _read(**more).renewable is renewable


@pytest.mark.rule("SR1")
@pytest.mark.parametrize("set_up", [True, False])
async def test_renewability_as_the_provider_tells_it(merchant: Merchant, holds: StripeHolds, set_up: bool) -> None:
    """The first payment was made with or without keeping the card for later."""
    hold = merchant.hold(set_up=set_up)
    assert (await holds.read("main", case(hold), hold)).renewable is set_up


@pytest.mark.rule("SR4")
@pytest.mark.parametrize("what", ["cancel", "capture", "expire"])
async def test_a_hold_that_is_no_more_reads_so_before_a_renewal(
    merchant: Merchant, holds: StripeHolds, what: str
) -> None:
    """What the engine looks at before it renews: not held any more, nothing open."""
    hold = merchant.hold()
    merchant.happens(hold, what)
    read = await holds.read("main", case(hold), hold)
    assert (read.standing is HoldStanding.HELD, read.open_minor) == (False, 0)


async def test_amounts_of_a_hold_in_parts(merchant: Merchant, holds: StripeHolds) -> None:
    """Open, captured and given back are told apart; it goes on being held."""
    hold = merchant.hold(features=["multicapture"])
    merchant.happens(hold, "capture", amount_minor=4000, final=False)
    merchant.happens(hold, "refund", amount_minor=1500)
    read = await holds.read("main", case(hold), hold)
    assert (read.standing, read.in_parts) == (HoldStanding.HELD, True)
    assert (read.open_minor, read.captured_minor, read.refunded_minor) == (6000, 4000, 1500)


@pytest.mark.parametrize(
    ("brand", "network", "scheme"),
    [
        ("visa", "visa", Scheme.VISA),
        ("mastercard", None, Scheme.MASTERCARD),
        ("visa", "cartes_bancaires", Scheme.CARTES_BANCAIRES),
        ("diners", "diners", Scheme.DINERS),
        ("jcb", "jcb", Scheme.OTHER),
        ("unknown", None, Scheme.OTHER),
        (None, None, Scheme.OTHER),
    ],
)
def test_the_scheme(brand: Any, network: Any, scheme: Scheme) -> None:
    """Of the network that was used, else of the card."""
    assert _read(card={"brand": brand, "network": network}).scheme is scheme


@pytest.mark.parametrize(
    "odd",
    [
        {"object": "charge"},
        {"id": "pi_1_secret_2"},
        {"id": None},
        {"status": None},
        {"amount": "100"},
        {"amount_capturable": True},
        {"amount_received": 1.5},
    ],
)
def test_an_answer_that_is_no_payment(odd: dict[str, Any]) -> None:
    """Refused as a whole."""
    with pytest.raises(CallFailed):
        _read(**odd)


@pytest.mark.parametrize(
    "odd",
    [
        {"metadata": None},
        {"metadata": {"holdfast_number": 7}},
        {"latest_charge": "ch_1"},
        {"latest_charge": None},
        {"payment_method": "pm_1"},
        {"customer": {"id": "cus_1", "object": "customer"}},
        {"last_payment_error": "odd"},
        {"created": -1},
        {"card": {"capture_before": "soon", "multicapture": "yes", "fingerprint": 5}},
    ],
)
def test_what_is_odd_beside_the_amounts_is_left_out(odd: dict[str, Any]) -> None:
    """A hold reads all the same."""
    assert _read(**odd).open_minor == AMOUNT


_ODD = st.sampled_from(
    [None, True, 0, -1, 10**30, 1.5, "", "x" * 300, [], [1], {}, {"id": 7}, {"card": 1}, {"payment_method_details": {}}]
)


@given(st.dictionaries(st.sampled_from(sorted(_told())), _ODD, max_size=6))
def test_any_answer_is_a_payment_or_none(odd: dict[str, Any]) -> None:
    """Whatever stands in the fields, it reads as a hold or is refused as a whole."""
    try:
        read = snapshot(intent_of({**_told(), **odd}), NOW)
    except CallFailed:
        return
    assert read.standing in HoldStanding
    assert isinstance(read.open_minor, int)
