"""Release: lock first where asked, release, verify, comment; and what is found when it is repeated."""

from collections.abc import Callable

import pytest

from domain import reasons
from domain.outcomes import Outcome
from tests.contract.pixi.house import AGAIN, ASK_ONLY, House

DECIDE = "pixiPaySetAuthorizationStatus"


def test_a_held_order_is_released_and_commented(house: House) -> None:
    """A checked order goes from hold to open, unlocked, with one comment that ends with the tag."""
    order_no = house.order()
    result = house.release(order_no)
    assert (result.outcome, result.evidence.reference, result.evidence.found_by_reading) == (
        Outcome.SUCCEEDED,
        order_no,
        False,
    )
    assert house.effects() == ["release", "comment"]
    assert house.comments(order_no) == ["Zahlung geprüft [hf:ABCD2345]"]
    state = house.state_of(order_no)
    assert (state["status"], state["locked"]) == ("OPEN", False)


@pytest.mark.rule("P14")
def test_the_lock_comes_before_the_release(house: House) -> None:
    """An order whose check failed is locked first and then released, so that picking cannot start in between."""
    order_no = house.order()
    house.release(order_no, lock=True, lock_reason="Zahlung abgelehnt")
    assert house.effects() == ["lock", "release", "comment"]
    state = house.state_of(order_no)
    assert (state["status"], state["locked"], state["lock_reason"]) == ("OPEN", True, "Zahlung abgelehnt")


@pytest.mark.parametrize("payment_id", ["s-pay-1", ""])
def test_the_payment_id_in_the_head_survives(house: House, payment_id: str) -> None:
    """The id goes back unchanged, also when the caller has none: a release must not clear it."""
    order_no = house.order(kk_id="s-pay-1")
    house.release(order_no, payment_id=payment_id)
    assert house.state_of(order_no)["kk_id"] == "s-pay-1"


def test_an_order_without_payment_id_is_released_without_one(house: House) -> None:
    """No id is invented and none is sent as NULL."""
    order_no = house.order(kk_id=None)
    assert house.release(order_no, payment_id="").outcome is Outcome.SUCCEEDED
    assert "AuthID" not in house.bodies(DECIDE)[0]


def test_a_released_order_is_found_so(house: House) -> None:
    """What a person released already is not released again, and still gets its comment."""
    order_no = house.order(status="ANG")
    result = house.release(order_no)
    assert (result.outcome, result.evidence.found_by_reading) == (Outcome.SUCCEEDED, True)
    assert house.effects() == ["comment"]


def test_a_released_order_is_still_locked_when_asked(house: House) -> None:
    """The lock that a failed check asks for is set on an order that somebody released meanwhile."""
    order_no = house.order(status="ANG")
    assert house.release(order_no, lock=True, lock_reason="x").outcome is Outcome.SUCCEEDED
    assert house.effects() == ["lock", "comment"]


def test_a_cancelled_order_cannot_be_released(house: House) -> None:
    """Where nothing waits and nothing went on, there is nothing to release."""
    order_no = house.order(status="STO")
    result = house.release(order_no)
    assert (result.outcome, result.reason) == (Outcome.DECLINED, reasons.ORDER_STATE)
    assert house.effects() == []


@pytest.mark.parametrize("order_no", ["999999", "P1", "", "-1", "99999999999999999999", "１２"])
def test_an_unknown_order_is_not_found(house: House, order_no: str) -> None:
    """A number that the ERP does not know, or that cannot be one, is a definite no."""
    result = house.release(order_no)
    assert (result.outcome, result.reason) == (Outcome.DECLINED, reasons.NOT_FOUND)


@pytest.mark.rule("P8")
@pytest.mark.parametrize("call", ["pixiSetOrderShippingLock", DECIDE, "pixiCreateOrderComment"])
@pytest.mark.parametrize("kind", ["drop_after", "status_after", "malformed"])
def test_a_lost_answer_is_repeated_by_reading(house: House, call: str, kind: str) -> None:
    """Whichever answer is lost, the outcome is unknown and the repetition does only what is missing."""
    order_no = house.order()
    house.fault(call, kind)
    result = house.release(order_no, lock=True, lock_reason="x")
    assert result.outcome is Outcome.UNKNOWN
    assert result.reason in (reasons.NO_ANSWER, reasons.SERVER_ERROR, reasons.BAD_ANSWER)
    assert house.release(order_no, AGAIN, lock=True, lock_reason="x").outcome is Outcome.SUCCEEDED
    assert house.effects() == ["lock", "release", "comment"]
    assert house.get("/violations") == []


def test_asking_only_writes_nothing(house: House) -> None:
    """While an earlier request may still take effect, an order still on hold stays unknown and untouched."""
    order_no = house.order()
    result = house.release(order_no, ASK_ONLY, lock=True, lock_reason="x")
    assert (result.outcome, result.reason) == (Outcome.UNKNOWN, reasons.TOO_EARLY)
    assert house.effects() == []


