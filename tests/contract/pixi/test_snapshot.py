"""The picture of one order: amounts, phase, documents, payment id and tag; small, stable, and nothing personal."""

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import timedelta

import pytest

from adapters.pixi import Limits
from domain.errors import Transient
from domain.facts import LineSums, Phase
from tests.contract.pixi.house import NOON, House, free

LINES = [{"sku": "A", "price": 1000, "qty": 2}, {"sku": "B", "price": 550}]


def test_a_held_order_shows_what_it_is_worth(house: House) -> None:
    """Head, sums, tag and the whole order's total, with shipping and without the discount."""
    order_no = house.order(lines=LINES, ship_cost_minor=490, discount_minor=140, order_nr_external="W-1")
    shot = house.snapshot(order_no)
    assert (shot.order_no, shot.shop_order_no, shot.shop_id, shot.payment_code) == (order_no, "W-1", "DEM", "K")
    assert (shot.payment_id, shot.payment_tag, shot.currency, shot.total_minor) == ("s-pay-1", "UZCC", "EUR", 2900)
    assert (shot.phase, shot.locked, shot.held) == (Phase.HELD, False, LineSums(2, 2550))
    assert (shot.as_of, shot.invoices, shot.credit_notes) == (NOON, (), ())


def test_an_unknown_order_has_no_picture(house: House) -> None:
    """None is not an error: the ERP does not know the order."""
    assert house.snapshot("4711") is None
    assert house.snapshot("not a number") is None


@pytest.mark.parametrize("totals_without_cancelled", [True, False])
def test_cancelled_lines_belong_to_the_order_as_placed(
    make_house: Callable[..., House], totals_without_cancelled: bool
) -> None:
    """The total does not shrink when lines are cancelled, whatever the ERP's own totals do."""
    house = make_house({"totals_without_cancelled": totals_without_cancelled})
    order_no = house.order(lines=LINES, ship_cost_minor=490, discount_minor=100)
    house.post(f"/orders/{order_no}/cancel-lines", {"lines": [2], "status": "NLB"})
    shot = house.snapshot(order_no)
    assert (shot.total_minor, shot.cancelled, shot.held) == (2940, LineSums(1, 550), LineSums(1, 2000))


def test_the_minus_line_of_a_replacement_is_no_part_of_the_order(house: House) -> None:
    """A minus line neither counts as goods nor keeps the order open."""
    order_no = house.order(status="ANG", lines=[{"sku": "A"}, {"sku": "B", "price": -700, "status": "MIN"}])
    house.ship(order_no)
    shot = house.snapshot(order_no)
    assert (shot.total_minor, shot.phase) == (1000, Phase.CLOSED)


def test_four_decimals_are_rounded_as_a_sum(house: House) -> None:
    """Prices with four decimals are added exactly and rounded once, half up."""
    order_no = house.order(
        lines=[{"sku": "A", "price_exact": "0.3335", "qty": 3}, {"sku": "B", "price_exact": "0.0045"}]
    )
    assert house.snapshot(order_no).total_minor == 101  # 1.0050


def test_deliveries_and_documents_are_told_apart(house: House) -> None:
    """Part shipped, part open, part returned: each has its sum, each document its row."""
    order_no = house.order(status="ANG", lines=[{"sku": "A"}, {"sku": "B"}, {"sku": "C"}])
    first = house.ship(order_no, lines=[1, 2])
    credit = house.post(f"/orders/{order_no}/return", {"lines": [2]})["invoice_nr"]
    shot = house.snapshot(order_no)
    assert (shot.phase, shot.open.count, shot.shipped.count, shot.returned.count) == (Phase.OPEN, 1, 1, 1)
    assert [(one.number, one.total_minor, one.shipped, one.settled) for one in shot.invoices] == [
        (first, 2000, True, False)
    ]
    assert [(one.number, one.total_minor, one.settled, one.from_return) for one in shot.credit_notes] == [
        (credit, 1000, False, True)
    ]


@pytest.mark.parametrize("sign", ["positive", "negative"])
def test_a_credit_note_is_a_magnitude(make_house: Callable[..., House], sign: str) -> None:
    """Whether the ERP shows credits negative is not known; both come out the same."""
    house = make_house({"credit_sign": sign})
    order_no, _ = house.shipped()
    house.post(f"/orders/{order_no}/return", {"settled": True})
    (credit,) = house.snapshot(order_no).credit_notes
    assert (credit.total_minor, credit.settled, credit.from_return) == (1000, True, True)


