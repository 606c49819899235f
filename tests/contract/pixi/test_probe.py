"""Looking at a connection before it carries orders: access, what is installed, the release, traces of settings."""

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.pixi import Limits, PixiConnection, PixiProbe
from domain import reasons
from domain.erp_probe import Ability, ErpFindings, ErpInstalled, ErpPaymentType, ErpShop, EventSeen, Need, Seen
from domain.errors import Misconfigured, NotSent, Rejected, Transient
from tests.contract.pixi.house import AGAIN, NOON, House
from tests.support.ports import free_port

Make = Callable[..., House]
ONE_TYPE = {"code": "K", "text": "Karte", "xml_tag": "UZCC"}


def probe(house: House, now: datetime = NOON, **fields: Any) -> PixiProbe:
    return PixiProbe(house.connection, lambda: now, **fields)


def findings(house: House, events: tuple[str, ...] = ("UZE", "UZR"), code: str = "K", **fields: Any) -> ErpFindings:
    return probe(house, **fields).findings("c", "DEM", code, events, NOON)


def lost(found: ErpInstalled) -> dict[str, Need]:
    return {".".join(filter(None, (one.call, one.parameter))): one.need for one in found.missing}


# --- access


def test_good_credentials_show_the_shops(make_house: Make) -> None:
    """One cheap question beside the description."""
    house = make_house({"shops": [{"id": "DEM", "name": "Demoshop"}, {"id": "AAA"}]})
    assert probe(house).prove("c").shops == (ErpShop("AAA", "AAA"), ErpShop("DEM", "Demoshop"))
    assert house.calls() == {"pixiGetShops": 1}


def test_wrong_credentials_are_for_the_tenant_to_mend(make_house: Make) -> None:
    """Refused, before anything is asked, in words without the password."""
    house = make_house(password="falsch")
    with pytest.raises(Misconfigured) as refused:
        probe(house).prove("c")
    assert "falsch" not in str(refused.value)


def test_a_wrong_address_and_a_dead_server_are_told_apart(house: House) -> None:
    """An unknown database is a setting, a server that does not answer is not."""

    def elsewhere(url: str) -> PixiProbe:
        return PixiProbe(lambda name: PixiConnection(name, url, "u", "p", connect_timeout=1.0), lambda: NOON)

    with pytest.raises(Misconfigured):
        elsewhere(f"{house.url}/soap/pixiNOPE/").prove("c")
    with pytest.raises(Transient):
        elsewhere(f"http://127.0.0.1:{free_port()}/soap/pixiDEM/").prove("c")


def test_without_the_list_of_shops_another_question_proves_the_access(make_house: Make) -> None:
    """The payment types do; without both nothing can be proven."""
    house = make_house({"without": ["pixiGetShops"]})
    assert probe(house).prove("c").shops == ()
    assert house.calls() == {"pixiGetPaymenttypes": 1}
    with pytest.raises(Misconfigured):
        probe(make_house({"without": ["pixiGetShops", "pixiGetPaymenttypes"]})).prove("c")


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "status", "status": 503}, Transient),
        ({"kind": "malformed"}, Transient),
        ({"kind": "special", "name": "class16"}, Rejected),
        ({"kind": "status", "status": 401}, Misconfigured),
    ],
)
def test_failures_are_those_of_other_reads(house: House, fault: dict[str, Any], error: type[Exception]) -> None:
    """What may be repeated is told from what somebody must mend."""
    house.fault("pixiGetShops", **fault)
    with pytest.raises(error):
        probe(house).shops("c")


def test_payment_types_have_code_text_and_tag(make_house: Make) -> None:
    """Codes that differ by case are two; the tag may be missing."""
    types = [{"code": "k", "text": "Klein", "xml_tag": "X"}, ONE_TYPE]
    house = make_house({"payment_types": types})
    assert probe(house).payment_types("c") == (ErpPaymentType("K", "Karte", "UZCC"), ErpPaymentType("k", "Klein", "X"))
    house = make_house({"payment_types": types[1:], "without": ["pixiGetPaymenttypes.XMLTag"]})
    assert probe(house).payment_types("c") == (ErpPaymentType("K", "Karte", ""),)


@pytest.mark.rule("P5")
@pytest.mark.parametrize("what", ["prove", "shops", "payment_types", "installed", "profile", "findings"])
def test_nothing_is_asked_at_night(house: House, what: str) -> None:
    """Between midnight and four in Berlin no request leaves, not even for the description."""
    night = datetime(2027, 3, 3, 0, 30, tzinfo=UTC)
    house.clock(night)
    with pytest.raises(NotSent) as stopped:
        findings(house, now=night) if what == "findings" else getattr(probe(house, night), what)("c")
    assert (stopped.value.reason, stopped.value.retry_at) == (
        reasons.QUIET_WINDOW,
        datetime(2027, 3, 3, 3, 0, tzinfo=UTC),
    )
    assert (house.get("/log"), house.get("/violations")) == ([], [])


