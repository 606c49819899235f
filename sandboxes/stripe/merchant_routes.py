"""Everything beside the payments: account, balance, customers, stored cards, charges, refunds, events."""

from collections.abc import Callable
from typing import Any

from sandboxes.stripe import merchant_requests as requests
from sandboxes.stripe import people, refunding, wire, wire_people
from sandboxes.stripe.call import Call, Route
from sandboxes.stripe.errors import ApiError, invalid, missing_object
from sandboxes.stripe.listing import page
from sandboxes.stripe.model import Charge
from sandboxes.stripe.params import merged
from sandboxes.stripe.requests import RETRIEVE

CUSTOMER_FIELDS = ("address", "description", "email", "name", "phone", "preferred_locales", "shipping")


def account(call: Call) -> dict[str, Any]:
    return wire_people.account(call.account)


def balance(call: Call) -> dict[str, Any]:
    return wire_people.balance(call.side)


def create_customer(call: Call) -> dict[str, Any]:
    side, params = call.side, call.params
    fields = {name: params[name] for name in CUSTOMER_FIELDS if name in params}
    method = people.method_of(side, params["payment_method"]) if "payment_method" in params else None
    if method is not None:
        people.check_attachable(side, method, "")
    made = people.make_customer(side, fields, merged({}, params.get("metadata")))
    if method is not None:
        people.attach(side, method, made.id)
    return wire_people.customer(side, made)


def retrieve_customer(call: Call) -> dict[str, Any]:
    return wire_people.customer(call.side, people.customer_of(call.side, call.path("customer"), "id"))


def list_customers(call: Call) -> dict[str, Any]:
    side, params = call.side, call.params
    found = [one for one in side.customers.values() if params.get("email") in (None, one.fields.get("email"))]
    return page("/v1/customers", found, params, lambda one: wire_people.customer(side, one), side.customers)


def create_method(call: Call) -> dict[str, Any]:
    side, params = call.side, call.params
    if side.live:
        raise missing_object("token", params["card"]["token"], "card[token]", elsewhere="test")
    made = people.make_method(side, params["card"]["token"])
    made.billing = params.get("billing_details", {})
    made.metadata = merged({}, params.get("metadata"))
    made.allow_redisplay = params.get("allow_redisplay", made.allow_redisplay)
    return wire_people.payment_method(side, made)


def retrieve_method(call: Call) -> dict[str, Any]:
    found = people.method_of(call.side, call.path("payment_method"), tokens=False)
    return wire_people.payment_method(call.side, found)


def attach_method(call: Call) -> dict[str, Any]:
    side = call.side
    customer = people.customer_of(side, call.params["customer"])
    method = people.method_of(side, call.path("payment_method"))
    people.check_attachable(side, method, customer.id)
    people.attach(side, method, customer.id)
    return wire_people.payment_method(side, method)


def list_methods(call: Call) -> dict[str, Any]:
    side, params = call.side, call.params
    customer = people.customer_of(side, params["customer"]).id if "customer" in params else None
    found = [one for one in side.methods.values() if one.customer and customer in (None, one.customer)]
    return page("/v1/payment_methods", found, params, lambda one: wire_people.payment_method(side, one), side.methods)


def list_customer_methods(call: Call) -> dict[str, Any]:
    call.params["customer"] = people.customer_of(call.side, call.path("customer")).id
    return {**list_methods(call), "url": f"/v1/customers/{call.path('customer')}/payment_methods"}


def charge_of(call: Call, key: str, param: str) -> Charge:
    found = call.side.charges.get(key)
    if found is None:
        raise missing_object("charge", key, param, elsewhere=people.elsewhere(call.side, "charges", key))
    return found


def retrieve_charge(call: Call) -> dict[str, Any]:
    return wire.charge(call.side, charge_of(call, call.path("charge"), "charge"))


def list_charges(call: Call) -> dict[str, Any]:
    side = call.side
    found = _matching(side.charges, call.params, "payment_intent", "customer")
    return page("/v1/charges", found, call.params, lambda one: wire.charge(side, one), side.charges)


def _matching(table: dict[str, Any], params: dict[str, Any], *names: str) -> list[Any]:
    wanted = [(name, params[name]) for name in names if name in params]
    return [one for one in table.values() if all(getattr(one, name) == value for name, value in wanted)]


