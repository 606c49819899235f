"""Lives as one HTML page that needs nothing else: pictures, timelines, and whether all came as expected."""

from collections.abc import Iterator, Sequence
from html import escape

from domain.money import in_major_units
from domain.windows import BERLIN
from simulation.lives.expecting import differences
from simulation.lives.picture import STYLE, picture
from simulation.lives.timeline import Life, timeline

SHORT = 30  # timelines up to so many lines are shown at once

PAGE = """
:root { color-scheme: light dark; --paper: #ffffff; --ink: #1d2733; --faint: #64748b; --line: #dbe2ea;
  --good: #1e8e4e; --bad: #c8322b; }
@media (prefers-color-scheme: dark) { :root { --paper: #151b23; --ink: #e4eaf1; --faint: #94a3b8; --line: #2c3642;
  --good: #4cc27f; --bad: #f2726b; } }
body { margin: 0 auto; max-width: 1160px; padding: 24px 20px 60px; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", "DejaVu Sans", Arial, sans-serif; }
h1 { font-size: 24px; } h2 { font-size: 19px; margin: 48px 0 4px; } p { margin: 4px 0; }
.faint { color: var(--faint); } .good { color: var(--good); } .bad { color: var(--bad); }
.frame { overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; margin: 12px 0; }
svg { display: block; max-width: 100%; height: auto; min-width: 760px; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th { text-align: left; font-weight: 600; } td, th { padding: 3px 14px 3px 0; border-bottom: 1px solid var(--line);
  vertical-align: top; } .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.when { white-space: nowrap; font-variant-numeric: tabular-nums; }
tr.failed td, tr.refused td { color: var(--bad); } tr.captured td { color: var(--good); }
summary { cursor: pointer; margin: 8px 0; } pre { white-space: pre-wrap; }
"""


def page(lives: Sequence[Life]) -> str:
    """The page of these lives, in their order."""
    title = lives[0].scenario.name if len(lives) == 1 else f"{len(lives)} lives of card holds"
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
        f"<title>{escape(title)}</title><style>{PAGE}{STYLE}</style></head><body>",
        f"<h1>{escape(title)}</h1>",
    ]
    if len(lives) > 1:
        parts += ["<ul>", *(_entry(number, one) for number, one in enumerate(lives, 1)), "</ul>"]
    for number, life in enumerate(lives, 1):
        parts += _life(number, life, alone=len(lives) == 1)
    return "\n".join([*parts, "</body></html>"]) + "\n"


def _entry(number: int, life: Life) -> str:
    return f'<li><a href="#life-{number}">{escape(life.scenario.name)}</a> {_verdict(life)}</li>'


def _verdict(life: Life) -> str:
    if not life.scenario.expected.anything:
        return ""
    if differences(life):
        return '<span class="bad">came otherwise than expected</span>'
    return '<span class="good">came as expected</span>'


def _life(number: int, life: Life, *, alone: bool) -> Iterator[str]:
    scenario, state = life.scenario, life.state
    yield f'<section id="life-{number}">'
    if not alone:
        yield f"<h2>{escape(scenario.name)}</h2>"
    if scenario.about:
        yield f"<p>{escape(scenario.about)}</p>"
    captured, refunded = (
        in_major_units(one, scenario.currency) for one in (state.captured_minor, state.refunded_minor)
    )
    stop = f", renewal stopped by {state.stopped.reason.value}" if state.stopped else ""
    ended = (
        f"Ended {life.status}{stop}; {len(state.holds)} holds, captured {captured} {scenario.currency}, "
        f"refunded {refunded} {scenario.currency}."
    )
    yield f"<p>{escape(ended)} {_verdict(life)}</p>"
    yield f'<div class="frame">{picture(life, style=False)}</div>'
    for one in differences(life):
        yield f'<pre class="bad">{escape(str(one))}</pre>'
    lines = timeline(life)
    yield f"<details{' open' if len(lines) <= SHORT else ''}><summary>Everything that happened</summary><table>"
    yield "<tr><th>day</th><th>Berlin time</th><th>hold</th><th>what</th><th>more</th></tr>"
    for line in lines:
        when = f"{line.at.astimezone(BERLIN):%a %d.%m.%Y %H:%M}"
        yield (
            f'<tr class="{line.what.value}"><td class="number">{life.day(line.at)}</td><td class="when">{when}</td>'
            f'<td class="number">{line.hold or ""}</td><td>{escape(line.text)}</td><td>{escape(line.why)}</td></tr>'
        )
    yield "</table></details>"
    speed = f"{scenario.days} days, played in {life.seconds:.1f} s."
    yield f'<p class="faint">{escape(speed)}</p></section>'
