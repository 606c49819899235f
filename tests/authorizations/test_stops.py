"""What ends renewal: wishes, final captures, reversals and failed actions."""

import pytest

from domain.authorization.declines import Decline
from domain.authorization.facts import ActionKind, HoldStanding, StopReason
from domain.authorization.state import HoldEnd
from domain.authorization.terms import Guard, Preset
from domain.operations import Kind
from domain.outcomes import Outcome
from tests.authorizations.playing import Begin
from tests.domain.authorization.life import FakeProvider, Life, at

OFF = {"guard": Guard.OFF}


def reason(life: Life) -> StopReason | None:
    return life.state.stopped.reason if life.state.stopped else None


def quiet(said: list[str]) -> list[str]:
    return [one for one in said if "mail" not in one and "RanOut" not in one]


@pytest.mark.rule("R37")
@pytest.mark.rule("R50")
def test_a_wish_to_stop_leaves_the_hold_and_captures_remain_possible(begin: Begin) -> None:
    life = begin(**OFF)
    assert life.stop().outcome is Outcome.SUCCEEDED
    assert reason(life) is StopReason.ASKED
    assert quiet(life.until(at(6, 12))) == ["06-01 12:00 RenewalStopped asked"]
    assert life.provider.holds["hold1"].standing is HoldStanding.HELD
    assert life.capture(10_000).outcome is Outcome.SUCCEEDED


@pytest.mark.rule("R47")
def test_a_stop_takes_effect_before_what_was_due_later_the_same_night(begin: Begin) -> None:
    life = begin(renew_after_days=7, **OFF)
    life.until(at(6, 8, "02:11"))
    life.stop()
    assert quiet(life.until(at(6, 9))) == ["06-08 02:11 RenewalStopped asked"]


def test_a_stop_while_the_hold_is_being_replaced_leaves_the_merchant_with_a_hold(begin: Begin) -> None:
    life = begin(renew_after_days=7, **OFF)
    life.provider.script = {Kind.AUTHORIZE: [Outcome.UNKNOWN]}
    life.until(at(6, 8, "02:13"))
    assert life.stop().outcome is Outcome.SUCCEEDED  # answered at once
    life.until(at(6, 8, "05:00"))
    assert life.state.current is not None
    assert quiet(life.until(at(8, 1))) == []


@pytest.mark.rule("R48")
def test_a_second_stop_says_yes_and_changes_nothing(begin: Begin) -> None:
    life = begin(**OFF)
    life.stop()
    before = life.state.stopped
    life.until(at(6, 2))
    assert life.stop().outcome is Outcome.SUCCEEDED
    assert life.state.stopped == before


@pytest.mark.rule("R38")
def test_a_reversal_gives_up_the_hold_and_ends_renewal(begin: Begin) -> None:
    life = begin(**OFF)
    assert life.reverse().outcome is Outcome.SUCCEEDED
    assert reason(life) is StopReason.REVERSED
    assert life.provider.holds["hold1"].standing is HoldStanding.VOIDED
    assert quiet(life.until(at(9, 1)))[2:] == []
    assert life.reverse().outcome is Outcome.SUCCEEDED  # the second one changes nothing (R48)
    assert life.provider.effects == [("void", "hold1", 10_000)]


@pytest.mark.rule("R40")
@pytest.mark.rule("R42")
def test_a_reversal_after_a_capture_undoes_the_capture(begin: Begin) -> None:
    life = begin(**OFF)
    life.capture(4_000)
    assert life.reverse().outcome is Outcome.SUCCEEDED
    assert life.provider.effects == [("capture", "hold1", 4_000), ("refund", "hold1", 4_000)]
    assert reason(life) is StopReason.REVERSED
    assert quiet(life.until(at(7, 1)))[3:] == []


@pytest.mark.rule("R41")
@pytest.mark.rule("R42")
def test_a_reversal_after_the_split_drops_the_remainder_and_leaves_the_capture(begin: Begin) -> None:
    life = begin(**OFF)
    life.capture(4_000)
    life.until(at(6, 2))
    assert life.reverse().outcome is Outcome.SUCCEEDED
    assert life.provider.effects[-1] == ("void", "hold2", 6_000)
    assert life.state.captured_minor - life.state.refunded_minor == 4_000


