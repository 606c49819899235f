"""The library and the account: versions, keys, addresses, and requests as the library's own types have them."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
import stripe
from stripe._request_options import RequestOptions

from adapters.stripe_psp import bodies
from adapters.stripe_psp.account import StripeAccount, base_of
from adapters.stripe_psp.adapter import StripeHolds
from adapters.stripe_psp.client import API_VERSION, Clients
from adapters.stripe_psp.intent import intent_of
from domain import reasons
from domain.authorization.facts import HoldStanding
from domain.authorization.ports import Case
from domain.errors import Misconfigured
from domain.outcomes import Outcome
from domain.ports import Earlier
from tests.contract.stripe.merchant import Asked, Merchant, authorization, capture, case, refund, void
from tests.sandboxes.stripe.shapes import parameters

FIRST = {
    "id": "pi_1",
    "object": "payment_intent",
    "status": "requires_capture",
    "amount": 10_000,
    "currency": "eur",
    "customer": "cus_1",
    "payment_method": "pm_1",
    "payment_method_options": {
        "card": {
            "request_multicapture": "if_available",
            "request_extended_authorization": "if_available",
            "request_incremental_authorization": "if_available",
            "request_overcapture": "never",
        }
    },
}


@pytest.fixture
async def clients() -> AsyncIterator[Clients]:
    """Fresh clients."""
    made = Clients()
    yield made
    await made.close()


@pytest.mark.rule("A1", "A5")
@pytest.mark.parametrize(
    ("module", "name", "body"),
    [
        ("_payment_intent_create_params", "PaymentIntentCreateParams", "create"),
        ("_payment_intent_confirm_params", "PaymentIntentConfirmParams", "confirm"),
        ("_payment_intent_capture_params", "PaymentIntentCaptureParams", "capture"),
        ("_payment_intent_capture_params", "PaymentIntentCaptureParams", "release"),
        ("_payment_intent_cancel_params", "PaymentIntentCancelParams", "cancel"),
        ("_refund_create_params", "RefundCreateParams", "refund"),
    ],
)
def test_requests_are_what_the_library_describes(module: str, name: str, body: str) -> None:
    """No field, at any depth, that this version does not know; and no request option among the parameters."""
    first = intent_of(FIRST)
    made: dict[str, Any] = {
        "create": dict(bodies.create(authorization("pi_1"), first)),
        "confirm": dict(bodies.confirm(first)),
        "capture": dict(bodies.capture(capture("pi_1"), keeps_rest=True)),
        "release": dict(bodies.release()),
        "cancel": dict(bodies.cancel()),
        "refund": dict(bodies.refund(refund("pi_1"))),
    }[body]
    parameters(module, name).validate_python(made)
    assert not set(made) & set(RequestOptions.__annotations__)


@pytest.mark.rule("SR2")
def test_features_that_were_not_asked_for_are_not_asked_for_later() -> None:
    """Only what the first payment wanted."""
    made: Any = bodies.create(authorization("pi_1"), intent_of(FIRST))
    assert made["payment_method_options"] == {
        "card": {
            "request_extended_authorization": "if_available",
            "request_incremental_authorization": "if_available",
            "request_multicapture": "if_available",
        }
    }


def test_metadata_never_empties_a_key_and_fits() -> None:
    """An empty value would take away what stands there; a value has up to 500 characters."""
    request = authorization("pi_1", case=case("pi_1", case_reference="x" * 600, payout_reference=""))
    metadata: Any = bodies.create(request, intent_of(FIRST)).get("metadata")
    assert sorted(metadata) == ["holdfast_case", "holdfast_number", "holdfast_reference"]
    assert len(metadata["holdfast_case"]) == 500


def test_the_version_is_the_one_the_library_describes() -> None:
    """An update of the library asks for a look at everything that is written down here."""
    assert stripe.api_version == API_VERSION
    assert stripe.VERSION == "16.1.0"


async def test_headers_of_every_request(merchant: Merchant, holds: StripeHolds) -> None:
    """Version and key as settings have them; keys in the header and not in the body; nothing is reported home."""
    hold = merchant.hold()
    await holds.authorize("main", authorization(hold), Earlier(), Asked().permits)
    await holds.capture("main", capture(hold, reference="REFCAPTURE"), Earlier(), Asked().permits)
    assert merchant.violations() == []  # the sandbox notes random keys and other versions
    assert all(one["idempotency_key"] for one in merchant.sent())
    assert not any("idempotency" in one["body"] for one in merchant.sent())
    assert stripe.enable_telemetry is False


@pytest.mark.parametrize("fault", ["refuse", "status", "status_after"])
async def test_the_library_repeats_nothing(merchant: Merchant, holds: StripeHolds, fault: str) -> None:
    """Repetition is decided elsewhere: one request, whatever comes of it."""
    hold = merchant.hold()
    merchant.fault(fault, "payment_intents.capture", times=-1)
    assert (await holds.capture("main", capture(hold), Earlier(), Asked().permits)).outcome is Outcome.UNKNOWN
    assert merchant.calls() == ["payment_intents.capture"]


async def test_one_client_per_account(clients: Clients) -> None:
    """Made once; anew when its key changed; accounts with the same patience share their connections."""
    account = StripeAccount("main", "sk_test_1")
    first = clients.of(account)
    assert clients.of(StripeAccount("main", "sk_test_1")) is first
    assert clients.of(StripeAccount("main", "sk_test_2")) is not first
    assert clients.of(StripeAccount("other", "sk_test_1")) is not first
    assert len(clients._transports) == 1
    clients.of(StripeAccount("slow", "sk_test_1", timeout_seconds=60.0))
    assert len(clients._transports) == 2


async def test_patience_is_the_accounts(clients: Clients) -> None:
    """Time-outs for the connection and for data."""
    clients.of(StripeAccount("main", "sk_test_1", timeout_seconds=12.0, connect_seconds=3.0))
    (transport,) = clients._transports.values()
    assert transport._timeout == httpx.Timeout(12.0, connect=3.0, pool=5.0)


FOREIGN = "http://127.0.0.1:8704"


@pytest.mark.parametrize(
    ("key", "base_url"),
    [
        ("sk_live_1", FOREIGN),
        ("rk_live_1", FOREIGN),
        ("sk_live_1", "http://api.stripe.com"),
        ("sk_live_1", "https://api.stripe.com.example.org"),
        ("sk_live_1", "https://api.stripe.com@example.org"),
        ("sk_live_1", "https://api.stripe.com:444"),
        ("sk_live_1", "https://api.stripe.com/proxy"),
        ("sk_test_1", "ftp://127.0.0.1"),
        ("sk_test_1", "http://"),
        ("sk_test_1", "http://[::1"),
        ("sk_test_1", "http://127.0.0.1/?to="),
        ("pk_test_1", None),
        ("whsec_1", None),
        ("pi_1_secret_2", None),
        ("sk_org_live_1", None),
        ("sk_test_1\nX-Header: 1", None),
        ("sk_test_ü", None),
        ("", None),
    ],
)
async def test_a_key_and_an_address_that_must_not_meet(clients: Clients, key: str, base_url: str | None) -> None:
    """A live key goes to the provider only, and what is no secret key goes nowhere; no part of it is told."""
    account = StripeAccount("main", key, base_url)
    with pytest.raises(Misconfigured) as caught:
        clients.of(account)
    assert "main" in str(caught.value)
    assert not key or key not in str(caught.value) + repr(account)


@pytest.mark.parametrize(
    ("key", "base_url", "base"),
    [
        ("sk_test_1", None, None),
        ("sk_live_1", None, None),
        ("rk_live_1", None, None),
        ("sk_live_1", "https://api.stripe.com", "https://api.stripe.com"),
        ("sk_test_1", f"{FOREIGN}/", FOREIGN),
        ("rk_test_1", FOREIGN, FOREIGN),
    ],
)
def test_a_key_and_an_address_that_may_meet(key: str, base_url: str | None, base: str | None) -> None:
    """Test keys go to stand-ins; an address has no slash at its end."""
    assert base_of(StripeAccount("main", key, base_url)) == base


async def test_a_refused_account_sends_nothing(merchant: Merchant) -> None:
    """Each effect and the question say so; nobody is asked."""
    accounts = {"main": merchant.account(secret_key=f"sk_live_{merchant.name}")}
    adapter, hold = StripeHolds(accounts.__getitem__), merchant.hold()
    for account in ("main", "nobody"):
        for effect in (
            adapter.authorize(account, authorization(hold), Earlier(), Asked().permits),
            adapter.capture(account, capture(hold), Earlier(), Asked().permits),
            adapter.void(account, void(hold), Earlier(), Asked().permits),
            adapter.refund(account, refund(hold), Earlier(), Asked().permits),
        ):
            result = await effect
            assert (result.outcome, result.reason) == (Outcome.NOT_SENT, reasons.MISCONFIGURED)
        again = await adapter.capture(account, capture(hold), Earlier(sends=1), Asked().permits)
        assert (again.outcome, again.reason) == (Outcome.UNKNOWN, reasons.MISCONFIGURED)
        with pytest.raises(Misconfigured):
            await adapter.read(account, case(hold), hold)
    assert merchant.calls() == []
    await adapter.close()


async def test_a_new_key_is_used_at_once(merchant: Merchant, holds: StripeHolds) -> None:
    """The key was rotated between two requests."""
    accounts = {"main": merchant.account(secret_key="sk_test_nobody")}
    adapter, hold = StripeHolds(accounts.__getitem__), merchant.hold()
    with pytest.raises(Misconfigured):
        await adapter.read("main", case(hold), hold)
    accounts["main"] = merchant.account()
    assert (await adapter.read("main", case(hold), hold)).standing is HoldStanding.HELD
    await adapter.close()


async def test_a_currency_without_decimals(merchant: Merchant, holds: StripeHolds) -> None:
    """Minor units are the provider's own: yen as yen."""
    hold = merchant.hold(1500, currency="jpy")
    yen = authorization(hold, 1500)
    result = await holds.authorize("main", replace(yen, case=Case(hold, "JPY")), Earlier(), Asked().permits)
    assert (result.evidence.amount_minor, result.evidence.currency) == (1500, "JPY")
