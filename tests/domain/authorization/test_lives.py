"""Whatever happens to an authorization: never two holds, never more than was authorized, nothing after a stop."""

import random

import pytest
from hypothesis import HealthCheck, given, settings

from domain.authorization.facts import HoldHinted, HoldOperationEnded, HoldRead
from domain.authorization.state import AuthorizationState, evolve
from domain.facts import PaymentUnreadable
from domain.outcomes import FINAL
from tests.domain.authorization.random_lives import Plan, plans, play, random_plan

SLOW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@pytest.mark.rule("R75", "R23", "R47")
@settings(SLOW, max_examples=100)
@given(plans())
def test_a_random_life_keeps_its_promises(plan: Plan) -> None:
    play(plan)


@pytest.mark.parametrize("seed", range(10))
def test_five_thousand_random_lives_keep_their_promises(seed: int) -> None:
    """Five hundred long lives per seed; a failing one is named by the number that makes it again."""
    lengths = []
    for number in range(seed * 500, seed * 500 + 500):
        try:
            lengths.append(len(play(random_plan(random.Random(number))).state.holds))
        except AssertionError as error:
            raise AssertionError(f"life {number}: {error}") from error
    assert max(lengths) > 15  # they do reach far


def says_one_thing(fact: object) -> bool:
    """Whether a fact means nothing the second time: other than another look, another hint or another try."""
    if isinstance(fact, HoldOperationEnded):
        return fact.result.outcome in FINAL
    return not isinstance(fact, HoldRead | HoldHinted | PaymentUnreadable)


@settings(SLOW, max_examples=60)
@given(plans())
def test_a_life_told_again_from_its_facts_is_the_same(plan: Plan) -> None:
    life = play(plan)
    again = AuthorizationState(life.state.workflow_id)
    for fact in life.facts:
        again = evolve(again, fact)
        if says_one_thing(fact):
            assert evolve(again, fact) is again
    assert again == life.state
