"""What came back from Paygate, and the one exception for what did not come back usefully."""

import re
from dataclasses import dataclass, field
from datetime import datetime

from domain import reasons
from paygate.codes import Code, Reason, Verdict
from paygate.envelope import Key, open_fields
from paygate.errors import PaygateError
from paygate.fields import Fields, read

IDENTIFIER = re.compile(r"[A-Za-z0-9]{1,64}")  # what may leave this package as an id of the provider's
NO_PAYMENT = "0" * 32
_FAILED = "FAILED"


class CallFailed(Exception):
    """A request brought no usable answer. `sent` is False when it certainly had no effect."""

    def __init__(self, reason: str, *, sent: bool, retry_at: datetime | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.sent = sent
        self.retry_at = retry_at


@dataclass(frozen=True)
class Answer:
    """The fields of an answer and its result code. What the code says decides; Status and Description do not."""

    fields: Fields = field(repr=False)
    code: Code

    def text(self, name: str) -> str:
        """A field's value, '' where the answer does not have it; names in any case."""
        return self.fields.get(name).strip()

    def identifier(self, name: str) -> str:
        """A field that is an id, '' where it is missing or looks like none."""
        value = self.text(name)
        return value if IDENTIFIER.fullmatch(value) else ""

    @property
    def verdict(self) -> Verdict:
        return self.code.verdict

    @property
    def refused(self) -> bool:
        return self.verdict is Verdict.FAILURE


def bad_answer() -> CallFailed:
    return CallFailed(reasons.BAD_ANSWER, sent=True)


def opened(content: bytes, key: Key) -> Answer:
    """The answer in these bytes: encrypted, or in clear text as some pages and all early failures give it.

    Raises CallFailed: BAD_ANSWER for what is no answer of the provider's or cannot be decrypted; MISCONFIGURED, not
    sent, where it says that our message could not be read or its MAC is wrong. Such a request belongs to no payment,
    so it changed nothing (rule R33).
    """
    try:
        outer = read(content.decode("iso-8859-1").strip())
        sealed = "Data" in outer or "Len" in outer
        fields = open_fields(outer, key) if sealed else outer
    except PaygateError:
        raise bad_answer() from None
    if not sealed and "Code" not in fields and _is_early_failure(fields):
        raise CallFailed(reasons.MISCONFIGURED, sent=False)
    try:
        code = Code(fields.get("Code").strip())
    except PaygateError:
        raise bad_answer() from None
    if code.reason is Reason.CRYPTOGRAPHY:
        raise CallFailed(reasons.MISCONFIGURED, sent=False)
    return Answer(fields, code)


def _is_early_failure(fields: Fields) -> bool:
    """The answer to what could not be decrypted, or came from an unknown merchant, in its form without a code."""
    return fields.get("PayID") == NO_PAYMENT and fields.get("Status").upper() == _FAILED
