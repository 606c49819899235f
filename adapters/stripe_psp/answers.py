"""What an answer of the provider is to us, and how its fields are read without trusting them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from domain import reasons

Body = Mapping[str, Any]
LONGEST_CODE = 100


class CallFailed(Exception):
    """A request without a usable answer. `reason` is a code of `domain.reasons`.

    `sent` False: certainly nothing was executed. `replayed`: the idempotency key remembers this failure, so whatever
    the first request with it did is done. `retry_at` (UTC): when to come back.
    """

    def __init__(
        self, reason: str, *, sent: bool, retry_at: datetime | None = None, replayed: bool = False, trace: str = ""
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.sent = sent
        self.retry_at = retry_at
        self.replayed = replayed
        self.trace = trace


@dataclass(frozen=True)
class Reply:
    """An answer that is the wanted object. `trace` is the request's id at the provider."""

    body: Body = field(repr=False)
    trace: str = ""


@dataclass(frozen=True)
class Refused:
    """A definite no. `error` is the provider's error object; `replayed`: it was said before, to the same key."""

    status: int
    error: Body = field(repr=False)
    trace: str = ""
    replayed: bool = False

    @property
    def code(self) -> str:
        """The reason in the provider's words: the decline code, else the error code."""
        return word(self.error, "decline_code") or word(self.error, "code")


def bad_answer(trace: str = "") -> CallFailed:
    """The failure of an answer that cannot be understood: whatever was asked for may have happened."""
    return CallFailed(reasons.BAD_ANSWER, sent=True, trace=trace)


def word(body: Body, name: str) -> str:
    """A short text, '' when there is none."""
    value = body.get(name)
    return value[:LONGEST_CODE] if isinstance(value, str) else ""


def identifier(body: Body, name: str) -> str:
    """The id in a field that holds an object or only its id, '' when there is none."""
    value = body.get(name)
    if isinstance(value, Mapping):
        value = value.get("id")
    return value if isinstance(value, str) and len(value) <= 255 else ""


def inner(body: Body, *path: str) -> Body:
    """The object at the end of a path, an empty one when there is none."""
    for name in path:
        value = body.get(name)
        if not isinstance(value, Mapping):
            return {}
        body = value
    return body


def rows(body: Body) -> Sequence[Body]:
    """The rows of a list. Raises CallFailed when it is none."""
    found = body.get("data")
    if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
        raise bad_answer()
    return found


def whole(body: Body, name: str) -> int:
    """A count of minor units, 0 when the field is empty. Raises CallFailed for anything else."""
    value = body.get(name)
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int):
        raise bad_answer()
    return value


def instant(body: Body, name: str) -> datetime | None:
    """Seconds since 1970 as UTC, None when there are none or they are no instant."""
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 1 << 36:
        return None
    return datetime.fromtimestamp(value, UTC)
