"""What is looked at before a request is understood: its parameters, its manners, the account it names."""

import json
import re
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandboxes.stripe.account import StripeAccount
from sandboxes.stripe.errors import ApiError, invalid
from sandboxes.stripe.forms import decode
from sandboxes.stripe.ids import Ids
from sandboxes.stripe.versions import VERSION

_NOBODY = Ids("nobody")
_DRAWN = re.compile(
    r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-46-9a-f][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$"
)  # derived ones are version 5
LARGEST_BODY = 1024 * 1024


async def asked_of(request: Request) -> dict[str, Any]:
    """The parameters as they were sent: the query, or the form of a POST."""
    if request.method != "POST":
        return decode(request.url.query)
    raw = await request.body()
    if len(raw) > LARGEST_BODY:
        raise ApiError(413, "The request body is too large.")
    if raw and not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        raise invalid("Invalid request: the body must be application/x-www-form-urlencoded.")
    try:
        return decode(raw.decode())
    except UnicodeDecodeError as error:
        raise invalid("Invalid request: the body is not UTF-8.") from error


def version_of(request: Request) -> str:
    """The version of the API that the client speaks, this sandbox's own when it does not say."""
    return request.headers.get("stripe-version", VERSION)


def refuse_unknown(request: Request, error: ApiError) -> Response:
    """A refusal before it is known whose request this is."""
    headers = {"Request-Id": _NOBODY.new("req", 14), "Stripe-Version": version_of(request), **error.headers}
    return Response(json.dumps(error.body()), error.status, headers, media_type="application/json")


def watch_manners(request: Request, account: StripeAccount, call: str, key: str) -> None:
    """Note what a careful client would not do; the request goes on."""
    if request.method == "POST" and not key:
        account.violation("Idempotency-Key missing", call=call)
    elif _DRAWN.match(key):
        account.violation("Idempotency-Key drawn at random", call=call)
    sent = request.headers.get("stripe-version")
    if sent is None:
        account.violation("Stripe-Version missing", call=call)
    elif sent != VERSION:
        account.violation("Stripe-Version is another one", call=call, version=sent)


def check_account(request: Request, account: StripeAccount) -> None:
    """Raises ApiError when the request names another account than the key's: connected ones are not played."""
    named = request.headers.get("stripe-account")
    if named is not None and named != account.id:
        raise ApiError(
            403,
            f"The provided key does not have access to account '{named}' (or that account does not exist).",
            code="account_invalid",
        )
