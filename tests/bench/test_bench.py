"""The bench: it measures a tiny run from start to end, and tells ratios only."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from bench import __main__ as command
from bench.holds import Cost, Holds, Late, Night, Timetable, busiest, late_of
from bench.holds import main as holds_command
from bench.idle import Idle
from bench.measuring import Measured
from bench.reporting import OpenOrders, Plan, Report, report
from bench.runs import BenchFailed
from cli.processes import ROOT

TINY = ("--orders", "3", "--rounds", "1", "--connections", "1", "--bare", "4", "--minimal", "6")
CROWD = ("--few", "3", "--many", "24", "--pairs", "1", "--asleep", "10", "--json")
OPEN = OpenOrders("50", "5000", few_calls=9.0, many_calls=9.0, delay_ratio=1.25, pairs=6, equal=True)
IDLE = Idle(
    orders=500,
    cached_at_most=2000,
    server_before=100_000_000,
    server_after=150_000_000,
    worker_before=80_000_000,
    worker_after=130_000_000,
    worker_restarted=90_000_000,
    history_of_first=20_000,
    history_of_copy=4_000,
    server_file=30_000,
    own_file=12_000,
    wakes=60,
    evicted_time_ratio=1.5,
    evicted_worker_cpu_ratio=1.75,
    evicted_server_cpu_ratio=1.25,
    restart_to_first_answer=99.5,
    restart_with_many=1.125,
)

NIGHT = Night(
    holds=1000,
    renewed=1000,
    late=Late(0.01, 0.02, 0.05),
    bare_late=Late(0.005, 0.01, 0.02),
    busiest=1.25,
    rate_kept=0.75,
    calls=4.0,
    asked=0.002,
    worker_before=80_000_000,
    worker_open=90_000_000,
    worker_after=95_000_000,
    worker_cpu=3.0,
    server_cpu=1.5,
)
HOLDS = Holds(Cost(24, 6000, 5), Cost(24, 4000, 5), Cost(640, 260_000, 140), Cost(615, 95_000, 130), 3, NIGHT)


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
    found = replace(a_report(), open=OPEN)
    for text in (found.as_text(), found.as_json(), IDLE.as_text(), IDLE.as_json(), HOLDS.as_text(), HOLDS.as_json()):
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


def test_polls_that_cost_more_with_more_open_orders_are_a_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The table says so and the command ends with an error; equal calls are none."""
    worse = replace(OPEN, many_calls=12.0, equal=False)
    for measured, code, said in ((OPEN, 0, "9.0  equal"), (worse, 1, "12.0  NOT EQUAL")):
        monkeypatch.setattr(command, "run", lambda plan, tell, measured=measured: replace(a_report(), open=measured))
        assert command.main([]) == code
        assert said in capsys.readouterr().out


def test_bytes_per_order_follow_from_what_stood_there_before() -> None:
    """Memory is told before, after, and per order."""
    lines = [line.split() for line in IDLE.as_text().splitlines()]
    assert ["memory", "of", "Temporal", "100,000,000", "150,000,000", "100,000"] in lines
    assert ["memory", "of", "worker", "80,000,000", "130,000,000", "100,000"] in lines


def test_a_failure_is_one_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a measurement the bench says why and ends with an error."""

    def fails(plan: Plan, tell: object) -> Report:
        raise BenchFailed("only 3 of 4 orders got there")

    monkeypatch.setattr(command, "run", fails)
    assert command.main([]) == 1
    assert capsys.readouterr().err == "No measurement: only 3 of 4 orders got there\n"


@pytest.fixture(scope="module")
def measured() -> dict[str, Any]:
    """What `python -m bench` prints for a tiny run."""
    done = subprocess.run(
        [sys.executable, "-m", "bench", *TINY, *CROWD],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
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


def test_a_tiny_crowd_costs_no_more_per_poll(measured: dict[str, Any]) -> None:
    """Polls cost the same with three open orders and with twenty-four, and orders of both are served."""
    found = measured["open"]
    assert (found["few"], found["many"]) == (
        "3 (3 released, 0 held and left alone, 3 workflows asleep)",
        "24 (22 released, 2 held and left alone, 11 workflows asleep)",
    )
    assert found["few_calls"] == found["many_calls"] >= 1 + 2 * 4  # the changes, and two lists for each code
    assert (found["equal"], found["pairs"]) == (True, 1)
    assert found["delay_ratio"] > 0


def test_a_few_idle_orders_are_measured() -> None:
    """Every figure of a real run is there."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.idle", "6", "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert set(found) == set(Idle.__dataclass_fields__)
    assert (found["orders"], found["wakes"]) == (6, 5)
    assert 1_000 < found["history_of_copy"] < found["history_of_first"] < 100_000
    assert found["evicted_time_ratio"] > 0
    assert found["restart_to_first_answer"] > 1


def test_holds_are_told_beside_bare_workflows() -> None:
    """Each figure of a renewal, a life and a night has its ratio."""
    lines = [line.split() for line in HOLDS.as_text().splitlines()]
    assert ["bytes", "6,000.0", "4,000.0", "1.50"] in lines
    assert ["events", "640", "615", "1.04"] in lines
    assert [*["late,", "median", "(share", "of", "the", "night)"], "1.0%", "0.5%", "2.00"] in lines
    assert [*["turns", "in", "the", "fullest", "tenth,", "even", "=", "1"], "1.25"] in lines


def test_a_night_ends_with_the_hope_run() -> None:
    """However many holds there are, there is time to take them over before, and the spread is over the used part."""
    few, many = Timetable.of(2, 0.1), Timetable.of(1000, 0.1)
    assert (few.night, many.night) == (timedelta(seconds=12), timedelta(minutes=10))
    assert few.nightly_from() == time(4, 14, 44)
    assert many.clock_at_start() < many.nightly_from() < time(4, 15)
    with pytest.raises(BenchFailed, match="do not fit into one night"):
        Timetable.of(10_000, 1.0)


def test_lateness_is_a_share_of_the_night() -> None:
    """Median, 95 of a hundred and the last; who is early is not late."""
    found = late_of([-1.0, *(float(number) for number in range(1, 101))], timedelta(seconds=100))
    assert (found.median, found.most, found.last) == (0.5, 0.95, 1.0)


def test_the_busiest_second_is_found_wherever_it_begins() -> None:
    """Spans may begin at any instant."""
    begins = datetime(2030, 1, 1, tzinfo=UTC)
    instants = [begins + timedelta(seconds=one) for one in (0, 0.8, 0.9, 1.1, 1.7, 1.8, 5)]
    assert busiest(instants, timedelta(seconds=1)) == 4  # from 0.8 to 1.7


@pytest.mark.parametrize("arguments", [["0"], ["1"], ["many"], ["1000000"]])
def test_an_impossible_number_of_holds_is_refused(arguments: list[str]) -> None:
    """Nothing is started."""
    with pytest.raises(SystemExit) as ended:
        holds_command(arguments)
    assert ended.value.code == 2


@pytest.mark.long
def test_a_tiny_night_is_measured() -> None:
    """A few holds on real parts: all renewed, at the provider's rate, and every figure of a real run is there."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.holds", "4", "--each", "1", "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert set(found) == set(Holds.__dataclass_fields__)
    night = found["night"]
    assert (night["holds"], night["renewed"], found["runs"]) == (4, 4, 3)
    assert night["calls"] >= 3
    assert (found["renewal"]["events"] >= 24, found["bare_renewal"]["events"]) == (True, 24)
    assert found["bare_life"]["events"] < found["life"]["events"] < 700
    assert night["rate_kept"] > 0
    assert night["late"]["median"] > 0
