"""What a poll costs and what it finds: much that waits unchanged, a night without polls, an outage of hours."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from adapters.pixi import Limits
from adapters.pixi.client import Value
from adapters.pixi.clients import Clients
from domain.errors import Transient
from domain.ports import Candidate, PollCursor
from tests.contract.pixi.house import NOON, House, free

PROFILES = ["LOU46", "AVA", "current"]
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
MIDNIGHT = datetime.fromisoformat("2027-03-04T00:00:00+01:00")
PAGE = 10


def waiting(house: House, count: int) -> None:
    """Held orders, and orders of which an invoice waits for its capture."""
    house.post("/orders", [{"kk_id": "x", "payment_code": "K"} for _ in range(count)])
    for one in house.post("/orders", [{"kk_id": "x", "payment_code": "K", "status": "ANG"} for _ in range(count)]):
        house.ship(str(one["order_nr"]))


def requests(house: House, before: int) -> int:
    """How many requests came since there were `before`, the description of the interface aside."""
    return sum(house.calls().values()) - before


@pytest.mark.parametrize("profile", PROFILES)
def test_what_waits_unchanged_costs_no_requests(make_house: Callable[..., House], profile: str) -> None:
    """Two pages and more of held orders and failed captures cost as many requests as one of each, and fill no page."""
    costs = []
    for count in (1, 2 * PAGE + 3):
        house = make_house({"profile": profile}, limits=Limits(page=PAGE))
        waiting(house, count)
        _, cursor = house.round()
        later = NOON + HOUR
        house.clock(later)
        known, cursor = house.round(cursor, now=later)  # the last change is listed once more
        known, cursor = house.round(cursor, now=later + MINUTE)
        assert len(known) == 2 * count
        before = sum(house.calls().values())
        page = house.page(cursor, now=later + 2 * MINUTE, told=known.values())
        assert (page.candidates, page.more) == ((), False)
        costs.append(requests(house, before))
    assert costs[0] == costs[1] == 3


def test_news_among_much_that_waits_is_found(make_house: Callable[..., House]) -> None:
    """A held order that changed is on the first page, however many before it did not."""
    house = make_house(limits=Limits(page=PAGE))
    waiting(house, PAGE)
    _, cursor = house.round()
    later = NOON + HOUR
    house.clock(later)
    for _ in range(2):
        known, cursor = house.round(cursor, now=later)
    changed = sorted(known)[PAGE - 1]
    house.clock(later + MINUTE)
    house.patch(f"/orders/{changed}", {"kk_id": "s-pay-2"})
    page = house.page(cursor, now=later + MINUTE, told=known.values())
    assert ([one.order_no for one in page.candidates], page.more) == ([changed], False)


def rounds(house: House, cursor: PollCursor, now: datetime, told: Sequence[Candidate]) -> tuple[set[str], int, int]:
    """One round page by page: the orders found, the largest page, the number of pages."""
    found: set[str] = set()
    largest = pages = 0
    while True:
        page: Any = house.page(cursor, now=now, told=told)
        found |= {one.order_no for one in page.candidates}
        largest, pages, cursor = max(largest, len(page.candidates)), pages + 1, page.cursor
        if not page.more:
            return found, largest, pages


def happenings(house: House, began: datetime, hours: int, before: Sequence[str]) -> set[str]:
    """Each quarter of an hour an order comes in and an older one leaves; the numbers of all of them."""
    touched: set[str] = set()
    for number in range(hours * 4):
        house.clock(began + number * 15 * MINUTE)
        touched.add(house.order())
        house.ship(before[number])
        touched.add(before[number])
    return touched


@pytest.mark.parametrize("profile", PROFILES)
def test_everything_of_the_quiet_hours_is_found_after_them(make_house: Callable[..., House], profile: str) -> None:
    """What came and left between 00:00 and 04:00 is found by the first round after it: paged, few requests, none at
    night."""
    house = make_house({"profile": profile}, limits=Limits(page=PAGE))
    house.clock(MIDNIGHT - 2 * HOUR)
    open_orders = [house.order(status="ANG") for _ in range(16)]
    house.clock(MIDNIGHT - MINUTE)
    known, cursor = house.round(now=MIDNIGHT - MINUTE)
    touched = happenings(house, MIDNIGHT, 4, open_orders)
    morning = MIDNIGHT + 4 * HOUR
    house.clock(morning)
    before = sum(house.calls().values())
    found, largest, pages = rounds(house, cursor, morning, list(known.values()))
    assert touched <= found
    assert largest <= PAGE
    assert requests(house, before) <= 3 * pages <= 3 * (2 * len(touched) // PAGE + 2)
    assert house.get("/violations") == []


@pytest.mark.parametrize("profile", PROFILES)
def test_everything_of_six_hours_of_outage_is_found_after_them(make_house: Callable[..., House], profile: str) -> None:
    """Polls that fail for six hours move nothing on; the first that succeeds finds all that happened."""
    house = make_house({"profile": profile}, limits=Limits(page=PAGE))
    open_orders = [house.order(status="ANG") for _ in range(24)]
    known, cursor = house.round()
    house.fault("*", "refuse", times=-1)
    for hour in range(6):
        with pytest.raises(Transient):
            house.page(cursor, now=NOON + hour * HOUR)
    touched = happenings(house, NOON + MINUTE, 6, open_orders)
    house.disarm()
    back = NOON + 6 * HOUR + MINUTE
    house.clock(back)
    before = sum(house.calls().values())
    found, largest, pages = rounds(house, cursor, back, list(known.values()))
    assert touched <= found
    assert largest <= PAGE
    assert requests(house, before) <= 3 * pages <= 3 * (2 * len(touched) // PAGE + 2)


def report_failure(house: House, invoice: str) -> None:
    """Somebody else's app reports that a capture failed."""
    failed: dict[str, Value] = {"InvoiceNr": invoice, "Success": False, "PayID": "x", "Message": "x"}
    session = Clients(house.connection, Limits()).session("c", free)
    failed |= {"PayCode": "CC", "CaptureSum": 0, "SetRemainingOrdersToHAL": False}
    session.write("pixiPaySetInvoiceCapture", failed)


@pytest.mark.parametrize("profile", PROFILES)
def test_a_hidden_record_is_found_by_the_daily_sweep_alone(make_house: Callable[..., House], profile: str) -> None:
    """Above three failures an order and an invoice leave their lists; once a day they are looked at all the same."""
    house = make_house({"profile": profile})
    held, (shipped, invoice) = house.order(), house.shipped()
    house.patch(f"/orders/{held}", {"fail_tries": 4})
    for _ in range(4):
        report_failure(house, invoice)
    _, cursor = house.round()
    day = NOON + timedelta(days=1)
    house.clock(day - HOUR)
    for now in (day - HOUR, day - HOUR + MINUTE):
        hidden, cursor = house.round(cursor, now=now)
    assert not {held, shipped} & set(hidden)
    house.clock(day + MINUTE)
    swept, cursor = house.round(cursor, now=day + MINUTE)
    assert {held, shipped} <= set(swept)
    assert cursor.last_sweep == day + MINUTE
