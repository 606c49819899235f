"""The command `holdfast check`: what is right, wrong or unknown about a merchant's setup, and what to do."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cli.setup.options import Json, Of, Who
from cli.setup.printing import print_json
from cli.setup.process import services_of_process
from domain.setup_check import CheckPoint, Verdict
from domain.setup_check_wording import point_text
from domain.tenant_config import Language

FAILED = 1
_COLOURS = {Verdict.PASS: "green", Verdict.WARN: "yellow", Verdict.FAIL: "red", Verdict.ASK: "cyan"}
_WORDS = {
    Language.GERMAN: {
        Verdict.PASS: "gut",
        Verdict.WARN: "Warnung",
        Verdict.FAIL: "Fehler",
        Verdict.ASK: "bitte prüfen",
    },
    Language.ENGLISH: {Verdict.PASS: "pass", Verdict.WARN: "warn", Verdict.FAIL: "fail", Verdict.ASK: "ask a person"},
}


def check(
    tenant: Of,
    by: Who = "cli",
    language: Annotated[Language, typer.Option("--lang", help="Language of the sentences.")] = Language.ENGLISH,
    register: Annotated[
        bool, typer.Option(help="Register our callback address at the provider where it is missing.")
    ] = True,
    as_json: Json = False,
) -> None:
    """Check a tenant's setup. Ends with 1 when a point failed, with 0 otherwise.

    Asks the ERP and the provider; only the callback address is ever added, addresses of others are left alone.
    """
    with services_of_process(as_json) as services:
        report = services.checks.run(tenant, by=by, register=register)
    if as_json:
        print_json({"verdict": report.verdict.value, "points": [_plain(one) for one in report.points]})
    else:
        _print(report.points, language)
    if report.verdict is Verdict.FAIL:
        raise typer.Exit(FAILED)


def _plain(point: CheckPoint) -> dict[str, object]:
    sentences = {one.value: point_text(point, one).found for one in Language}
    return {
        "code": point.code,
        "verdict": point.verdict.value,
        "subject": point.subject,
        "facts": dict(point.params),
        **sentences,
    }


def _print(points: tuple[CheckPoint, ...], language: Language) -> None:
    shown = Table(box=None, padding=(0, 1), show_header=False)
    shown.add_column(no_wrap=True)
    shown.add_column(overflow="fold")
    shown.add_column(overflow="fold")
    for point in points:
        words = point_text(point, language)
        colour = _COLOURS[point.verdict]
        about = f"{words.title}\n[dim]{point.subject}[/]" if point.subject else words.title
        shown.add_row(f"[{colour}]{_WORDS[language][point.verdict]}[/]", about, words.found)
    Console().print(shown)
