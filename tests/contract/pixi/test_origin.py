"""Returns and documents by hand are told apart by what stands on them, without a request that is not needed."""

from collections.abc import Callable

import pytest

from domain.facts import LineSums, Phase
from tests.contract.pixi.house import NOON, House

DOCUMENT_LINES = "pixiGetInvoiceLines"
NAMELESS = "pixiGetOrderline.InvoiceNr"  # order lines that do not name their invoice
KEYLESS = f"{DOCUMENT_LINES}.OrderlineKey"
THREE = [{"sku": "A"}, {"sku": "B"}, {"sku": "C"}]


def from_return(house: House, order_no: str) -> list[bool]:
    return [one.from_return for one in house.snapshot(order_no).credit_notes]


def by_hand(house: House, order_no: str) -> list[bool]:
    return [one.by_hand for one in house.snapshot(order_no).invoices]


@pytest.mark.rule("P75")
@pytest.mark.parametrize("without", [[], [KEYLESS]])
def test_a_return_beside_a_credit_by_hand(make_house: Callable[..., House], without: list[str]) -> None:
    """Only the credit note over the returned line is a return, whichever was written first."""
    house = make_house({"without": without})
    order_no = house.order(status="ANG", lines=THREE)
    house.ship(order_no)
    house.post(f"/orders/{order_no}/credit", {"amount_minor": 300})
    house.post(f"/orders/{order_no}/return", {"lines": [1]})
    house.post(f"/orders/{order_no}/credit", {"amount_minor": 200})
    assert from_return(house, order_no) == [False, True, False]


@pytest.mark.rule("P75")
@pytest.mark.parametrize("moment", range(1, 6))
def test_a_return_while_the_picture_is_taken_is_no_credit_by_hand(house: House, moment: int) -> None:
    """Goods come back between two requests: the credit note is not seen yet, or it is seen for what it is."""
    order_no, _ = house.shipped(lines=THREE)
    requests = 0

    def permit() -> None:
        nonlocal requests
        requests += 1
        if requests == moment:
            house.post(f"/orders/{order_no}/return", {"lines": [1]})

    taken = house.erp.snapshot("c", order_no, NOON, permit)
    assert taken is not None
    assert requests >= moment, "the picture needed fewer requests, so nothing is proved"
    assert [one.from_return for one in taken.credit_notes] in ([], [True])


@pytest.mark.rule("P75")
def test_a_credit_by_hand_over_goods_that_stayed_is_no_return(house: House) -> None:
    """It lists a line of the order, but not one that came back."""
    order_no = house.order(status="ANG", lines=THREE)
    house.ship(order_no)
    house.post(f"/orders/{order_no}/return", {"lines": [1]})
    house.post(f"/orders/{order_no}/credit", {"amount_minor": 1000, "lines": [2]})
    assert from_return(house, order_no) == [True, False]


@pytest.mark.rule("P75")
@pytest.mark.parametrize("without", [[], [KEYLESS], ["pixiGetOrderline.OrderlineKey"]])
def test_a_second_credit_for_the_same_return_is_made_by_hand(
    make_house: Callable[..., House], without: list[str]
) -> None:
    """What came back once is given back once; a further credit note over it is for a person to decide."""
    house = make_house({"without": without})
    order_no, _ = house.returned()
    house.post(f"/orders/{order_no}/credit", {"amount_minor": 1000, "lines": [1]})
    assert from_return(house, order_no) == [True, False]


@pytest.mark.parametrize("without", [[], [KEYLESS]])
def test_pieces_of_a_line_come_back_one_by_one(make_house: Callable[..., House], without: list[str]) -> None:
    """Two returns of one piece each are two returns."""
    house = make_house({"without": without})
    order_no = house.order(status="ANG", lines=[{"sku": "A", "qty": 3}])
    house.ship(order_no)
    for _ in range(2):
        house.post(f"/orders/{order_no}/return", {"lines": [{"line": 1, "qty": 1}]})
    assert from_return(house, order_no) == [True, True]


