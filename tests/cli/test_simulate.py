"""`holdfast simulate` as a person runs it: every shipped example, through the real thing, against what it expects."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.toml"))
WRONG = """
name = "Expects <another> end"
provider = "computop"
scheme = "mastercard"
amount = 5000
days = 3
[[events]]
at = "day 1 10:00"
do = "capture"
amount = 5000
[expect]
happens = ["day 1 10:00 capture 4000"]
captured = 4000
"""


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str


def simulate(*arguments: str | Path) -> Said:
    command = [sys.executable, "-m", "cli.main", "simulate", *map(str, arguments)]
    environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "200"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=500)
    return Said(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("simulate")


@pytest.fixture(scope="module")
def played(folder: Path) -> tuple[Said, dict[str, Any]]:
    """All examples and a file that expects something else, in one command."""
    (folder / "wrong.toml").write_text(WRONG)
    said = simulate(*EXAMPLES, folder / "wrong.toml", "--json", "--html", folder / "lives.html")
    lives = json.loads(said.out)
    assert len(lives) == len(EXAMPLES) + 1
    return said, dict(zip([*(one.stem for one in EXAMPLES), "wrong"], lives, strict=True))


@pytest.mark.rule("R9", "R16", "R17", "R22", "R25", "R26", "R27", "R38", "R44", "R49", "R60", "R61", "R72")
@pytest.mark.parametrize("name", [one.stem for one in EXAMPLES])
def test_an_example_comes_as_expected(played: tuple[Said, dict[str, Any]], name: str) -> None:
    life = played[1][name]
    assert life["differences"] == []
    assert life["as_expected"] is True


def test_another_end_is_told_and_ends_with_one(played: tuple[Said, dict[str, Any]]) -> None:
    said, lives = played
    assert said.code == 1
    assert lives["wrong"]["as_expected"] is False
    assert [one["field"] for one in lives["wrong"]["differences"]] == ["happens (- expected, + happened)", "captured"]
    assert lives["wrong"]["differences"][0]["lines"] == ["- day 1 10:00 capture 4000", "+ day 1 10:00 capture 5000"]
    assert "Traceback" not in said.err


def test_the_page_needs_nothing_else_and_escapes_names(played: tuple[Said, dict[str, Any]], folder: Path) -> None:
    text = (folder / "lives.html").read_text(encoding="utf-8")
    assert text.count("<svg") == len(EXAMPLES) + 1
    assert "Expects &lt;another&gt; end" in text
    assert "<another>" not in text
    assert "src=" not in text
    assert "@import" not in text
    assert "url(" not in text


def test_one_life_as_a_table_and_a_picture(folder: Path) -> None:
    """The table tells days and lines, the picture is XML, and a run leaves its database only where that is wished."""
    picture, kept = folder / "life.svg", folder / "kept"
    said = simulate(ROOT / "examples" / "hope-run.toml", "--svg", picture, "--folder", kept)
    assert said.code == 0, said.err
    assert "day  Berlin time" in said.out
    assert "renewal 6000 (hope run)" in said.out
    assert "It came as expected." in said.out
    assert "16 days in " in said.out
    assert ElementTree.parse(picture).getroot().tag == "{http://www.w3.org/2000/svg}svg"
    assert (kept / "holdfast.db").exists()
    again = simulate(ROOT / "examples" / "hope-run.toml", "--folder", kept)
    assert again.code == 1
    assert "is not empty: name a new one" in again.err


@pytest.mark.parametrize(
    ("files", "options", "code", "told"),
    [
        (["bad.toml"], [], 2, "bad.toml, line 2: amount: "),
        (["bad.toml", "none.toml"], [], 2, "none.toml cannot be read"),
        (["past.toml"], [], 1, "clocks only run ahead"),
        (["good.toml", "good.toml"], ["--svg", "x.svg"], 2, "--html"),
        ([], [], 2, "FILE..."),
    ],
)
def test_what_cannot_be_played_is_said(
    tmp_path: Path, files: Sequence[str], options: Sequence[str], code: int, told: str
) -> None:
    good = 'provider = "computop"\namount = 5\ndays = 1\n'
    (tmp_path / "good.toml").write_text(good)
    (tmp_path / "bad.toml").write_text('provider = "computop"\namount = 5.5\ndays = 1\n')
    (tmp_path / "past.toml").write_text(good + 'begin = "2020-01-01 12:00"\n')
    said = simulate(*(tmp_path / one for one in files), *options)
    assert said.code == code, said
    assert told in said.err
    assert "Traceback" not in said.err
