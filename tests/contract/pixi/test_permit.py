"""The permit: asked immediately before every request, and what its no means in the middle of an effect."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from domain import reasons
from domain.errors import NotSent
from domain.outcomes import OperationResult, Outcome
from domain.ports import ErpComment, Permits, SendPermit
from tests.contract.pixi.house import AGAIN, BANK, NOON, House

MORNING = NOON + timedelta(hours=16)


class Closing:
    """Lets `passes` requests pass and then says no."""

    def __init__(self, passes: int) -> None:
        self.left = passes

    def __call__(self) -> None:
        if self.left == 0:
            raise NotSent(reasons.QUIET_WINDOW, MORNING)
        self.left -= 1


def subject(house: House, what: str) -> tuple[str, str]:
    """The order, and the document that is booked where one is."""
    match what:
        case "book":
            return house.shipped()
        case "credit":
            return house.returned()
        case _:
            return house.order(), ""


def effect(house: House, what: str, order_no: str, invoice_no: str, permit: SendPermit) -> OperationResult:
    match what:
        case "release":
            return house.release(order_no, AGAIN, permit, lock=True, lock_reason="x")
        case "lock":
            return house.lock(order_no, True, AGAIN, permit)
        case "bank data":
            return house.bank_data(order_no, BANK, AGAIN, permit)
        case "credit":
            return house.book_credit(order_no, invoice_no, 1000, AGAIN, permit=permit)
        case _:
            return house.book(order_no, invoice_no, 1000, AGAIN, permit)


def stopped(house: House, what: str, order_no: str, invoice_no: str, permit: Closing) -> OperationResult:
    """As `effect`; a permit's no that is passed on looks as if it had been returned."""
    try:
        return effect(house, what, order_no, invoice_no, permit)
    except NotSent as stop:
        return OperationResult(Outcome.NOT_SENT, stop.reason, retry_at=stop.retry_at)


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("release", ["lock", "release", "comment"]),
        ("lock", ["lock", "comment"]),
        ("book", ["capture_reported", "comment"]),
        ("credit", ["booking", "comment"]),
        ("bank data", ["address_changed", "comment"]),
    ],
)
def test_an_effect_stopped_anywhere_is_completed_later(house: House, what: str, expected: list[str]) -> None:
    """Stopped before any of its requests, nothing more leaves; the next execution does what is missing, nothing twice.

    Until something took effect it was not sent; from then on it is unknown, so that somebody comes back to it.
    """
    passes = 0
    while True:
        order_no, invoice_no = subject(house, what)
        before, sent_before = len(house.effects()), sum(house.calls().values())
        result = stopped(house, what, order_no, invoice_no, Closing(passes))
        assert sum(house.calls().values()) - sent_before <= passes
        if result.outcome is Outcome.SUCCEEDED:
            break
        halfway = Outcome.UNKNOWN if house.effects()[before:] else Outcome.NOT_SENT
        assert result == OperationResult(halfway, reasons.QUIET_WINDOW, retry_at=MORNING)
        assert effect(house, what, order_no, invoice_no, Closing(-1)).outcome is Outcome.SUCCEEDED
        assert house.effects()[before:] == expected
        passes += 1
    assert house.effects()[before:] == expected
    assert passes >= len(expected)


def test_the_permit_is_asked_for_reading_the_description_too(make_house: Callable[..., House]) -> None:
    """The first request of all is guarded as well."""
    house = make_house()
    with pytest.raises(NotSent):
        house.comment("1", permit=Closing(0))
    assert house.get("/log") == []


def test_threads_share_one_client(house: House) -> None:
    """Many threads use one connection at once, and each gets its own answer."""
    orders = [house.order(kk_id=f"s-pay-{n}") for n in range(12)]

    def work(index: int) -> tuple[str, str]:
        house.comment(orders[index], ErpComment(f"Nr. {index}", f"[t{index}]"))
        return orders[index], house.snapshot(orders[index]).payment_id

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(work, range(12)))
    assert found == [(order_no, f"s-pay-{n}") for n, order_no in enumerate(orders)]
    assert [house.comments(order_no) for order_no in orders] == [[f"Nr. {n} [t{n}]"] for n in range(12)]


@pytest.mark.parametrize("what", ["release", "lock", "book", "credit", "bank data"])
def test_questions_count_as_no_sends(house: House, what: str) -> None:
    """Only what changes something asks for the leave to send, everything else for the leave to look."""
    sends: list[str] = []
    looks: list[str] = []
    order_no, invoice_no = subject(house, what)
    before = len(house.effects())
    permits = Permits(send=lambda: sends.append("send"), look=lambda: looks.append("look"))
    assert effect(house, what, order_no, invoice_no, permits).outcome is Outcome.SUCCEEDED
    assert len(sends) == len(house.effects()) - before
    assert looks
