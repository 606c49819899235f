"""Invoices and credit notes, their lines, and what was matched to them."""

from collections.abc import Iterable, Iterator
from operator import attrgetter

from sandboxes.pixi import ledger
from sandboxes.pixi.account import PixiAccount
from sandboxes.pixi.calls.common import NOTE, same, within
from sandboxes.pixi.soap.procedure import Answer, Args, Column, Param, Procedure, Row
from sandboxes.pixi.soap.types import BIT, DATETIME, INT, MONEY, char, varchar
from sandboxes.pixi.state import Invoice


def _invoices(account: PixiAccount, args: Args) -> Answer:
    rows = args.limited(_matching(account, args), 1000)
    return Answer(rows=[{**row, "TotalRows": len(rows)} for row in rows])


def _matching(account: PixiAccount, args: Args) -> Iterator[Row]:
    after = args.number("StartKey")
    for invoice in sorted(_candidates(account, args.number("OrderNR")), key=attrgetter("key")):
        if (
            (after is None or invoice.key > after)
            and same(args.text("ShopID"), invoice.shop)
            and same(args.text("InvoiceNr"), invoice.nr)
            and within(invoice.created_at, args.when("InvDateFrom"), args.when("InvDateTo"))
        ):
            yield _row(account, invoice)


def _candidates(account: PixiAccount, order_nr: int | None) -> Iterable[Invoice]:
    if order_nr is None:
        return account.state.invoices.values()
    order = account.order(order_nr)
    return account.invoices_of(order) if order is not None else []


def _row(account: PixiAccount, invoice: Invoice) -> Row:
    order = account.state.orders[invoice.order_nr]
    kind = account.payment_type(invoice.payment_code)
    sign = -1 if invoice.type == "G" and account.settings.credit_sign == "negative" else 1
    address = account.address_of(order)
    return {
        "InvoiceKey": invoice.key,
        "InvoiceNr": invoice.nr,
        "OrderNr": invoice.order_nr,
        "CustKey": invoice.cust_key,
        "ShopID": invoice.shop,
        "total": sign * invoice.total,
        "TotalToPay": sign * max(0, invoice.total - invoice.paid_sum),
        "Paid": invoice.paid,
        "PaidSum": sign * invoice.paid_sum,
        "Payed": invoice.paid_at,
        "InvoiceDate": invoice.created_at,
        "ShipDate": invoice.shipped_at,
        "PaymentCode": invoice.payment_code,
        "PaymentText": kind.text if kind is not None else None,
        "Account": address.account or None,
        "AccountName": address.account_holder or None,
        "Blz": address.blz or None,
        "BankName": address.bank_name or None,
        "Note": invoice.note,
        "UpdateDate": invoice.updated_at,
        "DocumentType": invoice.type,
        "CurrencyCode": invoice.currency,
        "OrderNrExternal": order.external,
    }


def _by_order(account: PixiAccount, args: Args) -> Answer:
    order = account.order(args.number("OrderNr"))
    return Answer(rows=[_row(account, one) for one in account.invoices_of(order)] if order is not None else [])


def _lines(account: PixiAccount, args: Args) -> Answer:
    invoice = account.invoice(args.text("InvoiceNr"))
    if invoice is None:
        return Answer(rows=[])
    special = bool(args.get("IncludeSpecialInvLines"))
    return Answer(
        rows=[
            {
                "ArtNr": line.sku,
                "EanUpc": None if line.special else account.state.items[line.sku].ean,
                "ItemNr": line.sku,
                "Status": line.status,
                "ArtName": line.name,
                "ItemQty": line.qty,
                "ItemVAT": line.vat,
                "OrderNr": invoice.order_nr,
                "OrderlineKey": line.line_key,
                "ItemPrice": line.price,
                "InvlineKey": line.key,
                "InvoiceNr": invoice.nr,
                "CurrencyCode": invoice.currency,
            }
            for line in invoice.lines
            if special or not line.special
        ]
    )


def _match(account: PixiAccount, args: Args) -> Answer:
    invoice = account.invoice(args.text("InvoiceNr"))
    key = args.number("InvoiceKey")
    if invoice is None and key is not None:
        invoice = next((one for one in account.state.invoices.values() if one.key == key), None)
    if invoice is None:
        return Answer(rows=[])
    return Answer(
        rows=[
            {
                "Amount": one.amount,
                "EventID": one.event,
                "Matched": one.matched,
                "EventDate": one.at,
                "Reference": one.reference or one.comment or None,
                "CreateDate": one.created_at,
                "OrderCurrency": one.currency,
            }
            for one in ledger.matches(account, invoice)
        ]
    )


_COLUMNS = (
    Column("InvoiceKey", INT),
    Column("InvoiceNr", varchar(20)),
    Column("OrderNr", INT),
    Column("CustKey", INT),
    Column("ShopID", varchar(3)),
    Column("total", MONEY),
    Column("TotalToPay", MONEY),
    Column("Paid", BIT),
    Column("PaidSum", MONEY),
    Column("Payed", DATETIME),
    Column("InvoiceDate", DATETIME),
    Column("ShipDate", DATETIME),
    Column("DueDate", DATETIME),
    Column("TrackingID", varchar(50)),
    Column("PaymentCode", char(1)),
    Column("PaymentText", varchar(120)),
    Column("Account", varchar(35)),
    Column("AccountName", varchar(60)),
    Column("Blz", varchar(11)),
    Column("BankName", varchar(50)),
    NOTE,
    Column("UpdateDate", DATETIME),
    Column("DocumentType", char(1)),
    Column("CurrencyCode", varchar(3)),
    Column("OrderNrExternal", varchar(50)),
)

CALLS = (
    Procedure(
        "pixiGetInvoice",
        (
            Param("ShopID", varchar(3)),
            Param("OrderNR", INT),
            Param("RowCount", INT, 1000),
            Param("StartKey", INT),
            Param("InvDateFrom", DATETIME),
            Param("InvDateTo", DATETIME),
            Param("InvoiceNr", varchar(20)),
        ),
        (*_COLUMNS, Column("TotalRows", INT)),
        _invoices,
    ),
    Procedure("pixiGetInvoicesByOrderNr", (Param("OrderNr", INT),), _COLUMNS, _by_order),
    Procedure(
        "pixiGetInvoiceLines",
        (Param("InvoiceNr", varchar(50), required=True), Param("IncludeSpecialInvLines", BIT, False)),
        (
            Column("ArtNr", varchar(50)),
            Column("BoxNr", INT),
            Column("EanUpc", varchar(13)),
            Column("ItemNr", varchar(13)),
            Column("Status", varchar(3)),
            Column("ArtName", varchar(120)),
            Column("DF_Type", varchar(1)),
            Column("ItemQty", INT),
            Column("ItemVAT", varchar(1)),
            Column("OrderNr", INT),
            Column("ItemText", varchar(120)),
            Column("OrderlineKey", INT),
            Column("ItemPrice", MONEY),
            Column("InvlineKey", INT),
            Column("InvoiceNr", varchar(20)),
            Column("CurrencyCode", varchar(3)),
        ),
        _lines,
    ),
    Procedure(
        "pixiCAGetInvoiceMatch",
        (Param("InvoiceNr", varchar(20)), Param("InvoiceKey", INT)),
        (
            Column("Amount", MONEY),
            Column("EventID", varchar(3)),
            Column("Matched", MONEY),
            Column("EventDate", DATETIME),
            Column("Reference", varchar(512)),
            Column("CreateDate", DATETIME),
            Column("OrderCurrency", varchar(3)),
        ),
        _match,
    ),
)