@pytest.mark.rule("R42")
def test_giving_up_the_hold_never_gives_back_money(begin: Begin) -> None:
    life = begin(**OFF)
    life.capture(4_000)
    refused = life.void()
    assert (refused.outcome, refused.reason) == (Outcome.NOT_SENT, "last_was_capture")
    assert life.stop().outcome is Outcome.SUCCEEDED  # this is the way to stop then


@pytest.mark.rule("R40")
def test_a_reversal_undoes_one_of_several_captures(begin: Begin) -> None:
    life = begin(provider=FakeProvider(in_parts=True), **OFF)
    life.capture(4_000)
    life.until(at(6, 2))
    life.capture(1_500)
    life.reverse()
    assert life.provider.effects[-1] == ("refund", "hold1", 1_500)


@pytest.mark.rule("R40")
def test_after_a_refund_there_is_nothing_to_undo(begin: Begin) -> None:
    life = begin(**OFF)
    life.capture(10_000)
    life.refund(1_000)
    assert life.reverse().reason == "nothing_to_undo"


@pytest.mark.rule("R39")
def test_a_reversal_that_the_bank_ignores_counts_as_done(begin: Begin) -> None:
    """The hold may run out at the bank later: nothing here depends on when the customer's limit is free again."""
    life = begin(**OFF)
    life.reverse()
    life.provider.holds["hold1"].standing = HoldStanding.HELD
    life.hint()
    assert quiet(life.until(at(8, 1)))[2:] == []
    assert life.state.holds[0].end is HoldEnd.VOIDED


@pytest.mark.rule("R44")
def test_a_final_capture_leaves_the_remainder_alone(begin: Begin) -> None:
    life = begin(**OFF)
    life.capture(4_000, final=True)
    assert reason(life) is StopReason.FINISHED
    assert quiet(life.until(at(8, 1))) == ["06-01 12:00 capture hold1 4000", "06-01 12:00 RenewalStopped finished"]


@pytest.mark.rule("R46")
def test_a_final_capture_that_fails_stops_renewal_and_leaves_the_hold(begin: Begin) -> None:
    life = begin(**OFF)
    life.provider.script = {Kind.CAPTURE: [Decline.OTHER]}
    assert life.capture(4_000, final=True).outcome is Outcome.DECLINED
    assert reason(life) is StopReason.FAILED_CAPTURE
    assert life.state.current is not None


@pytest.mark.rule("R81")
def test_a_final_capture_starts_no_split_in_realtime(begin: Begin) -> None:
    life = begin(realtime=True, **OFF)
    life.capture(4_000)
    life.until(at(6, 1, "12:10"))
    life.capture(2_000, final=True)
    life.take()
    assert quiet(life.until(at(6, 3))) == []


@pytest.mark.rule("R49")
def test_a_capture_of_nothing_stops_renewal_and_books_nothing(begin: Begin) -> None:
    life = begin(**OFF)
    done = life.capture(0)
    assert (done.outcome, done.amount_minor) == (Outcome.SUCCEEDED, 0)
    assert reason(life) is StopReason.ZERO_CAPTURE
    assert life.provider.effects == []
    assert life.capture(10_000).outcome is Outcome.SUCCEEDED


@pytest.mark.rule("R49")
def test_a_capture_of_nothing_needs_an_open_hold(begin: Begin) -> None:
    life = begin(**OFF)
    life.reverse()
    assert life.capture(0).reason == "nothing_held"


@pytest.mark.rule("R31")
@pytest.mark.parametrize(
    ("kind", "action", "stop"),
    [
        (Kind.CAPTURE, ActionKind.CAPTURE, StopReason.FAILED_CAPTURE),
        (Kind.VOID, ActionKind.REVERSE, StopReason.FAILED_VOID),
        (Kind.VOID, ActionKind.VOID, StopReason.FAILED_VOID),
    ],
)
def test_a_failed_action_stops_renewal(begin: Begin, kind: Kind, action: ActionKind, stop: StopReason) -> None:
    life = begin(renew_after_days=7, **OFF)
    life.provider.script = {kind: [Decline.OTHER]}
    assert life.ask(action).outcome is Outcome.DECLINED
    assert reason(life) is stop
    life.take()
    said = life.until(at(6, 9))
    assert quiet(said) == []
    assert life.state.current is not None