def test_a_credit_note_made_by_hand_is_no_return(house: House) -> None:
    """Only a credit note over goods that came back is a return."""
    order_no, _ = house.shipped()
    house.post(f"/orders/{order_no}/credit", {"amount_minor": 300})
    assert [one.from_return for one in house.snapshot(order_no).credit_notes] == [False]


def test_a_credit_note_is_known_without_the_type_column(make_house: Callable[..., House]) -> None:
    """Without a type of document, what was not shipped and lists returned goods is a credit note."""
    house = make_house({"without": ["pixiGetInvoice.DocumentType"]})
    order_no, invoice_no = house.shipped()
    credit = house.post(f"/orders/{order_no}/return")["invoice_nr"]
    shot = house.snapshot(order_no)
    assert ([one.number for one in shot.invoices], [one.number for one in shot.credit_notes]) == (
        [invoice_no],
        [credit],
    )


def test_the_lock_is_shown(house: House) -> None:
    """The order's own lock is part of the picture."""
    assert house.snapshot(house.order(locked=True)).locked


@pytest.mark.parametrize(
    "without",
    [
        ["pixiGetOrderHeader.ccpPayID"],
        ["pixiGetOrderHeader.ccpPayID", "pixiGetCreditCardInfo"],
    ],
)
def test_a_payment_id_missing_in_the_head_is_found_elsewhere(
    make_house: Callable[..., House], without: list[str]
) -> None:
    """The card record and then the shop's document help out."""
    house = make_house({"without": without})
    assert house.snapshot(house.order()).payment_id == "s-pay-1"


def test_the_shops_document_knows_a_payment_id_that_the_order_lost(house: House) -> None:
    """An order without a payment id gets it from what the shop sent."""
    assert house.snapshot(house.order(kk_id=None, xml_kk_id="s-pay-9")).payment_id == "s-pay-9"
    assert house.snapshot(house.order(kk_id=None)).payment_id == ""


def test_the_currency_is_found_where_the_answers_name_none(make_house: Callable[..., House]) -> None:
    """Without a currency column the shop's document tells, held or not."""
    house = make_house(
        {
            "without": [
                "pixiGetOrderHeader.CurrencyCode",
                "pixiGetOrderTotals.CurrencyCode",
                "pixiGetInvoice.CurrencyCode",
            ]
        }
    )
    order_no = house.order(currency="CHF", status="ANG")
    assert house.snapshot(order_no).currency == "CHF"
    house.post(f"/orders/{order_no}/import-status", {"remove": True})
    assert house.snapshot(order_no).currency == "CHF"  # remembered
    other = house.order(currency="CHF")
    house.post(f"/orders/{other}/import-status", {"remove": True})
    assert house.snapshot(other).currency == "EUR"  # the connection's own


@pytest.mark.parametrize(
    "entry",
    [
        {"remove": True},
        {"request": ""},
        {"request": "<ORDER><"},
        {"request": "<!DOCTYPE a [<!ENTITY x 'UZCC'>]><ORDER><ORDER_INFO><PAYMENT>&x;</PAYMENT></ORDER_INFO></ORDER>"},
        {"request": "<ORDER><ORDER_INFO><SHOPID>XXX</SHOPID><PAYMENT><A/></PAYMENT></ORDER_INFO></ORDER>"},
    ],
)
def test_a_tag_that_cannot_be_read_is_none(house: House, entry: dict[str, object]) -> None:
    """No document, a broken one, one with entities, one of another shop: the tag is not known."""
    order_no = house.order()
    house.post(f"/orders/{order_no}/import-status", entry)
    assert house.snapshot(order_no).payment_tag is None


@pytest.mark.parametrize(
    "payment",
    ["<PAYMENT><UZPPL><TRANSACTION_ID>s-pay-7</TRANSACTION_ID></UZPPL></PAYMENT>", "<PAYMENT><UZPPL/></PAYMENT>"],
)
def test_a_tag_may_be_the_name_of_an_element(house: House, payment: str) -> None:
    """Some shops name the payment type by an element instead of a text."""
    order_no = house.order()
    document = (
        f'<?xml version="1.0" encoding="iso-8859-1"?><ORDER xmlns="urn:x"><ORDER_INFO>{payment}</ORDER_INFO></ORDER>'
    )
    house.post(f"/orders/{order_no}/import-status", {"request": document})
    assert house.snapshot(order_no).payment_tag == "UZPPL"


def test_the_tag_is_read_once_and_only_while_held(house: House) -> None:
    """The shop's document is remembered, and a released order asks for it no more."""
    order_no = house.order()
    house.snapshot(order_no)
    house.snapshot(order_no)
    assert house.calls()["pixiImportFindXML"] == 1
    house.release(order_no)
    assert house.snapshot(order_no).payment_tag is None


