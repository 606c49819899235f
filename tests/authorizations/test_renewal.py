"""Renewal: when, for how much, in which order, until when. 1 June 2030 is a Monday; the spread of the nightly run puts
the authorization of these tests at 02:12."""

from datetime import timedelta

import pytest

from domain.authorization.declines import Decline
from domain.authorization.facts import HoldRead, HoldStanding, StopReason
from domain.authorization.schemes import Scheme
from domain.authorization.state import HoldEnd
from domain.authorization.terms import Guard, RenewalOrder
from domain.operations import Kind
from domain.outcomes import OperationResult, Outcome
from tests.authorizations.playing import Begin
from tests.domain.authorization.life import YEAR, FakeProvider, Life, at

OFF = {"guard": Guard.OFF}


@pytest.mark.rule("R9")
def test_a_hold_is_voided_and_then_authorized_for_the_same_amount(begin: Begin) -> None:
    life = begin(renew_after_days=7, **OFF)
    assert life.until(at(6, 8, "23:59")) == ["06-08 02:12 void hold1 10000", "06-08 02:12 authorize hold1 10000"]
    assert life.state.current is not None
    assert (life.state.current.hold_id, life.state.current.amount_minor) == ("hold2", 10_000)


@pytest.mark.rule("R9")
def test_nothing_happens_before_the_interval(begin: Begin) -> None:
    life = begin(renew_after_days=7, **OFF)
    assert life.until(at(6, 8, "01:29")) == []


@pytest.mark.rule("R16")
@pytest.mark.parametrize(
    ("days", "renewals"), [(6, 29), (7, 25), (8, 22), (9, 19), (10, 17), (11, 16), (12, 14), (13, 13)]
)
def test_how_often_180_days_are_renewed(days: int, renewals: int) -> None:
    check_half_a_year(Life.begin(renew_after_days=days, **OFF), days, renewals)


@pytest.mark.rule("R16")
def test_half_a_year_of_weekly_renewals(begin: Begin) -> None:
    check_half_a_year(begin(renew_after_days=7, **OFF), 7, 25)


def check_half_a_year(life: Life, days: int, renewals: int) -> None:
    """Renewed every so many days, and not once more."""
    life.until(at(6, 1, year=YEAR + 1))
    nights = list(life.renewals())
    first = life.state.holds[0].held_at
    assert [(night.date() - first.date()).days for night in nights] == [days * (n + 1) for n in range(renewals)]


@pytest.mark.rule("R2")
@pytest.mark.rule("R17")
def test_the_maximum_age_stops_renewing_and_leaves_the_hold(begin: Begin) -> None:
    life = begin(renew_after_days=7, max_age_days=30, **OFF)
    said = life.until(at(7, 31))
    assert [one for one in said if "void" in one] == [
        f"06-{day:02} 02:12 void hold{n} 10000" for n, day in enumerate((8, 15, 22, 29), start=1)
    ]
    assert "07-01 00:00 RenewalStopped max_age" in said
    assert life.provider.holds["hold5"].standing is HoldStanding.HELD  # nobody gave it up
    assert said[-1] == "07-29 02:12 HoldRanOut"


@pytest.mark.rule("R16")
def test_a_renewal_on_the_very_day_of_the_maximum_age_is_left_out(begin: Begin) -> None:
    life = begin(renew_after_days=6, max_age_days=30, **OFF)
    life.until(at(7, 15))
    assert len(list(life.renewals())) == 4  # days 6, 12, 18, 24; day 30 is the maximum age


@pytest.mark.rule("R15")
@pytest.mark.rule("R14")
def test_age_counts_from_the_first_authorization_over_renewals_and_splits(begin: Begin) -> None:
    life = begin(renew_after_days=7, max_age_days=20, **OFF)
    life.until(at(6, 10))
    assert life.capture(4_000).outcome is Outcome.SUCCEEDED
    life.until(at(6, 20, "23:00"))
    assert len(life.state.holds) == 4  # renewed on the 8th, split on the 11th, renewed on the 18th
    assert "06-21 00:00 RenewalStopped max_age" in life.until(at(6, 30))


@pytest.mark.rule("R10")
@pytest.mark.rule("R11")
def test_a_refused_renewal_ends_renewal_and_leaves_nothing_held(begin: Begin) -> None:
    life = begin(renew_after_days=7, **OFF)
    life.provider.script = {Kind.AUTHORIZE: [Decline.BY_ISSUER]}
    said = life.until(at(6, 30))
    assert said == [
        "06-08 02:12 void hold1 10000",
        "06-08 02:12 authorize hold1 10000: declined declined_by_issuer",
        "06-08 02:12 RenewalStopped failed_renewal",
        "06-08 02:12 mail extension_failed",
    ]
    assert life.state.current is None
    assert [one.code for one in life.state.open_problems()] == ["unsecured"]
    assert life.finished


