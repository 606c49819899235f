"""The two shipping locks: of one order, and of a customer with everything they ordered."""

from sandboxes.pixi.account import PixiAccount
from sandboxes.pixi.calls.common import OK, STATUS_COLUMNS, status
from sandboxes.pixi.settings import Profile
from sandboxes.pixi.soap.procedure import Answer, Args, Column, Param, Procedure
from sandboxes.pixi.soap.types import BIT, INT, varchar


def _lock_order(account: PixiAccount, args: Args) -> Answer:
    order = account.order(args.number("OrderNr"))
    if order is None:
        return status("ERROR", "Order not found.")
    locked = args.get("Locked")
    if locked is None:
        return status("ERROR", "Locked must not be NULL.")
    if order.locked == locked:
        return status("INFO", "Order is already locked." if locked else "Order is not locked.")
    user = args.text("UserName") or "API"
    reason = args.text("Reason") or f"Shipping lock {'set' if locked else 'removed'} by {user}"
    order.locked, order.lock_reason = locked, reason
    account.touch(order)
    account.effect("lock" if locked else "unlock", order_nr=order.nr, reason=reason, user=user)
    return status()


def _lock_customer(account: PixiAccount, args: Args) -> Answer:
    customer = account.customer(args.number("CustKey"))
    if customer is None and args.text("CustomerNrExternal"):
        shop = (args.text("ShopID") or "").strip().upper()
        customer = account.customer_by_external(shop, args.text("CustomerNrExternal") or "")
    locked = args.get("Locked")
    if customer is None or locked is None:
        return Answer(rows=[{"Result": 1}])
    if customer.locked != locked:
        customer.locked = locked
        account.effect("customer_lock" if locked else "customer_unlock", cust_key=customer.key)
    return Answer(rows=[{"Result": 0}])


CALLS = (
    Procedure(
        "pixiSetOrderShippingLock",
        (
            Param("OrderNr", INT, required=True),
            Param("Locked", BIT, True),
            Param("UserName", varchar(50), "API", since=Profile.CURRENT),
            Param("Reason", varchar(255), since=Profile.CURRENT),
        ),
        STATUS_COLUMNS,
        _lock_order,
        writes=True,
        success=OK,
    ),
    Procedure(
        "pixiSetShippingLock",
        (
            Param("CustKey", INT),
            Param("Locked", BIT, True),
            Param("CustomerNrExternal", varchar(250)),
            Param("ShopID", varchar(3)),
            Param("UserName", varchar(50), "API", since=Profile.CURRENT),
        ),
        (Column("Result", INT),),
        _lock_customer,
        writes=True,
        success={"Result": 0},
    ),
)