def create_refund(call: Call) -> dict[str, Any]:
    side, params = call.side, call.params
    if ("charge" in params) == ("payment_intent" in params):
        missing = "charge" not in params
        code = "parameter_missing" if missing else "parameters_exclusive"
        raise invalid("Exactly one of payment_intent and charge must be provided.", "payment_intent", code=code)
    if "charge" in params:
        charge = charge_of(call, params["charge"], "charge")
    else:
        intent = side.intents.get(params["payment_intent"])
        if intent is None:
            hint = people.elsewhere(side, "intents", params["payment_intent"])
            raise missing_object("payment_intent", params["payment_intent"], "payment_intent", elsewhere=hint)
        found = side.charge_of(intent)
        if found is None:
            message = f"This PaymentIntent ({intent.id}) does not have a successful charge to refund."
            raise ApiError(400, message, param="payment_intent", kept=True)
        charge = found
    made = refunding.refund(
        side,
        charge,
        params.get("amount"),
        reason=params.get("reason", ""),
        metadata=merged({}, params.get("metadata")),
    )
    return wire_people.refund(side, made)


def retrieve_refund(call: Call) -> dict[str, Any]:
    found = call.side.refunds.get(call.path("refund"))
    if found is None:
        raise missing_object("refund", call.path("refund"), "refund")
    return wire_people.refund(call.side, found)


def list_refunds(call: Call) -> dict[str, Any]:
    side = call.side
    found = _matching(side.refunds, call.params, "payment_intent", "charge")
    return page("/v1/refunds", found, call.params, lambda one: wire_people.refund(side, one), side.refunds)


def retrieve_event(call: Call) -> dict[str, Any]:
    found = call.side.events.get(call.path("event"))
    if found is None:
        raise missing_object("event", call.path("event"), "id")
    return wire_people.event(call.side, found)


def list_events(call: Call) -> dict[str, Any]:
    """Events of 30 days. Nothing listens to them here, so none is undelivered."""
    side, params = call.side, call.params
    if "type" in params and "types" in params:
        raise invalid("type and types exclude each other.", "types", code="parameters_exclusive")
    names = params.get("types") or ([params["type"]] if "type" in params else [])
    if len(names) > 20:
        raise invalid("You may name up to 20 types.", "types")
    found = [one for one in side.events.values() if not names or _named(one.type, names)]
    if params.get("delivery_success") is False:
        found = []
    return page("/v1/events", found, params, lambda one: wire_people.event(side, one), side.events)


def _named(kind: str, names: list[str]) -> bool:
    return any(kind == name or (name.endswith("*") and kind.startswith(name[:-1])) for name in names)


def merchant_routes() -> list[Route]:
    def get(name: str, path: str, takes: Any, handler: Callable[[Call], dict[str, Any]], kind: str) -> Route:
        return Route(name, "GET", path, takes, handler, kind, name.partition(".")[0])

    def post(name: str, path: str, takes: Any, handler: Callable[[Call], dict[str, Any]], kind: str) -> Route:
        return Route(name, "POST", path, takes, handler, kind, name.partition(".")[0])

    one = RETRIEVE
    methods, method = "/v1/payment_methods", "/v1/payment_methods/{payment_method}"
    own = "/v1/customers/{customer}/payment_methods"
    return [
        get("account.retrieve", "/v1/account", one, account, "account"),
        get("balance.retrieve", "/v1/balance", one, balance, "balance"),
        post("customers.create", "/v1/customers", requests.CUSTOMER_CREATE, create_customer, "customer"),
        get("customers.list", "/v1/customers", requests.CUSTOMER_LIST, list_customers, "customer"),
        get("customers.retrieve", "/v1/customers/{customer}", one, retrieve_customer, "customer"),
        get("payment_methods.list", own, requests.METHOD_LIST, list_customer_methods, "payment_method"),
        post("payment_methods.create", methods, requests.METHOD_CREATE, create_method, "payment_method"),
        get("payment_methods.list", methods, requests.METHOD_LIST, list_methods, "payment_method"),
        get("payment_methods.retrieve", method, one, retrieve_method, "payment_method"),
        post("payment_methods.attach", f"{method}/attach", requests.METHOD_ATTACH, attach_method, "payment_method"),
        get("charges.retrieve", "/v1/charges/{charge}", one, retrieve_charge, "charge"),
        get("charges.list", "/v1/charges", requests.CHARGE_LIST, list_charges, "charge"),
        post("refunds.create", "/v1/refunds", requests.REFUND_CREATE, create_refund, "refund"),
        get("refunds.list", "/v1/refunds", requests.REFUND_LIST, list_refunds, "refund"),
        get("refunds.retrieve", "/v1/refunds/{refund}", one, retrieve_refund, "refund"),
        get("events.list", "/v1/events", requests.EVENT_LIST, list_events, "event"),
        get("events.retrieve", "/v1/events/{event}", one, retrieve_event, "event"),
    ]
