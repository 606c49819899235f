"""What Computop asks of those who send it follow-ups: names, keys, and looking before a reversal."""

import asyncio

import pytest

from domain import reasons
from domain.authorization.facts import HoldStanding
from domain.outcomes import Outcome
from domain.ports import Earlier
from tests.contract.computop.answering import (
    AUTHORIZE,
    CAPTURE,
    CASE,
    HELD,
    NEW_PAY_ID,
    PAY_ID,
    YES,
    Paygate,
    sealed,
)
from tests.contract.holds.doing import AGAIN, DOINGS, FIRST, Doing, may, reference
from tests.contract.holds.paygate import PaygateStand
from tests.contract.holds.stand import AMOUNT, Call, Fault

EVERY = pytest.mark.parametrize("doing", DOINGS.values(), ids=DOINGS)


@pytest.mark.rule("R28")
async def test_follow_ups_bear_the_names_of_the_first_authorization(stand: PaygateStand) -> None:
    """Whatever is done in a case has its TransID and RefNr, an authorization like a capture, credit or reversal."""
    cases = []
    for doing in DOINGS.values():
        held = doing.held(stand)
        cases.append(held.case)
        assert (await doing(stand, held, reference())).outcome is Outcome.SUCCEEDED
    names = {one.case_reference: one.payout_reference for one in cases}
    assert len(names) == len(DOINGS)
    sent = [one["fields"] for one in stand.requests() if not one["call"].startswith("inquire")]
    assert {one["TransID"] for one in sent} == set(names)
    assert all(one["RefNr"] == names[one["TransID"]] for one in sent)
    for payment in stand.payments():
        assert {payment["ref_nr"]} == {one["ref_nr"] for one in payment["actions"]} == {names[payment["trans_id"]]}


@pytest.mark.rule("R73")
@EVERY
async def test_every_change_has_its_req_id(stand: PaygateStand, doing: Doing) -> None:
    """Our reference, the same at each repetition; questions have none."""
    held, key = doing.held(stand), reference()
    stand.disturb(doing.call, Fault.NEVER_ARRIVED)
    await doing(stand, held, key)
    await doing(stand, held, key, AGAIN)
    requests = stand.requests()
    changes = [one["fields"] for one in requests if not one["call"].startswith("inquire")]
    assert [one["ReqId"] for one in changes] == [key, key]
    assert all("ReqId" not in one["fields"] for one in requests if one["call"].startswith("inquire"))
    assert len(key) == 32


@EVERY
async def test_nothing_is_sent_twice_while_the_first_is_open(stand: PaygateStand, doing: Doing) -> None:
    """Paygate would carry out a repetition that arrives before the first request is decided: two calls, one request."""
    held, key = doing.held(stand), reference()
    stand.leave_open(doing.call)
    results = await asyncio.gather(*(doing(stand, held, key) for _ in range(3)))
    assert {one.outcome for one in results} == {Outcome.PENDING}
    assert stand.traffic().count("send") == 1


async def test_a_req_id_is_answered_with_what_became_of_the_first(stand: PaygateStand) -> None:
    """The capture took effect unheard and was taken back by hand since: the repetition takes nothing again."""
    held, key = stand.first_hold(), reference()
    stand.disturb(Call.CAPTURE, Fault.LOST)
    await DOINGS["capture"](stand, held, key)
    stand.by_hand(Call.VOID, held, AMOUNT)  # the last action: our capture
    again = await DOINGS["capture"](stand, held, key, AGAIN)
    assert again.outcome is Outcome.SUCCEEDED
    assert [one.call for one in stand.effects()] == [Call.CAPTURE]


@pytest.mark.rule("R43")
@pytest.mark.parametrize("name", ["void", "undo"])
async def test_an_inquiry_precedes_every_reversal(stand: PaygateStand, name: str) -> None:
    """The first send and each repetition: the request before a reversal is the question how its payment stands."""
    doing = DOINGS[name]
    held, key = doing.held(stand), reference()
    stand.fault("reverse", kind="refuse", times=2)
    for earlier in (FIRST, AGAIN, Earlier(sends=2, may_send=True, over=True)):
        await doing(stand, held, key, earlier)
    calls = [(one["call"], one["fields"]["PayID"]) for one in stand.requests()]
    assert calls == [("inquire", held.hold_id), ("reverse", held.hold_id)] * 3
    assert stand.effects() == [doing.effect(stand, held)]