def test_asking_only_finds_what_took_effect(house: House) -> None:
    """Released and commented: asking alone is enough to know."""
    order_no = house.order()
    house.fault("pixiCreateOrderComment", "drop_after")
    house.release(order_no)
    result = house.release(order_no, ASK_ONLY)
    assert (result.outcome, result.evidence.found_by_reading) == (Outcome.SUCCEEDED, True)
    assert house.effects() == ["release", "comment"]


def test_asking_only_leaves_a_missing_comment_for_later(house: House) -> None:
    """Released but not commented is not finished: the comment follows when sending is allowed again."""
    order_no = house.order()
    house.fault(DECIDE, "drop_after")
    house.release(order_no)
    assert house.release(order_no, ASK_ONLY).outcome is Outcome.UNKNOWN
    assert house.release(order_no, AGAIN).outcome is Outcome.SUCCEEDED
    assert house.effects() == ["release", "comment"]


def test_a_yes_that_changed_nothing_is_not_believed(house: House) -> None:
    """The ERP says yes and the lines are still held: that is no success."""
    order_no = house.order()
    for call in (DECIDE, "pixiReleaseOrder"):
        house.special(call, "warning_8153", takes_effect=False)
    assert house.release(order_no).outcome is Outcome.UNKNOWN
    assert house.effects() == []


def test_the_plain_release_steps_in(house: House) -> None:
    """Where the report of the authorization releases nothing, the plain release does."""
    order_no = house.order()
    house.special(DECIDE, "warning_8153", takes_effect=False)
    assert house.release(order_no).outcome is Outcome.SUCCEEDED
    assert house.effects() == ["release", "comment"]
    assert house.calls()["pixiReleaseOrder"] == 1


def test_the_plain_release_replaces_a_missing_call(make_house: Callable[..., House]) -> None:
    """Where the authorization call is not installed, the plain release is used."""
    house = make_house({"without": [DECIDE]})
    assert house.release(house.order()).outcome is Outcome.SUCCEEDED
    assert house.effects() == ["release", "comment"]


def test_without_any_releasing_call_the_setup_is_wrong(make_house: Callable[..., House]) -> None:
    """Nothing can release here: that is the tenant's setup, not the order's fault."""
    house = make_house({"without": [DECIDE, "pixiReleaseOrder"]})
    result = house.release(house.order())
    assert (result.outcome, result.reason) == (Outcome.NOT_SENT, reasons.MISCONFIGURED)


def test_unsaved_lines_do_not_hold_the_others_up(house: House) -> None:
    """A line that a person has not saved stays as it is; the order is released all the same."""
    order_no = house.order(lines=[{"sku": "A"}, {"sku": "B", "status": "NEW"}])
    assert house.release(order_no).outcome is Outcome.SUCCEEDED
    assert house.snapshot(order_no).held.count == 1


def test_a_refused_comment_leaves_the_release_a_success(house: House) -> None:
    """The order is released; that its comment is refused for good must not say otherwise."""
    order_no = house.order()
    house.special("pixiCreateOrderComment", "return_code", value="ERROR")
    assert house.release(order_no).outcome is Outcome.SUCCEEDED
    assert house.effects() == ["release"]


def test_a_comment_that_was_undone_leaves_the_release_unknown(house: House) -> None:
    """The order is released, so nobody would come back for the comment if this counted as not sent."""
    order_no = house.order()
    house.special("pixiCreateOrderComment", "deadlock_1205")
    result = house.release(order_no)
    assert (result.outcome, result.reason) == (Outcome.UNKNOWN, reasons.ROLLED_BACK)
    house.special("pixiGetOrderComments", "empty_diffgram")
    assert house.release(order_no, AGAIN).outcome is Outcome.SUCCEEDED
    assert house.effects() == ["release", "comment"]


def test_an_answer_without_rows_does_not_double_a_comment(house: House) -> None:
    """The comment stands; that the list comes back empty once is no proof that it does not."""
    order_no = house.order()
    house.fault("pixiCreateOrderComment", "drop_after")
    assert house.comment(order_no).outcome is Outcome.UNKNOWN
    house.special("pixiGetOrderComments", "empty_diffgram")
    assert house.comment(order_no, earlier=AGAIN).outcome is Outcome.SUCCEEDED
    assert house.effects() == ["comment"]


def test_before_the_lock_had_a_reason(make_house: Callable[..., House]) -> None:
    """An old ERP gets no parameter that it does not know, for it would answer with a fault."""
    house = make_house({"profile": "LOU46"})
    order_no = house.order()
    assert house.release(order_no, lock=True, lock_reason="x").outcome is Outcome.SUCCEEDED
    assert house.effects() == ["lock", "release", "comment"]
    assert "Reason" not in house.bodies("pixiSetOrderShippingLock")[0]