@pytest.mark.rule("R35")
@pytest.mark.parametrize(("report", "mails"), [(False, 0), (True, 1)])
def test_a_stop_by_failure_is_seen_and_reported_on_wish_only(begin: Begin, report: bool, mails: int) -> None:
    life = begin(report_stops=report, **OFF)
    life.provider.script = {Kind.CAPTURE: [Decline.OTHER]}
    life.capture(4_000)
    assert len([one for one in life.take() if "extension_failed" in one]) == mails
    assert [one.code for one in life.state.open_problems()] == ["renewal_stopped"]


@pytest.mark.rule("R36")
def test_a_failed_refund_stops_renewal_of_the_remainder_and_a_good_one_does_not(begin: Begin) -> None:
    life = begin(renew_after_days=7, **OFF)
    life.capture(4_000)
    life.until(at(6, 3))
    life.refund(1_000)
    assert life.state.stopped is None
    life.provider.script = {Kind.REFUND: [Decline.OTHER]}
    life.refund(1_000)
    assert reason(life) is StopReason.FAILED_REFUND
    life.take()
    assert quiet(life.until(at(6, 20))) == []


@pytest.mark.rule("R32")
@pytest.mark.parametrize(("preset", "stopped"), [(Preset.HOLDFAST, None), (Preset.STRICT, StopReason.REFUSED_ACTION)])
def test_what_is_refused_here_stops_renewal_only_where_the_terms_are_strict(
    begin: Begin, preset: Preset, stopped: StopReason | None
) -> None:
    life = begin(preset=preset, **OFF)
    assert life.capture(99_999).outcome is Outcome.NOT_SENT
    assert life.provider.effects == []
    assert reason(life) is stopped


@pytest.mark.rule("R33")
def test_a_refused_wish_to_stop_or_a_look_stop_nothing(begin: Begin) -> None:
    life = begin(renew_after_days=7, preset=Preset.STRICT, **OFF)
    life.provider.unreadable = 2
    life.hint()
    life.look_again()
    life.until(at(6, 7))
    assert life.state.stopped is None
    assert [one[12:] for one in quiet(life.until(at(6, 9)))] == ["void hold1 10000", "authorize hold1 10000"]


@pytest.mark.rule("R80")
def test_a_stop_between_failure_and_hope_run_ends_it(begin: Begin) -> None:
    life = begin(renew_after_days=7, hope_run=True, **OFF)
    life.provider.script = {Kind.AUTHORIZE: [Decline.BY_ISSUER]}
    life.until(at(6, 8, "12:00"))
    life.stop()
    life.take()
    assert quiet(life.until(at(6, 20))) == []
    assert life.finished


def test_what_is_not_wanted_any_more_is_given_up_whatever_stands(begin: Begin) -> None:
    """A hold is voided; a remainder that waits for its split is never held; where nothing is, that is fine as well."""
    held = begin(renew_after_days=7, **OFF)
    assert held.give_up().outcome is Outcome.SUCCEEDED
    assert held.provider.effects == [("void", "hold1", 10_000)]
    between = begin(renew_after_days=7, **OFF)
    between.capture(4_000)
    assert between.give_up().outcome is Outcome.SUCCEEDED
    assert quiet(between.until(at(6, 20)))[-1].endswith("RenewalStopped given_up")
    assert between.provider.effects == [("capture", "hold1", 4_000)]
    assert between.give_up().outcome is Outcome.SUCCEEDED
    assert (reason(held), reason(between)) == (StopReason.GIVEN_UP, StopReason.GIVEN_UP)


def test_a_refused_giving_up_stops_renewal_and_says_so(begin: Begin) -> None:
    life = begin(renew_after_days=7, **OFF)
    life.provider.script = {Kind.VOID: [Decline.BY_ISSUER]}
    assert life.give_up().outcome is Outcome.DECLINED
    assert reason(life) is StopReason.FAILED_VOID
