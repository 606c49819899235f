"""`python -m bench.holds N`: what a renewal and half a year of them cost, and a night in which N holds are due.

The night is the real one, made short: the processes believe that it is a few minutes before the hope run, and the terms
let the nightly run begin just then. Each figure stands beside a bare workflow with the same timers and activities,
whose turns come at the same distances; both are measured one after the other in the same run. The provider is Paygate's
stand-in, which keeps nothing on disk, and its account has a rate a little above what an even night needs.
"""

import argparse
import asyncio
import json
import math
import signal
import statistics
import sys
import tempfile
import time as clock
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, time, timedelta
from functools import partial
from pathlib import Path

from google.protobuf.message import Message
from sqlalchemy import select
from temporalio.client import Client

from bench import yardsticks
from bench.measuring import Measured, Stopwatch
from bench.reporting import SERVER, WORKER, YARDSTICKS, ended, quiet, whole_number
from bench.runs import AT_ONCE, BenchFailed
from bench.stand import Stand
from cli.hold_stage import CustomersHold, HoldStage, Purchase
from cli.launcher import CannotStart
from cli.simulated import connected
from domain.authorization.facts import Action, ActionKind
from domain.authorization.nights import HOPE_RUN, USED_PART
from domain.authorization.terms import AuthorizationTerms, Guard
from domain.parties import MailSecurity, MailSettings, Tenant
from domain.tenant_config import Language
from simulation.driver import Driver
from simulation.skipping import Skipper
from storage.tables import authorizations
from workflows.sending_holds import AuthorizationSender

USUAL = 300
LIFE = timedelta(days=187)
EVERY = 7  # days between renewals
RENEWALS = 25  # of a life of 180 days
AMOUNT = 10_000
CALLS = 4  # of a renewal at the provider: the look, the void, the question before the new hold, the new hold
WARM_UP = 20
ROOM = 1.5  # how much more the account may send than the night needs when it is spread evenly
LOOKED_AT = 10
PATIENCE = 1800.0
SECOND = timedelta(seconds=1)
SHORTEST_NIGHT = timedelta(seconds=12)

_SIMULATED = ("workflow_execution_options_updated", "workflow_execution_time_skipping_transitioned")
_ACTIONS = {  # what a bill of Temporal Cloud would list
    "workflow_execution_started",
    "workflow_execution_signaled",
    "workflow_execution_update_accepted",
    "workflow_execution_continued_as_new",
    "timer_started",
    "activity_task_scheduled",
    "marker_recorded",
    "upsert_workflow_search_attributes",
}


@dataclass(frozen=True)
class Cost:
    """What a history holds: events, their bytes, and actions of the server."""

    events: float
    bytes: float
    actions: float

    def less(self, other: "Cost", by: int) -> "Cost":
        """The difference, divided."""
        return Cost(
            (self.events - other.events) / by, (self.bytes - other.bytes) / by, (self.actions - other.actions) / by
        )


@dataclass(frozen=True)
class Late:
    """How long after its turn a renewal was through: shares of the night. `median`, 95 and 100 of a hundred."""

    median: float
    most: float
    last: float


@dataclass(frozen=True)
class Night:
    """`busiest`: turns in the fullest tenth of the night, an even spread = 1. `rate_kept`: the most that took effect at
    the provider within one second, the account's rate, rounded up = 1. `calls`: requests to the provider per renewal.
    `asked`: how long a merchant's capture in the middle of it took, as a share of the night. Memory in bytes; `*_cpu`:
    a bare renewal = 1."""

    holds: int
    renewed: int
    late: Late
    bare_late: Late
    busiest: float
    rate_kept: float
    calls: float
    asked: float
    worker_before: int
    worker_open: int
    worker_after: int
    worker_cpu: float
    server_cpu: float


