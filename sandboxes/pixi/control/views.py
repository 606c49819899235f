"""Orders, invoices and customers as JSON for tests; money in minor units."""

from typing import Any

from sandboxes.pixi import ledger
from sandboxes.pixi.account import PixiAccount
from sandboxes.pixi.money import to_minor
from sandboxes.pixi.state import AccountEvent, Comment, Invoice, Order


def brief(order: Order) -> dict[str, Any]:
    """One row of a list: cheap, whatever the number of lines."""
    return {
        "order_nr": order.nr,
        "order_nr_external": order.external,
        "shop_id": order.shop,
        "status": order.status,
        "payment_code": order.payment_code,
        "kk_id": order.pay_id,
        "locked": order.locked,
        "line_counts": {status: count for status, count in sorted(order.tally.items()) if count},
        "invoices": list(order.invoices),
        "updated_at": order.updated_at.isoformat(),
    }


def imported(account: PixiAccount, order: Order) -> dict[str, Any]:
    """What the import hook answers: numbers and totals."""
    return {
        "order_nr": order.nr,
        "order_nr_external": order.external,
        "shop_id": order.shop,
        "cust_key": order.cust_key,
        "addr_key": order.addr_key,
        "payment_code": order.payment_code,
        "kk_id": order.pay_id,
        "currency": order.currency,
        "status": order.status,
        "lines": len(order.lines),
        "total_minor": to_minor(order.total),
        "ship_cost_minor": to_minor(order.ship_cost),
        "discount_minor": to_minor(order.discount),
    }


def full(account: PixiAccount, order: Order) -> dict[str, Any]:
    """Everything about an order, its customer's account included."""
    customer = account.state.customers[order.cust_key]
    log = next((one for one in account.state.imports if one.id == order.external and one.type == "order"), None)
    return {
        **imported(account, order),
        "auth_code": order.auth_code,
        "fail_tries": order.fail_tries,
        "locked": order.locked,
        "lock_reason": order.lock_reason,
        "shop_note": order.shop_note,
        "created_at": order.created_at.isoformat(),
        "updated_at": order.updated_at.isoformat(),
        "customer": {
            "key": customer.key,
            "external_nr": customer.external,
            "locked": customer.locked,
            "comments": comments(customer.comments),
        },
        "address": account.address_of(order).model_dump(),
        "lines": [
            {
                "line": line.no,
                "key": line.key,
                "sku": line.sku,
                "name": line.name,
                "qty": line.qty,
                "price_minor": to_minor(line.price),
                "vat": line.vat,
                "status": line.status,
                "invoice_nr": line.invoice_nr,
                "credit_nr": line.credit_nr,
            }
            for line in order.lines
        ],
        "comments": comments(order.comments),
        "invoices": [document(account, one) for one in account.invoices_of(order)],
        "account_events": [event(one) for one in account.events_of(order.cust_key)],
        "import_log": log.model_dump(mode="json") if log is not None else None,
    }


def comments(found: list[Comment]) -> list[dict[str, Any]]:
    return [one.model_dump(mode="json") for one in found]


def document(account: PixiAccount, invoice: Invoice) -> dict[str, Any]:
    """An invoice (type R) or credit note (type G); `balance_minor` is 0 when it is settled exactly."""
    return {
        "invoice_nr": invoice.nr,
        "invoice_key": invoice.key,
        "type": invoice.type,
        "order_nr": invoice.order_nr,
        "currency": invoice.currency,
        "total_minor": to_minor(invoice.total),
        "paid": invoice.paid,
        "paid_sum_minor": to_minor(invoice.paid_sum),
        "fail_tries": invoice.fail_tries,
        "created_at": invoice.created_at.isoformat(),
        "shipped_at": invoice.shipped_at.isoformat() if invoice.shipped_at else None,
        "note": invoice.note,
        "balance_minor": to_minor(ledger.balance(account, invoice)),
        "booked": [event(one) for one in ledger.matches(account, invoice)],
        "lines": [
            {"sku": line.sku, "qty": line.qty, "price_minor": to_minor(line.price), "status": line.status}
            for line in invoice.lines
        ],
    }


def event(entry: AccountEvent) -> dict[str, Any]:
    return {
        "key": entry.key,
        "event": entry.event,
        "amount_minor": to_minor(entry.amount),
        "matched_minor": to_minor(entry.matched),
        "document": entry.document,
        "match_invoice": entry.match_invoice,
        "match_key": entry.match_key,
        "comment": entry.comment,
        "reference": entry.reference,
        "at": entry.at.isoformat(),
    }
