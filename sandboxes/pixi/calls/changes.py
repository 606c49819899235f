"""What changed: whole orders since a point in time, and single changes by kind."""

from sandboxes.pixi.account import PixiAccount
from sandboxes.pixi.calls.common import exact, same, within
from sandboxes.pixi.settings import Profile
from sandboxes.pixi.soap.procedure import Answer, Args, Column, Param, Procedure
from sandboxes.pixi.soap.types import BIT, DATETIME, INT, MAX, MONEY, char, varchar

CHANGE_TYPES = ("CORDER", "UORDER", "UORDERL", "CORDERL", "IORDER", "SORDER")


def _changed(account: PixiAccount, args: Args) -> Answer:
    """Both ends are included: what changes in the very instant of an answer is seen again with the next one."""
    since = args.when("DateTimeFrom")
    if since is None or args.get("ReturnOnlyDFOrders"):
        return Answer(rows=[])
    until = account.now()
    return Answer(
        rows=[
            {
                "ShopID": order.shop,
                "CustKey": order.cust_key,
                "OrderNr": order.nr,
                "ShipCost": order.ship_cost,
                "ShopNote": order.shop_note,
                "OrderDate": order.ordered_at,
                "CreateDate": order.created_at,
                "DateTimeTo": until,
                "OrderLocked": "Y" if order.locked else "N",
                "PaymentType": order.payment_code,
                "OrderNrExternal": order.external,
                "UpdateDate": order.updated_at,
            }
            for order in account.state.orders.values()
            if within(order.updated_at, since, None)
        ]
    )


def _changes(account: PixiAccount, args: Args) -> Answer:
    wanted = (args.text("ChangeType") or "ALL").strip().upper()
    rows = []
    for change in account.state.changes:
        if wanted not in ("ALL", change.type):
            continue
        order = account.state.orders[change.order_nr]
        if (
            same(args.text("ShopID"), order.shop)
            and exact(args.text("PaymentType"), order.payment_code)
            and within(change.at, args.when("DateFrom"), args.when("DateTo"))
        ):
            rows.append(
                {"OrderNr": order.nr, "ChangeType": change.type, "Timestamp": change.at, "Param1": change.param1}
            )
    return Answer(rows=list(rows))


CALLS = (
    Procedure(
        "pixiGetChangedOrders",
        (
            Param("DateTimeFrom", DATETIME, required=True),
            Param("skipGetXMLValue", BIT, True),
            Param("ReturnOnlyDFOrders", BIT, False),
        ),
        (
            Column("ShopID", varchar(3)),
            Column("CustKey", INT),
            Column("OrderNr", INT),
            Column("Referrer", varchar(50)),
            Column("ShipCost", MONEY),
            Column("ShopNote", MAX),
            Column("OrderDate", DATETIME),
            Column("VoucherID", varchar(50)),
            Column("CreateDate", DATETIME),
            Column("DateTimeTo", DATETIME),
            Column("GiftMessage", MAX),
            Column("OrderLocked", varchar(1)),
            Column("PaymentType", char(1)),
            Column("OrderNrExternal", varchar(50)),
            Column("UpdateDate", DATETIME),
            Column("ShippingVendor", varchar(10)),
        ),
        _changed,
        since=Profile.AVA,
    ),
    Procedure(
        "pixiGetOrderChanges",
        (
            Param("ChangeType", varchar(10)),
            Param("ShopID", varchar(3)),
            Param("PaymentType", char(1)),
            Param("DateFrom", DATETIME),
            Param("DateTo", DATETIME),
        ),
        (
            Column("OrderNr", INT),
            Column("ChangeType", varchar(10)),
            Column("Timestamp", DATETIME),
            Column("Param1", varchar(50)),
        ),
        _changes,
    ),
)
