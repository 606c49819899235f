"""Keys: the first answer is kept for a day, refusals included, and a key means one request."""

import asyncio
from typing import Any

import httpx
import pytest
import stripe
from stripe import StripeClient

from tests.sandboxes.stripe.conftest import DAY, START, Merchant, until

BODY: dict[str, Any] = {"amount": 1000, "currency": "eur", "capture_method": "manual", "confirm": True}
BODY |= {"payment_method": "pm_card_visa", "allowed_payment_method_types": ["card"]}


@pytest.mark.rule("SX4")
def test_the_first_answer_is_given_again(merchant: Merchant) -> None:
    """One hold for two requests; the replay says so and names the first request."""
    options: Any = {"idempotency_key": "pi:1:1"}
    first = merchant.v1.payment_intents.create(BODY, options)
    again = merchant.v1.payment_intents.create(BODY, options)
    assert (again.id, again.to_dict()) == (first.id, first.to_dict())
    assert "Idempotent-Replayed" not in first.last_response.headers
    headers = again.last_response.headers
    assert headers["Idempotent-Replayed"] == "true"
    assert headers["Original-Request"] == first.last_response.request_id != again.last_response.request_id
    assert headers["Idempotency-Key"] == "pi:1:1"
    assert merchant.effects() == [("authorized", 1000)]


@pytest.mark.rule("SX4")
def test_a_decline_is_kept_with_its_key(merchant: Merchant) -> None:
    """The same key returns the old refusal even when the card would be approved now; a new one tries again."""
    customer, method = merchant.customer()
    merchant.lay_down("insufficient_funds", "approve", customer=customer)
    body = {**BODY, "customer": customer, "payment_method": method, "off_session": True}
    for _ in range(2):
        with pytest.raises(stripe.CardError) as refused:
            merchant.v1.payment_intents.create(body, {"idempotency_key": "pi:2:1"})
    assert (refused.value.headers or {})["Idempotent-Replayed"] == "true"
    assert merchant.v1.payment_intents.create(body, {"idempotency_key": "pi:2:2"}).status == "requires_capture"
    assert merchant.effects() == [("authorized", 1000)]


@pytest.mark.rule("SX4")
def test_other_parameters_with_the_same_key(merchant: Merchant) -> None:
    """400 of its own class without a code, and a violation."""
    merchant.v1.payment_intents.create(BODY, {"idempotency_key": "pi:3:1"})
    with pytest.raises(stripe.IdempotencyError) as refused:
        merchant.v1.payment_intents.create({**BODY, "amount": 1001}, {"idempotency_key": "pi:3:1"})
    assert (refused.value.http_status, refused.value.code) == (400, None)
    other = merchant.http.post("/v1/customers", headers={"Idempotency-Key": "pi:3:1"})
    assert other.json()["error"]["type"] == "idempotency_error"
    assert merchant.violations() == ["idempotency key with other parameters"] * 2


@pytest.mark.rule("SX4")
def test_keys_are_forgotten_after_a_day(merchant: Merchant) -> None:
    """By the account's clock the same key executes again after 24 hours."""
    merchant.clock(instant=START, frozen=True)
    options: Any = {"idempotency_key": "pi:4:1"}
    first = merchant.v1.payment_intents.create(BODY, options)
    merchant.stand_at(DAY - 1)
    assert merchant.v1.payment_intents.create(BODY, options).id == first.id
    merchant.stand_at(DAY)
    assert merchant.v1.payment_intents.create(BODY, options).id != first.id


def test_what_never_began_is_not_kept(merchant: Merchant) -> None:
    """A wrong parameter, a conflict and a rate limit leave the key free; a server error occupies it."""
    options: Any = {"idempotency_key": "pi:5:1"}
    with pytest.raises(stripe.InvalidRequestError):
        merchant.v1.payment_intents.create({**BODY, "amount": 0}, options)
    for fault, error in (("conflict", stripe.APIError), ("rate_limit", stripe.RateLimitError)):
        merchant.special("payment_intents.create", fault)
        with pytest.raises(error):
            merchant.v1.payment_intents.create(BODY, options)
    assert merchant.v1.payment_intents.create(BODY, options).status == "requires_capture"
    merchant.special("payment_intents.create", "server_error")
    for _ in range(2):
        with pytest.raises(stripe.APIError) as failed:
            merchant.v1.payment_intents.create(BODY, {"idempotency_key": "pi:5:2"})
        assert failed.value.http_status == 500
    assert merchant.effects() == [("authorized", 1000)]


