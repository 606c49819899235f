"""What an operation needs on its way out: what is known of earlier sends, and the leave to send."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

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


def connection_name(tenant: str, connection: str) -> str:
    """How adapters and leases know an ERP connection; names of connections are unique within their tenant."""
    return f"{tenant}/{connection}"


def erp_permit(at: datetime, *further: Callable[[], None]) -> SendPermit:
    """Leave to send one request to the ERP: never in its quiet window (rule P5), then whatever else must allow it."""

    def permit() -> None:
        if erp_is_quiet(at):
            raise NotSent(reasons.QUIET_WINDOW, erp_opens(at))
        for one in further:
            one()

    return permit
