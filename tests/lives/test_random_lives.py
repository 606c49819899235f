"""Random lives through the real thing: worker, Temporal, SQL and the providers' stand-ins, side by side as tenants."""

from pathlib import Path

from cli.simulating import play_all, world
from domain.authorization.facts import StopReason
from domain.authorization.state import AuthorizationState, evolve
from domain.authorization.terms import RenewalOrder
from simulation.lives.timeline import Life
from tests.domain.authorization.random_lives import Plan, Watch
from tests.lives.random_scenarios import random_scenario

LIVES = 50
SIDE_BY_SIDE = 8
GIVEN_BACK = ("refunded", "credited")


def sums(life: Life, *kinds: str) -> list[int]:
    """The amounts of these movements at the provider, in no order."""
    return sorted(int(one["amount_minor"]) for one in life.effects if one["kind"] in kinds)


def check(plan: Plan, life: Life) -> None:
    """Every state that it went through, and both sides' books in the end."""
    watch, state = Watch(plan), AuthorizationState(life.state.workflow_id)
    for _, fact in life.facts:
        state = evolve(state, fact)
        watch(state)
    assert state.captured_minor == life.state.captured_minor  # the journal tells the whole life
    assert not life.state.in_doubt()
    meddled = bool(life.by_hand)
    assert sums(life, "authorized") == sorted(one.amount_minor for one in life.state.holds)
    assert sum(sums(life, "captured")) == life.state.captured_minor
    ours = [one for one in life.effects if one.get("origin", "api") == "api"]
    undone = [int(one["amount_minor"]) for one in ours if one.get("undone") == "capture"]
    assert sum(sums(life, *GIVEN_BACK)) + sum(undone) == life.state.refunded_minor
    allowed = {"two_open_holds"} if plan.terms["order"] is RenewalOrder.AUTHORIZE_FIRST else set()
    assert [one for one in life.violations if one["rule"] not in allowed] == []
    if life.state.stopped is not None and life.state.stopped.reason is StopReason.DIFFERS:
        assert meddled


async def test_fifty_random_lives_keep_their_promises(tmp_path: Path) -> None:
    """A failing life is named by the number that makes it again."""
    plans = [random_scenario(number) for number in range(LIVES)]
    with world(tmp_path, {"stripe", "computop"}) as parts:
        lives = await play_all(parts, [scenario for _, scenario in plans], side_by_side=SIDE_BY_SIDE)
    wrong = []
    for (plan, _), life in zip(plans, lives, strict=True):
        try:
            check(plan, life)
        except AssertionError as error:
            wrong.append(f"{life.scenario.name}: {error}")
    assert wrong == []
    assert sum(len(one.state.holds) for one in lives) > 1.5 * LIVES  # they do reach renewals and splits
