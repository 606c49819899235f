"""Compares what came of a life with what its file expects, as a difference that a person can read."""

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from domain.authorization.operations import ExtensionKind
from domain.facts import ProblemRaised
from simulation.lives.timeline import HAPPENS, Life, Line, What, timeline

_TIMED = re.compile(r"day \d+ \d\d:\d\d ")


@dataclass(frozen=True)
class Difference:
    """One expectation that was not met: its field, and the difference in lines."""

    field: str
    lines: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join((f"{self.field}:", *(f"  {one}" for one in self.lines)))


def differences(life: Life) -> tuple[Difference, ...]:
    """Everything that came otherwise; empty when all did as expected, or nothing was."""
    wanted, state = life.scenario.expected, life.state
    lines = timeline(life)
    found = [
        _lists("happens", wanted.happens, life, [one for one in lines if one.what in HAPPENS]),
        _lists("told", wanted.told, life, [one for one in lines if one.what is What.TOLD]),
        _values("problems", wanted.problems, _problems(life)),
        _values("renewals", wanted.renewals, _days(life, ExtensionKind.RENEWAL)),
        _values("splits", wanted.splits, _days(life, ExtensionKind.SPLIT)),
        _value("status", wanted.status, life.status),
        _value("stop", wanted.stop, state.stopped.reason.value if state.stopped else ""),
        _value("captured", wanted.captured, state.captured_minor),
        _value("refunded", wanted.refunded, state.refunded_minor),
        _value("holds", wanted.holds, len(state.holds)),
        _value("order", wanted.order, life.order_status),
        _values("booked", wanted.booked, life.booked),
    ]
    return tuple(one for one in found if one is not None)


def _problems(life: Life) -> tuple[str, ...]:
    return tuple(sorted({one.code for _, one in life.facts if isinstance(one, ProblemRaised)}))


def _days(life: Life, kind: ExtensionKind) -> tuple[int, ...]:
    return tuple(life.day(one.held_at) for one in life.state.holds if one.extended_by is kind)


def _lists(field: str, wanted: Sequence[str] | None, life: Life, found: Iterable[Line]) -> Difference | None:
    """Lines are compared in the form in which they are expected, with their time or without."""
    if wanted is None:
        return None
    timed = any(_TIMED.match(one) for one in wanted)

    def tell(line: Line) -> str:
        short, long = life.short(line), life.long(line)
        return long if long in wanted or (timed and short not in wanted) else short

    told = [tell(one) for one in found]
    if told == list(wanted):
        return None
    shown = [one for one in difflib.ndiff(list(wanted), told) if not one.startswith("?")]
    return Difference(f"{field} (- expected, + happened)", tuple(shown))


def _values(field: str, wanted: Sequence[object] | None, found: Sequence[object]) -> Difference | None:
    if wanted is None or list(wanted) == list(found):
        return None
    return Difference(field, (f"expected {_listed(wanted)}", f"happened {_listed(found)}"))


def _listed(values: Sequence[object]) -> str:
    return ", ".join(str(one) for one in values) or "none"


def _value(field: str, wanted: object, found: object) -> Difference | None:
    if wanted is None or wanted == found:
        return None
    return Difference(field, (f"expected {wanted or 'none'}", f"happened {found or 'none'}"))