def test_whatever_else_must_allow_a_request_is_asked(house: House) -> None:
    """The connection's pause holds here as well."""

    def paused() -> None:
        raise NotSent(reasons.PAUSED)

    with pytest.raises(NotSent):
        probe(house, permits=lambda name: paused).prove("c")
    assert house.get("/log") == []


# --- what is installed


def test_a_complete_database_lacks_nothing(house: House) -> None:
    """All calls and parameters are there; it is the current release."""
    found = probe(house).installed("c")
    assert (lost(found), found.sufficient, len(found.calls)) == ({}, True, 29)
    assert (probe(house).profile("c").line, probe(house).profile("c").lacks) == ("current", ())


@pytest.mark.parametrize(
    ("without", "expected", "sufficient"),
    [
        (["pixiGetInvoiceLines"], {"pixiGetInvoiceLines": Need.REQUIRED}, False),
        (["pixiGetChangedOrders"], {"pixiGetChangedOrders": Need.DEGRADED}, True),
        (["pixiPaySetInvoiceCapture"], {"pixiPaySetInvoiceCapture": Need.DEGRADED}, True),
        (
            ["pixiPaySetInvoiceCapture", "pixiCACreateManualBooking"],
            {"pixiPaySetInvoiceCapture": Need.REQUIRED, "pixiCACreateManualBooking": Need.REQUIRED},
            False,
        ),
        (["pixiCreateOrderComment"], {"pixiCreateOrderComment": Need.DEGRADED}, True),
        (["pixiReleaseOrder", "pixiGetItemInfo", "pixiSetShippingLock"], {}, True),
        (["pixiChangeAddress(BankName)"], {"pixiChangeAddress.BankName": Need.DEGRADED}, True),
        (["pixiGetOrderline(OrderNR)"], {"pixiGetOrderline.OrderNR": Need.REQUIRED}, False),
    ],
)
def test_what_is_missing_is_named_with_its_weight(
    make_house: Make, without: list[str], expected: dict[str, Need], sufficient: bool
) -> None:
    """A call that another one stands in for is no more than a degradation; what is not used is no loss."""
    found = probe(make_house({"without": without})).installed("c")
    assert (lost(found), found.sufficient) == (expected, sufficient)


def test_what_is_lost_is_said(make_house: Make) -> None:
    """Each missing call tells what Holdfast cannot do, required ones first."""
    found = probe(make_house({"without": ["pixiCanChangeAddress", "pixiSetOrderShippingLock"]})).installed("c")
    assert [(one.call, one.ability) for one in found.missing] == [
        ("pixiSetOrderShippingLock", Ability.LOCK),
        ("pixiCanChangeAddress", Ability.WRITE_BANK_DATA),
    ]


def test_a_call_installed_since_is_seen_at_once(make_house: Make) -> None:
    """The description is read afresh each time."""
    house = make_house({"without": ["pixiGetInvoiceLines"]})
    one = probe(house)
    assert not one.installed("c").sufficient
    house._put("", {"password": house.password})
    assert one.installed("c").sufficient


@pytest.mark.parametrize(
    ("profile", "lacks"),
    [
        ("current", []),
        (
            "AVA",
            [
                "pixiGetOrderHeader.FromUpdateTime",
                "pixiSetShippingLock.UserName",
                "pixiPayGetOrdersToAuthorize.RowCount",
                "pixiPayGetInvoicesToCapture.RowCount",
                "pixiPayGetInvoicesToCapture.FromInvoiceId",
                "pixiSetOrderShippingLock.UserName",
                "pixiSetOrderShippingLock.Reason",
            ],
        ),
    ],
)
def test_the_release_is_judged_from_its_features(make_house: Make, profile: str, lacks: list[str]) -> None:
    """The newest line of which anything shows, with what it has not."""
    house = make_house({"profile": profile})
    found = probe(house).profile("c")
    assert (found.line, [one.name for one in found.lacks]) == (profile, lacks)
    assert probe(house).installed("c").sufficient


def test_the_oldest_release_is_enough(make_house: Make) -> None:
    """The minimum has no list of changed orders, and another list stands in for it."""
    house = make_house({"profile": "LOU46"})
    found = probe(house).profile("c")
    assert (found.line, len(found.lacks), found.lacks[0].since) == ("LOU46", 9, "AVA 7 (8.4.7.23158)")
    installed = probe(house).installed("c")
    assert installed.sufficient
    assert lost(installed)["pixiGetChangedOrders"] is Need.DEGRADED


def test_a_call_that_nobody_installed_makes_no_older_release(make_house: Make) -> None:
    """A current database without the list of changed orders stays a current one that lacks it."""
    found = probe(make_house({"without": ["pixiGetChangedOrders"]})).profile("c")
    assert (found.line, [one.name for one in found.lacks]) == ("current", ["pixiGetChangedOrders"])


# --- findings


def test_no_orders_no_verdict(house: House) -> None:
    """Without data every count is nothing out of nothing."""
    assert findings(house) == ErpFindings("DEM", "K", NOON - timedelta(days=14))