def test_a_server_error_after_it_took_effect(merchant: Merchant) -> None:
    """The key remembers the failure although the money is held: only reading tells the truth."""
    customer, method = merchant.customer()
    body = {**BODY, "customer": customer, "payment_method": method, "off_session": True}
    merchant.special("payment_intents.create", "server_error", after=True)
    for _ in range(2):
        with pytest.raises(stripe.APIError) as failed:
            merchant.v1.payment_intents.create(body, {"idempotency_key": "pi:8:1"})
        assert failed.value.http_status == 500
    (held,) = merchant.v1.payment_intents.list({"customer": customer}).data
    assert held.status == "requires_capture"


def test_two_steps_survive_a_lost_answer(merchant: Merchant) -> None:
    """Created first, confirmed by id: after a lost answer and a lost key the payment still cannot be held twice."""
    customer, method = merchant.customer()
    made = merchant.create(customer=customer)
    confirming: Any = {"payment_method": method, "off_session": True}
    merchant.arm("payment_intents.confirm", "drop_after")
    with pytest.raises(stripe.APIConnectionError):
        merchant.v1.payment_intents.confirm(made.id, confirming, merchant.once())
    with pytest.raises(stripe.InvalidRequestError) as again:
        merchant.v1.payment_intents.confirm(made.id, confirming, merchant.once())
    assert again.value.code == "payment_intent_unexpected_state"
    assert merchant.effects() == [("authorized", 10000)]


@pytest.mark.rule("SX4")
async def test_a_second_request_while_the_first_runs(merchant: Merchant, aclient: StripeClient) -> None:
    """409 as APIError; the code stands in the error body only."""
    merchant.arm("payment_intents.create", "delay_before", seconds=1.5)
    options: Any = {"idempotency_key": "pi:6:1"}
    body: Any = BODY
    running = asyncio.create_task(aclient.v1.payment_intents.create_async(body, options))
    await until(lambda: len(merchant.control.get("/log").json()) == 1)
    with pytest.raises(stripe.APIError) as refused:
        await aclient.v1.payment_intents.create_async(body, options)
    error: Any = refused.value
    assert (error.http_status, error.code, error.error.code) == (409, None, "idempotency_key_in_use")
    assert type(error) is stripe.APIError
    assert (await running).status == "requires_capture"


@pytest.mark.rule("SX10")
def test_a_lost_answer_is_found_by_the_key(merchant: Merchant) -> None:
    """The request took effect, the connection broke: the same key tells what happened."""
    for kind in ("drop_after", "malformed", "status_after"):
        options: Any = {"idempotency_key": f"pi:7:{kind}"}
        merchant.arm("payment_intents.create", kind, status=502)
        with pytest.raises((stripe.APIConnectionError, stripe.APIError)):
            merchant.v1.payment_intents.create(BODY, options)
        assert merchant.v1.payment_intents.create(BODY, options).last_response.headers["Idempotent-Replayed"] == "true"
    assert merchant.effects() == [("authorized", 1000)] * 3


def test_manners_are_noted(merchant: Merchant) -> None:
    """Without a key, with a drawn one in the form in which the library adds it, and without a version."""
    bare = httpx.Client(base_url=merchant.url, trust_env=False, auth=(merchant.key, ""))
    assert bare.post("/v1/customers").status_code == 200
    for key in ("0d3f1c52-9e77-4c05-8f21-6a5b7c8d9e0f", "0d3f1c52-9e77-5c05-8f21-6a5b7c8d9e0f", "cp:pi_1:1"):
        merchant.v1.customers.create({}, {"idempotency_key": key})
    expected = ["Idempotency-Key missing", "Stripe-Version missing", "Idempotency-Key drawn at random"]
    assert merchant.violations() == expected


def test_a_key_among_the_parameters_is_an_unknown_parameter(merchant: Merchant) -> None:
    """The library sends it as a body field and draws another key; the sandbox refuses the field."""
    with pytest.raises(stripe.InvalidRequestError) as refused:
        merchant.v1.customers.create({"idempotency_key": "mistake"})
    assert (refused.value.code, refused.value.param) == ("parameter_unknown", "idempotency_key")
