"""One file server process for the session and an account of its own for every test."""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from ftplib import FTP
from io import BytesIO
from pathlib import Path
from typing import Any

import asyncssh
import httpx
import pytest

from tests.support.ports import free_ports
from tests.support.sandbox_process import SandboxProcess, start_sandbox

QUIET: dict[str, Any] = {"trust_env": False, "timeout": 30, "verify": False}  # no TLS on the loopback address


@dataclass
class Box:
    """One account and the ways to reach it."""

    url: str
    name: str
    user: str = ""
    password: str = ""
    sftp_port: int = 0
    ftp_port: int = 0
    host_key: str = ""
    http: httpx.Client = field(init=False)
    control: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.http = httpx.Client(base_url=self.url, **QUIET)
        path = f"{self.url}/control/accounts/{self.name}"
        self.control = httpx.Client(base_url=path, **QUIET)

    def close(self) -> None:
        self.http.close()
        self.control.close()

    def configure(self, **settings: Any) -> None:
        answer = self.http.put(f"/control/accounts/{self.name}", json=settings)
        assert answer.is_success, answer.text
        found = answer.json()
        self.user, self.password, self.host_key = found["user"], found["password"], found["host_key"]
        self.sftp_port, self.ftp_port = found["sftp_port"], found["ftp_port"]

    def clock(self, instant: str) -> None:
        self.control.put("/clock", json={"instant": instant, "frozen": True}).raise_for_status()

    def arm(self, call: str, kind: str, **more: Any) -> None:
        answer = self.control.post("/faults", json={"call": call, "kind": kind, **more})
        assert answer.status_code == 201, answer.text

    def special(self, name: str, **params: Any) -> None:
        self.arm("upload", "special", name=name, params=params)

    @asynccontextmanager
    async def sftp(self, **login: Any) -> AsyncIterator[asyncssh.SFTPClient]:
        """A client that is logged in, with the password unless told otherwise, and knows the host's key."""
        known = asyncssh.import_known_hosts(f"[127.0.0.1]:{self.sftp_port} {self.host_key}\n")
        options: dict[str, Any] = {"password": self.password, "client_keys": None, "agent_path": None, **login}
        async with (
            asyncssh.connect(
                "127.0.0.1", self.sftp_port, username=self.user, known_hosts=known, config=None, **options
            ) as connection,
            connection.start_sftp_client() as client,
        ):
            yield client

    @contextmanager
    def ftp(self) -> Iterator[FTP]:
        client = FTP(timeout=20)
        try:
            client.connect("127.0.0.1", self.ftp_port)
            client.login(self.user, self.password)
            yield client
        finally:
            client.close()

    def files(self) -> dict[str, int]:
        return {one["path"]: one["size"] for one in self.control.get("/files").json()}

    def content(self, path: str) -> bytes:
        answer = self.control.get(f"/files{path}")
        answer.raise_for_status()
        return answer.content

    def effects(self) -> list[tuple[str, str, int | None]]:
        return [(one["kind"], one["path"], one.get("size")) for one in self.control.get("/effects").json()]

    def uploads(self) -> list[tuple[str, int, bool]]:
        return [(one["path"], one["size"], one["complete"]) for one in self.control.get("/uploads").json()]

    async def put(self, protocol: str, name: str, data: bytes) -> None:
        """Upload with one of the two clients."""
        if protocol == "ftp":
            with self.ftp() as client:
                client.storbinary(f"STOR {name}", BytesIO(data))
                client.quit()
        else:
            async with self.sftp() as client, client.open(name, "wb") as file:
                await file.write(data)


async def until(condition: Callable[[], bool], within: float = 20.0) -> None:
    """Wait for a condition; fails when it does not come true."""
    limit = time.monotonic() + within
    while not condition():
        assert time.monotonic() < limit, "the condition never came true"
        await asyncio.sleep(0.02)


def start(state: Path | None = None) -> SandboxProcess:
    sftp, ftp = free_ports(2)
    return start_sandbox("sandboxes.fileserver", state=state, extra=["--sftp-port", str(sftp), "--ftp-port", str(ftp)])


@pytest.fixture(scope="session")
def file_server() -> Iterator[SandboxProcess]:
    process = start()
    yield process
    process.stop()


@pytest.fixture
def box(file_server: SandboxProcess, request: pytest.FixtureRequest) -> Iterator[Box]:
    """A new account, named after the test."""
    digest = hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:12]
    found = Box(file_server.url, f"box-{digest}")
    found.configure()
    yield found
    found.close()
