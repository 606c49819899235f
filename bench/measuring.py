"""What one measurement is: seconds, processor time of the processes that took part, and what was counted."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import psutil


@dataclass
class Measured:
    """`count` things took `seconds`, and so much processor time in each process."""

    count: int = 0
    seconds: float = 0.0
    cpu: dict[str, float] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Things per second."""
        return self.count / self.seconds

    def cpu_each(self, process: str) -> float:
        """Processor seconds of a process per thing."""
        return self.cpu.get(process, 0.0) / self.count


class Stopwatch:
    """Adds up times over several stretches."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._processes = {name: psutil.Process(pid) for name, pid in pids.items()}

    @contextmanager
    def running(self, into: Measured, count: int = 0) -> Iterator[None]:
        """What happens inside counts."""
        before, began = self._cpu(), time.perf_counter()
        yield
        into.seconds += time.perf_counter() - began
        into.count += count
        for name, spent in self._cpu().items():
            into.cpu[name] = into.cpu.get(name, 0.0) + spent - before[name]

    def _cpu(self) -> dict[str, float]:
        times = {name: one.cpu_times() for name, one in self._processes.items()}
        return {name: one.user + one.system for name, one in times.items()}
