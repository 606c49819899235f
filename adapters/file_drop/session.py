"""What can be done on a file server, whichever it is, and how it fails."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from adapters.file_drop.account import DropAccount
from domain.file_drop import DropVerdict


class DropTrouble(Exception):
    """Something did not work; the text is the verdict's code and nothing that a server said."""

    def __init__(self, verdict: DropVerdict) -> None:
        super().__init__(verdict.value)
        self.verdict = verdict


class Refused(DropTrouble):
    """The server, or its absence, says definitely no: what was asked for has not happened."""


class Lost(DropTrouble):
    """No answer came: what was asked for may have happened."""

    def __init__(self) -> None:
        super().__init__(DropVerdict.BROKEN)


class Session(Protocol):
    """A connection that is logged in. Paths are those of the server. Every call raises `Refused` and `Lost`."""

    async def size(self, path: str) -> int | None:
        """How long a file is in bytes; None when there is none. Raises `Refused` where the server does not tell."""

    async def read(self, path: str, most: int) -> bytes:
        """A file, up to `most` bytes of it and one more."""

    async def write(self, path: str, content: bytes) -> None:
        """Write a whole file, in place of one of that name."""

    async def rename(self, path: str, new: str) -> None:
        """Give a file another name."""

    async def remove(self, path: str) -> None:
        """Delete a file."""


# opens a session; what goes wrong on the way in raises `Refused`, for nothing has been asked for yet
Open = Callable[[DropAccount], AbstractAsyncContextManager[Session]]
