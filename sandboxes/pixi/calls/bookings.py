"""Manual bookings in the customer account."""

from sandboxes.kit.clock import BERLIN
from sandboxes.pixi import ledger, money
from sandboxes.pixi.account import PixiAccount
from sandboxes.pixi.calls.common import OK, STATUS_COLUMNS, status
from sandboxes.pixi.settings import Profile
from sandboxes.pixi.soap.procedure import Answer, Args, Param, Procedure
from sandboxes.pixi.soap.types import DATETIME, INT, MONEY, SMALLINT, varchar


def _book(account: PixiAccount, args: Args) -> Answer:
    customer = account.customer(args.number("CustKey"))
    event = account.booking_event(args.text("EventID"))
    amount = args.number("Amount")
    if customer is None:
        return status("ERROR", f"Customer {args.text('CustKey') or 'NULL'} not found.")
    if event is None:
        return status("ERROR", f"Event {args.text('EventID') or 'NULL'} is not defined.")
    if amount is None:
        return status("ERROR", "Amount must not be NULL.")
    number, match_key = args.text("MatchToInvoiceNr"), args.number("MatchKey")
    invoice = account.invoice(number)
    if number and (invoice is None or invoice.cust_key != customer.key):
        return status("ERROR", f"Invoice {number} not found for customer {customer.key}.")
    if match_key is not None and ledger.entry_by_key(account, customer.key, match_key) is None:
        return status("ERROR", f"Account event {match_key} not found for customer {customer.key}.")
    signed = amount if account.settings.booking_sign == "as_sent" else event.sign * abs(amount)
    when = args.when("EventDate")
    booked = ledger.book(
        account,
        customer.key,
        event.id,
        signed,
        comment=args.text("Comment") or "",
        at=when.replace(tzinfo=BERLIN) if when is not None else None,
        invoice=invoice,
        match_key=match_key,
    )
    if invoice is not None:
        account.touch(account.state.orders[invoice.order_nr])
    account.effect(
        "booking",
        order_nr=invoice.order_nr if invoice is not None else None,
        invoice_nr=invoice.nr if invoice is not None else None,
        cust_key=customer.key,
        amount_minor=money.to_minor(booked.amount),
        event=event.id,
        comment=booked.comment,
    )
    return status()


CALLS = (
    Procedure(
        "pixiCACreateManualBooking",
        (
            Param("CustKey", INT, required=True),
            Param("EventID", varchar(3), required=True),
            Param("Amount", MONEY, required=True),
            Param("EventDate", DATETIME),
            Param("Comment", varchar(512)),
            Param("MatchToInvoiceNr", varchar(20)),
            Param("MatchKey", INT),
            Param("CurrencyId", SMALLINT, since=Profile.AVA),
        ),
        STATUS_COLUMNS,
        _book,
        writes=True,
        success=OK,
    ),
)
