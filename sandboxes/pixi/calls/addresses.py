"""Addresses with their bank fields: read, ask whether they may change, change."""

from sandboxes.pixi.account import PixiAccount
from sandboxes.pixi.calls.common import NOTE, OK, STATUS_COLUMNS, find_order, status
from sandboxes.pixi.soap.procedure import Answer, Args, Column, Param, Procedure
from sandboxes.pixi.soap.types import INT, MAX, char, varchar
from sandboxes.pixi.state import Order

# parameter of pixiChangeAddress -> field of the address
_FIELDS = {
    "FirstName": ("first_name", varchar(60)),
    "LastName": ("last_name", varchar(60)),
    "Street": ("street", varchar(100)),
    "HouseNr": ("house_nr", varchar(10)),
    "ZIP": ("zip", varchar(10)),
    "City": ("city", varchar(50)),
    "Country": ("country", char(3)),
    "Phone": ("phone", varchar(60)),
    "Fax": ("fax", varchar(60)),
    "Email": ("email", varchar(60)),
    "Note": ("note", varchar(8000)),
    "BIC": ("bic", varchar(11)),
    "BLZ": ("blz", varchar(8)),
    "IBAN": ("iban", varchar(35)),
    "Account": ("account", varchar(35)),
    "BankName": ("bank_name", varchar(50)),
    "AccountHolder": ("account_holder", varchar(60)),
}


def _get(account: PixiAccount, args: Args) -> Answer:
    address = account.state.addresses.get(args.number("AddrKey") or 0)
    if address is None:
        return Answer(rows=[])
    customer = account.state.customers[address.cust_key]
    street = f"{address.street} {address.house_nr}".strip()
    row = {name: getattr(address, field).rstrip() or None for name, (field, _) in _FIELDS.items()}
    return Answer(
        rows=[
            {
                **row,
                "Name": f"{address.first_name} {address.last_name}".strip() or None,
                "Title": address.title or None,
                "VatID": address.vat_id or None,
                "Street": address.street or None,
                "AddrKey": address.key,
                "Address": street or None,
                "AddrType": address.type,
                "CardHolderName": address.account_holder or None,
                "CountryCodeISO2": "DE" if address.country.strip() == "D" else address.country.strip()[:2] or None,
                "CustomerNrExternal": customer.external,
                "Locked": "Y" if customer.locked else "N",
                "CustKey": customer.key,
            }
        ]
    )


def _editable(order: Order) -> bool:
    """Until the first piece is in the box or out of the house."""
    return order.status != "CLOSED" and not order.any_in("EIN", "AUS", "RET")


def _can_change(account: PixiAccount, args: Args) -> Answer:
    order = find_order(account, args)
    return Answer(scalar=int(order is not None and _editable(order)))


def _change(account: PixiAccount, args: Args) -> Answer:
    order = find_order(account, args)
    if order is None:
        return status("ERROR", "Order not found.")
    if not _editable(order):
        return status("ERROR", "The address can no longer be changed.")
    kind = (args.text("AddrType") or "B").strip().upper()
    keys = {"B": {order.addr_key}, "S": {order.ship_addr_key}}.get(kind, {order.addr_key, order.ship_addr_key})
    changed: dict[str, str] = {}
    for key in sorted(keys):
        address = account.state.addresses[key]
        for name, (field, _) in _FIELDS.items():
            value = args.text(name)
            if value is not None and value != getattr(address, field):
                setattr(address, field, value)
                changed[name] = value
    if changed:
        account.touch(order)
        account.effect("address_changed", order_nr=order.nr, changed=changed)
    return status()


_BY_ORDER = (Param("OrderNr", INT), Param("OrderNrExternal", varchar(50)))

CALLS = (
    Procedure(
        "pixiGetAddress",
        (Param("AddrKey", INT, required=True),),
        (
            Column("BIC", varchar(11)),
            Column("BLZ", varchar(8)),
            Column("Fax", varchar(60)),
            Column("ZIP", varchar(10)),
            Column("City", varchar(50)),
            Column("IBAN", varchar(35)),
            Column("Name", varchar(121)),
            NOTE,
            Column("Email", varchar(60)),
            Column("Phone", varchar(60)),
            Column("Title", varchar(60)),
            Column("VatID", varchar(20)),
            Column("Street", varchar(100)),
            Column("AddrKey", INT),
            Column("Address", varchar(110)),
            Column("AddrType", char(1)),
            Column("BankName", varchar(50)),
            Column("CardHolderName", varchar(60)),
            Column("FirstName", varchar(60)),
            Column("LastName", varchar(60)),
            Column("HouseNr", varchar(10)),
            Column("Country", char(3)),
            Column("CountryCodeISO2", varchar(2)),
            Column("CustomerNrExternal", varchar(250)),
            Column("PaymentCode", char(1)),
            Column("Locked", varchar(1)),
            Column("CustKey", INT),
            Column("AccountHolder", varchar(60)),
            Column("Account", MAX),
        ),
        _get,
    ),
    Procedure("pixiCanChangeAddress", _BY_ORDER, (), _can_change, scalar=True),
    Procedure(
        "pixiChangeAddress",
        (*_BY_ORDER, Param("AddrType", char(1), "B"), *(Param(name, kind) for name, (_, kind) in _FIELDS.items())),
        STATUS_COLUMNS,
        _change,
        writes=True,
        success=OK,
    ),
)
