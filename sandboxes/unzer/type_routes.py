"""`/v1/types`: payment types of every row in `rules`, and what a checkout asks about them."""

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandboxes.unzer.account import UnzerAccount
from sandboxes.unzer.call import Call, PlainJson, route, settled
from sandboxes.unzer.errors import ApiError
from sandboxes.unzer.rules import BY_SHORT, RULES, TypeRule

BRANDS = {"4": "VISA", "5": "MASTER", "3": "AMEX"}
IGNORED = frozenset({"id", "method", "recurring", "geoLocation", "public_key", "cvc"})


def make_type(
    account: UnzerAccount, public_key: str, rule: TypeRule, data: dict[str, Any], client_ip: str = ""
) -> dict[str, Any]:
    """Create a type resource; card numbers are kept masked only."""
    slash = "/" if account.settings.method_with_slash else ""
    made: dict[str, Any] = {
        "id": f"{account.prefix}-{rule.short}-{account.ids.random_part()}",
        "method": slash + rule.name,
        "recurring": False,
        "geoLocation": {"clientIp": client_ip, "countryIsoA2": ""},
        **_kept(rule, data),
        "public_key": public_key,
    }
    account.types[made["id"]] = made
    account.emit("types", f"/v1/types/{made['id']}", public_key=public_key)
    return made


def _kept(rule: TypeRule, data: dict[str, Any]) -> dict[str, Any]:
    kept = {key: settled(value) for key, value in data.items() if key not in IGNORED and value is not None}
    number = str(kept.get("number") or "").replace(" ", "")
    if rule.name in ("card", "clicktopay"):
        kept.setdefault("3ds", False)
        kept["brand"] = kept.get("brand") or BRANDS.get(number[:1], "VISA")
        kept.setdefault("cardHolder", "")
        kept["expiryDate"] = kept.get("expiryDate") or "12/2035"
        kept["number"] = f"{number[:6]}******{number[-4:]}" if len(number) >= 12 else "401288******1881"
    return kept


def shown(kept: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in kept.items() if key != "public_key"}


def create_type(call: Call) -> Response:
    rule = RULES.get(call.path("name").lower())
    configured = call.account.settings.types
    if rule is None:
        raise ApiError("API.500.300.404")
    if configured is not None and rule.name not in configured:
        raise ApiError("API.710.000.003")
    headers, client = call.request.headers, call.request.client
    client_ip = headers.get("clientip") or (client.host if client is not None else "")
    made = make_type(call.account, call.public_key, rule, call.body, client_ip)
    call.account.touch()
    return PlainJson(shown(made), 201)


def read_type(call: Call) -> Response:
    return PlainJson(shown(_type(call)))


def change_type(call: Call) -> Response:
    kept = _type(call)
    rule = BY_SHORT[kept["id"].split("-")[1]]
    kept.update(_kept(rule, {**kept, **call.body}))
    call.account.touch()
    return PlainJson(shown(kept))


def _type(call: Call) -> dict[str, Any]:
    kept = call.account.types.get(call.path("type_id"))
    if kept is None or kept["public_key"] != call.public_key:
        raise ApiError("API.500.100.001", f"Payment type {call.path('type_id')} not found")
    return kept


def paylater_config(call: Call) -> Response:
    rule = RULES.get(call.path("name"))
    if rule is None or not rule.paylater:
        raise ApiError("API.500.300.404")
    terms = "https://example.invalid/terms"
    return PlainJson({"dataPrivacyConsent": terms, "termsAndConditions": terms, "channelId": "31HA00000000000000"})


def type_routes() -> list[tuple[str, str, Callable[[Request], Any]]]:
    return [
        ("GET", "/v1/types/{name}/config", route("type", paylater_config, public=True)),
        ("GET", "/v1/types/{type_id}", route("type", read_type, public=True)),
        ("GET", "/v1/types/{name}/{type_id}", route("type", read_type, public=True)),
        ("PUT", "/v1/types/{name}/{type_id}", route("type", change_type, public=True)),
        ("POST", "/v1/types/{name}", route("type", create_type, public=True)),
    ]
