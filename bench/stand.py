"""The test stand: Temporal, sandboxes, the worker and the yardsticks' worker as processes on loopback.

The whole path runs with tenants that live in real time, so the ERP's quiet hours are held back: the processes get a
zone file by which it is noon in Berlin, or whatever else a measurement needs.
"""

import os
import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import psutil
from pydantic import SecretStr

from cli.launcher import Launcher
from cli.processes import LISTENERS, Places, ProcessSpec, embedded_processes, in_memory, settings_environment
from cli.stage import Role, Stage
from cli.wiring import Stores
from settings import Profile, Settings
from storage.migrate import migrate
from storage.secrets import new_master_key

NOON = time(12)
# nobody calls back, nobody looks, and no hold is in play
LEFT_OUT = frozenset({"starter", "stripe", "paygate", "fileserver"})
LEFT_OUT_OF_HOLDS = frozenset({"starter", "stripe", "fileserver", "pixi", "unzer"})
YARDSTICKS = "yardsticks"


@dataclass
class Stand:
    """Everything that runs."""

    places: Places
    settings: Settings
    stores: Stores
    launcher: Launcher

    @classmethod
    @contextmanager
    def start(
        cls, folder: Path, *, yardsticks: bool = True, holds: bool = False, reads: time = NOON
    ) -> Iterator["Stand"]:
        """Start everything, and stop it at the end whatever happened. `holds`: with Paygate instead of what orders
        need. `reads`: what Berlin's clock says to every process at the start."""
        places = free_places(folder)
        settings = Settings(
            database_url=f"sqlite:///{folder / 'holdfast.db'}",
            temporal_address=f"127.0.0.1:{places.temporal}",
            master_key=SecretStr(new_master_key()),
            profile=Profile.EMBEDDED,
        )
        migrate(settings.database_url)
        launcher, stores = Launcher(places), Stores.open(settings)
        left_out = LEFT_OUT_OF_HOLDS if holds else LEFT_OUT
        specs = [in_memory(one) for one in embedded_processes(settings, places) if one.name not in left_out]
        if yardsticks:
            command = [sys.executable, "-m", "bench.yardstick_worker"]
            specs.append(ProcessSpec(YARDSTICKS, command, settings_environment(settings)))
        try:
            with berlin_reads(reads, folder / "zones"):
                started = [launcher.start(one) for one in specs]
                for one in started:
                    launcher.wait_healthy(one)
                yield cls(places, settings, stores, launcher)
        finally:
            launcher.stop()
            stores.close()

    def restart_worker(self) -> None:
        """Stop the worker as an update of the machine would, and start it anew; does not wait until it works."""
        (running,) = (one for one in self.launcher.running if one.spec.name == "worker")
        running.process.terminate()
        running.process.wait(60)
        self.launcher.running.remove(running)
        self.launcher.start(running.spec)

    def memory(self) -> dict[str, int]:
        """Resident bytes of each process."""
        return {name: int(psutil.Process(pid).memory_info().rss) for name, pid in self.pids().items()}

    def pids(self) -> dict[str, int]:
        """The processes by name."""
        return {one.spec.name: one.process.pid for one in self.launcher.running}

    def stage(self, number: int) -> Stage:
        """A tenant of its own with its connection to the ERP and its account at the provider."""
        name = f"bench{number}"
        role = Role(tenant=name, name=name, erp_account=name, provider_account=name, simulated=False)
        stage = Stage(self.places, self.stores, role)
        stage.set_up(webhooks=False)
        return stage


def free_places(folder: Path) -> Places:
    """Ports that are free now, all held at once so that no two are the same."""
    with ExitStack() as held:
        ports = {}
        for name in LISTENERS:
            probe = held.enter_context(socket.socket())
            probe.bind(("127.0.0.1", 0))
            ports[name] = probe.getsockname()[1]
    return Places(folder, **ports)


@contextmanager
def berlin_reads(clock: time, folder: Path) -> Iterator[None]:
    """Processes started inside believe that Berlin's clock reads so now, to the minute; instants stay true."""
    now = datetime.now(UTC)
    ahead = timedelta(hours=clock.hour - now.hour, minutes=clock.minute - now.minute)
    target = folder / "Europe" / "Berlin"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(_zone_file(ahead))
    before = os.environ.get("PYTHONTZPATH")
    os.environ["PYTHONTZPATH"] = str(folder.resolve())
    try:
        yield
    finally:
        if before is None:
            del os.environ["PYTHONTZPATH"]
        else:
            os.environ["PYTHONTZPATH"] = before


def _zone_file(ahead: timedelta) -> bytes:
    """A zone that is always so far ahead of UTC, in the form of RFC 8536, version 2."""
    block = struct.pack(">4s1s15x6l", b"TZif", b"2", 0, 0, 0, 0, 1, 4)
    block += struct.pack(">lbb4s", int(ahead.total_seconds()), 0, 0, b"BEN\0")
    return block + block + b"\n\n"