@pytest.mark.rule("R12")
def test_a_refused_void_sends_no_authorization(begin: Begin) -> None:
    life = begin(renew_after_days=7, **OFF)
    life.provider.script = {Kind.VOID: [Decline.OTHER]}
    said = life.until(at(6, 20))
    assert said[:3] == [
        "06-08 02:12 void hold1 10000: declined declined",
        "06-08 02:12 RenewalStopped failed_void",
        "06-08 02:12 mail extension_failed",
    ]
    assert life.state.failures[0].extension == "renewal"
    assert life.state.current is not None  # left to run out
    assert life.capture(2_000).outcome is Outcome.SUCCEEDED


@pytest.mark.rule("R13")
@pytest.mark.parametrize(
    "standing", [HoldStanding.DECLINED, HoldStanding.VOIDED, HoldStanding.PENDING, HoldStanding.MISSING]
)
def test_only_what_is_held_is_renewed(begin: Begin, standing: HoldStanding) -> None:
    provider = FakeProvider()
    life = begin(provider=provider, standing=standing)
    said = life.until(at(9, 1))
    assert not [one for one in said if "void" in one or "authorize" in one]
    assert provider.effects == []
    assert life.finished is (standing is not HoldStanding.PENDING)


@pytest.mark.rule("R13")
def test_a_fully_captured_authorization_is_never_renewed(begin: Begin) -> None:
    life = begin(renew_after_days=7)
    life.capture(None)
    life.take()
    assert life.until(at(12, 31)) == []
    assert life.finished


@pytest.mark.rule("R18")
def test_a_renewal_changes_the_hold_and_none_of_the_merchants_names(begin: Begin) -> None:
    life = begin(renew_after_days=7)
    before = life.state.registered
    life.until(at(6, 30))
    assert life.state.registered == before
    assert life.state.current is not None
    assert life.state.current.hold_id != before.hold_id  # type: ignore[union-attr]


@pytest.mark.rule("R19")
def test_a_renewal_needs_nobody_and_tells_nobody(begin: Begin) -> None:
    life = begin(renew_after_days=7)
    assert not [one for one in life.until(at(7, 31)) if "mail" in one]


def test_a_renewal_is_told_where_it_is_wished(begin: Begin) -> None:
    life = begin(renew_after_days=7, tell_success=True, **OFF)
    assert [one for one in life.until(at(6, 16)) if "mail" in one] == [
        "06-08 02:12 mail renewed",
        "06-15 02:12 mail renewed",
    ]


@pytest.mark.rule("R8")
def test_a_shorter_interval_counts_from_the_next_decision_and_renews_nothing_at_once(begin: Begin) -> None:
    life = begin(renew_after_days=13, **OFF)
    assert life.until(at(6, 10)) == []
    life.change_terms(renew_after_days=7)  # due since the 8th
    assert life.take() == []
    assert life.until(at(6, 10, "23:59")) == []
    assert life.until(at(6, 11, "12:00"))[0] == "06-11 02:12 void hold1 10000"


@pytest.mark.rule("R8")
def test_a_lower_maximum_age_stops_running_authorizations(begin: Begin) -> None:
    life = begin(renew_after_days=7, **OFF)
    life.until(at(6, 20))
    life.change_terms(max_age_days=10)
    assert life.take()[0] == "06-20 12:00 RenewalStopped max_age"


@pytest.mark.rule("R20")
def test_what_is_asked_for_while_a_renewal_is_in_doubt_waits_for_it(begin: Begin) -> None:
    life = begin(renew_after_days=7, **OFF)
    life.provider.script = {Kind.AUTHORIZE: ["lost"]}
    life.until(at(6, 8, "02:13"))
    asked = life.capture(10_000)
    assert asked.waits
    life.until(at(6, 8, "03:00"))
    done = life.state.action(asked.request_id)
    assert done is not None
    assert done.outcome is Outcome.SUCCEEDED
    assert life.provider.effects == [
        ("void", "hold1", 10_000),
        ("authorized", "hold2", 10_000),
        ("capture", "hold2", 10_000),
    ]


@pytest.mark.rule("R79")
def test_a_capture_behind_a_renewal_that_fails_is_refused_here(begin: Begin) -> None:
    life = begin(renew_after_days=7, **OFF)
    unreachable = OperationResult(Outcome.UNKNOWN, "no_answer")
    life.provider.script = {Kind.AUTHORIZE: [unreachable, Decline.BY_ISSUER]}
    life.until(at(6, 8, "02:13"))
    asked = life.capture(4_000)
    life.until(at(6, 8, "04:00"))
    done = life.state.action(asked.request_id)
    assert done is not None
    assert (done.outcome, done.reason) == (Outcome.NOT_SENT, "nothing_held")
    assert not [one for one in life.provider.effects if one[0] == "capture"]


