"""Calls at the same time: one reference has one effect, different ones do not wait for each other."""

import asyncio

import pytest

from domain.authorization.facts import HoldStanding
from domain.outcomes import Outcome
from tests.contract.holds.doing import ASK, DOINGS, FIRST, Doing, capture, may, reference
from tests.contract.holds.stand import AMOUNT, Call, Effect, Fault, Stand


@pytest.mark.parametrize("doing", DOINGS.values(), ids=DOINGS)
async def test_two_calls_with_one_reference_have_one_effect(stand: Stand, doing: Doing) -> None:
    """Both hear the same, although the first was still under way when the second came."""
    held, key = doing.held(stand), reference()
    stand.disturb(doing.call, Fault.SLOW)
    one, two = await asyncio.gather(doing(stand, held, key), doing(stand, held, key))
    assert one.outcome is two.outcome is Outcome.SUCCEEDED
    assert one.evidence.reference == two.evidence.reference
    assert stand.effects() == [doing.effect(stand, held)]


async def test_a_call_that_was_given_up_leaves_a_doubt(stand: Stand) -> None:
    """The first is cancelled on its way; the second does not send again, and asking finds what the first did."""
    doing, key = DOINGS["capture"], reference()
    held = doing.held(stand)
    stand.disturb(doing.call, Fault.SLOW)
    first = asyncio.create_task(doing(stand, held, key))
    while not stand.effects():
        await asyncio.sleep(0.02)
    second = asyncio.create_task(doing(stand, held, key))
    await asyncio.sleep(0.05)
    first.cancel()
    assert (await second).outcome is Outcome.UNKNOWN
    with pytest.raises(asyncio.CancelledError):
        await first
    assert (await doing(stand, held, key, ASK)).evidence.found_by_reading
    assert stand.traffic().count("send") == len(stand.effects()) == 1


async def test_many_holds_at_once(stand: Stand) -> None:
    """A night's work: each is captured for itself."""
    holds = [stand.first_hold() for _ in range(12)]
    results = await asyncio.gather(
        *(stand.provider.capture(stand.account, capture(held), FIRST, may) for held in holds)
    )
    assert {one.outcome for one in results} == {Outcome.SUCCEEDED}
    expected = [Effect(Call.CAPTURE, held.hold_id, AMOUNT) for held in holds]
    assert sorted(stand.effects(), key=repr) == sorted(expected, key=repr)
    for held in holds:
        read = await stand.provider.read(stand.account, held.case, held.hold_id)
        assert read.standing is HoldStanding.CAPTURED
