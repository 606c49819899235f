"""What several calls share: filters as the procedures write them, status rows, columns of an address."""

from datetime import datetime, timedelta
from typing import Any

from sandboxes.kit.clock import BERLIN
from sandboxes.pixi.account import PixiAccount
from sandboxes.pixi.soap.procedure import Answer, Args, Column, Row
from sandboxes.pixi.soap.types import MAX, MONEY, varchar
from sandboxes.pixi.state import MAX_FAIL_TRIES, Address, Order
from sandboxes.pixi.walltime import wall

STATUS_COLUMNS = (Column("ReturnCode", varchar(5)), Column("ErrorMessage", varchar(255)))
AMBIGUOUS = timedelta(hours=2)  # more than the clock change makes a wall time uncertain by
OK: Row = {"ReturnCode": "OK"}


def status(code: str = "OK", message: str | None = None) -> Answer:
    """The row of the ReturnCode + ErrorMessage family."""
    return Answer(rows=[{"ReturnCode": code, "ErrorMessage": message}])


def same(wanted: str | None, value: str | None) -> bool:
    """A text filter that is off when NULL; compares without case and trailing blanks, as the collation does."""
    return wanted is None or (value or "").rstrip().casefold() == wanted.rstrip().casefold()


def exact(wanted: str | None, value: str) -> bool:
    """A filter on a one-letter code, where case counts."""
    return wanted is None or wanted.rstrip() == value


def within(instant: datetime, since: datetime | None, until: datetime | None) -> bool:
    """A filter on Berlin wall time, both ends included, each off when NULL."""
    if since is not None and instant < since.replace(tzinfo=BERLIN) - AMBIGUOUS:  # spares most rows the conversion
        return False
    shown = wall(instant)
    return (since is None or shown >= since) and (until is None or shown <= until)


def listed(fail_tries: int, args: Args) -> bool:
    """The ShowAll rule: after more than three failures a record is hidden."""
    return bool(args.get("ShowAll")) or fail_tries <= MAX_FAIL_TRIES


def find_order(
    account: PixiAccount, args: Args, nr: str = "OrderNr", external: str = "OrderNrExternal"
) -> Order | None:
    """The one order meant by number or by shop order number."""
    found = account.order(args.number(nr))
    if found is None and args.text(external):
        found = next(iter(account.orders_by_external(args.text(external) or "")), None)
    return found


RECIPIENT_COLUMNS = (
    Column("ZIP", varchar(10)),
    Column("City", varchar(50)),
    Column("Phone", varchar(60)),
    Column("eMail", varchar(60)),
    Column("Anrede", varchar(20)),
    Column("CareOf", varchar(60)),
    Column("ShopID", varchar(3)),
    Column("Address", varchar(110)),
    Column("CardCVC", varchar(10)),
    Column("Country", varchar(3)),
    Column("LastName", varchar(60)),
    Column("CardOwner", varchar(60)),
    Column("FirstName", varchar(60)),
)


def recipient(address: Address, shop: str) -> dict[str, Any]:
    """Where and who, for the payment lists; empty fields are NULL."""
    return {
        "ZIP": address.zip or None,
        "City": address.city or None,
        "Phone": address.phone or None,
        "eMail": address.email or None,
        "Anrede": address.salutation or None,
        "CareOf": address.care_of or None,
        "ShopID": shop,
        "Address": f"{address.street} {address.house_nr}".strip() or None,
        "Country": address.country or None,
        "LastName": address.last_name or None,
        "FirstName": address.first_name or None,
    }


NOTE = Column("Note", MAX)
AMOUNT = Column("Amount", MONEY)
