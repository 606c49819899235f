"""Figures as ratios within one run. Bare times say more about the machine than about Holdfast, so none are told."""

import argparse
import json
import logging
import signal
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from types import FrameType

import structlog

from bench.measuring import Measured

MOST = 10_000
SERVER, WORKER, YARDSTICKS = "temporal", "worker", "yardsticks"


@dataclass(frozen=True)
class Plan:
    """How much is measured. `bare` and `minimal` are counts of workflows per round."""

    orders: int = 40
    rounds: int = 2
    connections: int = 2
    bare: int = 120
    minimal: int = 240
    warm_up: int = 6
    few: int = 50
    many: int = 5_000
    pairs: int = 6
    asleep: int = 250
    held_share: int = 10


@dataclass(frozen=True)
class OpenOrders:
    """`few_calls`, `many_calls`: requests to the ERP per poll while nothing changes. `delay_ratio`: from shipping to
    booking with many open orders, with few = 1, the median of `pairs` pairs."""

    few: str
    many: str
    few_calls: float
    many_calls: float
    delay_ratio: float
    pairs: int
    equal: bool

    def as_text(self) -> str:
        verdict = "equal" if self.equal else "NOT EQUAL: polls cost more the more is open"
        return "\n".join(
            [
                f"Open orders of one tenant: {self.few},",
                f"open orders of another: {self.many}; nothing of them changes,",
                "",
                "                                                   few      many",
                f"  SOAP calls per poll                       {self.few_calls:10.1f}{self.many_calls:10.1f}  {verdict}",
                f"  delay from shipping to booking, few = 1         1.00{self.delay_ratio:10.2f}"
                f"  median of {self.pairs} pairs, taken in turn",
            ]
        )


@dataclass(frozen=True)
class Report:
    """What one run of the bench found; every figure is a ratio, a count or a share."""

    plan: Plan
    throughput_to_bare: float  # orders per second, bare workflows per second = 1
    throughput_to_minimal: float  # the same, minimal workflows per second = 1
    bare_to_minimal: float
    worker_cpu_to_bare: float  # processor time of the worker per order, per bare workflow = 1
    server_cpu_to_bare: float  # the same of the Temporal server
    server_cpu_to_minimal: float
    events_per_order: float
    events_per_bare: int
    events_per_minimal: int
    soap_calls_per_order: float
    provider_calls_per_order: float
    cpu_shares: dict[str, float]  # of the whole path's processor time, by process
    open: OpenOrders | None = None

    def as_json(self) -> str:
        return json.dumps(asdict(self), indent=2)

    def as_text(self) -> str:
        plan, shares = self.plan, sorted(self.cpu_shares.items(), key=lambda one: -one[1])
        lines = [
            f"{plan.rounds} rounds of {plan.orders} orders on {plan.connections} ERP connections, "
            f"{plan.bare} bare and {plan.minimal} minimal workflows; ratios within this run",
            "",
            "                                            whole path      bare   minimal",
            f"  throughput, bare workflow = 1             {self.throughput_to_bare:10.2f}      1.00"
            f"  {1 / self.bare_to_minimal:8.2f}",
            f"  throughput, minimal workflow = 1          {self.throughput_to_minimal:10.2f}"
            f"  {self.bare_to_minimal:8.2f}      1.00",
            f"  worker CPU each, bare workflow = 1        {self.worker_cpu_to_bare:10.2f}      1.00",
            f"  Temporal CPU each, bare workflow = 1      {self.server_cpu_to_bare:10.2f}      1.00",
            f"  Temporal CPU each, minimal workflow = 1   {self.server_cpu_to_minimal:10.2f}",
            f"  history events each                       {self.events_per_order:10.1f}"
            f"  {self.events_per_bare:8d}  {self.events_per_minimal:8d}",
            f"  SOAP calls per order                      {self.soap_calls_per_order:10.1f}",
            f"  provider calls per order                  {self.provider_calls_per_order:10.1f}",
            "",
            "  processor time of the whole path: " + ", ".join(f"{name} {share:.0%}" for name, share in shares),
        ]
        if self.open is not None:
            lines += ["", self.open.as_text()]
        return "\n".join(lines)


def report(plan: Plan, found: Mapping[str, Measured], counts: Mapping[str, float]) -> Report:
    """Put measurements into ratios. `found` by run: whole, bare, minimal."""
    whole, bare, minimal = found["whole"], found["bare"], found["minimal"]
    spent = {name: seconds for name, seconds in whole.cpu.items() if name != YARDSTICKS}
    return Report(
        plan=plan,
        throughput_to_bare=whole.rate / bare.rate,
        throughput_to_minimal=whole.rate / minimal.rate,
        bare_to_minimal=bare.rate / minimal.rate,
        worker_cpu_to_bare=_ratio(whole.cpu_each(WORKER), bare.cpu_each(YARDSTICKS)),
        server_cpu_to_bare=_ratio(whole.cpu_each(SERVER), bare.cpu_each(SERVER)),
        server_cpu_to_minimal=_ratio(whole.cpu_each(SERVER), minimal.cpu_each(SERVER)),
        events_per_order=counts["events"] / whole.count,
        events_per_bare=int(counts["bare_events"]),
        events_per_minimal=int(counts["minimal_events"]),
        soap_calls_per_order=counts["soap_calls"] / whole.count,
        provider_calls_per_order=counts["provider_calls"] / whole.count,
        cpu_shares={name: _ratio(seconds, sum(spent.values())) for name, seconds in spent.items()},
    )


def whole_number(least: int) -> Callable[[str], int]:
    """What a size on the command line must be."""

    def number(text: str) -> int:
        found = int(text)
        if not least <= found <= MOST:
            raise argparse.ArgumentTypeError(f"give a number from {least} to {MOST}")
        return found

    return number


def quiet() -> None:
    """Only what is wrong is told while the bench runs."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))


def ended(_signal: int, _frame: FrameType | None) -> None:
    """Leave through the front door, so that everything that was started is stopped."""
    raise SystemExit(128 + signal.SIGTERM)


def _ratio(one: float, other: float) -> float:
    """Very short runs may spend less than the clock's tick; that is no reason to fail."""
    return one / other if other else 0.0
