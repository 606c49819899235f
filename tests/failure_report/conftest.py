"""Reports of failures on a real Temporal server with the real workers: SQLite, a real file server, a real mail server.

Only authorizations are played: their failures are put into the database as theirs would be.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from temporalio.client import Client, WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter

from cli.wiring import Stores, simulated_starts
from domain.authorization.nights import local
from domain.file_drop import DropProtocol, FileDropSettings
from domain.parties import MailSecurity, MailSettings, Tenant
from domain.tenant_config import Language
from domain.windows import BERLIN, next_local
from settings import Profile, Settings
from simulation.server import TemporalServer
from simulation.skipping import Skipper
from storage.migrate import migrate
from storage.secrets import new_master_key
from tests.sandboxes.fileserver.conftest import Box, start
from tests.support.failing import Failing
from tests.support.ports import free_port
from tests.support.sandbox_process import SandboxProcess, start_sandbox
from tests.workflows.world import at_rest, due_of
from worker import build_workers
from workflows.ids import failure_report_workflow_id
from workflows.messages import LookNow
from workflows.sending_reports import ReportSender

PATIENCE = 60.0


@dataclass
class Mailbox:
    """The mail server of all tests, and its control routes."""

    process: SandboxProcess
    port: int
    http: httpx.Client

    def mails(self, recipient: str) -> list[str]:
        """The subjects that arrived, oldest first."""
        answer = self.http.get(f"{self.process.url}/messages", params={"to": recipient}).raise_for_status()
        return [one["subject"] for one in reversed(answer.json())]


@dataclass
class World:
    """One simulated tenant with a folder of its own."""

    tenant: str
    stores: Stores
    client: Client
    plain: Client
    box: Box
    mailbox: Mailbox

    # -- time

    def start_at(self, instant: datetime) -> None:
        """The tenant lives from this instant on."""
        self.stores.clocks.set_offset(self.tenant, instant - datetime.now(UTC))

    @property
    def today(self) -> date:
        return (datetime.now(UTC) + self.stores.clocks.offset(self.tenant)).astimezone(BERLIN).date()

    def at(self, days: int, clock: str) -> datetime:
        """Berlin wall time so many days after the tenant's first day."""
        return local(self.first_day + timedelta(days=days), time.fromisoformat(clock))

    @property
    def first_day(self) -> date:
        return self.today

    # -- the report

    async def report(self) -> WorkflowHandle[Any, Any]:
        """Start the report and let it come to rest."""
        await ReportSender(self.client, self.stores.settings.timing.pacing, "fast").start(self.tenant)
        await at_rest(self.handle)
        return self.handle

    @property
    def handle(self) -> WorkflowHandle[Any, Any]:
        return self.plain.get_workflow_handle(failure_report_workflow_id(self.tenant))

    async def forward_to(self, instant: datetime) -> None:
        """Let the report live until `instant`."""
        skipper = Skipper(self.plain)
        async with asyncio.timeout(PATIENCE):
            now = await skipper.time_of(self.handle.id)
            await skipper.fast_forward(self.handle.id, max(instant - now, timedelta(seconds=1)))
        await at_rest(self.handle)

    async def due(self) -> datetime:
        found = await due_of(self.handle)
        assert found is not None
        return found

    async def look_now(self) -> None:
        await ReportSender(self.client, self.stores.settings.timing.pacing, "fast").look_now(self.tenant, LookNow("1"))
        await at_rest(self.handle)

    # -- around it

    def failing(self, reference: str = "hold-a", account: str = "acct") -> Failing:
        return Failing(self.stores.db, reference, account, self.tenant)

    def folder(self, **changes: Any) -> None:
        """The tenant gets its folder on the file server."""
        known: dict[str, Any] = {
            "tenant": self.tenant,
            "protocol": DropProtocol.SFTP,
            "host": "127.0.0.1",
            "port": self.box.sftp_port,
            "username": self.box.user,
            "secret_ref": f"{self.tenant}/drop",
            "folder": "in",
            "host_key": self.box.host_key,
        }
        self.stores.secrets.put(f"{self.tenant}/drop", self.box.password)
        self.stores.file_drops.put_file_drop(FileDropSettings(**known | changes))

    def files(self) -> dict[str, str]:
        """What stands in SQL, by name."""
        files = self.stores.failure_files
        found = {one.name: files.download(self.tenant, one.name) or b"" for one in files.list_files(self.tenant)}
        return {name: content.decode("iso-8859-1") for name, content in found.items()}

    def arrived(self) -> dict[str, str]:
        """What lies in the tenant's folder, by name."""
        return {
            path.removeprefix("/in/"): self.box.content(path).decode("iso-8859-1") for path in sorted(self.box.files())
        }

    def mails(self) -> list[str]:
        return self.mailbox.mails(self.recipient)

    @property
    def recipient(self) -> str:
        return f"{self.tenant}@merchant.example"


