"""What the library's exceptions mean: a definite no, nothing executed, or nobody knows.

The code stands in `error.error.code`; `error.code` is empty for most classes. Certain that nothing was executed: a
connection that never stood, refused credentials, and a 429, which is said before the work begins. Not certain: a 409
says that an earlier request with the same key is being worked on right now.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, cast

import httpx
import stripe

from adapters.stripe_psp.answers import Body, CallFailed, Refused, bad_answer, word
from domain import reasons

RATE_PAUSE = timedelta(seconds=30)
LOCK_PAUSE = timedelta(seconds=10)  # the object is being worked on by somebody else
RUNNING_PAUSE = timedelta(seconds=10)  # our own earlier request is still being worked on
LONGEST_PAUSE = timedelta(hours=1)
_NEVER_STOOD = (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError)
_NO_ADDRESS = (httpx.UnsupportedProtocol, httpx.InvalidURL)


def judged(error: stripe.StripeError, now: datetime) -> Refused:
    """The definite no that an exception stands for. Raises CallFailed for everything else; `now` in UTC."""
    told = _error_object(error)
    trace = _header(error, "request-id")
    if isinstance(error, stripe.APIConnectionError):
        raise _connection(error.__cause__)
    if isinstance(error, stripe.AuthenticationError | stripe.PermissionError):
        raise CallFailed(reasons.MISCONFIGURED, sent=False, trace=trace)
    if isinstance(error, stripe.RateLimitError):
        locked = word(told, "code") == "lock_timeout"
        pause = _asked_pause(error) or (LOCK_PAUSE if locked else RATE_PAUSE)
        reason = reasons.BUSY if locked else reasons.RATE
        raise CallFailed(reason, sent=False, retry_at=now + pause, trace=trace)
    if isinstance(error, stripe.IdempotencyError):  # the key was used for something else: a mistake of ours
        raise CallFailed(reasons.INPUT_CHANGED, sent=True, trace=trace)
    replayed = _header(error, "idempotent-replayed") == "true"
    if isinstance(error, stripe.CardError | stripe.InvalidRequestError) and told:
        return Refused(error.http_status or 0, told, trace, replayed)
    if error.http_status == httpx.codes.CONFLICT:
        raise CallFailed(reasons.TOO_EARLY, sent=True, retry_at=now + RUNNING_PAUSE, trace=trace)
    if (error.http_status or 0) >= httpx.codes.INTERNAL_SERVER_ERROR:
        raise CallFailed(reasons.SERVER_ERROR, sent=True, replayed=replayed, trace=trace)
    raise bad_answer(trace)


def _connection(cause: BaseException | None) -> CallFailed:
    if isinstance(cause, _NEVER_STOOD):
        return CallFailed(reasons.UNREACHABLE, sent=False)
    if isinstance(cause, httpx.PoolTimeout):
        return CallFailed(reasons.BUSY, sent=False)
    if isinstance(cause, _NO_ADDRESS):
        return CallFailed(reasons.MISCONFIGURED, sent=False)
    if isinstance(cause, httpx.DecodingError):
        return bad_answer()
    return CallFailed(reasons.NO_ANSWER, sent=True)


def _error_object(error: stripe.StripeError) -> Body:
    """The error as the provider wrote it; the library puts other things into the same place, too."""
    body: Any = error.json_body
    told = body.get("error") if isinstance(body, dict) else None
    return cast("Body", told) if isinstance(told, Mapping) else {}


def _header(error: stripe.StripeError, name: str) -> str:
    for key, value in (error.headers or {}).items():
        if key.lower() == name:
            return str(value)
    return ""


def _asked_pause(error: stripe.StripeError) -> timedelta | None:
    asked = _header(error, "retry-after").strip()
    if not asked.isascii() or not asked.isdigit() or len(asked) > 6:
        return None
    return min(timedelta(seconds=int(asked)), LONGEST_PAUSE)
