"""One execution of an operation at a time. The provider answers a repetition that comes while the first request is
being worked on with a conflict, which would leave in doubt what is about to be known."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class _Turn:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    takers: int = 0


class Turns:
    """Executions with the same key wait for each other within this process; between processes the journal's owner
    does, and in the end the idempotency key."""

    def __init__(self) -> None:
        self._going: dict[tuple[str, str], _Turn] = {}

    @asynccontextmanager
    async def take(self, key: tuple[str, str]) -> AsyncIterator[None]:
        """Wait until nobody else has this key."""
        turn = self._going.setdefault(key, _Turn())
        turn.takers += 1
        try:
            async with turn.lock:
                yield
        finally:
            turn.takers -= 1
            if not turn.takers:
                del self._going[key]
