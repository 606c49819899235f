"""Answers have the fields of the library's classes and of the vendor's samples; requests its parameter types."""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import stripe
from pydantic import ValidationError
from stripe._encode import _api_encode
from stripe._error_object import ErrorObject

from sandboxes.stripe import merchant_requests, requests
from sandboxes.stripe.cards import CARDS
from sandboxes.stripe.declines import NAMES, decline
from sandboxes.stripe.errors import ApiError
from sandboxes.stripe.expanding import EXPANDABLE
from sandboxes.stripe.forms import decode
from sandboxes.stripe.params import Hash
from tests.sandboxes.stripe.conftest import Merchant
from tests.sandboxes.stripe.shapes import Body, is_option, parameter_names, parameters, unfit

KINDS: dict[str, Any] = {
    "account": stripe.Account,
    "balance": stripe.Balance,
    "balance_transaction": stripe.BalanceTransaction,
    "charge": stripe.Charge,
    "customer": stripe.Customer,
    "event": stripe.Event,
    "payment_intent": stripe.PaymentIntent,
    "payment_method": stripe.PaymentMethod,
    "refund": stripe.Refund,
    "setup_intent": stripe.SetupIntent,
}
# annotated, but not in the samples of an earlier version, or in them only as an empty place
NEWER = {
    "payment_intent": {"allowed_payment_method_types"},
    "setup_intent": {"allowed_payment_method_types", "customer_account"},
    "charge": {"radar_options"},
    "refund": {"failure_reason", "pending_reason"},
    "balance_transaction": {"balance_type"},
    "event": {"account"},
}


def told(merchant: Merchant) -> Iterable[Body]:
    """Objects of every kind and in every state that this sandbox can bring them to."""
    v1, http = merchant.v1, merchant.http
    customer, method = merchant.customer(metadata={"a": "b"})
    shipping = {"name": "E", "address": {"line1": "Weg 1", "city": "Köln"}}
    v1.customers.create({"name": "E", "address": {"city": "Köln"}, "shipping": shipping}, merchant.once())
    options = {"card": {f"request_{name}": "if_available" for name in ("multicapture", "overcapture")}}
    options["card"]["stored_credential_usage"] = "unscheduled"
    held = merchant.renew(customer, method, payment_method_options=options, shipping=shipping, description="d")
    v1.payment_intents.capture(held.id, {"amount_to_capture": 10, "final_capture": False}, merchant.once())
    merchant.seed(card="pm_card_pendingRefund", state="captured")
    for taken in list(v1.payment_intents.list({"limit": 2}).data):
        v1.refunds.create({"payment_intent": taken.id, "amount": 5, "reason": "duplicate"}, merchant.once())
    for running_out in (held.id, merchant.seed()["payment_intent"]):
        merchant.hook(running_out, "expire")
    for state in ("declined", "requires_action", "created", "captured"):
        merchant.seed(state=state)
    merchant.hook(merchant.seed()["payment_intent"], "cancel", reason="abandoned")
    setup: Any = {"confirm": True, "customer": customer, "allowed_payment_method_types": ["card"]}
    for token in ("pm_card_visa", "pm_card_authenticationRequired"):
        v1.setup_intents.create({**setup, "payment_method": token}, merchant.once())
    asked = merchant.create(payment_method="pm_card_authenticationRequired", return_url="https://shop.example/")
    assert asked.status == "requires_action"
    for path in (
        "payment_intents?limit=100&expand[0]=data.latest_charge.balance_transaction.source&expand[1]=data.payment_method",
        "payment_intents?limit=100&expand[0]=data.customer",
        "charges?limit=100&expand[0]=data.refunds.data.charge&expand[1]=data.payment_intent",
        "refunds?limit=100&expand[0]=data.payment_intent.customer&expand[1]=data.balance_transaction",
        "customers?limit=100",
        f"payment_methods?customer={customer}&expand[0]=data.customer",
        "events?limit=100",
    ):
        answer = http.get(f"/v1/{path}")
        assert answer.status_code == 200, answer.text
        yield from answer.json()["data"]
    yield http.get("/v1/account").json()
    yield http.get("/v1/balance").json()
    setups = [one.data.object.id for one in v1.events.list({"type": "setup_intent.created"}).data]
    for key in setups:
        yield http.get(f"/v1/setup_intents/{key}?expand[0]=payment_method").json()


