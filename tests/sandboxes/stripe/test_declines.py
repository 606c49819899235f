"""Refusals by test card, by laid-down outcomes and by the missing customer; the customer's own step."""

from typing import Any

import httpx
import pytest
import stripe

from tests.sandboxes.stripe.conftest import QUIET, Merchant

Facts = tuple[str, str | None, str | None, str | None]


def refusal(call: Any, *given: Any, **more: Any) -> Any:
    """The error of a refused attempt."""
    with pytest.raises(stripe.CardError) as refused:
        call(*given, **more)
    assert refused.value.http_status == 402
    assert (refused.value.headers or {})["Stripe-Should-Retry"] == "false"
    return refused.value.error


def facts(error: Any) -> Facts:
    """Code, decline code, the network's code and the advice; what is not there is None."""
    names = ("code", "decline_code", "network_decline_code", "advice_code")
    code, *others = (getattr(error, name, None) for name in names)
    return (code, *others)  # type: ignore[return-value]


@pytest.mark.rule("SX7")
@pytest.mark.parametrize(
    ("token", "expected"),
    [
        ("pm_card_visa_chargeDeclined", ("card_declined", "generic_decline", "05", "try_again_later")),
        (
            "pm_card_visa_chargeDeclinedInsufficientFunds",
            ("card_declined", "insufficient_funds", "51", "try_again_later"),
        ),
        ("pm_card_visa_chargeDeclinedLostCard", ("card_declined", "lost_card", "41", "do_not_try_again")),
        ("pm_card_visa_chargeDeclinedStolenCard", ("card_declined", "stolen_card", "43", "do_not_try_again")),
        ("pm_card_chargeDeclinedExpiredCard", ("expired_card", None, "54", "confirm_card_data")),
        ("pm_card_chargeDeclinedIncorrectCvc", ("incorrect_cvc", None, "N7", "confirm_card_data")),
        ("pm_card_chargeDeclinedProcessingError", ("processing_error", None, "96", "try_again_later")),
        (
            "pm_card_visa_chargeDeclinedVelocityLimitExceeded",
            ("card_declined", "card_velocity_exceeded", "61", "try_again_later"),
        ),
        ("pm_card_radarBlock", ("card_declined", "generic_decline", None, None)),
    ],
)
def test_test_cards(merchant: Merchant, token: str, expected: Facts) -> None:
    """The answer, `last_payment_error` and the failed charge tell the same; nothing is held."""
    error = refusal(merchant.create, payment_method=token)
    assert facts(error) == expected
    intent = error.payment_intent
    assert (intent.status, intent.payment_method, facts(intent.last_payment_error)) == (
        "requires_payment_method",
        None,
        expected,
    )
    charge = merchant.v1.charges.retrieve(error.charge)
    blocked = token == "pm_card_radarBlock"
    assert (charge.paid, charge.status, charge.failure_code) == (False, "failed", expected[0])
    assert charge.outcome.type == ("blocked" if blocked else "issuer_declined")
    assert charge.outcome.network_status == ("not_sent_to_network" if blocked else "declined_by_network")
    assert charge.outcome.network_decline_code == expected[2]
    assert merchant.effects() == []
    assert merchant.events()[-2:] == ["charge.failed", "payment_intent.payment_failed"]


@pytest.mark.rule("SX7")
@pytest.mark.parametrize(
    ("brand", "name", "network", "advice"),
    [
        ("visa", "do_not_honor", "05", None),
        ("mastercard", "do_not_honor", "05", "02"),
        ("mastercard", "insufficient_funds", "51", "24"),
        ("mastercard", "stolen_card", "43", "03"),
        ("amex", "insufficient_funds", "116", None),
        ("visa", "issuer_not_available", "91", None),
        ("visa", "duplicate_transaction", "94", None),
        ("amex", "processing_error", "909", None),
    ],
)
def test_network_codes_depend_on_the_brand(
    merchant: Merchant, brand: str, name: str, network: str, advice: str | None
) -> None:
    """The same refusal is worded by each network in its own numbers; only Mastercard adds its advice."""
    merchant.lay_down(name)
    error = refusal(merchant.create, payment_method=f"pm_card_{brand}")
    assert (getattr(error, "decline_code", None) or error.code) == name
    assert error.network_decline_code == network
    assert getattr(error, "network_advice_code", None) == advice


@pytest.mark.rule("SX7")
def test_outcomes_in_a_row(merchant: Merchant) -> None:
    """Two refusals, then approval, for one customer; another customer's card answers as it is."""
    customer, method = merchant.customer()
    other, other_method = merchant.customer()
    merchant.lay_down(
        "insufficient_funds", {"decline": "do_not_honor", "network_decline_code": "14"}, customer=customer
    )
    assert merchant.renew(other, other_method).status == "requires_capture"
    assert facts(refusal(merchant.renew, customer, method))[1] == "insufficient_funds"
    assert facts(refusal(merchant.renew, customer, method))[1:3] == ("do_not_honor", "14")
    assert merchant.control.get("/outcomes").json() == []
    assert merchant.renew(customer, method).status == "requires_capture"