@pytest.mark.rule("R72")
def test_books_that_differ_stop_the_renewal_and_tell(begin: Begin) -> None:
    life = begin(renew_after_days=7, **OFF)
    life.until(at(6, 5))
    life.provider.holds["hold1"].captured_minor = 2_500  # somebody, by hand
    said = life.until(at(6, 9))
    assert said == [
        "06-08 02:12 RenewalStopped differs",
        "06-08 02:12 mail extension_failed",
        "06-08 02:12 mail hold_ends_soon",
        "06-08 02:12 mail hold_differs",
    ]
    assert life.provider.effects == []


@pytest.mark.rule("R72")
@pytest.mark.parametrize("standing", [HoldStanding.VOIDED, HoldStanding.CAPTURED, HoldStanding.MISSING])
def test_a_hold_that_somebody_else_ended_is_not_renewed(begin: Begin, standing: HoldStanding) -> None:
    life = begin(renew_after_days=7, **OFF)
    life.provider.holds["hold1"].standing = standing
    said = life.until(at(7, 9))
    assert life.provider.effects == []
    assert "06-08 02:12 RenewalStopped differs" in said
    assert life.state.holds[0].end is HoldEnd.FOREIGN


@pytest.mark.rule("R75")
def test_authorizing_first_holds_twice_for_a_moment_only() -> None:
    life = Life.begin(renew_after_days=7, order=RenewalOrder.AUTHORIZE_FIRST, **OFF)
    held: list[int] = []
    life.hear = lambda state: held.append(len(state.open_holds))
    assert life.until(at(6, 15, "23:00")) == [
        "06-08 02:12 authorize hold1 10000",
        "06-08 02:12 void hold1 10000",
        "06-15 02:12 authorize hold2 10000",
        "06-15 02:12 void hold2 10000",
    ]
    assert max(held) == 2
    assert len(life.state.open_holds) == 1


def test_authorizing_first_keeps_the_old_hold_when_it_is_refused(begin: Begin) -> None:
    life = begin(renew_after_days=7, order=RenewalOrder.AUTHORIZE_FIRST, **OFF)
    life.provider.script = {Kind.AUTHORIZE: [Decline.FUNDS]}
    said = life.until(at(6, 8, "12:00"))
    assert "06-08 02:12 RenewalStopped failed_renewal" in said
    assert life.capture(10_000).outcome is Outcome.SUCCEEDED
    assert [one.code for one in life.state.problems] == ["renewal_failed", "hold_ends_soon"]


def test_a_refused_void_after_authorizing_first_is_a_problem_of_its_own(begin: Begin) -> None:
    life = begin(renew_after_days=7, order=RenewalOrder.AUTHORIZE_FIRST, **OFF)
    life.provider.script = {Kind.VOID: [Decline.OTHER]}
    said = life.until(at(6, 20))
    assert "06-08 02:12 RenewalStopped failed_void" in said
    assert "06-08 02:12 mail two_holds" in said
    assert not [one for one in said if "extension_failed" in one]  # the renewal itself was carried out


@pytest.mark.rule("R1")
def test_an_interval_of_one_whole_number_of_days(begin: Begin) -> None:
    for days in range(6, 14):
        assert begin(renew_after_days=days).state.terms.renew_after_days == days


# --- deadlines


def test_a_told_deadline_is_renewed_before_whatever_the_interval_says(begin: Begin) -> None:
    provider = FakeProvider(tells_deadlines=True)
    life = begin(renew_after_days=13, provider=provider)
    life.until(at(8, 1))
    for hold in life.state.holds[:-1]:
        assert hold.ended_at is not None
        assert hold.told_deadline is not None
        assert hold.ended_at <= hold.told_deadline - timedelta(hours=12)
    assert len(life.state.holds) > 10


def test_an_estimated_deadline_is_warned_of_by_default(begin: Begin) -> None:
    life = begin(renew_after_days=7)
    life.until(at(6, 9))
    assert [one.code for one in life.state.open_problems()] == ["hold_outside_guarantee"]
    assert len(life.state.holds) == 2


def test_an_estimated_deadline_shortens_where_that_is_wished(begin: Begin) -> None:
    life = begin(renew_after_days=7, guard=Guard.SHORTEN)
    said = [one for one in life.until(at(6, 16)) if "authorize" in one]
    assert [one[:5] for one in said] == ["06-07", "06-10", "06-13", "06-16"][: len(said)]
    assert not life.state.open_problems()


