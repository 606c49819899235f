"""Answers that never came: unknown, found again by asking, and never done twice."""

from dataclasses import replace

import pytest

from domain import reasons
from domain.authorization.facts import HoldStanding
from domain.outcomes import Outcome
from domain.ports import Earlier
from tests.contract.holds.doing import (
    AGAIN,
    ASK,
    DOINGS,
    FIRST,
    GIVEN_UP,
    PART,
    Doing,
    authorization,
    capture,
    may,
    reference,
    refund,
)
from tests.contract.holds.stand import AMOUNT, TAKES_EFFECT, WITHOUT_EFFECT, Call, Effect, Fault, Stand

EVERY = pytest.mark.parametrize("doing", DOINGS.values(), ids=DOINGS)


@EVERY
@pytest.mark.parametrize("fault", TAKES_EFFECT)
async def test_an_effect_whose_answer_is_lost_is_found(stand: Stand, doing: Doing, fault: Fault) -> None:
    """It took effect and we do not know. Asked again with the same reference it is found, and nothing more is sent."""
    held, key = doing.held(stand), reference()
    stand.disturb(doing.call, fault)
    impatient = stand.impatient() if fault is Fault.SLOW else None
    first = await doing(stand, held, key, provider=impatient)
    assert (first.outcome, first.evidence.found_by_reading) == (Outcome.UNKNOWN, False)
    sent = stand.traffic().count("send")
    for earlier in (ASK, AGAIN, GIVEN_UP):
        found = await doing(stand, held, key, earlier)
        assert (found.outcome, found.reason) == (Outcome.SUCCEEDED, "")
        assert (found.evidence.amount_minor, found.evidence.currency) == (AMOUNT, "EUR")
        assert found.evidence.found_by_reading
        assert found.evidence.reference
    assert stand.effects() == [doing.effect(stand, held)]
    assert stand.traffic().count("send") == sent


@pytest.mark.rule("R34")
@EVERY
@pytest.mark.parametrize("fault", WITHOUT_EFFECT)
async def test_an_effect_that_never_was_is_sent_once_it_may(stand: Stand, doing: Doing, fault: Fault) -> None:
    """Nothing took effect, but only time proves it: asking keeps it unknown, then it is sent a second time."""
    held, key = doing.held(stand), reference()
    stand.disturb(doing.call, fault)
    assert (await doing(stand, held, key)).outcome is Outcome.UNKNOWN
    asked = await doing(stand, held, key, ASK)
    assert (asked.outcome, asked.reason) == (Outcome.UNKNOWN, reasons.TOO_EARLY)
    assert stand.effects() == []
    again = await doing(stand, held, key, AGAIN)
    assert (again.outcome, again.evidence.amount_minor) == (Outcome.SUCCEEDED, AMOUNT)
    assert stand.effects() == [doing.effect(stand, held)]


@EVERY
async def test_an_effect_that_nobody_wants_any_more_is_not_sent(stand: Stand, doing: Doing) -> None:
    """Once its time is over, what is not found left nothing behind: declined, as withdrawn."""
    held, key = doing.held(stand), reference()
    stand.disturb(doing.call, Fault.NEVER_ARRIVED)
    await doing(stand, held, key)
    waiting = await doing(stand, held, key, replace(GIVEN_UP, over=False))
    assert (waiting.outcome, waiting.reason) == (Outcome.UNKNOWN, reasons.TOO_EARLY)
    ended = await doing(stand, held, key, GIVEN_UP)
    assert (ended.outcome, ended.reason) == (Outcome.DECLINED, reasons.WITHDRAWN)
    assert stand.effects() == []


@EVERY
async def test_a_second_lost_answer_changes_nothing(stand: Stand, doing: Doing) -> None:
    """The first request never arrived, the second took effect unheard: still one effect."""
    held, key = doing.held(stand), reference()
    for fault, earlier in ((Fault.NEVER_ARRIVED, FIRST), (Fault.LOST, AGAIN)):
        stand.disturb(doing.call, fault)
        assert (await doing(stand, held, key, earlier)).outcome is Outcome.UNKNOWN
    found = await doing(stand, held, key, Earlier(sends=2, may_send=True, over=True))
    assert (found.outcome, found.evidence.found_by_reading) == (Outcome.SUCCEEDED, True)
    assert stand.effects() == [doing.effect(stand, held)]


@EVERY
@pytest.mark.parametrize("fault", [Fault.LOST, Fault.GARBLED, Fault.ERROR])
async def test_nothing_is_sent_while_nobody_can_tell(stand: Stand, doing: Doing, fault: Fault) -> None:
    """The question what became of it is not answered: it stays unknown, allowed to send or not."""
    held, key = doing.held(stand), reference()
    stand.disturb(doing.call, Fault.LOST)
    await doing(stand, held, key)
    sent = stand.traffic().count("send")
    for earlier in (ASK, AGAIN, GIVEN_UP):
        stand.disturb(Call.READ, fault)
        assert (await doing(stand, held, key, earlier)).outcome is Outcome.UNKNOWN
    assert stand.traffic().count("send") == sent
    assert (await doing(stand, held, key, ASK)).outcome is Outcome.SUCCEEDED


@EVERY
async def test_a_repetition_after_success_is_the_same_success(stand: Stand, doing: Doing) -> None:
    """A worker died after the answer came: the second execution finds what the first one did."""
    held, key = doing.held(stand), reference()
    first = await doing(stand, held, key)
    again = await doing(stand, held, key, AGAIN)
    assert (again.outcome, again.evidence.amount_minor) == (first.outcome, first.evidence.amount_minor)
    assert stand.effects() == [doing.effect(stand, held)]


