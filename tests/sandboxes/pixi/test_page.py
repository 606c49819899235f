"""The page for people, and orders of unusual size."""

import httpx

from tests.sandboxes.pixi.access import Access


def page(pixi: Access, path: str = "") -> str:
    response = pixi.http.get(f"{pixi.base}/accounts/{pixi.name}{path}")
    assert response.status_code == 200
    return response.text


def test_overview_lists_accounts(pixi: Access) -> None:
    """The first page links to every account."""
    text = pixi.http.get(f"{pixi.base}/").text
    assert f'<a href="/accounts/{pixi.name}">{pixi.name}</a>' in text
    assert 'http-equiv="refresh"' in text


def test_account_page(pixi: Access) -> None:
    """The page shows orders with lines, locks, documents, bookings, comments, requests, faults and violations."""
    nr, invoice = pixi.shipped(order_nr_external="W-PAGE")
    pixi.call("pixiCreateOrderComment", OrderNr=nr, Comment="look at me")
    pixi.call("pixiSetOrderShippingLock", OrderNr=nr, Reason="because I say so")
    pixi.arm(call="pixiGetShops", kind="special", name="class16")
    pixi.clock("2026-01-15T00:30:00+00:00")
    pixi.call("pixiGetPaymenttypes")
    text = page(pixi)
    for part in (
        str(nr),
        invoice,
        "W-PAGE",
        "69.87",
        "-69.87",
        "look at me",
        "because I say so",
        "special class16",
        "quiet_window",
        "pixiGetPaymenttypes",
        "order locked",
        "CLOSED",
    ):
        assert part in text, part


def test_page_escapes(pixi: Access) -> None:
    """Names and comments cannot bring markup into the page."""
    evil = "<script>alert('x')</script>"
    nr = pixi.order(order_nr_external=evil, kk_id=evil, lines=[{"sku": evil, "name": evil}])
    pixi.call("pixiCreateOrderComment", OrderNr=nr, Comment=evil)
    text = page(pixi)
    assert "<script>alert" not in text
    assert text.count("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;") >= 4


def test_page_loads_nothing_from_elsewhere(pixi: Access) -> None:
    """The page has no external script, style, font or picture."""
    pixi.shipped()
    text = page(pixi).replace(f"{pixi.base}/soap/", "")
    assert not [mark for mark in ("src=", "<link", "@import", "url(", "http://", "https://") if mark in text]


def test_unknown_account(http: httpx.Client, pixi: Access) -> None:
    """An account that does not exist has no page and no hooks."""
    assert http.get(f"{pixi.base}/accounts/NOBODY").status_code == 404
    assert http.post(f"{pixi.base}/control/accounts/NOBODY/orders", json={}).status_code == 404
    assert http.put(f"{pixi.base}/control/accounts/a b", json={}).status_code == 422


def test_ten_thousand_lines(pixi: Access) -> None:
    """An order of 10,000 lines is imported, read, released, shipped, returned and shown."""
    lines = [{"sku": f"S{no}", "qty": 1, "price": 101} for no in range(10_000)]
    nr = pixi.order(lines=lines, ship_cost_minor=0)
    assert pixi.show(nr)["total_minor"] == 1_010_000
    assert len(pixi.call("pixiGetOrderTotals", OrderNr=nr).rows) == 10_000
    assert len(pixi.call("pixiGetOrderline", OrderNR=nr).rows) == 1_000
    assert len(pixi.call("pixiGetOrderline", OrderNR=nr, RowCount=20_000).rows) == 10_000
    pixi.call("pixiPaySetAuthorizationStatus", OrderNr=nr, Success=1, AuthID="s-pay-1")
    invoice = pixi.hook(f"/orders/{nr}/ship")
    assert invoice["total_minor"] == 1_010_000
    assert len(pixi.call("pixiGetInvoiceLines", InvoiceNr=invoice["invoice_nr"]).rows) == 10_000
    assert pixi.hook(f"/orders/{nr}/return")["total_minor"] == 1_010_000
    assert pixi.hook("/orders", method="GET")[0]["line_counts"] == {"RET": 10_000}
    assert "9950 more lines" in page(pixi)