def test_outcomes_are_narrowed(merchant: Merchant) -> None:
    """By token, initiator and metadata; rounds repeat; what is over goes, the rest can be cleared."""
    customer, method = merchant.customer(card="pm_card_mastercard")
    merchant.lay_down("lost_card", off_session=False)
    merchant.lay_down("stolen_card", metadata={"order": "7"}, rounds=2)
    merchant.lay_down("call_issuer", card="pm_card_mastercard", rounds=-1)
    assert facts(refusal(merchant.renew, customer, method, metadata={"order": "7"}))[1] == "stolen_card"
    assert facts(refusal(merchant.renew, customer, method, metadata={"order": "8"}))[1] == "call_issuer"
    assert facts(refusal(merchant.renew, customer, method, metadata={"order": "7"}))[1] == "stolen_card"
    assert facts(refusal(merchant.renew, customer, method, metadata={"order": "7"}))[1] == "call_issuer"
    assert len(merchant.control.get("/outcomes").json()) == 2
    merchant.control.delete("/outcomes")
    assert merchant.renew(customer, method).status == "requires_capture"
    assert merchant.control.post("/outcomes", json={"outcomes": ["bad_luck"]}).status_code == 422


def test_a_fault_refuses_one_attempt(merchant: Merchant) -> None:
    """The special `decline` meets the calls that ask the issuer, with facts to match."""
    customer, method = merchant.customer()
    fault = {"name": "decline", "params": {"decline": "insufficient_funds"}, "match": {"metadata.order": "7"}}
    merchant.arm("payment_intents.*", "special", **fault)
    assert merchant.renew(customer, method).status == "requires_capture"
    assert facts(refusal(merchant.renew, customer, method, metadata={"order": "7"}))[1] == "insufficient_funds"
    merchant.special("payment_intents.create", "decline", decline="bad_luck")
    with pytest.raises(stripe.InvalidRequestError, match="cannot be played"):
        merchant.renew(customer, method)
    merchant.special("payment_intents.create", "authenticate")
    assert merchant.create(payment_method="pm_card_visa").status == "requires_action"


@pytest.mark.rule("SX5")
def test_too_many_refusals_cancel_the_payment(merchant: Merchant) -> None:
    """After the limit the payment is given up by itself; until then another card may be tried."""
    merchant.configure(confirm_limit=2)
    intent = refusal(merchant.create, payment_method="pm_card_visa_chargeDeclined").payment_intent.id
    confirm = merchant.v1.payment_intents.confirm
    declined = {"payment_method": "pm_card_visa_chargeDeclinedInsufficientFunds"}
    error = refusal(confirm, intent, declined, merchant.once())
    assert (error.payment_intent.status, error.payment_intent.cancellation_reason) == ("canceled", "automatic")
    with pytest.raises(stripe.InvalidRequestError) as over:
        confirm(intent, {"payment_method": "pm_card_visa"}, merchant.once())
    assert over.value.code == "payment_intent_unexpected_state"


def test_renewals_need_a_card_that_was_set_up(merchant: Merchant) -> None:
    """Attached only: the issuer wants the customer. Set up by a first payment or a setup: the renewal is held."""
    v1, once = merchant.v1, merchant.once
    customer = v1.customers.create({}, once()).id
    bare = v1.payment_methods.attach("pm_card_visa", {"customer": customer}, once()).id
    error = refusal(merchant.renew, customer, bare)
    assert facts(error)[:2] == ("authentication_required", "authentication_required")
    assert (error.payment_intent.status, error.payment_intent.next_action) == ("requires_payment_method", None)
    setup: Any = {"customer": customer, "payment_method": bare, "confirm": True}
    setup["allowed_payment_method_types"] = ["card"]
    assert v1.setup_intents.create(setup, once()).status == "succeeded"
    assert merchant.renew(customer, bare).status == "requires_capture"
    first = merchant.create(customer=customer, payment_method="pm_card_mastercard", setup_future_usage="off_session")
    assert merchant.renew(customer, first.payment_method).status == "requires_capture"
    merchant.configure(require_setup=False)
    free = v1.payment_methods.attach("pm_card_amex", {"customer": customer}, once()).id
    assert merchant.renew(customer, free).status == "requires_capture"


