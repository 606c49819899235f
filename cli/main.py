"""The command `holdfast`."""

import asyncio
import base64
import contextlib
import os
import secrets
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from rich.console import Console

from cli.admin import gates, orders, tokens
from cli.admin import secrets as secret_commands
from cli.authorizations import authorizations, show_forecast
from cli.batches import batches
from cli.check import check
from cli.demo_holds import HOLD_STORIES
from cli.demo_stories import STORIES
from cli.failures import failures
from cli.import_orders import import_orders
from cli.launcher import CannotStart, Launcher, check_files, check_ports, only_one
from cli.processes import LISTENERS, Places, embedded_processes
from cli.setup import setup
from cli.show import Judged, Stories, addresses, playing, table
from cli.simulate import simulate
from domain.errors import HoldfastError, Misconfigured
from settings import LogFormat, Profile, Settings
from simulation.errors import SimulationError
from storage.database import Database
from storage.migrate import migrate as upgrade
from storage.secrets import parse_master_keys

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Payment operations between checkout and refund.")
app.add_typer(orders, name="orders")
app.add_typer(setup, name="setup")
app.add_typer(authorizations, name="authorizations")
app.command("forecast")(show_forecast)
app.add_typer(failures, name="failures")
app.add_typer(batches, name="batch")
app.command()(check)
app.command()(simulate)
app.add_typer(gates, name="gates")
app.add_typer(tokens, name="tokens")
app.add_typer(secret_commands, name="secrets")
console = Console()
__all__ = ["app", "import_orders", "run"]

STATES = ("temporal", "pixi", "unzer", "mailbox", "stripe", "paygate", "fileserver")
UNPLAYED = ("fileserver",)  # what no demo story needs

Folder = Annotated[Path, typer.Option(help="Folder of all state; one folder is one Holdfast.")]
FirstPort = Annotated[
    int | None,
    typer.Option(
        "--ports",
        min=1024,
        max=65536 - len(LISTENERS),
        help=f"Use {len(LISTENERS)} ports from this one on instead of the usual.",
    ),
]
Names = Annotated[
    list[str] | None, typer.Option("--story", help="Play this demo story only; may be given several times.")
]


def places_of(folder: Path, first_port: int | None) -> Places:
    """Where everything listens: the usual ports, or those from `first_port` on."""
    folder = folder.resolve()
    if first_port is None:
        return Places(folder)
    return Places(folder, **{name: first_port + number for number, name in enumerate(LISTENERS)})


def stories_of(names: Sequence[str] | None) -> Stories:
    """The demo stories of these names, all without any. Raises `BadParameter`."""
    if not names:
        return Stories()
    known = [one.name for one in (*STORIES, *HOLD_STORIES)]
    unknown = [one for one in names if one not in known]
    if unknown:
        raise typer.BadParameter(f"there is no demo story {unknown[0]}: choose from {', '.join(known)}")
    chosen = list(dict.fromkeys(names))
    orders = sorted((one for one in STORIES if one.name in chosen), key=lambda one: chosen.index(one.name))
    return Stories(orders, [one for one in HOLD_STORIES if one.name in chosen])


def embedded_settings(places: Places) -> Settings:
    """Settings of the embedded start; the master key is made once and stays in the folder."""
    return Settings(
        database_url=f"sqlite:///{places.folder / 'holdfast.db'}",
        temporal_address=f"127.0.0.1:{places.temporal}",
        temporal_ui_url=places.url(places.temporal_ui),
        master_key=_master_key(places.folder),
        profile=Profile.EMBEDDED,
        starter_port=places.starter,
        public_url=places.url(places.starter),
        unzer_sandbox_url=places.url(places.unzer),
        log_format=LogFormat.JSON,
    )


def _master_key(folder: Path) -> str:
    path = folder / "master.key"
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(base64.b64encode(secrets.token_bytes(32)).decode())
    key = path.read_text(encoding="utf-8").strip()
    try:
        parse_master_keys(key)
    except Misconfigured as error:
        raise CannotStart(f"The file {path} holds no master key ({error}): put a backup in its place.") from None
    return key