def test_orders_as_they_should_be(house: House) -> None:
    """Held at import, with payment id, unpaid; both events with their signs where we booked."""
    held = house.order()
    missing = house.order(kk_id=None)
    order_no, invoice_no = house.shipped()
    credit_no = house.post(f"/orders/{order_no}/return")["invoice_nr"]
    house.book(order_no, invoice_no)
    house.book_credit(order_no, credit_no)
    house.order(payment_code="A")
    house.order(kk_id=None, order_nr=700_001, order_nr_external="P700001")  # made by hand: no shop exported it
    found = findings(house)
    assert (found.orders, found.invoices, found.credit_notes, found.unanswered, found.cut) == (3, 1, 1, (), False)
    assert found.held == Seen(2, 3, (held, missing))
    assert (found.with_payment_id.count, found.without_payment_id) == (2, Seen(1, 3, (missing,)))
    assert (found.paid_before_invoice, found.settled_elsewhere) == (Seen(0, 2), Seen(0, 1))
    assert found.events == (
        EventSeen("UZE", on_invoices_positive=1, samples=(order_no,)),
        EventSeen("UZR", on_credit_notes_negative=1, samples=(order_no,)),
    )


def test_an_event_with_the_wrong_sign_shows(make_house: Make) -> None:
    """Defined the other way round the booking stands with the other sign."""
    house = make_house({"events": [{"id": "UZE", "sign": "negative"}, {"id": "UZR", "sign": "positive"}]})
    order_no, invoice_no = house.shipped()
    house.book(order_no, invoice_no)
    assert findings(house).events == (EventSeen("UZE", on_invoices_negative=1, samples=(order_no,)),)


def test_a_payment_type_that_does_not_hold_shows(make_house: Make) -> None:
    """Orders came in, none of them held."""
    house = make_house({"payment_types": [{**ONE_TYPE, "hold": False}]})
    house.order()
    assert findings(house).held == Seen(0, 1)


def test_a_paid_flag_at_import_shows(make_house: Make) -> None:
    """Paid before anything was invoiced, and the invoice settled without a booking of ours."""
    house = make_house({"payment_types": [{**ONE_TYPE, "paid": True}]})
    order_no = house.order()
    other, _ = house.shipped()
    found = findings(house)
    assert (found.paid_before_invoice, found.settled_elsewhere) == (Seen(1, 1, (order_no,)), Seen(1, 1, (other,)))


def test_automatic_clearing_shows(make_house: Make) -> None:
    """The invoice is settled by an event that is not ours; the order was not paid before."""
    house = make_house({"payment_types": [{**ONE_TYPE, "clears": True}]})
    order_no, _ = house.shipped()
    found = findings(house)
    assert (found.paid_before_invoice, found.settled_elsewhere) == (Seen(0, 0), Seen(1, 1, (order_no,)))
    assert found.events == (EventSeen("PAY", on_invoices_positive=1, samples=(order_no,)),)


def test_what_cannot_be_asked_has_no_data(make_house: Make) -> None:
    """Missing and refusing calls are named, the other questions are answered."""
    house = make_house({"without": ["pixiCAGetInvoiceMatch", "pixiGetOrderHeader.ccpPayID"]})
    house.shipped()
    held = house.order()
    house.special("pixiGetOrderline", "class16")
    order_no, invoice_no = house.shipped()
    house.book(order_no, invoice_no, earlier=AGAIN)
    found = findings(house)
    assert found.unanswered == ("pixiGetOrderline", "pixiCAGetInvoiceMatch")
    assert (found.held, found.events, found.settled_elsewhere) == (Seen(1, 3, (held,)), (), Seen())
    assert (found.with_payment_id, found.without_payment_id) == (Seen(), Seen())


def test_long_lists_are_cut_and_said_to_be(make_house: Make) -> None:
    """Bounded reads: some of many orders, and a note that there are more."""
    house = make_house()
    house.post("/orders", [{"kk_id": "s", "payment_code": "K"} for _ in range(12)])
    found = findings(house, limits=Limits(list_rows=10))
    assert (found.orders, found.cut, len(found.held.samples)) == (10, True, 5)


def test_old_orders_are_not_looked_at(house: House) -> None:
    """Only what came in since then; a held one that still waits counts all the same."""
    house.clock(NOON - timedelta(days=30))
    house.shipped()
    waiting = house.order()
    house.clock(NOON)
    found = findings(house)
    assert (found.orders, found.invoices, found.held) == (1, 0, Seen(1, 1, (waiting,)))


def test_findings_name_nobody(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    """Order numbers are all that is told."""
    customer = {"first_name": "Xaver", "last_name": "Zwetschge", "email": "xz@example.com"}
    order_no = house.order(status="ANG", customer=customer)
    house.book(order_no, house.ship(order_no))
    told = str(dataclasses.asdict(findings(house))) + capsys.readouterr().out
    for word in ("Xaver", "Zwetschge", "xz@", "s-pay-1", "geheim"):
        assert word not in told
