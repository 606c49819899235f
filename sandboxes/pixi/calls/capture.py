"""Shipped invoices that wait for their capture, and the report of a capture."""

from collections.abc import Iterator

from sandboxes.pixi import ledger, money
from sandboxes.pixi.account import PixiAccount
from sandboxes.pixi.calls.common import RECIPIENT_COLUMNS, STATUS_COLUMNS, exact, listed, recipient, status
from sandboxes.pixi.settings import BookingEvent, Profile
from sandboxes.pixi.soap.procedure import Answer, Args, Column, Param, Procedure, Row, failed
from sandboxes.pixi.soap.types import BIT, DATETIME, INT, MONEY, char, varchar
from sandboxes.pixi.state import Invoice


def _to_capture(account: PixiAccount, args: Args) -> Answer:
    if args.nulled("FromInvoiceId"):  # a comparison with NULL finds nothing
        return Answer(rows=[])
    return Answer(rows=args.limited(_unpaid(account, args), 30))


def _unpaid(account: PixiAccount, args: Args) -> Iterator[Row]:
    above = args.number("FromInvoiceId") or 0
    for invoice in account.state.invoices.values():
        if invoice.type != "R" or invoice.paid or invoice.shipped_at is None or invoice.key <= above:
            continue
        if exact(args.text("PaymentCode"), invoice.payment_code) and listed(invoice.fail_tries, args):
            order = account.state.orders[invoice.order_nr]
            yield {
                **recipient(account.address_of(order), invoice.shop),
                "Total": invoice.total,
                "OrderNr": order.nr,
                "CustKey": invoice.cust_key,
                "InvoiceNr": invoice.nr,
                "InvoiceKey": invoice.key,
                "ccpPayID": order.pay_id,
                "OrderNrExternal": order.external,
                "CurrencyCode": invoice.currency,
                "InvDate": invoice.created_at,
            }


def _set_capture(account: PixiAccount, args: Args) -> Answer:
    row = account.settings.capture_answer == "row"
    invoice = account.invoice(args.text("InvoiceNr"))
    event = account.booking_event(args.text("EventID"))
    problem = _problem(invoice, event, args)
    if problem or invoice is None:
        return status("ERROR", problem) if row else failed(problem)
    if args.get("Success"):
        _captured(account, args, invoice, event)
    else:
        _not_captured(account, invoice)
    if args.get("SetRemainingOrdersToHAL"):
        _hold_rest(account, invoice)
    account.touch(account.state.orders[invoice.order_nr])
    return status() if row else Answer()


def _problem(invoice: Invoice | None, event: BookingEvent | None, args: Args) -> str:
    if invoice is None:
        return f"Invoice {args.text('InvoiceNr') or 'NULL'} not found."
    if args.get("Success") is None:
        return "Success must be 0 or 1."
    if args.get("Success") and event is None:
        return f"Event {args.text('EventID') or 'NULL'} is not defined."
    if args.get("Success") and args.number("CaptureSum") is None:
        return "CaptureSum must not be NULL."
    return ""


def _captured(account: PixiAccount, args: Args, invoice: Invoice, event: BookingEvent | None) -> None:
    amount = abs(args.number("CaptureSum") or 0)
    if event is None:
        raise ValueError("a capture needs its event")
    booked = ledger.book(
        account,
        invoice.cust_key,
        event.id,
        event.sign * amount,
        comment=args.text("Message") or "",
        reference=args.text("PayID") or "",
        invoice=invoice,
    )
    invoice.paid, invoice.paid_sum, invoice.paid_at = True, amount, account.now()
    account.effect(
        "capture_reported",
        order_nr=invoice.order_nr,
        invoice_nr=invoice.nr,
        amount_minor=money.to_minor(amount),
        event=event.id,
        booked_minor=money.to_minor(booked.amount),
        pay_id=args.text("PayID"),
    )


def _not_captured(account: PixiAccount, invoice: Invoice) -> None:
    invoice.paid, invoice.paid_sum, invoice.paid_at = False, 0, None
    invoice.fail_tries += 1
    invoice.updated_at = account.now()
    account.effect("capture_failed", order_nr=invoice.order_nr, invoice_nr=invoice.nr, tries=invoice.fail_tries)


def _hold_rest(account: PixiAccount, invoice: Invoice) -> None:
    order = account.state.orders[invoice.order_nr]
    for line in order.lines:
        if line.status == "ANG":
            order.move(line, "HAL", account.now())


CALLS = (
    Procedure(
        "pixiPayGetInvoicesToCapture",
        (
            Param("PaymentCode", char(1)),
            Param("ShowAll", BIT, False),
            Param("RowCount", INT, 30, since=Profile.CURRENT),
            Param("FromInvoiceId", INT, 0, since=Profile.CURRENT),
        ),
        (
            *(one for one in RECIPIENT_COLUMNS if one.name not in ("CardOwner",)),
            Column("Total", MONEY),
            Column("OrderNr", INT),
            Column("CustKey", INT),
            Column("InvoiceNr", varchar(20)),
            Column("InvoiceKey", INT),
            Column("ccpPayID", varchar(50)),
            Column("OrderNrExternal", varchar(50)),
            Column("CurrencyCode", varchar(3)),
            Column("InvDate", DATETIME),
        ),
        _to_capture,
    ),
    Procedure(
        "pixiPaySetInvoiceCapture",
        (
            Param("InvoiceNr", varchar(20), required=True),
            Param("Success", BIT, required=True),
            Param("PayID", varchar(50), required=True),
            Param("Message", varchar(200), required=True),
            Param("PayCode", varchar(50), required=True),
            Param("CaptureSum", MONEY, required=True),
            Param("EventID", varchar(3)),
            Param("SetRemainingOrdersToHAL", BIT, required=True),
        ),
        STATUS_COLUMNS,
        _set_capture,
        writes=True,
    ),
)
