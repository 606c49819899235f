"""The order header and the card data that hang on it."""

from collections.abc import Iterable, Iterator

from sandboxes.pixi.account import PixiAccount
from sandboxes.pixi.calls.common import exact, same, within
from sandboxes.pixi.settings import Profile
from sandboxes.pixi.soap.procedure import Answer, Args, Column, Param, Procedure, Row
from sandboxes.pixi.soap.types import BIT, DATETIME, INT, MAX, MONEY, char, varchar
from sandboxes.pixi.state import Order

GENDERS = {"Herr": 1, "Frau": 2}


def _headers(account: PixiAccount, args: Args) -> Answer:
    if args.nulled("OrderNr") or args.nulled("OrderNrExternal"):  # their defaults are not NULL: NULL equals nothing
        return Answer(rows=[])
    return Answer(rows=args.limited(_matching(account, args), 1000))


def _matching(account: PixiAccount, args: Args) -> Iterator[Row]:
    for order in _candidates(account, args):
        address = account.address_of(order)
        if (
            args.number("CustKey") in (None, order.cust_key)
            and same(args.text("ShopID"), order.shop)
            and exact(args.text("PaymentType"), order.payment_code)
            and same(args.text("ShippingCountry"), address.country)
            and within(order.ordered_at, args.when("FromTime"), args.when("UntilTime"))
            and within(order.updated_at, args.when("FromUpdateTime"), None)
        ):
            yield _row(account, order)


def _candidates(account: PixiAccount, args: Args) -> Iterable[Order]:
    nr, external = args.number("OrderNr"), args.text("OrderNrExternal")
    if nr:
        order = account.order(nr)
        found = [order] if order is not None else []
        return [one for one in found if not external or same(external, one.external)]
    return account.orders_by_external(external) if external else account.state.orders.values()


def paid_sum(account: PixiAccount, order: Order) -> int:
    return sum(one.paid_sum for one in account.invoices_of(order) if one.type == "R")


def _row(account: PixiAccount, order: Order) -> Row:
    address = account.address_of(order)
    paid = order.total if order.paid_at_import else paid_sum(account, order)
    invoices = [one for one in account.invoices_of(order) if one.type == "R"]
    return {
        "Blz": address.blz or None,
        "ZIP": address.zip or None,
        "City": address.city or None,
        "Paid": paid >= order.total > 0,
        "Gender": GENDERS.get(address.salutation, 0),
        "ShopID": order.shop,
        "Street": f"{address.street} {address.house_nr}".strip() or None,
        "Account": address.account or None,
        "CustKey": order.cust_key,
        "OrderNr": order.nr,
        "BankName": address.bank_name or None,
        "LastName": address.last_name or None,
        "PayedSum": paid,
        "ShipCost": order.ship_cost,
        "Shipdate": invoices[-1].shipped_at if invoices else None,
        "OrderNrExternal": order.external,
        "OrderDate": order.ordered_at,
        "CreateDate": order.created_at,
        "UpdateDate": order.updated_at,
        "PaymentType": order.payment_code,
        "CurrencyCode": order.currency,
        "ccpPayID": order.pay_id,
        "ccpLastAuthCode": order.auth_code,
        "ccpSetFailTries": order.fail_tries,
        "AddrKey": order.addr_key,
        "ShipAddrKey": order.ship_addr_key,
        "OrderLocked": "Y" if order.locked else "N",
        "ShopNote": order.shop_note,
    }


def _card(account: PixiAccount, args: Args) -> Answer:
    order = account.order(args.number("OrderNr"))
    if order is None:
        return Answer(rows=[])
    return Answer(
        rows=[
            {
                "OrderNr": order.nr,
                "ccpPayID": order.pay_id,
                "ccpLastAuthCode": order.auth_code,
                "ccpSetFailTries": order.fail_tries,
                "PayedSum": paid_sum(account, order),
            }
        ]
    )


CALLS = (
    Procedure(
        "pixiGetOrderHeader",
        (
            Param("OrderNr", INT, 0),
            Param("OrderNrExternal", varchar(50), ""),
            Param("CustKey", INT),
            Param("ShopID", char(3)),
            Param("PaymentType", char(1)),
            Param("ShippingCountry", varchar(3)),
            Param("FromTime", DATETIME),
            Param("UntilTime", DATETIME),
            Param("FromUpdateTime", DATETIME, since=Profile.CURRENT),
            Param("RowCount", INT, 1000),
        ),
        (
            Column("Blz", varchar(11)),
            Column("ZIP", varchar(10)),
            Column("City", varchar(50)),
            Column("Paid", BIT),
            Column("Gender", INT),
            Column("ShopID", char(3)),
            Column("Street", varchar(100)),
            Column("Account", varchar(35)),
            Column("CustKey", INT),
            Column("OrderNr", INT),
            Column("BankName", varchar(50)),
            Column("CcCardNr", varchar(50)),
            Column("LastName", varchar(60)),
            Column("PayedSum", MONEY),
            Column("Referrer", varchar(50)),
            Column("ShipCost", MONEY),
            Column("Shipdate", DATETIME),
            Column("OrderNrExternal", varchar(50)),
            Column("OrderDate", DATETIME),
            Column("CreateDate", DATETIME),
            Column("UpdateDate", DATETIME),
            Column("PaymentType", char(1)),
            Column("CurrencyCode", varchar(3)),
            Column("ccpPayID", varchar(50)),
            Column("ccpLastAuthCode", varchar(50)),
            Column("ccpSetFailTries", INT),
            Column("AddrKey", INT),
            Column("ShipAddrKey", INT),
            Column("OrderLocked", varchar(1)),
            Column("ShopNote", MAX),
        ),
        _headers,
    ),
    Procedure(
        "pixiGetCreditCardInfo",
        (Param("OrderNr", INT, required=True),),
        (
            Column("OrderNr", INT),
            Column("CcCardNr", varchar(50)),
            Column("CcCardExp", varchar(10)),
            Column("CcCardName", varchar(60)),
            Column("CcCardType", varchar(20)),
            Column("CardOwner", varchar(60)),
            Column("CardCVC", varchar(10)),
            Column("ccpPayID", varchar(50)),
            Column("ccpLastAuthCode", varchar(50)),
            Column("ccpSetFailTries", INT),
            Column("PayedSum", MONEY),
        ),
        _card,
    ),
)
