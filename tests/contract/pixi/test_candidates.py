"""Finding the orders that may have changed: changes, held orders, invoices to capture, the daily sweep, pages."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from adapters.pixi import Limits
from domain.errors import NotSent, Rejected, Transient
from domain.ports import PollCursor
from tests.contract.pixi.house import NOON, House

CHANGED = "pixiGetChangedOrders"
HELD = "pixiPayGetOrdersToAuthorize"
TO_CAPTURE = "pixiPayGetInvoicesToCapture"
PROFILES = ["LOU46", "AVA", "current"]
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize("profile", PROFILES)
def test_held_changed_and_shipped_orders_are_found(make_house: Callable[..., House], profile: str) -> None:
    """A new held order, a released one and a shipped one are all candidates, on every release of the ERP."""
    house = make_house({"profile": profile})
    held, opened, (shipped, _) = house.order(), house.order(status="ANG"), house.shipped()
    found, _ = house.round()
    assert {number: one.held for number, one in found.items()} == {held: True, opened: False, shipped: False}


@pytest.mark.parametrize("profile", PROFILES)
def test_only_configured_shops_and_codes_are_polled(make_house: Callable[..., House], profile: str) -> None:
    """Orders of other shops and other payment codes are no candidates; codes differ by case."""
    types = [{"code": one, "text": one, "xml_tag": one} for one in "Kkg"]
    house = make_house({"profile": profile, "shops": [{"id": "DEM"}, {"id": "OTH"}], "payment_types": types})
    wanted = house.order(payment_code="K")
    house.order(payment_code="k")
    house.order(payment_code="g")
    if profile != "LOU46":  # the oldest list of changes names no shop
        house.order(payment_code="K", shop_id="OTH")
    found, _ = house.round(codes="K")
    assert list(found) == [wanted]


@pytest.mark.parametrize("profile", PROFILES)
def test_a_quiet_erp_brings_nothing_new(make_house: Callable[..., House], profile: str) -> None:
    """When nothing happened the waiting orders come with equal marks and the others not at all."""
    house = make_house({"profile": profile})
    house.order()
    house.order(status="ANG")
    _, cursor = house.round()
    later = NOON + timedelta(hours=1)
    house.clock(later)
    _, cursor = house.round(cursor, now=later)  # sees the last change once more: both ends of a list are included
    one, cursor = house.round(cursor, now=later + MINUTE)
    two, _ = house.round(cursor, now=later + 2 * MINUTE)
    assert one == two
    assert [candidate.held for candidate in two.values()] == [True]


@pytest.mark.parametrize("refused", [HELD, TO_CAPTURE, CHANGED])
def test_a_refused_list_does_not_hold_up_the_others(make_house: Callable[..., House], refused: str) -> None:
    """What the other lists tell is found in spite of it, and what only that list tells is found one round later."""
    house = make_house({"profile": "current"})
    _, cursor = house.round()
    house.clock(NOON + MINUTE)
    held, opened, (shipped, _) = house.order(), house.order(status="ANG"), house.shipped()
    house.special(refused, "class16", times=3)
    found, cursor = house.round(cursor, now=NOON + MINUTE)
    assert house.refused
    assert set(found) == ({held, shipped} if refused == CHANGED else {held, opened, shipped})
    house.disarm()
    found, _ = house.round(cursor, now=NOON + 2 * MINUTE)
    assert not house.refused
    assert set(found) == {held, opened, shipped}


def test_an_erp_that_refuses_everything_is_told_of(make_house: Callable[..., House]) -> None:
    """When no list could be read there is nothing to hand over but the refusal."""
    house = make_house({"profile": "current"})
    for method in (HELD, TO_CAPTURE, CHANGED):
        house.special(method, "class16", times=9)
    with pytest.raises(Rejected):
        house.round()


@pytest.mark.parametrize("profile", PROFILES)
def test_each_change_gives_a_new_mark(make_house: Callable[..., House], profile: str) -> None:
    """Release, shipping, cancellation and return each bring the order back with a mark that is new."""
    house = make_house({"profile": profile})
    order_no = house.order(lines=[{"sku": "A"}, {"sku": "B"}])
    found, cursor = house.round()
    marks = [found[order_no].mark]
    steps: list[Callable[[], object]] = [
        lambda: house.release(order_no),
        lambda: house.ship(order_no, lines=[1]),
        lambda: house.post(f"/orders/{order_no}/cancel-lines", {"lines": [2]}),
        lambda: house.post(f"/orders/{order_no}/return", {"lines": [1]}),
    ]
    for number, step in enumerate(steps):
        now = NOON + MINUTE * (number + 1)
        house.clock(now)
        step()
        found, cursor = house.round(cursor, now=now)
        marks.append(found[order_no].mark)
    assert len(set(marks)) == len(marks)


def test_the_erps_own_upper_bound_is_the_next_lower_bound(house: House) -> None:
    """No clock of ours decides where the list continues."""
    house.order()
    _, cursor = house.round(now=NOON + timedelta(hours=5))  # our clock is five hours ahead
    assert cursor.changed_from == '{"since":"2027-03-03T12:00:00.000"}'
    house.round(cursor, now=NOON + timedelta(hours=6))
    assert "2027-03-03T12:00:00.000" in house.bodies(CHANGED)[-1]


def test_an_empty_list_keeps_the_bound(house: House) -> None:
    """Without rows there is no upper bound, so the old one stays."""
    cursor = PollCursor('{"since":"2027-03-03T11:00:00.000"}', NOON)
    assert house.round(cursor)[1] == cursor


def test_the_first_poll_looks_back_a_day(house: House) -> None:
    """A poller without a cursor begins a day ago, in the ERP's wall time."""
    house.round()
    assert "2027-03-02T12:00:00.000" in house.bodies(CHANGED)[0]


