"""The ERP answers nonsense now and then: each call fails once in each way, and every order ends as if nothing had been.

A life per kind of trouble. The first request of each kind of call meets it, so one trouble follows the other.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from tests.e2e.conftest import MakeLife
from tests.e2e.life import HOUR, PRICES, TOTAL, Done, Life, Placed

TROUBLES: dict[str, dict[str, Any]] = {
    "SOAP fault": {"name": "soap_fault"},
    "class 16": {"name": "class16", "params": {"text": "Conversion failed", "number": 245, "class": 16}},
    "deadlock": {"name": "deadlock_1205"},
    "empty diffgram": {"name": "empty_diffgram"},
}
POLLED = (
    "pixiGetChangedOrders",
    "pixiPayGetOrdersToAuthorize",
    "pixiPayGetInvoicesToCapture",
    "pixiGetOrderHeader",
    "pixiGetOrderline",
    "pixiGetOrderTotals",
    "pixiGetInvoice",
    "pixiImportFindXML",
)
LOOKED = ("pixiGetOrderHeader", "pixiGetOrderline")  # read before an effect too, where class 16 is a no
EFFECTS = (
    "pixiPaySetAuthorizationStatus",
    "pixiSetOrderShippingLock",
    "pixiPaySetInvoiceCapture",
    "pixiCreateOrderComment",
    "pixiGetOrderComments",
)
LONG = 3 * HOUR  # an operation that meets several troubles rests longer after each of them
SHIPPED = Done(captured=PRICES, booked=PRICES, releases=1, status="settled")


@dataclass
class Ended:
    """What became of a life whose ERP was in trouble."""

    life: Life
    card: Placed
    prepaid: Placed
    wrong: Placed
    left: list[str]  # calls whose trouble nobody met


async def _lived(begin: MakeLife, trouble: str) -> Ended:
    """A card order in two parcels, a prepaid one, and one whose payment does not fit."""
    life = await begin("erp-" + trouble.replace(" ", "-"))
    life.poll_every(timedelta(minutes=10))
    stage = life.stage
    for call in POLLED if trouble == "class 16" else (*POLLED, *EFFECTS):  # a refused effect is a no: see below
        if (trouble, call) == ("empty diffgram", "pixiCreateOrderComment"):
            stage.arm(stage.pixi, call=call, kind="drop_after")  # else nobody would ask for comments
        else:
            stage.arm(stage.pixi, call=call, kind="special", **TROUBLES[trouble])
    card, prepaid, wrong = life.order(), life.order("V"), life.order(payment_id="")
    await life.pass_by(LONG)
    stage.at_payment(prepaid.payment_id, "receipt", amount_minor=TOTAL)
    life.ship(card, 1)
    for call in POLLED:
        if call == "pixiImportFindXML" or (trouble == "class 16" and call in LOOKED):
            continue  # what the shop sent is read before the release only
        stage.arm(stage.pixi, call=call, kind="special", **TROUBLES[trouble])
    await life.pass_by(LONG)
    life.ship(card, 2)
    life.ship(prepaid)
    await life.pass_by(LONG)
    left = [one["call"] for one in stage.call("GET", f"{stage.pixi}/faults")]
    return Ended(life, card, prepaid, wrong, left)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def ended(begin: MakeLife) -> dict[str, Ended]:
    """All lives, side by side."""
    lives = await asyncio.gather(*(_lived(begin, one) for one in TROUBLES))
    return dict(zip(TROUBLES, lives, strict=True))


@pytest.mark.parametrize("trouble", TROUBLES)
def test_every_call_was_in_trouble(ended: dict[str, Ended], trouble: str) -> None:
    """Nothing below is proved unless each kind of call met its trouble."""
    assert ended[trouble].left == []


@pytest.mark.parametrize("trouble", TROUBLES)
def test_parcels_are_captured_and_booked_once(ended: dict[str, Ended], trouble: str) -> None:
    """Released once, and each of two invoices captured and booked once."""
    one = ended[trouble]
    assert one.life.done(one.card) == SHIPPED


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_transfer_unlocks_and_books_once(ended: dict[str, Ended], trouble: str) -> None:
    """Released locked, unlocked when the money came, booked once when it shipped."""
    one = ended[trouble]
    wanted = Done(booked=(TOTAL,), releases=1, locks=1, unlocks=1, status="settled")
    assert one.life.done(one.prepaid) == wanted


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_payment_that_does_not_fit_is_still_told_apart(ended: dict[str, Ended], trouble: str) -> None:
    """The reason is the payment's and never what a broken answer seemed to say."""
    one = ended[trouble]
    assert one.life.done(one.wrong) == Done(releases=1, locks=1, mails=(2014,), status="blocked")


@pytest.mark.parametrize("trouble", TROUBLES)
def test_no_comment_is_written_twice(ended: dict[str, Ended], trouble: str) -> None:
    """Each operation's comment stands once."""
    one = ended[trouble]
    for order in (one.card, one.prepaid, one.wrong):
        texts = Counter(one.life.comments(order))
        assert texts
        assert set(texts.values()) == {1}, texts


async def test_a_refused_effect_is_told_and_done_when_somebody_asks(begin: MakeLife) -> None:
    """A message of class 16 to the release is a no: a person hears of it, and says when to try again."""
    life = await begin("erp-refuses")
    life.stage.arm(life.stage.pixi, call="pixiPaySetAuthorizationStatus", kind="special", **TROUBLES["class 16"])
    order = life.order()
    await life.pass_by(HOUR)
    refused = life.done(order)
    assert (refused.releases, refused.captured, refused.mails) == (0, (), (2042,))
    life.tell(order, "look-again")
    await life.pass_by(HOUR)
    life.ship(order)
    await life.pass_by(HOUR)
    assert life.done(order) == Done((TOTAL,), (TOTAL,), releases=1, mails=(2042,), status="settled")
