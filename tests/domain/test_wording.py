"""Texts for merchants are complete in both languages and take exactly their parameters."""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from domain import reasons, wording
from domain.authorization.declines import Decline
from domain.authorization.facts import StopReason
from domain.operations import Kind, Note
from domain.problems import CATALOGUE
from domain.tenant_config import Language

AT = datetime(2027, 7, 1, 8, 5, tzinfo=UTC)  # 10:05 in Berlin

COMMENTS = {
    "released": (),
    "released_captured": ("amount", "reference"),
    "released_locked": ("reason",),
    "locked": ("reason",),
    "released_waiting_transfer": ("expected",),
    "unlocked_transfer": ("received",),
    "unlocked_verified": (),
    "captured_booked": ("amount", "event", "invoice", "reference"),
    "booked": ("amount", "event", "invoice"),
    "capture_failed": ("amount", "invoice", "problem"),
    "payment_pending": (),
    "shipped_unpaid": ("invoice",),
    "invoices_exceed": ("invoice", "order", "sum"),
    "transfer_too_little": ("expected", "received"),
    "transfer_too_much": ("expected", "received"),
    "transfer_overdue": ("days",),
    "hold_aging": ("days",),
    "cancel_wished_locked": (),
    "cancel_wished_shipped": (),
    "capture_unverified": ("invoice",),
    "booking_failed": ("amount", "invoice"),
    "problem": ("problem",),
    "bank_data_written": (),
    "voided": ("amount",),
    "nothing_to_void": (),
    "refunded": ("amount", "reference"),
    "refunded_booked": ("amount", "credit_note", "event", "reference"),
    "shipment_reported": (),
}
WAITS = {
    "wait_snapshot": (),
    "wait_release_check": (),
    "wait_payment_decision": (),
    "wait_transfer": ("expected", "next_look", "received"),
    "wait_shipping": (),
    "wait_closed": (),
    "wait_erp_window": ("until",),
    "wait_retry": ("operation", "reason", "until"),
    "wait_payment_read": ("reason", "until"),
    "wait_unknown": ("operation", "until"),
    "wait_person": ("problem",),
    "wait_end": ("until",),
    "out_of_scope": (),
    "blocked": ("problem",),
    "finished": (),
    "method_deprecated": ("method", "successor"),
    "method_closed": ("method",),
    "wait_first_look": (),
    "hold_unusable": (),
    "wait_hold_read": ("reason", "until"),
    "wait_hope_run": ("amount", "until"),
    "wait_authorization": ("amount",),
    "wait_split": ("amount", "until"),
    "wait_renewal": ("amount", "until"),
    "wait_lapse": ("amount", "reason", "until"),
    "authorization_over": ("status",),
}
PROBLEMS = {
    "payment_unreadable": ("reason",),
    "waiting_for_transfer": ("expected",),
    "transfer_too_little": ("expected", "received"),
    "transfer_too_much": ("expected", "received"),
    "transfer_overdue": ("days",),
    "shipped_unpaid": ("invoice",),
    "hold_aging": ("days",),
    "settlement_late": ("invoice",),
    "payment_unknown": ("payment_id",),
    "amount_differs": ("order", "payment"),
    "currency_differs": ("order", "payment"),
    "payment_tag_differs": ("expected", "found"),
    "unsupported_method": ("method",),
    "invoices_exceed_order": ("invoice", "order", "sum"),
    "capture_failed": ("amount", "reason"),
    "capture_unverified": ("invoice",),
    "authorization_expired": ("amount",),
    "booking_failed": ("amount", "invoice"),
    "erp_refused": ("operation", "reason"),
    "outcome_unknown": ("operation",),
    "misconfigured": ("system",),
    "cancellation_by_hand": ("captured", "held"),
    "credit_note_by_hand": ("amount", "credit_note"),
    "chargeback": ("amount",),
    "give_back_late": ("operation",),
    "bank_data_missing": ("reason",),
    "pay_back_by_transfer": ("amount",),
    "shipment_failed": ("reason",),
    "cancellation_failed": ("amount", "reason"),
    "refund_failed": ("amount", "reason"),
    "credit_note_settled": ("amount", "credit_note"),
    "refund_exceeds": ("amount", "captured"),
    "refund_incomplete": ("amount", "refunded"),
    "refunded_by_hand": ("amount", "refunded"),
    "credit_notes_exceed_return": ("amount", "credit_note"),
    "invoice_by_hand": ("amount", "invoice"),
    "taken_over_unclear": ("amount", "operation", "subject"),
    "hold_ends_soon": ("amount", "deadline"),
    "hold_outside_guarantee": ("amount", "deadline", "renewal"),
    "not_renewable": ("amount", "deadline"),
    "hold_unreadable": ("reason",),
    "unsecured": ("amount", "code", "reason"),
    "renewal_failed": ("amount", "code", "reason"),
    "renewal_stopped": ("reason",),
    "hold_differs": ("hold",),
    "two_holds": ("amount", "hold"),
    "hold_not_usable": ("standing",),
    "failure_file_waits": ("attempts", "day"),
    "failure_file_undelivered": ("file", "reason"),
}
_FIELDS = (
    "amount",
    "amount_minor",
    "code",
    "currency",
    "extension",
    "reason",
    "payout_reference",
    "reference",
    "case_reference",
)
NOTICES = {
    "extension_failed": _FIELDS,
    "extension_failed_hope": (*_FIELDS, "hope_at"),
    "renewed": ("amount", "hold", "number"),
    "split": ("amount", "hold", "number"),
}
CODED = {
    "problem": "payment_declined",
    "operation": "capture",
    "reason": "unreachable",
    "system": "provider",
    "extension": "renewal",
    "standing": "lapsed",
    "status": "captured",
}
LANGUAGES = tuple(Language)


