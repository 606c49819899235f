"""Shops and payment types, as the configuration screens need them."""

from sandboxes.pixi.account import PixiAccount
from sandboxes.pixi.calls.common import same
from sandboxes.pixi.soap.procedure import Answer, Args, Column, Param, Procedure
from sandboxes.pixi.soap.types import char, varchar


def _shops(account: PixiAccount, args: Args) -> Answer:
    return Answer(
        rows=[
            {"ShopID": one.id, "ShopName": one.name or one.id, "Country": "D", "ShopCompany": one.name or None}
            for one in account.settings.shops
            if same(args.text("ShopID"), one.id) and same(args.text("ShopName"), one.name or one.id)
        ]
    )


def _payment_types(account: PixiAccount, _args: Args) -> Answer:
    return Answer(
        rows=[
            {"Code": one.code, "PaymentText": one.text, "XMLTag": one.xml_tag} for one in account.settings.payment_types
        ]
    )


CALLS = (
    Procedure(
        "pixiGetShops",
        (Param("ShopID", varchar(3)), Param("ShopName", varchar(60))),
        (
            Column("ShopID", char(3)),
            Column("ShopName", varchar(60)),
            Column("Address", varchar(110)),
            Column("City", varchar(50)),
            Column("ZIP", varchar(10)),
            Column("Country", char(3)),
            Column("Contact", varchar(60)),
            Column("Phone", varchar(60)),
            Column("Fax", varchar(60)),
            Column("eMail", varchar(60)),
            Column("State", varchar(50)),
            Column("ShopCompany", varchar(60)),
            Column("BIC", varchar(11)),
            Column("IBAN", varchar(35)),
            Column("KontoBLZ", varchar(11)),
            Column("BankName", varchar(50)),
            Column("CostCenter", varchar(20)),
        ),
        _shops,
    ),
    Procedure(
        "pixiGetPaymenttypes",
        (),
        (Column("Code", char(1)), Column("PaymentText", varchar(120)), Column("XMLTag", varchar(50))),
        _payment_types,
    ),
)
