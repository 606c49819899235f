"""One account of the file server: who may log in, its home folder, its uploads, and what was done in it."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import asyncssh

from sandboxes.fileserver.faults import FileFaults, Transfer, named
from sandboxes.fileserver.settings import AccountSettings, Protocol
from sandboxes.kit.account import Account
from sandboxes.kit.faults import Fault


@dataclass
class Upload:
    """One upload as the history shows it. Instants are the account's, in UTC; `size` counts bytes of the file."""

    no: int
    path: str
    protocol: Protocol
    started: str
    size: int = 0
    finished: str = ""
    complete: bool = False
    fault: str = ""
    renamed_to: str = ""


class FileAccount(Account):
    """Everything here runs on the event loop; the FTP side, which has threads, calls it over `Server.on_loop`."""

    def __init__(self, name: str, home: Path) -> None:
        super().__init__(name)
        self.faults = FileFaults()
        self.home = home
        self.settings = AccountSettings().of(name)
        self.uploads: list[Upload] = []
        self.home.mkdir(parents=True, exist_ok=True)

    def make_folders(self) -> None:
        for folder in self.settings.folders:
            (self.home / folder).mkdir(parents=True, exist_ok=True)

    def note(
        self, call: str, protocol: Protocol, path: str = "", *, fault: Fault | None = None, ok: bool = True
    ) -> None:
        """Put a line into the log."""
        entry = {"at": self.clock.now().isoformat(), "call": call, "protocol": protocol, "path": path}
        self.log.append({**entry, "ok": ok, "fault": named(fault)})

    def take(self, call: str, protocol: Protocol, path: str = "") -> Fault | None:
        """The fault that meets this call."""
        facts = {"protocol": protocol, "path": path, "name": path.rpartition("/")[2]}
        return self.faults.take(call, facts) or self.faults.take(call, facts, special=True)

    def login(self, protocol: Protocol, *, password: str | None = None, key: asyncssh.SSHKey | None = None) -> bool:
        """Whether somebody with this password or key gets in."""
        given = self.settings.password
        fits = bool(given) and password == given if key is None else self.settings.lets_in(key)
        fault = self.take("login", protocol) if fits and protocol in self.settings.protocols else None
        good = fits and fault is None and protocol in self.settings.protocols
        self.note("login", protocol, fault=fault, ok=good)
        return good

    def begin_upload(self, protocol: Protocol, path: str) -> Transfer:
        """A file is opened for writing."""
        fault = self.take("upload", protocol, path)
        upload = Upload(len(self.uploads) + 1, path, protocol, self.clock.now().isoformat(), fault=named(fault))
        self.uploads.append(upload)
        return Transfer(upload.no, path, fault)

    def end_upload(self, protocol: Protocol, transfer: Transfer, *, size: int, complete: bool) -> None:
        """A file is closed again, or its connection has gone."""
        upload = self.uploads[transfer.no - 1]
        upload.finished, upload.size, upload.complete = self.clock.now().isoformat(), size, complete
        kind = "uploaded" if complete else "upload_broken"
        self.effect(kind, path=upload.path, size=size, protocol=protocol)
        self.note("upload", protocol, upload.path, fault=transfer.fault, ok=complete)

    def renamed(self, protocol: Protocol, path: str, new: str) -> None:
        for upload in reversed(self.uploads):
            if (upload.renamed_to or upload.path) == path:
                upload.renamed_to = new
                break
        self.effect("renamed", path=path, new=new, protocol=protocol)
        self.note("rename", protocol, path)

    def deleted(self, protocol: Protocol, path: str) -> None:
        self.effect("deleted", path=path, protocol=protocol)
        self.note("delete", protocol, path)

    def file(self, path: str) -> Path:
        """A path inside the home folder. Raises ValueError for one outside."""
        found = (self.home / path.lstrip("/")).resolve()
        if not found.is_relative_to(self.home.resolve()):
            raise ValueError("the path leads out of the home folder")
        return found

    def files(self) -> list[dict[str, Any]]:
        """All files, by path."""
        found = sorted(one for one in self.home.rglob("*") if one.is_file())
        return [{"path": "/" + one.relative_to(self.home).as_posix(), "size": one.stat().st_size} for one in found]

    def dump(self) -> dict[str, Any]:
        return {"settings": self.settings.model_dump(), "uploads": [asdict(one) for one in self.uploads]}

    def restore(self, data: dict[str, Any]) -> None:
        self.settings = AccountSettings.model_validate(data["settings"])
        self.uploads = [Upload(**one) for one in data["uploads"]]
