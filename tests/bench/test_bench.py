"""The bench: it measures a tiny run from start to end, and tells ratios only."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from bench import __main__ as command
from bench.measuring import Measured
from bench.reporting import Plan, Report, report
from bench.runs import BenchFailed
from cli.processes import ROOT

TINY = ("--orders", "3", "--rounds", "1", "--connections", "1", "--bare", "4", "--minimal", "6", "--json")


def a_report() -> Report:
    """Ten orders in twenty seconds, a hundred bare workflows in ten, two hundred minimal ones in five."""
    found = {
        "whole": Measured(10, 20.0, {"worker": 6.0, "temporal": 4.0, "pixi": 10.0, "yardsticks": 99.0}),
        "bare": Measured(100, 10.0, {"yardsticks": 20.0, "temporal": 20.0, "worker": 1.0}),
        "minimal": Measured(200, 5.0, {"yardsticks": 4.0, "temporal": 20.0}),
    }
    counts = {"events": 380, "soap_calls": 250, "provider_calls": 20, "bare_events": 29, "minimal_events": 5}
    return report(Plan(orders=10, rounds=1), found, counts)


def test_the_figures_are_ratios_within_the_run() -> None:
    """Throughput, processor time, events and calls are set against the yardsticks of the same run."""
    found = a_report()
    throughput = (found.throughput_to_bare, found.throughput_to_minimal, found.bare_to_minimal)
    assert throughput == pytest.approx((0.05, 0.0125, 0.25))
    cpu = (found.worker_cpu_to_bare, found.server_cpu_to_bare, found.server_cpu_to_minimal)
    assert cpu == pytest.approx((3.0, 2.0, 4.0))
    assert (found.events_per_order, found.soap_calls_per_order, found.provider_calls_per_order) == (38.0, 25.0, 2.0)


def test_the_shares_leave_the_yardsticks_out() -> None:
    """The whole path's processor time is told by process, and adds up to everything."""
    assert a_report().cpu_shares == pytest.approx({"worker": 0.3, "temporal": 0.2, "pixi": 0.5})


def test_a_run_below_the_clocks_tick_is_no_failure() -> None:
    """Where a tiny run spent no measurable processor time, the ratio is nothing instead of an error."""
    found = {name: Measured(1, 1.0) for name in ("whole", "bare", "minimal")}
    counts = dict.fromkeys(("events", "soap_calls", "provider_calls", "bare_events", "minimal_events"), 1.0)
    assert report(Plan(), found, counts).worker_cpu_to_bare == 0.0


def test_no_bare_time_is_told() -> None:
    """Neither text nor JSON names seconds, milliseconds or a rate of this machine."""
    found = a_report()
    for text in (found.as_text(), found.as_json()):
        assert not re.search(r"\d\s*(?:s|ms|seconds?)\b|/s\b|per second", text)


def test_the_text_says_how_much_was_measured() -> None:
    """Whoever reads the figures sees how many orders, rounds and connections they come from."""
    text = replace(a_report(), plan=Plan(orders=7, rounds=3, connections=2)).as_text()
    assert text.startswith("3 rounds of 7 orders on 2 ERP connections")


@pytest.mark.parametrize("arguments", [["--orders", "0"], ["--rounds", "many"], ["--bare", "1000000"]])
def test_an_impossible_size_is_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is started for a size that is no number or beyond the bounds."""
    with pytest.raises(SystemExit) as ended:
        command.main(arguments)
    assert ended.value.code == 2
    assert arguments[0] in capsys.readouterr().err


def test_a_failure_is_one_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a measurement the bench says why and ends with an error."""

    def fails(plan: Plan) -> Report:
        raise BenchFailed("only 3 of 4 orders got there")

    monkeypatch.setattr(command, "run", fails)
    assert command.main([]) == 1
    assert capsys.readouterr().err == "No measurement: only 3 of 4 orders got there\n"


@pytest.fixture(scope="module")
def measured() -> dict[str, Any]:
    """What `python -m bench` prints for a tiny run."""
    done = subprocess.run(
        [sys.executable, "-m", "bench", *TINY], cwd=ROOT, capture_output=True, text=True, check=False, timeout=280
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_tiny_run_measures_everything(measured: dict[str, Any]) -> None:
    """Every figure of a real run is there, and none of the ratios is nothing or less."""
    assert set(measured) == set(Report.__dataclass_fields__)
    assert measured["plan"]["orders"] == 3
    ratios = ("throughput_to_bare", "throughput_to_minimal", "bare_to_minimal")
    assert all(measured[name] > 0 for name in ratios)
    assert set(measured["cpu_shares"]) == {"temporal", "pixi", "unzer", "mailbox", "worker"}


def test_a_tiny_run_counts_what_an_order_costs(measured: dict[str, Any]) -> None:
    """An order's events, its two calls of the provider and every SOAP call are counted."""
    assert measured["events_per_order"] >= 30
    assert measured["provider_calls_per_order"] >= 2
    assert measured["soap_calls_per_order"] >= 10
    assert (measured["events_per_bare"], measured["events_per_minimal"]) == (31, 5)
