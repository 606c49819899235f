"""Berlin wall time: quiet hours, next local times, and how work that is due together is spread.

Instants are aware UTC datetimes; local times are computed by zone rules, never by adding 24 hours. The zone data come
from the standard library's `zoneinfo`.
"""

import hashlib
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")
ERP_QUIET_FROM = time(0, 0)
ERP_QUIET_UNTIL = time(4, 0)


def next_local(now: datetime, at: time, zone: ZoneInfo = BERLIN) -> datetime:
    """The first instant after `now` (UTC) whose wall clock in `zone` reads `at`."""
    day = now.astimezone(zone).date()
    while True:
        instant = datetime.combine(day, at, zone).astimezone(UTC)
        if instant > now:
            return instant
        day += timedelta(days=1)


def erp_is_quiet(now: datetime) -> bool:
    """Whether `now` (UTC) lies in 00:00-04:00 Berlin wall time, when no request to the ERP may start (rule P5)."""
    local = now.astimezone(BERLIN).time()
    return ERP_QUIET_FROM <= local < ERP_QUIET_UNTIL


def erp_opens(now: datetime) -> datetime:
    """`now`, or the end of the quiet window that `now` lies in (UTC; rule P5)."""
    return next_local(now, ERP_QUIET_UNTIL) if erp_is_quiet(now) else now


def share(key: str) -> float:
    """A fixed number in [0, 1) derived from `key`, evenly spread over keys."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8]) / 2**64


def spread(key: str, over: timedelta) -> timedelta:
    """A fixed delay in [0, over) derived from `key`, so that work due at one instant does not start at once."""
    return timedelta(seconds=int(over.total_seconds() * share(key)))


def erp_opens_for(now: datetime, workflow_id: str, over: timedelta) -> datetime:
    """As `erp_opens`, but work that the window held back is spread after 04:00 by workflow id."""
    return next_local(now, ERP_QUIET_UNTIL) + spread(workflow_id, over) if erp_is_quiet(now) else now
