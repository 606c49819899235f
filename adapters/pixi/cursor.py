"""The poller's cursor as text: where the list of changes continues, and how far the current round has come."""

import json
from dataclasses import asdict, astuple, dataclass

from adapters.pixi.walltime import to_utc


@dataclass(frozen=True)
class Round:
    """One round looks at the changes first, then at each payment code in turn.

    `since`: lower bound for changes, wall time of the database. Within a round: `until`, the bound of the next round;
    `stage`, what is looked at ('' = the changes, else a payment code); `after`, the last order number handed over in
    that stage; `sweep`, whether records with many failures are looked at too; `began` (UTC, ISO).
    """

    since: str = ""
    until: str = ""
    stage: str = ""
    after: int = 0
    sweep: bool = False
    began: str = ""


def read_cursor(text: str) -> Round:
    """The round; one that cannot be read (or was written by an older version) starts afresh."""
    try:
        found = Round(**json.loads(text)) if text else Round()
        for moment in (found.since, found.until, found.began):
            _ = moment and to_utc(moment)
    except (ValueError, TypeError, AttributeError):
        return Round()
    right = all(type(value) is type(default) for value, default in zip(astuple(found), astuple(Round()), strict=True))
    return found if right else Round()


def write_cursor(where: Round) -> str:
    kept = {name: value for name, value in asdict(where).items() if value}
    return json.dumps(kept, separators=(",", ":"), sort_keys=True)
