"""What the commands of setting up print: JSON for programs, tables and notes for people."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Column, Table

from administration.refusals import Hint

console = Console()


def print_json(value: object) -> None:
    """For programs: instants in ISO format, whatever else JSON does not know as text."""
    print(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def plain_hints(hints: Sequence[Hint]) -> list[dict[str, str]]:
    """Hints as `show` takes them."""
    return [{"code": one.code, "sentence": one.sentence} for one in hints]


def show(as_json: bool, value: Mapping[str, Any]) -> None:
    """One thing, field by field, its hints last."""
    if as_json:
        print_json(value)
        return
    shown = Table("field", Column("value", overflow="fold"), show_header=False)
    for name, one in value.items():
        if name != "hints":
            shown.add_row(name, _cell(one))
    console.print(shown)
    for hint in value.get("hints", ()):
        console.print(f"note: {hint['sentence']}", style="yellow", markup=False, highlight=False, soft_wrap=True)


def show_all(as_json: bool, values: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Several things, a row each; JSON holds every field, the table these columns."""
    if as_json:
        print_json(values)
        return
    shown = Table(*(Column(name, overflow="fold") for name in columns))
    for one in values:
        shown.add_row(*(_cell(one[name]) for name in columns))
    console.print(shown)


def _cell(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case None | "":
            return "-"
        case [*parts]:
            return "\n".join(" ".join(map(str, one.values())) if isinstance(one, dict) else str(one) for one in parts)
        case _:
            return str(value)
