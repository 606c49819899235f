"""Order lines and the totals of an order."""

from collections.abc import Iterable, Iterator

from sandboxes.pixi.account import PixiAccount
from sandboxes.pixi.calls.common import exact, find_order, same, within
from sandboxes.pixi.soap.procedure import Answer, Args, Column, Param, Procedure, Row
from sandboxes.pixi.soap.types import BIT, DATETIME, INT, MONEY, NUMERIC, char, varchar
from sandboxes.pixi.state import CANCELLED, Line, Order

VAT_RATES = {"H": 19, "L": 7, "N": 0}


def _lines(account: PixiAccount, args: Args) -> Answer:
    orders: Iterable[Order] = account.state.orders.values()
    if args.number("OrderNR") is not None:
        found = account.order(args.number("OrderNR"))
        orders = [found] if found is not None else []
    return Answer(rows=args.limited(_matching(account, orders, args), 1000))


def _matching(account: PixiAccount, orders: Iterable[Order], args: Args) -> Iterator[Row]:
    for order in orders:
        if not (
            same(args.text("ShopID"), order.shop)
            and exact(args.text("PaymentType"), order.payment_code)
            and within(order.ordered_at, args.when("OrderDateFrom"), args.when("OrderDateTo"))
        ):
            continue
        for line in order.lines:
            if (
                args.number("OrderlineKey") in (None, line.key)
                and same(args.text("Status"), line.status)
                and (same(args.text("InvoiceNr"), line.invoice_nr) or same(args.text("InvoiceNr"), line.credit_nr))
                and within(line.changed_at, args.when("UpdateDateFrom"), args.when("UpdateDateTo"))
            ):
                yield _row(account, order, line)


def _row(account: PixiAccount, order: Order, line: Line) -> Row:
    item = account.state.items[line.sku]
    return {
        "OrderlineKey": line.key,
        "OrderNr": order.nr,
        "OrderNrExternal": order.external,
        "Status": line.status,
        "StatusChangeDate": line.changed_at,
        "Qty": line.qty,
        "Price": line.price,
        "ItemNrInt": line.sku,
        "ItemRef": item.key,
        "EANUPC": item.ean,
        "ArtNr": item.ean,
        "ArtName": line.name,
        "OrderDate": order.ordered_at,
        "ShopID": order.shop,
        "InvoiceNr": line.invoice_nr,
        "FullPrice": line.price,
        "DiscountPerc": 0,
        "UpdateDate": line.changed_at,
    }


def _totals(account: PixiAccount, args: Args) -> Answer:
    if args.nulled("OrderNr"):  # its default is 0, and NULL equals nothing
        return Answer(rows=[])
    order = find_order(account, args)
    cust_key = args.number("CustKey")
    orders = [order] if order is not None else []
    if order is None and cust_key is not None:
        orders = [one for one in account.state.orders.values() if one.cust_key == cust_key]
    return Answer(rows=[row for one in orders for row in _total_rows(account, one)])


def _total_rows(account: PixiAccount, order: Order) -> Iterator[Row]:
    lines = [
        line for line in order.lines if not (account.settings.totals_without_cancelled and line.status in CANCELLED)
    ]
    tax = dict.fromkeys(VAT_RATES, 0)
    for line in lines:
        tax[line.vat] += line.total * VAT_RATES[line.vat] // (100 + VAT_RATES[line.vat])
    goods = sum(line.total for line in lines)
    whole = {
        "OrderNr": order.nr,
        "VATLow": tax["L"],
        "VATHigh": tax["H"],
        "VATTotal": sum(tax.values()),
        "Discount": order.discount,
        "ShipCost": order.ship_cost,
        "TotalAmount": goods + order.ship_cost - order.discount,
        "CurrencyCode": order.currency,
        "OrderNrExternal": order.external,
    }
    for line in lines:
        yield {
            **whole,
            "Qty": line.qty,
            "Price": line.price,
            "EanUpc": account.state.items[line.sku].ean,
            "ArtName": line.name,
            "Subtotal": line.total,
            "OrderlineKey": line.key,
        }


CALLS = (
    Procedure(
        "pixiGetOrderline",
        (
            Param("OrderlineKey", INT),
            Param("OrderNR", INT),
            Param("Status", varchar(3)),
            Param("ShopID", varchar(3)),
            Param("InvoiceNr", varchar(50)),
            Param("PaymentType", char(1)),
            Param("OrderDateFrom", DATETIME),
            Param("OrderDateTo", DATETIME),
            Param("UpdateDateFrom", DATETIME),
            Param("UpdateDateTo", DATETIME),
            Param("RowCount", INT, 1000),
            Param("ShowOrderlines", BIT, False),
        ),
        (
            Column("OrderlineKey", INT),
            Column("OrderNr", INT),
            Column("OrderNrExternal", varchar(50)),
            Column("Status", varchar(3)),
            Column("StatusChangeDate", DATETIME),
            Column("Qty", INT),
            Column("Price", MONEY),
            Column("ItemNrInt", varchar(50)),
            Column("ItemRef", INT),
            Column("EANUPC", varchar(13)),
            Column("ArtNr", varchar(50)),
            Column("ArtName", varchar(120)),
            Column("Note", varchar(60)),
            Column("BoxNr", INT),
            Column("DF_Type", varchar(1)),
            Column("SupplInfo", varchar(4)),
            Column("OrderDate", DATETIME),
            Column("ShopID", varchar(3)),
            Column("InvoiceNr", varchar(20)),
            Column("FullPrice", MONEY),
            Column("DiscountPerc", NUMERIC),
            Column("UpdateDate", DATETIME),
        ),
        _lines,
    ),
    Procedure(
        "pixiGetOrderTotals",
        (Param("OrderNr", INT, 0), Param("OrderNrExternal", varchar(50)), Param("CustKey", INT)),
        (
            Column("Qty", INT),
            Column("Price", MONEY),
            Column("EanUpc", varchar(13)),
            Column("VATLow", NUMERIC),
            Column("ArtName", varchar(120)),
            Column("OrderNr", INT),
            Column("VATHigh", NUMERIC),
            Column("Discount", NUMERIC),
            Column("ItemNote", varchar(60)),
            Column("ShipCost", NUMERIC),
            Column("Subtotal", MONEY),
            Column("VATTotal", NUMERIC),
            Column("TotalAmount", NUMERIC),
            Column("CurrencyCode", varchar(3)),
            Column("OrderlineKey", INT),
            Column("OrderNrExternal", varchar(50)),
        ),
        _totals,
    ),
)
