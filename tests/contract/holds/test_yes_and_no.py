"""Each effect when all goes well, and when the provider says no."""

import pytest

from domain import reasons
from domain.authorization.declines import Decline
from domain.authorization.facts import HoldStanding
from domain.authorization.schemes import Scheme
from domain.outcomes import Outcome
from tests.contract.holds.doing import (
    AFTERWARDS,
    DOINGS,
    FIRST,
    PART,
    Doing,
    at,
    authorization,
    capture,
    following,
    may,
    reference,
    refund,
    void,
)
from tests.contract.holds.stand import AMOUNT, Call, Effect, Stand

EVERY = pytest.mark.parametrize("doing", DOINGS.values(), ids=DOINGS)
ON_A_HOLD = pytest.mark.parametrize("doing", [DOINGS[name] for name in AFTERWARDS], ids=AFTERWARDS)


@EVERY
async def test_it_succeeds(stand: Stand, doing: Doing) -> None:
    """It takes effect once, and the evidence says what and when."""
    held = doing.held(stand)
    result = await doing(stand, held, reference())
    assert (result.outcome, result.reason) == (Outcome.SUCCEEDED, "")
    evidence = result.evidence
    assert (evidence.amount_minor, evidence.currency, evidence.found_by_reading) == (AMOUNT, "EUR", False)
    assert evidence.reference
    assert evidence.at is not None
    assert abs((evidence.at - stand.now()).total_seconds()) < 60
    assert (evidence.code, evidence.advised_against) == ("", False)
    assert stand.effects() == [doing.effect(stand, held)]


@EVERY
async def test_an_unreachable_provider_is_sent_nothing(stand: Stand, doing: Doing) -> None:
    """A refused connection: certainly nothing left."""
    held = doing.held(stand)
    result = await doing(stand, held, reference(), provider=stand.unreachable())
    assert (result.outcome, result.reason) == (Outcome.NOT_SENT, reasons.UNREACHABLE)
    assert stand.effects() == []


@ON_A_HOLD
async def test_an_id_that_is_not_ours_is_refused(stand: Stand, doing: Doing) -> None:
    """Nothing is taken, held or given back at a payment that this account does not have."""
    for what, held in stand.not_ours().items():
        result = await doing(stand, held, reference())
        assert (result.outcome, result.reason) == (Outcome.DECLINED, reasons.NOT_FOUND), what
    assert stand.effects() == []


@pytest.mark.parametrize("scheme", [Scheme.VISA, Scheme.MASTERCARD, Scheme.AMEX])
async def test_a_new_hold_can_be_read_captured_and_followed(stand: Stand, scheme: Scheme) -> None:
    """Its id is the evidence's reference; what later ones refer to is told; the chain goes on from it."""
    held = stand.first_hold(scheme=scheme)
    await stand.provider.void(stand.account, void(held), FIRST, may)
    ids, refers_to = [held.hold_id], held.case.instrument.scheme_reference
    for number in (2, 3):
        request = following(authorization(held, 7_000, number=number), ids[-1], refers_to)
        placed = await stand.provider.authorize(stand.account, request, FIRST, may)
        assert placed.outcome is Outcome.SUCCEEDED
        assert placed.evidence.hold is not None
        assert (placed.evidence.hold.deadline is not None) is stand.traits.tells_deadline
        read = await stand.provider.read(stand.account, held.case, placed.evidence.reference)
        assert (read.standing, read.open_minor, read.currency) == (HoldStanding.HELD, 7_000, "EUR")
        assert read.deadline == placed.evidence.hold.deadline
        ids.append(placed.evidence.reference)
        refers_to = placed.evidence.hold.scheme_reference or refers_to
        if number == 2:
            await stand.provider.void(stand.account, void(at(held, ids[-1], 7_000)), FIRST, may)
    taken = await stand.provider.capture(stand.account, capture(at(held, ids[-1], 7_000), 7_000), FIRST, may)
    assert taken.outcome is Outcome.SUCCEEDED
    assert len(set(ids)) == 3
    assert [one.call for one in stand.effects()] == [
        Call.VOID,
        Call.AUTHORIZE,
        Call.VOID,
        Call.AUTHORIZE,
        Call.CAPTURE,
    ]


