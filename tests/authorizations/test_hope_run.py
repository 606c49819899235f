"""The hope run: once, the following night at 04:15, for two reasons, and not after anything else was sent."""

import pytest

from domain.authorization.declines import Decline
from domain.authorization.facts import StopReason
from domain.authorization.nights import hope_run_of
from domain.authorization.notices import failure_lines
from domain.authorization.state import evolve
from domain.authorization.terms import AuthorizationTerms, Guard, HopePer, HopeScope, RenewalOrder
from domain.operations import Kind
from domain.outcomes import Evidence, OperationResult, Outcome
from tests.authorizations.playing import Begin
from tests.domain.authorization.life import FakeProvider, Life, at

HOPE = {"guard": Guard.OFF, "hope_run": True, "renew_after_days": 7}


def after(begin: Begin, *script: object, **terms: object) -> Life:
    life = begin(**{**HOPE, **terms})
    life.provider.script = {Kind.AUTHORIZE: list(script)}
    life.until(at(6, 8, "03:00"))
    return life


@pytest.mark.rule("R7")
def test_it_is_off_unless_agreed_on(begin: Begin) -> None:
    assert not AuthorizationTerms().hope_run
    life = after(begin, Decline.BY_ISSUER, hope_run=False)
    assert life.state.hope_at is None
    assert life.finished


@pytest.mark.rule("R58")
@pytest.mark.rule("R60")
@pytest.mark.rule("R61")
@pytest.mark.rule("R64")
def test_a_refused_renewal_is_tried_once_more_the_following_night(begin: Begin) -> None:
    life = after(begin, Decline.BY_ISSUER)
    assert life.until(at(6, 9, "04:14")) == []
    assert life.until(at(6, 9, "05:00")) == ["06-09 04:15 authorize hold1 10000"]  # nothing to void
    assert life.state.current is not None
    assert life.state.stopped is None


@pytest.mark.rule("R61")
@pytest.mark.parametrize(
    ("failed", "again"),
    [
        (at(6, 8, "02:00"), at(6, 9, "04:15")),  # 26 and a quarter hours
        (at(6, 8, "23:30"), at(6, 9, "04:15")),  # 4 and three quarters
        (at(3, 30, "02:00"), at(3, 31, "04:15")),
        (at(3, 31, "01:45"), at(4, 1, "04:15")),
        (at(10, 26, "02:00"), at(10, 27, "04:15")),
        (at(10, 27, "02:30"), at(10, 28, "04:15")),
    ],
)
def test_the_night_counts_by_the_calendar(failed: object, again: object) -> None:
    assert hope_run_of(failed) == again  # type: ignore[arg-type]


@pytest.mark.rule("R59")
@pytest.mark.parametrize("reason", list(Decline))
def test_two_reasons_can_be_mended(begin: Begin, reason: Decline) -> None:
    life = after(begin, reason)
    assert (life.state.hope_at is not None) is (reason in (Decline.BY_ISSUER, Decline.TEMPORARY))


@pytest.mark.rule("R59")
def test_an_unreachable_issuer_is_none_of_the_two_unless_agreed_on(begin: Begin) -> None:
    assert after(begin, Decline.UNREACHABLE).state.hope_at is None
    wider = after(begin, Decline.UNREACHABLE, wider_hope_reasons=(Decline.UNREACHABLE.value,))
    assert wider.state.hope_at == at(6, 9, "04:15")
    never = after(begin, Decline.NEVER, wider_hope_reasons=(Decline.NEVER.value,))
    assert never.state.hope_at is None


