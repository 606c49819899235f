"""The FTP side: plain FTP with one thread per connection, over the same folders, uploads watched."""

import errno
import logging
import os
import socket
import threading
import time
from typing import Any, BinaryIO

from pyftpdlib.authorizers import AuthenticationFailed, DummyAuthorizer
from pyftpdlib.filesystems import AbstractedFS
from pyftpdlib.handlers import DTPHandler, FTPHandler
from pyftpdlib.servers import ThreadedFTPServer

from sandboxes.fileserver.account import FileAccount
from sandboxes.fileserver.faults import Transfer
from sandboxes.fileserver.server import Server
from sandboxes.kit.faults import Fault, FaultKind

PERMISSIONS = "elradfmwMT"


class Logins(DummyAuthorizer):  # type: ignore[misc]
    """Asks the accounts; every user has all permissions in the own home folder."""

    def __init__(self, server: Server) -> None:
        super().__init__()
        self._server = server

    def _account(self, username: str) -> FileAccount | None:
        return self._server.on_loop(lambda: self._server.by_user(username))

    def validate_authentication(self, username: str, password: str, handler: Any) -> None:
        account = self._account(username)
        if account is None or not self._server.on_loop(lambda: account.login("ftp", password=password)):
            raise AuthenticationFailed("Authentication failed.")

    def has_user(self, username: str) -> bool:
        return self._account(username) is not None

    def get_home_dir(self, username: str) -> str:
        account = self._account(username)
        return str(account.home) if account is not None else ""

    def has_perm(self, username: str, perm: str, path: str | None = None) -> bool:
        return perm in PERMISSIONS

    def get_perms(self, username: str) -> str:
        return PERMISSIONS

    def get_msg_login(self, username: str) -> str:
        return "Login successful."

    def get_msg_quit(self, username: str) -> str:
        return "Goodbye."


class WatchedFile:
    """A file that a client writes, with the fault that meets it."""

    def __init__(self, opened: BinaryIO, transfer: Transfer) -> None:
        self._opened = opened
        self.transfer = transfer
        self.name = opened.name

    @property
    def closed(self) -> bool:
        return self._opened.closed

    def write(self, data: bytes) -> int:
        if self.transfer.pause:
            time.sleep(self.transfer.pause)
        room = self.transfer.room(len(data))
        if room:
            self._opened.write(data[:room])
        self.transfer.took(room, len(data))
        return len(data)

    def seek(self, offset: int) -> int:
        return self._opened.seek(offset)

    def close(self) -> None:
        self._opened.close()

    @property
    def size(self) -> int:
        return os.stat(self.name).st_size  # noqa: PTH116 - the name is the server's, as a text


class Folder(AbstractedFS):  # type: ignore[misc]
    """The home folder of the account that is logged in."""

    cmd_channel: "Commands"

    def open(self, filename: str, mode: str) -> Any:
        commands, path = self.cmd_channel, self.fs2ftp(filename)
        if "r" in mode and "+" not in mode:
            commands.allow("download", path)
            return super().open(filename, mode)
        transfer = commands.told(lambda account: account.begin_upload("ftp", path))
        try:
            if transfer.is_kind(FaultKind.REFUSE):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            return WatchedFile(super().open(filename, mode), transfer)
        except OSError:
            commands.told(lambda account: account.end_upload("ftp", transfer, size=0, complete=False))
            raise

    def rename(self, src: str, dst: str) -> None:
        old, new = self.fs2ftp(src), self.fs2ftp(dst)
        fault = self.cmd_channel.allow("rename", old)
        super().rename(src, dst)
        self.cmd_channel.told(lambda account: account.renamed("ftp", old, new))
        self.cmd_channel.cut = fault is not None

    def remove(self, path: str) -> None:
        shown = self.fs2ftp(path)
        fault = self.cmd_channel.allow("delete", shown)
        super().remove(path)
        self.cmd_channel.told(lambda account: account.deleted("ftp", shown))
        self.cmd_channel.cut = fault is not None


class Data(DTPHandler):  # type: ignore[misc]
    """A data connection. An upload is in the history before the client hears that it is complete."""

    def close(self) -> None:
        watched = self.file_obj
        if self._closed or not isinstance(watched, WatchedFile):
            super().close()
            return
        commands: Commands = self.cmd_channel
        transfer = watched.transfer
        watched.close()
        complete, size = self.transfer_finished, watched.size
        commands.told(lambda account: account.end_upload("ftp", transfer, size=size, complete=complete))
        if transfer.cut or transfer.is_kind(FaultKind.DROP_AFTER):
            commands.cut = True
        if transfer.fault is not None and transfer.is_kind(FaultKind.DELAY):
            time.sleep(transfer.fault.seconds)
        super().close()


class Commands(FTPHandler):  # type: ignore[misc]
    """A control connection; the class is made anew for each server, which it then knows."""

    files: Server
    dtp_handler = Data
    abstracted_fs = Folder
    auth_failed_timeout = 0
    use_sendfile = False
    banner = "file server ready"
    cut = False  # the next answer is the end of the connection

    def respond(self, resp: str, logfun: Any = None) -> None:
        if self.cut:
            self.close()
        else:
            super().respond(resp, *(() if logfun is None else (logfun,)))

    def told(self, work: Any) -> Any:
        """Let the event loop do something with the account that is logged in, and keep what came of it."""

        def there() -> Any:
            account = self.files.by_user(self.username)
            assert account is not None, "somebody is logged in"
            done = work(account)
            self.files.save(account)
            return done

        return self.files.on_loop(there)

    def allow(self, call: str, path: str) -> Fault | None:
        """Raises PermissionError when a fault refuses the call; else the fault that strikes after it."""
        fault: Fault | None = self.told(lambda account: account.take(call, "ftp", path))
        if fault is not None and fault.kind is FaultKind.REFUSE:
            self.told(lambda account: account.note(call, "ftp", path, fault=fault, ok=False))
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return fault


class Listening(ThreadedFTPServer):  # type: ignore[misc]
    """Takes connections, unless they are to be refused."""

    handler: type[Commands]

    def handle_accepted(self, sock: socket.socket, addr: Any) -> None:
        files = self.handler.files
        if files.on_loop(lambda: files.refusals.take("ftp")):
            sock.close()
        else:
            super().handle_accepted(sock, addr)


def serve_ftp(server: Server, *, host: str, port: int) -> None:
    """Listen for FTP in a thread; it ends with the process."""
    errors = logging.StreamHandler()  # a handler of ours, or the library sets up one that shows every command
    errors.setLevel(logging.ERROR)
    logging.getLogger("pyftpdlib").addHandler(errors)
    handler = type("Commands", (Commands,), {"files": server, "authorizer": Logins(server)})
    listening = Listening((host, port), handler)
    threading.Thread(target=listening.serve_forever, kwargs={"handle_exit": False}, daemon=True).start()