@pytest.mark.parametrize("decline", Decline)
async def test_a_refused_authorization_says_in_which_class(stand: Stand, decline: Decline) -> None:
    """The class is the reason, the provider's own code is kept, and nothing is held."""
    if decline not in stand.traits.declines:
        pytest.skip("this provider does not refuse so")
    held = stand.bring_about(HoldStanding.VOIDED)
    code = stand.decline_next(decline)
    result = await DOINGS["authorize"](stand, held, reference())
    assert (result.outcome, result.reason) == (Outcome.DECLINED, decline)
    assert result.evidence.code == code
    assert stand.effects() == []


async def test_a_refusal_may_come_with_advice(stand: Stand) -> None:
    """That the scheme forbids another attempt is told apart from the class of the refusal."""
    held = stand.bring_about(HoldStanding.VOIDED)
    for advised in (False, True):
        stand.decline_next(Decline.BY_ISSUER, advised_against=advised)
        result = await DOINGS["authorize"](stand, held, reference())
        assert (result.reason, result.evidence.advised_against) == (Decline.BY_ISSUER, advised)


@ON_A_HOLD
async def test_a_refusal_without_a_reason(stand: Stand, doing: Doing) -> None:
    """The provider says no though its books would allow it; nothing took effect, and its code is kept."""
    held = doing.held(stand)
    code = stand.refuse_next(doing.call)
    result = await doing(stand, held, reference())
    assert (result.outcome, result.reason) == (Outcome.DECLINED, reasons.REFUSED)
    assert result.evidence.code == code
    assert stand.effects() == []


async def test_a_partial_capture_ends_the_hold(stand: Stand) -> None:
    """What was not taken is given up: a second capture is refused, a void must not touch the first."""
    held = stand.first_hold()
    first = await stand.provider.capture(stand.account, capture(held, PART), FIRST, may)
    assert (first.outcome, first.evidence.amount_minor) == (Outcome.SUCCEEDED, PART)
    second = await stand.provider.capture(stand.account, capture(held, 1_000, before=PART), FIRST, may)
    assert (second.outcome, second.reason) == (Outcome.DECLINED, reasons.EXPIRED)
    given_up = await stand.provider.void(stand.account, void(held, captured=PART), FIRST, may)
    assert (given_up.outcome, given_up.reason) == (Outcome.DECLINED, reasons.LAST_WAS_CAPTURE)
    assert stand.effects() == [Effect(Call.CAPTURE, held.hold_id, PART)]


async def test_more_than_is_held_cannot_be_captured(stand: Stand) -> None:
    """Nothing is taken, not even what is there."""
    held = stand.first_hold()
    result = await stand.provider.capture(stand.account, capture(held, AMOUNT + 1), FIRST, may)
    assert (result.outcome, result.reason) == (Outcome.DECLINED, reasons.EXCEEDS)
    assert stand.effects() == []


async def test_a_void_hold_cannot_be_captured(stand: Stand) -> None:
    """The hold is gone."""
    held = stand.bring_about(HoldStanding.VOIDED)
    result = await stand.provider.capture(stand.account, capture(held), FIRST, may)
    assert (result.outcome, result.reason) == (Outcome.DECLINED, reasons.EXPIRED)


async def test_a_lapsed_hold_cannot_be_captured_and_need_not_be_voided(stand: Stand) -> None:
    """Its time is over by the provider's clock: a capture is refused, a void is a success of nothing."""
    held = stand.bring_about(HoldStanding.LAPSED)
    result = await stand.provider.capture(stand.account, capture(held), FIRST, may)
    assert (result.outcome, result.reason) == (Outcome.DECLINED, reasons.EXPIRED)
    given_up = await stand.provider.void(stand.account, void(held), FIRST, may)
    assert (given_up.outcome, given_up.evidence.amount_minor) == (Outcome.SUCCEEDED, 0)
    assert stand.effects() == []


async def test_a_void_hold_need_not_be_voided(stand: Stand) -> None:
    """A success of nothing, without a request."""
    held = stand.bring_about(HoldStanding.VOIDED)
    result = await stand.provider.void(stand.account, void(held), FIRST, may)
    assert (result.outcome, result.evidence.amount_minor) == (Outcome.SUCCEEDED, 0)
    assert result.evidence.found_by_reading
    assert "send" not in stand.traffic()