@pytest.mark.rule("R62")
@pytest.mark.rule("R63")
@pytest.mark.parametrize("answer", [None, Decline.OTHER])
def test_any_action_that_is_sent_in_between_ends_it(begin: Begin, answer: Decline | None) -> None:
    life = begin(**HOPE)
    life.capture(4_000)
    life.until(at(6, 8))
    life.provider.script = {Kind.AUTHORIZE: [Decline.TEMPORARY]}
    life.until(at(6, 9, "12:00"))
    assert life.state.hope_at == at(6, 10, "04:15")
    life.provider.script = {Kind.REFUND: [answer]}
    life.refund(1_000)
    life.take()
    assert not [one for one in life.until(at(6, 12)) if "authorize" in one]
    expected = StopReason.FAILED_RENEWAL if answer is None else StopReason.FAILED_REFUND
    assert life.state.stopped is not None
    assert life.state.stopped.reason is expected


@pytest.mark.rule("R63")
def test_looking_is_no_action_and_neither_is_what_was_refused_here(begin: Begin) -> None:
    life = after(begin, Decline.BY_ISSUER)
    life.hint()
    life.look_again()
    assert life.capture(1_000).outcome is Outcome.NOT_SENT
    assert life.until(at(6, 9, "05:00"))[-1:] == ["06-09 04:15 authorize hold1 10000"]


@pytest.mark.rule("R65")
def test_there_is_one_in_a_life(begin: Begin) -> None:
    life = after(begin, Decline.BY_ISSUER, None, Decline.BY_ISSUER)
    said = life.until(at(7, 1))
    assert [one for one in said if "authorize" in one] == [
        "06-09 04:15 authorize hold1 10000",
        "06-16 02:12 authorize hold2 10000: declined declined_by_issuer",
    ]


@pytest.mark.rule("R65")
def test_or_one_for_each_failure_where_that_is_agreed_on(begin: Begin) -> None:
    life = after(begin, Decline.BY_ISSUER, None, Decline.BY_ISSUER, hope_per=HopePer.FAILURE)
    said = [one for one in life.until(at(7, 1)) if "authorize" in one]
    assert [one[:11] for one in said] == ["06-09 04:15", "06-16 02:12", "06-17 04:15", "06-24 02:12", "07-01 02:12"]


@pytest.mark.rule("R65")
def test_a_second_no_is_final(begin: Begin) -> None:
    life = after(begin, Decline.BY_ISSUER, Decline.BY_ISSUER)
    said = life.until(at(7, 1))
    assert life.state.stopped is not None
    assert life.state.stopped.reason is StopReason.FAILED_RENEWAL
    assert len([one for one in said if "authorize" in one]) == 1


@pytest.mark.rule("R66")
@pytest.mark.parametrize(("scope", "tried"), [(HopeScope.RENEWAL, False), (HopeScope.RENEWAL_AND_SPLIT, True)])
def test_a_failed_split_is_tried_again_only_where_agreed(begin: Begin, scope: HopeScope, tried: bool) -> None:
    life = begin(**HOPE, hope_scope=scope)
    life.capture(4_000)
    life.provider.script = {Kind.AUTHORIZE: [Decline.BY_ISSUER]}
    said = life.until(at(6, 5))
    assert ("06-03 04:15 authorize hold1 6000" in said) is tried
    assert (life.state.current is not None) is tried


@pytest.mark.rule("R67")
@pytest.mark.parametrize(("age", "tried"), [(8, False), (9, True)])
def test_it_is_not_run_at_the_maximum_age(begin: Begin, age: int, tried: bool) -> None:
    life = after(begin, Decline.BY_ISSUER, max_age_days=age)
    assert (life.state.hope_at is not None) is tried
    assert ("06-09 04:15 authorize hold1 10000" in life.until(at(6, 20))) is tried


@pytest.mark.rule("R68")
@pytest.mark.parametrize(("wakes", "tried"), [("23:59", True), ("00:00", False)])
def test_after_an_outage_it_is_run_on_the_same_day_only(wakes: str, tried: bool) -> None:
    life = after(Life.begin, Decline.BY_ISSUER)
    life.now = at(6, 9 if tried else 10, wakes)
    life.settle()
    said = life.take()
    assert bool([one for one in said if "authorize" in one]) is tried
    if not tried:
        assert [one for one in said if "extension_failed" in one] == ["06-10 00:00 mail extension_failed"]
        assert life.state.stopped is not None


