"""What people in the warehouse and in customer service do: ship, cancel, take back, credit.

Only hooks come here; each function notes the order as changed and books documents into the customer account.
"""

from collections.abc import Iterable

from sandboxes.pixi import ledger, money
from sandboxes.pixi.account import PixiAccount
from sandboxes.pixi.inputs import CancelIn, CreditIn, Pick, ReturnIn, ShipIn, StatusIn
from sandboxes.pixi.ordering import Refused
from sandboxes.pixi.state import LINE_STATUSES, SHIPPABLE, UNDECIDED, Invoice, InvoiceLine, Line, Order


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
    return invoice


def cancel(account: PixiAccount, order: Order, data: CancelIn) -> None:
    _move(account, order, pick(account, order, data.lines, UNDECIDED), data.status)


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
    """A credit note made by hand; no line is returned."""
    amount = money.from_minor(data.amount_minor)
    extras = [("ZZZCREDIT", data.note or "Gutschrift", amount)]
    note = _document(account, order, "G", amount, lines=[], status="", extras=extras)
    note.note = account.text(data.note) or None
    if data.settled:
        settle(account, note)
    return note


def settle(account: PixiAccount, invoice: Invoice) -> None:
    """A person matches an invoice or credit note with money that came or went elsewhere."""
    open_amount = ledger.balance(account, invoice)
    if open_amount == 0:
        raise Refused(f"{invoice.nr} is already settled")
    event = "PAY" if open_amount < 0 else "RFD"
    ledger.book(account, invoice.cust_key, event, -open_amount, comment="manual", invoice=invoice)
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
        lines=[_invoice_line(account, line, status) for line in lines],
    )
    for sku, name, amount in extras:
        if amount:
            invoice.lines.append(
                InvoiceLine(
                    key=account.number("invoice line"),
                    line_key=None,
                    sku=sku,
                    name=name,
                    qty=1,
                    price=amount,
                    vat="H",
                    status=status or "AUS",
                    special=True,
                )
            )
    account.state.invoices[invoice.nr] = invoice
    order.invoices.append(invoice.nr)
    ledger.post_document(account, invoice)
    account.touch(order, "IORDER", invoice.nr)
    return invoice


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
