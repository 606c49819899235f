"""`python -m bench.idle N`: what N idle orders cost, and what it costs to wake one.

Each order is a real workflow that waits for its goods to leave. A wake is a message to it, with its journal entry and
without any call outside. Sizes are counted in bytes; times are told as ratios within the run only.
"""

import argparse
import asyncio
import itertools
import json
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from temporalio.client import Client
from temporalio.service import RPCError

from bench.crowd import Crowd, NotThere
from bench.measuring import Measured, Stopwatch
from bench.reporting import SERVER, WORKER, ended, quiet, whole_number
from bench.runs import BenchFailed
from bench.stand import Stand
from cli.launcher import CannotStart
from domain.facts import Wish
from worker import CACHED_WORKFLOWS, connect
from workflows.messages import Message

WAKES = 60  # orders woken in each measurement
ANSWERS_WITHIN = 120.0
USUAL = 500


@dataclass(frozen=True)
class Idle:
    """What was found. Memory and sizes in bytes; `*_ratio`: a wake in the worker's cache = 1."""

    orders: int
    cached_at_most: int
    server_before: int
    server_after: int
    worker_before: int
    worker_after: int
    worker_restarted: int
    history_of_first: int
    history_of_copy: int
    server_file: int
    own_file: int
    wakes: int
    evicted_time_ratio: float
    evicted_worker_cpu_ratio: float
    evicted_server_cpu_ratio: float
    restart_to_first_answer: float  # a wake in the cache = 1
    restart_with_many: float  # the same with one idle order = 1

    def as_json(self) -> str:
        return json.dumps(asdict(self), indent=2)

    def as_text(self) -> str:
        def memory(name: str, before: int, after: int) -> str:
            each = (after - before) / self.orders
            return f"  memory of {name:<8}                {before:14,d}{after:14,d}{each:14,.0f}"

        return "\n".join(
            [
                f"{self.orders} idle orders: one released through the whole path and {self.orders - 1} copies of it, "
                "each with its workflow asleep;",
                f"a worker keeps {self.cached_at_most} workflows in its cache; ratios within this run",
                "",
                "  bytes                                   before         after     per order",
                memory("Temporal", self.server_before, self.server_after),
                memory("worker", self.worker_before, self.worker_after),
                f"  worker started anew                               {self.worker_restarted:14,d}",
                f"  Temporal's file                                                 {self.server_file:14,d}",
                f"  our database                                                    {self.own_file:14,d}",
                f"  history, released through the whole path                        {self.history_of_first:14,d}",
                f"  history, loaded from the journal and asleep                     {self.history_of_copy:14,d}",
                "",
                f"  waking one of {self.wakes}, in the cache = 1                    evicted",
                f"  time to the answer                          {self.evicted_time_ratio:10.2f}",
                f"  worker CPU                                  {self.evicted_worker_cpu_ratio:10.2f}",
                f"  Temporal CPU                                {self.evicted_server_cpu_ratio:10.2f}",
                "",
                f"  worker started anew to its first answer, a cached wake = 1  {self.restart_to_first_answer:10.1f}",
                f"  the same, with one idle order = 1                           {self.restart_with_many:10.2f}",
            ]
        )


class _Waking:
    """Sends messages to orders and waits for their answers."""

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd
        self._serial = itertools.count(1)

    async def wake(self, order_no: str) -> None:
        """One message; answered when the order has taken it."""
        message = Message(f"wake-{next(self._serial)}", Wish.MARK_SOLVED, "bench")
        handle = self._crowd.client.get_workflow_handle(self._crowd.workflow_id(order_no))
        await handle.execute_update("tell", message, id=message.request_id)

    async def measured(self, numbers: Sequence[str]) -> Measured:
        """Wake so many orders one after the other."""
        found = Measured()
        with Stopwatch(self._crowd.stand.pids()).running(found, len(numbers)):
            for number in numbers:
                await self.wake(number)
        return found

    async def first_answer(self, order_no: str) -> float:
        """Seconds from the start of a new worker to the first answer."""
        await asyncio.to_thread(self._crowd.stand.restart_worker)
        began = time.perf_counter()
        while True:
            try:
                async with asyncio.timeout(ANSWERS_WITHIN):
                    await self.wake(order_no)
                return time.perf_counter() - began
            except (RPCError, TimeoutError):
                if time.perf_counter() - began > ANSWERS_WITHIN:
                    raise NotThere("the worker that was started anew does not answer") from None


