"""Which test stands behind which rule: `python -m tests.rules_report [--write]`.

Reads the rules in docs/rules.toml, collects (without running) the tests that `make test` runs, and prints one line
per rule. It fails on a claimed rule without a test, on a mark with an id that is no rule, and on a docs/rules.md that
is not what the marks say; `--write` writes that table instead of comparing it.
"""

import argparse
import contextlib
import io
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
RULES = ROOT / "docs" / "rules.toml"
TABLE = ROOT / "docs" / "rules.md"


class Status(StrEnum):
    """Whether a rule must have a test by now."""

    CLAIMED = "claimed"
    PLANNED = "planned"


@dataclass(frozen=True)
class Rule:
    """One row of docs/rules.toml."""

    id: str
    status: Status
    text: str


class MarkCollector:
    """A pytest plugin that notes which rules each collected test carries.

    A test that is switched off (skip without a condition) or expected to fail proves nothing and is not noted.
    """

    def __init__(self) -> None:
        self.rules_of: dict[str, frozenset[str]] = {}

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            if item.get_closest_marker("skip") or item.get_closest_marker("xfail"):
                continue
            self.rules_of[item.nodeid] = frozenset(
                str(rule_id) for mark in item.iter_markers("rule") for rule_id in mark.args
            )


@dataclass(frozen=True)
class Report:
    """The rules beside the tests that carry them, and what is wrong with that."""

    rules: tuple[Rule, ...]
    tests: Mapping[str, tuple[str, ...]]
    unknown: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def untested(self) -> tuple[Rule, ...]:
        """Claimed rules that no test carries."""
        return tuple(rule for rule in self.rules if rule.status is Status.CLAIMED and rule.id not in self.tests)

    def lines(self) -> Iterable[str]:
        """One line per rule: id, sentence, number of tests, their names."""
        for rule in self.rules:
            names = self.tests.get(rule.id, ())
            state = f"{len(names)} {'test' if len(names) == 1 else 'tests'}" if names else rule.status.value
            yield f"{rule.id:<4} {rule.text} [{state}] {', '.join(names)}".rstrip()

    def faults(self) -> Iterable[str]:
        """One sentence per thing that must be mended."""
        for rule in self.untested:
            yield f"{rule.id} is claimed, but no test that make test runs carries it."
        for rule_id, names in self.unknown.items():
            yield f"{rule_id} is no rule of docs/rules.toml, but stands on {', '.join(names)}."

    def table(self) -> str:
        """The text of docs/rules.md."""
        head = (
            "# Rules\n\nEach rule of the ERP process (P), of held authorizations (R) and of holds at Stripe"
            " (authorizations A, renewals SR,\ndeclines SD, idempotency SI) with the tests that would find it broken."
            " Written by `make rules WRITE=1` from `rules.toml`\nand the tests' marks; `make rules` fails if it is"
            " outdated.\n\n"
            "| Rule | What holds | Tests |\n|---|---|---|\n"
        )
        rows = []
        for rule in self.rules:
            functions = dict.fromkeys(name.partition("[")[0] for name in self.tests.get(rule.id, ()))
            names = "<br>".join(f"`{_escaped(name)}`" for name in functions)
            rows.append(f"| {rule.id} | {_escaped(rule.text)} | {names or rule.status.value} |\n")
        return head + "".join(rows)


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


def read_rules(path: Path = RULES) -> tuple[Rule, ...]:
    """The rules in the order of the file. Raises ValueError where an entry is not a status and a sentence."""
    rules = []
    for rule_id, entry in tomllib.loads(path.read_text(encoding="utf-8")).items():
        if set(entry) != {"status", "text"} or not str(entry["text"]).strip():
            raise ValueError(f"{path.name}: {rule_id} needs exactly a status and a text")
        rules.append(Rule(rule_id, Status(entry["status"]), entry["text"]))
    return tuple(rules)


def names_by_rule(rules_of: Mapping[str, frozenset[str]]) -> dict[str, tuple[str, ...]]:
    """For each rule the names of its tests, in their order.

    A parametrized test appears under its bare name if all its rows carry the rule, else row by row.
    """
    rows: defaultdict[str, list[str]] = defaultdict(list)
    for node in rules_of:
        rows[_bare(node)].append(node)
    names: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for node, rule_ids in rules_of.items():
        for rule_id in rule_ids:
            everywhere = all(rule_id in rules_of[row] for row in rows[_bare(node)])
            names[rule_id][_bare(node) if everywhere else node] = None
    return {rule_id: tuple(found) for rule_id, found in sorted(names.items())}


def _bare(node: str) -> str:
    return node.partition("[")[0]


def report(rules: tuple[Rule, ...], rules_of: Mapping[str, frozenset[str]]) -> Report:
    """Put rules and tests side by side."""
    names = names_by_rule(rules_of)
    known = {rule.id for rule in rules}
    return Report(
        rules=rules,
        tests={rule_id: found for rule_id, found in names.items() if rule_id in known},
        unknown={rule_id: found for rule_id, found in names.items() if rule_id not in known},
    )


def collect() -> dict[str, frozenset[str]]:
    """The tests that `make test` runs, with their rules.

    Raises RuntimeError with pytest's words if they do not load.
    """
    collector = MarkCollector()
    words = io.StringIO()
    with contextlib.redirect_stdout(words):
        status = pytest.main(
            [
                "--collect-only",
                "-q",
                "-m",
                "not long",
                "-p",
                "no:cacheprovider",
                f"--rootdir={ROOT}",
                str(ROOT / "tests"),
            ],
            plugins=[collector],
        )
    if status not in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}:
        raise RuntimeError(words.getvalue())
    return collector.rules_of


def main(arguments: list[str]) -> int:
    """Print the report; 0 if nothing must be mended."""
    parser = argparse.ArgumentParser(prog="python -m tests.rules_report")
    parser.add_argument("--write", action="store_true", help="write docs/rules.md instead of comparing it")
    options = parser.parse_args(arguments)
    try:
        found = report(read_rules(), collect())
    except RuntimeError as error:
        sys.stderr.write(f"The tests could not be collected:\n{error}\n")
        return 2
    faults = list(found.faults())
    table = found.table()
    if options.write:
        TABLE.write_text(table, encoding="utf-8")
    elif not TABLE.exists() or TABLE.read_text(encoding="utf-8") != table:
        faults.append("docs/rules.md is out of date: make rules WRITE=1 writes it.")
    sys.stdout.writelines(f"{line}\n" for line in found.lines())
    sys.stderr.writelines(f"rules: {fault}\n" for fault in faults)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
