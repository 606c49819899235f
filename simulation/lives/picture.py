"""The picture of a life as SVG: a row for each hold from its beginning to its end, below them what happened to it.

It needs nothing but itself, follows the reader's light or dark colours, and escapes all text.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from xml.sax.saxutils import escape, quoteattr

from domain.authorization.nights import day_of
from domain.money import in_major_units
from domain.windows import BERLIN
from simulation.lives.scenario import Moment
from simulation.lives.timeline import Bar, Life, Line, What, bars, timeline

WIDTH = 1120
LEFT, RIGHT = 150, 60
TOP = 92  # title, subtitle and legend
LANE = 30
AXIS = 46
MOST_TICKS = 13
STEPS = (1, 2, 5, 7, 10, 14, 20, 30)
LETTER = 6.6  # width of a letter of the labels, about

STYLE = """
.life { --paper: #ffffff; --ink: #1d2733; --faint: #64748b; --line: #dbe2ea; --hold: #3b6fb6; --split: #0f8a8a;
  --over: #c9d5e6; --good: #1e8e4e; --bad: #c8322b; --warn: #b26a00; --stop: #7a4fb5;
  font-family: system-ui, "Segoe UI", "DejaVu Sans", Arial, sans-serif; font-size: 12px; }
@media (prefers-color-scheme: dark) { .life { --paper: #151b23; --ink: #e4eaf1; --faint: #94a3b8; --line: #2c3642;
  --hold: #6d9fe6; --split: #3dbdbd; --over: #3a4a60; --good: #4cc27f; --bad: #f2726b; --warn: #e5a13a;
  --stop: #b692ec; } }
.life .paper { fill: var(--paper); } .life text { fill: var(--ink); } .life .faint { fill: var(--faint); }
.life .title { font-size: 17px; font-weight: 600; } .life .grid { stroke: var(--line); stroke-width: 1; }
.life .axis { stroke: var(--faint); } .life .hold { fill: var(--hold); } .life .split { fill: var(--split); }
.life .over { fill: var(--over); }
.life .tail { stroke: var(--faint); stroke-width: 1.5; stroke-dasharray: 3 3; fill: none; }
.life .next { stroke: var(--faint); stroke-width: 1; fill: none; opacity: .55; }
.life .deadline { stroke: var(--faint); stroke-width: 2; } .life .good { fill: var(--good); }
.life .refund { fill: var(--paper); stroke: var(--good); stroke-width: 2; }
.life .bad { stroke: var(--bad); stroke-width: 2.4; fill: none; stroke-linecap: round; }
.life .warn { fill: var(--warn); } .life .told { fill: none; stroke: var(--faint); stroke-width: 1.4; }
.life .stop { stroke: var(--stop); stroke-width: 1.6; stroke-dasharray: 6 4; } .life .stopped { fill: var(--stop); }
.life .lapsed { fill: none; stroke: var(--warn); stroke-width: 2.2; }
.life .on { fill: #ffffff; font-size: 11px; } @media (prefers-color-scheme: dark) { .life .on { fill: #10161d; } }
"""


@dataclass(frozen=True)
class Lane:
    """A row of marks below the holds."""

    title: str
    kinds: frozenset[What]
    mark: Callable[[float, float], str]
    label: Callable[[Line, str], str]


def picture(life: Life, *, style: bool = True) -> str:
    """The life as an SVG document. Without `style` the colours come from the page that it stands in."""
    return _Drawing(life).svg(style)


class _Drawing:
    def __init__(self, life: Life) -> None:
        self._life = life
        self._bars = bars(life)
        self._lines = timeline(life)
        self._row = 24 if len(self._bars) <= 12 else 15
        self._lanes = [one for one in LANES if any(line.what in one.kinds for line in self._lines)]
        self._low = TOP + max(1, len(self._bars)) * self._row + 12
        self._bottom = self._low + len(self._lanes) * LANE

    def x(self, instant: datetime) -> float:
        """Where an instant stands; what lies outside of the life stands at its edge."""
        life = self._life
        part = (instant - life.begins) / (life.ends - life.begins)
        return round(LEFT + min(1.0, max(0.0, part)) * (WIDTH - LEFT - RIGHT), 1)

    def svg(self, style: bool) -> str:
        height = self._bottom + AXIS
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="life" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
            f'height="{height}" role="img" aria-label={quoteattr(self._life.scenario.name)}>'
        )
        parts = [head, f"<style>{STYLE}</style>" if style else "", '<rect class="paper" width="100%" height="100%"/>']
        parts += [
            *self._title(),
            *self._legend(),
            *self._grid(),
            *self._stop(),
            *self._holds(),
            *self._marks(),
            "</svg>",
        ]
        return "\n".join(one for one in parts if one) + "\n"

    def _title(self) -> Iterator[str]:
        life, scenario = self._life, self._life.scenario
        yield _text(20, 30, scenario.name, "title")
        amount = f"{in_major_units(scenario.amount_minor, scenario.currency)} {scenario.currency}"
        begins = f"{life.begins.astimezone(BERLIN):%a %d.%m.%Y %H:%M}"
        told = f"{amount}, {scenario.scheme.value} at {scenario.provider}, from {begins} on; ended {life.status}"
        yield _text(20, 50, told, "faint")

    def _legend(self) -> Iterator[str]:
        x, y = 20.0, 74.0
        samples = [
            (f'<rect class="hold" x="{{x}}" y="{y - 9}" width="16" height="10" rx="2"/>', "hold"),
            (f'<rect class="split" x="{{x}}" y="{y - 9}" width="16" height="10" rx="2"/>', "hold of a remainder"),
            (f'<rect class="over" x="{{x}}" y="{y - 9}" width="16" height="10" rx="2"/>', "past its deadline"),
            (f'<path class="tail" d="M{{x}} {y - 4}h13"/><path class="deadline" d="M{{z}} {y - 9}v10"/>', "deadline"),
        ]
        for sample, name in samples:
            yield sample.format(x=x, z=x + 14)
            yield _text(x + 22, y, name, "faint")
            x += 22 + len(name) * LETTER + 22

    def _grid(self) -> Iterator[str]:
        life = self._life
        days = life.scenario.days
        step = next((one for one in STEPS if days / one <= MOST_TICKS), STEPS[-1])
        for day in range(0, days + 1, step):
            instant = Moment(day).instant(life.begins) if day else life.begins
            x = self.x(instant)
            yield f'<path class="grid" d="M{x} {TOP - 4}V{self._bottom}"/>'
            yield _text(x, self._bottom + 18, f"day {day}", anchor="middle")
            date = day_of(life.begins) + timedelta(days=day)
            yield _text(x, self._bottom + 34, f"{date:%d.%m.}", "faint", anchor="middle")
        yield f'<path class="axis" d="M{LEFT} {self._bottom}H{WIDTH - RIGHT}"/>'

    def _stop(self) -> Iterator[str]:
        for line in self._lines:
            if line.what is What.STOPPED and line.text.startswith("stopped"):
                x = self.x(line.at)
                yield f'<path class="stop" d="M{x} {TOP - 8}V{self._bottom}">{_tip(self._life, line)}</path>'
                right = x + len(line.text) * LETTER < WIDTH - 8
                said = line.text.replace("_", " ")
                yield _text(x + (5 if right else -5), TOP - 10, said, "stopped", "start" if right else "end")

    def _holds(self) -> Iterator[str]:
        before: Bar | None = None
        for bar in self._bars:
            y = TOP + (bar.number - 1) * self._row + 3
            tall = self._row - 6
            x, end = self.x(bar.begins), self.x(bar.ends)
            wide = max(2.0, round(end - x, 1))
            if before is not None:
                above = TOP + (before.number - 1) * self._row + 3 + tall
                yield f'<path class="next" d="M{self.x(before.ends)} {above}V{y + tall / 2}H{x}"/>'
            deadline = self.x(bar.deadline)
            kind = "split" if bar.came_from == "split" else "hold"
            tip = f"<title>{escape(self._about(bar))}</title>"
            yield f'<rect class="{kind}" x="{x}" y="{y}" width="{wide}" height="{tall}" rx="2">{tip}</rect>'
            if bar.deadline <= self._life.ends and deadline > x + 1:
                if deadline > end:
                    yield f'<path class="tail" d="M{end} {y + tall / 2}H{deadline}"/>'
                elif deadline < end:
                    past = f'x="{deadline}" y="{y}" width="{round(end - deadline, 1)}" height="{tall}"'
                    yield f'<rect class="over" {past} rx="2">{tip}</rect>'
                source = "told by the provider" if bar.deadline_told else "estimated"
                good = f"<title>{escape(f'good until {_wall(bar.deadline)} ({source})')}</title>"
                yield f'<path class="deadline" d="M{deadline} {y - 1}v{tall + 2}">{good}</path>'
            amount = in_major_units(bar.amount_minor, self._life.scenario.currency)
            yield _text(LEFT - 12, y + tall - (3 if tall > 12 else 0), f"{bar.number}.  {amount}", anchor="end")
            before = bar

    def _about(self, bar: Bar) -> str:
        currency = self._life.scenario.currency
        amount, taken = in_major_units(bar.amount_minor, currency), in_major_units(bar.captured_minor, currency)
        return (
            f"hold {bar.number} by {bar.came_from}: {amount} {currency} from {_wall(bar.begins)} to {_wall(bar.ends)}, "
            f"captured {taken}, {bar.end}"
        )

    def _marks(self) -> Iterator[str]:
        currency = self._life.scenario.currency
        for number, lane in enumerate(self._lanes):
            y = self._low + number * LANE + LANE / 2
            yield f'<path class="grid" d="M{LEFT} {y}H{WIDTH - RIGHT}"/>'
            yield _text(LEFT - 12, y + 4, lane.title, "faint", anchor="end")
            mine = [one for one in self._lines if one.what in lane.kinds]
            free = float(LEFT)  # up to where labels stand already
            for place, line in enumerate(mine):
                x = self.x(line.at)
                yield f"<g>{lane.mark(x, y)}{_tip(self._life, line)}</g>"
                label = lane.label(line, currency)
                follows = self.x(mine[place + 1].at) if place + 1 < len(mine) else WIDTH + 0.0
                wide = len(label) * LETTER
                if x >= free and x + 9 + wide < min(follows - 6, WIDTH - 4):
                    yield _text(x + 9, y - 5, label)
                    free = x + 9 + wide
                elif x - 9 - wide > free and place + 1 == len(mine):
                    yield _text(x - 9, y - 5, label, anchor="end")


def _amount(line: Line, currency: str) -> str:
    return in_major_units(line.amount_minor, currency) if line.amount_minor is not None else ""


def _words(line: Line, _: str) -> str:
    return line.text.removeprefix("problem ").removeprefix("told ").replace("_", " ")


def _reason(line: Line, _: str) -> str:
    return line.text.rpartition(": ")[2].replace("_", " ")


LANES: Sequence[Lane] = (
    Lane(
        "captured", frozenset({What.CAPTURED}), lambda x, y: f'<circle class="good" cx="{x}" cy="{y}" r="6"/>', _amount
    ),
    Lane(
        "refunded",
        frozenset({What.REFUNDED}),
        lambda x, y: f'<circle class="refund" cx="{x}" cy="{y}" r="5"/>',
        _amount,
    ),
    Lane(
        "order",
        frozenset({What.ERP}),
        lambda x, y: f'<rect class="hold" x="{x - 5}" y="{y - 5}" width="10" height="10" rx="1"/>',
        _words,
    ),
    Lane(
        "declined",
        frozenset({What.FAILED}),
        lambda x, y: f'<path class="bad" d="M{x - 5} {y - 5}l10 10m0 -10l-10 10"/>',
        _reason,
    ),
    Lane(
        "refused here",
        frozenset({What.REFUSED}),
        lambda x, y: f'<path class="bad" d="M{x - 6} {y}a6 6 0 1 1 12 0a6 6 0 1 1 -12 0m3 0h6"/>',
        _reason,
    ),
    Lane(
        "in doubt",
        frozenset({What.DOUBT}),
        lambda x, y: f'<circle class="lapsed" cx="{x}" cy="{y}" r="4"/>',
        _reason,
    ),
    Lane(
        "lapsed",
        frozenset({What.LAPSED}),
        lambda x, y: f'<path class="lapsed" d="M{x} {y - 6}l6 6l-6 6l-6 -6z"/>',
        _amount,
    ),
    Lane(
        "warnings",
        frozenset({What.PROBLEM}),
        lambda x, y: f'<path class="warn" d="M{x} {y - 6}l6 11h-12z"/>',
        _words,
    ),
    Lane(
        "mails",
        frozenset({What.TOLD}),
        lambda x, y: f'<path class="told" d="M{x - 6} {y - 4}h12v9h-12zl6 5l6 -5"/>',
        _words,
    ),
)


def _text(x: float, y: float, said: str, kind: str = "", anchor: str = "start") -> str:
    css = f' class="{kind}"' if kind else ""
    side = f' text-anchor="{anchor}"' if anchor != "start" else ""
    return f'<text x="{round(x, 1)}" y="{round(y, 1)}"{css}{side}>{escape(said)}</text>'


def _tip(life: Life, line: Line) -> str:
    why = f" ({line.why})" if line.why else ""
    return f"<title>{escape(f'day {life.day(line.at)}, {_wall(line.at)}: {line.text}{why}')}</title>"


def _wall(instant: datetime) -> str:
    return f"{instant.astimezone(BERLIN):%a %d.%m.%Y %H:%M}"
