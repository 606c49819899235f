"""What card schemes allow: budgets over all attempts with one card."""

from datetime import timedelta

import pytest

from domain.authorization.retries import CardAttempt, RetryVerdict, may_try
from domain.authorization.schemes import Initiator, Scheme, deadline_of, valid_for
from tests.domain.authorization.life import at

NOW = at(6, 15)
YES, NEVER = RetryVerdict(True), RetryVerdict(False)


def attempts(count: int, apart: timedelta, *, amount: int = 10_000, declined: bool = True) -> list[CardAttempt]:
    return [CardAttempt(NOW - apart * (n + 1), amount, "EUR", declined) for n in range(count)]


def verdict(scheme: Scheme, made: list[CardAttempt], amount: int = 10_000) -> RetryVerdict:
    return may_try(scheme, made, amount, "EUR", NOW)


def test_a_card_that_was_never_refused_may_be_tried() -> None:
    assert verdict(Scheme.VISA, []) == YES
    assert verdict(Scheme.VISA, attempts(100, timedelta(hours=1), declined=False)) == YES


@pytest.mark.rule("R69")
@pytest.mark.parametrize("scheme", list(Scheme))
def test_never_again_is_never_whoever_asks(scheme: Scheme) -> None:
    gone = CardAttempt(NOW - timedelta(days=100), 500, "CHF", True, never_again=True)
    assert verdict(scheme, [gone]) == NEVER


def test_an_approval_since_lifts_it() -> None:
    gone = CardAttempt(NOW - timedelta(days=10), 500, "EUR", True, never_again=True)
    good = CardAttempt(NOW - timedelta(days=9), 500, "EUR", False)
    assert verdict(Scheme.VISA, [gone, good]) == YES


def test_what_the_answer_asked_to_wait_for_is_waited_for() -> None:
    later = NOW + timedelta(days=4)
    waits = CardAttempt(NOW - timedelta(hours=1), 500, "EUR", True, not_before=later)
    assert verdict(Scheme.MASTERCARD, [waits]) == RetryVerdict(False, later)
    assert may_try(Scheme.MASTERCARD, [waits], 500, "EUR", later) == YES


@pytest.mark.parametrize(("count", "allowed"), [(14, True), (15, False), (40, False)])
def test_fifteen_of_the_same_amount_in_thirty_days(count: int, allowed: bool) -> None:
    made = attempts(count, timedelta(hours=12))
    found = verdict(Scheme.VISA, made)
    assert found.allowed is allowed
    if not allowed:
        fifteenth = sorted(one.at for one in made)[-15]
        assert found.retry_at == fifteenth + timedelta(days=30)
    assert verdict(Scheme.VISA, made, amount=9_999) == YES  # another amount has a budget of its own
    assert verdict(Scheme.AMEX, made) == YES


def test_old_attempts_do_not_count() -> None:
    old = [CardAttempt(NOW - timedelta(days=31 + n), 10_000, "EUR", True) for n in range(30)]
    assert verdict(Scheme.VISA, old) == YES


@pytest.mark.parametrize(("count", "allowed"), [(9, True), (10, False)])
def test_ten_of_one_card_in_a_day_whatever_the_amounts(count: int, allowed: bool) -> None:
    made = [CardAttempt(NOW - timedelta(minutes=n + 1), 100 + n, "EUR", True) for n in range(count)]
    found = verdict(Scheme.MASTERCARD, made)
    assert found.allowed is allowed
    if not allowed:
        assert found.retry_at == NOW - timedelta(minutes=10) + timedelta(hours=24)


@pytest.mark.parametrize(("count", "allowed"), [(34, True), (35, False)])
def test_thirty_five_of_one_amount_in_a_month(count: int, allowed: bool) -> None:
    assert verdict(Scheme.MASTERCARD, attempts(count, timedelta(hours=18))).allowed is allowed


def test_the_table_of_deadlines() -> None:
    held = at(6, 1)
    assert valid_for(Scheme.VISA, Initiator.CUSTOMER) == timedelta(days=7)
    assert valid_for(Scheme.VISA, Initiator.MERCHANT) == timedelta(days=4, hours=18)
    assert valid_for(Scheme.CARTES_BANCAIRES, Initiator.MERCHANT) == timedelta(days=12)
    assert all(valid_for(scheme, one) > timedelta(0) for scheme in Scheme for one in Initiator)
    told = held + timedelta(days=29)
    assert deadline_of(held, told, Scheme.VISA, Initiator.CUSTOMER).at == told
    estimated = deadline_of(held, None, Scheme.OTHER, Initiator.CUSTOMER)
    assert (estimated.at, estimated.told) == (held + timedelta(days=4, hours=18), False)
