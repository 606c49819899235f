"""The command `holdfast`."""

import asyncio
import base64
import os
import secrets
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from rich.console import Console

from cli.admin import gates, tokens
from cli.admin import secrets as secret_commands
from cli.launcher import CannotStart, Launcher, check_files, check_ports, only_one
from cli.processes import Places, embedded_processes
from cli.show import addresses, playing, table
from settings import LogFormat, Profile, Settings

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Payment operations between checkout and refund.")
app.add_typer(gates, name="gates")
app.add_typer(tokens, name="tokens")
app.add_typer(secret_commands, name="secrets")
console = Console()

Folder = Annotated[Path, typer.Option(help="Folder of all state; one folder is one Holdfast.")]
FirstPort = Annotated[int | None, typer.Option("--ports", help="Use nine ports from this one on instead of the usual.")]


def places_of(folder: Path, first_port: int | None) -> Places:
    """Where everything listens: the usual ports, or seven from `first_port` on."""
    folder = folder.resolve()
    if first_port is None:
        return Places(folder)
    names = ("temporal", "temporal_ui", "starter", "pixi", "unzer", "mailbox", "smtp")
    return Places(folder, **{name: first_port + number for number, name in enumerate(names)})


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
        log_format=LogFormat.JSON,
    )


def _master_key(folder: Path) -> str:
    path = folder / "master.key"
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(base64.b64encode(secrets.token_bytes(32)).decode())
    return path.read_text(encoding="utf-8").strip()


@contextmanager
def _embedded(places: Places) -> Iterator[tuple[Settings, Launcher]]:
    """Everything started and healthy; everything stopped afterwards, whatever happens."""
    from storage.database import DatabaseUnusable
    from storage.migrate import migrate

    with only_one(places.folder):
        check_ports(places)
        check_files([places.folder / name for name in ("temporal.db", "pixi.db", "unzer.db", "mailbox.db")])
        settings = embedded_settings(places)
        try:
            migrate(settings.database_url)
        except DatabaseUnusable as error:
            raise CannotStart(str(error)) from None
        launcher = Launcher(places)
        try:
            for spec in embedded_processes(settings, places):
                console.print(f"  starting {spec.name} ...", style="dim", highlight=False)
                launcher.wait_healthy(launcher.start(spec))
            yield settings, launcher
        finally:
            launcher.stop(lambda name: console.print(f"  stopping {name} ...", style="dim", highlight=False))


def _run(work: Callable[[], int]) -> None:
    """Carry out a command; what cannot start says so in one sentence."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
    try:
        code = work()
    except CannotStart as error:
        console.print(str(error), style="red", markup=False, highlight=False)
        code = 1
    except KeyboardInterrupt:
        code = 130
    sys.stdout.flush()
    # the native threads of the Temporal client can crash the interpreter at its very end
    os._exit(code)


@app.command()
def up(folder: Folder = Path("var"), ports: FirstPort = None) -> None:
    """Start everything on this machine, play the demo orders, and stay until Ctrl-C."""

    def work() -> int:
        places = places_of(folder, ports)
        with _embedded(places) as (settings, launcher):
            verdicts = asyncio.run(playing(console, settings, places))
            table(console, verdicts)
            addresses(console, places)
            console.print("\nCtrl-C stops everything that was started here.", style="bold")
            try:
                while True:
                    launcher.check()
                    time.sleep(1)
            except KeyboardInterrupt:
                console.print()
        return 0

    _run(work)


@app.command()
def demo(folder: Folder = Path("var/demo"), ports: FirstPort = None) -> None:
    """Play the demo orders, print what became of each, and end with 0 only if all ended as the rules say."""

    def work() -> int:
        places = places_of(folder, ports)
        with _embedded(places) as (settings, _):
            verdicts = asyncio.run(playing(console, settings, places))
            return table(console, verdicts)

    _run(work)


@app.command()
def migrate(database_url: Annotated[str, typer.Option(help="Left out: HOLDFAST_DATABASE_URL.")] = "") -> None:
    """Bring the database to the present schema."""
    from storage.migrate import migrate as upgrade

    upgrade(database_url or Settings().database_url)
    console.print("The database is up to date.")


@app.command()
def rebuild(database_url: Annotated[str, typer.Option(help="Left out: HOLDFAST_DATABASE_URL.")] = "") -> None:
    """Drop the read models and derive them anew from the journal."""
    from rich.progress import Progress

    from storage.database import Database
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
