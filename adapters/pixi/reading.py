"""What is asked about one order: header, lines, totals, documents, comments, what settled a document.

Only the fields that Holdfast needs are taken out of an answer; names, addresses and card data stay behind.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from adapters.pixi import mapping
from adapters.pixi.client import Value
from adapters.pixi.clients import Session
from adapters.pixi.connection import Limits
from adapters.pixi.mapping import Group
from adapters.pixi.trouble import Incomplete, Kind, Trouble
from adapters.pixi.values import Row, RowSet, minor

LARGEST_NUMBER = 2**31 - 1  # the database's order numbers are of its type `int`
COMMENTS_AT_MOST = 1_000  # the call's own hard cap
ZERO = Decimal(0)


@dataclass(frozen=True)
class Header:
    """The order's head. `locked` and `address`, the key of the billing address, are None where it does not tell."""

    order_no: str
    shop_order_no: str
    shop_id: str
    payment_code: str
    payment_id: str
    currency: str
    ship_cost: Decimal
    locked: bool | None
    address: int | None = None
    created: str = ""  # wall time


@dataclass(frozen=True)
class Line:
    """One order line: its group, whether a release reaches it, and its worth (price times quantity).

    `billed`: an invoice over it is to be expected. `key` and `document`, the number of its invoice, are None and ''
    where the database does not tell.
    """

    group: Group
    waits: bool
    worth: Decimal
    billed: bool = False
    quantity: Decimal = ZERO
    key: int | None = None
    document: str = ""


@dataclass(frozen=True)
class DocumentLine:
    """One line of an invoice or credit note; `key` is that of the order line it stands for, `quantity` a magnitude."""

    key: int | None
    quantity: Decimal
    billed: bool
    returned: bool


@dataclass(frozen=True)
class DocumentLines:
    """The lines of one document. `keyed`: the database tells for which order lines they stand."""

    lines: tuple[DocumentLine, ...] = ()
    keyed: bool = False


@dataclass(frozen=True)
class Totals:
    """The order's own values beside its lines."""

    ship_cost: Decimal | None = None
    discount: Decimal = ZERO
    currency: str = ""


@dataclass(frozen=True)
class Document:
    """An invoice or a credit note; amounts as magnitudes. `credit` is None where the database does not tell."""

    key: int
    number: str
    order_no: str
    customer: int | None
    payment_code: str
    currency: str
    total: Decimal
    paid: Decimal
    settled: bool
    shipped: bool
    credit: bool | None


def order_number(order_no: str) -> int | None:
    """The number as the database has it, or None for what cannot be one."""
    if not (order_no.isascii() and order_no.isdigit()):
        return None
    number = int(order_no[:20])
    return number if 0 < number <= LARGEST_NUMBER else None


def _asked_twice(ask: Callable[[], RowSet]) -> RowSet:
    """An answer without rows is believed only when it comes again: now and then the rows of one are lost."""
    data = ask()
    return data if data.rows else ask()


def read_header(session: Session, number: int) -> Header | None:
    """The order's head, None where the database knows no such order."""
    data = _asked_twice(lambda: session.read("pixiGetOrderHeader", {"OrderNr": number}).data)
    row = next((row for row in data.rows if row.number("OrderNr") == number), None)
    if row is None:
        return None
    return Header(
        order_no=str(number),
        shop_order_no=row.text("OrderNrExternal"),
        shop_id=row.text("ShopID"),
        payment_code=row.text("PaymentType", "PaymentCode"),
        payment_id=row.text("ccpPayID"),
        currency=row.text("CurrencyCode").upper(),
        ship_cost=row.decimal("ShipCost") or ZERO,
        locked=row.flag("OrderLocked") if data.declares("OrderLocked") else None,
        address=row.number("AddrKey"),
        created=row.text("CreateDate", "OrderDate"),
    )


def read_lines(session: Session, number: int, limits: Limits) -> tuple[Line, ...]:
    """All lines of the order, however many there are. An answer without any is none: no order is without lines."""

    def ask(rows: dict[str, Value]) -> RowSet:
        return session.read("pixiGetOrderline", {"OrderNR": number}, rows).data

    data = _asked_twice(lambda: whole_list(session, "pixiGetOrderline", ask, limits.line_rows, limits))
    lines = tuple(_line(row) for row in data.rows if row.number("OrderNr") in (number, None))
    if not lines:
        raise Incomplete("pixiGetOrderline names no line of an order that exists")
    return lines


def _line(row: Row) -> Line:
    status = row.text("Status").upper()
    quantity = row.decimal("Qty") or ZERO
    return Line(
        mapping.group_of(status),
        status == mapping.HELD_CODE,
        (row.decimal("Price") or ZERO) * quantity,
        billed=mapping.is_billed(status),
        quantity=abs(quantity),
        key=row.number("OrderlineKey"),
        document=row.text("InvoiceNr"),
    )


def read_totals(session: Session, number: int) -> Totals:
    if not session.offers("pixiGetOrderTotals"):
        return Totals()
    rows = _asked_twice(lambda: session.read("pixiGetOrderTotals", {"OrderNr": number}).data).rows
    if not rows:  # without them a discount would be missing and a good payment would not fit
        raise Incomplete("pixiGetOrderTotals names no totals of an order that exists")
    return Totals(
        rows[0].decimal("ShipCost"), rows[0].decimal("Discount") or ZERO, rows[0].text("CurrencyCode").upper()
    )


