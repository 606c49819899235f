"""Counts what a history cost, as docs/adr/0009 counts: until the order only waits for its end, its timer included."""

from collections.abc import Iterable

ALLOWED = {"activities": 4, "local activities": 2, "messages": 2, "timers": 1, "events": 40}
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
    """What the events of these types, in their order, cost."""
    found = dict.fromkeys(ALLOWED, 0)
    for kind in kinds:
        if kind == _END:
            break
        if kind in _SIMULATED:
            continue
        found["events"] += 1
        if kind in _COUNTED:
            found[_COUNTED[kind]] += 1
    return found
