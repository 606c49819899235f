"""What merchants are told of the terms for their authorizations, in German and English: settings by name, values in
words, and what a change means."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import time, timedelta
from enum import StrEnum

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
from domain.authorization.terms_change import TermsChange
from domain.tenant_config import Language
from domain.wording import instant_text
from domain.wording.authorizations import REASONS
from domain.wording.text import Text

SETTINGS = {
    "renew_after_days": Text("Erneuerung", "Renewal"),
    "max_age_days": Text("Höchstes Alter", "Maximum age"),
    "split": Text("Autorisierungsteilung nach Teilbuchung", "Split after a partial capture"),
    "realtime": Text("Teilung in Echtzeit statt über Nacht", "Split in realtime instead of over night"),
    "channel": Text("Meldung von Fehlschlägen", "Failures are told"),
    "hope_run": Text("Hoffnungslauf", "Hope run"),
    "hope_scope": Text("Hoffnungslauf für", "Hope run for"),
    "hope_per": Text("Hoffnungslauf je", "Hope run once per"),
    "wider_hope_reasons": Text("Weitere Gründe für einen Hoffnungslauf", "Further reasons for a hope run"),
    "respect_advice": Text("Rat des Kartensystems beachten", "Respect the card scheme's advice"),
    "report_final_only": Text("Nur endgültige Fehlschläge melden", "Tell final failures only"),
    "report_stops": Text("Angehaltene Erneuerungen melden", "Tell of renewals that stop"),
    "tell_success": Text("Gelungene Erneuerungen melden", "Tell of renewals that succeed"),
    "order": Text("Reihenfolge der Erneuerung", "Order of a renewal"),
    "guard": Text("Frist des Kartensystems", "The card scheme's deadline"),
    "override_interval": Text("Ungewöhnlicher Abstand bestätigt", "Unusual interval confirmed"),
    "small_amounts": Text("Beträge unter einer Währungseinheit", "Amounts below one unit of currency"),
    "preset": Text("Umgang mit abgewiesenen Aktionen", "What a refused action means"),
    "day_zone": Text("Uhr für das nächtliche Buchungsverbot", "Clock for the nightly ban on captures"),
    "nightly_from": Text("Beginn des nächtlichen Laufs", "The nightly run begins"),
    "split_after": Text("Wartezeit bis zur Teilung in Echtzeit", "Wait before a split in realtime"),
    "capture_after": Text("Wartezeit bis zur nächsten Buchung in Echtzeit", "Wait before the next capture in realtime"),
    "deadline_margin": Text("Abstand zur Frist der Reservierung", "Margin before a hold's deadline"),
    "warn_before": Text("Warnung vor dem Ende einer Reservierung", "Warning before a hold ends"),
    "language": Text("Sprache der Meldungen", "Language of messages"),
}

_CHOICES: Mapping[StrEnum, Text] = {
    Channel.MAIL: Text("per E-Mail", "by mail"),
    Channel.FILE: Text("als Fehlerdatei", "as failure file"),
    HopeScope.RENEWAL: Text("Erneuerungen", "renewals"),
    HopeScope.RENEWAL_AND_SPLIT: Text("Erneuerungen und Teilungen", "renewals and splits"),
    HopePer.AUTHORIZATION: Text("Autorisierung", "authorization"),
    HopePer.FAILURE: Text("Fehlschlag", "failure"),
    RenewalOrder.VOID_FIRST: Text("erst aufheben, dann neu autorisieren", "void first, then authorize"),
    RenewalOrder.AUTHORIZE_FIRST: Text("erst neu autorisieren, dann aufheben", "authorize first, then void"),
    Guard.BY_SOURCE: Text(
        "bekannte Frist verkürzt den Abstand, geschätzte warnt", "a told one shortens the interval, an estimate warns"
    ),
    Guard.SHORTEN: Text("verkürzt den Abstand", "shortens the interval"),
    Guard.WARN: Text("warnt nur", "warns only"),
    Guard.OFF: Text("bleibt unbeachtet", "is not looked at"),
    Preset.HOLDFAST: Text("bleibt ohne Folgen", "has no consequences"),
    Preset.STRICT: Text("zählt als fehlgeschlagen und hält die Erneuerung an", "counts as failed and stops renewal"),
    DayZone.BERLIN: Text("Berliner Zeit", "Berlin time"),
    DayZone.FIXED_CET: Text("MEZ, auch im Sommer", "CET, in summer too"),
    DayZone.BOTH: Text("Berliner Zeit und MEZ", "Berlin time and CET"),
    Language.GERMAN: Text("Deutsch", "German"),
    Language.ENGLISH: Text("Englisch", "English"),
}
_YES, _NO, _NONE = Text("ja", "yes"), Text("nein", "no"), Text("keine", "none")
_DATES = frozenset({"renew_after_days", "max_age_days", "guard", "deadline_margin", "nightly_from"})

_SUBJECT = Text("Bedingungen geändert: {account}, Version {version}", "Terms changed: {account}, version {version}")
_HEAD = Text(
    "Die Bedingungen für Autorisierungen des Kontos {account} wurden am {at} von {actor} geändert. "
    "Es gilt jetzt Version {version}.",
    "The terms for authorizations of the account {account} were changed on {at} by {actor}. Version {version} holds "
    "now.",
)
_CHANGED = Text("Was wurde geändert?", "What was changed?")
_MEANS = Text("Was bedeutet das?", "What does it mean?")
_NOBODY = Text(
    "Offene Autorisierungen gab es zu diesem Zeitpunkt nicht. Neue folgen den neuen Bedingungen.",
    "No authorization was open at that time. New ones follow the new terms.",
)
_OPEN = Text(
    "Offene Autorisierungen zu diesem Zeitpunkt: {count}. Für sie gelten die neuen Bedingungen ab der nächsten "
    "Entscheidung, für neue sofort.",
    "Authorizations that were open at that time: {count}. They follow the new terms from their next decision on, new "
    "ones at once.",
)
_NOT_AT_ONCE = Text(
    "Termine werden neu berechnet. Was danach schon fällig wäre, wird im nächsten nächtlichen Lauf erledigt und nicht "
    "sofort.",
    "Dates are counted anew. What would be overdue by then is done in the next nightly run and not at once.",
)
_STOPS = Text(
    "Autorisierungen, die das neue höchste Alter erreicht haben, werden nicht mehr erneuert.",
    "Authorizations that have reached the new maximum age are not renewed any more.",
)
_NO_RENEWAL = Text(
    "Ab jetzt wird nichts mehr erneuert: Reservierungen enden mit der Frist ihres Kartensystems.",
    "From now on nothing is renewed: holds end with the deadline of their card scheme.",
)
_CHECK = Text(
    "Wenn Sie diese Änderung nicht veranlasst haben, wenden Sie sich an den Betreiber von Holdfast.",
    "If you did not want this change, tell the operator of Holdfast.",
)


@dataclass(frozen=True)
class TermsText:
    """A change in words: a subject line, who changed what and when, setting by setting, and what it means."""

    subject: str
    head: str
    changed_title: str
    changed: tuple[str, ...]
    means_title: str
    means: tuple[str, ...]


def terms_text(change: TermsChange) -> TermsText:
    """The words for a change in the tenant's language, instants in Berlin wall time."""
    now, before, language = change.now, change.before, change.language
    named = {"account": now.account, "version": str(now.terms.version)}
    changed = [one.name for one in fields(now.terms) if one.name in SETTINGS and _differs(before, now.terms, one.name)]
    head = _HEAD.in_(language).format(**named, at=instant_text(now.created_at, language), actor=_plain(now.created_by))
    return TermsText(
        subject=_SUBJECT.in_(language).format(**named),
        head=head,
        changed_title=_CHANGED.in_(language),
        changed=tuple(_line(name, before, now.terms, language) for name in changed),
        means_title=_MEANS.in_(language),
        means=tuple(one.in_(language).format(count=now.open_authorizations) for one in _meaning(change, changed)),
    )


