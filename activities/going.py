"""What an operation needs on its way out: what is known of earlier sends, and the leave to send."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain import reasons
from domain.errors import NotSent
from domain.ports import Earlier, SendPermit
from domain.windows import erp_is_quiet, erp_opens


@dataclass(frozen=True)
class Going:
    """Handed to an activity by the recorder beside its job. `at` is the activity's time (UTC, simulated or real)."""

    at: datetime
    earlier: Earlier
    permit: SendPermit


class Switches(Protocol):
    """What can stop requests without stopping Holdfast: pauses, rates, switched-off configurations."""

    def check(self, name: str, at: datetime) -> None:
        """Raises `NotSent` when nothing may be sent through `name` at `at`."""

    def is_active(self, configuration: str) -> bool:
        """Whether the configuration and its connection are switched on (rule P4)."""


class Slots(Protocol):
    """Places for requests at a time per ERP connection, shared by all workers."""

    def hold(self, connection: str) -> "Slot":
        """Take a place; raises `NotSent` (busy) when none gets free in time."""


class Slot(Protocol):
    """A taken place."""

    def renew(self) -> None:
        """Keep the place for another request; raises `NotSent` when it was lost."""

    def release(self) -> None:
        """Give the place back."""


def erp_permit(at: datetime, *further: Callable[[], None]) -> SendPermit:
    """Leave to send one request to the ERP: never in its quiet window (rule P5), then whatever else must allow it."""

    def permit() -> None:
        if erp_is_quiet(at):
            raise NotSent(reasons.QUIET_WINDOW, erp_opens(at))
        for one in further:
            one()

    return permit