def _params(names: tuple[str, ...], coded: dict[str, str]) -> dict[str, str]:
    return {name: coded.get(name, f"<{name}>") for name in names}


def _without(params: dict[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in params.items() if key != name}


def _comment(code: str, language: Language, *, drop: str = "", **more: str) -> str:
    coded = {**CODED, "reason": "payment_declined"}
    params = _without({**_params(COMMENTS[code], coded), **more}, drop)
    return wording.comment_text(Note(code, tuple(params.items())), language, AT)


def _why(code: str, language: Language, *, drop: str = "", **more: str) -> str:
    return wording.why_text(code, _without({**_params(WAITS[code], CODED), **more}, drop), language)


def _problem(code: str, language: Language, *, drop: str = "", **more: str) -> str:
    params = _without({**_params(PROBLEMS.get(code, ()), CODED), **more}, drop)
    text = wording.problem_text(code, params, language)
    return f"{text.cause_short}|{text.what_happened}|{text.what_to_do}"


def _notice(code: str, language: Language, *, drop: str = "", **more: str) -> str:
    params = _without({**_params(NOTICES[code], CODED), **more}, drop)
    return "|".join(wording.notice_text(Note(code, tuple(params.items())), language))


FAMILIES: list[tuple[str, Callable[..., str], dict[str, tuple[str, ...]]]] = [
    ("comment", _comment, COMMENTS),
    ("why", _why, WAITS),
    ("notice", _notice, NOTICES),
    ("problem", _problem, {code: PROBLEMS.get(code, ()) for code in CATALOGUE}),
]
EVERY = [
    pytest.param(write, code, names, id=f"{family}-{code}")
    for family, write, table in FAMILIES
    for code, names in table.items()
]


@pytest.mark.parametrize(("write", "code", "names"), EVERY)
def test_every_text_is_whole_in_both_languages(write: Callable[..., str], code: str, names: tuple[str, ...]) -> None:
    """Each text shows every parameter, leaves no brace, differs by language and fits the ERP's character set."""
    german, english = (write(code, language) for language in LANGUAGES)
    for text in (german, english):
        assert not set("{}") & set(text)
        assert all(f"<{name}>" in text for name in names if name not in CODED)
        text.encode("cp1252")
    for one, other in zip(german.split("|"), english.split("|"), strict=True):
        assert one.strip()
        assert one != other


@pytest.mark.parametrize(("write", "code", "names"), EVERY)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_missing_or_surplus_parameter_is_refused(
    write: Callable[..., str], code: str, names: tuple[str, ...], language: Language
) -> None:
    """A text is written with exactly its parameters or not at all."""
    with pytest.raises(ValueError, match="takes"):
        write(code, language, something_else="1")
    for name in names:
        with pytest.raises(ValueError, match="takes"):
            write(code, language, drop=name)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("family", "write", "table"), FAMILIES, ids=[row[0] for row in FAMILIES])
def test_no_two_codes_share_a_text(
    family: str, write: Callable[..., str], table: dict[str, tuple[str, ...]], language: Language
) -> None:
    """Every code of a family says something of its own, in each of its parts."""
    for texts in zip(*(write(code, language).split("|") for code in table), strict=True):
        assert len(set(texts)) == len(texts), family


