"""What an operation needs on its way out: what is known of earlier sends, and the leave to send."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

from temporalio.exceptions import ApplicationError

from domain import reasons
from domain.errors import NotSent
from domain.ports import Earlier, Permits, SendPermit
from domain.windows import erp_is_quiet, erp_opens


@dataclass(frozen=True)
class Going:
    """What the recorder gives an activity beside its job. `now` is the activity's clock (UTC, simulated or real)."""

    now: Callable[[], datetime]
    earlier: Earlier
    permit: Permits


_GOING: ContextVar[Going] = ContextVar("going")


def going() -> Going:
    """The leave of the activity that runs; operations carried out without the recorder are a mistake of the wiring."""
    try:
        return _GOING.get()
    except LookupError:
        raise ApplicationError("operations run inside the recorder only", non_retryable=True) from None


@contextmanager
def go(leave: Going) -> Iterator[None]:
    """Let what runs inside find `leave`; threads started for an activity inherit it."""
    token = _GOING.set(leave)
    try:
        yield
    finally:
        _GOING.reset(token)


def connection_name(tenant: str, connection: str) -> str:
    """How adapters and leases know an ERP connection; names of connections are unique within their tenant."""
    return f"{tenant}/{connection}"


def erp_permit(now: Callable[[], datetime], *further: Callable[[], None]) -> SendPermit:
    """Leave to send one request to the ERP: never in its quiet window (rule P5), then whatever else must allow it.

    Asked before each request, for work that began before the window may run into it.
    """

    def permit() -> None:
        at = now()
        if erp_is_quiet(at):
            raise NotSent(reasons.QUIET_WINDOW, erp_opens(at))
        for one in further:
            one()

    return permit
