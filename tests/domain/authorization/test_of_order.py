"""What an order sees of the authorization that holds its money."""

import pytest

from domain.authorization.declines import Decline
from domain.authorization.facts import ActionKind, HoldStanding
from domain.authorization.of_order import became_of, picture
from domain.authorization.terms import Guard
from domain.facts import Standing
from domain.operations import Kind
from domain.outcomes import OperationResult, Outcome
from tests.domain.authorization.life import Life, at

OFF = {"guard": Guard.OFF}
NOW = at(6, 2)


def seen(life: Life) -> tuple[Standing, int, int, int, int]:
    """Standing, total, captured, refunded and remaining minor units."""
    found = picture(life.state, "pay-1", NOW)
    return found.standing, found.total_minor, found.captured_minor, found.refunded_minor, found.remaining_minor


def test_a_hold_is_a_card_payment_that_can_be_captured() -> None:
    found = picture(Life.begin(**OFF).state, "pay-1", NOW)
    assert (found.payment_id, found.method, found.currency, found.as_of) == ("pay-1", "card_hold", "EUR", NOW)
    assert seen(Life.begin(**OFF)) == (Standing.ACCEPTED, 10_000, 0, 0, 10_000)


@pytest.mark.parametrize(
    ("standing", "told"),
    [
        (HoldStanding.PENDING, Standing.PENDING),
        (HoldStanding.DECLINED, Standing.DECLINED),
        (HoldStanding.VOIDED, Standing.VOIDED),
        (HoldStanding.LAPSED, Standing.VOIDED),
    ],
)
def test_what_is_no_hold(standing: HoldStanding, told: Standing) -> None:
    assert seen(Life.begin(standing=standing)) == (told, 0, 0, 0, 0)


def test_of_what_nothing_is_known_nothing_is_decided() -> None:
    assert picture(None, "pay-1", NOW).standing is Standing.PENDING
    assert became_of(None, "r1") is None


def test_the_remainder_between_two_holds_still_remains() -> None:
    """Captured in part, waiting for its split, held anew, captured and refunded."""
    life = Life.begin(**OFF)
    life.capture(4_000)
    assert seen(life) == (Standing.ACCEPTED, 10_000, 4_000, 0, 6_000)
    life.until(at(6, 2))
    assert seen(life) == (Standing.ACCEPTED, 10_000, 4_000, 0, 6_000)
    life.capture(6_000)
    life.refund(1_000)
    assert seen(life) == (Standing.ACCEPTED, 10_000, 9_000, 1_000, 0)


def test_what_was_given_up_remains_no_more() -> None:
    """A whole hold: the payment is void. The rest: what was taken is what the payment is about."""
    whole, rest = Life.begin(**OFF), Life.begin(**OFF)
    whole.give_up()
    assert seen(whole) == (Standing.VOIDED, 0, 0, 0, 0)
    rest.capture(4_000)
    rest.give_up()
    assert seen(rest) == (Standing.ACCEPTED, 4_000, 4_000, 0, 0)


def test_a_lost_hold_is_asked_for_and_refused_as_expired() -> None:
    """So that a person is told what happened, instead of an invoice that is larger than nothing."""
    life = Life.begin(renew_after_days=7, **OFF)
    life.provider.script = {Kind.AUTHORIZE: [Decline.BY_ISSUER]}
    life.until(at(6, 9))
    assert seen(life) == (Standing.ACCEPTED, 10_000, 0, 0, 10_000)
    asked = life.capture(10_000, patient=True)
    became = became_of(life.state, asked.request_id)
    assert became is not None
    assert (became.outcome, became.reason) == (Outcome.DECLINED, "expired")
    life.give_up()
    assert seen(life)[4] == 0


def became(life: Life, request_id: str) -> OperationResult:
    found = became_of(life.state, request_id)
    assert found is not None
    return found


def test_outcomes_carry_the_providers_evidence() -> None:
    life = Life.begin(**OFF)
    taken, waiting = life.capture(4_000).request_id, life.capture(6_000, patient=True).request_id
    done, waits = became(life, taken), became(life, waiting)
    assert (done.outcome, done.evidence.amount_minor, done.evidence.currency) == (Outcome.SUCCEEDED, 4_000, "EUR")
    assert (waits.outcome, waits.reason) == (Outcome.PENDING, "waiting")


def test_a_refusal_in_our_own_house_is_later_or_a_definite_no() -> None:
    """One that has an instant was not sent; one that has none never will be."""
    life = Life.begin(**OFF)
    life.capture(4_000)
    soon, too_much = life.capture(1_000).request_id, life.ask(ActionKind.REFUND, 9_000).request_id
    later, never = became(life, soon), became(life, too_much)
    assert (later.outcome, later.retry_at is not None) == (Outcome.NOT_SENT, True)
    assert (never.outcome, never.reason) == (Outcome.DECLINED, "exceeds")
