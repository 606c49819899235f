"""The book of terms: what holds now, every version of it, and what the trail tells."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import time, timedelta

import pytest

from domain.authorization.facts import TermsChanged
from domain.authorization.ports import Instrument
from domain.authorization.summary import AuthorizationStatus
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
from domain.authorization.terms_change import Confirmation, OpenChange, TermsPicture, mail_of
from domain.operations import operation_key
from domain.outcomes import OperationResult, Outcome
from domain.parties import ChangedMeanwhile, ProviderAccount, Tenant
from domain.ports import OperationHeader
from domain.tenant_config import InvalidConfiguration, Language
from storage.audit import AuditTrail
from storage.authorization_terms import PAGE, AuthorizationTermsBook
from storage.authorizations import SqlAuthorizations, StartedAuthorization
from storage.database import Database
from storage.directory import Directory
from storage.gates import Gates
from storage.journal import SqlJournal
from storage.secrets import SecretBox
from storage.tables import authorizations
from tests.storage.builders import T0
from tests.support.failing import Failing
from workflows.ids import authorization_workflow_id

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


# -- the way of a change to the merchant and to open authorizations

WORKFLOW = "terms-change/acme/stripe%2Facme"


def _held(db: Database, reference: str, version: int = 0) -> Failing:
    terms = AuthorizationTerms(version=version, channel=Channel.MAIL)
    return Failing(db, reference, ACCOUNT, "acme", terms).held(T0)


def _mailed(db: Database, version: int, outcome: Outcome) -> None:
    """A confirming mail stands in the journal with this outcome."""
    operation = mail_of(version)
    journal = SqlJournal(db, Gates(db), in_flight=timedelta(minutes=3), sends=5)
    op_id = operation.id_within(WORKFLOW)
    header = OperationHeader(op_id, operation_key(op_id), WORKFLOW, "mail", operation.subject, 1, None, "", "h", "mail")
    journal.begin(header, T0, "owner")
    journal.permit(op_id, "owner", T0)
    journal.finish(op_id, "owner", T0, OperationResult(outcome))


def test_who_has_not_heard_is_found_page_by_page(db: Database, book: AuthorizationTermsBook) -> None:
    """Open authorizations of this account with an older version; not those that heard, ended, or are of others."""
    held = [_held(db, f"hold-{number:03}") for number in range(PAGE + 2)]
    Failing(db, "elsewhere", "other", "acme", AuthorizationTerms(version=0)).held(T0)
    assert book.look("acme", ACCOUNT, WORKFLOW, "") == TermsPicture()  # nothing was agreed on
    book.put("acme", ACCOUNT, replace(AuthorizationTerms(), renew_after_days=9), by="ada")
    assert book.history("acme", ACCOUNT)[0].open_authorizations == PAGE + 2
    _held(db, "newer", version=1)
    ids = [one.workflow_id for one in held]
    first = book.look("acme", ACCOUNT, WORKFLOW, "")
    assert (first.version, first.unheard) == (1, tuple(ids[:PAGE]))
    assert book.look("acme", ACCOUNT, WORKFLOW, ids[PAGE - 1]).unheard == tuple(ids[PAGE:])
    held[0].learn_of(TermsChanged(T0, book.current("acme", ACCOUNT))).record(T0)
    with db.write() as sql:
        ended = authorizations.update().where(authorizations.c.workflow_id == ids[1])
        sql.execute(ended.values(status=AuthorizationStatus.VOIDED.value))
    assert book.look("acme", ACCOUNT, WORKFLOW, "").unheard == tuple(ids[2 : PAGE + 2])


def test_one_that_is_just_being_started_is_told_too(db: Database, book: AuthorizationTermsBook) -> None:
    """It may have been handed over with the terms before."""
    starting = authorization_workflow_id("acme", ACCOUNT, "new")
    store = SqlAuthorizations(db, SecretBox(db, [b"k" * 32]))
    store.begin(StartedAuthorization(starting, "acme", "stripe", ACCOUNT, "new", "", "", "{}"), Instrument(), T0)
    book.put("acme", ACCOUNT, OTHER)
    assert book.look("acme", ACCOUNT, WORKFLOW, "").unheard == (starting,)


@pytest.mark.parametrize(
    ("outcome", "known"),
    [
        (Outcome.SUCCEEDED, Confirmation.SENT),
        (Outcome.DECLINED, Confirmation.REFUSED),
        (Outcome.UNKNOWN, Confirmation.OPEN),
        (Outcome.NOT_SENT, Confirmation.OPEN),
    ],
)
def test_what_became_of_a_mail_is_kept(
    db: Database, book: AuthorizationTermsBook, outcome: Outcome, known: Confirmation
) -> None:
    """A mail that was taken or refused for good is over; every other one is left to do."""
    book.put("acme", ACCOUNT, OTHER)
    assert book.look("acme", ACCOUNT, WORKFLOW, "").changes == (OpenChange(1),)
    _mailed(db, 1, outcome)
    left = book.look("acme", ACCOUNT, WORKFLOW, "").changes
    version = book.history("acme", ACCOUNT)[0]
    assert version.confirmation is known
    assert (version.confirmed_at == T0) == (known is Confirmation.SENT)
    assert [one.mail.outcome for one in left if one.mail] == ([outcome] if known is Confirmation.OPEN else [])
    assert book.unfinished() == ((("acme", ACCOUNT),) if known is Confirmation.OPEN else ())


def test_a_change_that_somebody_has_not_heard_of_is_unfinished(db: Database, book: AuthorizationTermsBook) -> None:
    """Also after its mail was taken."""
    _held(db, "hold-a")
    assert book.unfinished() == ()
    book.put("acme", ACCOUNT, OTHER)
    _mailed(db, 1, Outcome.SUCCEEDED)
    book.look("acme", ACCOUNT, WORKFLOW, "")
    assert book.unfinished() == (("acme", ACCOUNT),)


def test_a_change_stands_beside_what_held_before(book: AuthorizationTermsBook) -> None:
    """The first one beside the defaults; the mail speaks the tenant's language, whatever the terms say."""
    book.put("acme", ACCOUNT, AuthorizationTerms(renew_after_days=9))
    book.put("acme", ACCOUNT, AuthorizationTerms(renew_after_days=10))
    first, second = book.change("acme", ACCOUNT, 1), book.change("acme", ACCOUNT, 2)
    assert (first.before.renew_after_days, first.now.terms.renew_after_days) == (7, 9)
    assert (second.before.renew_after_days, second.now.terms.renew_after_days) == (9, 10)
    assert second.language is Language.ENGLISH
    with pytest.raises(LookupError, match="no version 3"):
        book.change("acme", ACCOUNT, 3)


def test_an_account_that_is_gone_has_nothing_to_tell(book: AuthorizationTermsBook) -> None:
    """The tenant was removed."""
    assert book.look("acme", "stripe/none", WORKFLOW, "") == TermsPicture(active=False)