@dataclass(frozen=True)
class Holds:
    """What one run found."""

    renewal: Cost
    bare_renewal: Cost
    life: Cost
    bare_life: Cost
    runs: int
    night: Night

    def as_json(self) -> str:
        return json.dumps(asdict(self), indent=2)

    def as_text(self) -> str:
        night = self.night

        def line(what: str, one: float, bare: float, digits: int = 0) -> str:
            ratio = f"{one / bare:8.2f}" if bare else "       -"
            return f"  {what:<42}{one:12,.{digits}f}{bare:12,.{digits}f}{ratio}"

        def share(what: str, one: float, bare: float) -> str:
            ratio = f"{one / bare:8.2f}" if bare > 0 else "       -"
            return f"  {what:<42}{one:12.1%}{bare:12.1%}{ratio}"

        rows = [
            f"{'':44}{'hold':>12}{'bare':>12}   ratio",
            "A renewal:",
            *(line(name, getattr(self.renewal, name), getattr(self.bare_renewal, name), 1) for name in _COSTS),
            f"A life of 180 days, {RENEWALS} renewals in {self.runs} runs:",
            *(line(name, getattr(self.life, name), getattr(self.bare_life, name)) for name in _COSTS),
            f"A night in which {night.holds} holds are due, {night.renewed} of them renewed:",
            share("late, median (share of the night)", night.late.median, night.bare_late.median),
            share("late, 95 of a hundred", night.late.most, night.bare_late.most),
            share("late, the last", night.late.last, night.bare_late.last),
            f"  {'turns in the fullest tenth, even = 1':<42}{night.busiest:12.2f}",
            f"  {'busiest second at the provider, rate = 1':<42}{night.rate_kept:12.2f}",
            f"  {'requests to the provider each':<42}{night.calls:12.1f}",
            f"  {'a capture meanwhile (share of the night)':<42}{night.asked:12.1%}",
            f"  {'worker CPU each':<42}{night.worker_cpu:12.2f}{1:12.2f}",
            f"  {'Temporal CPU each':<42}{night.server_cpu:12.2f}{1:12.2f}",
            "Memory of the worker in bytes: "
            f"{night.worker_before:,} before, {night.worker_open:,} with all open, {night.worker_after:,} afterwards",
        ]
        return "\n".join(rows)


_COSTS = ("events", "bytes", "actions")


# -- histories


async def cost(client: Client, workflow_id: str) -> tuple[Cost, int]:
    """All runs of a workflow together, without what simulated time adds; and how many they are."""
    runs, kinds, size = 0, Counter[str](), 0
    run_id: str | None = (await client.get_workflow_handle(workflow_id).describe()).run_id
    while run_id:
        history = await client.get_workflow_handle(workflow_id, run_id=run_id).fetch_history()
        runs += 1
        for event in history.events:
            kind = (event.WhichOneof("attributes") or "").removesuffix("_event_attributes")
            if kind not in _SIMULATED:
                kinds[kind] += 1
                size += _size(event)
        run_id = history.events[0].workflow_execution_started_event_attributes.continued_execution_run_id
    return Cost(kinds.total(), size, sum(count for kind, count in kinds.items() if kind in _ACTIONS)), runs


def _size(event: Message) -> int:
    return event.ByteSize()


async def mean_cost(client: Client, ids: Sequence[str]) -> Cost:
    found = [one for one, _ in await asyncio.gather(*(cost(client, one) for one in ids[:LOOKED_AT]))]
    return Cost(*(statistics.fmean(getattr(one, name) for one in found) for name in _COSTS))


# -- a life in simulated time, and the bare one


async def a_life(stand: Stand) -> tuple[Cost, Cost, int]:
    """A hold that is renewed each week until it is too old, and a bare workflow with as many renewals."""
    client = await connected(stand.settings, stand.stores)
    begins = datetime.now(UTC) + timedelta(days=1)
    stage = await open_stage(stand, client, "life", begins)
    await stage.clock().set(begins, hold=True)
    hold = await stage.sell(Purchase("life", AMOUNT), _terms(), begins)
    await Driver(client, Skipper(client), stage.tenant, stand.stores.clocks, [stage.clock()]).run_until(begins + LIFE)
    state = await asyncio.to_thread(hold.state)
    renewed = len(state.holds) - 1 if state is not None else 0
    if renewed != RENEWALS:
        raise BenchFailed(f"{renewed} renewals in half a year instead of {RENEWALS}")
    stage.close()
    await bare(client, "life", [datetime.now(UTC)], RENEWALS)
    found, runs = await cost(client, hold.workflow_id)
    return found, (await cost(client, _bare_id("life", 0)))[0], runs


