"""Orders and payments that do not fit: each is told apart, blocked with its reason, and never captured or booked."""

import html
import json
from dataclasses import dataclass

import httpx
import pytest
import pytest_asyncio

from tests.e2e.conftest import MakeLife
from tests.e2e.life import DAY, HOUR, TOTAL, Done, Life, Placed

SCRIPT = """A/1 "x" <script>alert('1')</script> & 'y'"""
NAMES = {
    "first_name": "Zoë 🎉",
    "last_name": "Müller-Lüdenscheidt\x0b\x1f <b>",
    "city": "Köln\x00\x08",
    "street": "Straße des 17. Juni \u202e \ufffe",
}


@dataclass
class Gallery:
    """Strange orders by what is strange about them, an hour after all of them came in together."""

    life: Life
    orders: dict[str, Placed]
    token: str

    def done(self, name: str) -> Done:
        return self.life.done(self.orders[name])


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def gallery(begin: MakeLife) -> Gallery:
    """All of them in the ERP of one tenant, whose tolerance is one cent."""
    life = await begin("strange", tolerance_minor=1)
    early = life.pay()
    deliveries = life.stage.call("GET", f"{life.stage.unzer}/deliveries")
    await life.pass_by(HOUR)
    assert deliveries, "the provider told about a payment whose order nobody knows"
    orders = {
        "without payment id": life.order(payment_id=""),
        "unknown payment id": life.order(payment_id="s-pay-424242"),
        "impossible payment id": life.order(payment_id="../../x?y=<1>"),
        "wrong currency": life.order(payment_id=life.pay(currency="CHF")),
        "at the tolerance": life.order(payment_id=life.pay(amount=TOTAL - 1)),
        "a cent over it": life.order(payment_id=life.pay(amount=TOTAL - 2)),
        "a cent over it, too much": life.order(payment_id=life.pay(amount=TOTAL + 2)),
        "announced before": life.order(payment_id=early),
        "strange names": life.order(order_nr_external=SCRIPT[:50], customer=NAMES | {"external_nr": "Ä/ß 1"}),
        "called ten times": life.order(),
    }
    life.stage.at_order(orders["strange names"].order_no, "comment", text="Grüße 🎁 \x01\x0c ]]> &amp; <x/>")
    await life.pass_by(HOUR)
    return Gallery(life, orders, life.token())


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("without payment id", 2014),
        ("unknown payment id", 2015),
        ("impossible payment id", 2015),
        ("wrong currency", 2018),
        ("a cent over it", 2017),
        ("a cent over it, too much", 2017),
    ],
)
def test_what_does_not_fit_is_released_locked(gallery: Gallery, name: str, number: int) -> None:
    """The order is released and locked, a person gets one mail with the reason, and no money moves."""
    assert gallery.done(name) == Done(releases=1, locks=1, mails=(number,), status="blocked")


@pytest.mark.parametrize("name", ["at the tolerance", "announced before", "strange names", "called ten times"])
def test_what_fits_is_released(gallery: Gallery, name: str) -> None:
    """A difference of the tolerance, an early call and strange letters change nothing: the order may ship."""
    assert gallery.done(name) == Done(releases=1, status="released")


def test_nothing_that_came_in_early_is_left_lying(gallery: Gallery) -> None:
    """The call about a payment without order waited for its order and was passed on when the order came."""
    waiting = {one.payment_id for one in gallery.life.stack.stores.inbox.waiting(100)}
    assert gallery.orders["announced before"].payment_id not in waiting


def test_strange_letters_reach_nobody_as_markup(gallery: Gallery) -> None:
    """List, order page and API show the strange shop number as text."""
    life, order = gallery.life, gallery.orders["strange names"]
    shown = life.starter("/?lang=en").text
    page = life.starter(f"/ui/orders/pixi/{order.order_no}?tenant=strange&lang=de")
    api = life.starter(f"/orders/pixi/{order.order_no}", gallery.token)
    found = life.starter("/orders?text=%3Cscript%3E", gallery.token).json()["orders"]
    assert page.status_code == api.status_code == 200
    assert "<script>alert" not in shown + page.text
    assert html.escape("<script>alert") in page.text
    assert api.json()["shop_order_no"] == SCRIPT[:50]
    assert [one["order_no"] for one in found] == [order.order_no]


async def test_the_strange_one_ships(gallery: Gallery) -> None:
    """Its capture and booking go through like anybody's."""
    life, order = gallery.life, gallery.orders["strange names"]
    life.ship(order)
    await life.pass_by(HOUR)
    assert life.done(order) == Done((TOTAL,), (TOTAL,), releases=1, status="settled")


async def test_ten_calls_in_reverse_order_change_nothing(gallery: Gallery) -> None:
    """Every call of the provider about a payment arrives ten times more, the last one first: no second effect."""
    life, order = gallery.life, gallery.orders["called ten times"]
    life.ship(order)
    await life.pass_by(HOUR)
    told = [one for one in life.stage.call("GET", f"{life.stage.unzer}/deliveries") if order.payment_id in str(one)]
    before = life.done(order)
    assert len(told) >= 2
    assert before == Done((TOTAL,), (TOTAL,), releases=1, status="settled")
    for one in reversed(told):
        for _ in range(10):
            answer = httpx.post(one["url"], content=json.dumps(one["body"]), timeout=60, trust_env=False)
            assert answer.status_code == 200, answer.text
    reads = _reads(life, order)
    await life.pass_by(DAY)
    assert life.done(order) == before
    assert _reads(life, order) > reads, "the calls were worked on"
    assert life.stage.violations() == []


def _reads(life: Life, order: Placed) -> int:
    log = life.log(life.stage.unzer)
    return sum(one["call"] == "read_payment" and order.payment_id in one["path"] for one in log)