def inside(value: Any) -> Iterable[Body]:
    """Every object of the API in an answer, however deep."""
    if isinstance(value, list):
        for one in value:
            yield from inside(one)
    elif isinstance(value, dict):
        kind = value.get("object")
        if isinstance(kind, str) and kind in KINDS:
            yield value
        for one in value.values():
            yield from inside(one)


@pytest.mark.rule("SX12")
def test_answers_fit_the_classes_and_the_samples(merchant: Merchant) -> None:
    """No unknown field, no missing one, no wrong type, at any depth; samples know every name, too."""
    samples = _samples()
    problems: set[str] = set()
    seen: dict[str, int] = {}
    for answer in told(merchant):
        for one in inside(answer):
            kind = one["object"]
            seen[kind] = seen.get(kind, 0) + 1
            problems.update(unfit(one, KINDS[kind], kind))
            if samples is not None and kind in samples:
                extra = set(one) - set(samples[kind]) - NEWER.get(kind, set()) - {"refunds"}
                problems.update(f"{kind}.{name}: not in the sample" for name in extra)
    assert sorted(problems) == []
    assert set(seen) == set(KINDS)


def _samples() -> dict[str, Any] | None:
    root = os.environ.get("HOLDFAST_SPECS")
    path = Path(root or "") / "stripe" / "fixtures3.json"
    return json.loads(path.read_text())["resources"] if root and path.is_file() else None


def test_the_comparison_finds_what_does_not_fit(merchant: Merchant) -> None:
    """An unknown name, a missing one, a wrong type and a wrong list are all found, at any depth."""
    held = merchant.seed()["payment_intent"]
    expanded = {"expand[0]": "latest_charge.refunds"}
    good = merchant.http.get(f"/v1/payment_intents/{held}", params=expanded).json()
    assert unfit(good, stripe.PaymentIntent) == []
    charge = good["latest_charge"]
    details = {**charge["payment_method_details"], "card": {**charge["payment_method_details"]["card"], "colour": 1}}
    for spoiled in (
        {**good, "colour": "red"},
        {key: value for key, value in good.items() if key != "amount_capturable"},
        {**good, "amount": "10000"},
        {**good, "livemode": 0},
        {**good, "latest_charge": {**charge, "refunds": []}},
        {**good, "latest_charge": {**charge, "payment_method_details": details}},
    ):
        assert len(unfit(spoiled, stripe.PaymentIntent)) == 1, spoiled


def test_the_samples_are_there() -> None:
    """Without the vendor's samples the names are compared with the classes only: say so."""
    if _samples() is None:
        pytest.skip("HOLDFAST_SPECS does not name a folder with stripe/fixtures3.json")


@pytest.mark.rule("SX12")
def test_errors_fit_the_class_of_errors(merchant: Merchant) -> None:
    """A refusal of a card, of a state, of a parameter."""
    held = merchant.seed()["payment_intent"]
    body = "amount=500&currency=eur&confirm=true&payment_method=pm_card_visa_chargeDeclined"
    sent = {"content-type": "application/x-www-form-urlencoded"}
    for path, content in (
        ("payment_intents", f"{body}&allowed_payment_method_types[0]=card"),
        (f"payment_intents/{held}/confirm", ""),
        ("customers", "colour=red"),
    ):
        error = merchant.http.post(f"/v1/{path}", content=content, headers=sent).json()["error"]
        assert unfit(error, ErrorObject, "error") == []


