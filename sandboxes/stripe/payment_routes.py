"""`/v1/payment_intents` and `/v1/setup_intents`."""

from typing import Any

from sandboxes.stripe import holds, intents, requests, setups, wire
from sandboxes.stripe.call import Call, Route
from sandboxes.stripe.errors import missing_object
from sandboxes.stripe.listing import page
from sandboxes.stripe.model import Intent


def _shown(call: Call, intent: Intent) -> dict[str, Any]:
    return wire.intent(call.side, intent)


def _intent(call: Call) -> Intent:
    return intents.intent_of(call.side, call.path("payment_intent"))


def create(call: Call) -> dict[str, Any]:
    return _shown(call, intents.create(call.side, call.params, call.forced))


def retrieve(call: Call) -> dict[str, Any]:
    """A publishable key reads a payment only with its client secret."""
    intent = _intent(call)
    secret = call.params.get("client_secret")
    if secret != intent.client_secret and (secret is not None or call.owner.kind == "publishable"):
        raise missing_object("payment_intent", intent.id, "intent")
    return _shown(call, intent)


def update(call: Call) -> dict[str, Any]:
    intent = _intent(call)
    intents.update(call.side, intent, call.params)
    return _shown(call, intent)


def confirm(call: Call) -> dict[str, Any]:
    intent = _intent(call)
    intents.confirm(call.side, intent, call.params, call.forced)
    return _shown(call, intent)


def capture(call: Call) -> dict[str, Any]:
    intent, params = _intent(call), call.params
    final = params.get("final_capture", True)
    holds.capture(call.side, intent, params.get("amount_to_capture"), final=final, metadata=params.get("metadata"))
    return _shown(call, intent)


def cancel(call: Call) -> dict[str, Any]:
    intent = _intent(call)
    holds.cancel(call.side, intent, call.params.get("cancellation_reason", ""))
    return _shown(call, intent)


def increment(call: Call) -> dict[str, Any]:
    intent = _intent(call)
    intents.raise_hold(call.side, intent, call.params, call.forced)
    return _shown(call, intent)


def listed(call: Call) -> dict[str, Any]:
    side, params = call.side, call.params
    found = [one for one in side.intents.values() if params.get("customer") in (None, one.customer)]
    return page("/v1/payment_intents", found, params, lambda one: wire.intent(side, one), side.intents)


def create_setup(call: Call) -> dict[str, Any]:
    return wire.setup_intent(call.side, setups.create(call.side, call.params))


def retrieve_setup(call: Call) -> dict[str, Any]:
    return wire.setup_intent(call.side, setups.setup_of(call.side, call.path("setup_intent")))


def confirm_setup(call: Call) -> dict[str, Any]:
    setup = setups.setup_of(call.side, call.path("setup_intent"))
    setups.confirm(call.side, setup, call.params)
    return wire.setup_intent(call.side, setup)


def payment_routes() -> list[Route]:
    group, one = "payment_intents", "/v1/payment_intents/{payment_intent}"
    seti = "/v1/setup_intents/{setup_intent}"
    kind = "payment_intent"
    return [
        Route(f"{group}.create", "POST", "/v1/payment_intents", requests.INTENT_CREATE, create, kind, group),
        Route(f"{group}.list", "GET", "/v1/payment_intents", requests.INTENT_LIST, listed, kind, group),
        Route(f"{group}.retrieve", "GET", one, requests.INTENT_RETRIEVE, retrieve, kind, group, public=True),
        Route(f"{group}.update", "POST", one, requests.INTENT_UPDATE, update, kind, group),
        Route(f"{group}.confirm", "POST", f"{one}/confirm", requests.INTENT_CONFIRM, confirm, kind, group),
        Route(f"{group}.capture", "POST", f"{one}/capture", requests.INTENT_CAPTURE, capture, kind, group),
        Route(f"{group}.cancel", "POST", f"{one}/cancel", requests.INTENT_CANCEL, cancel, kind, group),
        Route(
            f"{group}.increment_authorization",
            "POST",
            f"{one}/increment_authorization",
            requests.INTENT_INCREMENT,
            increment,
            kind,
            group,
        ),
        Route(
            "setup_intents.create",
            "POST",
            "/v1/setup_intents",
            requests.SETUP_CREATE,
            create_setup,
            "setup_intent",
            "setup_intents",
        ),
        Route(
            "setup_intents.retrieve", "GET", seti, requests.RETRIEVE, retrieve_setup, "setup_intent", "setup_intents"
        ),
        Route(
            "setup_intents.confirm",
            "POST",
            f"{seti}/confirm",
            requests.SETUP_CONFIRM,
            confirm_setup,
            "setup_intent",
            "setup_intents",
        ),
    ]
