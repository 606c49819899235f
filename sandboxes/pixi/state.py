"""What an account keeps: orders with lines, invoices, customers, addresses, booked events, the import log.

Plain data with the few questions that follow from one object alone. Money is in ten-thousandths, instants in UTC.
"""

from collections import Counter
from datetime import datetime

from pydantic import BaseModel, Field, PrivateAttr

UNDECIDED = ("NEW", "HAL", "ANG", "BES", "EIN", "FUT")
SHIPPABLE = ("ANG", "BES", "FUT", "EIN")
CANCELLED = ("STO", "NLB")
LINE_STATUSES = (*UNDECIDED, "AUS", "RET", "MIN", *CANCELLED)
MAX_FAIL_TRIES = 3  # above, a record leaves the payment lists


class Line(BaseModel):
    no: int
    key: int
    sku: str
    name: str
    qty: int
    price: int
    vat: str
    status: str
    changed_at: datetime
    bundle: str = ""
    invoice_nr: str | None = None
    credit_nr: str | None = None

    @property
    def total(self) -> int:
        return self.qty * self.price


class Comment(BaseModel):
    at: datetime
    user: str
    text: str


class Order(BaseModel):
    nr: int
    external: str
    shop: str
    payment_code: str
    currency: str
    cust_key: int
    addr_key: int
    ship_addr_key: int
    ship_cost: int
    discount: int
    ordered_at: datetime
    created_at: datetime
    updated_at: datetime
    lines: list[Line]
    pay_id: str | None = None
    auth_code: str | None = None
    fail_tries: int = 0
    locked: bool = False
    lock_reason: str = ""
    shop_note: str | None = None
    paid_at_import: bool = False
    ship_cost_invoiced: int = 0
    discount_invoiced: int = 0
    comments: list[Comment] = Field(default_factory=list)
    invoices: list[str] = Field(default_factory=list)

    _tally: Counter[str] | None = PrivateAttr(default=None)

    @property
    def tally(self) -> Counter[str]:
        """How many lines stand in which status; kept beside the lines, because long orders are asked often."""
        if self._tally is None:
            self._tally = Counter(line.status for line in self.lines)
        return self._tally

    def move(self, line: Line, status: str, at: datetime) -> None:
        self.tally[line.status] -= 1
        self.tally[status] += 1
        line.status = status
        line.changed_at = at

    def append(self, line: Line) -> None:
        self.tally[line.status] += 1
        self.lines.append(line)

    def any_in(self, *statuses: str) -> bool:
        return any(self.tally[status] > 0 for status in statuses)

    @property
    def status(self) -> str:
        """HOLD, OPEN or CLOSED; the database itself has no such column."""
        if not self.any_in(*UNDECIDED):
            return "CLOSED"
        return "OPEN" if self.any_in("ANG", "BES", "EIN", "FUT") else "HOLD"

    @property
    def total(self) -> int:
        return sum(line.total for line in self.lines) + self.ship_cost - self.discount


class InvoiceLine(BaseModel):
    key: int
    line_key: int | None
    sku: str
    name: str
    qty: int
    price: int
    vat: str
    status: str
    special: bool = False


class Invoice(BaseModel):
    """An invoice (type R) or a credit note (type G); both live in the same tables with their own numbers."""

    key: int
    nr: str
    type: str
    order_nr: int
    cust_key: int
    shop: str
    payment_code: str
    currency: str
    total: int
    created_at: datetime
    updated_at: datetime
    shipped_at: datetime | None
    lines: list[InvoiceLine]
    paid: bool = False
    paid_sum: int = 0
    paid_at: datetime | None = None
    fail_tries: int = 0
    note: str | None = None


class AccountEvent(BaseModel):
    """One entry of a customer account: an invoice is negative, a payment positive."""

    key: int
    cust_key: int
    event: str
    amount: int
    at: datetime
    created_at: datetime
    comment: str
    reference: str
    currency: str
    document: str | None = None  # the invoice or credit note this entry stands for
    match_invoice: str | None = None  # the invoice or credit note it settles
    match_key: int | None = None  # the entry it settles
    matched: int = 0  # how much of its amount found something open


class Address(BaseModel):
    key: int
    cust_key: int
    type: str = "B"
    first_name: str = ""
    last_name: str = ""
    salutation: str = ""
    title: str = ""
    care_of: str = ""
    street: str = ""
    house_nr: str = ""
    zip: str = ""
    city: str = ""
    country: str = "D"
    phone: str = ""
    fax: str = ""
    email: str = ""
    vat_id: str = ""
    note: str = ""
    iban: str = ""
    bic: str = ""
    blz: str = ""
    account: str = ""
    bank_name: str = ""
    account_holder: str = ""


class Customer(BaseModel):
    key: int
    external: str
    shop: str
    addr_key: int
    locked: bool = False
    comments: list[Comment] = Field(default_factory=list)


class Item(BaseModel):
    key: int
    sku: str
    name: str
    price: int
    vat: str
    ean: str


class ImportLog(BaseModel):
    key: int
    id: str
    type: str
    status: str
    request: str
    response: str
    error: str | None
    created_at: datetime
    updated_at: datetime


class Change(BaseModel):
    order_nr: int
    type: str
    at: datetime
    param1: str | None = None


class State(BaseModel):
    orders: dict[int, Order] = Field(default_factory=dict)
    invoices: dict[str, Invoice] = Field(default_factory=dict)
    customers: dict[int, Customer] = Field(default_factory=dict)
    addresses: dict[int, Address] = Field(default_factory=dict)
    events: list[AccountEvent] = Field(default_factory=list)
    items: dict[str, Item] = Field(default_factory=dict)
    imports: list[ImportLog] = Field(default_factory=list)
    changes: list[Change] = Field(default_factory=list)
    numbers: dict[str, int] = Field(default_factory=dict)
