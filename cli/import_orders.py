"""The command `holdfast orders import`: takes over another app's open orders, or says what would happen to each."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from adapters.pixi import PixiErp
from adapters.unzer.adapter import UnzerPayments
from cli.admin import Who, orders
from cli.importing import Importer, Looked, Stopped, Verdict, tenant_clock
from cli.order_file import FaultyLine, OrderLine, UnreadableFile, read_order_file
from cli.simulated import connected
from cli.wiring import Stores
from domain.errors import HoldfastError
from domain.parties import ErpConnection
from domain.tenant_config import Language
from settings import Settings
from storage.audit import AuditTrail
from workflows.sending import WorkflowSender

progress_console = Console(stderr=True)
_BAD = (Verdict.FAULTY, Verdict.UNREADABLE)


@orders.command("import")
def import_orders(
    file: Annotated[Path, typer.Argument(help="CSV with a header row, or JSON lines; UTF-8. `-`: standard input.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing; say what would happen.")] = False,
    tenant: Annotated[str, typer.Option(help="Whose orders; may be left out where there is one tenant.")] = "",
    connection: Annotated[str, typer.Option(help="Which ERP; may be left out where there is one.")] = "",
    all_or_nothing: Annotated[
        bool, typer.Option("--all-or-nothing", help="Take over nothing while a line is faulty.")
    ] = False,
    with_finished: Annotated[
        bool, typer.Option("--with-finished", help="Closed and settled orders too, for the sake of later returns.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per line, and a summary.")] = False,
    language: Annotated[Language | None, typer.Option(help="Left out: the tenant's.")] = None,
    by: Who = "cli",
) -> None:
    """Take over the open orders of another app. The same file may be given again: nothing happens twice.

    Ends with 0 when every order was taken over, finished or known, with 1 when lines are faulty or could not be read,
    with 2 when the file or an option cannot be used, with 130 after Ctrl-C.
    """
    data = typer.get_binary_stream("stdin").read() if str(file) == "-" else _content(file)
    try:
        lines, faults = read_order_file(data)
    except UnreadableFile as error:
        raise typer.BadParameter(str(error), param_hint=str(file)) from None
    settings = Settings()
    stores = Stores.open(settings)
    place = _place(stores, tenant, connection)
    spoken = language or _language(stores, place.tenant)
    report = Report(as_json, spoken, dry_run=dry_run)
    for fault in faults:
        report.faulty(fault)
    run = _Run(settings, stores, place, report, by, dry_run=dry_run, with_finished=with_finished)
    code = 0
    try:
        if all_or_nothing and not dry_run:
            run.only_if_all(lines)
        if not (all_or_nothing and not dry_run and report.bad):
            asyncio.run(run.go(lines))
    except (Stopped, HoldfastError) as error:
        report.stopped = str(error)
        code = 1
    except KeyboardInterrupt:
        report.stopped = "stopped; give the same file again to go on"
        code = 130
    finally:
        if not dry_run:
            counts = {name: str(count) for name, count in report.counts().items()}
            trail = AuditTrail(stores.db)
            trail.note(by, "orders.imported", place.name, tenant=place.tenant, file=file.name, **counts)
        report.summary(len(lines) + len(faults))
    raise typer.Exit(code or (1 if report.bad else 0))


class Report:
    """What the command prints: a line or an object for each order, and a summary."""

    def __init__(self, as_json: bool, language: Language, *, dry_run: bool) -> None:
        self._json = as_json
        self._language = language
        self._dry_run = dry_run
        self._counts: Counter[Verdict] = Counter()
        self.stopped = ""

    @property
    def bad(self) -> bool:
        """Whether a line needs somebody."""
        return any(self._counts[one] for one in _BAD)

    def counts(self) -> dict[str, int]:
        """How many orders met with each verdict."""
        return {one.value: self._counts[one] for one in Verdict if self._counts[one]}

    def faulty(self, fault: FaultyLine) -> None:
        """A line that is no order."""
        self._counts[Verdict.FAULTY] += 1
        self._print(fault.number, fault.order_no, Verdict.FAULTY, (fault.what,), {})

    def order(self, looked: Looked) -> None:
        """An order that was looked at, and perhaps taken over."""
        self._counts[looked.verdict] += 1
        more: dict[str, object] = {}
        if looked.foreseen is not None and looked.fact is not None:
            more = {
                "status": looked.foreseen.status.value,
                "operations": [
                    {"kind": one.kind.value, "subject": one.subject, "amount_minor": one.amount_minor}
                    for one in looked.foreseen.effects
                ],
                "problems": [{"number": one.kind.number, "code": one.code} for one in looked.foreseen.problems],
                "waits_for": looked.foreseen.waits_for.code,
                "done_before": [f"{one.kind.value} {one.subject}" for one in looked.fact.done],
                "doubtful": [f"{one.kind.value} {one.subject}" for one in looked.fact.doubtful],
            }
        if looked.line.note:
            more["note"] = looked.line.note
        self._print(looked.line.number, looked.line.order_no, looked.verdict, looked.told(self._language), more)

    def summary(self, lines: int) -> None:
        """What became of the file."""
        if self._json:
            print(json.dumps({"summary": self.counts(), "lines": lines, "stopped": self.stopped}, ensure_ascii=False))
            return
        told = ", ".join(f"{count} {name}" for name, count in self.counts().items()) or "nothing"
        print(f"{'dry run, nothing was changed: ' if self._dry_run else ''}{lines} lines: {told}")
        if self.stopped:
            print(self.stopped)

    def _print(
        self, number: int, order_no: str, verdict: Verdict, told: Sequence[str], more: dict[str, object]
    ) -> None:
        if self._json:
            row = {"line": number, "order_no": order_no, "verdict": verdict.value, "text": list(told), **more}
            print(json.dumps(row, ensure_ascii=False))
            return
        head = f"line {number}: {order_no or '(no number)'}: {verdict.value}"
        note = f" [{more['note']}]" if more.get("note") else ""
        print(f"{head}{note}: {'; '.join(told)}")


class _Run:
    """One import."""

    def __init__(
        self,
        settings: Settings,
        stores: Stores,
        place: ErpConnection,
        report: Report,
        by: str,
        *,
        dry_run: bool,
        with_finished: bool,
    ) -> None:
        self._settings = settings
        self._stores = stores
        self._report = report
        self._dry_run = dry_run
        now = tenant_clock(stores, place.tenant)
        providers = {"unzer": UnzerPayments(stores.unzer_account, clock=now)}
        erp = PixiErp(stores.pixi_connection)
        self._importer = Importer(
            stores, erp, providers, place.tenant, place.name, now, by, with_finished=with_finished
        )

    def only_if_all(self, lines: Sequence[OrderLine]) -> None:
        """Look at every order before the first is taken over; the faulty ones are reported."""
        with Progress(console=progress_console) as bar:
            for line in bar.track(lines, description="looking"):
                looked = self._importer.look(line)
                if looked.verdict in _BAD:
                    self._report.order(looked)

    async def go(self, lines: Sequence[OrderLine]) -> None:
        """Look at each order and, unless it is a dry run, take it over."""
        sender: WorkflowSender | None = None
        if not self._dry_run and lines:
            client = await connected(self._settings, self._stores)
            sender = WorkflowSender(client, self._settings.timing.pacing, self._settings.profile.value)
        try:
            async for looked in self._looked_at(lines):
                taken = await self._importer.take(looked, sender) if sender is not None else looked
                self._report.order(taken)
        finally:
            if sender is not None:
                await asyncio.sleep(0.5)  # the native threads must be idle before the loop ends

    async def _looked_at(self, lines: Sequence[OrderLine]) -> AsyncIterator[Looked]:
        with Progress(console=progress_console) as bar:
            for line in bar.track(lines, description="orders"):
                yield await asyncio.to_thread(self._importer.look, line, keeps=not self._dry_run)


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise typer.BadParameter(f"cannot be read: {error.strerror}", param_hint=str(file)) from None


def _place(stores: Stores, tenant: str, connection: str) -> ErpConnection:
    """The connection that the options name, or the only one there is."""
    every = stores.directory.erp_connections(tenant or None)
    found = [one for one in every if not connection or one.name == connection]
    if len(found) != 1:
        there = ", ".join(f"--tenant {one.tenant} --connection {one.name}" for one in every) or "none yet"
        raise typer.BadParameter(f"say which ERP connection; there are: {there}")
    if not found[0].active:
        raise typer.BadParameter(f"the connection {found[0].name} is switched off: switch it on first")
    return found[0]


def _language(stores: Stores, tenant: str) -> Language:
    found = stores.directory.tenant(tenant)
    return found.language if found is not None else Language.GERMAN