@pytest.mark.rule("R43")
async def test_what_the_inquiry_shows_keeps_a_void_from_reversing_a_capture(stand: PaygateStand) -> None:
    """Captured just before, by somebody else: no reversal leaves us, also not as a repetition."""
    held, key = stand.first_hold(), reference()
    stand.fault("reverse", kind="refuse")
    await DOINGS["void"](stand, held, key)
    stand.by_hand(Call.CAPTURE, held, AMOUNT)
    for earlier in (FIRST, AGAIN):
        result = await DOINGS["void"](stand, held, key, earlier)
        assert (result.outcome, result.reason) == (Outcome.DECLINED, reasons.LAST_WAS_CAPTURE)
    assert len(stand.requests("reverse")) == 1
    assert stand.payment(held.hold_id)["captured_minor"] == AMOUNT


@pytest.mark.rule("R43")
async def test_an_undo_is_a_credit_where_a_reversal_would_undo_something_else(stand: PaygateStand) -> None:
    """The inquiry shows another amount than the capture's: nothing is reversed."""
    held = stand.first_hold()
    stand.by_hand(Call.CAPTURE, held, 9_000)
    result = await DOINGS["undo"](stand, held, reference())
    assert (result.outcome, result.reason) == (Outcome.DECLINED, reasons.EXCEEDS)
    assert [one["call"] for one in stand.requests()] == ["inquire", "credit", "inquire"]


async def test_nothing_is_reversed_while_something_is_under_way(stand: PaygateStand) -> None:
    """A capture that is not decided yet: what a reversal would undo is open."""
    held = stand.first_hold()
    stand.leave_open(Call.CAPTURE)
    await DOINGS["capture"](stand, held, reference())
    result = await DOINGS["void"](stand, held, reference())
    assert (result.outcome, result.reason) == (Outcome.NOT_SENT, reasons.TOO_EARLY)
    assert stand.requests("reverse") == []


@pytest.mark.rule("R74")
async def test_leading_zeros_survive() -> None:
    """PayID, XID, TransID, RefNr and codes are texts on their way out and back."""
    placed = {**YES, "PayID": NEW_PAY_ID, "schemeReferenceID": "000000000000042"}
    paygate = Paygate(sealed(YES), {"direct.aspx": sealed(placed), "inquire.aspx": sealed(HELD)})
    adapter = paygate.adapter()
    taken = await adapter.capture("main", CAPTURE, FIRST, may)
    assert (taken.evidence.reference, taken.evidence.trace) == ("0" * 31 + "7",) * 2
    new = await adapter.authorize("main", AUTHORIZE, FIRST, may)
    assert new.evidence.hold is not None
    assert (new.evidence.reference, new.evidence.hold.scheme_reference) == (NEW_PAY_ID, "000000000000042")
    assert (await adapter.read("main", CASE, PAY_ID)).hold_id == PAY_ID
    for _, fields in paygate.sent:
        assert fields.get("TransID") == "00012"
        assert fields.get("RefNr") in ("", "000INV")
        assert fields.get("PayID") in ("", PAY_ID)
    await adapter.close()


async def test_a_refused_code_is_kept_as_a_text() -> None:
    """Eight characters, letters included."""
    paygate = Paygate(sealed({**YES, "Status": "FAILED", "Code": "2206014H"}))
    result = await paygate.adapter().authorize("main", AUTHORIZE, FIRST, may)
    assert (result.outcome, result.evidence.code) == (Outcome.DECLINED, "2206014H")


async def test_a_hold_of_another_case_is_missing(stand: PaygateStand) -> None:
    """The PayID exists with this merchant, under another TransID: nothing is done to it."""
    one, other = stand.first_hold(), stand.first_hold()
    case = one.case
    read = await stand.provider.read("main", case, other.hold_id)
    assert read.standing is HoldStanding.MISSING
