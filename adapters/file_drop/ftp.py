"""Sessions over plain FTP, for servers that know nothing better. Every request runs in a thread."""

import asyncio
import ftplib
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from io import BytesIO
from typing import TypeVar

from adapters.file_drop.account import DropAccount
from adapters.file_drop.session import Lost, Refused, Session
from domain.file_drop import DropVerdict

T = TypeVar("T")

_UNKNOWN_COMMANDS = ("500", "502", "504")
_FULL = ("452", "552")
_NOT_THERE = "550"  # also said of what is not allowed
_LOGIN = "53"


@asynccontextmanager
async def open_ftp(account: DropAccount) -> AsyncIterator[Session]:
    """A session without encryption. Raises `Refused`."""
    client = ftplib.FTP(timeout=account.request_seconds, encoding="utf-8")
    try:
        await asyncio.to_thread(_logged_in, client, account)
        yield FtpSession(client)
    finally:
        client.close()


class FtpSession:
    """Fulfils `Session`."""

    def __init__(self, client: ftplib.FTP) -> None:
        self._client = client

    async def size(self, path: str) -> int | None:
        return await _asked(lambda: self._size(path))

    async def read(self, path: str, most: int) -> bytes:
        def all_of_it() -> bytes:
            content = BytesIO()
            self._client.retrbinary(f"RETR {path}", content.write)
            return content.getvalue()[: most + 1]

        return await _asked(all_of_it)

    async def write(self, path: str, content: bytes) -> None:
        await _asked(lambda: self._client.storbinary(f"STOR {path}", BytesIO(content)))

    async def rename(self, path: str, new: str) -> None:
        await _asked(lambda: self._client.rename(path, new))

    async def remove(self, path: str) -> None:
        await _asked(lambda: self._client.delete(path))

    def _size(self, path: str) -> int | None:
        self._client.voidcmd("TYPE I")
        try:
            return self._client.size(path)
        except ftplib.error_perm as refusal:
            if str(refusal)[:3] == _NOT_THERE:
                return None
            if str(refusal)[:3] not in _UNKNOWN_COMMANDS:
                raise
        content = BytesIO()  # a server that does not tell: look into the file
        try:
            self._client.retrbinary(f"RETR {path}", content.write)
        except ftplib.error_perm as refusal:
            if str(refusal)[:3] == _NOT_THERE:
                return None
            raise
        return len(content.getvalue())


async def _asked(request: Callable[[], T]) -> T:
    try:
        return await asyncio.to_thread(request)
    except ftplib.error_reply:
        raise Lost from None
    except (ftplib.error_perm, ftplib.error_temp) as refusal:
        code = str(refusal)[:3]
        if code == "421":  # the server goes away
            raise Lost from None
        if code == "426":  # the transfer was cut
            raise Lost from None
        raise Refused(_verdict(code)) from None
    except (ftplib.Error, EOFError, OSError, ValueError):
        raise Lost from None


def _verdict(code: str) -> DropVerdict:
    if code in _FULL:
        return DropVerdict.FULL
    if code.startswith(_LOGIN):
        return DropVerdict.LOGIN_REFUSED
    return DropVerdict.NOT_ALLOWED if code in (_NOT_THERE, "553") else DropVerdict.BROKEN


def _logged_in(client: ftplib.FTP, account: DropAccount) -> None:
    try:
        client.connect(account.host, account.port, timeout=account.connect_seconds)
        client.login(account.username, account.secret)
    except ftplib.error_perm:
        raise Refused(DropVerdict.LOGIN_REFUSED) from None
    except socket.gaierror:
        raise Refused(DropVerdict.HOST_UNKNOWN) from None
    except (ftplib.Error, EOFError, OSError, ValueError):
        raise Refused(DropVerdict.UNREACHABLE) from None
    if client.sock is not None:
        with suppress(OSError):
            client.sock.settimeout(account.request_seconds)
    client.timeout = account.request_seconds
