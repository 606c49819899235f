"""Faults of the file side, armed per account with the kit's routes: which exist, and how they bite a transfer."""

import errno
import os
from dataclasses import dataclass

from fastapi import HTTPException

from sandboxes.kit.faults import Fault, FaultBook, FaultKind

CALLS = ("login", "upload", "download", "rename", "delete")
KINDS: dict[str, tuple[FaultKind, ...]] = {
    "login": (FaultKind.REFUSE,),
    "upload": (FaultKind.REFUSE, FaultKind.DROP_AFTER, FaultKind.DELAY, FaultKind.SPECIAL),
    "download": (FaultKind.REFUSE,),
    "rename": (FaultKind.REFUSE, FaultKind.DROP_AFTER),
    "delete": (FaultKind.REFUSE, FaultKind.DROP_AFTER),
}
BREAK, DISK_FULL, SLOW = "break", "disk_full", "slow"


class FileFaults(FaultBook):
    """Takes only faults that can happen here."""

    def arm(self, fault: Fault) -> Fault:
        if fault.call not in CALLS:
            raise HTTPException(422, f"call is one of {', '.join(CALLS)}")
        if fault.kind not in KINDS[fault.call]:
            raise HTTPException(422, f"{fault.call} knows {', '.join(one.value for one in KINDS[fault.call])}")
        if fault.kind is FaultKind.SPECIAL and fault.name not in (BREAK, DISK_FULL, SLOW):
            raise HTTPException(422, f"name is one of {BREAK}, {DISK_FULL}, {SLOW}")
        return super().arm(fault)


def named(fault: Fault | None) -> str:
    """What a log shows of a fault."""
    return "" if fault is None else fault.name or fault.kind.value


class Cut(OSError):
    """The connection is to be closed without an answer."""

    def __init__(self) -> None:
        super().__init__(errno.ECONNABORTED, os.strerror(errno.ECONNABORTED))


@dataclass
class Transfer:
    """One upload in progress, and the fault that meets it."""

    no: int
    path: str
    fault: Fault | None
    taken: int = 0  # bytes so far
    cut: bool = False  # the connection is closed without an answer

    def is_named(self, name: str) -> bool:
        return self.fault is not None and self.fault.kind is FaultKind.SPECIAL and self.fault.name == name

    def is_kind(self, kind: FaultKind) -> bool:
        return self.fault is not None and self.fault.kind is kind

    @property
    def pause(self) -> float:
        """Real seconds to wait before each block."""
        return self.fault.seconds if self.fault is not None and self.is_named(SLOW) else 0.0

    def room(self, wanted: int) -> int:
        """How many of the next `wanted` bytes are taken before the fault strikes; all of them without one."""
        if self.fault is None or not (self.is_named(BREAK) or self.is_named(DISK_FULL)):
            return wanted
        return max(0, min(wanted, int(self.fault.params.get("after_bytes", 0)) - self.taken))

    def took(self, count: int, wanted: int) -> None:
        """Count a block of which `count` bytes are written. Raises OSError when the fault strikes in it."""
        self.taken += count
        if count == wanted:
            return
        if self.is_named(BREAK):
            self.cut = True
            raise Cut
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