PARAMETERS: dict[str, tuple[Hash, str]] = {
    "PaymentIntentCreateParams": (requests.INTENT_CREATE, "_payment_intent_create_params"),
    "PaymentIntentUpdateParams": (requests.INTENT_UPDATE, "_payment_intent_update_params"),
    "PaymentIntentConfirmParams": (requests.INTENT_CONFIRM, "_payment_intent_confirm_params"),
    "PaymentIntentCaptureParams": (requests.INTENT_CAPTURE, "_payment_intent_capture_params"),
    "PaymentIntentCancelParams": (requests.INTENT_CANCEL, "_payment_intent_cancel_params"),
    "PaymentIntentIncrementAuthorizationParams": (
        requests.INTENT_INCREMENT,
        "_payment_intent_increment_authorization_params",
    ),
    "PaymentIntentListParams": (requests.INTENT_LIST, "_payment_intent_list_params"),
    "PaymentIntentRetrieveParams": (requests.INTENT_RETRIEVE, "_payment_intent_retrieve_params"),
    "SetupIntentCreateParams": (requests.SETUP_CREATE, "_setup_intent_create_params"),
    "SetupIntentConfirmParams": (requests.SETUP_CONFIRM, "_setup_intent_confirm_params"),
    "ChargeListParams": (merchant_requests.CHARGE_LIST, "_charge_list_params"),
    "RefundCreateParams": (merchant_requests.REFUND_CREATE, "_refund_create_params"),
    "RefundListParams": (merchant_requests.REFUND_LIST, "_refund_list_params"),
    "CustomerCreateParams": (merchant_requests.CUSTOMER_CREATE, "_customer_create_params"),
    "CustomerListParams": (merchant_requests.CUSTOMER_LIST, "_customer_list_params"),
    "PaymentMethodCreateParamsCard": (
        merchant_requests.METHOD_CREATE.fields["card"],  # type: ignore[dict-item]
        "_payment_method_create_params",
    ),
    "PaymentMethodAttachParams": (merchant_requests.METHOD_ATTACH, "_payment_method_attach_params"),
    "PaymentMethodListParams": (merchant_requests.METHOD_LIST, "_payment_method_list_params"),
    "EventListParams": (merchant_requests.EVENT_LIST, "_event_list_params"),
}
OTHER_METHODS = {"link", "paypal", "klarna", "sepa_debit", "card_present"}


@pytest.mark.parametrize("name", PARAMETERS)
def test_tables_name_every_parameter(name: str) -> None:
    """Each parameter of the library is played, or known as not played; no other name is."""
    table, module = PARAMETERS[name]
    assert set(table.fields) | set(table.unplayed) == parameter_names(module, name)
    assert not set(table.fields) & set(table.unplayed)


