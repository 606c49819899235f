"""Held orders that wait for a payment decision, and the decision."""

from collections.abc import Iterator

from sandboxes.pixi.account import PixiAccount
from sandboxes.pixi.calls.common import RECIPIENT_COLUMNS, exact, find_order, listed, recipient
from sandboxes.pixi.settings import Profile
from sandboxes.pixi.soap.procedure import Answer, Args, Column, Param, Procedure, Row, failed
from sandboxes.pixi.soap.types import BIT, INT, MONEY, char, varchar
from sandboxes.pixi.state import Order


def _to_authorize(account: PixiAccount, args: Args) -> Answer:
    return Answer(rows=args.limited(_held(account, args), 30))


def _held(account: PixiAccount, args: Args) -> Iterator[Row]:
    for order in account.state.orders.values():
        if not exact(args.text("PaymentCode"), order.payment_code) or not order.any_in("HAL"):
            continue
        if listed(order.fail_tries, args):
            yield {
                **recipient(account.address_of(order), order.shop),
                "OrderNr": order.nr,
                "ShipCost": order.ship_cost,
                "ccpPayID": order.pay_id,
                "OrderNrExternal": order.external,
                "CurrencyCode": order.currency,
                "PaymentCode": order.payment_code,
            }


def release(account: PixiAccount, order: Order) -> int:
    """Held lines become accepted; returns how many did."""
    lines = [line for line in order.lines if line.status == "HAL"] if order.any_in("HAL") else []
    for line in lines:
        order.move(line, "ANG", account.now())
    if lines:
        account.touch(order)
        account.effect("release", order_nr=order.nr, lines=len(lines), kk_id=order.pay_id)
    return len(lines)


def _decide(account: PixiAccount, args: Args) -> Answer:
    order = account.order(args.number("OrderNr"))
    success = args.get("Success")
    if order is None:
        return failed(f"Order {args.text('OrderNr') or 'NULL'} not found.")
    if success is None:
        return failed("Success must be 0 or 1.")
    pay_id, before = args.text("AuthID"), (order.pay_id, order.auth_code)
    order.pay_id, order.auth_code = pay_id, args.text("AuthCode")
    if success:
        if release(account, order) == 0 and before != (order.pay_id, order.auth_code):
            account.touch(order)
            account.effect("payment_id_changed", order_nr=order.nr, kk_id=pay_id)
        return Answer()
    order.fail_tries += 1
    account.touch(order)
    account.effect("authorization_failed", order_nr=order.nr, tries=order.fail_tries)
    return Answer()


def _release(account: PixiAccount, args: Args) -> Answer:
    order = find_order(account, args)
    shop = (args.text("ShopId") or "").strip()
    if order is None or order.shop.casefold() != shop.casefold():
        return Answer(rows=[{"ReturnCode": "ERROR", "AffectedRows": 0}])
    return Answer(rows=[{"ReturnCode": "OK", "AffectedRows": release(account, order)}])


CALLS = (
    Procedure(
        "pixiPayGetOrdersToAuthorize",
        (
            Param("PaymentCode", char(1)),
            Param("ShowAll", BIT, False),
            Param("RowCount", INT, 30, since=Profile.CURRENT),
        ),
        (
            *(one for one in RECIPIENT_COLUMNS if one.name != "eMail"),
            Column("OrderNr", INT),
            Column("ShipCost", MONEY),
            Column("ccpPayID", varchar(50)),
            Column("OrderNrExternal", varchar(50)),
            Column("CurrencyCode", varchar(3)),
            Column("PaymentCode", char(1)),
        ),
        _to_authorize,
    ),
    Procedure(
        "pixiPaySetAuthorizationStatus",
        (
            Param("OrderNr", INT),
            Param("Success", BIT),
            Param("AuthID", varchar(50)),
            Param("AuthCode", varchar(50)),
            Param("Message", varchar(200)),
        ),
        (),
        _decide,
        writes=True,
    ),
    Procedure(
        "pixiReleaseOrder",
        (Param("OrderNrExternal", varchar(50), required=True), Param("ShopId", char(3), required=True)),
        (Column("ReturnCode", varchar(5)), Column("AffectedRows", INT)),
        _release,
        writes=True,
        success={"ReturnCode": "OK", "AffectedRows": 1},
    ),
)
