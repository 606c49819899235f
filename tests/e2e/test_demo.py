"""The whole demo, once, and its judge."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from cli.demo import Cast, Verdict
from cli.demo_holds import HOLD_STORIES, HoldVerdict
from cli.demo_stories import STORIES
from cli.show import Judged, table
from tests.e2e.commands import Command, first_of_free_ports


def test_the_demo_ends_as_the_rules_say(tmp_path_factory: pytest.TempPathFactory) -> None:
    """`holdfast demo` prints a row for each order and ends with 0; no process is left."""
    demo = Command.start(tmp_path_factory.mktemp("demo") / "var", first_of_free_ports(), "demo")
    try:
        assert demo.end() == 0, demo.said()
    finally:
        demo.kill()
    said = demo.said()
    rows = [line.split() for line in said.splitlines() if line.strip()[:6].isdigit()]
    assert [row[-1] for row in rows] == ["yes"] * len(STORIES)
    for story in STORIES:
        assert any(story.title in line and line.rstrip().endswith("yes") for line in said.splitlines()), story.title
    for story in HOLD_STORIES:
        assert any(story.title in line and line.rstrip().endswith("yes") for line in said.splitlines()), story.title
        assert f"{story.purchase.case} authorization" in said
    assert f"All {len(STORIES)} orders and {len(HOLD_STORIES)} holds ended as the rules say." in said
    assert "Traceback" not in said


def shown(verdicts: Sequence[Verdict], holds: Sequence[HoldVerdict] = ()) -> tuple[int, str]:
    console = Console(width=200, record=True, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    return table(console, Judged(verdicts, holds)), console.export_text()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"captured": (9990, 9990)}, "captured: (9990, 9990), expected (9990,)"),
        ({"booked": ()}, "booked: (), expected (9990,)"),
        ({"mails": (2017,)}, "mails: (2017,), expected ()"),
        ({"locked": True}, "locked: True, expected False"),
        ({"status": "shipping"}, "status: shipping, expected settled"),
        ({"released": False}, "released: False, expected True"),
    ],
)
def test_one_wrong_end_is_enough(changes: dict[str, Any], told: str) -> None:
    """An end that differs in anything from the rules is told, and the demo ends with 1."""
    casts = [Cast(one, str(100001 + number), "") for number, one in enumerate(STORIES)]
    verdicts = [Verdict(one, one.story.end) for one in casts]
    assert shown(verdicts)[0] == 0
    verdicts[0] = Verdict(casts[0], replace(casts[0].story.end, **changes))
    code, text = shown(verdicts)
    assert code == 1
    assert f"100001 {STORIES[0].title}: {told}" in text


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"renewed": 2}, "renewed: 2, expected 1"),
        ({"captured": (4000,)}, "captured: (4000,), expected (4000, 6000)"),
        ({"given_back": ()}, "given_back: (), expected (2500,)"),
        ({"status": "lapsed"}, "status: lapsed, expected captured"),
    ],
)
def test_one_wrong_hold_is_enough(changes: dict[str, Any], told: str) -> None:
    """A hold that ended otherwise is told, and the demo ends with 1."""
    verdicts = [HoldVerdict(one, one.finish) for one in HOLD_STORIES]
    assert shown([], verdicts)[0] == 0
    verdicts[0] = HoldVerdict(HOLD_STORIES[0], replace(HOLD_STORIES[0].finish, **changes))
    code, text = shown([], verdicts)
    assert code == 1
    assert f"H-stripe {HOLD_STORIES[0].title}: {told}" in text


def test_no_order_at_all_is_no_success() -> None:
    """Nothing played proves nothing."""
    assert shown([])[0] == 1
