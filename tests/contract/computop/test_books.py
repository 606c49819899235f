"""Amounts as evidence: the two readings of AmountAuth, what was done by hand, and reversals that change nothing."""

from dataclasses import replace

import httpx
import pytest

from domain import reasons
from domain.authorization.facts import HoldStanding
from domain.outcomes import Outcome
from domain.ports import Earlier
from tests.contract.computop.answering import CAPTURE, CASE, HELD, PAY_ID, VOID, Paygate, holds, sealed
from tests.contract.computop.conftest import Open
from tests.contract.holds.doing import AGAIN, ASK, DOINGS, FIRST, PART, capture, may, reference, refund, void
from tests.contract.holds.paygate import PaygateStand
from tests.contract.holds.stand import AMOUNT, Call, Fault

OVER = Earlier(sends=1, may_send=False, over=True)


@pytest.mark.parametrize("reading", ["authorized", "bookable"])
async def test_either_reading_of_the_authorized_amount(merchant: Open, reading: str) -> None:
    """Whether Paygate tells what was authorized or what can still be booked, standings and effects come out right."""
    stand = merchant(amount_auth=reading)
    for standing in (HoldStanding.HELD, HoldStanding.CAPTURED, HoldStanding.VOIDED):
        held = stand.bring_about(standing)
        assert (await stand.provider.read("main", held.case, held.hold_id)).standing is standing
    for doing in DOINGS.values():
        held, key = doing.held(stand), reference()
        stand.disturb(doing.call, Fault.LOST)
        assert (await doing(stand, held, key)).outcome is Outcome.UNKNOWN
        found = await doing(stand, held, key, ASK)
        assert (found.outcome, found.evidence.amount_minor) == (Outcome.SUCCEEDED, AMOUNT)


@pytest.mark.parametrize("reading", ["authorized", "bookable"])
async def test_a_lapsed_hold_under_either_reading(merchant: Open, reading: str) -> None:
    """The capture says that it is gone, the void that nothing was left."""
    stand = merchant(amount_auth=reading)
    held = stand.bring_about(HoldStanding.LAPSED)
    taken = await stand.provider.capture("main", capture(held), FIRST, may)
    assert (taken.outcome, taken.reason) == (Outcome.DECLINED, reasons.EXPIRED)
    given_up = await stand.provider.void("main", void(held), FIRST, may)
    assert (given_up.outcome, given_up.evidence.amount_minor) == (Outcome.SUCCEEDED, 0)


@pytest.mark.rule("R39")
async def test_an_issuer_that_ignores_the_reversal_is_no_failure(merchant: Open) -> None:
    """OK is the answer; that the card stays blocked until the hold runs out is not ours to see."""
    stand = merchant(issuer_ignores_reversals=True)
    held, key = stand.first_hold(), reference()
    assert (await DOINGS["void"](stand, held, key)).outcome is Outcome.SUCCEEDED
    assert (await DOINGS["void"](stand, held, key, ASK)).outcome is Outcome.SUCCEEDED
    assert (await stand.provider.read("main", held.case, held.hold_id)).standing is HoldStanding.VOIDED


async def test_somebody_elses_capture_of_another_amount_is_not_ours(stand: PaygateStand) -> None:
    """Nor does it prove that ours will never be: only the end of its time does."""
    held, key = stand.first_hold(), reference()
    stand.disturb(Call.CAPTURE, Fault.NEVER_ARRIVED)
    request = capture(held, PART, key=key)
    await stand.provider.capture("main", request, FIRST, may)
    stand.by_hand(Call.CAPTURE, held, 6_000)
    asked = await stand.provider.capture("main", request, ASK, may)
    assert (asked.outcome, asked.reason) == (Outcome.UNKNOWN, reasons.TOO_EARLY)


@pytest.mark.parametrize(("captured", "found"), [("1000", False), ("5000", True), ("4000", False), ("6000", False)])
async def test_a_capture_is_found_beyond_what_was_known(captured: str, found: bool) -> None:
    """1,000 of it is in our books already: exactly 4,000 more are ours."""
    paygate = Paygate(sealed({**HELD, "AmountAuth": "9000", "AmountCap": captured}))
    result = await paygate.adapter().capture("main", replace(CAPTURE, before_minor=1_000), ASK, may)
    assert (result.outcome is Outcome.SUCCEEDED) is found


async def test_a_void_hold_ends_an_open_capture(stand: PaygateStand) -> None:
    """Voided by hand meanwhile, its time over: it can have no effect any more."""
    held, key = stand.first_hold(), reference()
    stand.disturb(Call.CAPTURE, Fault.NEVER_ARRIVED)
    await DOINGS["capture"](stand, held, key)
    stand.by_hand(Call.VOID, held, AMOUNT)
    ended = await DOINGS["capture"](stand, held, key, OVER)
    assert (ended.outcome, ended.reason) == (Outcome.DECLINED, reasons.EXPIRED)