def test_renewals_need_customer_and_attached_card(merchant: Merchant) -> None:
    """Without a customer, with another's card, with a card that was used up."""
    customer, method = merchant.customer()
    other, _ = merchant.customer()
    once_used = merchant.create(payment_method="pm_card_visa").payment_method
    for who, card in ((None, method), (other, method), (customer, once_used), (customer, "pm_card_visa")):
        named: dict[str, Any] = {"customer": who} if who else {}
        with pytest.raises(stripe.InvalidRequestError):
            merchant.create(payment_method=card, off_session=True, **named)
    usage = {"card": {"stored_credential_usage": "unscheduled"}}
    both: dict[str, Any] = {"customer": customer, "setup_future_usage": "off_session", "payment_method_options": usage}
    with pytest.raises(stripe.InvalidRequestError) as exclusive:
        merchant.create(payment_method=method, **both)
    assert exclusive.value.code == "parameters_exclusive"
    assert merchant.renew(customer, method, payment_method_options=usage).status == "requires_capture"


def test_the_card_for_failed_renewals(merchant: Merchant) -> None:
    """It can be attached and set up, and every later charge is refused."""
    customer, method = merchant.customer(card="pm_card_chargeCustomerFail")
    assert facts(refusal(merchant.renew, customer, method))[1] == "generic_decline"
    with pytest.raises(stripe.CardError):
        merchant.v1.payment_methods.attach("pm_card_visa_chargeDeclined", {"customer": customer}, merchant.once())


def test_the_customer_authenticates(merchant: Merchant) -> None:
    """The page, a success that holds and sets the card up, and the renewal that passes after it."""
    customer = merchant.v1.customers.create({}, merchant.once()).id
    asked = merchant.create(
        customer=customer,
        payment_method="pm_card_authenticationRequiredOnSetup",
        setup_future_usage="off_session",
        return_url="https://shop.example/back",
    )
    assert (asked.status, asked.next_action.type) == ("requires_action", "redirect_to_url")
    assert "10" in httpx.get(asked.next_action.redirect_to_url.url, **QUIET).text
    back = httpx.post(asked.next_action.redirect_to_url.url, data={"outcome": "succeeded"}, **QUIET)
    assert (back.status_code, back.headers["location"]) == (303, "https://shop.example/back")
    held = merchant.v1.payment_intents.retrieve(asked.id, {"expand": ["latest_charge"]})
    assert held.status == "requires_capture"
    assert held.latest_charge.payment_method_details.card.three_d_secure.result == "authenticated"
    assert merchant.renew(customer, held.payment_method).status == "requires_capture"


def test_authentication_that_ends_badly(merchant: Merchant) -> None:
    """The customer fails, the issuer refuses afterwards, or nobody may be asked."""
    always = merchant.create(payment_method="pm_card_authenticationRequired")
    assert (always.status, always.next_action.type) == ("requires_action", "use_stripe_sdk")
    failed = merchant.hook(always.id, "authenticate", outcome="failed").json()
    assert (failed["status"], failed["last_error"]) == (
        "requires_payment_method",
        "payment_intent_authentication_failure",
    )
    assert merchant.hook(always.id, "authenticate").status_code == 409
    then_declined = merchant.create(payment_method="pm_card_threeDSecureRequiredChargeDeclined")
    assert merchant.hook(then_declined.id, "authenticate").json()["last_error"] == "generic_decline"
    error = refusal(merchant.create, payment_method="pm_card_authenticationRequired", error_on_requires_action=True)
    assert error.code == "authentication_required"
    customer, method = merchant.customer(card="pm_card_authenticationRequired")
    assert refusal(merchant.renew, customer, method).code == "authentication_required"
    ready, card = merchant.customer(card="pm_card_authenticationRequiredSetupForOffSession", set_up=False)
    assert merchant.renew(ready, card).status == "requires_capture"


def test_setups_ask_and_fail(merchant: Merchant) -> None:
    """A setup waits for the customer, ends by the hook, or is refused with the setup in the error."""
    customer = merchant.v1.customers.create({}, merchant.once()).id
    body: dict[str, Any] = {"customer": customer, "confirm": True, "allowed_payment_method_types": ["card"]}
    create = merchant.v1.setup_intents.create
    asked = create({**body, "payment_method": "pm_card_authenticationRequired"}, merchant.once())
    assert asked.status == "requires_action"
    ended = merchant.control.post(f"/setups/{asked.id}/authenticate", json={}).json()
    assert (ended["status"], merchant.v1.setup_intents.retrieve(asked.id).status) == ("succeeded", "succeeded")
    assert merchant.v1.payment_methods.retrieve(ended["payment_method"]).customer == customer
    error = refusal(create, {**body, "payment_method": "pm_card_visa_chargeDeclined"}, merchant.once())
    assert (error.setup_intent.status, error.setup_intent.last_setup_error.code) == (
        "requires_payment_method",
        "card_declined",
    )
    two_steps = create({"customer": customer, "payment_method": "pm_card_visa"}, merchant.once())
    assert two_steps.status == "requires_confirmation"
    assert merchant.v1.setup_intents.confirm(two_steps.id, {}, merchant.once()).status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError) as over:
        merchant.v1.setup_intents.confirm(two_steps.id, {}, merchant.once())
    assert over.value.code == "setup_intent_unexpected_state"