def test_a_credit_may_exceed_its_lines_and_its_invoice(house: House) -> None:
    """The document's total counts, with shipping and fee, and even above what was invoiced."""
    order_no, _ = house.shipped(ship_cost_minor=490)
    house.post(f"/orders/{order_no}/return", {"refund_shipping": True, "fee": 90})
    (usual,) = house.snapshot(order_no).credit_notes
    assert (usual.total_minor, usual.from_return) == (1400, True)
    other, _ = house.shipped()
    house.post(f"/orders/{other}/return", {"total_minor": 5000})
    (larger,) = house.snapshot(other).credit_notes
    assert (larger.total_minor, larger.from_return) == (5000, True)


def test_without_the_documents_lines_nothing_is_called_a_return(make_house: Callable[..., House]) -> None:
    """A refund cannot be taken back: where nothing proves the return, a person decides."""
    house = make_house({"without": [DOCUMENT_LINES]})
    order_no, _ = house.returned()
    shot = house.snapshot(order_no)
    assert ([one.from_return for one in shot.credit_notes], shot.returned.count) == ([False], 1)


def test_what_stands_on_a_credit_note_is_asked_once(house: House) -> None:
    """The answer is remembered, and rows lost once are asked for again."""
    order_no, _ = house.returned()
    house.special(DOCUMENT_LINES, "empty_diffgram")
    assert [from_return(house, order_no) for _ in range(3)] == [[True]] * 3
    assert house.calls()[DOCUMENT_LINES] == 2


@pytest.mark.rule("P83")
@pytest.mark.parametrize("without", [[], [NAMELESS], [KEYLESS]])
@pytest.mark.parametrize("shipped", [True, False])
def test_an_invoice_by_hand_is_told_apart(make_house: Callable[..., House], without: list[str], shipped: bool) -> None:
    """Before anything shipped, and beside an invoice over shipped goods, which stays one."""
    house = make_house({"without": without})
    order_no = house.order(status="ANG", lines=THREE, ship_cost_minor=490)
    house.post(f"/orders/{order_no}/invoice", {"amount_minor": 300, "shipped": shipped})
    assert by_hand(house, order_no) == [True]
    house.ship(order_no)
    assert by_hand(house, order_no) == [True, False]


@pytest.mark.rule("P83")
@pytest.mark.parametrize("without", [[], [NAMELESS]])
def test_an_invoice_by_hand_over_an_article_is_told_apart(make_house: Callable[..., House], without: list[str]) -> None:
    """An article of the order billed once more stands for none of its lines."""
    house = make_house({"without": without})
    order_no, _ = house.shipped(lines=THREE)
    house.post(f"/orders/{order_no}/invoice", {"amount_minor": 1000, "sku": "A", "shipped": True})
    assert by_hand(house, order_no) == [False, True]


def test_without_the_documents_lines_only_what_is_certain_is_said(make_house: Callable[..., House]) -> None:
    """Nothing shipped: by hand. Later the amounts have to show it."""
    house = make_house({"without": [DOCUMENT_LINES, NAMELESS]})
    order_no = house.order(status="ANG")
    house.post(f"/orders/{order_no}/invoice", {"amount_minor": 300})
    assert by_hand(house, order_no) == [True]
    house.ship(order_no)
    assert by_hand(house, order_no) == [False, False]


@pytest.mark.parametrize("without", [[], [NAMELESS]])
def test_ordinary_deliveries_ask_for_no_lines(make_house: Callable[..., House], without: list[str]) -> None:
    """Whole and in parts, with shipping cost, discount, cancelled lines: the order explains its invoices."""
    house = make_house({"without": without})
    whole, _ = house.shipped(lines=THREE, ship_cost_minor=490, discount_minor=140)
    assert by_hand(house, whole) == [False]
    parts = house.order(status="ANG", lines=THREE, ship_cost_minor=490, discount_minor=140)
    for step in range(2):
        house.ship(parts, lines=[step + 1])
        assert by_hand(house, parts) == [False] * (step + 1)
    house.post(f"/orders/{parts}/cancel-lines", {"status": "NLB"})
    assert by_hand(house, parts) == [False, False]
    assert house.calls()[DOCUMENT_LINES] == 0


