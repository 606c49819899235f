"""Item master data, for one item or for a list given as XML."""

from lxml import etree

from sandboxes.pixi.account import PixiAccount
from sandboxes.pixi.calls.common import same
from sandboxes.pixi.soap.procedure import Answer, Args, Column, Param, Procedure, failed
from sandboxes.pixi.soap.types import BIT, INT, MAX, MONEY, varchar
from sandboxes.pixi.state import Item


def _info(account: PixiAccount, args: Args) -> Answer:
    listed: list[dict[str, str]] | None = None
    if args.text("ItemXML"):
        try:
            listed = _wanted(args.text("ItemXML") or "")
        except etree.XMLSyntaxError as error:
            return failed(f"ItemXML: {error}", number=6603)
    items = [
        one
        for one in account.state.items.values()
        if args.number("ItemKey") in (None, one.key)
        and same(args.text("EANUPC"), one.ean)
        and same(args.text("ItemNrInt"), one.sku)
        and same(args.text("ItemNrSuppl"), f"S-{one.sku}")
        and (listed is None or any(_is(one, wanted) for wanted in listed))
    ]
    return Answer(
        rows=[
            {
                "EAN": one.ean,
                "ItemNrInt": one.sku,
                "ItemNrSuppl": f"S-{one.sku}",
                "SupplNr": "L1",
                "SupplPrice": one.price // 2,
                "MinOrderQty": 1,
                "ItemKey": one.key,
                "ItemName": one.name,
                "Price": one.price,
                "VAT": one.vat,
            }
            for one in items
        ]
    )


def _wanted(document: str) -> list[dict[str, str]]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    root = etree.fromstring(document.encode(), parser)
    return [{str(field.tag).upper(): (field.text or "").strip() for field in one} for one in root.iter("ITEM")]


def _is(item: Item, wanted: dict[str, str]) -> bool:
    values = {
        "ITEMKEY": str(item.key),
        "EAN": item.ean,
        "ITEMNRINT": item.sku,
        "INTERNALITEMNUMBER": item.sku,
        "ITEMNRSUPPL": f"S-{item.sku}",
    }
    return any(values.get(name) == value for name, value in wanted.items())


CALLS = (
    Procedure(
        "pixiGetItemInfo",
        (
            Param("EANUPC", varchar(13)),
            Param("ItemKey", INT),
            Param("ItemNrInt", varchar(50)),
            Param("ItemNrSuppl", varchar(50)),
            Param("LocID", varchar(3)),
            Param("ItemXML", MAX),
            Param("ConsiderFavouriteSupplier", BIT),
        ),
        (
            Column("EAN", varchar(13)),
            Column("ItemNrInt", varchar(50)),
            Column("ItemNrSuppl", varchar(50)),
            Column("SupplNr", varchar(10)),
            Column("SupplPrice", MONEY),
            Column("MinOrderQty", INT),
            Column("ItemKey", INT),
            Column("ItemName", varchar(120)),
            Column("Price", MONEY),
            Column("VAT", varchar(1)),
        ),
        _info,
    ),
)
