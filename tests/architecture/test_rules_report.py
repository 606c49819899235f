"""The rules report: it must notice a claimed rule without a test, and a mark that names no rule."""

import re
from pathlib import Path

import pytest

from tests import rules_report
from tests.rules_report import MarkCollector, Rule, Status, names_by_rule, read_rules, report

CLAIMED = Rule("P1", Status.CLAIMED, "Every action leaves a comment.")
PLANNED = Rule("P2", Status.PLANNED, "Every error sends a mail.")


@pytest.fixture
def collected(pytester: pytest.Pytester) -> MarkCollector:
    """Marks found by a real collection of a small test file."""
    pytester.makepyfile(
        test_sample="""
        import pytest

        @pytest.mark.rule("P1", "P9")
        def test_both(): ...

        @pytest.mark.parametrize("row", [
            pytest.param(1, marks=pytest.mark.rule("P2"), id="first"),
            pytest.param(2, marks=pytest.mark.rule("P3"), id="second"),
        ])
        @pytest.mark.rule("P4")
        def test_rows(row): ...

        @pytest.mark.rule("P5")
        @pytest.mark.skip(reason="off")
        def test_off(): ...

        @pytest.mark.rule("P5")
        @pytest.mark.xfail
        def test_not_yet(): ...

        def test_without(): ...
        """
    )
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = session\n")
    collector = MarkCollector()
    pytester.inline_run("--collect-only", "-p", "no:cacheprovider", plugins=[collector])
    return collector


def test_marks_are_collected_by_test_and_by_row(collected: MarkCollector) -> None:
    """A mark on the function names the function, a mark on a row names the row; a test that is off does not count."""
    assert names_by_rule(collected.rules_of) == {
        "P1": ("test_sample.py::test_both",),
        "P2": ("test_sample.py::test_rows[first]",),
        "P3": ("test_sample.py::test_rows[second]",),
        "P4": ("test_sample.py::test_rows",),
        "P9": ("test_sample.py::test_both",),
    }


def test_a_claimed_rule_without_a_test_is_a_fault() -> None:
    """The one fault is the claimed rule; a planned one may wait."""
    found = report((CLAIMED, PLANNED), {})
    assert [rule.id for rule in found.untested] == ["P1"]
    assert list(found.faults()) == ["P1 is claimed, but no test that make test runs carries it."]


def test_a_mark_that_names_no_rule_is_a_fault() -> None:
    """A misspelt id is found, with the test that carries it."""
    found = report((CLAIMED,), {"test_a.py::test_a": frozenset({"P1", "P111"})})
    assert list(found.faults()) == ["P111 is no rule of docs/rules.toml, but stands on test_a.py::test_a."]


def test_a_planned_rule_with_a_test_is_no_fault() -> None:
    """Tests may come before the claim."""
    found = report((PLANNED,), {"test_a.py::test_a": frozenset({"P2"})})
    assert not list(found.faults())
    assert list(found.lines()) == ["P2   Every error sends a mail. [1 test] test_a.py::test_a"]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of one claimed rule whose only test is given, with an empty table."""
    rules = tmp_path / "rules.toml"
    rules.write_text('[P1]\nstatus = "claimed"\ntext = "Every action leaves a comment."\n', encoding="utf-8")
    monkeypatch.setattr(rules_report, "TABLE", tmp_path / "rules.md")
    monkeypatch.setattr(rules_report, "collect", lambda: {"test_a.py::test_a": frozenset({"P1"})})
    monkeypatch.setattr(rules_report, "read_rules", lambda: read_rules(rules))
    return tmp_path


def test_the_table_is_compared_and_written(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A table that is not what the marks say fails until it is written anew."""
    assert rules_report.main([]) == 1
    assert "out of date" in capsys.readouterr().err
    assert rules_report.main(["--write"]) == 0
    assert rules_report.main([]) == 0
    table = project / "rules.md"
    assert "| P1 | Every action leaves a comment. | `test_a.py::test_a` |" in table.read_text(encoding="utf-8")
    table.write_text("something else", encoding="utf-8")
    assert rules_report.main([]) == 1


def test_tests_that_do_not_load_fail(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A test file with an error must not look like a project without tests."""

    def broken() -> dict[str, frozenset[str]]:
        raise RuntimeError("ImportError in test_a.py")

    monkeypatch.setattr(rules_report, "collect", broken)
    assert rules_report.main([]) == 2
    assert "ImportError in test_a.py" in capsys.readouterr().err


@pytest.mark.parametrize(
    "entry", ['status = "claimed"', 'status = "claimed"\ntext = " "', 'status = "perhaps"\ntext = "Something."']
)
def test_an_entry_that_is_no_rule_is_refused(tmp_path: Path, entry: str) -> None:
    """A rule is a known status and a sentence."""
    path = tmp_path / "rules.toml"
    path.write_text(f"[P1]\n{entry}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"P1|perhaps"):
        read_rules(path)


def test_the_rules_of_the_project_are_complete() -> None:
    """Every rule that the main job answers for is claimed, and ids stand in their order."""
    rules = {rule.id: rule for rule in read_rules()}
    numbers = [1, 2, *range(4, 23), *range(25, 36), 38, 39, 40, 84]
    assert [number for number in numbers if rules[f"P{number}"].status is not Status.CLAIMED] == []
    families = ["P", "R", "A", "SR", "SD", "SI", "SX"]
    ids = [re.fullmatch(r"([A-Z]+)(\d+)", rule_id) for rule_id in rules]
    order = [(families.index(found[1]), int(found[2])) for found in ids if found is not None]
    assert len(order) == len(rules)
    assert order == sorted(order)
    assert {kind for kind, _ in order} == set(range(len(families)))
