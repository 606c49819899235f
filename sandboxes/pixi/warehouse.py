"""What people in the warehouse and in customer service do: ship, cancel, take back, credit.

Only hooks come here; each function notes the order as changed and books documents into the customer account.
"""

from collections.abc import Iterable

from sandboxes.pixi import ledger, money
from sandboxes.pixi.account import PixiAccount
from sandboxes.pixi.inputs import (
    CancelIn,
    CreditIn,
    ExchangeIn,
    InvoiceIn,
    Pick,
    ReopenIn,
    ReturnIn,
    SettleIn,
    ShipIn,
    StatusIn,
)
from sandboxes.pixi.ordering import Refused, add_item, exchange
from sandboxes.pixi.state import CANCELLED, LINE_STATUSES, SHIPPABLE, UNDECIDED, Invoice, InvoiceLine, Line, Order


def pick(account: PixiAccount, order: Order, picks: list[Pick] | None, allowed: Iterable[str]) -> list[Line]:
    """The chosen lines; a part of a line becomes a line of its own and the rest stays where it was."""
    fits = set(allowed)
    if picks is None:
        found = [line for line in order.lines if line.status in fits]
    else:
        found = [_part(account, order, one, fits) for one in picks]
    if not found:
        raise Refused(f"order {order.nr} has no line in {sorted(fits)}")
    return found


def _part(account: PixiAccount, order: Order, one: Pick, fits: set[str]) -> Line:
    if not 1 <= one.line <= len(order.lines):
        raise Refused(f"order {order.nr} has no line {one.line}")
    line = order.lines[one.line - 1]
    if line.status not in fits:
        raise Refused(f"line {one.line} is {line.status}, not one of {sorted(fits)}")
    if one.qty is None or one.qty == line.qty:
        return line
    if one.qty > line.qty:
        raise Refused(f"line {one.line} has only {line.qty} pieces")
    part = line.model_copy(update={"no": len(order.lines) + 1, "key": account.number("line"), "qty": one.qty})
    line.qty -= one.qty
    order.append(part)
    account.touch(order, "CORDERL", str(part.key))
    return part


def ship(account: PixiAccount, order: Order, data: ShipIn) -> Invoice:
    """Ship lines and invoice them; refused while the order or its customer is locked."""
    if order.locked:
        raise Refused(f"order {order.nr} is locked")
    if account.state.customers[order.cust_key].locked:
        raise Refused(f"customer {order.cust_key} is locked")
    lines = pick(account, order, data.lines, SHIPPABLE)
    goods = sum(line.total for line in lines)
    ship_cost = order.ship_cost - order.ship_cost_invoiced if data.ship_cost else 0
    discount = max(0, min(order.discount - order.discount_invoiced, goods + ship_cost))
    order.ship_cost_invoiced += ship_cost
    order.discount_invoiced += discount
    total = goods + ship_cost - discount if data.total_minor is None else money.from_minor(data.total_minor)
    extras = [("ZZZSHIP", "Versandkosten", ship_cost), ("ZZZDISCOUNT", "Rabatt", -discount)]
    invoice = _document(account, order, "R", total, lines=lines, status="AUS", extras=extras)
    _move(account, order, lines, "AUS", invoice.nr)
    account.touch(order, "SORDER", invoice.nr)
    _pay_by_itself(account, order, invoice)
    return invoice


def _pay_by_itself(account: PixiAccount, order: Order, invoice: Invoice) -> None:
    """What the settings of the payment type do to a new invoice, before anybody took money."""
    kind = account.payment_type(order.payment_code)
    if order.paid_at_import:
        invoice.paid, invoice.paid_sum, invoice.paid_at = True, invoice.total, account.now()
    elif kind is not None and kind.clears:
        ledger.book(account, invoice.cust_key, "PAY", invoice.total, comment="automatic", invoice=invoice)


def cancel(account: PixiAccount, order: Order, data: CancelIn) -> None:
    """Cancel lines; a part of a bundle that cannot be delivered takes the rest of the bundle along."""
    lines = pick(account, order, data.lines, UNDECIDED)
    if data.status == "NLB":
        bundles = {line.bundle for line in lines} - {""}
        lines += [one for one in order.lines if one.bundle in bundles and one.status in UNDECIDED and one not in lines]
    _move(account, order, lines, data.status)


def reopen(account: PixiAccount, order: Order, data: ReopenIn) -> None:
    """Lines of a closed order are accepted once more: those named, else every cancelled one."""
    if order.status != "CLOSED":
        raise Refused(f"order {order.nr} is not closed")
    _move(account, order, pick(account, order, data.lines, CANCELLED if data.lines is None else LINE_STATUSES), "ANG")


def set_status(account: PixiAccount, order: Order, data: StatusIn) -> None:
    """Put lines into any status by hand."""
    _move(account, order, pick(account, order, data.lines, LINE_STATUSES), data.status)


