"""Captures and what they leave: splits over night and within minutes, one a day, five minutes, the blackout."""

from datetime import timedelta

import pytest

from domain.authorization.declines import Decline
from domain.authorization.facts import ActionKind, HoldStanding, StopReason
from domain.authorization.state import HoldEnd
from domain.authorization.terms import DayZone, Guard, Preset
from domain.operations import Kind
from domain.outcomes import Outcome
from tests.authorizations.playing import Begin
from tests.domain.authorization.life import FakeProvider, at
from tests.domain.authorization.life import clock as clock_of

OFF = {"guard": Guard.OFF}
REALTIME = {"guard": Guard.OFF, "realtime": True}


@pytest.mark.rule("R3")
@pytest.mark.rule("R22")
@pytest.mark.rule("R23")
def test_the_remainder_is_authorized_over_night(begin: Begin) -> None:
    life = begin(**OFF)
    life.until(at(6, 3, "15:00"))
    assert life.capture(4_000).outcome is Outcome.SUCCEEDED
    life.take()
    assert life.until(at(6, 4, "12:00")) == ["06-04 02:12 authorize hold1 6000"]
    assert life.capture(6_000).outcome is Outcome.SUCCEEDED
    assert life.state.captured_minor == 10_000
    assert life.provider.effects == [
        ("capture", "hold1", 4_000),
        ("authorized", "hold2", 6_000),
        ("capture", "hold2", 6_000),
    ]


@pytest.mark.rule("R4")
def test_without_splitting_the_remainder_lapses_with_the_first_partial_capture(begin: Begin) -> None:
    life = begin(split=False, **OFF)
    assert life.capture(4_000).outcome is Outcome.SUCCEEDED
    assert life.take() == ["06-01 12:00 capture hold1 4000", "06-01 12:00 RenewalStopped split_off"]
    life.until(at(6, 2))
    later = life.capture(1_000)
    assert (later.outcome, later.reason) == (Outcome.NOT_SENT, "nothing_held")
    assert life.until(at(9, 1)) == []


@pytest.mark.rule("R4")
def test_without_splitting_a_hold_that_could_stay_open_is_given_up_too(begin: Begin) -> None:
    life = begin(split=False, provider=FakeProvider(in_parts=True), **OFF)
    life.capture(4_000)
    assert life.state.current is None
    assert life.provider.holds["hold1"].standing is HoldStanding.CAPTURED


def test_a_hold_that_stays_open_needs_no_split(begin: Begin) -> None:
    life = begin(provider=FakeProvider(in_parts=True), **OFF)
    life.capture(4_000)
    assert life.until(at(6, 2))[1:] == []
    assert life.capture(1_000).outcome is Outcome.SUCCEEDED
    life.take()
    assert life.until(at(6, 9)) == ["06-08 02:12 void hold1 5000", "06-08 02:12 authorize hold1 5000"]


@pytest.mark.rule("R21")
def test_a_second_capture_of_the_same_day_is_refused_here(begin: Begin) -> None:
    life = begin(provider=FakeProvider(in_parts=True), **OFF)
    life.capture(4_000)
    again = life.capture(1_000)
    assert (again.outcome, again.reason, again.retry_at) == (Outcome.NOT_SENT, "one_a_day", at(6, 2, "01:30"))
    life.until(at(6, 2, "01:30"))
    assert life.capture(1_000).outcome is Outcome.SUCCEEDED


@pytest.mark.rule("R76")
def test_the_remainder_cannot_be_captured_before_it_is_split(begin: Begin) -> None:
    life = begin(**OFF)
    life.capture(4_000)
    life.until(at(6, 2, "00:30"))
    early = life.capture(6_000)
    assert (early.outcome, early.reason) == (Outcome.NOT_SENT, "not_held_yet")
    assert early.retry_at is not None
    life.until(early.retry_at)
    assert life.capture(6_000).outcome is Outcome.SUCCEEDED


