"""One execution of an operation at a time, for providers that a repetition must not reach too early.

One carries out a repetition that comes before the first request is decided, the other answers it with a conflict, which
would leave in doubt what is about to be known.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from domain import reasons
from domain.outcomes import OperationResult, Outcome

_UNDECIDED = OperationResult(Outcome.UNKNOWN, reasons.WORKER_LOST)


@dataclass
class _Turn:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    takers: int = 0
    result: OperationResult | None = None


class Turns:
    """Executions with the same key wait for each other within this process; between processes the journal's owner
    does, and in the end the key that the provider remembers."""

    def __init__(self) -> None:
        self._going: dict[tuple[str, ...], _Turn] = {}

    async def take(self, key: tuple[str, ...], work: Callable[[], Awaitable[OperationResult]]) -> OperationResult:
        """The result of `work`. Who had to wait for another execution is told its result, unless it sent nothing."""
        turn = self._going.setdefault(key, _Turn())
        turn.takers += 1
        try:
            async with turn.lock:
                if turn.result is not None and turn.result.outcome is not Outcome.NOT_SENT:
                    return turn.result
                turn.result = _UNDECIDED  # what the next one is told if this one is cancelled
                turn.result = await work()
                return turn.result
        finally:
            turn.takers -= 1
            if not turn.takers:
                del self._going[key]