@pytest.mark.parametrize("without", [[], [NAMELESS]])
def test_an_invoice_that_was_raised_by_hand_still_bills_the_order(
    make_house: Callable[..., House], without: list[str]
) -> None:
    """A total above the goods is no invoice by hand; where sums had to be doubted, the lines are read once."""
    house = make_house({"without": without})
    order_no = house.order(status="ANG")
    house.ship(order_no, total_minor=1500)
    assert [by_hand(house, order_no) for _ in range(3)] == [[False]] * 3
    assert house.calls()[DOCUMENT_LINES] == len(without)


def test_two_invoices_of_one_second_are_two(house: House) -> None:
    """The clock stands still; numbers and order of the documents do not depend on it."""
    order_no = house.order(status="ANG", lines=THREE)
    numbers = [house.ship(order_no, lines=[line]) for line in (1, 2, 3)]
    assert [(one.number, one.total_minor) for one in house.snapshot(order_no).invoices] == [
        (number, 1000) for number in numbers
    ]


@pytest.mark.parametrize("without", [[], [NAMELESS]])
def test_a_reopened_order_is_open_and_keeps_its_invoices(make_house: Callable[..., House], without: list[str]) -> None:
    """Lines that go back to be shipped once more open the order; its invoice was no invoice by hand."""
    house = make_house({"without": without})
    order_no, _ = house.shipped(lines=THREE)
    assert house.snapshot(order_no).phase is Phase.CLOSED
    house.post(f"/orders/{order_no}/reopen", {"lines": [1, 2, 3]})
    shot = house.snapshot(order_no)
    assert (shot.phase, shot.open.count, [one.by_hand for one in shot.invoices]) == (Phase.OPEN, 3, [False])


def test_a_cancelled_rest_may_be_reopened(house: House) -> None:
    """Cancelled lines that are accepted again count as open, and no longer as cancelled."""
    order_no = house.order(status="ANG", lines=THREE)
    house.ship(order_no, lines=[1])
    house.post(f"/orders/{order_no}/cancel-lines")
    closed = house.snapshot(order_no)
    assert (closed.phase, closed.cancelled) == (Phase.CLOSED, LineSums(2, 2000))
    house.post(f"/orders/{order_no}/reopen")
    again = house.snapshot(order_no)
    assert (again.phase, again.open, again.cancelled) == (Phase.OPEN, LineSums(2, 2000), LineSums())


def test_cancelled_and_undeliverable_lines_are_one_sum(house: House) -> None:
    """Both kinds after a partial delivery, a bundle whose parts cost nothing of their own included."""
    bundle = [{"sku": "SET", "price": 3000, "bundle": "x"}, {"sku": "P1", "price": 0, "bundle": "x"}]
    order_no = house.order(status="ANG", lines=[*THREE, *bundle])
    house.ship(order_no, lines=[1])
    house.post(f"/orders/{order_no}/cancel-lines", {"lines": [2], "status": "STO"})
    house.post(f"/orders/{order_no}/cancel-lines", {"lines": [5], "status": "NLB"})
    shot = house.snapshot(order_no)
    assert (shot.phase, shot.cancelled, shot.open.count) == (Phase.OPEN, LineSums(3, 4000), 1)
    assert shot.total_minor == 6000


def test_an_exchange_order_and_its_original(house: House) -> None:
    """The original keeps its return; the replacement counts its new goods, not the minus line."""
    order_no, _ = house.returned()
    made = house.post(f"/orders/{order_no}/exchange", {"lines": [{"sku": "N", "price": 1500}]})
    number = str(made["order_nr"])
    house.ship(number)
    shot = house.snapshot(number)
    assert (shot.shop_order_no, shot.payment_id, shot.total_minor) == (f"P{number}", "", 1500)
    assert (shot.phase, [one.by_hand for one in shot.invoices]) == (Phase.CLOSED, [False])
    assert from_return(house, order_no) == [True]


def test_a_currency_without_decimals(house: House) -> None:
    """Yen are counted in yen, in lines, invoices and credit notes."""
    order_no, _ = house.shipped(currency="JPY", lines=[{"sku": "A", "price_exact": "1980", "qty": 2}])
    house.post(f"/orders/{order_no}/return")
    shot = house.snapshot(order_no)
    assert (shot.currency, shot.total_minor, shot.returned) == ("JPY", 3960, LineSums(1, 3960))
    assert ([one.total_minor for one in shot.invoices], [one.total_minor for one in shot.credit_notes]) == (
        [3960],
        [3960],
    )