@pytest.mark.rule("R77")
def test_two_days_two_minutes_apart(begin: Begin) -> None:
    life = begin(on=at(6, 1, "23:59"), **OFF)
    life.capture(4_000)
    life.until(at(6, 2, "00:01"))
    early = life.capture(6_000)
    assert (early.outcome, early.reason) == (Outcome.NOT_SENT, "not_held_yet")
    life.until(at(6, 2, "04:00"))
    assert life.capture(6_000).outcome is Outcome.SUCCEEDED


def test_a_capture_before_the_nightly_run_is_split_in_the_following_night(begin: Begin) -> None:
    life = begin(**OFF)
    life.until(at(6, 3, "00:30"))
    life.capture(4_000)
    life.take()
    assert life.until(at(6, 5)) == ["06-04 02:12 authorize hold1 6000"]


@pytest.mark.rule("R24")
@pytest.mark.parametrize(("small", "said"), [(False, []), (True, ["06-02 02:12 authorize hold1 99"])])
def test_a_remainder_below_one_unit_is_split_by_agreement_only(begin: Begin, small: bool, said: list[str]) -> None:
    life = begin(small_amounts=small, **OFF)
    life.capture(9_901)
    assert (life.state.stopped is not None and life.state.stopped.reason is StopReason.TOO_SMALL) is not small
    life.take()
    assert life.until(at(6, 3)) == said


def test_a_capture_below_one_unit_is_refused_here(begin: Begin) -> None:
    life = begin(**OFF)
    assert (life.capture(99).reason, life.provider.effects) == ("too_small", [])


@pytest.mark.rule("R25")
def test_realtime_splits_three_minutes_after_the_capture(begin: Begin) -> None:
    life = begin(**REALTIME)
    life.capture(4_000)
    life.take()
    assert life.until(at(6, 1, "12:30")) == ["06-01 12:03 authorize hold1 6000"]
    assert life.capture(2_000).outcome is Outcome.SUCCEEDED
    life.until(at(6, 1, "13:00"))
    assert life.capture(4_000).outcome is Outcome.SUCCEEDED


@pytest.mark.rule("R26")
@pytest.mark.parametrize(("clock", "allowed"), [("12:03", False), ("12:04", False), ("12:05", True)])
def test_realtime_wants_five_minutes_between_captures(begin: Begin, clock: str, allowed: bool) -> None:
    life = begin(**REALTIME)
    life.capture(4_000)
    life.until(at(6, 1, clock))
    again = life.capture(2_000)
    assert (again.outcome is Outcome.SUCCEEDED) is allowed
    if not allowed:
        assert again.retry_at is not None
        assert (again.reason, clock_of(again.retry_at)) == ("five_minutes", "06-01 12:05")
        assert life.state.stopped is None  # it was not even sent


@pytest.mark.rule("R26")
def test_the_five_minutes_count_over_midnight(begin: Begin) -> None:
    life = begin(on=at(6, 1, "23:57"), **REALTIME)
    life.capture(4_000)
    life.until(at(6, 2, "00:01"))
    assert life.capture(2_000).reason == "five_minutes"


@pytest.mark.rule("R27")
@pytest.mark.parametrize(
    ("clock", "allowed"), [("01:29:30", True), ("01:30", False), ("03:59:30", False), ("04:00", True), ("12:00", True)]
)
def test_a_days_captures_cannot_be_continued_in_the_blackout(begin: Begin, clock: str, allowed: bool) -> None:
    life = begin(on=at(6, 1, "00:05"), **REALTIME)
    life.until(at(6, 2, "00:10"))
    life.capture(4_000)
    life.until(at(6, 2, clock))
    again = life.capture(2_000)
    assert (again.outcome is Outcome.SUCCEEDED) is allowed
    if not allowed:
        assert (again.reason, again.retry_at) == ("blackout", at(6, 2, "04:00"))


@pytest.mark.rule("R27")
def test_the_first_capture_of_a_day_may_fall_into_the_blackout(begin: Begin) -> None:
    life = begin(**REALTIME)
    life.until(at(6, 2, "02:00"))
    assert life.capture(4_000).outcome is Outcome.SUCCEEDED