async def open_stage(stand: Stand, client: Client, tenant: str, simulated_from: datetime | None = None) -> HoldStage:
    """A merchant with an account at Paygate's stand-in, and a mail server for what is told at the end of a life."""
    stores, settings, simulated = stand.stores, stand.settings, simulated_from is not None
    stores.directory.put_tenant(Tenant(tenant, tenant, Language.ENGLISH, simulated=simulated))
    sender, recipient = f"holdfast@{tenant}.example", f"merchant@{tenant}.example"
    stores.directory.put_mail_settings(
        MailSettings(tenant, "127.0.0.1", stand.places.smtp, sender, recipient, MailSecurity.NONE)
    )
    if simulated_from is not None:
        stores.clocks.set_offset(tenant, simulated_from - datetime.now(UTC))
    holds = AuthorizationSender(client, settings.timing.pacing, settings.profile.value)
    stage = HoldStage("computop", stand.places.url(stand.places.paygate), tenant, stores, holds)
    await asyncio.to_thread(stage.set_up)
    return stage


def _terms(nightly_from: time = time(1, 30)) -> AuthorizationTerms:
    return AuthorizationTerms(renew_after_days=EVERY, guard=Guard.OFF, nightly_from=nightly_from)


def _bare_id(name: str, number: int) -> str:
    return f"BenchBareHold-{name}-{number}"


async def bare(client: Client, name: str, dues: Sequence[datetime], rounds: int) -> list[float]:
    """Bare workflows whose first rounds are due at these instants; how many seconds after each it was through."""
    slots = asyncio.Semaphore(AT_ONCE)

    async def start(number: int, due: datetime) -> None:
        async with slots:
            await client.start_workflow(
                "BenchBareHold",
                yardsticks.Rounds(due, rounds),
                id=_bare_id(name, number),
                task_queue=yardsticks.WORKFLOW_QUEUE,
            )

    await asyncio.gather(*(start(number, due) for number, due in enumerate(dues)))
    handles = [client.get_workflow_handle(_bare_id(name, number), result_type=float) for number in range(len(dues))]

    async def late(number: int) -> float:
        async with slots:
            seconds: float = await handles[number].result()
        return seconds

    return list(await asyncio.gather(*(late(number) for number in range(len(dues)))))


# -- the night


async def sell(stage: HoldStage, count: int, terms: AuthorizationTerms, mark: str) -> dict[str, str]:
    """So many customers pay; the workflow of each by the name of its case."""
    slots, at = asyncio.Semaphore(AT_ONCE), datetime.now(UTC) - timedelta(days=EVERY)

    async def one(number: int) -> tuple[str, str]:
        async with slots:
            case = f"{mark}-{number}"
            return case, (await stage.sell(Purchase(case, AMOUNT), terms, at)).workflow_id

    return dict(await asyncio.gather(*(one(number) for number in range(count))))


def dues_of(stand: Stand, tenant: str, mark: str) -> dict[str, datetime]:
    """When each hold is due by the read model, of those that are held."""
    query = select(authorizations.c.case_reference, authorizations.c.next_due).where(
        authorizations.c.tenant == tenant, authorizations.c.case_reference.like(f"{mark}-%")
    )
    with stand.stores.db.read() as sql:
        rows = sql.execute(query.where(authorizations.c.seq > 1)).all()
    return {row.case_reference: row.next_due for row in rows if row.next_due is not None}


async def all_due(stand: Stand, tenant: str, mark: str, count: int) -> dict[str, datetime]:
    """Wait until every hold knows its turn."""
    limit = clock.monotonic() + PATIENCE
    while len(found := await asyncio.to_thread(dues_of, stand, tenant, mark)) < count:
        stand.launcher.check()
        if clock.monotonic() > limit:
            raise BenchFailed(f"only {len(found)} of {count} holds were taken over")
        await asyncio.sleep(0.2)
    return found


