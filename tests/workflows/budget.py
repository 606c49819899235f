"""Counts what a history cost, as docs/adr/0009 counts: an order until it only waits for its end, its timer included; an
authorization by the renewal."""

from collections.abc import Iterable
from itertools import takewhile

ALLOWED = {"activities": 4, "local activities": 2, "messages": 2, "timers": 1, "events": 40}
PER_RENEWAL = {"activities": 3, "local activities": 1, "messages": 0, "timers": 1, "events": 24}
"""The timer, a look, the void, the new hold, one record. With the new hold first, one look more."""
_COUNTED = {
    "ACTIVITY_TASK_SCHEDULED": "activities",
    "MARKER_RECORDED": "local activities",
    "WORKFLOW_EXECUTION_SIGNALED": "messages",
    "WORKFLOW_EXECUTION_UPDATE_ACCEPTED": "messages",
    "TIMER_STARTED": "timers",
}
# what only simulated time brings: the clock's moves
_SIMULATED = frozenset({"WORKFLOW_EXECUTION_OPTIONS_UPDATED", "WORKFLOW_EXECUTION_TIME_SKIPPING_TRANSITIONED"})
_END = "TIMER_FIRED"


def spent(kinds: Iterable[str]) -> dict[str, int]:
    """What the events of these types, in their order, cost until the first timer has fired."""
    return counted(takewhile(lambda kind: kind != _END, kinds))


def counted(kinds: Iterable[str]) -> dict[str, int]:
    """What the events of these types cost, all of them."""
    found = dict.fromkeys(ALLOWED, 0)
    for kind in kinds:
        if kind in _SIMULATED:
            continue
        found["events"] += 1
        if kind in _COUNTED:
            found[_COUNTED[kind]] += 1
    return found
