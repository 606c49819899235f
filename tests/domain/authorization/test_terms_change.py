"""What is done about changed terms, and when: mails, rounds over authorizations, pauses, the end."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.authorization.terms_change import OpenChange, Rounds, TermsDecision, TermsPicture, decide, mail_of
from domain.failure_report import Tried
from domain.outcomes import Outcome
from domain.repetition import pause
from domain.tenant_config import Pacing

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
PACING = Pacing()
DONE = TermsDecision()


def decided(picture: TermsPicture, rounds: Rounds, now: datetime = NOW) -> tuple[TermsDecision, Rounds]:
    return decide(picture, rounds, "terms-change/acme/stripe", PACING, now)


def test_mails_come_before_authorizations() -> None:
    """The oldest first; one that was tried and did not leave waits for its pause, and holds nobody up."""
    failed = Tried(Outcome.NOT_SENT, 1, NOW)
    picture = TermsPicture(True, 2, (OpenChange(1, failed), OpenChange(2)), ("a", "b"))
    assert decided(picture, Rounds(2))[0] == TermsDecision(confirm=2)
    both = TermsPicture(True, 2, (OpenChange(1, failed), OpenChange(2, failed)), ("a", "b"))
    assert decided(both, Rounds(2)) == (TermsDecision(tell=("a", "b")), Rounds(2, "b"))
    nobody = TermsPicture(True, 2, both.changes)
    assert decided(nobody, Rounds(2))[0] == TermsDecision(next_due=NOW + PACING.first_pause)
    assert decided(nobody, Rounds(2), NOW + PACING.first_pause)[0] == TermsDecision(confirm=1)


@pytest.mark.parametrize("ended", [Outcome.SUCCEEDED, Outcome.DECLINED])
def test_a_mail_that_has_ended_is_not_sent_again(ended: Outcome) -> None:
    """Also where the look that saw it end has not noted it yet."""
    assert decided(TermsPicture(True, 1, (OpenChange(1, Tried(ended, 1, NOW)),)), Rounds(1))[0] == DONE


def test_an_unknown_mail_is_repeated_as_the_same_operation() -> None:
    """It may arrive twice, under one Message-ID."""
    lost = TermsPicture(True, 1, (OpenChange(1, Tried(Outcome.UNKNOWN, 1, NOW)),))
    assert decided(lost, Rounds(1))[0] == TermsDecision(next_due=NOW + PACING.in_flight)
    assert decided(lost, Rounds(1), NOW + PACING.in_flight)[0] == TermsDecision(confirm=1)
    assert mail_of(1).id_within("w") == "w/mail/terms%2F1/1"


def test_a_round_goes_page_by_page_and_begins_again_for_those_who_did_not_hear() -> None:
    """Round after round with growing pauses, until nobody is left."""
    rounds, ended = Rounds(), 0
    for page in (("a", "b"), ("c",)):
        decision, rounds = decided(TermsPicture(True, 1, (), page), rounds)
        assert (decision, rounds.after) == (TermsDecision(tell=page), page[-1])
    for ended in (1, 2, 3):
        decision, rounds = decided(TermsPicture(True, 1), rounds)
        again_at = NOW + pause(ended, PACING)
        assert (decision, rounds) == (TermsDecision(look=True), Rounds(1, "", ended, again_at))
        assert decided(TermsPicture(True, 1, (), ("b",)), rounds) == (TermsDecision(next_due=again_at), rounds)
        decision, rounds = decided(TermsPicture(True, 1, (), ("b",)), rounds, again_at)
        assert (decision.tell, rounds.after) == (("b",), "b")
    assert decided(TermsPicture(True, 1), Rounds(1, "", ended, NOW + timedelta(hours=1)))[0] == DONE


def test_a_newer_version_begins_anew() -> None:
    """From the first authorization on, at once, whatever pause the older one had come to."""
    middle = Rounds(1, "m", 2, NOW + timedelta(hours=1))
    assert decided(TermsPicture(True, 2, (), ("n",)), middle) == (TermsDecision(look=True), Rounds(2))
    resting = Rounds(1, "", 2, NOW + timedelta(hours=1))
    assert decided(TermsPicture(True, 2, (), ("a",)), resting) == (TermsDecision(tell=("a",)), Rounds(2, "a"))


def test_nothing_left_is_the_end() -> None:
    """Nothing to tell and nobody to hear."""
    assert decided(TermsPicture(True, 0), Rounds()) == (DONE, Rounds())
    assert decided(TermsPicture(True, 3), Rounds(3))[0] == DONE