@pytest.mark.parametrize(
    "text",
    [
        "rubbish",
        "[]",
        '{"since": 5}',
        '{"since": "soon"}',
        '{"began": "2027-03-03T11:00:00+00:00", "after": "x"}',
        "null",
    ],
)
def test_a_cursor_that_cannot_be_read_starts_afresh(house: House, text: str) -> None:
    """A damaged cursor costs a longer list and no order."""
    order_no = house.order()
    assert list(house.round(PollCursor(text))[0]) == [order_no]


def test_once_a_day_the_hidden_records_are_looked_at(house: House) -> None:
    """An order with four failures is hidden from the list and still found by the daily sweep."""
    order_no = house.order()
    _, cursor = house.round()
    assert cursor.last_sweep == NOON
    house.patch(f"/orders/{order_no}", {"fail_tries": 4})
    now = NOON + MINUTE
    house.clock(now)
    _, cursor = house.round(cursor, now=now)
    assert cursor.last_sweep == NOON
    now = NOON + timedelta(hours=12)
    house.clock(now)
    found, cursor = house.round(cursor, now=now)
    assert not any(one.held for one in found.values())
    now = NOON + timedelta(days=1)
    house.clock(now)
    found, cursor = house.round(cursor, now=now)
    assert (found[order_no].held, cursor.last_sweep) == (True, now)


def test_many_orders_come_in_pages(make_house: Callable[..., House]) -> None:
    """A burst is handed over in pages, every order once, and the cursor moves on only at the end."""
    house = make_house(limits=Limits(page=10, waiting_rows=4))
    house.post("/orders", [{"kk_id": "s-pay-1", "payment_code": "KAP"[n % 3]} for n in range(33)])
    cursor, pages, numbers = PollCursor(), 0, []
    while True:
        page = house.page(cursor, codes="KAP")
        assert len(page.candidates) <= 10
        numbers += [one.order_no for one in page.candidates if one.held]
        pages, cursor = pages + 1, page.cursor
        if not page.more:
            break
    assert (len(numbers), len(set(numbers))) == (33, 33)
    assert pages >= 4
    assert cursor.changed_from == '{"since":"2027-03-03T12:00:00.000"}'