@EVERY
async def test_a_refusal_that_was_not_heard_is_heard_later(stand: Stand, doing: Doing) -> None:
    """It was refused and the answer was lost: repeated with the same reference it is refused still, as it was."""
    held, key = doing.held(stand), reference()
    if doing.call is Call.AUTHORIZE:
        code = stand.decline_next(sorted(stand.traits.declines)[0])
    else:
        code = stand.refuse_next(doing.call)
    stand.disturb(doing.call, Fault.LOST)
    assert (await doing(stand, held, key)).outcome is Outcome.UNKNOWN
    assert (await doing(stand, held, key, ASK)).outcome is Outcome.UNKNOWN
    again = await doing(stand, held, key, AGAIN)
    assert (again.outcome, again.evidence.code) == (Outcome.DECLINED, code)
    assert stand.effects() == []


async def test_a_capture_is_told_from_those_before(stand: Stand) -> None:
    """Amounts prove a capture only beyond what our books knew: what somebody took by hand is not ours."""
    held, key = stand.first_hold(), reference()
    stand.disturb(Call.CAPTURE, Fault.NEVER_ARRIVED)
    request = capture(held, PART, key=key)
    assert (await stand.provider.capture(stand.account, request, FIRST, may)).outcome is Outcome.UNKNOWN
    stand.by_hand(Call.CAPTURE, held, 6_000)
    asked = await stand.provider.capture(stand.account, request, ASK, may)
    assert asked.outcome is Outcome.UNKNOWN
    again = await stand.provider.capture(stand.account, request, AGAIN, may)
    assert (again.outcome, again.reason) == (Outcome.DECLINED, reasons.EXPIRED)
    assert stand.effects() == []


async def test_a_refund_is_told_from_those_before(stand: Stand) -> None:
    """Two refunds of the same amount: the first one is no proof of the second."""
    held, key = stand.bring_about(HoldStanding.CAPTURED), reference()
    await stand.provider.refund(stand.account, refund(held, 1_000), FIRST, may)
    request = refund(held, 1_000, key=key, before=1_000)
    stand.disturb(Call.REFUND, Fault.NEVER_ARRIVED)
    assert (await stand.provider.refund(stand.account, request, FIRST, may)).outcome is Outcome.UNKNOWN
    assert (await stand.provider.refund(stand.account, request, ASK, may)).outcome is Outcome.UNKNOWN
    assert (await stand.provider.refund(stand.account, request, AGAIN, may)).outcome is Outcome.SUCCEEDED
    assert stand.effects() == [Effect(Call.REFUND, held.hold_id, 1_000)] * 2


async def test_an_authorization_is_told_from_the_hold_before(stand: Stand) -> None:
    """The hold that it follows ran out, has the same amount, and is no proof."""
    held, key = stand.bring_about(HoldStanding.LAPSED), reference()
    stand.disturb(Call.AUTHORIZE, Fault.NEVER_ARRIVED)
    request = authorization(held, key=key)
    for earlier in (FIRST, ASK):
        result = await stand.provider.authorize(stand.account, request, earlier, may)
        assert result.outcome is Outcome.UNKNOWN
    placed = await stand.provider.authorize(stand.account, request, AGAIN, may)
    assert placed.outcome is Outcome.SUCCEEDED
    assert placed.evidence.reference not in ("", held.hold_id)


async def test_what_was_found_can_be_used(stand: Stand) -> None:
    """A hold that was found by reading is captured like any other."""
    held, key = stand.bring_about(HoldStanding.VOIDED), reference()
    stand.disturb(Call.AUTHORIZE, Fault.LOST)
    await DOINGS["authorize"](stand, held, key)
    found = await DOINGS["authorize"](stand, held, key, ASK)
    assert found.evidence.hold is not None
    assert bool(found.evidence.hold.scheme_reference) is stand.traits.tells_scheme_reference
    later = replace(held, hold_id=found.evidence.reference)
    assert (await stand.provider.capture(stand.account, capture(later), FIRST, may)).outcome is Outcome.SUCCEEDED


@EVERY
@pytest.mark.parametrize("succeeds", [True, False])
async def test_what_is_not_decided_yet_is_asked_for(stand: Stand, doing: Doing, succeeds: bool) -> None:
    """Accepted and left open: pending as long as it is, nothing is sent again, then as it was decided."""
    if doing.call not in stand.traits.pending:
        pytest.skip("this provider decides at once")
    held, key = doing.held(stand), reference()
    stand.leave_open(doing.call)
    first = await doing(stand, held, key)
    assert (first.outcome, first.reason) == (Outcome.PENDING, reasons.WAITING)
    accepted = Earlier(sends=1, may_send=False, over=True)
    for earlier in (ASK, accepted, AGAIN):
        assert (await doing(stand, held, key, earlier)).outcome is Outcome.PENDING
    stand.decide(stand.newest_hold(held), succeeds=succeeds)
    ended = await doing(stand, held, key, accepted)
    assert ended.outcome is (Outcome.SUCCEEDED if succeeds else Outcome.DECLINED)
    assert ended.evidence.found_by_reading
    assert stand.effects() == ([doing.effect(stand, held)] if succeeds else [])
    assert stand.traffic().count("send") == 1
