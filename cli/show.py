"""What the terminal shows: live progress of the play, the table of its end, the addresses."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from cli.demo import Diary, Play, Verdict, judge
from cli.demo_holds import HOLD_STORIES, HoldPlay, HoldStory, HoldVerdict, judge_holds
from cli.demo_stories import STORIES, Story
from cli.hold_stage import HoldStage
from cli.processes import Places
from cli.simulated import connected, driver_for
from cli.stage import Stage
from cli.wiring import Stores
from domain.money import in_major_units
from domain.operations import MONEY, Kind
from domain.outcomes import Outcome
from domain.tenant_config import Language
from domain.windows import BERLIN
from domain.wording import operation_text, reason_text
from settings import Settings
from simulation.steps import At, Step
from storage.orders import Orders
from storage.rows import OperationRow
from workflows.ids import parse_order_workflow_id
from workflows.sending_holds import AuthorizationSender

CURRENCY = "EUR"
TABLE_WIDTH = 116  # columns that the table of demo orders needs
_SHOWN = frozenset(
    {*MONEY, Kind.AUTHORIZE, Kind.REPORT_SHIPMENT, Kind.RELEASE, Kind.LOCK, Kind.UNLOCK, Kind.BOOK, Kind.MAIL}
)
_SIGNS = {
    Outcome.SUCCEEDED: "[green]✓[/]",
    Outcome.DECLINED: "[red]✗[/]",
    Outcome.UNKNOWN: "[yellow]?[/]",
    Outcome.PENDING: "[yellow]…[/]",
    Outcome.NOT_SENT: "[yellow]-[/]",
}


class Progress:
    """Prints, step by step, what the outside world did and what Holdfast did about it."""

    def __init__(
        self, console: Console, stores: Stores, tenant: str, names: Callable[[], Mapping[str, str]] = dict
    ) -> None:
        self._console = console
        self._orders = Orders(stores.db)
        self._tenant = tenant
        self._names = names
        self._events: frozenset[str] = frozenset()
        self._since = datetime.min.replace(tzinfo=UTC)
        self._told: set[tuple[str, int]] = set()

    def expect(self, events: Sequence[At]) -> None:
        """These events of the scenario are worth telling; everything else in a step is how the clock works."""
        self._events = frozenset(one.name for one in events)

    def step(self, step: Step) -> None:
        """One step of the simulated clock."""
        for what in step.happened:
            if what in self._events:
                self._line(step.instant, f"[bold]{what}[/]")
        for one in self._orders.ended_operations(self._tenant, self._since):
            if one.finished_at is None or one.result is None or (one.id, one.executions) in self._told:
                continue
            self._told.add((one.id, one.executions))
            self._since = max(self._since, one.finished_at)
            if Kind(one.kind) in _SHOWN:
                name = self._names().get(one.workflow_id) or parse_order_workflow_id(one.workflow_id).order_no
                self._line(one.finished_at, _done(one, name))

    def _line(self, instant: datetime, text: str) -> None:
        self._console.print(f"  {_berlin(instant)}  {text}", highlight=False)


def _done(one: OperationRow, whose: str) -> str:
    """`  ✓ 100002 capture 49.90 EUR`."""
    outcome = one.result.outcome if one.result else Outcome.UNKNOWN
    amount = f" {in_major_units(one.amount_minor, one.currency)} {one.currency}" if one.amount_minor is not None else ""
    name = operation_text(one.kind, Language.ENGLISH).lower()
    reason = one.result.reason if one.result else ""
    why = f" ({outcome.value}: {reason_text(reason, Language.ENGLISH)})" if outcome is not Outcome.SUCCEEDED else ""
    found = ", found by asking" if one.result and one.result.evidence.found_by_reading else ""
    return f"  {_SIGNS[outcome]} {whose} {name}{amount}{found}{why}"


@dataclass(frozen=True)
class Stories:
    """What is played: orders, and holds on cards."""

    orders: Sequence[Story] = STORIES
    holds: Sequence[HoldStory] = HOLD_STORIES


@dataclass(frozen=True)
class Judged:
    """How everything ended."""

    orders: Sequence[Verdict]
    holds: Sequence[HoldVerdict] = ()


async def playing(console: Console, settings: Settings, places: Places, stories: Stories = Stories()) -> Judged:
    """Set the stage, play what has not been played, and judge every order and hold."""
    stores = Stores.open(settings)
    stage = Stage(places, stores)
    counters: list[HoldStage] = []
    try:
        token = await asyncio.to_thread(stage.set_up)
        client = await connected(settings, stores)
        diary = Diary(places.folder / "demo.json")
        sender = AuthorizationSender(client, settings.timing.pacing, settings.profile.value)
        urls = {"stripe": places.url(places.stripe), "computop": places.url(places.paygate)}
        counters += [HoldStage(one, url, stage.role.tenant, stores, sender) for one, url in urls.items()]
        for one in counters:
            await asyncio.to_thread(one.set_up)
        play = Play(stage, diary, stories.orders)
        holds = HoldPlay({one.provider: one for one in counters}, stores.authorizations, diary, stories.holds)
        progress = Progress(console, stores, stage.role.tenant, holds.names)
        clocks = [one.clock() for one in counters] if stories.holds else []
        driver = await driver_for(client, settings, places, stores, stage, progress.step, clocks)
        begin = driver.now()
        await asyncio.to_thread(play.resume, begin)
        await asyncio.to_thread(holds.resume, begin)
        scenario = [*play.scenario(begin), *holds.scenario(begin)]
        end = max(play.ends(begin), holds.ends(begin))
        if scenario or end > begin:
            if play.casts or holds.holds:
                console.print("It goes on where an earlier start was stopped.")
            progress.expect(scenario)
            days = (end - begin).days
            console.print(f"Playing {days} days, from {_berlin(begin)} on, in simulated time:", style="bold")
            await driver.run_until(end, scenario)
        else:
            console.print("The demo orders have been played by an earlier start; it goes on from where they stand.")
        if token:
            console.print(f"\nAPI token of the demo tenant (shown once): {token}", markup=False, highlight=False)
        ended = await asyncio.to_thread(judge, stage, stores, play.casts)
        return Judged(ended, await asyncio.to_thread(judge_holds, holds, stories.holds))
    finally:
        stage.close()
        for counter in counters:
            counter.close()
        stores.close()
        await asyncio.sleep(0.5)  # the native threads must be idle before the loop ends


def _berlin(instant: datetime) -> str:
    return f"{instant.astimezone(BERLIN):%a %d.%m. %H:%M}"


def table(console: Console, judged: Judged) -> int:
    """Print one line per demo order and hold; 0 when all ended as the rules say, else 1."""
    console.print()
    # too wide for a narrow terminal or a log: broken lines read better than a table without its words
    wide = Console(file=console.file, width=max(console.width, TABLE_WIDTH))
    wrong = []
    if judged.orders:
        wide.print(_orders_table(judged.orders))
        wrong += [f"{one.cast.order_no} {one.cast.story.title}: {one.wrong}" for one in judged.orders if not one.good]
    if judged.holds:
        wide.print(_holds_table(judged.holds))
        wrong += [f"{one.story.purchase.case} {one.story.title}: {one.wrong}" for one in judged.holds if not one.good]
    for line in wrong:
        console.print(line, style="red", markup=False, soft_wrap=True)
    counted = {"orders": len(judged.orders), "holds": len(judged.holds)}
    played = [f"{number} {what}" for what, number in counted.items() if number]
    if played and not wrong:
        console.print(f"All {' and '.join(played)} ended as the rules say.", style="green")
    return 1 if wrong or not played else 0


def _holds_table(verdicts: Sequence[HoldVerdict]) -> Table:
    shown = Table(title="The demo holds, amounts in EUR", box=None, padding=(0, 1))
    for name in ("hold", "what it is"):
        shown.add_column(name, no_wrap=True)
    for name in ("held", "renewed", "split", "captured", "given back"):
        shown.add_column(name, justify="right", no_wrap=True)
    for name in ("status", "right"):
        shown.add_column(name, no_wrap=True)
    for one in verdicts:
        shown.add_row(
            one.story.purchase.case,
            one.story.title,
            in_major_units(one.story.purchase.amount_minor, CURRENCY),
            f"{one.finish.renewed}x",
            f"{one.finish.split}x",
            _sums(one.finish.captured),
            _sums(one.finish.given_back),
            one.finish.status,
            "[green]yes[/]" if one.good else "[red]NO[/]",
        )
    return shown


def _orders_table(verdicts: Sequence[Verdict]) -> Table:
    shown = Table(title="The demo orders, amounts in EUR", box=None, padding=(0, 1))
    shown.add_column("order", no_wrap=True)
    shown.add_column("what it is", no_wrap=True)
    shown.add_column("captured", justify="right", no_wrap=True)
    shown.add_column("given back", justify="right", no_wrap=True)
    shown.add_column("booked", justify="right", no_wrap=True)
    for name in ("lock", "mail", "status", "right"):
        shown.add_column(name, no_wrap=True)
    for one in verdicts:
        end = one.end
        shown.add_row(
            one.cast.order_no,
            one.cast.story.title,
            _sums(end.captured),
            _sums(end.given_back),
            _sums(end.booked),
            "locked" if end.locked else "-",
            ", ".join(str(number) for number in end.mails) or "-",
            (end.status or "left alone").replace("_", " "),
            "[green]yes[/]" if one.good else "[red]NO[/]",
        )
    return shown


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
        ("Stripe sandbox", places.url(places.stripe)),
        ("Paygate sandbox", places.url(places.paygate)),
        ("File server", places.url(places.fileserver)),
    ):
        shown.add_row(name, url)
    console.print()
    console.print(shown)


def _sums(amounts: Sequence[int]) -> str:
    return "\n".join(in_major_units(one, CURRENCY) for one in amounts) or "-"