def test_the_tables_know_the_codes_of_the_domain_and_no_others() -> None:
    """Problems, operations and reasons have words, and no text is left over for a code that is gone."""
    known = {value for name, value in vars(reasons).items() if name.isupper()}
    known |= {one.value for one in Decline} | {one.value for one in StopReason}
    assert set(wording.REASONS) == known | {""}
    assert set(wording.OPERATIONS) == {kind.value for kind in Kind}
    assert set(wording.CAUSES) == set(wording.HAPPENED) == set(wording.TO_DO) == set(CATALOGUE)
    assert set(wording.COMMENTS) == set(COMMENTS)
    assert set(wording.WAITS) == set(WAITS)
    assert set(wording.NOTICES) == set(wording.NOTICE_SUBJECTS) == set(NOTICES)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("table", ["REASONS", "OPERATIONS", "SYSTEMS"])
def test_words_for_codes_are_there_in_both_languages(table: str, language: Language) -> None:
    """Each code of a reason, operation or system has one word of its own per language."""
    words = {code: text.in_(language) for code, text in getattr(wording, table).items()}
    assert all(words.values())
    assert len(set(words.values())) == len(words)
    assert all(text.german != text.english for text in getattr(wording, table).values())


def test_parameters_can_be_asked_for() -> None:
    """The names that a text takes can be read from its code."""
    for code, names in itertools.chain(COMMENTS.items(), WAITS.items()):
        assert tuple(sorted(wording.parameters(code))) == names
    for code in CATALOGUE:
        assert tuple(sorted(wording.problem_parameters(code))) == PROBLEMS.get(code, ())


def test_a_comment_begins_with_the_berlin_time_of_what_was_done() -> None:
    """The comment says when something was done, in Berlin wall time, and what."""
    note = Note.of("booked", invoice="RE-1", amount="119.90 EUR", event="ZE")
    german = wording.comment_text(note, Language.GERMAN, AT)
    assert german == "01.07.2027, 10:05 Uhr: Rechnung RE-1: 119.90 EUR mit Buchungsevent ZE ausgeglichen."
    english = wording.comment_text(note, Language.ENGLISH, AT)
    assert english == "2027-07-01, 10:05: Invoice RE-1: 119.90 EUR cleared with booking event ZE."


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("2027-07-01T08:05+00:00", "01.07.2027, 10:05 Uhr"),
        ("2027-01-01T08:05:59.123456+00:00", "01.01.2027, 09:05 Uhr"),
        ("2027-07-01T08:05", "2027-07-01T08:05"),
        ("-", "-"),
        ("gegen Mittag", "gegen Mittag"),
    ],
)
def test_an_instant_that_an_order_waits_for_is_shown_in_berlin_time(given: str, shown: str) -> None:
    """An ISO instant becomes wall time; a text that is ready stays as it is."""
    text = wording.why_text("wait_end", {"until": given}, Language.GERMAN)
    assert text == f"Ausgeglichen. Ohne weitere Änderung endet die Betreuung: {shown}."


def test_a_time_without_a_zone_is_refused() -> None:
    """A naive instant cannot be turned into Berlin time."""
    with pytest.raises(ValueError, match="zone"):
        wording.instant_text(datetime(2027, 7, 1), Language.GERMAN)  # noqa: DTZ001


def test_codes_within_a_text_are_put_into_words() -> None:
    """A problem code given as a reason appears as its short cause."""
    text = wording.comment_text(Note.of("released_locked", reason="payment_declined"), Language.ENGLISH, AT)
    assert text.endswith("Reason for the lock: Payment declined.")


@pytest.mark.parametrize("code", ["nothing", "", "wait_shipping"])
def test_an_unknown_code_is_refused(code: str) -> None:
    """A code without a sentence is a programming error."""
    with pytest.raises(ValueError, match="no text"):
        wording.comment_text(Note(code), Language.GERMAN, AT)


def test_an_unknown_code_as_parameter_is_refused() -> None:
    """A coded parameter that has no words is a programming error too."""
    with pytest.raises(ValueError, match="no text"):
        wording.comment_text(Note.of("problem", problem="nothing"), Language.GERMAN, AT)


def test_braces_in_a_parameter_stay_as_they_are() -> None:
    """A parameter is data and never a template."""
    note = Note.of("shipped_unpaid", invoice="{amount} {0}")
    assert "{amount} {0}" in wording.comment_text(note, Language.ENGLISH, AT)


def test_a_parameter_given_twice_is_refused() -> None:
    """Two values for one name are a programming error."""
    with pytest.raises(ValueError, match="takes"):
        wording.comment_text(Note("shipped_unpaid", (("invoice", "1"), ("invoice", "2"))), Language.GERMAN, AT)