async def test_a_capture_ends_an_open_void(stand: PaygateStand) -> None:
    """Captured by hand while our reversal may still arrive: it is asked about, and after its time it never will."""
    held, key = stand.first_hold(), reference()
    stand.disturb(Call.VOID, Fault.NEVER_ARRIVED)
    await DOINGS["void"](stand, held, key)
    stand.by_hand(Call.CAPTURE, held, AMOUNT)
    assert (await DOINGS["void"](stand, held, key, ASK)).outcome is Outcome.UNKNOWN
    ended = await DOINGS["void"](stand, held, key, OVER)
    assert (ended.outcome, ended.reason) == (Outcome.DECLINED, reasons.LAST_WAS_CAPTURE)
    assert stand.effects() == []


async def test_a_refund_beside_others_is_repeated_under_its_own_key(stand: PaygateStand) -> None:
    """Somebody credited another amount meanwhile: amounts prove nothing, the ReqId does."""
    held, key = stand.bring_about(HoldStanding.CAPTURED), reference()
    stand.fault("credit", kind="drop_after")
    request = refund(held, 3_000, key=key)
    assert (await stand.provider.refund("main", request, FIRST, may)).outcome is Outcome.UNKNOWN
    stand.by_hand(Call.REFUND, held, 500)
    assert (await stand.provider.refund("main", request, ASK, may)).outcome is Outcome.UNKNOWN
    again = await stand.provider.refund("main", request, AGAIN, may)
    assert (again.outcome, again.evidence.amount_minor) == (Outcome.SUCCEEDED, 3_000)
    assert stand.payment(held.hold_id)["credited_minor"] == 3_500


async def test_a_refusal_just_after_the_first_came_through_is_no_refusal() -> None:
    """While the repetition was under way the first request took effect: the amounts overrule the refusal."""
    captured = iter(("0", "4000"))

    def paygate(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/inquire.aspx":
            return httpx.Response(200, content=sealed({**HELD, "AmountCap": next(captured)}))
        return httpx.Response(200, content=sealed({**HELD, "Status": "FAILED", "Code": "21000380"}))

    result = await holds(paygate).capture("main", CAPTURE, AGAIN, may)
    assert (result.outcome, result.evidence.found_by_reading) == (Outcome.SUCCEEDED, True)


async def test_books_in_another_currency_are_not_ours() -> None:
    """Amounts of another currency prove nothing, and nothing is reversed by them."""
    paygate = Paygate(sealed({**HELD, "Currency": "USD"}))
    first = await paygate.adapter().void("main", VOID, FIRST, may)
    assert (first.outcome, first.reason) == (Outcome.DECLINED, reasons.DIFFERS)
    again = await paygate.adapter().void("main", VOID, AGAIN, may)
    assert (again.outcome, again.reason) == (Outcome.UNKNOWN, reasons.DIFFERS)
    assert [page for page, _ in paygate.sent] == ["inquire.aspx"] * 2


async def test_a_payment_that_vanished_leaves_the_doubt() -> None:
    """A request was taken before, now Paygate knows no such payment: another MerchantID, and no proof of anything."""
    paygate = Paygate(sealed({"mid": "shop", "Status": "FAILED", "Code": "20160001"}))
    for earlier, outcome in ((FIRST, Outcome.DECLINED), (AGAIN, Outcome.UNKNOWN)):
        result = await paygate.adapter().void("main", VOID, earlier, may)
        assert (result.outcome, result.reason) == (outcome, reasons.NOT_FOUND)


@pytest.mark.parametrize(
    ("amounts", "standing"),
    [
        (("4000", "0", "0", "AUTHORIZED"), HoldStanding.HELD),
        (("4000", "0", "0", "FAILED"), HoldStanding.HELD),
        (("4000", "0", "0", "OK"), HoldStanding.HELD),
        (("4000", "0", "0", "PENDING"), HoldStanding.HELD),
        (("4000", "1000", "0", "FAILED"), HoldStanding.CAPTURED),
        (("4000", "4000", "4000", "OK"), HoldStanding.CAPTURED),
        (("0", "0", "0", "OK"), HoldStanding.VOIDED),
        (("0", "0", "0", ""), HoldStanding.VOIDED),
        (("0", "0", "0", "PENDING"), HoldStanding.PENDING),
        (("0", "0", "0", "FAILED"), HoldStanding.DECLINED),
    ],
)
async def test_amounts_decide_before_any_status(amounts: tuple[str, str, str, str], standing: HoldStanding) -> None:
    """The last status only says which word fits where nothing is held and nothing was taken."""
    told = dict(zip(("AmountAuth", "AmountCap", "AmountCred", "LastStatus"), amounts, strict=True))
    read = await Paygate(sealed({**HELD, **told})).adapter().read("main", CASE, PAY_ID)
    assert read.standing is standing


async def test_a_status_alone_never_proves_an_effect() -> None:
    """OK as the last status with unmoved amounts: not found, whatever it means."""
    paygate = Paygate(sealed({**HELD, "LastStatus": "OK"}))
    for earlier in (ASK, OVER):
        result = await paygate.adapter().capture("main", replace(CAPTURE, amount_minor=4_000), earlier, may)
        assert (result.outcome, result.reason) == (Outcome.UNKNOWN, reasons.TOO_EARLY)
