"""A whole Holdfast on loopback for tests: real processes on free ports in a folder of their own.

with Stack.start(folder) as stack:
    stage = stack.stage("t1")            # a tenant of its own with its accounts in every sandbox
    driver = await stack.driver(stage)   # its simulated clock
"""

import asyncio
import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from temporalio.client import Client

from cli.launcher import Launcher, Running
from cli.processes import LISTENERS, Places, ProcessSpec, embedded_processes
from cli.simulated import connected, driver_for
from cli.stage import Role, Stage
from cli.wiring import Stores
from settings import LogFormat, Profile, Settings
from simulation.driver import Driver
from storage.migrate import migrate
from storage.secrets import new_master_key
from tests.support.ports import free_ports

BEYOND_ORDERS = ("stripe", "paygate", "fileserver")  # sandboxes that a test asks for


def free_places(folder: Path) -> Places:
    """Ports that are free now."""
    return Places(folder, **dict(zip(LISTENERS, free_ports(len(LISTENERS)), strict=True)))


@dataclass
class Stack:
    """Running processes by name, the stores over their database, and a client."""

    places: Places
    settings: Settings
    launcher: Launcher
    specs: Mapping[str, ProcessSpec]
    stores: Stores
    _clients: dict[asyncio.AbstractEventLoop, Client]

    @classmethod
    @contextmanager
    def start(
        cls,
        folder: Path,
        *,
        without: tuple[str, ...] = (),
        further: tuple[str, ...] = (),
        database_url: str = "",
        **settings: Any,
    ) -> Iterator["Stack"]:
        """Start what orders need but `without`, and `further` sandboxes; stop it at the end, whatever happened."""
        places = free_places(folder)
        chosen = Settings(
            database_url=database_url or f"sqlite:///{folder / 'holdfast.db'}",
            temporal_address=f"127.0.0.1:{places.temporal}",
            temporal_ui_url=places.url(places.temporal_ui),
            master_key=SecretStr(new_master_key()),
            starter_port=places.starter,
            public_url=places.url(places.starter),
            unzer_sandbox_url=places.url(places.unzer),
            **{"profile": Profile.FAST, "log_format": LogFormat.JSON, **settings},
        )
        migrate(chosen.database_url)
        launcher, stores = Launcher(places), Stores.open(chosen)
        specs = {one.name: one for one in embedded_processes(chosen, places)}
        stack = cls(places, chosen, launcher, specs, stores, {})
        try:
            for name in specs:
                if name in further or name not in (*without, *BEYOND_ORDERS):
                    stack.run(name)
            yield stack
        finally:
            launcher.stop()
            stores.close()

    def run(self, name: str) -> Running:
        """Start one more process of a kind (a second worker, the server after a stop) and wait until it is up."""
        started = self.launcher.start(self.specs[name])
        self.launcher.wait_healthy(started)
        return started

    def kill(self, running: Running) -> None:
        """kill -9."""
        running.process.send_signal(signal.SIGKILL)
        running.process.wait()
        self.launcher.running.remove(running)

    def stop(self, running: Running) -> None:
        """Ask a process to end and wait for it."""
        running.process.terminate()
        running.process.wait(30)
        self.launcher.running.remove(running)

    def running(self, name: str) -> list[Running]:
        """The processes of a kind, oldest first."""
        return [one for one in self.launcher.running if one.spec.name == name]

    def stage(self, tenant: str, *, webhooks: bool = True, **role: Any) -> Stage:
        """Set up a tenant with accounts of its own; `role` are fields of `cli.stage.Role`."""
        account = "".join(part for part in tenant if part.isalnum())
        own = replace(Role(tenant=tenant, name=tenant, erp_account=account, provider_account=account), **role)
        stage = Stage(self.places, self.stores, own)
        stage.set_up(webhooks=webhooks)
        return stage

    async def client(self) -> Client:
        """The client of this event loop; its starts begin at their tenant's time."""
        loop = asyncio.get_running_loop()
        if loop not in self._clients:
            self._clients[loop] = await connected(self.settings, self.stores)
        return self._clients[loop]

    async def driver(self, stage: Stage, patience: timedelta = timedelta(seconds=60)) -> Driver:
        """The driver of a simulated tenant; its poller runs from now on."""
        return await driver_for(await self.client(), self.settings, self.places, self.stores, stage, patience=patience)


def pid_alive(pid: int) -> bool:
    """Whether a process exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
