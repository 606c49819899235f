"""How lives are shown: lines, picture, page, plain values, and differences from what was expected."""

import json
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest

from domain.tenant_config import Pacing
from simulation.lives.expecting import differences
from simulation.lives.page import page
from simulation.lives.picture import picture
from simulation.lives.pure import play_pure
from simulation.lives.reading import parse_scenario
from simulation.lives.telling import told
from simulation.lives.timeline import Life, bars, timeline

SVG = "{http://www.w3.org/2000/svg}"
NOW = datetime(2030, 1, 15, 9, tzinfo=UTC)
LIFE = """
name = "<b>Bold</b> & \\"quoted\\""
about = "<script>alert(1)</script>"
provider = "computop"
scheme = "visa"
amount = 10000
days = 40
[terms]
renew_after_days = 6
hope_run = true
[[events]]
at = "day 3 10:00"
do = "capture"
amount = 4000
[[events]]
at = "day 3 11:00"
do = "capture"
amount = 1000
[[events]]
at = "day 5 10:00"
do = "refund"
amount = 1500
[[provider_does]]
from = "day 12"
what = "decline"
code = "0351"
"""


def play(further: str = "") -> Life:
    return play_pure(parse_scenario(LIFE + further, "life.toml"), Pacing(), NOW)


def test_the_lines_of_a_life() -> None:
    life = play()
    lines = timeline(life)
    assert [one.at for one in lines] == sorted(one.at for one in lines)
    shown = [life.short(one) for one in lines if not one.text.startswith(("told", "problem"))]
    assert shown == [
        "day 0 paid 10000",
        "day 3 capture 4000",
        "day 3 refused capture 1000: not_held_yet",
        "day 4 split 6000",
        "day 5 refund 1500",
        "day 10 void 6000",
        "day 10 renewal 6000",
        "day 16 void 6000",
        "day 16 renewal 6000 declined: insufficient_funds",
        "day 16 stopped failed_renewal",
    ]
    assert "day 3 10:00 capture 4000" in [life.long(one) for one in lines]


def test_the_chain_of_holds() -> None:
    chain = [(one.number, one.amount_minor, one.came_from, one.end) for one in bars(play())]
    assert chain == [(1, 10_000, "payment", "captured"), (2, 6_000, "split", "voided"), (3, 6_000, "renewal", "voided")]


def test_the_picture_has_a_bar_for_each_hold_and_marks_for_what_happened() -> None:
    root = ElementTree.fromstring(picture(play()))
    bodies = [one for one in root.iter(f"{SVG}rect") if one.find(f"{SVG}title") is not None]
    assert [one.get("class") for one in bodies if one.get("class") != "over"] == ["hold", "split", "hold"]
    texts = ["".join(one.itertext()) for one in root.iter(f"{SVG}text")]
    for said in ("1.  100.00", "2.  60.00", "captured", "40.00", "refunded", "15.00", "declined", "day 0"):
        assert said in texts, said
    assert "stopped failed renewal" in texts
    classes = [one.get("class") for one in root.iter() if one.get("class")]
    assert {"good", "refund", "bad", "warn", "stop", "deadline"} <= set(classes)
    assert '<b>Bold</b> & "quoted"' in texts


def test_every_mark_stands_inside_of_the_picture() -> None:
    root = ElementTree.fromstring(picture(play()))
    width, height = (float(one) for one in root.get("viewBox", "").split()[2:])
    for one in root.iter(f"{SVG}rect"):
        if one.get("width") == "100%":
            continue
        x, y, wide = (float(one.get(name, "0")) for name in ("x", "y", "width"))
        assert 0 <= x <= x + wide <= width
        assert 0 <= y <= height


def test_a_page_escapes_what_it_is_given() -> None:
    text = page([play(), play()])
    assert "<script>" not in text
    assert "<b>Bold" not in text
    assert text.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 2
    assert text.count("<svg") == 2
    assert text.count("<style>") == 1


def test_plain_values_are_json_in_minor_units() -> None:
    values = json.loads(json.dumps(told(play())))
    assert (values["captured"], values["refunded"], values["stop"]) == (4_000, 1_500, "failed_renewal")
    assert [one["amount"] for one in values["holds"]] == [10_000, 6_000, 6_000]
    assert values["as_expected"] is None
    assert values["played"] == "pure"


@pytest.mark.parametrize(
    ("expected", "field", "lines"),
    [
        ("status = 'held'", "status", ["expected held", "happened unsecured"]),
        ("stop = ''", "stop", ["expected none", "happened failed_renewal"]),
        ("captured = 1", "captured", ["expected 1", "happened 4000"]),
        ("refunded = 0", "refunded", ["expected none", "happened 1500"]),
        ("holds = 2", "holds", ["expected 2", "happened 3"]),
        ("renewals = [10, 16]", "renewals", ["expected 10, 16", "happened 10"]),
        ("splits = []", "splits", ["expected none", "happened 4"]),
        ("problems = ['unsecured']", "problems", ["expected unsecured", "happened hold_outside_guarantee, unsecured"]),
        ("told = []", "told (- expected, + happened)", ["+ day 16 told extension_failed"]),
    ],
)
def test_each_expectation_is_compared(expected: str, field: str, lines: list[str]) -> None:
    (found,) = differences(play(f"[expect]\n{expected}"))
    assert found.field == field
    assert list(found.lines) == lines
