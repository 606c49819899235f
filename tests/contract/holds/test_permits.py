"""Whom the adapter asks before which request, and that it takes no for an answer."""

import threading
from datetime import UTC, datetime

import pytest

from domain import reasons
from domain.errors import NotSent
from domain.outcomes import Outcome
from domain.ports import Earlier, Permits
from tests.contract.holds.doing import AGAIN, ASK, DOINGS, FIRST, Asked, Doing, reference
from tests.contract.holds.stand import Call, Fault, Stand

UNTIL = datetime(2031, 5, 3, 12, 0, tzinfo=UTC)
EVERY = pytest.mark.parametrize("doing", DOINGS.values(), ids=DOINGS)


def _asked(stand: Stand, stop: NotSent | None = None, stop_looks: NotSent | None = None) -> Asked:
    before = len(stand.traffic())
    return Asked(lambda: len(stand.traffic()) - before, stop, stop_looks)


@EVERY
async def test_each_request_has_its_permit_immediately_before(stand: Stand, doing: Doing) -> None:
    """One permit per request, of the right kind, when all before and nothing of it has reached the provider."""
    held, asked = doing.held(stand), _asked(stand)
    assert (await doing(stand, held, reference(), permit=asked.permits)).outcome is Outcome.SUCCEEDED
    assert asked.asked == stand.traffic()
    assert asked.reached_then == list(range(len(asked.asked)))
    assert "send" in asked.asked


@EVERY
async def test_a_repetition_looks_before_it_sends(stand: Stand, doing: Doing) -> None:
    """What was sent before is asked for first."""
    held, key = doing.held(stand), reference()
    stand.disturb(doing.call, Fault.NEVER_ARRIVED)
    await doing(stand, held, key)
    before, asked = len(stand.traffic()), _asked(stand)
    assert (await doing(stand, held, key, AGAIN, asked.permits)).outcome is Outcome.SUCCEEDED
    assert asked.asked == stand.traffic()[before:]
    assert asked.asked[0] == "look"
    assert asked.reached_then == list(range(len(asked.asked)))


@EVERY
async def test_a_refused_permit_sends_nothing(stand: Stand, doing: Doing) -> None:
    """A paused account: not sent, with when to come back, and nothing changes at the provider."""
    held, asked = doing.held(stand), _asked(stand, stop=NotSent(reasons.PAUSED, UNTIL))
    result = await doing(stand, held, reference(), permit=asked.permits)
    assert (result.outcome, result.reason, result.retry_at) == (Outcome.NOT_SENT, reasons.PAUSED, UNTIL)
    assert asked.asked.count("send") == 1
    assert "send" not in stand.traffic()
    assert stand.effects() == []


@EVERY
@pytest.mark.parametrize("earlier", [AGAIN, ASK])
async def test_an_open_question_waits_while_all_is_stopped(stand: Stand, doing: Doing, earlier: Earlier) -> None:
    """Not asking settles nothing, and nothing is sent again."""
    held, key = doing.held(stand), reference()
    stand.disturb(doing.call, Fault.LOST)
    await doing(stand, held, key)
    before = len(stand.traffic())
    stopped = NotSent(reasons.PAUSED, UNTIL)
    asked = _asked(stand, stop=stopped, stop_looks=stopped)
    result = await doing(stand, held, key, earlier, asked.permits)
    assert (result.outcome, result.reason, result.retry_at) == (Outcome.NOT_SENT, reasons.PAUSED, UNTIL)
    assert asked.asked == ["look"]
    assert len(stand.traffic()) == before
    assert (await doing(stand, held, key, ASK, _asked(stand).permits)).outcome is Outcome.SUCCEEDED


@pytest.mark.parametrize("name", ["capture", "refund"])
async def test_a_refusal_ends_it_though_nobody_may_ask_why(stand: Stand, name: str) -> None:
    """The account is stopped just after the first request was refused: a definite no needs no second look."""
    doing = DOINGS[name]
    held = doing.held(stand)
    code = stand.refuse_next(doing.call)
    asked = _asked(stand, stop_looks=NotSent(reasons.PAUSED, UNTIL))
    result = await doing(stand, held, reference(), FIRST, asked.permits)
    assert (result.outcome, result.evidence.code) == (Outcome.DECLINED, code)
    assert stand.effects() == []


@EVERY
async def test_a_permit_holds_up_nothing_else(stand: Stand, doing: Doing) -> None:
    """It asks SQL and may wait there, so it runs beside the event loop and not in it."""
    held, threads = doing.held(stand), set[int]()

    def permit() -> None:
        threads.add(threading.get_ident())

    assert (await doing(stand, held, reference(), permit=Permits(permit, permit))).outcome is Outcome.SUCCEEDED
    assert threads
    assert threading.get_ident() not in threads


async def test_a_plain_permit_is_asked_for_sends_only(stand: Stand) -> None:
    """A permit that tells no questions apart is called once, for the one request that changes something."""
    doing, calls = DOINGS["void"], []
    held = doing.held(stand)
    result = await doing(stand, held, reference(), permit=lambda: calls.append(Call.VOID))
    assert result.outcome is Outcome.SUCCEEDED
    assert len(calls) == stand.traffic().count("send") == 1