@pytest.mark.rule("R69")
@pytest.mark.parametrize(("respect", "tried"), [(True, False), (False, True)])
def test_what_the_issuer_advises_against_is_not_tried(begin: Begin, respect: bool, tried: bool) -> None:
    forbidden = OperationResult(
        Outcome.DECLINED, Decline.BY_ISSUER.value, Evidence(code="21000305", advised_against=True)
    )
    life = after(begin, forbidden, respect_advice=respect)
    assert (life.state.hope_at is not None) is tried


@pytest.mark.rule("R69")
def test_what_the_scheme_forbids_by_then_is_not_sent(begin: Begin) -> None:
    life = after(begin, Decline.BY_ISSUER)
    life.provider.may_authorize = False
    said = life.until(at(6, 9, "05:00"))
    assert not [one for one in said if "authorize" in one]
    assert life.state.stopped is not None


@pytest.mark.rule("R57")
def test_the_first_failure_is_told_at_once_and_the_final_one_when_it_is(begin: Begin) -> None:
    life = begin(**HOPE)
    life.provider.script = {Kind.AUTHORIZE: [Decline.BY_ISSUER, Decline.BY_ISSUER]}
    said = [one for one in life.until(at(6, 12)) if "mail" in one]
    assert said == ["06-08 02:12 mail extension_failed_hope", "06-09 04:15 mail extension_failed"]
    lines = failure_lines(life.state)
    assert [(one.key, one.hope_at is None) for one in lines] == [("1-1", False), ("1-2", True)]


@pytest.mark.rule("R57")
def test_a_hope_run_that_mends_it_is_told_once_only(begin: Begin) -> None:
    life = begin(**HOPE)
    life.provider.script = {Kind.AUTHORIZE: [Decline.BY_ISSUER]}
    assert len([one for one in life.until(at(6, 12)) if "mail" in one]) == 1


@pytest.mark.rule("R57")
@pytest.mark.parametrize("mended", [True, False])
def test_only_the_final_failure_where_that_is_wished(begin: Begin, mended: bool) -> None:
    life = begin(**HOPE, report_final_only=True)
    life.provider.script = {Kind.AUTHORIZE: [Decline.BY_ISSUER, None if mended else Decline.BY_ISSUER]}
    said = [one for one in life.until(at(6, 12)) if "mail" in one]
    assert said == ([] if mended else ["06-09 04:15 mail extension_failed"])


def test_with_the_old_hold_still_there_it_is_voided_after_a_hope_run(begin: Begin) -> None:
    life = begin(**HOPE, order=RenewalOrder.AUTHORIZE_FIRST)
    life.provider.script = {Kind.AUTHORIZE: [Decline.TEMPORARY]}
    assert [one[6:] for one in life.until(at(6, 10)) if "mail" not in one] == [
        "02:12 authorize hold1 10000: declined temporarily_impossible",
        "04:15 authorize hold1 10000",
        "04:15 void hold1 10000",
    ]


def test_a_hope_run_whose_answer_is_lost_is_asked_for(begin: Begin) -> None:
    life = after(begin, Decline.BY_ISSUER, "lost")
    life.until(at(6, 9, "12:00"))
    assert life.state.current is not None
    assert len([one for one in life.provider.effects if one[0] == "authorized"]) == 1
    assert life.state.stopped is None


def test_facts_told_twice_change_nothing(begin: Begin) -> None:
    life = begin(**HOPE, provider=FakeProvider(in_parts=True))
    life.provider.script = {Kind.AUTHORIZE: [Decline.BY_ISSUER]}
    life.capture(1_000)
    life.until(at(7, 1))
    state = life.state
    for fact in life.facts:
        if type(fact).__name__ not in ("HoldRead", "HoldHinted", "PaymentUnreadable"):
            assert evolve(state, fact) is state, fact