def test_the_digest_tells_content_and_not_time(house: House) -> None:
    """Equal content has an equal digest, whoever reads it and when; another content another."""
    order_no = house.order()
    one = house.snapshot(order_no)
    later = house.erp.snapshot("c", order_no, NOON + timedelta(hours=1), free)
    assert later == replace(one, as_of=NOON + timedelta(hours=1))
    house.release(order_no)
    assert house.snapshot(order_no).digest != one.digest


def test_the_digest_does_not_depend_on_who_remembers(make_house: Callable[..., House]) -> None:
    """A worker that has seen the order held and one that has not give the same picture."""
    house = make_house()
    order_no = house.order()
    house.snapshot(order_no)
    house.release(order_no)
    remembered = house.snapshot(order_no).digest
    house.erp = type(house.erp)(house.connection)
    assert house.snapshot(order_no).digest == remembered


def test_many_invoices_stay_within_eight_kilobytes(make_house: Callable[..., House]) -> None:
    """Unsettled invoices come first, settled ones beyond the room are one sum, and the picture stays small."""
    house = make_house()
    order_no = house.order(status="ANG", lines=[{"sku": f"S{n}"} for n in range(100)])
    numbers = [house.ship(order_no, lines=[n + 1]) for n in range(100)]
    for number in numbers[:60]:
        house.post(f"/invoices/{number}/settle")
    for line in range(40):
        house.post(f"/orders/{order_no}/return", {"lines": [line + 1]})
    shot = house.snapshot(order_no)
    assert [one.number for one in shot.invoices if not one.settled] == numbers[60:]
    assert (len(shot.invoices), shot.settled_invoices_left_out, shot.settled_left_out_minor) == (50, 50, 50_000)
    assert len(json.dumps(asdict(shot), default=str)) < 8_000


def test_ten_thousand_lines_are_summed(house: House) -> None:
    """Very long orders are read to the end, with names of any kind."""
    names = ["Größe", "🎉", "a\u0001b", "<&>"]
    lines = [{"sku": f"S{n % 50}", "name": names[n % 4], "price": 100} for n in range(10_000)]
    order_no = house.order(lines=lines)
    shot = house.snapshot(order_no)
    assert (shot.held, shot.total_minor) == (LineSums(10_000, 1_000_000), 1_000_000)


def test_pages_are_read_to_their_end(make_house: Callable[..., House]) -> None:
    """Lists of lines and of documents are asked again until they are complete, full last pages included."""
    house = make_house(limits=Limits(list_rows=3, line_rows=2))
    order_no = house.order(status="ANG", lines=[{"sku": f"S{n}"} for n in range(20)])
    for line in range(9):
        house.ship(order_no, lines=[line + 1])
    shot = house.snapshot(order_no)
    assert (shot.open.count, shot.shipped.count, len(shot.invoices)) == (11, 9, 9)
    assert house.calls()["pixiGetInvoice"] == 4


def test_a_list_without_an_end_is_given_up(make_house: Callable[..., House]) -> None:
    """An order longer than anything believable is an error and not half a picture."""
    house = make_house(limits=Limits(line_rows=2, most_rows=4))
    with pytest.raises(Transient):
        house.snapshot(house.order(lines=[{"sku": "A"}] * 5))


def test_an_answer_without_bounds_is_cut_off(make_house: Callable[..., House]) -> None:
    """More than the agreed bytes are not taken in."""
    house = make_house(limits=Limits(answer_bytes=200_000))
    with pytest.raises(Transient):
        house.snapshot(house.order(lines=[{"sku": "A"}] * 1_000))


def test_every_release_gives_the_same_picture(make_house: Callable[..., House]) -> None:
    """What an old ERP lacks is not needed for a picture."""
    digests = set()
    for profile in ("LOU46", "AVA", "current"):
        house = make_house({"profile": profile})
        order_no = house.order(lines=LINES, ship_cost_minor=490, order_nr=1, order_nr_external="W1")
        digests.add(house.snapshot(order_no).digest)
    assert len(digests) == 1


def test_nothing_personal_is_in_the_picture(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    """No name, address or mail gets into the picture or the log."""
    customer = {"first_name": "Xaver", "last_name": "Zwetschge", "email": "xz@example.com", "street": "Zapfweg"}
    shot = house.snapshot(house.order(customer=customer))
    house.round()
    told = str(asdict(shot)) + capsys.readouterr().out
    assert "pixi.call" in told
    for word in ("Xaver", "Zwetschge", "xz@", "Zapfweg", "geheim"):
        assert word not in told
