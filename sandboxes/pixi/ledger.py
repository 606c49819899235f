"""The customer account: what is posted, with which sign, and what settles what.

An invoice is negative, a credit note positive; a booking settles one when both add up to zero. Booking twice is
possible, as in the real thing, and shows as a balance that is not zero.
"""

from datetime import datetime

from sandboxes.pixi.account import PixiAccount
from sandboxes.pixi.state import AccountEvent, Invoice

DOCUMENT_EVENTS = {"R": "INV", "G": "CRE"}


def post_document(account: PixiAccount, invoice: Invoice) -> AccountEvent:
    """The entry that an invoice or credit note makes by itself."""
    amount = -invoice.total if invoice.type == "R" else invoice.total
    return _post(account, invoice.cust_key, DOCUMENT_EVENTS[invoice.type], amount, document=invoice.nr)


def _post(account: PixiAccount, cust_key: int, event: str, amount: int, *, document: str | None = None) -> AccountEvent:
    now = account.now()
    currency = account.state.invoices[document].currency if document in account.state.invoices else "EUR"
    entry = AccountEvent(
        key=account.number("event"),
        cust_key=cust_key,
        event=event,
        amount=amount,
        at=now,
        created_at=now,
        comment="",
        reference=document or "",
        currency=currency,
        document=document,
    )
    account.add_event(entry)
    return entry


def book(
    account: PixiAccount,
    cust_key: int,
    event: str,
    amount: int,
    *,
    comment: str = "",
    reference: str = "",
    at: datetime | None = None,
    invoice: Invoice | None = None,
    match_key: int | None = None,
) -> AccountEvent:
    """Post a signed amount and match it to a document or to another entry of the same account."""
    target = document_event(account, invoice) if invoice is not None else entry_by_key(account, cust_key, match_key)
    open_before = balance_of(account, target) if target is not None else 0
    entry = _post(account, cust_key, event, amount)
    entry.comment, entry.reference = comment, reference
    entry.at = at or entry.at
    entry.match_key = target.key if target is not None else None
    if target is not None and target.document is not None:
        entry.match_invoice = target.document
        entry.currency = target.currency
    if open_before * amount < 0:
        entry.matched = min(abs(open_before), abs(amount)) * (1 if amount > 0 else -1)
    if invoice is None and entry.match_invoice:
        invoice = account.invoice(entry.match_invoice)
    if invoice is not None:
        _refresh(account, invoice)
    return entry


def _refresh(account: PixiAccount, invoice: Invoice) -> None:
    """Paid sum and paid flag follow from what was matched."""
    total = sum(one.amount for one in matches(account, invoice))
    invoice.paid_sum = total if invoice.type == "R" else -total
    invoice.paid = invoice.paid_sum >= invoice.total
    invoice.updated_at = account.now()
    invoice.paid_at = invoice.updated_at if invoice.paid else None


def document_event(account: PixiAccount, invoice: Invoice) -> AccountEvent:
    return next(one for one in account.events_of(invoice.cust_key) if one.document == invoice.nr)


def entry_by_key(account: PixiAccount, cust_key: int, key: int | None) -> AccountEvent | None:
    return next((one for one in account.events_of(cust_key) if key is not None and one.key == key), None)


def matches(account: PixiAccount, invoice: Invoice) -> list[AccountEvent]:
    """The bookings that were matched to an invoice or credit note, oldest first."""
    return [one for one in account.events_of(invoice.cust_key) if one.match_invoice == invoice.nr]


def balance_of(account: PixiAccount, entry: AccountEvent) -> int:
    """What is still open of an entry: zero is settled, a sign opposite to the entry's is matched too much."""
    return entry.amount + sum(one.amount for one in account.events_of(entry.cust_key) if one.match_key == entry.key)


def balance(account: PixiAccount, invoice: Invoice) -> int:
    return balance_of(account, document_event(account, invoice))