async def measure(stand: Stand, count: int) -> Idle:
    """Seed, look, wake what is cached, start the worker anew, wake what is not."""
    client = await connect(stand.settings, ())
    stage = await asyncio.to_thread(partial(stand.stage, 1))
    crowd = Crowd(stand, stage, client)
    waking = _Waking(crowd)
    probe = await crowd.one_released("probe")
    alone = await waking.first_answer(probe)
    warm = await crowd.one_released("warm")  # the worker has everything loaded before its memory is looked at
    before, files = stand.memory(), _files(stand)
    await crowd.seed(count, held_share=0, asleep=count)
    after, grown = stand.memory(), _files(stand)
    first = await _history(client, crowd.workflow_id(warm))
    copy = await _history(client, crowd.workflow_id(crowd.numbers[0]))
    sample = crowd.numbers[-min(WAKES, len(crowd.numbers)) :]
    await waking.measured(sample)  # the first message of a run is not the usual one
    cached = await waking.measured(sample)
    restarted = await waking.first_answer(sample[0])
    fresh = stand.memory()
    # woken once before, like those of the cached sample, and not since the worker started anew
    evicted = await waking.measured(sample[1:] or sample)
    each = cached.seconds / cached.count
    return Idle(
        orders=count,
        cached_at_most=CACHED_WORKFLOWS,
        server_before=before[SERVER],
        server_after=after[SERVER],
        worker_before=before[WORKER],
        worker_after=after[WORKER],
        worker_restarted=fresh[WORKER],
        history_of_first=first,
        history_of_copy=copy,
        server_file=(grown[0] - files[0]) // count,
        own_file=(grown[1] - files[1]) // count,
        wakes=len(sample),
        evicted_time_ratio=(evicted.seconds / evicted.count) / each,
        evicted_worker_cpu_ratio=_ratio(evicted.cpu_each(WORKER), cached.cpu_each(WORKER)),
        evicted_server_cpu_ratio=_ratio(evicted.cpu_each(SERVER), cached.cpu_each(SERVER)),
        restart_to_first_answer=restarted / each,
        restart_with_many=restarted / alone,
    )


def _ratio(one: float, other: float) -> float:
    return one / other if other else 0.0


async def _history(client: Client, workflow_id: str) -> int:
    raw = (await client.get_workflow_handle(workflow_id).describe()).raw_description
    return int(raw.workflow_execution_info.history_size_bytes)


def _files(stand: Stand) -> tuple[int, int]:
    """Bytes on disk of Temporal's database and of ours, what is not yet in the main file included."""
    folder = stand.places.folder
    return _size(folder / "temporal.db"), _size(folder / "holdfast.db")


def _size(path: Path) -> int:
    return sum(one.stat().st_size for one in path.parent.glob(f"{path.name}*"))


def run(count: int) -> Idle:
    """Start everything, measure, stop everything."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Stand.start(Path(folder), yardsticks=False) as stand,
        asyncio.Runner() as runner,
    ):
        measured = runner.run(measure(stand, count))
        runner.run(asyncio.sleep(0.5))  # the native threads must be idle before the interpreter ends
        return measured


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.idle", description=__doc__)
    parser.add_argument("orders", type=whole_number(2), nargs="?", default=USUAL, help="idle orders (%(default)s)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    chosen = parser.parse_args(arguments)
    quiet()
    try:
        found = run(chosen.orders)
    except (BenchFailed, CannotStart, NotThere) as error:
        print(f"No measurement: {error}", file=sys.stderr)
        return 1
    print(found.as_json() if chosen.json else found.as_text())
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, ended)
    sys.exit(main())