def pace(folder: Path) -> float:
    """How many seconds it takes to take over one hold here; at noon, so that nothing is due."""
    with Stand.start(folder, yardsticks=False, holds=True) as stand, asyncio.Runner() as runner:

        async def taken() -> float:
            client = await connected(stand.settings, stand.stores)
            stage = await open_stage(stand, client, "pace")
            for mark in ("warm", "pace"):
                began = clock.monotonic()
                await sell(stage, WARM_UP, _terms(), mark)
                await all_due(stand, "pace", mark, WARM_UP)
            stage.close()
            return (clock.monotonic() - began) / WARM_UP

        found: float = runner.run(taken())
        runner.run(asyncio.sleep(0.5))
        return found


@dataclass(frozen=True)
class Timetable:
    """`lead`: until the night begins. `night`: how long turns are spread over it."""

    lead: timedelta
    night: timedelta

    @classmethod
    def of(cls, count: int, each: float) -> "Timetable":
        """A renewal costs about three times what taking over does, and the machine shall be idle for a half."""
        night = max(SHORTEST_NIGHT, timedelta(seconds=count * each * 6))
        lead = timedelta(seconds=30 + count * each * 2)
        if lead + night / USED_PART > timedelta(hours=4):
            raise BenchFailed("so many holds do not fit into one night here: give fewer")
        return cls(lead, night)

    def clock_at_start(self) -> time:
        """What Berlin's clock must read now, so that the night ends with the hope run."""
        return self._before_hope(self.lead + self.night / USED_PART)

    def nightly_from(self) -> time:
        return self._before_hope(self.night / USED_PART)

    @staticmethod
    def _before_hope(span: timedelta) -> time:
        return (datetime.combine(datetime.now(UTC).date(), HOPE_RUN) - span).time()


async def a_night(stand: Stand, plan: Timetable, count: int) -> tuple[Night, Cost, Cost]:
    """Every hold is due in the same night; then as many bare workflows at the same distances."""
    client = await connected(stand.settings, stand.stores)
    stage = await open_stage(stand, client, "night")
    rate = CALLS * count / plan.night.total_seconds() * ROOM
    stand.stores.gates.set_rate(f"computop/night/{stage.account}", rate)
    before, watch = stand.memory()[WORKER], Stopwatch(stand.pids())
    stand.stores.gates.set_rate(f"computop/night/{stage.account}", None)  # taking over is not what is measured
    once = replace(_terms(), renew_after_days=None)
    probe = await stage.sell(Purchase("probe", AMOUNT), once, datetime.now(UTC))
    cases = await sell(stage, count, _terms(plan.nightly_from()), "night")
    dues = await all_due(stand, "night", "night", count)
    first = min(dues.values())
    if first < datetime.now(UTC):
        raise BenchFailed("taking over the holds took longer than thought: the machine is busy with something else")
    stand.stores.gates.set_rate(f"computop/night/{stage.account}", rate)
    open_bytes, ids = stand.memory()[WORKER], [cases[one] for one in sorted(cases)]
    taken_over = await mean_cost(client, ids)
    known, measured = len(stage.effects()), Measured()
    await asyncio.to_thread(partial(stage.call, "DELETE", "/log"))
    async with asyncio.TaskGroup() as group:
        asked = group.create_task(_capture(probe, first + plan.night / 2))
        with watch.running(measured, count):
            placed = await _renewed(stand, stage, known, dues)
    late = late_of(((placed[case] - due).total_seconds() for case, due in dues.items()), plan.night)
    log = [one for one in stage.call("GET", "/log") if one.get("method", "POST") == "POST"]
    effects = stage.effects()[known:]
    captured = next(datetime.fromisoformat(one["at"]) for one in effects if one["kind"] == "captured")
    after = stand.memory()[WORKER]
    renewal = (await mean_cost(client, ids)).less(taken_over, 1)
    stage.close()

    shift, bare_measured = datetime.now(UTC) + plan.lead / 3 - first, Measured()
    with watch.running(bare_measured, count):
        bare_late = await bare(client, "night", [due + shift for due in dues.values()], 1)
    await bare(client, "two", [datetime.now(UTC)], 2)
    one, two = [await mean_cost(client, [_bare_id(name, 0)]) for name in ("night", "two")]
    bare_renewal = two.less(one, 1)
    night = Night(
        holds=count,
        renewed=len(placed),
        late=late,
        bare_late=late_of(bare_late, plan.night),
        busiest=busiest(dues.values(), plan.night / 10) / (count / 10),
        rate_kept=busiest((datetime.fromisoformat(one["at"]) for one in effects), timedelta(seconds=1))
        / math.ceil(rate),
        calls=len(log) / count,
        asked=(captured - asked.result()) / plan.night,
        worker_before=before,
        worker_open=open_bytes,
        worker_after=after,
        worker_cpu=_ratio(measured.cpu_each(WORKER), bare_measured.cpu_each(YARDSTICKS)),
        server_cpu=_ratio(measured.cpu_each(SERVER), bare_measured.cpu_each(SERVER)),
    )
    return night, renewal, bare_renewal