def take_back(account: PixiAccount, order: Order, data: ReturnIn) -> Invoice:
    """The returns wizard: lines become RET and a credit note is written over them."""
    lines = pick(account, order, data.lines, ["AUS"])
    whole = data.refund_shipping is True
    shipping = order.ship_cost if whole else money.from_minor(int(data.refund_shipping))
    less = money.from_minor(data.fee + data.voucher_minor)
    total = sum(line.total for line in lines) + shipping - less
    if data.total_minor is not None:
        total = money.from_minor(data.total_minor)
    extras = [("ZZZSHIP", "Versandkosten", shipping), ("ZZZFEE", "Abzug", -less)]
    credit = _document(account, order, "G", total, lines=lines, status="RET", extras=extras)
    _move(account, order, lines, "RET")
    for line in lines:
        line.credit_nr = credit.nr
    if data.settled:
        settle(account, credit)
    return credit


def credit(account: PixiAccount, order: Order, data: CreditIn) -> Invoice:
    """A credit note made by hand; no line becomes returned by it."""
    amount = money.from_minor(data.amount_minor)
    lines = pick(account, order, data.lines, LINE_STATUSES) if data.lines is not None else []
    extras = [] if lines else [("ZZZCREDIT", data.note or "Gutschrift", amount)]
    note = _document(account, order, "G", amount, lines=lines, status="", extras=extras)
    note.note = account.text(data.note) or None
    if data.settled:
        settle(account, note)
    return note


def invoice_by_hand(account: PixiAccount, order: Order, data: InvoiceIn) -> Invoice:
    """An invoice made by hand; nothing of the order is shipped by it."""
    amount = money.from_minor(data.amount_minor)
    extras = [] if data.sku else [("ZZZINVOICE", data.note or "Rechnung", amount)]
    invoice = _document(account, order, "R", amount, lines=[], status="AUS", extras=extras)
    if data.sku is not None:
        if data.sku not in account.state.items:
            add_item(account, data.sku, data.sku, amount, "H")
        invoice.lines.append(_loose_line(account, data.sku, data.note or data.sku, amount, "AUS"))
    invoice.note = account.text(data.note) or None
    invoice.shipped_at = account.now() if data.shipped else None
    if data.settled:
        settle(account, invoice)
    return invoice


def replace(account: PixiAccount, order: Order, data: ExchangeIn) -> Order:
    """The replacement order for lines that came back."""
    return exchange(account, order, data, pick(account, order, data.returned, ["RET"]))


def settle(account: PixiAccount, invoice: Invoice, data: SettleIn = SettleIn()) -> None:
    """A person matches an invoice or credit note with money that came or went elsewhere, in part if told so."""
    open_amount = ledger.balance(account, invoice)
    if open_amount == 0:
        raise Refused(f"{invoice.nr} is already settled")
    wanted = abs(open_amount) if data.amount_minor is None else money.from_minor(data.amount_minor)
    event, amount = ("PAY", wanted) if open_amount < 0 else ("RFD", -wanted)
    ledger.book(account, invoice.cust_key, event, amount, comment="manual", invoice=invoice)
    account.touch(account.state.orders[invoice.order_nr])


def _move(account: PixiAccount, order: Order, lines: list[Line], status: str, invoice_nr: str | None = None) -> None:
    now = account.now()
    for line in lines:
        order.move(line, status, now)
        line.invoice_nr = invoice_nr or line.invoice_nr
        account.touch(order, "UORDERL", str(line.key))


def _document(
    account: PixiAccount,
    order: Order,
    kind: str,
    total: int,
    *,
    lines: list[Line],
    status: str,
    extras: list[tuple[str, str, int]],
) -> Invoice:
    now = account.now()
    invoice = Invoice(
        key=account.number("document"),
        nr=f"{order.shop.upper()}{account.number(f'invoice {order.shop}'):07d}",
        type=kind,
        order_nr=order.nr,
        cust_key=order.cust_key,
        shop=order.shop,
        payment_code=order.payment_code,
        currency=order.currency,
        total=total,
        created_at=now,
        updated_at=now,
        shipped_at=now if kind == "R" else None,
        lines=[_invoice_line(account, line, status or line.status) for line in lines],
    )
    for sku, name, amount in extras:
        if amount:
            invoice.lines.append(_loose_line(account, sku, name, amount, status or "AUS", special=True))
    account.state.invoices[invoice.nr] = invoice
    order.invoices.append(invoice.nr)
    ledger.post_document(account, invoice)
    account.touch(order, "IORDER", invoice.nr)
    return invoice


def _loose_line(
    account: PixiAccount, sku: str, name: str, amount: int, status: str, *, special: bool = False
) -> InvoiceLine:
    """A line of a document that stands for no line of the order."""
    return InvoiceLine(
        key=account.number("invoice line"),
        line_key=None,
        sku=sku,
        name=name,
        qty=1,
        price=amount,
        vat="H",
        status=status,
        special=special,
    )


def _invoice_line(account: PixiAccount, line: Line, status: str) -> InvoiceLine:
    return InvoiceLine(
        key=account.number("invoice line"),
        line_key=line.key,
        sku=line.sku,
        name=line.name,
        qty=line.qty,
        price=line.price,
        vat=line.vat,
        status=status,
    )
