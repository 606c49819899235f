"""Faults that only this sandbox plays, by the `name` of an armed `special`."""

from typing import Any

from starlette.responses import HTMLResponse, Response

from sandboxes.kit.faults import Fault
from sandboxes.stripe.auth import rate_limited
from sandboxes.stripe.errors import ApiError
from sandboxes.stripe.programs import CustomDecline, Outcome

NAMES = ("rate_limit", "lock_timeout", "conflict", "server_error", "html", "error", "decline", "authenticate")


def refuse_by_early(fault: Fault) -> None:
    """Raise the ApiError of a fault that comes before anything is read: no key remembers it."""
    given = fault.params
    if fault.name in ("rate_limit", "lock_timeout"):
        reason = "global-rate" if fault.name == "rate_limit" else "resource-specific"
        raise rate_limited(fault.name, str(given.get("reason", reason)), given.get("should_retry"))
    if fault.name == "conflict":
        raise in_use("another request with this idempotency key")
    if fault.name == "error":
        known = ("status", "message", "code", "param", "type")
        raise ApiError(
            int(given.get("status", 400)),
            str(given.get("message", "The request was refused.")),
            code=given.get("code"),
            param=given.get("param"),
            kind=str(given.get("type", "invalid_request_error")),
            **{key: value for key, value in given.items() if key not in known},
        )


def refuse_by(fault: Fault) -> None:
    """Raise the ApiError of a fault that comes when execution has begun."""
    if fault.name == "server_error" and not fault.params.get("after"):
        raise server_error(fault.params)


def in_use(what: str) -> ApiError:
    """409: the same key is being worked on."""
    return ApiError(409, f"There is currently {what} in progress.", code="idempotency_key_in_use")


def server_error(given: dict[str, Any]) -> ApiError:
    """500, which the idempotency key remembers."""
    headers = {"Stripe-Should-Retry": str(given["should_retry"])} if "should_retry" in given else {}
    return ApiError(500, "An unknown error occurred.", kind="api_error", kept=True, headers=headers)


def forced_outcome(fault: Fault | None) -> Outcome | None:
    """What the issuer is made to say to the attempt of this very request. Raises ValueError for an unknown decline."""
    if fault is not None and fault.name == "authenticate":
        return "authenticate"
    if fault is not None and fault.name == "decline":
        return CustomDecline.model_validate(fault.params)
    return None


def page_instead(fault: Fault) -> Response:
    """A page of a proxy where the answer should be."""
    status = int(fault.params.get("status", 502))
    return HTMLResponse(f"<html><body><h1>{status} Bad Gateway</h1></body></html>", status)
