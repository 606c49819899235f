"""Payments and their transactions, as one account keeps them. No rules here, see `books` and `operations`."""

from dataclasses import dataclass, field
from typing import Any

from sandboxes.unzer.rules import TypeRule, rule_of_type_id

PENDING, COMPLETED, CANCELED, PARTLY, REVIEW, CHARGEBACK, CREATE = range(7)
STATE_NAMES = ("pending", "completed", "canceled", "partly", "payment review", "chargeback", "create")
STATE_EVENTS = ("pending", "completed", "canceled", "partly", "payment_review", "chargeback", "")


@dataclass
class Transaction:
    """One transaction. `path` is its place below the payment, for example `charges/s-chg-1/cancels/s-cnl-1`."""

    id: str
    kind: str  # as in the payment's list: authorize, charge, cancel-authorize, cancel-charge, shipment, chargeback
    path: str
    status: str  # success, pending, error
    amount: int
    date: str
    charge_id: str = ""  # the charge it belongs to, where it belongs to one
    code: str = "COR.000.100.112"
    order_id: str = ""
    invoice_id: str = ""
    payment_reference: str = ""
    return_url: str = ""
    redirect_url: str = ""
    card3ds: bool = False
    reason_code: str = ""
    additional: dict[str, Any] = field(default_factory=dict)
    processing: dict[str, str] = field(default_factory=dict)

    def dump(self) -> dict[str, Any]:
        return dict(self.__dict__)


@dataclass
class Payment:
    """One payment with its four amounts in minor units and its transactions in the order of their creation."""

    id: str
    public_key: str
    type_id: str
    currency: str
    created: str
    trace_id: str
    total: int = 0
    charged: int = 0
    canceled: int = 0
    remaining: int = 0
    state: int = CREATE
    order_id: str = ""
    invoice_id: str = ""
    customer_id: str = ""
    basket_id: str = ""
    metadata_id: str = ""
    pay_page_id: str = ""
    expired_code: str = ""  # set once the authorization has expired; later captures are refused with it
    shipped: bool = False
    transactions: list[Transaction] = field(default_factory=list)

    @property
    def rule(self) -> TypeRule | None:
        return rule_of_type_id(self.type_id)

    @property
    def authorization(self) -> Transaction | None:
        return next((one for one in self.transactions if one.kind == "authorize"), None)

    def charges(self, *statuses: str) -> list[Transaction]:
        """Its charges, only those with one of `statuses` when any is given."""
        return [one for one in self.transactions if one.kind == "charge" and (not statuses or one.status in statuses)]

    def find(self, path: str) -> Transaction | None:
        return next((one for one in self.transactions if one.path == path), None)

    def under(self, charge_id: str, *kinds: str) -> int:
        """Sum of the successful transactions of these kinds that belong to one charge."""
        return sum(
            one.amount
            for one in self.transactions
            if one.charge_id == charge_id and one.kind in kinds and one.status == "success"
        )

    def leaving(self, *kinds: str, charge_id: str | None = None) -> int:
        """Sum of the cancels that are on their way, of one charge or of all: held back until they are decided."""
        return sum(
            one.amount
            for one in self.transactions
            if one.kind in kinds and one.status == "pending" and charge_id in (None, one.charge_id)
        )

    def next_number(self, prefix: str) -> int:
        """The next counter for transactions whose path starts with `prefix`, counted per parent."""
        return 1 + sum(1 for one in self.transactions if one.path.rpartition("/")[0] == prefix)

    def dump(self) -> dict[str, Any]:
        return {**self.__dict__, "transactions": [one.dump() for one in self.transactions]}

    @classmethod
    def restore(cls, data: dict[str, Any]) -> "Payment":
        transactions = [Transaction(**one) for one in data["transactions"]]
        return cls(**{**data, "transactions": transactions})