@pytest.mark.rule("R83")
@pytest.mark.parametrize(
    ("month", "clock", "allowed"),
    [(7, "04:30", False), (7, "05:00", True), (7, "01:30", False), (12, "04:00", True), (12, "03:59", False)],
)
def test_where_both_readings_of_the_clock_count_the_blackout_is_longer_in_summer(
    begin: Begin, month: int, clock: str, allowed: bool
) -> None:
    life = begin(on=at(month, 1, "00:05"), day_zone=DayZone.BOTH, **REALTIME)
    life.capture(4_000)
    life.until(at(month, 1, clock))
    again = life.capture(2_000)
    assert (again.outcome is Outcome.SUCCEEDED) is allowed
    if not allowed:
        assert again.retry_at == at(month, 1, "05:00" if month == 7 else "04:00")


@pytest.mark.rule("R27")
@pytest.mark.parametrize(("day", "hours"), [((3, 31), 1.5), ((10, 27), 3.5), ((6, 1), 2.5)])
def test_the_blackout_follows_the_clock_in_the_nights_of_its_changes(day: tuple[int, int], hours: float) -> None:
    from domain.authorization.nights import blackout_ends

    begins, ends = at(*day, "01:30"), at(*day, "04:00")
    assert ends - begins == timedelta(hours=hours)
    assert blackout_ends(begins, DayZone.BERLIN) == ends
    assert blackout_ends(ends - timedelta(seconds=1), DayZone.BERLIN) == ends
    assert blackout_ends(begins - timedelta(seconds=1), DayZone.BERLIN) is None
    assert blackout_ends(ends, DayZone.BERLIN) is None


@pytest.mark.rule("R29")
def test_a_split_restarts_the_interval_of_renewal(begin: Begin) -> None:
    life = begin(renew_after_days=7, **OFF)
    life.until(at(6, 5))
    life.capture(4_000)
    life.take()
    assert [one[:5] for one in life.until(at(6, 14))] == ["06-06", "06-13", "06-13"]


@pytest.mark.rule("R78")
def test_a_split_and_a_renewal_in_one_night_are_one_split(begin: Begin) -> None:
    life = begin(renew_after_days=7, **OFF)
    life.until(at(6, 7, "18:00"))
    life.capture(4_000)
    life.take()
    assert life.until(at(6, 10)) == ["06-08 02:12 authorize hold1 6000"]


@pytest.mark.rule("R30")
def test_a_capture_of_all_that_is_open_ends_it(begin: Begin) -> None:
    life = begin(**OFF)
    life.capture(4_000)
    life.until(at(6, 3))
    life.capture(6_000)
    life.take()
    assert life.until(at(12, 1)) == []
    assert life.finished
    assert life.state.last is not None
    assert life.state.last.end is HoldEnd.CAPTURED


@pytest.mark.rule("R82")
def test_no_split_in_the_night_in_which_the_maximum_age_is_reached(begin: Begin) -> None:
    life = begin(renew_after_days=7, max_age_days=5, **OFF)
    life.until(at(6, 5, "18:00"))
    life.capture(4_000)
    life.take()
    assert life.until(at(7, 1)) == ["06-06 00:00 RenewalStopped max_age"]  # and nobody is told of a failure
    assert life.state.failures == ()


def test_above_the_remainder(begin: Begin) -> None:
    life = begin(**OFF)
    assert life.capture(10_001).reason == "above_open"
    life.capture(4_000)
    assert life.capture(6_001).reason == "above_open"
    assert life.state.stopped is None


@pytest.mark.parametrize("amount", [-1, -10_000])
def test_an_amount_below_nothing(begin: Begin, amount: int) -> None:
    assert begin().capture(amount).reason == "no_amount"


def test_a_patient_capture_waits_for_the_split_and_lets_others_pass(begin: Begin) -> None:
    life = begin(**OFF)
    life.capture(4_000)
    waits = life.capture(6_000, patient=True)
    assert waits.waits
    assert life.refund(1_000).outcome is Outcome.SUCCEEDED
    life.take()
    assert life.until(at(6, 2)) == ["06-02 02:12 authorize hold1 6000", "06-02 02:12 capture hold2 6000"]
    done = life.state.action(waits.request_id)
    assert done is not None
    assert done.outcome is Outcome.SUCCEEDED