@pytest.fixture(scope="session")
def file_server() -> Iterator[SandboxProcess]:
    process = start()
    yield process
    process.stop()


@contextmanager
def open_mailbox() -> Iterator[Mailbox]:
    port = free_port()
    process = start_sandbox("sandboxes.mailbox", extra=("--smtp-port", str(port)))
    with httpx.Client(trust_env=False, timeout=30.0) as http:
        yield Mailbox(process, port, http)
    process.stop()


@contextmanager
def open_stores(folder: Path) -> Iterator[Stores]:
    path = folder / "holdfast.db"
    migrate(f"sqlite:///{path}")
    found = Stores.open(
        Settings(database_url=f"sqlite:///{path}", profile=Profile.FAST, master_key=new_master_key())  # type: ignore[arg-type]
    )
    yield found
    found.close()


@asynccontextmanager
async def open_clients(stores: Stores) -> AsyncIterator[tuple[Client, Client]]:
    """A client that starts at simulated time, and a plain one; all workers run."""
    async with TemporalServer() as server:
        plain = await server.connect(data_converter=pydantic_data_converter)
        config = plain.config()
        config["interceptors"] = list(simulated_starts(stores.settings, stores))
        simulated = Client(**config)
        with ThreadPoolExecutor(stores.settings.worker_concurrency + 16) as threads:
            async with AsyncExitStack() as stack:
                for one in build_workers(stores.settings, stores, plain, threads):
                    await stack.enter_async_context(one)
                yield simulated, plain
        await asyncio.sleep(0.5)  # the native threads must be idle before the interpreter ends


def settle_in(
    tenant: str, stores: Stores, clients: tuple[Client, Client], file_server: SandboxProcess, mailbox: Mailbox
) -> World:
    """A tenant that lives from the next noon in Berlin on."""
    stores.directory.put_tenant(Tenant(tenant, "Acme Ltd", Language.ENGLISH, simulated=True))
    box = Box(file_server.url, tenant)
    box.configure(folders=["in"])
    found = World(tenant, stores, *clients, box, mailbox)
    stores.directory.put_mail_settings(
        MailSettings(tenant, "127.0.0.1", mailbox.port, "h@acme.example", found.recipient, MailSecurity.NONE)
    )
    found.start_at(next_local(datetime.now(UTC), time(12)))
    return found


@pytest.fixture(scope="session")
def mailbox() -> Iterator[Mailbox]:
    with open_mailbox() as found:
        yield found


@pytest.fixture(scope="session")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    with open_stores(tmp_path_factory.mktemp("report")) as found:
        yield found


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def clients(stores: Stores) -> AsyncIterator[tuple[Client, Client]]:
    async with open_clients(stores) as found:
        yield found


@pytest.fixture
def world(
    stores: Stores,
    clients: tuple[Client, Client],
    file_server: SandboxProcess,
    mailbox: Mailbox,
    request: pytest.FixtureRequest,
) -> Iterator[World]:
    tenant = f"t{hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:10]}"
    found = settle_in(tenant, stores, clients, file_server, mailbox)
    yield found
    found.box.close()
