"""The book of terms: what holds now, every version of it, and what the trail tells."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import time, timedelta

import pytest

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
from domain.authorization.terms_change import Confirmation
from domain.parties import ChangedMeanwhile, ProviderAccount, Tenant
from domain.tenant_config import InvalidConfiguration, Language
from storage.audit import AuditTrail
from storage.authorization_terms import AuthorizationTermsBook
from storage.database import Database
from storage.directory import Directory

ACCOUNT = "stripe/acme"
OTHER = AuthorizationTerms(
    renew_after_days=20,
    max_age_days=60,
    split=True,
    channel=Channel.FILE,
    hope_run=True,
    hope_scope=HopeScope.RENEWAL_AND_SPLIT,
    hope_per=HopePer.FAILURE,
    wider_hope_reasons=("expired", "limit"),
    respect_advice=False,
    report_final_only=True,
    report_stops=True,
    tell_success=True,
    order=RenewalOrder.AUTHORIZE_FIRST,
    guard=Guard.WARN,
    override_interval=True,
    small_amounts=True,
    preset=Preset.STRICT,
    day_zone=DayZone.BOTH,
    nightly_from=time(2, 15),
    split_after=timedelta(minutes=4),
    capture_after=timedelta(minutes=7),
    deadline_margin=timedelta(hours=6),
    warn_before=timedelta(hours=36),
    language=Language.ENGLISH,
)


@pytest.fixture
def book(db: Database) -> AuthorizationTermsBook:
    """The book of a tenant with an account."""
    directory = Directory(db)
    directory.put_tenant(Tenant("acme", "Acme GmbH", Language.ENGLISH))
    directory.put_tenant(Tenant("other", "Other GmbH"))
    directory.put_provider_account(ProviderAccount(ACCOUNT, "acme", "stripe", "https://api.example"))
    return AuthorizationTermsBook(db)


def test_the_defaults_hold_until_something_is_agreed_on(book: AuthorizationTermsBook) -> None:
    """They are version 0, speak the tenant's language, and are no part of the history."""
    assert book.current("acme", ACCOUNT) == AuthorizationTerms(version=0, language=Language.ENGLISH)
    assert book.current("other", ACCOUNT).language is Language.GERMAN
    assert book.history("acme", ACCOUNT) == ()


def test_every_setting_comes_back_as_it_was_put(book: AuthorizationTermsBook) -> None:
    """Also durations, times and choices; the version is counted by the book."""
    agreed = book.put("acme", ACCOUNT, replace(OTHER, version=77))
    assert agreed == replace(OTHER, version=1)
    assert book.current("acme", ACCOUNT) == agreed
    plain = AuthorizationTerms()
    same = [name for name in vars(plain) if getattr(plain, name) == getattr(agreed, name)]
    assert same == ["version", "split", "realtime"]  # nothing else is left at its default in this test


def test_the_history_says_who_changed_what_and_when(db: Database, book: AuthorizationTermsBook) -> None:
    """Equal terms are no change; each change is a version with its author, and a line in the trail."""
    first = book.put("acme", ACCOUNT, AuthorizationTerms(language=Language.ENGLISH), by="ada")
    assert (first.version, book.history("acme", ACCOUNT)) == (0, ())
    book.put("acme", ACCOUNT, replace(first, renew_after_days=10), by="ada")
    book.put("acme", ACCOUNT, replace(first, renew_after_days=10), by="bob")
    book.put("acme", ACCOUNT, replace(first, renew_after_days=10, split=False), by="cyd")
    history = book.history("acme", ACCOUNT)
    told = [(one.terms.version, one.created_by, one.terms.renew_after_days, one.terms.split) for one in history]
    assert told == [(1, "ada", 10, True), (2, "cyd", 10, False)]
    assert {one.confirmation for one in history} == {Confirmation.OPEN}
    trail = [(one.actor, dict(one.details)) for one in AuditTrail(db).entries("acme") if "terms" in one.action]
    assert trail == [
        ("cyd", {"version": "2", "split": "True → False"}),
        ("ada", {"version": "1", "renew_after_days": "7 → 10"}),
    ]


def test_a_change_names_the_version_that_it_was_made_from(book: AuthorizationTermsBook) -> None:
    """What somebody else has changed meanwhile is not overwritten."""
    with pytest.raises(ChangedMeanwhile, match="read them again"):
        book.put("acme", ACCOUNT, OTHER, expected=1)
    book.put("acme", ACCOUNT, OTHER, expected=0)
    with pytest.raises(ChangedMeanwhile):
        book.put("acme", ACCOUNT, AuthorizationTerms(), expected=0)
    assert book.put("acme", ACCOUNT, AuthorizationTerms(), expected=1).version == 2


def test_of_many_who_change_it_at_once_one_wins(book: AuthorizationTermsBook) -> None:
    """The others are told that it was changed; no version is lost or written twice."""

    def change(days: int) -> bool:
        try:
            book.put("acme", ACCOUNT, AuthorizationTerms(renew_after_days=days), expected=0)
        except ChangedMeanwhile:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(change, [8, 9, 10, 11])) == 1
    assert len(book.history("acme", ACCOUNT)) == 1


@pytest.mark.parametrize(("tenant", "account"), [("acme", "stripe/none"), ("other", ACCOUNT)])
def test_an_account_that_is_not_there(book: AuthorizationTermsBook, tenant: str, account: str) -> None:
    """Terms belong to an account of the tenant; another tenant's is none."""
    with pytest.raises(InvalidConfiguration, match="add the account first"):
        book.put(tenant, account, OTHER)
