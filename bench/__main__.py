"""`python -m bench`: orders per second through the whole path, against two yardsticks of the same run."""

import argparse
import asyncio
import signal
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from bench.crowd import NotThere
from bench.measuring import Measured, Stopwatch
from bench.open_orders import Tell, open_orders
from bench.reporting import Plan, Report, ended, quiet, report, whole_number
from bench.runs import BenchFailed, Whole, yardstick
from bench.stand import Stand
from cli.launcher import CannotStart
from worker import connect

_number = whole_number(1)


async def measure(stand: Stand, plan: Plan, tell: Tell) -> Report:
    """Warm up, then measure the three in turn, round by round, so that a busy machine slows them alike."""
    client = await connect(stand.settings, ())
    stages = [await asyncio.to_thread(partial(stand.stage, number + 1)) for number in range(plan.connections)]
    whole = Whole(stand, client, stages)
    await whole.begin()
    watch = Stopwatch(stand.pids())
    found = {"whole": Measured(), "bare": Measured(), "minimal": Measured()}
    warm_up = max(plan.warm_up, plan.connections)
    await whole.round(warm_up, watch, Measured())
    for name in ("BenchMinimal", "BenchBare"):
        await yardstick(client, name, warm_up, "warm-up")
    whole.events, whole.soap_calls, whole.provider_calls = [], 0, 0
    counts: dict[str, float] = {}
    for number in range(plan.rounds):
        for name, key, count in (("BenchMinimal", "minimal", plan.minimal), ("BenchBare", "bare", plan.bare)):
            with watch.running(found[key], count):
                counts[f"{key}_events"] = await yardstick(client, name, count, str(number))
        await whole.round(plan.orders, watch, found["whole"])
    await whole.verify()
    found_open = await open_orders(stand, client, plan, tell)
    counts |= {"events": sum(whole.events), "soap_calls": whole.soap_calls, "provider_calls": whole.provider_calls}
    return replace(report(plan, found, counts), open=found_open)


def run(plan: Plan, tell: Tell) -> Report:
    """Start everything, measure, stop everything."""
    with tempfile.TemporaryDirectory() as folder, Stand.start(Path(folder)) as stand, asyncio.Runner() as runner:
        measured = runner.run(measure(stand, plan, tell))
        runner.run(asyncio.sleep(0.5))  # the native threads must be idle before the interpreter ends
        return measured


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    usual = Plan()
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    for name, text in (
        ("orders", "orders per round"),
        ("rounds", "rounds that are added up"),
        ("connections", "ERP connections, each of a tenant of its own"),
        ("bare", "bare workflows per round"),
        ("minimal", "minimal workflows per round"),
    ):
        parser.add_argument(f"--{name}", type=_number, default=getattr(usual, name), help=f"{text} (%(default)s)")
    for name, text in (
        ("few", "open orders of a tenant with few"),
        ("many", "open orders of a tenant with many"),
        ("pairs", "orders that are shipped at each of the two"),
        ("held_share", "one in so many open orders stands on the ERP's list of held orders"),
        ("asleep", "open orders of each that have their workflow, at most"),
    ):
        flag = f"--{name.replace('_', '-')}"
        parser.add_argument(flag, type=_number, default=getattr(usual, name), help=f"{text} (%(default)s)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    chosen = vars(parser.parse_args(arguments))
    as_json = chosen.pop("json")
    quiet()
    try:
        measured = run(Plan(**chosen), _tell)
    except (BenchFailed, CannotStart, NotThere) as error:
        print(f"No measurement: {error}", file=sys.stderr)
        return 1
    print(measured.as_json() if as_json else measured.as_text())
    return 0 if measured.open is None or measured.open.equal else 1


def _tell(what: str) -> None:
    """What is going on, for whoever waits."""
    print(f"... {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, ended)
    sys.exit(main())
