"""The shipping lock and the comment, and that neither is done twice."""

from collections.abc import Callable

import pytest

from domain import reasons
from domain.outcomes import Outcome
from domain.ports import ErpComment
from tests.contract.pixi.house import AGAIN, ASK_ONLY, COMMENT, House

LOCK = "pixiSetOrderShippingLock"
COMMENT_CALL = "pixiCreateOrderComment"


def test_the_orders_lock_is_set_and_removed_not_the_customers(house: House) -> None:
    """Setting and removing the lock touches the order and never its customer."""
    order_no = house.order()
    assert house.lock(order_no).outcome is Outcome.SUCCEEDED
    assert house.lock(order_no, locked=False).outcome is Outcome.SUCCEEDED
    assert house.effects() == ["lock", "comment", "unlock", "comment"]
    assert house.calls()["pixiSetShippingLock"] == 0


def test_a_lock_that_stands_is_not_set_again(house: House) -> None:
    """The lock a person set is found, and the comment is still written."""
    order_no = house.order(locked=True)
    result = house.lock(order_no)
    assert (result.outcome, result.evidence.found_by_reading) == (Outcome.SUCCEEDED, True)
    assert house.effects() == ["comment"]


@pytest.mark.rule("P8")
@pytest.mark.parametrize("call", [LOCK, COMMENT_CALL])
@pytest.mark.parametrize("locked", [True, False])
def test_a_lost_answer_is_repeated_by_reading(house: House, call: str, locked: bool) -> None:
    """The lock is read before it is set again, the comment looked up by its tag."""
    order_no = house.order(locked=not locked)
    house.fault(call, "drop_after")
    result = house.lock(order_no, locked)
    assert (result.outcome, result.reason) == (Outcome.UNKNOWN, reasons.NO_ANSWER)
    assert house.lock(order_no, locked, AGAIN).outcome is Outcome.SUCCEEDED
    assert house.effects() == ["lock" if locked else "unlock", "comment"]


def test_asking_only_never_locks(house: House) -> None:
    """An order that is not locked stays so while an earlier request may still arrive."""
    order_no = house.order()
    result = house.lock(order_no, earlier=ASK_ONLY)
    assert (result.outcome, result.reason) == (Outcome.UNKNOWN, reasons.TOO_EARLY)
    assert house.effects() == []


def test_a_refused_lock_is_declined(house: House) -> None:
    """The ERP's ERROR is a definite no."""
    order_no = house.order()
    house.special(LOCK, "return_code", value="ERROR")
    result = house.lock(order_no)
    assert (result.outcome, result.reason) == (Outcome.DECLINED, reasons.REFUSED)
    assert house.comments(order_no) == []


def test_an_info_about_the_lock_is_a_yes(house: House) -> None:
    """INFO says that there was nothing to do."""
    order_no = house.order()
    house.special(LOCK, "return_code", value="INFO")
    assert house.lock(order_no).outcome is Outcome.SUCCEEDED


def test_a_lock_that_does_not_stand_is_not_believed(house: House) -> None:
    """The ERP says yes and the order is not locked: unknown."""
    order_no = house.order()
    house.special(LOCK, "warning_8153", takes_effect=False)
    assert house.lock(order_no).outcome is Outcome.UNKNOWN


def test_a_lock_that_cannot_be_read_is_set_again(make_house: Callable[..., House]) -> None:
    """Where the head does not show the lock, setting it once more changes nothing."""
    house = make_house({"without": ["pixiGetOrderHeader.OrderLocked"]})
    order_no = house.order()
    house.fault(LOCK, "drop_after")
    assert house.lock(order_no).outcome is Outcome.UNKNOWN
    assert house.lock(order_no, earlier=AGAIN).outcome is Outcome.SUCCEEDED
    assert house.effects() == ["lock", "comment"]


def test_an_unknown_order_cannot_be_locked(house: House) -> None:
    """A definite no."""
    assert house.lock("4711").reason == reasons.NOT_FOUND


def test_a_comment_is_written_with_its_tag(house: House) -> None:
    """The comment stands on the order, with our name and with the tag at its end."""
    order_no = house.order()
    result = house.comment(order_no)
    assert (result.outcome, result.evidence.found_by_reading) == (Outcome.SUCCEEDED, False)
    assert [(one["user"], one["text"]) for one in house.state_of(order_no)["comments"]] == [
        ("holdfast", "Zahlung geprüft [hf:ABCD2345]")
    ]


@pytest.mark.rule("P8")
def test_a_comment_is_looked_up_before_it_is_repeated(house: House) -> None:
    """After a lost answer the comment is found by its tag and not written twice."""
    order_no = house.order()
    house.fault(COMMENT_CALL, "drop_after")
    assert house.comment(order_no).outcome is Outcome.UNKNOWN
    result = house.comment(order_no, earlier=AGAIN)
    assert (result.outcome, result.evidence.found_by_reading) == (Outcome.SUCCEEDED, True)
    assert len(house.comments(order_no)) == 1


def test_another_comment_is_not_taken_for_ours(house: House) -> None:
    """A comment with another tag does not count."""
    order_no = house.order()
    house.comment(order_no, ErpComment("Zahlung geprüft", "[hf:ZZZZ2222]"))
    house.comment(order_no, COMMENT, AGAIN)
    assert len(house.comments(order_no)) == 2


def test_asking_only_finds_or_leaves_a_comment(house: House) -> None:
    """A missing comment is not written while the earlier one may still arrive."""
    order_no = house.order()
    assert house.comment(order_no, earlier=ASK_ONLY).reason == reasons.TOO_EARLY
    house.comment(order_no)
    assert house.comment(order_no, earlier=ASK_ONLY).outcome is Outcome.SUCCEEDED
    assert len(house.comments(order_no)) == 1


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Größe: 3 × 5 € – „geprüft“", "Größe: 3 × 5 € – „geprüft“"),
        ("Danke 🎉 schön", "Danke ? schön"),
        ("a\x00\x0b\x1fb", "ab"),
        ("<b>&amp; ]]></b>", "<b>&amp; ]]></b>"),
        ("x" * 9_000, None),
    ],
)
def test_any_text_becomes_a_comment(house: House, text: str, kept: str | None) -> None:
    """Umlauts stay, emoji and control characters do no harm, markup is text, and the tag survives any length."""
    order_no = house.order()
    assert house.comment(order_no, ErpComment(text, "[t]")).outcome is Outcome.SUCCEEDED
    (written,) = house.comments(order_no)
    assert written.endswith(" [t]")
    assert len(written) <= 4_000
    if kept is not None:
        assert written == f"{kept} [t]"


def test_the_older_comment_call_is_used_where_the_newer_is_missing(make_house: Callable[..., House]) -> None:
    """One of the two calls is enough."""
    house = make_house({"without": [COMMENT_CALL]})
    order_no = house.order()
    assert house.comment(order_no).outcome is Outcome.SUCCEEDED
    assert house.calls()["pixiAddOrderComment"] == 1


def test_a_comment_on_an_unknown_order_is_declined(house: House) -> None:
    """The ERP refuses it, definitely."""
    assert house.comment("4711").outcome is Outcome.DECLINED