async def _capture(hold: CustomersHold, at: datetime) -> datetime:
    """Somebody wants money in the middle of the night; when it was asked for."""
    await asyncio.sleep((at - datetime.now(UTC)).total_seconds())
    asked = datetime.now(UTC)
    await hold.ask("probe", Action(ActionKind.CAPTURE, AMOUNT))
    return asked


async def _renewed(stand: Stand, stage: HoldStage, known: int, dues: dict[str, datetime]) -> dict[str, datetime]:
    """When the new hold of each case was placed; waits for all of them, and for the last record."""
    limit = max(dues.values()) + timedelta(seconds=PATIENCE)
    placed: dict[str, datetime] = {}
    captured = False
    while len(placed) < len(dues) or not captured:
        await asyncio.sleep(1)
        stand.launcher.check()
        fresh = await asyncio.to_thread(partial(stage.call, "GET", f"/effects?after={known}"))
        known += len(fresh)
        captured |= any(one["kind"] == "captured" for one in fresh)
        placed |= {one["trans_id"]: datetime.fromisoformat(one["at"]) for one in fresh if one["kind"] == "authorized"}
        if datetime.now(UTC) > limit:
            raise BenchFailed(f"only {len(placed)} of {len(dues)} holds were renewed")
    await asyncio.sleep(1)
    return placed


def late_of(seconds: Iterable[float], night: timedelta) -> Late:
    """As shares of the night."""
    found = sorted(max(0.0, one) / night.total_seconds() for one in seconds)
    return Late(statistics.median(found), found[int(0.95 * (len(found) - 1))], found[-1])


def busiest(instants: Iterable[datetime], span: timedelta) -> int:
    """The most instants that lie within one span."""
    found = sorted(instants)
    most, first = 0, 0
    for last, instant in enumerate(found):
        while instant - found[first] >= span:
            first += 1
        most = max(most, last - first + 1)
    return most


def _ratio(one: float, other: float) -> float:
    return one / other if other else 0.0


def run(count: int, each: float | None = None) -> Holds:
    """Start everything, measure, stop everything. `each`: seconds to take over a hold; measured when left out."""
    with tempfile.TemporaryDirectory() as folder:
        plan = Timetable.of(count, pace(Path(folder) / "pace") if each is None else each)
        place = Path(folder) / "night"
        with Stand.start(place, holds=True, reads=plan.clock_at_start()) as stand, asyncio.Runner() as runner:
            night, renewal, bare_renewal = runner.run(a_night(stand, plan, count))
            life, bare_life, runs = runner.run(a_life(stand))
            runner.run(asyncio.sleep(0.5))  # the native threads must be idle before the interpreter ends
    return Holds(renewal, bare_renewal, life, bare_life, runs, night)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.holds", description=__doc__)
    parser.add_argument(
        "holds", type=whole_number(2), nargs="?", default=USUAL, help="holds that are due (%(default)s)"
    )
    parser.add_argument("--each", type=float, help="seconds to take over a hold here (measured when left out)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    chosen = parser.parse_args(arguments)
    quiet()
    try:
        found = run(chosen.holds, chosen.each)
    except (BenchFailed, CannotStart) as error:
        print(f"No measurement: {error}", file=sys.stderr)
        return 1
    print(found.as_json() if chosen.json else found.as_text())
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, ended)
    sys.exit(main())
