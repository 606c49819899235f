"""The SFTP side: logins by password and key, every account shut into its home folder, uploads watched."""

import asyncio
import posixpath
from typing import Any

import asyncssh

from sandboxes.fileserver.account import FileAccount
from sandboxes.fileserver.faults import Cut, Transfer
from sandboxes.fileserver.server import Server
from sandboxes.kit.faults import FaultKind

WRITING = asyncssh.FXF_WRITE | asyncssh.FXF_APPEND | asyncssh.FXF_CREAT | asyncssh.FXF_TRUNC


class Login(asyncssh.SSHServer):
    """One connection until somebody is logged in."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        if self._server.refusals.take("sftp"):
            conn.abort()

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        account = self._server.by_user(username)
        return account is not None and account.login("sftp", password=password)

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        account = self._server.by_user(username)
        return account is not None and account.login("sftp", key=key)


class Files(asyncssh.SFTPServer):
    """The files of the account that is logged in, below `/`."""

    def __init__(self, server: Server, channel: "asyncssh.SSHServerChannel[bytes]") -> None:
        account = server.by_user(channel.get_extra_info("username"))
        assert account is not None, "somebody is logged in"
        self._server = server
        self._account: FileAccount = account
        self._transfers: dict[int, Transfer] = {}
        super().__init__(channel, chroot=str(account.home).encode())

    async def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        name = _shown(path)
        if not pflags & WRITING:
            self._allow("download", name)
            return super().open(path, pflags, attrs)
        transfer = self._account.begin_upload("sftp", name)
        try:
            if transfer.is_kind(FaultKind.REFUSE):
                raise asyncssh.SFTPPermissionDenied("not allowed")
            opened = super().open(path, pflags, attrs)
        except Exception:
            self._ended(transfer, 0, complete=False)
            raise
        self._transfers[id(opened)] = transfer
        return opened

    async def write(self, file_obj: object, offset: int, data: bytes) -> int:
        transfer = self._transfers.get(id(file_obj))
        if transfer is None:
            raise asyncssh.SFTPPermissionDenied("not open for writing")
        if transfer.cut:
            raise asyncssh.SFTPConnectionLost("cut")
        if transfer.pause:
            await asyncio.sleep(transfer.pause)
        room = transfer.room(len(data))
        if room:
            super().write(file_obj, offset, data[:room])
        try:
            transfer.took(room, len(data))
        except Cut:
            self.connection.abort()
            raise asyncssh.SFTPConnectionLost("cut") from None
        return len(data)

    async def close(self, file_obj: Any) -> None:
        transfer = self._transfers.pop(id(file_obj), None)
        if transfer is None:
            super().close(file_obj)
            return
        size = file_obj.seek(0, 2)
        super().close(file_obj)
        self._ended(transfer, size, complete=not transfer.cut and not self._gone())
        if transfer.is_kind(FaultKind.DROP_AFTER):
            self._cut()
        if transfer.fault is not None and transfer.is_kind(FaultKind.DELAY):
            await asyncio.sleep(transfer.fault.seconds)

    async def rename(self, oldpath: bytes, newpath: bytes) -> None:
        self._rename(oldpath, newpath, over=False)

    async def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        self._rename(oldpath, newpath, over=True)

    async def remove(self, path: bytes) -> None:
        drop = self._allow("delete", _shown(path))
        super().remove(path)
        self._account.deleted("sftp", _shown(path))
        self._kept(drop)

    def symlink(self, oldpath: bytes, newpath: bytes) -> None:
        raise asyncssh.SFTPPermissionDenied("no links here")

    def link(self, oldpath: bytes, newpath: bytes) -> None:
        raise asyncssh.SFTPPermissionDenied("no links here")

    def setstat(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        """Times and permissions are taken without an effect: what counts is what was uploaded and when."""

    def fsetstat(self, file_obj: object, attrs: asyncssh.SFTPAttrs) -> None:
        """As `setstat`."""

    def _rename(self, old: bytes, new: bytes, *, over: bool) -> None:
        drop = self._allow("rename", _shown(old))
        if over:
            super().posix_rename(old, new)
        else:
            super().rename(old, new)
        self._account.renamed("sftp", _shown(old), _shown(new))
        self._kept(drop)

    def _allow(self, call: str, path: str) -> bool:
        """Raises when a fault refuses the call; whether the connection is cut after it."""
        fault = self._account.take(call, "sftp", path)
        if fault is not None and fault.kind is FaultKind.REFUSE:
            self._account.note(call, "sftp", path, fault=fault, ok=False)
            raise asyncssh.SFTPPermissionDenied("not allowed")
        return fault is not None

    def _kept(self, drop: bool) -> None:
        self._server.save(self._account)
        if drop:
            self._cut()

    def _cut(self) -> None:
        self.connection.abort()
        raise asyncssh.SFTPConnectionLost("cut")

    def _ended(self, transfer: Transfer, size: int, *, complete: bool) -> None:
        self._account.end_upload("sftp", transfer, size=size, complete=complete)
        self._server.save(self._account)

    def _gone(self) -> bool:
        """Whether the file is closed because the client has gone, not because it said so."""
        return self.channel.is_closing()


def _shown(path: bytes) -> str:
    """A client's path as it is shown: absolute in the account's home."""
    return posixpath.normpath("/" + path.decode("utf-8", "replace").lstrip("/"))


async def serve_sftp(server: Server, *, host: str, port: int) -> asyncssh.SSHAcceptor:
    """Listen for SFTP; nothing else is offered over SSH."""
    return await asyncssh.listen(
        host,
        port,
        server_factory=lambda: Login(server),
        server_host_keys=[server.host_key],
        sftp_factory=lambda channel: Files(server, channel),
        allow_scp=False,
    )
