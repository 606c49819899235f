"""Customers, baskets in their versions, and metadata."""

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandboxes.unzer.amounts import to_minor, wire
from sandboxes.unzer.call import Call, PlainJson, route, settled
from sandboxes.unzer.errors import ApiError

ADDRESS = dict.fromkeys(("name", "street", "state", "zip", "city", "country", "shippingType"), "")
CUSTOMER = dict.fromkeys(
    [
        "customerId",
        "firstname",
        "lastname",
        "company",
        "salutation",
        "birthDate",
        "email",
        "phone",
        "mobile",
        "language",
    ],
    "",
)
BASKET_AMOUNTS = ("totalValueGross", "amountTotalGross", "amountTotalVat", "amountTotalDiscount")
ITEM_AMOUNTS = [
    "amountPerUnitGross",
    "amountDiscountPerUnitGross",
    "amountDiscount",
    "amountGross",
    "amountVat",
    "amountPerUnit",
    "amountNet",
]
Route = tuple[str, str, Callable[[Request], Any]]


def customer_body(kept: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = {"id": kept["id"]}
    body.update({key: kept.get(key) or default for key, default in CUSTOMER.items()})
    for key in ("billingAddress", "shippingAddress"):
        given = kept.get(key) or {}
        body[key] = {part: given.get(part) or default for part, default in ADDRESS.items()}
    if kept.get("companyInfo"):
        body["companyInfo"] = kept["companyInfo"]
    return body


def create_customer(call: Call) -> Response:
    data = settled(call.body)
    own_id = data.get("customerId") or ""
    if own_id and _customer_by(call, own_id) is not None:
        raise ApiError("API.410.200.010")
    kept = {**data, "id": f"{call.account.prefix}-cst-{call.account.ids.random_part()}", "public_key": call.public_key}
    call.account.customers[kept["id"]] = kept
    return _customer_changed(call, kept, "created", 201)


def change_customer(call: Call) -> Response:
    kept = _customer(call)
    kept.update({key: value for key, value in settled(call.body).items() if key not in ("id", "public_key")})
    return _customer_changed(call, kept, "updated", 200)


def delete_customer(call: Call) -> Response:
    kept = _customer(call)
    del call.account.customers[kept["id"]]
    return _customer_changed(call, kept, "deleted", 200)


def _customer_changed(call: Call, kept: dict[str, Any], how: str, status: int) -> Response:
    call.account.emit(f"customer.{how}", f"/v1/customers/{kept['id']}", public_key=call.public_key)
    call.account.touch()
    return PlainJson({"id": kept["id"]}, status)


def _customer_by(call: Call, key: str) -> dict[str, Any] | None:
    own = [one for one in call.account.customers.values() if one["public_key"] == call.public_key]
    return next((one for one in own if key in (one["id"], one.get("customerId"))), None)


def _customer(call: Call) -> dict[str, Any]:
    kept = _customer_by(call, call.path("key"))
    if kept is None:
        raise ApiError("API.410.100.100", f"Customer {call.path('key')} not found")
    return kept


def _amounts(data: dict[str, Any], keys: tuple[str, ...] | list[str], currency: str) -> None:
    for key in keys:
        if data.get(key) not in (None, ""):
            try:
                data[key] = wire(to_minor(data[key], currency), currency)
            except ValueError as error:
                raise ApiError("API.500.300.999", f"{key}: {error}") from error


def _basket_data(call: Call) -> dict[str, Any]:
    data: dict[str, Any] = settled(call.body)
    currency = str(data.get("currencyCode") or "EUR")
    items = data.get("basketItems") or []
    if not isinstance(items, list) or not all(isinstance(one, dict) for one in items):
        raise ApiError("API.500.300.999", "basketItems is not a list of objects")
    _amounts(data, BASKET_AMOUNTS, currency)
    for item in items:
        _amounts(item, ITEM_AMOUNTS, currency)
    data["basketItems"] = items
    return data


def _basket(call: Call) -> dict[str, Any]:
    kept = call.account.baskets.get(call.path("key"))
    if kept is None or kept["public_key"] != call.public_key or kept["gross"] != _gross(call):
        raise ApiError("API.600.410.024", f"Basket {call.path('key')} not found in this version")
    return kept


def _gross(call: Call) -> bool:
    """Versions 2 and 3 share the gross-price form, version 1 has its own."""
    return not call.request.url.path.startswith("/v1/")


def create_basket(call: Call) -> Response:
    made_id = f"{call.account.prefix}-bsk-{call.account.ids.random_part()}"
    kept = {**_basket_data(call), "id": made_id, "public_key": call.public_key, "gross": _gross(call)}
    call.account.baskets[made_id] = kept
    return _basket_changed(call, made_id, "created", 201)


def change_basket(call: Call) -> Response:
    kept = _basket(call)
    kept.update({key: one for key, one in _basket_data(call).items() if key not in ("id", "public_key", "gross")})
    return _basket_changed(call, kept["id"], "updated", 200)


def _basket_changed(call: Call, basket_id: str, how: str, status: int) -> Response:
    call.account.emit(f"basket.{how}", f"/v1/baskets/{basket_id}", public_key=call.public_key)
    call.account.touch()
    return PlainJson({"id": basket_id}, status)


def _public(kept: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in kept.items() if key not in ("public_key", "gross")}


def create_metadata(call: Call) -> Response:
    made_id = f"{call.account.prefix}-mtd-{call.account.ids.random_part()}"
    data = {key: str(value) for key, value in settled(call.body).items() if key not in ("id", "public_key")}
    call.account.metadata[made_id] = {**data, "id": made_id, "public_key": call.public_key}
    call.account.touch()
    return PlainJson({"id": made_id}, 201)


def change_metadata(call: Call) -> Response:
    kept = _metadata(call)
    kept.update({key: str(value) for key, value in settled(call.body).items() if key not in ("id", "public_key")})
    call.account.touch()
    return PlainJson({"id": kept["id"]})


def _metadata(call: Call) -> dict[str, Any]:
    kept = call.account.metadata.get(call.path("key"))
    if kept is None or kept["public_key"] != call.public_key:
        raise ApiError("API.500.300.404", f"Metadata {call.path('key')} not found")
    return kept


def resource_routes() -> list[Route]:
    found: list[Route] = []
    for version in ("v1", "v2"):
        one = f"/{version}/customers/{{key}}"
        found += [
            ("POST", f"/{version}/customers", route("customer", create_customer, public=True)),
            ("GET", one, route("customer", lambda call: PlainJson(customer_body(_customer(call))))),
            ("PUT", one, route("customer", change_customer)),
            ("DELETE", one, route("customer", delete_customer)),
        ]
    for version in ("v1", "v2", "v3"):
        one = f"/{version}/baskets/{{key}}"
        found += [
            ("POST", f"/{version}/baskets", route("basket", create_basket)),
            ("GET", one, route("basket", lambda call: PlainJson(_public(_basket(call))))),
            ("PUT", one, route("basket", change_basket)),
        ]
    found += [
        ("POST", "/v1/metadata", route("metadata", create_metadata)),
        ("GET", "/v1/metadata/{key}", route("metadata", lambda call: PlainJson(_public(_metadata(call))))),
        ("PUT", "/v1/metadata/{key}", route("metadata", change_metadata)),
    ]
    return found