@pytest.mark.rule("R42")
@pytest.mark.parametrize("by_hand", [False, True])
async def test_a_void_never_takes_back_a_capture(stand: Stand, by_hand: bool) -> None:
    """Whoever captured, and whatever our books say of it."""
    held = stand.first_hold()
    if by_hand:
        stand.by_hand(Call.CAPTURE, held, AMOUNT)
    else:
        await stand.provider.capture(stand.account, capture(held), FIRST, may)
    before = stand.effects()
    result = await stand.provider.void(stand.account, void(held), FIRST, may)
    assert (result.outcome, result.reason) == (Outcome.DECLINED, reasons.LAST_WAS_CAPTURE)
    assert stand.effects() == before
    assert (await stand.provider.read(stand.account, held.case, held.hold_id)).captured_minor == AMOUNT


async def test_refunds_up_to_what_was_captured(stand: Stand) -> None:
    """Several refunds of one hold add up, the one too much is refused as a whole."""
    held = stand.first_hold()
    await stand.provider.capture(stand.account, capture(held, PART), FIRST, may)
    for amount, before, outcome, reason in (
        (2_500, 0, Outcome.SUCCEEDED, ""),
        (1_501, 2_500, Outcome.DECLINED, reasons.EXCEEDS),
        (1_500, 2_500, Outcome.SUCCEEDED, ""),
        (1, 4_000, Outcome.DECLINED, reasons.EXCEEDS),
    ):
        result = await stand.provider.refund(stand.account, refund(held, amount, before=before), FIRST, may)
        assert (result.outcome, result.reason) == (outcome, reason), amount
    assert [one.amount_minor for one in stand.effects() if one.call is Call.REFUND] == [2_500, 1_500]


async def test_what_was_never_captured_cannot_be_refunded(stand: Stand) -> None:
    """Neither by a refund nor by an undo, which must not give up the hold in its place."""
    held = stand.first_hold()
    for undo in (False, True):
        result = await stand.provider.refund(stand.account, refund(held, undo=undo), FIRST, may)
        assert (result.outcome, result.reason) == (Outcome.DECLINED, reasons.EXCEEDS)
    assert (await stand.provider.read(stand.account, held.case, held.hold_id)).open_minor == AMOUNT


@pytest.mark.parametrize("refunded", [0, 1_000])
async def test_undoing_a_capture(stand: Stand, refunded: int) -> None:
    """Where a capture can be taken back it is, unless it was refunded in part: then the rest is a refund."""
    held = stand.first_hold()
    await stand.provider.capture(stand.account, capture(held), FIRST, may)
    if refunded:
        await stand.provider.refund(stand.account, refund(held, refunded), FIRST, may)
    left = AMOUNT - refunded
    request = refund(held, left, undo=True, before=refunded)
    result = await stand.provider.refund(stand.account, request, FIRST, may)
    assert (result.outcome, result.evidence.amount_minor) == (Outcome.SUCCEEDED, left)
    undone = stand.traits.undoes and not refunded
    assert stand.effects()[-1] == Effect(Call.REFUND, held.hold_id, left, undone=undone)
    read = await stand.provider.read(stand.account, held.case, held.hold_id)
    assert (read.captured_minor, read.refunded_minor) == ((0, 0) if undone else (AMOUNT, AMOUNT))
    assert read.standing is (HoldStanding.HELD if undone else HoldStanding.CAPTURED)


@pytest.mark.parametrize("amount", [0, -1])
async def test_no_amount_is_sent_that_is_none(stand: Stand, amount: int) -> None:
    """Zero means something else to some providers, a negative amount means nothing."""
    held = stand.first_hold()
    for result in (
        await stand.provider.capture(stand.account, capture(held, amount), FIRST, may),
        await stand.provider.refund(stand.account, refund(held, amount), FIRST, may),
        await stand.provider.authorize(stand.account, authorization(held, amount), FIRST, may),
    ):
        assert (result.outcome, result.reason) == (Outcome.NOT_SENT, reasons.NO_AMOUNT)
    assert stand.traffic() == []
