"""What an idempotency key remembers: the first answer, for 24 hours of the account's clock."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from sandboxes.stripe.errors import ApiError

KEPT_SECONDS = 24 * 3600
LONGEST = 255


@dataclass
class Answer:
    """A finished answer as it is sent again."""

    fingerprint: str
    at: float
    status: int
    body: str
    request_id: str


def fingerprint(method: str, path: str, params: dict[str, Any]) -> str:
    """Equal for requests that ask for the same thing."""
    text = json.dumps([method, path, params], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


class IdempotencyBook:
    """The keys of one side of an account, oldest first."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.running: set[str] = set()

    def known(self, key: str, asked: str, now: float) -> Answer | None:
        """The kept answer for `key`. Raises ApiError when the key was used for something else."""
        self._forget(now)
        found = self.answers.get(key)
        if found is not None and found.fingerprint != asked:
            raise ApiError(
                400,
                f"Keys for idempotent requests can only be used with the same parameters they were first used with. "
                f"The key was '{key}'.",
                kind="idempotency_error",
            )
        return found

    def keep(self, key: str, answer: Answer) -> None:
        self.answers[key] = answer

    def _forget(self, now: float) -> None:
        """Keys older than a day, in the order in which they came; a clock set back keeps them."""
        while self.answers:
            key, answer = next(iter(self.answers.items()))
            if now - answer.at < KEPT_SECONDS:
                return
            del self.answers[key]

    def dump(self) -> list[dict[str, Any]]:
        return [{"key": key, **answer.__dict__} for key, answer in self.answers.items()]

    def restore(self, data: list[dict[str, Any]]) -> None:
        self.answers = {one["key"]: Answer(**{k: v for k, v in one.items() if k != "key"}) for one in data}
