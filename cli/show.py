"""What the terminal shows: live progress of the play, the table of its end, the addresses."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from rich.console import Console
from rich.table import Table

from cli.demo import LAST_DAY, Play, Verdict, judge
from cli.processes import Places
from cli.simulated import connected, driver_for
from cli.stage import Stage
from cli.wiring import Stores
from domain.money import in_major_units
from domain.windows import BERLIN
from settings import Settings
from simulation.steps import Step

CURRENCY = "EUR"


async def playing(console: Console, settings: Settings, places: Places) -> list[Verdict]:
    """Set the stage, play what has not been played, and judge every order."""
    stores = Stores.open(settings)
    stage = Stage(places, stores)
    try:
        token = await asyncio.to_thread(stage.set_up)
        client = await connected(settings, stores)
        driver = await driver_for(client, settings, places, stores, stage, lambda step: _tell(console, step))
        play = Play(stage)
        if await asyncio.to_thread(play.resume):
            console.print("The demo orders are there from an earlier start; it goes on from where they stand.")
        else:
            play.casts.clear()
            begin = driver.now()
            console.print(f"Playing {LAST_DAY.days} days, from {_berlin(begin)} on, in simulated time:", style="bold")
            await driver.run_until(begin + LAST_DAY, play.scenario(begin))
        if token:
            console.print(f"\nAPI token of the demo tenant (shown once): {token}", markup=False, highlight=False)
        return await asyncio.to_thread(judge, stage, stores, play.casts)
    finally:
        stage.close()
        stores.close()
        await asyncio.sleep(0.5)  # the native threads must be idle before the loop ends


def _tell(console: Console, step: Step) -> None:
    for what in step.happened:
        console.print(f"  {_berlin(step.instant)}  {what}", markup=False, highlight=False)


def _berlin(instant: datetime) -> str:
    return f"{instant.astimezone(BERLIN):%a %d.%m. %H:%M}"


def table(console: Console, verdicts: Sequence[Verdict]) -> int:
    """Print one line per demo order; 0 when all ended as the rules say, else 1."""
    shown = Table(title="The demo orders", show_lines=False)
    for name in ("order", "what it is", "captured", "booked", "lock", "mails", "status", "by the rules"):
        shown.add_column(name, justify="right" if name in ("captured", "booked") else "left")
    for one in verdicts:
        end = one.end
        shown.add_row(
            one.cast.order_no,
            one.cast.story.title,
            _sums(end.captured),
            _sums(end.booked),
            "locked" if end.locked else "-" if end.released else "not touched",
            ", ".join(str(number) for number in end.mails) or "-",
            end.status or "left alone",
            "[green]yes[/]" if one.good else "[red]NO[/]",
        )
    console.print(shown)
    wrong = [one for one in verdicts if not one.good]
    for one in wrong:
        console.print(f"{one.cast.order_no} {one.cast.story.title}: {one.wrong}", style="red", markup=False)
    if not wrong:
        console.print(f"All {len(verdicts)} orders ended as the rules say.", style="green")
    return 1 if wrong or not verdicts else 0


def addresses(console: Console, places: Places) -> None:
    """Where a person looks."""
    starter = places.url(places.starter)
    shown = Table(show_header=False, box=None)
    for name, url in (
        ("Orders", f"{starter}/?lang=en"),
        ("API docs", f"{starter}/docs"),
        ("Temporal UI", places.url(places.temporal_ui)),
        ("Mailbox", places.url(places.mailbox)),
        ("pixi sandbox", places.url(places.pixi)),
        ("unzer sandbox", places.url(places.unzer)),
    ):
        shown.add_row(name, url)
    console.print()
    console.print(shown)


def _sums(amounts: Sequence[int]) -> str:
    return " + ".join(in_major_units(one, CURRENCY) for one in amounts) or "-"
