"""What the shop sent when the order was imported: payment tag, payment id, currency. Nothing else is read."""

import re
from dataclasses import dataclass

from lxml import etree

from adapters.pixi.clients import Session
from adapters.pixi.memory import Memory
from adapters.pixi.reading import Header
from adapters.pixi.trouble import Trouble
from adapters.pixi.values import Row
from adapters.pixi.xml import local, read_xml

_TAG_NAMES = ("PAYMENT_TYPE", "PAYMENT_METHOD")
_ID_NAMES = ("PAYMENT_ID", "CCPPAYID", "CCP_PAY_ID", "PAY_ID", "TRANSACTION_ID", "TRANSACTIONID")
_CURRENCY = re.compile(r"[A-Z]{3}")
_LIMIT = 50  # tags and ids are no longer


@dataclass(frozen=True)
class ShopDocument:
    """Fields are '' where the document does not tell."""

    payment_tag: str = ""
    payment_id: str = ""
    currency: str = ""


def read_shop_document(session: Session, header: Header) -> ShopDocument | None:
    """The newest import of this order, or None when there is none or it cannot be read."""
    if not header.shop_order_no or not session.offers("pixiImportFindXML"):
        return None
    rows = session.read("pixiImportFindXML", {"Type": "order", "Id": header.shop_order_no}).rows
    for row in sorted(rows, key=lambda row: row.number("XMLLogKey") or 0, reverse=True):
        found = _document(row, header)
        if found is not None:
            return found
    return None


def _document(row: Row, header: Header) -> ShopDocument | None:
    text = row.text("Request")
    if not text:
        return None
    try:
        # an XML declaration may name an encoding that the text no longer has
        root = read_xml(re.sub(r"^\s*<\?xml[^>]*\?>", "", text, count=1).encode(), huge=True)
    except (Trouble, UnicodeEncodeError):
        return None
    info = next((part for part in root.iter() if local(part).upper() == "ORDER_INFO"), root)
    shop, number = _first(info, ("SHOPID",)), _first(info, ("ORDER_ID",))
    if shop and header.shop_id and shop.upper() != header.shop_id.upper():
        return None
    if number and number.upper() != header.shop_order_no.upper():
        return None
    payment = next((part for part in info.iter() if local(part).upper() == "PAYMENT"), None)
    currency = _first(info, ("PRICE_CURRENCY", "CURRENCY")).upper()
    return ShopDocument(
        payment_tag=_tag(payment) if payment is not None else "",
        payment_id=_first(payment, _ID_NAMES) if payment is not None else "",
        currency=currency if _CURRENCY.fullmatch(currency) else "",
    )


def _first(element: etree._Element, names: tuple[str, ...]) -> str:
    texts = ((part.text or "").strip() for name in names for part in element.iter() if local(part).upper() == name)
    return next((text[:_LIMIT] for text in texts if text), "")


def _tag(payment: etree._Element) -> str:
    """The payment type's tag: a text, or the name of the element that stands for the type."""
    written = _first(payment, _TAG_NAMES)
    if written:
        return written
    named = [local(child) for child in payment if local(child).upper() not in (*_TAG_NAMES, *_ID_NAMES)]
    return named[0][:_LIMIT] if named else ""


class ShopDocuments:
    """Remembers what was read, per connection and order; the documents never change once they are there."""

    def __init__(self, at_most: int) -> None:
        self._memory: Memory[ShopDocument] = Memory(at_most)

    def get(self, session: Session, connection: str, header: Header) -> ShopDocument | None:
        return self._memory.get((connection, header.order_no), lambda: read_shop_document(session, header))
