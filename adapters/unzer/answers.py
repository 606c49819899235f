"""What came back from the provider, and the one exception for what did not come back usefully."""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from adapters.unzer.mapping import FLAGS
from domain import reasons

IDENTIFIER = re.compile(r"[A-Za-z0-9.-]{1,64}")  # what may leave this package as an id or a number


class CallFailed(Exception):
    """A request brought no usable answer. `sent` is False when it certainly had no effect."""

    def __init__(self, reason: str, *, sent: bool, retry_at: datetime | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.sent = sent
        self.retry_at = retry_at


@dataclass(frozen=True)
class Answer:
    """A JSON object from the provider. `codes` are its error codes when it says no, in either of its two shapes."""

    status: int
    body: dict[str, Any]
    refused: bool
    codes: tuple[str, ...] = ()

    @property
    def trace(self) -> str:
        """The number that the provider's support asks for."""
        numbers = (text(part(self.body, "processing"), "shortId"), text(self.body, "traceId"), text(self.body, "id"))
        return next((number for number in numbers if IDENTIFIER.fullmatch(number)), "")


def bad_answer() -> CallFailed:
    return CallFailed(reasons.BAD_ANSWER, sent=True)


def text(body: dict[str, Any], key: str) -> str:
    """A text of an answer; null, missing and anything that is no text count as empty."""
    value = body.get(key)
    return value if isinstance(value, str) else ""


def part(body: dict[str, Any], key: str) -> dict[str, Any]:
    """An object inside an answer, empty when there is none."""
    value = body.get(key)
    return value if isinstance(value, dict) else {}


def parsed(status: int, content: bytes) -> Answer:
    """The answer in these bytes. Raises CallFailed(BAD_ANSWER) when they are no answer of the provider's.

    A refusal can come with any status, also 200: as a list of errors, or as a transaction that is an error itself.
    """
    try:
        body = json.loads(content, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, ArithmeticError, RecursionError):
        raise bad_answer() from None
    if not isinstance(body, dict):
        raise bad_answer()
    errors = body.get("errors") or []
    if not isinstance(errors, list):
        raise bad_answer()
    refused = bool(errors) or body.get("isError") is True
    if refused and (body.get("isSuccess") is True or body.get("isPending") is True):
        raise bad_answer()  # it says yes and no
    if not refused and status >= 400:
        raise bad_answer()  # not the provider speaks, but something in between
    return Answer(status, body, refused, _codes(body, errors) if refused else ())


def flag(body: dict[str, Any]) -> str:
    """How a transaction stands, from its flags. Raises CallFailed(BAD_ANSWER) unless they say one thing."""
    raised = {status for name, status in FLAGS.items() if body.get(name) is True}
    if len(raised) != 1:
        raise bad_answer()
    return raised.pop()


def _codes(body: dict[str, Any], errors: list[Any]) -> tuple[str, ...]:
    entries = [one for one in errors if isinstance(one, dict)] or [part(body, "message")]
    return tuple(code for code in (text(one, "code") for one in entries) if code)


def _no_constant(name: str) -> None:
    raise ValueError(name)