def test_a_patient_capture_that_nobody_wants_any_more_is_never_made(begin: Begin) -> None:
    """Withdrawn while it waits, also where a refused request would count as a failed action."""
    life = begin(preset=Preset.STRICT, **OFF)
    life.capture(4_000)
    waits = life.capture(6_000, patient=True)
    assert life.withdraw(waits.request_id)
    assert not life.withdraw(waits.request_id)
    done = life.state.action(waits.request_id)
    assert done is not None
    assert (done.outcome, done.reason) == (Outcome.NOT_SENT, "withdrawn")
    life.take()
    assert life.until(at(6, 3)) == ["06-02 02:12 authorize hold1 6000"]
    assert life.state.stopped is None


def test_what_was_captured_cannot_be_withdrawn(begin: Begin) -> None:
    life = begin(**OFF)
    taken = life.capture(4_000)
    assert not life.withdraw(taken.request_id)
    assert not life.withdraw("never-asked")
    assert life.state.captured_minor == 4_000


def test_a_patient_capture_of_too_much_is_refused_at_once(begin: Begin) -> None:
    life = begin(**OFF)
    assert life.capture(20_000, patient=True).reason == "above_open"


def test_captures_from_two_sides_in_one_second_are_one_after_the_other(begin: Begin) -> None:
    life = begin(**OFF)
    first, second = life.capture(10_000), life.capture(10_000)
    assert (first.outcome, second.outcome) == (Outcome.SUCCEEDED, Outcome.NOT_SENT)
    assert life.provider.effects == [("capture", "hold1", 10_000)]


def test_a_capture_that_is_lost_is_asked_for_and_never_made_twice(begin: Begin) -> None:
    life = begin(**OFF)
    life.provider.script = {Kind.CAPTURE: ["lost"]}
    asked = life.capture(4_000)
    assert asked.waits
    life.until(at(6, 1, "13:00"))
    done = life.state.action(asked.request_id)
    assert done is not None
    assert done.outcome is Outcome.SUCCEEDED
    assert life.provider.effects == [("capture", "hold1", 4_000)]


@pytest.mark.rule("R34")
def test_a_capture_without_answer_stops_nothing_until_it_is_known_to_have_failed(begin: Begin) -> None:
    life = begin(**OFF)
    life.provider.script = {Kind.CAPTURE: [Outcome.UNKNOWN, Outcome.UNKNOWN, Decline.OTHER]}
    life.capture(4_000)
    assert life.state.stopped is None
    life.until(at(6, 1, "12:04"))
    assert life.state.stopped is None
    life.until(at(6, 1, "14:00"))
    assert life.state.stopped is not None
    assert life.state.stopped.reason is StopReason.FAILED_CAPTURE


def test_refunds_come_from_the_captured_holds_one_after_the_other(begin: Begin) -> None:
    life = begin(**OFF)
    life.capture(4_000)
    life.until(at(6, 3))
    life.capture(6_000)
    assert life.refund(5_000).outcome is Outcome.SUCCEEDED
    assert life.provider.effects[-2:] == [("refund", "hold1", 4_000), ("refund", "hold2", 1_000)]
    assert life.refund(5_001).reason == "above_captured"
    assert life.refund(None).amount_minor == 5_000
    assert life.refund(1).reason == "above_captured"


def test_nothing_captured_nothing_to_give_back(begin: Begin) -> None:
    life = begin()
    assert life.refund(None).reason == "above_captured"
    assert life.refund(0).reason == "no_amount"


def test_the_same_request_twice_is_one_action(begin: Begin) -> None:
    life = begin()
    life.ask(ActionKind.CAPTURE, 1_000)
    life.requests -= 1
    life.ask(ActionKind.CAPTURE, 1_000)
    assert life.provider.effects == [("capture", "hold1", 1_000)]
