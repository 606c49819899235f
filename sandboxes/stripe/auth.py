"""Who is calling: a key as bearer or as the user of Basic; what it may do; how often it may come."""

import base64
import binascii
from collections import deque

from sandboxes.stripe.account import StripeAccount
from sandboxes.stripe.errors import ApiError
from sandboxes.stripe.server import Owner, Server

_RANKS = {"none": 0, "read": 1, "write": 2}


def identify(server: Server, authorization: str) -> Owner:
    """The owner of the key in an `Authorization` header. Raises ApiError (401) for a key nobody has."""
    scheme, _, value = authorization.strip().partition(" ")
    key = value.strip()
    if scheme.lower() == "basic":
        try:
            key = base64.b64decode(key, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            key = ""
    elif scheme.lower() != "bearer":
        key = ""
    if not key:
        raise ApiError(401, "You did not provide an API key. Send it as Authorization: Bearer YOUR_SECRET_KEY.")
    owner = server.by_key(key)
    if owner is None:
        raise ApiError(401, f"Invalid API Key provided: {masked(key)}")
    if owner.kind == "expired":
        raise ApiError(401, f"Expired API Key provided: {masked(key)}", code="api_key_expired")
    return owner


def masked(key: str) -> str:
    """A key as errors repeat it: its kind and its last four characters."""
    start = key[:8] if key[2:3] == "_" else key[:3]
    return f"{start}{'*' * max(len(key) - 12, 4)}{key[-4:] if len(key) > 12 else ''}"


def permit(owner: Owner, group: str, *, write: bool, public: bool) -> None:
    """Raises ApiError when this key may not make this call. `public`: open to publishable keys."""
    if owner.kind == "publishable" and not public:
        raise ApiError(
            401,
            "This API call cannot be made with a publishable API key. Use a secret API key.",
            code="secret_key_required",
        )
    if owner.permissions is None:
        return
    needed = "write" if write else "read"
    if _RANKS[owner.permissions.get(group, "none")] < _RANKS[needed]:
        raise ApiError(
            403,
            f"The provided key does not have the required permissions for this call: {group} {needed}.",
            code="more_permissions_required",
        )


class RateLimit:
    """Counts requests per account within a second of its clock."""

    def __init__(self) -> None:
        self._recent: dict[str, deque[float]] = {}

    def check(self, account: StripeAccount) -> None:
        """Raises ApiError (429) when the account has a limit and this request is over it."""
        limit = account.settings.requests_per_second
        if limit is None:
            return
        now = account.clock.now().timestamp()
        recent = self._recent.setdefault(account.name, deque())
        while recent and not 0 <= now - recent[0] < 1:
            recent.popleft()
        if len(recent) >= limit:
            account.violation("requests per second", limit=limit)
            raise rate_limited("rate_limit", "global-rate")
        recent.append(now)


def rate_limited(code: str, reason: str, should_retry: str | None = None) -> ApiError:
    """The answer to too many requests, or to an object that another request holds (`lock_timeout`)."""
    message = (
        "Another request holds this object at the moment."
        if code == "lock_timeout"
        else "Too many requests hit the API too quickly."
    )
    headers = {"Stripe-Rate-Limited-Reason": reason}
    if should_retry is not None:
        headers["Stripe-Should-Retry"] = should_retry
    return ApiError(429, message, code=code, headers=headers)
