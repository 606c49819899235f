"""What belongs to the merchant: key pair, bearer tokens, webhooks, earlier errors."""

import time
from collections import deque
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandboxes.unzer.auth import make_token
from sandboxes.unzer.call import Call, PlainJson, route
from sandboxes.unzer.errors import ApiError
from sandboxes.unzer.rules import RULES, TypeRule
from sandboxes.unzer.steps import text
from sandboxes.unzer.webhooks import shown

TOKENS_PER_SECOND = 2


def _types(call: Call) -> list[TypeRule]:
    configured = call.account.settings.types
    return [rule for rule in RULES.values() if configured is None or rule.name in configured]


def keypair(call: Call) -> Response:
    settings = call.account.settings
    return PlainJson(
        {
            "publicKey": call.public_key,
            "availablePaymentTypes": [_listed_name(rule) for rule in _types(call)],
            "secureLevel": "SAQ-A",
            "alias": call.account.name,
            "merchantName": settings.merchant_name,
            "merchantAddress": "",
            "cof": False,
            "validateBasket": False,
        }
    )


def keypair_types(call: Call) -> Response:
    """The long form; it repeats the private key."""
    types = [
        {
            "type": _listed_name(rule),
            "allowCustomerTypes": "B2C,B2B",
            "allowCreditTransaction": False,
            "3ds": False,
            "supports": [
                {
                    "brands": list(rule.brands),
                    "countries": [],
                    "channel": "31HA00000000000000000000000000AA",
                    "currency": list(rule.currencies or call.account.settings.currencies),
                }
            ],
        }
        for rule in _types(call)
    ]
    pair = call.caller.pair
    return PlainJson(
        {
            "publicKey": pair.public_key,
            "privateKey": pair.private_key,
            "secureLevel": "SAQ-A",
            "alias": call.account.name,
            "paymentTypes": types,
        }
    )


def _listed_name(rule: TypeRule) -> str:
    return "EPS" if rule.name == "eps" else rule.name


def token(call: Call) -> Response:
    """A bearer token; a third one within a second is refused and noted as a violation."""
    if not call.request.headers.get("authorization", "").lower().startswith("basic"):
        raise ApiError("API.710.000.007")
    recent: deque[float] = call.server.token_times.setdefault(call.public_key, deque(maxlen=TOKENS_PER_SECOND))
    now = time.monotonic()
    if len(recent) == TOKENS_PER_SECOND and now - recent[0] < 1:
        call.account.violation("token creations per second", limit=TOKENS_PER_SECOND)
        raise ApiError("API.000.000.999", "too many tokens", status=429)
    recent.append(now)
    return PlainJson({"accessToken": make_token(call.account, call.caller.pair)})


def create_webhooks(call: Call) -> Response:
    url, events = text(call.body, "url"), call.body.get("eventList")
    names = [str(one) for one in events] if isinstance(events, list) else []
    if text(call.body, "event"):
        names.append(text(call.body, "event"))
    if not url.startswith(("http://", "https://")) or not names:
        raise ApiError("API.500.300.999", "url or event is missing")
    made = call.account.webhooks.add(call.public_key, call.account.prefix, url, list(dict.fromkeys(names)))
    call.account.touch()
    return PlainJson(shown(made[0]) if len(made) == 1 else _events(made), 201)


def list_webhooks(call: Call) -> Response:
    return PlainJson(_events(call.account.webhooks.of(call.public_key)))


def read_webhook(call: Call) -> Response:
    return PlainJson(shown(call.account.webhooks.get(call.public_key, call.path("whk"))))


def change_webhook(call: Call) -> Response:
    """Change the address; an event in the body is ignored."""
    found = call.account.webhooks.get(call.public_key, call.path("whk"))
    url = text(call.body, "url")
    if not url.startswith(("http://", "https://")):
        raise ApiError("API.500.300.999", "url is missing")
    found["url"] = url
    call.account.touch()
    return PlainJson(shown(found))


def delete_webhook(call: Call) -> Response:
    gone = call.account.webhooks.remove(call.public_key, call.path("whk"))
    call.account.touch()
    return PlainJson({"id": gone["id"]})


def delete_webhooks(call: Call) -> Response:
    gone = call.account.webhooks.remove_all(call.public_key)
    call.account.touch()
    return PlainJson(_events(gone))


def _events(hooks: list[dict[str, str]]) -> dict[str, Any]:
    return {"events": [shown(one) for one in hooks]}


def read_error(call: Call) -> Response:
    found = call.account.errors.get(call.path("err"))
    if found is None:
        raise ApiError("API.500.300.404", f"Error {call.path('err')} not found")
    return PlainJson(found)


def merchant_routes() -> list[tuple[str, str, Callable[[Request], Any]]]:
    return [
        ("POST", "/v1/auth/token", route("token", token)),
        ("GET", "/v1/keypair", route("keypair", keypair)),
        ("GET", "/v1/keypair/types", route("keypair", keypair_types)),
        ("POST", "/v1/webhooks", route("webhook", create_webhooks)),
        ("GET", "/v1/webhooks", route("webhook", list_webhooks)),
        ("DELETE", "/v1/webhooks", route("webhook", delete_webhooks)),
        ("GET", "/v1/webhooks/{whk}", route("webhook", read_webhook)),
        ("PUT", "/v1/webhooks/{whk}", route("webhook", change_webhook)),
        ("DELETE", "/v1/webhooks/{whk}", route("webhook", delete_webhook)),
        ("GET", "/v1/errors/{err}", route("error", read_error)),
    ]
