"""Reading a hold: each standing, its amounts, and what cannot be read."""

import pytest

from domain.authorization.facts import HoldStanding
from domain.authorization.schemes import Initiator, Scheme
from domain.errors import Transient
from domain.outcomes import Outcome
from tests.contract.holds.doing import FIRST, authorization, capture, may, refund
from tests.contract.holds.stand import AMOUNT, Call, Fault, Stand

TOLD = (
    HoldStanding.HELD,
    HoldStanding.CAPTURED,
    HoldStanding.VOIDED,
    HoldStanding.PENDING,
    HoldStanding.DECLINED,
    HoldStanding.MISSING,
)


@pytest.mark.parametrize("standing", TOLD)
async def test_a_hold_reads_as_it_stands(stand: Stand, standing: HoldStanding) -> None:
    """Each standing is told apart, with what is held, open and captured."""
    held = stand.bring_about(standing)
    read = await stand.provider.read(stand.account, held.case, held.hold_id)
    assert (read.hold_id, read.standing) == (held.hold_id, standing)
    assert read.open_minor == (AMOUNT if standing is HoldStanding.HELD else 0)
    assert read.captured_minor == (AMOUNT if standing is HoldStanding.CAPTURED else 0)
    assert read.refunded_minor == 0
    assert stand.effects() == []


async def test_a_hold_whose_time_is_over(stand: Stand) -> None:
    """Some providers say that it ran out, to others it looks as if it were held."""
    held = stand.bring_about(HoldStanding.LAPSED)
    read = await stand.provider.read(stand.account, held.case, held.hold_id)
    assert read.standing is (HoldStanding.LAPSED if stand.traits.tells_lapse else HoldStanding.HELD)


@pytest.mark.parametrize("scheme", [Scheme.VISA, Scheme.MASTERCARD, Scheme.AMEX, Scheme.DISCOVER])
async def test_a_first_hold_tells_all_that_an_authorization_begins_with(stand: Stand, scheme: Scheme) -> None:
    """Amount, currency, when it was placed and by whom, the scheme, a name of the card, that it can be renewed."""
    held = stand.first_hold(12_345, "USD", scheme)
    read = await stand.provider.read(stand.account, held.case, held.hold_id)
    assert (read.amount_minor, read.open_minor, read.currency) == (12_345, 12_345, "USD")
    assert (read.initiator, read.scheme) == (Initiator.CUSTOMER, scheme)
    assert read.held_at is not None
    assert abs((read.held_at - stand.now()).total_seconds()) < 60
    assert abs((read.as_of - stand.now()).total_seconds()) < 60
    assert (read.deadline is not None) is stand.traits.tells_deadline
    assert (read.renewable, read.in_parts) == (True, False)
    assert read.card
    assert not any(secret in read.card for secret in stand.secrets())


async def test_the_same_card_has_one_name(stand: Stand) -> None:
    """A later hold of the case is on the same card, another customer's is not."""
    held, other = stand.bring_about(HoldStanding.VOIDED), stand.first_hold()
    placed = await stand.provider.authorize(stand.account, authorization(held), FIRST, may)
    later = await stand.provider.read(stand.account, held.case, placed.evidence.reference)
    first = await stand.provider.read(stand.account, held.case, held.hold_id)
    strange = await stand.provider.read(stand.account, other.case, other.hold_id)
    assert later.card == first.card != strange.card
    assert later.initiator is Initiator.MERCHANT


async def test_amounts_after_captures_and_refunds(stand: Stand) -> None:
    """A partial capture ends the hold; refunds are told beside it."""
    held = stand.first_hold()
    await stand.provider.capture(stand.account, capture(held, 4_000), FIRST, may)
    await stand.provider.refund(stand.account, refund(held, 1_500), FIRST, may)
    read = await stand.provider.read(stand.account, held.case, held.hold_id)
    assert read.standing is HoldStanding.CAPTURED
    assert (read.amount_minor, read.open_minor, read.captured_minor, read.refunded_minor) == (AMOUNT, 0, 4_000, 1_500)


async def test_what_failed_last_says_nothing(stand: Stand) -> None:
    """After a refused capture the hold is as it was; the capture before a refused refund stands."""
    held = stand.first_hold()
    stand.refuse_next(Call.CAPTURE)
    assert (await stand.provider.capture(stand.account, capture(held), FIRST, may)).outcome is Outcome.DECLINED
    read = await stand.provider.read(stand.account, held.case, held.hold_id)
    assert (read.standing, read.open_minor) == (HoldStanding.HELD, AMOUNT)
    stand.by_hand(Call.CAPTURE, held, AMOUNT)
    stand.refuse_next(Call.REFUND)
    assert (await stand.provider.refund(stand.account, refund(held), FIRST, may)).outcome is Outcome.DECLINED
    read = await stand.provider.read(stand.account, held.case, held.hold_id)
    assert (read.standing, read.captured_minor, read.refunded_minor) == (HoldStanding.CAPTURED, AMOUNT, 0)


async def test_an_id_that_is_not_ours_is_missing(stand: Stand) -> None:
    """Made up, another merchant's, another provider's, or none at all."""
    for what, held in stand.not_ours().items():
        read = await stand.provider.read(stand.account, held.case, held.hold_id)
        assert (read.hold_id, read.standing) == (held.hold_id, HoldStanding.MISSING), what


@pytest.mark.parametrize("fault", [Fault.LOST, Fault.GARBLED, Fault.ERROR, Fault.SLOW])
async def test_a_useless_answer_may_be_asked_for_again(stand: Stand, fault: Fault) -> None:
    """Nothing follows from an answer that did not come; the next one is taken."""
    held, impatient = stand.first_hold(), stand.impatient()
    stand.disturb(Call.READ, fault)
    with pytest.raises(Transient):
        await impatient.read(stand.account, held.case, held.hold_id)
    assert (await stand.provider.read(stand.account, held.case, held.hold_id)).standing is HoldStanding.HELD


async def test_a_provider_that_cannot_be_reached_may_be_asked_again(stand: Stand) -> None:
    """The connection is refused."""
    held = stand.first_hold()
    with pytest.raises(Transient):
        await stand.unreachable().read(stand.account, held.case, held.hold_id)
