"""The file server sandbox as a process of its own for the session, and an account of its own for every test."""

import asyncio
import hashlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.file_drop.account import DropAccount
from adapters.file_drop.adapter import ServerFileDrop
from adapters.file_drop.session import Open
from domain.errors import NotSent
from domain.file_drop import DropProtocol, Parcel
from domain.operations import Kind, operation_id, operation_key
from domain.outcomes import OperationResult, Outcome
from domain.ports import OperationHeader, Permits
from storage.database import Database
from storage.gates import Gates
from storage.journal import SqlJournal
from storage.migrate import migrate
from tests.sandboxes.fileserver.conftest import Box, start
from tests.support.sandbox_process import SandboxProcess

NAME = "F20261110merchant.dat"
CONTENT = b"CC,Renewal,6000,EUR,order-1,INV-1,pay-1,FAILED,21000305,declined\r\n" * 3000
OPERATION = operation_id("failure-report/acme", Kind.DELIVER, "acct:2026-11-10", 1)
HEADER = OperationHeader(
    OPERATION, operation_key(OPERATION), "failure-report/acme", "deliver", "acct:2026-11-10", 1, None, "", "hash",
    "drop/acme/acme",
)  # fmt: skip
PARCEL = Parcel("acme", NAME, f".{NAME}.{operation_key(OPERATION, 8)}.part", CONTENT)


@dataclass
class Dropping:
    """One file on its way to one account, with the real journal around each try. `at` moves with every try."""

    box: Box
    protocol: str
    journal: SqlJournal
    at: datetime = datetime(2026, 11, 11, 4, 0, tzinfo=UTC)
    changes: dict[str, Any] = field(default_factory=dict)
    openers: dict[DropProtocol, Open] | None = None
    parcel: Parcel = PARCEL

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)

    @property
    def account(self) -> DropAccount:
        sftp = self.protocol == "sftp"
        known = DropAccount(
            DropProtocol(self.protocol),
            "127.0.0.1",
            self.box.sftp_port if sftp else self.box.ftp_port,
            self.box.user,
            self.box.password,
            folder="in",
            host_key=self.box.host_key if sftp else "",
            connect_seconds=10,
            request_seconds=10,
        )
        return replace(known, **self.changes)

    async def put(self, wait: timedelta = timedelta(minutes=4)) -> OperationResult:
        """One try as the recorder makes it; `wait` after the one before."""
        self.at += wait
        owner, at = f"owner-{next(self._numbers)}", self.at
        begun = self.journal.begin(HEADER, at, owner)
        if begun.result is not None:
            return begun.result
        permits = Permits(
            send=lambda: self.journal.permit(OPERATION, owner, at), look=lambda: self.journal.look(OPERATION, owner, at)
        )
        drop = ServerFileDrop(lambda tenant: self.account, clock=lambda: at, openers=self.openers)
        try:
            result = await drop.put(self.parcel, begun.earlier, permits)
        except NotSent as stop:
            result = OperationResult(Outcome.NOT_SENT, stop.reason, retry_at=stop.retry_at)
        return self.journal.finish(OPERATION, owner, at, result)

    async def arrives(self, most: int = 6) -> list[Outcome]:
        """Try until it is there; the outcomes on the way."""
        outcomes = []
        for _ in range(most):
            outcomes.append((await self.put()).outcome)
            if outcomes[-1] is Outcome.SUCCEEDED:
                break
            self.never_half()
            await asyncio.sleep(0)
        assert outcomes[-1] is Outcome.SUCCEEDED, outcomes
        return outcomes

    def never_half(self) -> None:
        """Nothing, or all of it, lies under the final name."""
        assert self.box.files().get(f"/in/{NAME}", len(CONTENT)) == len(CONTENT)

    def there(self) -> None:
        """Exactly one complete file, and nothing else."""
        assert self.box.files() == {f"/in/{NAME}": len(CONTENT)}
        assert self.box.content(f"/in/{NAME}") == CONTENT

    def renames(self) -> int:
        """How often a file got the final name."""
        return sum(one["kind"] == "renamed" for one in self.box.control.get("/effects").json())


@pytest.fixture(scope="session")
def file_server() -> Iterator[SandboxProcess]:
    process = start()
    yield process
    process.stop()


@pytest.fixture
def box(file_server: SandboxProcess, request: pytest.FixtureRequest) -> Iterator[Box]:
    """A new account with one folder, named after the test."""
    digest = hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:12]
    found = Box(file_server.url, f"drop-{digest}")
    found.configure(folders=["in"])
    yield found
    found.close()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("drop") / "holdfast.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def journal(template: Path, tmp_path: Path) -> Iterator[SqlJournal]:
    path = tmp_path / "holdfast.db"
    path.write_bytes(template.read_bytes())
    db = Database(f"sqlite:///{path}")
    yield SqlJournal(db, Gates(db), in_flight=timedelta(minutes=3), sends=5)
    db.close()


@pytest.fixture(params=["sftp", "ftp"])
def dropping(box: Box, journal: SqlJournal, request: pytest.FixtureRequest) -> Dropping:
    return Dropping(box, request.param, journal)
