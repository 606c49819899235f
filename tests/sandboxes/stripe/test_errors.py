"""Which exception of the library each answer becomes, faults included; keys, modes and limits."""

from typing import Any

import httpx
import pytest
import stripe

from tests.sandboxes.stripe.conftest import QUIET, START, VERSION, Merchant


def error_of(call: Any, *given: Any) -> Any:
    with pytest.raises(stripe.StripeError) as refused:
        call(*given)
    return refused.value


@pytest.mark.rule("SX10")
@pytest.mark.parametrize(
    ("fault", "more", "kind", "status", "code"),
    [
        ("rate_limit", {}, stripe.RateLimitError, 429, "rate_limit"),
        ("lock_timeout", {}, stripe.RateLimitError, 429, "lock_timeout"),
        ("conflict", {}, stripe.APIError, 409, "idempotency_key_in_use"),
        ("server_error", {}, stripe.APIError, 500, None),
        ("html", {}, stripe.APIError, 502, None),
        ("error", {"status": 403, "code": "more_permissions_required"}, stripe.PermissionError, 403, None),
        ("error", {"status": 401, "code": "api_key_expired"}, stripe.AuthenticationError, 401, "api_key_expired"),
    ],
)
def test_special_faults(merchant: Merchant, fault: str, more: Any, kind: Any, status: int, code: str | None) -> None:
    """Outside of 400, 402 and 404 `e.code` is empty: the code stands in the error body."""
    merchant.special("customers.create", fault, **more)
    error = error_of(merchant.v1.customers.create, {}, merchant.once())
    assert type(error) is kind
    assert (error.http_status, error.code) == (status, None)
    if code is not None:
        assert error.error.code == code
    if kind is stripe.RateLimitError:
        assert error.headers["Stripe-Rate-Limited-Reason"] in ("global-rate", "resource-specific")
    assert merchant.v1.customers.create({}, merchant.once()).id.startswith("cus_")


@pytest.mark.rule("SX10")
@pytest.mark.parametrize("kind", ["refuse", "drop_after", "status", "malformed"])
def test_faults_of_the_line(merchant: Merchant, kind: str) -> None:
    """No answer is a connection error, an answer that cannot be read an APIError."""
    held = merchant.seed()["payment_intent"]
    merchant.arm("payment_intents.capture", kind, match={"payment_intent": held})
    error = error_of(merchant.v1.payment_intents.capture, held, {}, merchant.once())
    lost = kind in ("refuse", "drop_after")
    assert isinstance(error, stripe.APIConnectionError if lost else stripe.APIError)
    took_effect = kind in ("drop_after", "malformed")
    assert (merchant.view(held)["status"] == "succeeded") is took_effect


def test_the_library_repeats_with_the_same_key(merchant: Merchant) -> None:
    """With retries it sends a lost request again under one key; the money moves once."""
    client = merchant.client_of(merchant.key)
    options: Any = {"idempotency_key": "rf:1", "max_network_retries": 1}
    taken = merchant.seed(state="captured")["payment_intent"]
    merchant.arm("refunds.create", "drop_after")
    client.v1.refunds.create({"payment_intent": taken, "amount": 500}, options)
    sent = [one["idempotency_key"] for one in merchant.control.get("/log").json() if one["call"] == "refunds.create"]
    assert sent == ["rf:1", "rf:1"]
    assert merchant.effects()[-1] == ("refunded", 500)
    assert len(merchant.effects()) == 3


@pytest.mark.rule("SX1")
def test_wrong_parameters(merchant: Merchant) -> None:
    """Unknown, missing, empty, not a number, not a word of the list: the place is named with brackets."""
    body: dict[str, Any] = {"amount": 1000, "currency": "eur"}
    cases: list[tuple[dict[str, Any], str, str | None]] = [
        ({"colour": "red"}, "colour", "parameter_unknown"),
        (
            {"payment_method_options": {"card": {"colour": 1}}},
            "payment_method_options[card][colour]",
            "parameter_unknown",
        ),
        ({"amount": "ten"}, "amount", "parameter_invalid_integer"),
        ({"amount": 0}, "amount", "parameter_invalid_integer"),
        ({"amount": 100_000_000}, "amount", "amount_too_large"),
        ({"customer": ""}, "customer", "parameter_invalid_empty"),
        ({"capture_method": "bogus"}, "capture_method", None),
        ({"confirm": "yes"}, "confirm", None),
        ({"expand": "latest_charge"}, "expand", None),
        ({"metadata": {"k": "v" * 501}}, "metadata[k]", None),
        ({"shipping": {"name": "E"}}, "shipping[address]", "parameter_missing"),
        ({"transfer_group": "g"}, "transfer_group", None),
    ]
    for more, param, code in cases:
        error = error_of(merchant.v1.payment_intents.create, {**body, **more}, merchant.once())
        assert (type(error), error.param, error.code) == (stripe.InvalidRequestError, param, code), more
    missing = error_of(merchant.v1.payment_intents.create, {"amount": 1000}, merchant.once())
    assert (missing.code, missing.param) == ("parameter_missing", "currency")
    unlisted = error_of(merchant.v1.payment_intents.list, {"limit": 101})
    assert unlisted.param == "limit"


def test_unknown_things(merchant: Merchant) -> None:
    """404 with the code resource_missing; unknown paths are 404 too."""
    for call in (
        merchant.v1.payment_intents.retrieve,
        merchant.v1.customers.retrieve,
        merchant.v1.charges.retrieve,
        merchant.v1.refunds.retrieve,
        merchant.v1.payment_methods.retrieve,
        merchant.v1.setup_intents.retrieve,
        merchant.v1.events.retrieve,
    ):
        error = error_of(call, "nothing")
        assert (type(error), error.http_status, error.code) == (stripe.InvalidRequestError, 404, "resource_missing")
    assert error_of(merchant.v1.disputes.list).http_status == 404


