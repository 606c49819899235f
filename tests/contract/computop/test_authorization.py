"""What an authorization without the customer says to Paygate, and what proves one whose answer was lost."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from domain import reasons
from domain.authorization.declines import Decline
from domain.authorization.facts import HoldStanding
from domain.authorization.ports import AuthorizeRequest, Instrument
from domain.authorization.schemes import Scheme
from domain.outcomes import Outcome
from domain.ports import Earlier
from tests.contract.computop.answering import AUTHORIZE, HELD, Paygate, sealed
from tests.contract.computop.conftest import Open
from tests.contract.holds.doing import (
    AGAIN,
    ASK,
    DOINGS,
    FIRST,
    at,
    authorization,
    following,
    may,
    reference,
    void,
)
from tests.contract.holds.paygate import PaygateStand
from tests.contract.holds.stand import AMOUNT, Call, Fault, Held


async def test_what_it_says(stand: PaygateStand) -> None:
    """A hold, not a sale; the stored card; that the merchant asks; whom it refers to."""
    held = stand.bring_about(HoldStanding.VOIDED)
    await DOINGS["authorize"](stand, held, reference())
    (sent,) = (one["fields"] for one in stand.requests("direct"))
    assert (sent["Capture"], sent["MsgVer"], sent["Amount"], sent["Currency"]) == ("MANUAL", "2.0", "10000", "EUR")
    assert json.loads(sent["credentialOnFile"]) == {"type": {"unscheduled": "MIT"}, "initialPayment": False}
    instrument = held.case.instrument
    assert json.loads(sent["card"]) == {"number": instrument.token, "expiryDate": "203912", "brand": "VISA"}
    assert sent["schemeReferenceID"] == instrument.scheme_reference
    assert not {"URLNotify", "AccVerify", "FinishAuth", "OrderDesc"} & set(sent)


@pytest.mark.parametrize(("scheme", "latest"), [(Scheme.VISA, True), (Scheme.MASTERCARD, False), (Scheme.AMEX, False)])
async def test_which_transaction_it_refers_to(stand: PaygateStand, scheme: Scheme, latest: bool) -> None:
    """Visa wants the latest of the chain, the others the first."""
    held = stand.first_hold(scheme=scheme)
    await stand.provider.void("main", void(held), FIRST, may)
    second = await stand.provider.authorize("main", authorization(held), FIRST, may)
    assert second.evidence.hold is not None
    told = second.evidence.hold.scheme_reference
    await stand.provider.void("main", void(at(held, second.evidence.reference, AMOUNT)), FIRST, may)
    third = following(authorization(held, number=3), second.evidence.reference, told)
    assert (await stand.provider.authorize("main", third, FIRST, may)).outcome is Outcome.SUCCEEDED
    first = held.case.instrument.scheme_reference
    assert first != told
    sent = [one["fields"]["schemeReferenceID"] for one in stand.requests("direct")]
    assert sent == [first, told if latest else first]


async def test_the_flag_of_a_stored_card_can_be_left_out(stand: PaygateStand) -> None:
    """For acquirers that see a reauthorization as no use of a stored card."""
    held = stand.bring_about(HoldStanding.VOIDED)
    adapter = stand.adapter(stand.merchant(flag_stored_card=False))
    result = await DOINGS["authorize"](stand, held, reference(), provider=adapter)
    assert result.outcome is Outcome.SUCCEEDED
    (sent,) = (one["fields"] for one in stand.requests("direct"))
    assert "credentialOnFile" not in sent
    assert stand.happened()[-1]["initiator"] == "merchant"


def _with(held: Held, instrument: Instrument) -> AuthorizeRequest:
    return replace(authorization(held), case=replace(held.case, instrument=instrument), scheme_reference="")


async def test_a_cards_own_number_never_leaves(stand: PaygateStand) -> None:
    """A merchant who registers it in place of the substitute is told so, and nothing is sent."""
    held = stand.bring_about(HoldStanding.VOIDED)
    request = _with(held, replace(held.case.instrument, token="4111111111111111"))
    result = await stand.provider.authorize("main", request, FIRST, may)
    assert (result.outcome, result.reason) == (Outcome.NOT_SENT, reasons.MISCONFIGURED)
    assert stand.requests() == []


@pytest.mark.parametrize("missing", ["token", "scheme_reference"])
async def test_what_only_the_customer_can_give(stand: PaygateStand, missing: str) -> None:
    """Without a stored card, or what to refer to, there is no renewal; reading says so from the start."""
    held = stand.bring_about(HoldStanding.VOIDED)
    values = {"token": held.case.instrument.token, "scheme_reference": held.case.instrument.scheme_reference}
    instrument = replace(
        held.case.instrument, **{name: "" if name == missing else kept for name, kept in values.items()}
    )
    result = await stand.provider.authorize("main", _with(held, instrument), FIRST, may)
    assert (result.outcome, result.reason) == (Outcome.DECLINED, Decline.DATA)
    assert stand.requests() == []
    read = await stand.provider.read("main", replace(held.case, instrument=instrument), held.hold_id)
    assert not read.renewable


async def test_a_late_authorization_is_found_and_not_doubled(stand: PaygateStand) -> None:
    """It takes effect a while after its connection was cut: until then it stays unknown, and is not sent again."""
    held, key = stand.bring_about(HoldStanding.VOIDED), reference()
    stand.fault("direct", kind="special", name="late_commit", params={"seconds": 90})
    assert (await DOINGS["authorize"](stand, held, key)).outcome is Outcome.UNKNOWN
    assert (await DOINGS["authorize"](stand, held, key, ASK)).outcome is Outcome.UNKNOWN
    stand.forward(timedelta(seconds=91))
    found = await DOINGS["authorize"](stand, held, key, ASK)
    assert (found.outcome, found.evidence.found_by_reading) == (Outcome.SUCCEEDED, True)
    assert len(stand.effects()) == 1


async def test_a_refused_attempt_before_is_no_proof(stand: PaygateStand) -> None:
    """The newest payment of the case is the first attempt, which was refused: the second is sent all the same."""
    held = stand.bring_about(HoldStanding.VOIDED)
    stand.decline_next(Decline.BY_ISSUER)
    assert (await DOINGS["authorize"](stand, held, reference())).outcome is Outcome.DECLINED
    key = reference()
    stand.disturb(Call.AUTHORIZE, Fault.NEVER_ARRIVED)
    assert (await DOINGS["authorize"](stand, held, key)).outcome is Outcome.UNKNOWN
    assert (await DOINGS["authorize"](stand, held, key, ASK)).outcome is Outcome.UNKNOWN
    assert (await DOINGS["authorize"](stand, held, key, AGAIN)).outcome is Outcome.SUCCEEDED
    assert len(stand.effects()) == 1


async def test_a_refused_attempt_whose_answer_was_lost_ends_once_it_cannot_be_sent_again(stand: PaygateStand) -> None:
    """No further send is allowed, its time is over, the newest payment of the case holds nothing and failed."""
    held, key = stand.bring_about(HoldStanding.VOIDED), reference()
    stand.decline_next(Decline.BY_ISSUER)
    stand.disturb(Call.AUTHORIZE, Fault.LOST)
    assert (await DOINGS["authorize"](stand, held, key)).outcome is Outcome.UNKNOWN
    ended = await DOINGS["authorize"](stand, held, key, Earlier(sends=1, may_send=False, over=True))
    assert (ended.outcome, ended.reason) == (Outcome.DECLINED, Decline.OTHER)


async def test_the_hold_before_is_no_proof_further_down_the_chain(stand: PaygateStand) -> None:
    """Third hold, same amount, the second ran out: an inquiry still shows the second as authorized."""
    held = stand.bring_about(HoldStanding.VOIDED)
    second = await DOINGS["authorize"](stand, held, reference())
    assert second.evidence.hold is not None
    later = at(held, second.evidence.reference, AMOUNT)
    stand.lapse(later)
    request = following(authorization(held), later.hold_id, second.evidence.hold.scheme_reference)
    stand.disturb(Call.AUTHORIZE, Fault.NEVER_ARRIVED)
    for earlier, outcome in ((FIRST, Outcome.UNKNOWN), (ASK, Outcome.UNKNOWN), (AGAIN, Outcome.SUCCEEDED)):
        assert (await stand.provider.authorize("main", request, earlier, may)).outcome is outcome
    assert len(stand.effects()) == 2


async def test_the_first_hold_is_no_proof_wherever_it_turns_up() -> None:
    """Should an inquiry by TransID answer with the oldest payment instead of the newest."""
    paygate = Paygate(sealed(HELD))
    request = replace(AUTHORIZE, previous_hold_id="b" * 32)
    assert (await paygate.adapter().authorize("main", request, ASK, may)).outcome is Outcome.UNKNOWN


async def test_a_foreign_hold_of_the_case_stops_everything(stand: PaygateStand) -> None:
    """Somebody authorized another amount under the TransID: nobody places a second hold beside it."""
    held, key = stand.bring_about(HoldStanding.VOIDED), reference()
    stand.disturb(Call.AUTHORIZE, Fault.NEVER_ARRIVED)
    await DOINGS["authorize"](stand, held, key)
    stand.seed(amount_minor=7_000, trans_id=held.case.case_reference, ref_nr=held.case.payout_reference)
    for earlier in (ASK, AGAIN):
        result = await DOINGS["authorize"](stand, held, key, earlier)
        assert (result.outcome, result.reason) == (Outcome.UNKNOWN, reasons.DIFFERS)
    assert stand.effects() == []


async def test_a_found_hold_tells_its_scheme_reference_where_inquiries_do(merchant: Open) -> None:
    """Some merchants get details with an inquiry; then the chain goes on from there."""
    stand = merchant(inquire_details=True)
    held, key = stand.bring_about(HoldStanding.VOIDED), reference()
    stand.disturb(Call.AUTHORIZE, Fault.LOST)
    await DOINGS["authorize"](stand, held, key)
    found = await DOINGS["authorize"](stand, held, key, ASK)
    assert found.evidence.hold is not None
    expected = stand.payment(found.evidence.reference)["scheme_reference_id"]
    assert found.evidence.hold.scheme_reference == expected != ""


async def test_a_case_reference_that_must_be_unique_is_refused_by_the_provider(merchant: Open) -> None:
    """A merchant for whom Paygate wants every TransID to be new cannot renew under one name."""
    stand = merchant(unique_trans_ids=True)
    held = stand.bring_about(HoldStanding.VOIDED)
    result = await DOINGS["authorize"](stand, held, reference())
    assert (result.outcome, result.reason) == (Outcome.DECLINED, Decline.PROVIDER)