@contextmanager
def _embedded(
    places: Places, interrupts: "Interrupts", without: Sequence[str] = ()
) -> Iterator[tuple[Settings, Launcher]]:
    """Everything but `without` started and healthy; everything stopped afterwards, whatever happens."""
    with only_one(places.folder):
        check_ports(places)
        check_files([places.folder / f"{name}.db" for name in STATES])
        settings = embedded_settings(places)
        upgrade(settings.database_url)
        launcher = Launcher(places)
        interrupts.again = launcher.hurry
        try:
            for spec in embedded_processes(settings, places):
                if spec.name in without:
                    continue
                console.print(f"  starting {spec.name} ...", style="dim", highlight=False)
                launcher.start(spec)
            for one in launcher.running:
                launcher.wait_healthy(one)
            yield settings, launcher
        finally:
            launcher.stop(lambda name: console.print(f"  stopping {name} ...", style="dim", highlight=False))


class Interrupts:
    """Ctrl-C, the end of the terminal and SIGTERM: the first one ends the work, further ones call `again`."""

    def __init__(self) -> None:
        self.again: Callable[[], None] = lambda: None
        self._heard = False
        for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(one, self._hear)

    def _hear(self, number: int, frame: FrameType | None) -> None:
        if self._heard:
            self.again()
            return
        self._heard = True
        raise KeyboardInterrupt


def _run(work: Callable[[Interrupts], int]) -> None:
    """Carry out a command; what cannot start or go on says so in one sentence."""
    try:
        code = work(Interrupts())
    except (CannotStart, HoldfastError, SimulationError) as error:
        code = 1
        console.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
    except KeyboardInterrupt:
        code = 130
    with contextlib.suppress(OSError):  # the terminal may be gone
        sys.stdout.flush()
    # the native threads of the Temporal client can crash the interpreter at its very end
    os._exit(code)


async def _played(settings: Settings, places: Places, launcher: Launcher, stories: Stories) -> Judged:
    """How the demo stories ended. CannotStart when a process ends before."""

    async def watch() -> None:
        while True:
            launcher.check()
            await asyncio.sleep(1)

    watching, play = asyncio.create_task(watch()), asyncio.create_task(playing(console, settings, places, stories))
    try:
        await asyncio.wait([watching, play], return_when=asyncio.FIRST_COMPLETED)
        if not play.done():
            watching.result()
        return await play
    finally:
        for one in (watching, play):
            one.cancel()
        await asyncio.gather(watching, play, return_exceptions=True)


@app.command()
def up(folder: Folder = Path("var"), ports: FirstPort = None, story: Names = None) -> None:
    """Start everything on this machine, play the demo orders, and stay until Ctrl-C."""
    stories = stories_of(story)

    def work(interrupts: Interrupts) -> int:
        places = places_of(folder, ports)
        with _embedded(places, interrupts) as (settings, launcher):
            table(console, asyncio.run(_played(settings, places, launcher, stories)))
            addresses(console, places)
            console.print("\nCtrl-C stops everything that was started here.", style="bold")
            try:
                while True:
                    launcher.check()
                    time.sleep(1)
            except KeyboardInterrupt:
                with contextlib.suppress(OSError):
                    console.print()
        return 0

    _run(work)


@app.command()
def demo(folder: Folder = Path("var/demo"), ports: FirstPort = None, story: Names = None) -> None:
    """Play the demo orders, print what became of each, and end with 0 only if all ended as the rules say."""
    stories = stories_of(story)

    def work(interrupts: Interrupts) -> int:
        places = places_of(folder, ports)
        with _embedded(places, interrupts, without=UNPLAYED) as (settings, launcher):
            return table(console, asyncio.run(_played(settings, places, launcher, stories)))

    _run(work)


@app.command()
def migrate(database_url: Annotated[str, typer.Option(help="Left out: HOLDFAST_DATABASE_URL.")] = "") -> None:
    """Bring the database to the present schema."""
    upgrade(database_url or Settings().database_url)
    console.print("The database is up to date.")


@app.command()
def rebuild(database_url: Annotated[str, typer.Option(help="Left out: HOLDFAST_DATABASE_URL.")] = "") -> None:
    """Drop the read models and derive them anew from the journal."""
    from rich.progress import Progress

    from storage.records import rebuild as derive

    with Progress(console=console) as progress:
        task = progress.add_task("orders", total=None)
        count = derive(
            Database(database_url or Settings().database_url),
            lambda done, total: progress.update(task, completed=done, total=total),
        )
    console.print(f"{count} orders derived anew.")


def run() -> None:
    """Entry point of the command."""
    app()


if __name__ == "__main__":
    run()
