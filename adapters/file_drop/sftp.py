"""Sessions over SFTP. A server is known by its host key; only on this very machine may it go without."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import asyncssh

from adapters.file_drop.account import DropAccount
from adapters.file_drop.session import Lost, Refused, Session
from domain.file_drop import DropLogin, DropVerdict, is_loopback

T = TypeVar("T")

_BLOCK = 32_768
_VERDICTS: tuple[tuple[type[asyncssh.SFTPError], DropVerdict], ...] = (
    (asyncssh.SFTPNoSuchFile, DropVerdict.FOLDER_MISSING),
    (asyncssh.SFTPNoSuchPath, DropVerdict.FOLDER_MISSING),
    (asyncssh.SFTPPermissionDenied, DropVerdict.NOT_ALLOWED),
    (asyncssh.SFTPWriteProtect, DropVerdict.NOT_ALLOWED),
    (asyncssh.SFTPNoSpaceOnFilesystem, DropVerdict.FULL),
    (asyncssh.SFTPQuotaExceeded, DropVerdict.FULL),
)
_BROKEN = (asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection, asyncssh.SFTPBadMessage)


@asynccontextmanager
async def open_sftp(account: DropAccount) -> AsyncIterator[Session]:
    """A session over SSH with the pinned host key. Raises `Refused`."""
    connection = await _connected(account)
    try:
        try:
            async with asyncio.timeout(account.connect_seconds):
                client = await connection.start_sftp_client()
        except (TimeoutError, asyncssh.Error, OSError):
            raise Refused(DropVerdict.BROKEN) from None
        yield SftpSession(client, account.request_seconds)
    finally:
        connection.abort()  # everything was answered, or never will be: no farewell can hang


class SftpSession:
    """Fulfils `Session`."""

    def __init__(self, client: asyncssh.SFTPClient, seconds: float) -> None:
        self._client = client
        self._seconds = seconds

    async def size(self, path: str) -> int | None:
        try:
            found = await self._asked(self._client.stat(path))
        except Refused as refusal:
            if refusal.verdict is DropVerdict.FOLDER_MISSING:
                return None
            raise
        if found.size is None:
            raise Refused(DropVerdict.NOT_ALLOWED)
        return found.size

    async def read(self, path: str, most: int) -> bytes:
        file: asyncssh.SFTPClientFile = await self._asked(self._client.open(path, "rb"))
        try:
            content = b""
            while len(content) <= most:
                block = await self._asked(file.read(_BLOCK, len(content)))
                if not block:
                    break
                content += block if isinstance(block, bytes) else block.encode()
            return content[: most + 1]
        finally:
            await self._asked(file.close())

    async def write(self, path: str, content: bytes) -> None:
        file: asyncssh.SFTPClientFile = await self._asked(self._client.open(path, "wb"))
        for begin in range(0, len(content), _BLOCK):
            await self._asked(file.write(content[begin : begin + _BLOCK], begin))
        await self._asked(file.close())

    async def rename(self, path: str, new: str) -> None:
        await self._asked(self._client.rename(path, new))

    async def remove(self, path: str) -> None:
        await self._asked(self._client.remove(path))

    async def _asked(self, request: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(self._seconds):
                return await request
        except _BROKEN:
            raise Lost from None
        except asyncssh.SFTPError as error:
            verdict = next((verdict for kind, verdict in _VERDICTS if isinstance(error, kind)), DropVerdict.BROKEN)
            raise Refused(verdict) from None
        except (TimeoutError, asyncssh.Error, OSError):
            raise Lost from None


async def _connected(account: DropAccount) -> asyncssh.SSHClientConnection:
    options: dict[str, Any] = {"client_keys": None, "password": None}
    try:
        if account.login is DropLogin.KEY:
            options["client_keys"] = [asyncssh.import_private_key(account.secret)]
        else:
            options["password"] = account.secret
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError, ValueError):
        raise Refused(DropVerdict.SECRET_UNUSABLE) from None
    try:
        known = _known_hosts(account)
    except (ValueError, asyncssh.KeyImportError):
        raise Refused(DropVerdict.HOST_KEY) from None
    try:
        async with asyncio.timeout(account.connect_seconds):
            # neither this machine's SSH settings nor its agent have a say
            return await asyncssh.connect(
                account.host,
                account.port,
                username=account.username,
                known_hosts=known,
                config=None,
                agent_path=None,
                host_based_auth=False,
                gss_auth=False,
                gss_kex=False,
                preferred_auth="publickey" if account.login is DropLogin.KEY else "password,keyboard-interactive",
                **options,
            )
    except asyncssh.HostKeyNotVerifiable:
        raise Refused(DropVerdict.HOST_KEY) from None
    except asyncssh.PermissionDenied:
        raise Refused(DropVerdict.LOGIN_REFUSED) from None
    except socket.gaierror:
        raise Refused(DropVerdict.HOST_UNKNOWN) from None
    except (TimeoutError, asyncssh.Error, OSError, UnicodeError):
        raise Refused(DropVerdict.UNREACHABLE) from None


def _known_hosts(account: DropAccount) -> Any:
    if not account.host_key and is_loopback(account.host):
        return None
    if not account.host_key:
        raise ValueError("a server that cannot be recognized is not spoken to")
    key = asyncssh.import_public_key(account.host_key)
    # exactly this key, whatever the server is called
    return lambda _host, _address, _port: ([key], [], [])
