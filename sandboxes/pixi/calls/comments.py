"""Comments on orders and customers: append only."""

from collections.abc import Iterator

from sandboxes.pixi.account import PixiAccount
from sandboxes.pixi.calls.common import OK, STATUS_COLUMNS, find_order, same, within
from sandboxes.pixi.soap.procedure import Answer, Args, Column, Param, Procedure, Row
from sandboxes.pixi.soap.types import DATETIME, INT, varchar
from sandboxes.pixi.state import Comment

ROW_CAP = 1000


def _on_order(account: PixiAccount, args: Args) -> Answer:
    order = account.order(args.number("OrderNr"))
    if order is None:
        return Answer(rows=[{"ReturnCode": "ERROR", "ErrorMessage": "Order not found."}])
    text = args.text("Comment")
    if not text:
        return Answer(rows=[{"ReturnCode": "ERROR", "ErrorMessage": "Comment must not be empty."}])
    comment = Comment(at=account.now(), user=args.text("UserName") or "API", text=text)
    order.comments.append(comment)
    account.effect("comment", order_nr=order.nr, text=text, user=comment.user)
    return Answer(rows=[OK])


def _on_customer(account: PixiAccount, args: Args) -> Answer:
    customer = account.customer(args.number("CustKey"))
    text = args.text("Comment")
    if customer is None:
        return Answer(rows=[{"ReturnCode": "ERROR", "ErrorMessage": "Customer not found."}])
    if not text:
        return Answer(rows=[{"ReturnCode": "ERROR", "ErrorMessage": "Comment must not be empty."}])
    comment = Comment(at=account.now(), user=args.text("UserName") or "API", text=text)
    customer.comments.append(comment)
    account.effect("comment", order_nr=None, cust_key=customer.key, text=text, user=comment.user)
    return Answer(rows=[OK])


def _read(account: PixiAccount, args: Args) -> Answer:
    wanted = args.number("RowCount")
    cap = min(wanted, ROW_CAP) if wanted is not None and wanted > 0 else ROW_CAP
    return Answer(rows=[row for _, row in zip(range(cap), _matching(account, args), strict=False)])


def _matching(account: PixiAccount, args: Args) -> Iterator[Row]:
    one = find_order(account, args, external="OrderNrShop")
    named = args.number("OrderNr") is not None or args.text("OrderNrShop") is not None
    for order in ([one] if one is not None else []) if named else account.state.orders.values():
        if not same(args.text("OrderNrShop"), order.external):
            continue
        for comment in order.comments:
            if within(comment.at, args.when("Since"), None):
                yield {
                    "OrderNr": order.nr,
                    "OrderNrShop": order.external,
                    "Comment": comment.text,
                    "CreateDate": comment.at,
                    "UserName": comment.user,
                }


_TEXT = (Param("Comment", varchar(8000), required=True),)
_USER = (Param("UserName", varchar(50), "API"),)

CALLS = (
    Procedure(
        "pixiCreateOrderComment",
        (Param("OrderNr", INT, required=True), *_TEXT, *_USER),
        STATUS_COLUMNS,
        _on_order,
        writes=True,
        success=OK,
    ),
    Procedure(
        "pixiAddOrderComment",
        (Param("OrderNr", INT, required=True), *_TEXT),
        STATUS_COLUMNS,
        _on_order,
        writes=True,
        success=OK,
    ),
    Procedure(
        "pixiAddCustomerComment",
        (Param("CustKey", INT, required=True), *_TEXT, *_USER),
        STATUS_COLUMNS,
        _on_customer,
        writes=True,
        success=OK,
    ),
    Procedure(
        "pixiGetOrderComments",
        (
            Param("Since", DATETIME),
            Param("OrderNr", INT),
            Param("OrderNrShop", varchar(50)),
            Param("RowCount", INT, ROW_CAP),
        ),
        (
            Column("OrderNr", INT),
            Column("OrderNrShop", varchar(50)),
            Column("Comment", varchar(8000)),
            Column("CreateDate", DATETIME),
            Column("UserName", varchar(50)),
        ),
        _read,
    ),
)