@pytest.mark.rule("SX3")
def test_headers_of_an_answer(merchant: Merchant) -> None:
    """Request id, version and key come back; a bad body form is refused."""
    answer = merchant.http.post("/v1/customers", headers={"Idempotency-Key": "k1"})
    assert answer.headers["Request-Id"].startswith("req_")
    assert (answer.headers["Stripe-Version"], answer.headers["Idempotency-Key"]) == (VERSION, "k1")
    assert merchant.http.post("/v1/customers", json={"name": "E"}).status_code == 400
    long_key = merchant.http.post("/v1/customers", headers={"Idempotency-Key": "k" * 256})
    assert long_key.status_code == 400
    for broken in ("a[b=1", "a[b]=1&a=2", "a=1&a[b]=2", "[a]=1"):
        headers = {"content-type": "application/x-www-form-urlencoded"}
        assert merchant.http.post("/v1/customers", content=broken, headers=headers).status_code == 400


@pytest.mark.rule("SX2")
def test_keys(merchant: Merchant) -> None:
    """Wrong and expired keys are 401, missing permissions 403, publishable keys read one payment with its secret."""
    name = merchant.name
    restricted = {"key": f"rk_test_{name}", "permissions": {"payment_intents": "write", "balance": "read"}}
    merchant.configure(restricted_keys=[restricted], expired_keys=[f"sk_test_{name}Old"])
    wrong = error_of(merchant.client_of("sk_test_unknown00000001").v1.balance.retrieve)
    assert (type(wrong), wrong.http_status, wrong.code) == (stripe.AuthenticationError, 401, None)
    assert "unknown" not in str(wrong)
    expired = error_of(merchant.client_of(f"sk_test_{name}Old").v1.balance.retrieve)
    assert expired.error.code == "api_key_expired"
    limited = merchant.client_of(f"rk_test_{name}").v1
    assert limited.balance.retrieve().livemode is False
    denied = error_of(limited.accounts.retrieve_current)
    assert (type(denied), denied.code, denied.error.code) == (
        stripe.PermissionError,
        None,
        "more_permissions_required",
    )
    made = merchant.create()
    public = merchant.client_of(f"pk_test_{name}").v1
    assert public.payment_intents.retrieve(made.id, {"client_secret": made.client_secret}).id == made.id
    assert error_of(public.payment_intents.retrieve, made.id, {"client_secret": "guess"}).http_status == 404
    assert error_of(public.payment_intents.retrieve, made.id).http_status == 404
    assert error_of(public.balance.retrieve).error.code == "secret_key_required"
    basic = httpx.get(f"{merchant.url}/v1/balance", auth=(merchant.key, ""), **QUIET)
    assert basic.status_code == 200
    assert httpx.get(f"{merchant.url}/v1/balance", **QUIET).status_code == 401
    other = merchant.http.get("/v1/balance", headers={"Stripe-Account": "acct_other"})
    assert (other.status_code, other.json()["error"]["code"]) == (403, "account_invalid")
    taken = merchant.http.put("/control/accounts/thief", json={"secret_key": merchant.key})
    assert taken.status_code == 409


@pytest.mark.rule("SX2")
def test_test_and_live_side_are_apart(merchant: Merchant) -> None:
    """One account id, two worlds: nothing of one side is seen from the other, and the answer says so."""
    live = merchant.client_of(f"sk_live_{merchant.name}").v1
    here, there = merchant.seed(), merchant.seed(mode="live")
    assert live.payment_intents.retrieve(there["payment_intent"]).livemode is True
    assert live.balance.retrieve().livemode is True
    error = error_of(live.payment_intents.retrieve, here["payment_intent"])
    assert (error.code, "test mode" in str(error)) == ("resource_missing", True)
    assert [one.id for one in merchant.v1.payment_intents.list().data] == [here["payment_intent"]]
    accounts = (merchant.v1.accounts.retrieve_current(), live.accounts.retrieve_current())
    assert accounts[0].id == accounts[1].id
    error = error_of(live.payment_methods.create, {"type": "card", "card": {"token": "tok_visa"}}, merchant.once())
    assert error.code == "resource_missing"


@pytest.mark.rule("SX2")
def test_accounts_share_nothing(merchant: Merchant) -> None:
    """Another account's key does not see this account's payment."""
    other = Merchant(merchant.url, f"{merchant.name}B")
    other.configure(account_id="acct_other1", country="AT", charges_enabled=False)
    error = error_of(other.v1.payment_intents.retrieve, merchant.seed()["payment_intent"])
    assert (error.code, "mode" in str(error)) == ("resource_missing", False)
    account = other.v1.accounts.retrieve_current()
    assert (account.id, account.country, account.charges_enabled) == ("acct_other1", "AT", False)
    assert account.capabilities.card_payments == "active"
    other.close()


def test_a_limit_per_second(merchant: Merchant) -> None:
    """Over the limit of one second of the account's clock: 429, a violation, and free again later."""
    merchant.clock(instant=START, frozen=True)
    merchant.configure(requests_per_second=2)
    for _ in range(2):
        merchant.v1.balance.retrieve()
    error = error_of(merchant.v1.balance.retrieve)
    assert (type(error), error.error.code) == (stripe.RateLimitError, "rate_limit")
    merchant.stand_at(1)
    assert merchant.v1.balance.retrieve().object == "balance"
    assert merchant.violations() == ["requests per second"]