def setting_value(value: object, language: Language) -> str:
    """One value of a setting in words. Raises `ValueError` for a kind of value that no setting has."""
    match value:
        case bool():
            return (_YES if value else _NO).in_(language)
        case None:
            return _NONE.in_(language)
        case StrEnum():
            return _CHOICES[value].in_(language)
        case int():
            return _count(value, Text("Tag", "day"), Text("Tage", "days"), language)
        case timedelta():
            return _duration(value, language)
        case time():
            return f"{value:%H:%M} Uhr" if language is Language.GERMAN else f"{value:%H:%M}"
        case tuple():
            words = [REASONS[one].in_(language) if one in REASONS else str(one) for one in value]
            return "; ".join(words) or _NONE.in_(language)
        case _:
            raise ValueError(f"no setting has a value like {value!r}")


def _meaning(change: TermsChange, changed: list[str]) -> list[Text]:
    before, now = change.before, change.now.terms
    found = [_OPEN if change.now.open_authorizations else _NOBODY]
    if change.now.open_authorizations:
        if not _DATES.isdisjoint(changed):
            found.append(_NOT_AT_ONCE)
        if now.max_age_days < before.max_age_days:
            found.append(_STOPS)
    if now.renew_after_days is None and before.renew_after_days is not None:
        found.append(_NO_RENEWAL)
    return [*found, _CHECK]


def _differs(before: AuthorizationTerms, now: AuthorizationTerms, name: str) -> bool:
    return bool(getattr(before, name) != getattr(now, name))


def _line(name: str, before: AuthorizationTerms, now: AuthorizationTerms, language: Language) -> str:
    old, new = (_worded(name, getattr(one, name), language) for one in (before, now))
    return f"{SETTINGS[name].in_(language)}: {old} -> {new}"


def _worded(name: str, value: object, language: Language) -> str:
    said = setting_value(value, language)
    if name == "renew_after_days" and value is not None:
        if language is Language.GERMAN:
            return f"nach {value} {'Tag' if value == 1 else 'Tagen'}"
        return f"after {said}"
    return said


def _duration(value: timedelta, language: Language) -> str:
    minutes, seconds = divmod(int(value.total_seconds()), 60)
    if seconds:
        return _count(minutes * 60 + seconds, Text("Sekunde", "second"), Text("Sekunden", "seconds"), language)
    if minutes and not minutes % 60:
        return _count(minutes // 60, Text("Stunde", "hour"), Text("Stunden", "hours"), language)
    return _count(minutes, Text("Minute", "minute"), Text("Minuten", "minutes"), language)


def _count(number: int, one: Text, many: Text, language: Language) -> str:
    return f"{number} {(one if number == 1 else many).in_(language)}"


def _plain(actor: str) -> str:
    """A name on one line, short enough for a sentence."""
    return " ".join(actor.split())[:100] or "-"
