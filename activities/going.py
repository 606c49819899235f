"""What an operation needs on its way out: what is known of earlier sends, and the leave to send."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from temporalio.exceptions import ApplicationError

from domain import reasons
from domain.errors import NotSent
from domain.ports import Earlier, Permits, SendPermit
from domain.windows import erp_is_quiet, erp_opens

PATIENCE = timedelta(seconds=30)  # how long one request waits for its turn at a slow gate


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


def leave_to_act(*, active: bool) -> Going:
    """The leave of the activity that runs, for a configuration that is switched on or off (rule P4).

    Switched off: nothing is sent any more, and raises `NotSent`; but what may have been sent is still asked for, for
    an unknown outcome ends only by evidence.
    """
    leave = going()
    if active:
        return leave
    if not leave.earlier.sends:
        raise NotSent(reasons.INACTIVE)
    return replace(leave, earlier=replace(leave.earlier, may_send=False))


def connection_name(tenant: str, connection: str) -> str:
    """How adapters and leases know an ERP connection; names of connections are unique within their tenant."""
    return f"{tenant}/{connection}"


def patiently(now: Callable[[], datetime], ask: SendPermit, until: datetime | None = None) -> SendPermit:
    """`ask`, and wait for a while where a slow gate says when to come back, at longest `until`.

    An effect is many requests: one that began anew at each of its turns would never end, and one that stopped between
    two of them would be unknown.
    """

    def permit() -> None:
        patient_until = now() + PATIENCE
        if until is not None:
            patient_until = min(patient_until, until)
        while True:
            try:
                ask()
            except NotSent as stop:
                if stop.reason != reasons.RATE or stop.retry_at is None or stop.retry_at > patient_until:
                    raise
                time.sleep(max(0.0, (stop.retry_at - now()).total_seconds()))
            else:
                return

    return permit


def erp_permit(now: Callable[[], datetime], *further: Callable[[], None]) -> SendPermit:
    """Leave to send one request to the ERP: never in its quiet window (rule P5), then whatever else must allow it.

    Asked before each request, for work that began before the window may run into it. A slow gate is waited for.
    """

    def once() -> None:
        at = now()
        if erp_is_quiet(at):
            raise NotSent(reasons.QUIET_WINDOW, erp_opens(at))
        for one in further:
            one()

    return patiently(now, once)
