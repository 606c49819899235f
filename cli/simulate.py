"""`holdfast simulate`: plays described lives of authorizations in simulated time, and shows what came of them."""

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.hold_stage import RefusedByStandIn
from cli.launcher import CannotStart
from cli.order_stage import RefusedByErp
from cli.simulating import BeginsTooEarly, play_all, world
from domain.errors import HoldfastError
from domain.money import in_major_units
from domain.windows import BERLIN
from settings import Profile, Settings
from simulation.errors import SimulationError
from simulation.lives.expecting import differences
from simulation.lives.page import page
from simulation.lives.picture import picture
from simulation.lives.pure import NeedsTheErp, play_pure
from simulation.lives.reading import BadScenario, read_scenario
from simulation.lives.scenario import Scenario
from simulation.lives.telling import told
from simulation.lives.timeline import Life, Line, What, timeline

_STYLES = {
    What.PAID: "bold",
    What.EXTENDED: "green",
    What.CAPTURED: "bold green",
    What.REFUNDED: "cyan",
    What.FAILED: "bold red",
    What.REFUSED: "red",
    What.STOPPED: "yellow",
    What.LAPSED: "yellow",
    What.PROBLEM: "magenta",
    What.DOUBT: "yellow",
    What.TOLD: "dim",
    What.GIVEN_UP: "dim",
    What.ERP: "bold blue",
}

CANNOT_BE_PLAYED = (BeginsTooEarly, NeedsTheErp, RefusedByErp, RefusedByStandIn)
TABLE_WIDTH = 120  # columns that a timeline needs

