"""The merchant's folder on a file server: how it is reached, what can be wrong with it, and how a file is put there."""

import ipaddress
import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from domain.outcomes import OperationResult
from domain.ports import Earlier, Permits
from domain.tenant_config import InvalidConfiguration

_HOST = re.compile(r"[A-Za-z0-9._:%-]+")
_HOST_KEY = re.compile(r"[a-z0-9@.-]+ [A-Za-z0-9+/]{40,}={0,3}")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f]")


class DropProtocol(StrEnum):
    """How the file server is spoken to."""

    SFTP = "sftp"
    FTP = "ftp"  # without encryption: only where somebody says so on purpose


class DropLogin(StrEnum):
    """What the secret of a drop is."""

    PASSWORD = "password"
    KEY = "key"  # a private key in OpenSSH or PEM form, without a passphrase


@dataclass(frozen=True)
class FileDropSettings:
    """Where a tenant's failure files are put. Raises `InvalidConfiguration` for what cannot work together.

    `secret_ref` names the password or private key. `folder` is where the login leads to, or below it; '' for that
    place itself. `host_key` is the server's public key as `type base64`. `unencrypted`: somebody has confirmed that
    user, password and files may be read on the way. `active` False: files are written and can be downloaded, and none
    is delivered. `revision` counts the changes.
    """

    tenant: str
    protocol: DropProtocol
    host: str
    port: int
    username: str
    secret_ref: str
    login: DropLogin = DropLogin.PASSWORD
    folder: str = ""
    host_key: str = ""
    unencrypted: bool = False
    active: bool = True
    revision: int = field(default=1, compare=False)

    def __post_init__(self) -> None:
        wrong = next(iter(impossible(self)), None)
        if wrong is not None:
            raise InvalidConfiguration(wrong)


def impossible(drop: FileDropSettings) -> tuple[str, ...]:
    """What cannot be, each as what is wrong and, after a colon, what to do about it; empty when all fits."""
    found: list[str] = []
    if not _HOST.fullmatch(drop.host):
        found.append("the file server is one name or address without spaces: give it as host")
    if isinstance(drop.port, bool) or not 0 < drop.port < 65_536:
        found.append("the file server's port lies between 1 and 65535: mostly 22 for SFTP, 21 for FTP")
    if not drop.username.strip() or _UNSEEN.search(drop.username):
        found.append("a file server needs to know who logs in: give the user name")
    if _UNSEEN.search(drop.folder) or ".." in drop.folder.split("/"):
        found.append("the folder is a path below the place where the login leads to: leave out steps upwards")
    if drop.protocol is DropProtocol.FTP:
        if not drop.unencrypted:
            found.append(
                "plain FTP lets everybody on the way read user, password and files: use SFTP, or confirm it as "
                "unencrypted"
            )
        if drop.login is DropLogin.KEY:
            found.append("FTP knows no keys: give a password, or use SFTP")
        if drop.host_key:
            found.append("FTP has no host key: leave it out, or use SFTP")
        return tuple(found)
    if drop.unencrypted:
        found.append("SFTP is always encrypted: leave out the confirmation, or choose FTP")
    if drop.host_key and not _HOST_KEY.fullmatch(drop.host_key):
        found.append("the host key is the server's public key: give it as in ssh-ed25519 AAAA…")
    if not drop.host_key and not is_loopback(drop.host):
        found.append(
            "without the server's host key anybody could pose as the server: ask who runs it for the key, and give it"
        )
    return tuple(found)


def is_loopback(host: str) -> bool:
    """Whether the server is this very machine, where nobody else can pose as it."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


class DropVerdict(StrEnum):
    """What became of a test file, or where its way ended."""

    WORKS = "works"  # it was put there, read, and taken away again
    HOST_UNKNOWN = "host_unknown"
    UNREACHABLE = "unreachable"
    HOST_KEY = "host_key"  # the server shows another key
    LOGIN_REFUSED = "login_refused"
    SECRET_UNUSABLE = "secret_unusable"  # the private key cannot be read
    FOLDER_MISSING = "folder_missing"
    NOT_ALLOWED = "not_allowed"  # writing, renaming or deleting
    FULL = "full"
    BROKEN = "broken"  # the connection broke, or the server failed


@dataclass(frozen=True)
class Parcel:
    """A file on its way. `working_name` is what it is called until it is complete, the same in every repetition."""

    tenant: str
    name: str
    working_name: str
    content: bytes = field(repr=False)


class FileDrop(Protocol):
    """The merchants' folders.

    A file appears under its name whole and once: it is written under its working name, which harms nobody, and then
    renamed. The rename is the effect, so only that passes the permit to send; everything before only *looks*. After a
    rename that was never answered, a file that is there under neither name has been fetched by the merchant since.
    """

    async def put(self, parcel: Parcel, earlier: Earlier, permit: Permits) -> OperationResult:
        """Put the file there once. *Declined* with `name_taken` when another file has its name; *not sent* as long as
        it was not renamed; *unknown* when the rename was not answered. Raises `Misconfigured`."""
