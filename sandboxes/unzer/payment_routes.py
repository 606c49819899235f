"""`/v1/payments`: reading, and every write that makes a transaction."""

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandboxes.unzer.call import Call, PlainJson, dropped_or, route, settled
from sandboxes.unzer.operations import perform
from sandboxes.unzer.steps import ERROR_CODE, Operation, not_found
from sandboxes.unzer.wire import find_transaction, payment_body, transaction_body


def read_payment(call: Call) -> Response:
    key = call.path("pid")
    payment = call.account.payment_of(key, call.public_key)
    if payment is None:
        raise not_found(call.account, call.public_key, f"Payment {key}")
    return PlainJson(payment_body(call.account, payment))


def read_transaction(call: Call) -> Response:
    key, path = call.path("pid"), call.path("path")
    payment = call.account.payment_of(key, call.public_key)
    found = find_transaction(payment, path) if payment is not None else None
    if payment is None or found is None:
        raise not_found(call.account, call.public_key, f"Payment {key}/{path}")
    return PlainJson(transaction_body(payment, found, call.language))


def write(name: str, parent: str = "") -> Callable[[Call], Response]:
    """The handler of a write; `parent` names the path parameter with the id it belongs to."""

    def handler(call: Call) -> Response:
        op = Operation(
            call=name,
            public_key=call.public_key,
            body=settled(call.body),
            payment=call.path("pid"),
            parent=call.path(parent) if parent else "",
            base=str(call.request.base_url).rstrip("/"),
        )
        fault = call.special
        params: dict[str, Any] = fault.params if fault is not None else {}
        match fault.name if fault is not None else "":
            case "late_commit":
                assert fault is not None
                seconds = float(params.get("seconds", fault.seconds))
                call.account.agenda.delay("write", op.dump(), call.account.later(seconds))
                call.account.touch()
                return dropped_or(fault)
            case "transaction_error":
                op.outcome, op.code = "error", str(params.get("code", ERROR_CODE))
            case "pending_capture":
                op.outcome = "pending"
        payment, made = perform(call.account, op)
        if op.outcome == "pending" and "seconds" in params:
            due = call.account.later(float(params["seconds"]))
            call.account.agenda.delay("settle", {"payment_id": payment.id, "path": made.path}, due)
        status = 200 if made.status == "error" or name == "reauthorize" else call.account.settings.transaction_status
        return PlainJson(transaction_body(payment, made, call.language), status)

    return handler


def payment_routes() -> list[tuple[str, str, Callable[[Request], Any]]]:
    """Method, path and endpoint; the order matters, special paths come before general ones."""
    one = "/v1/payments/{pid}"
    return [
        ("POST", "/v1/payments/authorize", route("authorize", write("authorize"))),
        ("POST", "/v1/payments/charges", route("charge", write("charge"))),
        ("PATCH", one + "/authorize", route("reauthorize", write("reauthorize"))),
        ("PATCH", one + "/authorize/{aut}", route("reauthorize", write("reauthorize", "aut"))),
        ("POST", one + "/charges", route("capture", write("capture"))),
        ("POST", one + "/authorize/cancels", route("reversal", write("reversal"))),
        ("POST", one + "/authorize/{aut}/cancels", route("reversal", write("reversal", "aut"))),
        ("POST", one + "/charges/cancels", route("refund", write("refund"))),
        ("POST", one + "/charges/{chg}/cancels", route("refund", write("refund", "chg"))),
        ("POST", one + "/shipments", route("shipment", write("shipment"))),
        ("GET", one, route("read_payment", read_payment)),
        ("GET", one + "/{path:path}", route("read_transaction", read_transaction)),
    ]