def read_documents(session: Session, number: int, limits: Limits) -> tuple[Document, ...]:
    """Every invoice and credit note of the order, oldest first."""
    found: dict[str, Document] = {}
    last = 0
    while True:
        page = {"RowCount": limits.list_rows} | ({"StartKey": last} if last else {})
        data = session.read("pixiGetInvoice", {"OrderNR": number}, page).data
        new = [one for one in documents_in(data) if one.order_no == str(number) and one.number not in found]
        found.update((one.number, one) for one in new)
        above = max((one.key for one in new), default=0)
        if len(data.rows) < limits.list_rows or above <= last or not session.takes("pixiGetInvoice", "StartKey"):
            return tuple(sorted(found.values(), key=lambda one: (one.key, one.number)))
        last = above


def read_document(session: Session, document_no: str) -> Document | None:
    data = session.read("pixiGetInvoice", {"InvoiceNr": document_no}).data
    return next((one for one in documents_in(data) if one.number.upper() == document_no.upper()), None)


def documents_in(data: RowSet) -> list[Document]:
    """The documents of an answer, in its order."""
    return [_document(row, data) for row in data.rows if row.text("InvoiceNr")]


def _document(row: Row, data: RowSet) -> Document:
    signed = row.decimal("Total") or ZERO
    total, paid = abs(signed), abs(row.decimal("PaidSum") or ZERO)
    kind = row.text("DocumentType").upper()
    return Document(
        key=row.number("InvoiceKey") or 0,
        number=row.text("InvoiceNr"),
        order_no=str(row.number("OrderNr") or ""),
        customer=row.number("CustKey"),
        payment_code=row.text("PaymentCode"),
        currency=row.text("CurrencyCode").upper(),
        total=total,
        paid=paid,
        settled=row.flag("Paid") or paid >= total,
        shipped=bool(row.text("ShipDate")) if data.declares("ShipDate") else True,
        credit=kind == mapping.CREDIT_NOTE if kind else (True if signed < 0 else None),
    )


def read_document_lines(session: Session, document_no: str) -> DocumentLines:
    """The goods that a document lists; texts and costs beside them are left out."""
    data = _asked_twice(lambda: session.read("pixiGetInvoiceLines", {"InvoiceNr": document_no}).data)
    return DocumentLines(tuple(_document_line(row) for row in data.rows), data.declares("OrderlineKey"))


def _document_line(row: Row) -> DocumentLine:
    status = row.text("Status").upper()
    return DocumentLine(
        key=row.number("OrderlineKey"),
        quantity=abs(row.decimal("ItemQty") or ZERO),
        billed=mapping.is_billed(status),
        returned=status == mapping.RETURNED_CODE,
    )


def settled_by(session: Session, document: Document, event: str) -> bool | None:
    """Whether a booking of this event was matched to the document; None where the database cannot be asked."""
    if not session.offers("pixiCAGetInvoiceMatch"):
        return None
    rows = session.read("pixiCAGetInvoiceMatch", {"InvoiceNr": document.number}).rows
    return any(row.text("EventID").upper() == event.upper() for row in rows)


def awaits_capture(session: Session, document: Document, limits: Limits) -> bool:
    """Whether the database waits for the report of this invoice's capture."""
    method = "pixiPayGetInvoicesToCapture"
    if not (session.offers(method) and session.offers("pixiPaySetInvoiceCapture")):
        return False
    asked: dict[str, Value] = {"ShowAll": True, "FromInvoiceId": max(document.key - 1, 0)}
    if document.payment_code:
        asked["PaymentCode"] = document.payment_code

    def ask(rows: dict[str, Value]) -> RowSet:
        return session.read(method, {}, asked | rows).data

    if session.takes(method, "FromInvoiceId") and document.key:
        data = ask({"RowCount": limits.list_rows})
    else:
        data = whole_list(session, method, ask, limits.list_rows, limits)
    return any(row.text("InvoiceNr").upper() == document.number.upper() for row in data.rows)


def has_comment(session: Session, number: int, tag: str) -> bool:
    """Whether the order carries a comment with this tag; what cannot be asked is not there."""
    if not session.offers("pixiGetOrderComments"):
        return False
    wanted: dict[str, Value] = {"RowCount": COMMENTS_AT_MOST}
    data = _asked_twice(lambda: session.read("pixiGetOrderComments", {"OrderNr": number}, wanted).data)
    return any(tag in text for row in data.rows for text in row.values())


def whole_list(
    session: Session, method: str, ask: Callable[[dict[str, Value]], RowSet], first: int, limits: Limits
) -> RowSet:
    """A list that has no cursor: asked again with more rows as long as the page is full."""
    if not session.takes(method, "RowCount"):
        return ask({})
    wanted = first
    while True:
        data = ask({"RowCount": wanted})
        if len(data.rows) < wanted:
            return data
        if wanted >= limits.most_rows:
            raise Trouble(Kind.BAD_ANSWER, f"{method} has no end")
        wanted = min(wanted * 10, limits.most_rows)


def minor_of(value: Decimal, currency: str) -> int:
    return minor(value, currency)
