"""The mail that confirms changed terms, in both languages: every setting has a name and every value words."""

from dataclasses import fields, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from domain.authorization.declines import Decline
from domain.authorization.terms import (
    AuthorizationTerms,
    Channel,
    DayZone,
    Guard,
    HopePer,
    HopeScope,
    Preset,
    RenewalOrder,
)
from domain.authorization.terms_change import TermsChange, TermsVersion
from domain.tenant_config import Language
from domain.wording.terms import SETTINGS, TermsText, setting_value, terms_text

AT = datetime(2027, 7, 1, 8, 5, tzinfo=UTC)  # 10:05 in Berlin
BEFORE = AuthorizationTerms(version=1)
CHOICES = (Channel, DayZone, Guard, HopePer, HopeScope, Preset, RenewalOrder, Language)


def told(language: Language, count: int = 3, by: str = "kim", **changes: Any) -> TermsText:
    now = replace(BEFORE, version=2, **changes)
    return terms_text(TermsChange(BEFORE, TermsVersion("acme", "stripe-acme", now, AT, by, count), language))


def test_every_setting_has_a_name() -> None:
    """A new setting is told by name too."""
    assert set(SETTINGS) == {one.name for one in fields(AuthorizationTerms)} - {"version"}


@pytest.mark.parametrize("language", list(Language))
def test_every_value_has_words_that_fit_every_mail(language: Language) -> None:
    """Choices, reasons, durations; nothing of it is a name from the code."""
    choices = [choice for kind in CHOICES for choice in kind]
    for value in [*choices, True, False, None, 7, time(1, 30), timedelta(minutes=3), (), tuple(Decline)]:
        said = setting_value(value, language)
        assert said
        assert "_" not in said
        said.encode("cp1252")
    for name in SETTINGS.values():
        name.in_(language).encode("cp1252")
    with pytest.raises(ValueError, match="no setting"):
        setting_value(1.5, language)


def test_the_change_is_told_in_german() -> None:
    """From what to what, by whom, when in Berlin, and what it means for how many."""
    text = told(Language.GERMAN, renew_after_days=10, max_age_days=90, warn_before=timedelta(minutes=90))
    assert text.subject == "Bedingungen geändert: stripe-acme, Version 2"
    assert "am 01.07.2027, 10:05 Uhr von kim geändert" in text.head
    assert text.changed == (
        "Erneuerung: nach 7 Tagen -> nach 10 Tagen",
        "Höchstes Alter: 180 Tage -> 90 Tage",
        "Warnung vor dem Ende einer Reservierung: 24 Stunden -> 90 Minuten",
    )
    assert "zu diesem Zeitpunkt: 3." in text.means[0]
    assert "nicht sofort" in text.means[1]
    assert "höchste Alter erreicht" in text.means[2]


def test_the_change_is_told_in_english() -> None:
    """Switching renewal off says what becomes of holds."""
    text = told(Language.ENGLISH, count=0, renew_after_days=None, channel=Channel.FILE, split=False)
    assert text.changed == (
        "Renewal: after 7 days -> none",
        "Split after a partial capture: yes -> no",
        "Failures are told: by mail -> as failure file",
    )
    assert text.means[0].startswith("No authorization was open")
    assert "holds end with the deadline" in text.means[1]
    assert len(text.means) == 3


def test_a_name_cannot_add_lines() -> None:
    """Whoever changes the terms calls himself what he likes."""
    assert "by kim To: x@y.example on" not in told(Language.ENGLISH, by="kim\r\n\r\nTo: x@y.example").head
    assert "\n" not in told(Language.ENGLISH, by="kim\r\nTo: x@y.example", split=False).head