def test_mastercard_by_table_is_good_for_a_week(begin: Begin) -> None:
    life = begin(renew_after_days=7, guard=Guard.SHORTEN, provider=FakeProvider(scheme=Scheme.MASTERCARD))
    said = [one for one in life.until(at(6, 14)) if "authorize" in one]
    assert [one[:5] for one in said] == ["06-07", "06-13"]


def test_a_hold_that_ran_out_before_its_renewal_is_authorized_without_a_void(begin: Begin) -> None:
    provider = FakeProvider(tells_deadlines=True)
    life = begin(renew_after_days=9, provider=provider, **OFF)
    said = life.until(at(6, 10, "12:00"))
    assert said == ["06-10 02:12 authorize hold1 10000"]
    assert life.state.holds[0].end is HoldEnd.LAPSED


def test_a_hold_that_will_not_be_renewed_is_warned_of_before_its_deadline(begin: Begin) -> None:
    provider = FakeProvider(tells_deadlines=True)
    life = begin(renew_after_days=7, provider=provider)
    life.stop()
    life.take()
    assert life.until(at(6, 7, "11:59")) == []
    assert life.until(at(6, 7, "12:00")) == ["06-07 12:00 mail hold_ends_soon"]
    problem = life.state.open_problems()[0]
    assert dict(problem.params) == {"amount": "100.00 EUR", "deadline": "2030-06-08T10:00:00+00:00"}


def test_a_scheme_that_allows_no_further_attempt_is_asked_before_the_hold_is_given_up(begin: Begin) -> None:
    life = begin(renew_after_days=7, **OFF)
    life.provider.may_authorize = False
    said = life.until(at(6, 8, "12:00"))
    assert said == [
        "06-08 02:12 RenewalStopped failed_renewal",
        "06-08 02:12 mail extension_failed",
        "06-08 02:12 mail hold_ends_soon",
    ]
    assert life.state.current is not None
    assert life.state.failures[0].reason == "scheme_forbids"


def test_a_scheme_that_wants_a_pause_gets_it(begin: Begin) -> None:
    life = begin(renew_after_days=6, **OFF)
    life.provider.may_authorize, life.provider.authorize_from = False, at(6, 7, "09:00")
    assert life.until(at(6, 7, "08:59")) == []
    life.provider.may_authorize = True
    assert life.until(at(6, 7, "09:00")) == ["06-07 09:00 void hold1 10000", "06-07 09:00 authorize hold1 10000"]


def test_a_provider_that_cannot_be_read_delays_the_renewal(begin: Begin) -> None:
    life = begin(renew_after_days=7, **OFF)
    life.provider.unreadable = 3
    said = life.until(at(6, 8, "12:00"))
    assert [one[12:] for one in said] == ["void hold1 10000", "authorize hold1 10000"]
    assert life.state.problems[0].code == "hold_unreadable"
    assert life.state.open_problems() == ()


@pytest.mark.rule("R79")
def test_what_is_asked_for_between_void_and_authorization_waits_also_when_nothing_can_be_sent() -> None:
    life = Life.begin(renew_after_days=7, **OFF)
    paused = OperationResult(Outcome.NOT_SENT, "paused", retry_at=at(6, 8, "09:00"))
    life.provider.script = {Kind.AUTHORIZE: [paused]}
    life.until(at(6, 8, "03:00"))
    asked = life.capture(4_000)
    assert asked.waits  # and was not refused because nothing is held just now
    assert life.until(at(6, 8, "10:00"))[-2:] == ["06-08 09:00 authorize hold1 10000", "06-08 09:00 capture hold2 4000"]


def test_the_rest_of_a_hold_in_parts_that_its_deadline_took_is_no_meddling() -> None:
    life = Life.begin(renew_after_days=None, provider=FakeProvider(in_parts=True, tells_deadlines=True))
    life.capture(4_000)
    life.until(at(6, 9))
    assert life.state.holds[0].end is HoldEnd.LAPSED
    assert life.state.stopped is None or life.state.stopped.reason is not StopReason.DIFFERS


def test_a_picture_that_was_asked_for_before_a_capture_ended_says_nothing() -> None:
    life = Life.begin(provider=FakeProvider(in_parts=True), **OFF)
    asked_seq = life.state.seq
    picture = life.provider.read("hold1", at(6, 1, "12:01"))
    life.until(at(6, 1, "12:01"))
    life.capture(4_000)
    before = life.state
    life.learn(HoldRead(picture, asked_seq))
    assert life.state is before
