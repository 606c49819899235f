"""What can be agreed on and what cannot."""

from datetime import timedelta

import pytest

from domain.authorization.terms import (
    AuthorizationTerms,
    Channel,
    Guard,
    HopeScope,
    ImpossibleTerms,
    Preset,
    RenewalOrder,
)
from domain.tenant_config import InvalidConfiguration


def refused(**terms: object) -> str:
    with pytest.raises(InvalidConfiguration) as found:
        AuthorizationTerms(**terms)  # type: ignore[arg-type]
    return str(found.value)


@pytest.mark.rule("R1")
@pytest.mark.parametrize("days", [1, 5, 14, 30, 179])
def test_an_unusual_interval_needs_an_operators_word(days: int) -> None:
    assert "override_interval" in refused(renew_after_days=days)
    assert AuthorizationTerms(renew_after_days=days, override_interval=True).renew_after_days == days


@pytest.mark.rule("R1")
@pytest.mark.parametrize("days", [0, -7, 6.5, "seven", "7", True])
def test_what_is_no_number_of_days_is_refused_whatever_is_said(days: object) -> None:
    assert "renewal interval" in refused(renew_after_days=days, override_interval=True)


@pytest.mark.rule("R2")
@pytest.mark.parametrize(
    ("days", "fits"), [(0, False), (1, True), (30, True), (180, True), (181, False), ("90", False)]
)
def test_the_maximum_age_is_180_days_or_less(days: int, fits: bool) -> None:
    if fits:
        assert AuthorizationTerms(max_age_days=days).max_age_days == days
    else:
        assert "180" in refused(max_age_days=days)


@pytest.mark.rule("R2")
def test_nothing_said_means_180_days() -> None:
    assert AuthorizationTerms().max_age_days == 180


@pytest.mark.rule("R6")
def test_realtime_and_the_file_exclude_each_other() -> None:
    assert "mail" in refused(realtime=True, channel=Channel.FILE)
    assert AuthorizationTerms(realtime=True, channel=Channel.MAIL).realtime


@pytest.mark.rule("R5")
def test_there_is_one_channel_for_renewals_and_splits() -> None:
    assert {one.value for one in Channel} == {"mail", "file"}
    assert AuthorizationTerms(channel=Channel.FILE).channel is Channel.FILE


@pytest.mark.rule("R3", "R7")
def test_the_defaults_are_those_of_the_reference() -> None:
    terms = AuthorizationTerms()
    assert (terms.renew_after_days, terms.order, terms.guard) == (7, RenewalOrder.VOID_FIRST, Guard.BY_SOURCE)
    assert not terms.hope_run
    assert not terms.realtime
    assert terms.preset is Preset.HOLDFAST
    assert (terms.split_after, terms.capture_after) == (timedelta(minutes=3), timedelta(minutes=5))


@pytest.mark.parametrize(
    ("terms", "says"),
    [
        ({"realtime": True, "split": False}, "split"),
        ({"hope_scope": HopeScope.RENEWAL_AND_SPLIT, "split": False}, "split"),
        ({"hope_run": True, "renew_after_days": None}, "interval"),
        ({"split_after": timedelta(minutes=6)}, "capture_after"),
        ({"deadline_margin": timedelta(hours=-1)}, "negative"),
        ({"warn_before": timedelta(hours=-1)}, "negative"),
    ],
)
def test_what_cannot_work_together_is_refused_with_the_reason(terms: dict[str, object], says: str) -> None:
    assert says in refused(**terms)


def test_everything_that_is_wrong_is_said_at_once() -> None:
    said = refused(renew_after_days=0, max_age_days=181, realtime=True, channel=Channel.FILE)
    assert all(one in said for one in ("at least one day", "180", "by mail only"))


def test_every_fault_stands_at_its_field() -> None:
    """All of them at once, so that nobody corrects one after the other."""
    with pytest.raises(ImpossibleTerms) as caught:
        AuthorizationTerms(renew_after_days=14, max_age_days=181, realtime=True, channel=Channel.FILE, split=False)
    assert [one.field for one in caught.value.faults] == ["renew_after_days", "max_age_days", "channel", "realtime"]
    assert all(one.sentence in str(caught.value) for one in caught.value.faults)
