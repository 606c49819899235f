"""Folders into which merchants put batch files, one per tenant: `T…` comes, `W…` is worked on, `P…` has the results.

A folder below `HOLDFAST_BATCH_FOLDER` has the name of its tenant; a file server shows it to the merchant. A file is
taken in once it has not changed between two looks. Which file was renamed says nothing: the database knows it.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from paygate.batch_names import Phase
from web.paygate.desk import BatchDesk, BatchRefused, desk_of
from web.services import Services

log = structlog.get_logger()

SOURCE = "folder"
_REFUSED = ".refused.txt"


@dataclass
class BatchFolder:
    """All folders of one Holdfast; does nothing where no place is set."""

    services: Services
    _sizes: dict[Path, tuple[int, int]] = field(default_factory=dict)

    def look(self) -> None:
        """Take in what has been put there."""
        for tenant, folder in self._folders():
            with _trouble(tenant):
                for path in sorted(folder.glob("T*.dat")):
                    if self._has_settled(path):
                        self._take_in(tenant, path)

    def give_back(self) -> None:
        """Put results beside what is worked on, and take that away."""
        for tenant, folder in self._folders():
            with _trouble(tenant):
                for path in sorted(folder.glob("W*.dat")):
                    self._give_back(tenant, path)

    def _folders(self) -> list[tuple[str, Path]]:
        place = self.services.settings.batch_folder
        if not place or not Path(place).is_dir():
            return []
        known = {one.id for one in self.services.directory.tenants()}
        try:
            return [(one.name, one) for one in sorted(Path(place).iterdir()) if one.is_dir() and one.name in known]
        except OSError as error:
            log.warning("batch.folder_failed", reason=type(error).__name__)
            return []

    def _has_settled(self, path: Path) -> bool:
        try:
            told = path.stat()
        except OSError:
            return False
        seen, now = self._sizes.get(path), (told.st_size, told.st_mtime_ns)
        self._sizes[path] = now
        if path.is_symlink() or told.st_size > self.services.settings.max_batch_bytes:
            if seen is None:
                self._refuse(path, "The file is too large, or no file. Send several smaller ones.")
            return False
        return seen == now

    def _take_in(self, tenant: str, path: Path) -> None:
        try:
            content = path.read_bytes()
            batch_id, _ = self._desk().take_in(tenant, path.name, content, actor=SOURCE, source=SOURCE)
        except BatchRefused as refusal:
            log.warning("batch.refused", tenant=tenant, reason=refusal.code)
            self._refuse(path, f"{refusal.message} {refusal.what_to_do}")
            return
        self._sizes.pop(path, None)
        log.info("batch.taken_in", tenant=tenant, batch=batch_id)
        path.rename(_in_phase(path, Phase.WORKED_ON))

    def _refuse(self, path: Path, why: str) -> None:
        """Put the file out of the way, with a sentence beside it."""
        self._sizes.pop(path, None)
        with contextlib.suppress(OSError):
            path.with_name(f"{path.name}{_REFUSED}").write_text(f"{why}\r\n", encoding="utf-8")
            path.rename(path.with_name(f"{path.name}.refused"))

    def _give_back(self, tenant: str, path: Path) -> None:
        name = _in_phase(path, Phase.TRANSFERRED).name
        found = self.services.batches.named(tenant, name)
        if found is None:  # somebody else's file
            return
        result = self.services.batches.result(tenant, found.id)
        if result is None:
            return
        final = _in_phase(path, Phase.PROCESSED)
        working = final.with_name(f".{final.name}.part")
        working.write_bytes(result)
        working.rename(final)
        path.unlink()

    def _desk(self) -> BatchDesk:
        return desk_of(self.services)


@contextlib.contextmanager
def _trouble(tenant: str) -> Iterator[None]:
    """A folder that cannot be read or written holds up no other; the next look tries again."""
    try:
        yield
    except OSError as error:
        log.warning("batch.folder_failed", tenant=tenant, reason=type(error).__name__)


def _in_phase(path: Path, phase: Phase) -> Path:
    return path.with_name(f"{phase.value}{path.name[1:]}")