Files = Annotated[
    list[Path], typer.Argument(metavar="FILE...", help="Scenario files (TOML); docs/simulate.md describes them.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]
Svg = Annotated[Path | None, typer.Option(help="Write the picture of the life (one file) there.")]
Html = Annotated[Path | None, typer.Option(help="Write a page with the pictures and timelines of all lives there.")]
Pure = Annotated[bool, typer.Option("--pure", help="Play the decisions alone, without any server, in milliseconds.")]
Keep = Annotated[Path | None, typer.Option("--folder", help="Keep database and logs of the run in this new folder.")]


def simulate(
    files: Files, as_json: Json = False, svg: Svg = None, html: Html = None, pure: Pure = False, folder: Keep = None
) -> None:
    """Play described lives of card holds over up to 180 days in seconds. Ends with 1 when one came otherwise than its
    file expects."""
    if svg is not None and len(files) > 1:
        raise typer.BadParameter("a picture shows one life: give one file, or write a page with --html")
    scenarios = _scenarios(files)
    progress = Console(stderr=True)
    try:
        lives = _played_pure(scenarios) if pure else _played(scenarios, folder, progress)
    except (CannotStart, *CANNOT_BE_PLAYED, HoldfastError, SimulationError) as error:
        progress.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        _end(1)
    if svg is not None:
        svg.write_text(picture(lives[0]), encoding="utf-8")
    if html is not None:
        html.write_text(page(lives), encoding="utf-8")
    if as_json:
        sys.stdout.write(json.dumps([told(one) for one in lives], indent=2, ensure_ascii=False) + "\n")
    else:
        console = Console()
        for life in lives:
            show(console, life)
    for path in (svg, html):
        if path is not None:
            progress.print(f"Written: {path}", style="dim", highlight=False)
    _end(1 if any(differences(one) for one in lives) else 0)


def _end(code: int) -> None:
    sys.stdout.flush()
    # the native threads of the Temporal client can crash the interpreter at its very end
    os._exit(code)


def _scenarios(files: Sequence[Path]) -> list[Scenario]:
    """Every file, or all mistakes of all files and exit code 2."""
    found, mistakes = [], []
    for path in files:
        try:
            found.append(read_scenario(path))
        except BadScenario as error:
            mistakes.append(str(error))
    if mistakes:
        console = Console(stderr=True)
        for one in mistakes:
            console.print(one, style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(2)
    return found


def _played(scenarios: Sequence[Scenario], folder: Path | None, progress: Console) -> list[Life]:
    def finished(life: Life) -> None:
        progress.print(
            f"  played {life.scenario.name}: {_speed(life)}", style="dim", highlight=False, markup=False, soft_wrap=True
        )

    progress.print(f"Starting the parts for {_counted(len(scenarios))} ...", style="dim", highlight=False)
    providers, orders = {one.provider for one in scenarios}, any(one.lines for one in scenarios)
    with _folder(folder) as place, world(place, providers, orders=orders) as parts:
        return asyncio.run(play_all(parts, scenarios, finished))


def _played_pure(scenarios: Sequence[Scenario]) -> list[Life]:
    pacing = Settings(profile=Profile.EMBEDDED).timing.pacing
    return [play_pure(one, pacing, datetime.now(UTC)) for one in scenarios]


@contextmanager
def _folder(wanted: Path | None) -> Iterator[Path]:
    if wanted is None:
        with tempfile.TemporaryDirectory(prefix="holdfast-simulate-", ignore_cleanup_errors=True) as made:
            yield Path(made)
        return
    if wanted.exists() and any(wanted.iterdir()):
        raise CannotStart(f"The folder {wanted} is not empty: name a new one with --folder.")
    wanted.mkdir(parents=True, exist_ok=True)
    yield wanted.resolve()


def show(console: Console, life: Life) -> None:
    """The timeline of a life as a table, how it ended, and whether that was expected."""
    scenario = life.scenario
    console.print()
    console.print(scenario.name, style="bold", markup=False, highlight=False)
    amount = f"{in_major_units(scenario.amount_minor, scenario.currency)} {scenario.currency}"
    where = f"{scenario.scheme.value} at {scenario.provider}, {amount}, {scenario.days} days"
    console.print(
        f"{where} from {life.begins.astimezone(BERLIN):%a %Y-%m-%d %H:%M} Berlin time on",
        highlight=False,
        soft_wrap=True,
    )
    table = Table(box=None, padding=(0, 1))
    table.add_column("day", justify="right", no_wrap=True)
    table.add_column("Berlin time", no_wrap=True)
    table.add_column("hold", justify="right", no_wrap=True)
    table.add_column("what happened", overflow="fold")
    for line in timeline(life):
        table.add_row(
            str(life.day(line.at)),
            f"{line.at.astimezone(BERLIN):%a %d.%m.%y %H:%M}",
            str(line.hold or ""),
            _what(line),
        )
    Console(file=console.file, width=max(console.width, TABLE_WIDTH)).print(table)
    console.print(f"{_ended(life)}; {_speed(life)}", highlight=False, markup=False, soft_wrap=True)
    _verdict(console, life)


def _what(line: Line) -> Text:
    text = Text(line.text, style=_STYLES.get(line.what, ""))
    return text.append(f"  {line.why}", style="dim") if line.why else text


def _ended(life: Life) -> str:
    state, currency = life.state, life.scenario.currency
    stop = f", renewal stopped: {state.stopped.reason.value}" if state.stopped else ""
    captured, refunded = (in_major_units(one, currency) for one in (state.captured_minor, state.refunded_minor))
    order = f"order {life.order_status}, " if life.order_status else ""
    return f"{order}{life.status}{stop}, {len(state.holds)} holds, captured {captured}, refunded {refunded} {currency}"


def _speed(life: Life) -> str:
    how = " in the pure core" if life.how == "pure" else ""
    return f"{life.scenario.days} days in {life.seconds:.2f} s{how} (1 s = {life.ratio / 86_400:,.1f} days)"


def _verdict(console: Console, life: Life) -> None:
    found = differences(life)
    for one in found:
        console.print(str(one), style="red", markup=False, highlight=False, soft_wrap=True)
    if not found and life.scenario.expected.anything:
        console.print("It came as expected.", style="green")


def _counted(number: int) -> str:
    return "one life" if number == 1 else f"{number} lives"
