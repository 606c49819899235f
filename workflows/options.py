"""Time-outs and retry policies of activities, by settings profile. Effects run once; reads and our own SQL repeat."""

from dataclasses import dataclass
from datetime import timedelta

from temporalio.common import Priority, RetryPolicy

ONCE = RetryPolicy(maximum_attempts=1)
READS = RetryPolicy(
    initial_interval=timedelta(seconds=1),
    backoff_coefficient=2,
    maximum_interval=timedelta(minutes=1),
    maximum_attempts=3,
)
OWN_SQL = RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=30))


@dataclass(frozen=True)
class TimeOuts:
    """Start-to-close of each group, and how soon a lost worker is noticed. `provider` is one request, `money` an effect
    at the provider: questions, as many requests as it takes, and their turns at a slow gate. `files` is one file with
    all of its way."""

    provider: timedelta
    money: timedelta
    erp: timedelta
    poll: timedelta
    mail: timedelta
    heartbeat: timedelta
    own_sql: timedelta = timedelta(seconds=30)
    files: timedelta = timedelta(seconds=280)


_PROFILES = {
    "production": TimeOuts(
        provider=timedelta(seconds=70),
        money=timedelta(seconds=280),
        erp=timedelta(seconds=400),
        poll=timedelta(minutes=30),
        mail=timedelta(seconds=70),
        heartbeat=timedelta(seconds=20),
    ),
    "embedded": TimeOuts(
        provider=timedelta(seconds=25),
        money=timedelta(seconds=60),
        erp=timedelta(seconds=60),
        poll=timedelta(minutes=5),
        mail=timedelta(seconds=30),
        heartbeat=timedelta(seconds=10),
        files=timedelta(seconds=120),
    ),
    "fast": TimeOuts(
        provider=timedelta(seconds=6),
        money=timedelta(seconds=15),
        erp=timedelta(seconds=15),
        poll=timedelta(seconds=60),
        mail=timedelta(seconds=10),
        heartbeat=timedelta(seconds=3),
        files=timedelta(seconds=15),
    ),
}


def time_outs(profile: str) -> TimeOuts:
    """The time-outs of a settings profile (production, embedded, fast)."""
    return _PROFILES[profile]


# which of the waiting activities of a queue come first
INTERACTIVE, HOPE_RUN, BULK = 1, 2, 4


def fairness(tenant: str, urgency: int | None = None) -> Priority:
    """A busy tenant's backlog does not delay another's: the server takes turns by this key, of at most 64 bytes.

    `urgency` orders the backlog: what somebody waits for comes before what is done by the hundred at night.
    """
    return Priority(priority_key=urgency, fairness_key=tenant.encode()[:64].decode(errors="ignore"))