def test_a_page_can_be_asked_again(make_house: Callable[..., House]) -> None:
    """Asked with the same cursor, a page comes again: nothing is lost when its delivery failed."""
    house = make_house(limits=Limits(page=3))
    for _ in range(7):
        house.order()
    first = house.page()
    assert house.page() == first
    second = house.page(first.cursor)
    assert house.page(first.cursor) == second
    assert not {one.order_no for one in first.candidates} & {one.order_no for one in second.candidates}


def test_a_change_during_a_round_is_not_lost(make_house: Callable[..., House]) -> None:
    """What changes while pages are handed over comes with the next round."""
    house = make_house(limits=Limits(page=2))
    for _ in range(5):
        house.order(status="ANG")
    first = house.page()
    house.clock(NOON + MINUTE)
    changed = first.candidates[0].order_no
    house.patch(f"/orders/{changed}", {"shop_note": "x"})
    _, cursor = house.round(first.cursor, now=NOON + MINUTE)
    found, _ = house.round(cursor, now=NOON + 2 * MINUTE)
    assert changed in found


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("waiting", [29, 30, 31])
def test_lists_without_a_cursor_are_read_to_their_end(
    make_house: Callable[..., House], profile: str, waiting: int
) -> None:
    """More held orders and more invoices than a page has are all found, whether or not the last page is full."""
    house = make_house({"profile": profile}, limits=Limits(waiting_rows=10))
    orders = house.post("/orders", [{"kk_id": "x", "payment_code": "K", "status": "ANG"} for _ in range(waiting)])
    for one in orders:
        house.ship(str(one["order_nr"]))
    house.post("/orders", [{"kk_id": "x", "payment_code": "K"} for _ in range(waiting)])
    later = NOON + timedelta(days=3)
    house.clock(later)
    found, _ = house.round(PollCursor('{"since":"2027-03-05T12:00:00.000"}'), now=later)
    assert (len(found), sum(one.held for one in found.values())) == (2 * waiting, waiting)


def test_a_list_that_fails_ends_the_page_and_not_the_round(house: House) -> None:
    """What was found before a failure is handed over; the next page begins at the list that failed."""
    one, two = house.order(payment_code="A"), house.order(payment_code="K")
    house.fault(HELD, "status", match={"PaymentCode": "K"})
    page = house.page(codes="AK")
    assert page.more
    assert {candidate.order_no for candidate in page.candidates} == {one, two}  # both from the list of changes
    rest, _ = house.round(page.cursor, codes="AK")
    assert rest[two].held


def test_a_first_list_that_fails_is_an_error(house: House) -> None:
    """When nothing was found yet the failure is told."""
    house.fault(CHANGED, "drop_after")
    with pytest.raises(Transient):
        house.page()


def test_no_codes_no_candidates(house: House) -> None:
    """Without a configuration nothing is polled but the changes, and none of them counts."""
    house.order()
    assert house.round(codes="")[0] == {}


def test_the_permit_guards_every_request(house: House) -> None:
    """Each request asks first, and a permit that says no stops the next request before it leaves."""
    order_no = house.order()
    asked = 0

    def counting() -> None:
        nonlocal asked
        asked += 1

    house.snapshot(order_no, permit=counting)
    house.page(permit=counting)
    assert asked == sum(house.calls().values()) + 1  # and the WSDL

    def closed() -> None:
        raise NotSent("quiet_window", NOON)

    before = sum(house.calls().values())
    with pytest.raises(NotSent):
        house.snapshot(order_no, permit=closed)
    with pytest.raises(NotSent):
        house.page(permit=closed)
    assert sum(house.calls().values()) == before