GOOD: list[tuple[str, Body]] = [
    ("PaymentIntentCreateParams", {"amount": 1000, "currency": "eur"}),
    (
        "PaymentIntentCreateParams",
        {
            "amount": 1000,
            "currency": "eur",
            "capture_method": "manual",
            "confirm": True,
            "customer": "cus_1",
            "expand": ["latest_charge"],
            "allowed_payment_method_types": ["card"],
            "mandate_data": {
                "customer_acceptance": {"type": "online", "online": {"ip_address": "192.0.2.1", "user_agent": "x"}}
            },
            "metadata": {"order_id": "1", "2": "3"},
            "off_session": True,
            "payment_method": "pm_1",
            "payment_method_options": {"card": {"request_multicapture": "if_available", "moto": True}},
            "shipping": {"name": "E", "address": {"line1": "Weg 1", "country": "DE"}},
        },
    ),
    ("PaymentIntentCaptureParams", {"amount_to_capture": 1, "final_capture": False, "metadata": ""}),
    ("PaymentIntentCancelParams", {"cancellation_reason": "abandoned"}),
    ("PaymentIntentListParams", {"created": {"gte": 1, "lt": 9}, "limit": 5, "customer": "cus_1"}),
    ("PaymentIntentListParams", {"created": 7}),
    ("RefundCreateParams", {"payment_intent": "pi_1", "amount": 5, "metadata": {"refund_id": "R-1"}}),
    ("CustomerCreateParams", {"email": "a@b.example", "address": "", "preferred_locales": ["de", "en"]}),
    ("EventListParams", {"types": ["charge.captured"], "delivery_success": False}),
]
SPOILED: list[tuple[str, Body]] = [
    ("PaymentIntentCreateParams", {"amount": 1000}),
    ("PaymentIntentCreateParams", {"amount": "x", "currency": "eur"}),
    ("PaymentIntentCreateParams", {"amount": 1000, "currency": "eur", "payment_method_types": ["card"]}),
    ("PaymentIntentCreateParams", {"amount": 1000, "currency": "eur", "idempotency_key": "k"}),
    ("PaymentIntentCreateParams", {"amount": 1000, "currency": "eur", "shipping": {"name": "E"}}),
    ("PaymentIntentCreateParams", {"amount": 1, "currency": "eur", "payment_method_options": {"card": {"x": 1}}}),
    (
        "PaymentIntentCreateParams",
        {"amount": 1, "currency": "eur", "mandate_data": {"customer_acceptance": {"type": 5}}},
    ),
    ("PaymentIntentCaptureParams", {"amount": 5}),
    ("PaymentIntentCaptureParams", {"final_capture": "perhaps"}),
    ("PaymentIntentCancelParams", {"reason": "abandoned"}),
    ("PaymentIntentIncrementAuthorizationParams", {}),
    ("PaymentIntentListParams", {"created": {"since": 5}}),
    ("PaymentIntentListParams", {"status": "succeeded"}),
    ("RefundCreateParams", {"payment_intent": {"id": "pi_1"}}),
    ("RefundCreateParams", {"amount": [5]}),
    ("CustomerCreateParams", {"metadata": {"a": {"b": "c"}}}),
    ("PaymentMethodAttachParams", {"customer": ["cus_1"]}),
    ("EventListParams", {"types": "charge.captured"}),
]


def _sandbox_takes(name: str, body: Body) -> bool:
    """Whether the sandbox's table takes the body as the library sends it."""
    sent = "&".join(f"{key}={_spelled(value)}" for key, value in _api_encode(body))
    try:
        PARAMETERS[name][0](decode(sent))
    except ApiError:
        return False
    return True


def _spelled(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _library_takes(name: str, body: Body) -> bool:
    if any(is_option(key) for key in body):
        return False
    try:
        parameters(PARAMETERS[name][1], name).validate_python(body)
    except ValidationError:
        return False
    return True


@pytest.mark.rule("SX12")
@pytest.mark.parametrize(("name", "body"), GOOD)
def test_bodies_that_the_library_knows(name: str, body: Body) -> None:
    """Both take them."""
    assert (_library_takes(name, body), _sandbox_takes(name, body)) == (True, True)


@pytest.mark.rule("SX12")
@pytest.mark.parametrize(("name", "body"), SPOILED)
def test_bodies_that_the_library_does_not_know(name: str, body: Body) -> None:
    """What the parameter types refuse the sandbox refuses, too."""
    assert (_library_takes(name, body), _sandbox_takes(name, body)) == (False, False)


def test_names_of_the_library_are_used() -> None:
    """Decline codes, error codes, event types and what can be unfolded are words that the library has."""
    for kind, fields in EXPANDABLE.items():
        if kind in KINDS:
            assert set(fields) <= set(KINDS[kind].__annotations__)
    known = set(stripe.PaymentIntent.LastPaymentError.__annotations__["code"].__args__[0].__args__)
    assert {decline(name, brand).code for name in NAMES for brand in ("visa", "amex", "mastercard")} <= known
    assert {card.number for card in CARDS.values()} >= {"4242424242424242", "4000000000000341", "4000002760003184"}


def test_event_types_are_those_of_the_library(merchant: Merchant) -> None:
    """Every type of event that happens is in the closed list of the library."""
    known = stripe.Event.__annotations__["type"].__args__
    list(told(merchant))
    types = {one.type for one in merchant.v1.events.list({"limit": 100}).auto_paging_iter()}
    assert types <= set(known)
    assert {"charge.expired", "payment_intent.requires_action", "setup_intent.succeeded", "refund.created"} <= types
