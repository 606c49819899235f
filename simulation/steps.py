"""What a driver is given and what it tells: scenario events, pollers, steps."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from simulation.clock import Outside


@dataclass(frozen=True)
class At:
    """A scenario event: at `instant` (UTC) somebody outside does something, for example the warehouse ships."""

    instant: datetime
    name: str
    action: Callable[[], Awaitable[object]]


@dataclass(frozen=True)
class Poller:
    """A workflow that is told `look_now` when others have changed its system."""

    workflow_id: str
    outside: Outside


@dataclass(frozen=True)
class Step:
    """One step of the tenant's clock: the instant it went to (UTC), and what happened there, in words."""

    instant: datetime
    happened: tuple[str, ...]
