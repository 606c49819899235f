"""The provider's payment resource, read strictly where money depends on it, and our picture of it."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from adapters.unzer.answers import bad_answer, part, text
from adapters.unzer.mapping import (
    CANCELS,
    ERROR,
    HOLDS,
    PENDING,
    STATE_CANCELED,
    STATE_REVIEW,
    STATUSES,
    SUCCESS,
    UNPRICED,
    Listed,
    NotAnAmount,
    PaymentType,
    payment_type,
    to_minor,
)
from domain.facts import PaymentSnapshot, Standing

PAYMENT_ID = re.compile(r"[sp]-pay-[A-Za-z0-9-]{1,64}")
_PLACE = re.compile(r"[A-Za-z0-9-]+(/[A-Za-z0-9-]+)*")
_CURRENCY = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True)
class Transaction:
    """One entry of a payment's list. `place` is its path below the payment, unique unlike its id; '' when the entry
    points elsewhere. `status` is '' when the list does not tell."""

    kind: Listed
    status: str
    amount_minor: int
    place: str


@dataclass(frozen=True)
class Payment:
    """The parts of a payment that count. Amounts in minor units; a reversal lowers total, a refund raises canceled."""

    id: str
    state: int
    currency: str
    type: PaymentType
    total: int
    charged: int
    canceled: int
    remaining: int
    transactions: tuple[Transaction, ...]

    @property
    def initiating(self) -> tuple[Transaction, ...]:
        """The transactions by which the payment came to be: its authorizations, else its first charge."""
        charges = self.of(Listed.CHARGE)
        if self.holds or not self.type.awaits_transfer:
            return self.holds or charges
        return charges[:1]  # what comes later are the customer's transfers

    @property
    def holds(self) -> tuple[Transaction, ...]:
        """Its authorizations; a payment without one was charged by the shop."""
        return tuple(one for one in self.transactions if one.kind in HOLDS)

    def of(self, kind: Listed) -> tuple[Transaction, ...]:
        """Its transactions of one kind, in the order of their counters."""
        return tuple(sorted((one for one in self.transactions if one.kind is kind), key=_counter))

    def with_status(self, changed: Transaction, status: str) -> "Payment":
        listed = tuple(replace(one, status=status) if one is changed else one for one in self.transactions)
        return replace(self, transactions=listed)


def payment_from(body: dict[str, Any]) -> Payment:
    """The payment in an answer. Raises CallFailed(BAD_ANSWER) when it cannot be relied on."""
    payment_id, currency, amounts = text(body, "id"), text(body, "currency"), part(body, "amount")
    if not payment_id or not _CURRENCY.fullmatch(currency):
        raise bad_answer()
    listed = body.get("transactions") or []
    if not isinstance(listed, list):
        raise bad_answer()
    total, charged, canceled, remaining = (
        _amount(amounts.get(name), currency, blank=not listed) for name in ("total", "charged", "canceled", "remaining")
    )
    read = (_transaction(one, payment_id, currency) for one in listed)
    return Payment(
        id=payment_id,
        state=_state(part(body, "state").get("id")),
        currency=currency,
        type=payment_type(text(part(body, "resources"), "typeId")),
        total=total,
        charged=charged,
        canceled=canceled,
        remaining=remaining,
        transactions=tuple(one for one in read if one is not None),
    )


def place_of(url: str, payment_id: str) -> str:
    """The path of a transaction below its payment, '' when the address lies anywhere else."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return ""
    home = f"/v1/payments/{payment_id}/"
    place = path.removeprefix(home)
    return place if path.startswith(home) and _PLACE.fullmatch(place) else ""


def snapshot(payment: Payment, as_of: datetime) -> PaymentSnapshot:
    """Our picture of the payment."""
    charged_back = _sum(payment.of(Listed.CHARGEBACK))
    return PaymentSnapshot(
        payment_id=payment.id,
        standing=standing(payment),
        as_of=as_of,
        method=payment.type.method,
        foreign_type="" if payment.type.method else payment.type.name,
        currency=payment.currency,
        total_minor=payment.total,
        captured_minor=payment.charged,
        refunded_minor=max(payment.canceled - charged_back, 0),
        remaining_minor=payment.remaining,
        received_minor=received(payment) if payment.type.awaits_transfer else 0,
        charged_back_minor=charged_back,
        under_review=payment.state == STATE_REVIEW,
        shipment_reported=any(one.status == SUCCESS for one in payment.of(Listed.SHIPMENT)),
    )


def standing(payment: Payment) -> Standing:
    """What the initiating transaction says (rule P10); the payment's own state never decides alone.

    A first charge that waits for a transfer is accepted although it is pending: that is its nature.
    """
    statuses = {one.status for one in payment.initiating}
    if not statuses:
        return Standing.PENDING  # a payment page was opened, nothing more
    if statuses == {ERROR}:
        return Standing.DECLINED
    if payment.total == 0:
        return Standing.VOIDED
    if SUCCESS not in statuses:
        return Standing.ACCEPTED if payment.type.awaits_transfer else Standing.PENDING
    untouched = payment.charged == payment.canceled == 0
    return Standing.VOIDED if payment.state == STATE_CANCELED and untouched else Standing.ACCEPTED


def received(payment: Payment) -> int:
    """What the customer has transferred and not got back.

    Transfers are the charges after the first one. A first charge that has itself become successful counts only while
    it is alone, and never more than the payment says was charged: goods are released upon this sum.
    """
    first, *transfers = payment.of(Listed.CHARGE) or (None,)
    counted = [one for one in transfers if one is not None]
    if not counted and first is not None and first.status == SUCCESS:
        counted = [first]
    places = {one.place for one in counted}
    waiting = first.place if first is not None and first.place not in places else ""
    given_back = [one for one in payment.of(Listed.CANCEL_CHARGE) if not _under(one.place, waiting)]
    return max(min(_sum(counted) - _sum(given_back), payment.charged), 0)


@dataclass(frozen=True)
class Charge:
    """What can still be given back of one charge; `place` is its path below the payment."""

    place: str
    amount_minor: int


def owed(payment: Payment) -> Charge | None:
    """The claim that still waits for the customer's transfer, with what can be cancelled of it; None without one.

    Raises CallFailed(BAD_ANSWER) when it lies where it cannot be reached.
    """
    first = next(iter(payment.initiating), None)
    if not payment.type.awaits_transfer or payment.holds or first is None or first.status != PENDING:
        return None
    if not first.place:
        raise bad_answer()
    cancels = (one for one in payment.transactions if one.kind in CANCELS and _under(one.place, first.place))
    leaving = sum(one.amount_minor for one in cancels if one.status == PENDING)
    return Charge(first.place, max(payment.remaining - leaving, 0))


def still_charged(payment: Payment) -> int:
    """What the payment says is charged, less the refunds that are on their way."""
    leaving = (one.amount_minor for one in payment.of(Listed.CANCEL_CHARGE) if one.status == PENDING)
    return max(payment.charged - sum(leaving), 0)


def refundable(payment: Payment) -> tuple[Charge, ...]:
    """The successful charges from the first to the last, each with what it still holds.

    All together they hold no more than the payment says is charged: of two numbers the smaller one counts. Raises
    CallFailed(BAD_ANSWER) when a charge lies where it cannot be reached.
    """
    charges = payment.of(Listed.CHARGE)
    if payment.type.awaits_transfer and not payment.holds and len(charges) > 1:
        charges = charges[1:]  # the transfers, for which the first charge only waited
    left = still_charged(payment)
    found = []
    for charge in (one for one in charges if one.status not in (ERROR, PENDING)):
        if not charge.place:
            raise bad_answer()
        gone = [
            one.amount_minor
            for one in payment.transactions
            if one.kind in (Listed.CANCEL_CHARGE, Listed.CHARGEBACK)
            and one.status != ERROR
            and _under(one.place, charge.place)
        ]
        holds = min(charge.amount_minor - sum(gone), left)
        if holds > 0:
            found.append(Charge(charge.place, holds))
            left -= holds
    return tuple(found)


def _counter(transaction: Transaction) -> int:
    number = transaction.place.rpartition("-")[2]
    return int(number) if number.isascii() and number.isdigit() and len(number) < 9 else 0


def _under(place: str, parent: str) -> bool:
    return bool(parent) and place.startswith(f"{parent}/")


def _sum(transactions: tuple[Transaction, ...] | list[Transaction]) -> int:
    return sum(one.amount_minor for one in transactions if one.status not in (ERROR, PENDING))


def _transaction(entry: object, payment_id: str, currency: str) -> Transaction | None:
    if not isinstance(entry, dict):
        raise bad_answer()
    try:
        kind = Listed(text(entry, "type"))
    except ValueError:
        return None  # a kind that we do not count
    status = STATUSES.get(text(entry, "status"), "")
    amount = _amount(entry.get("amount"), currency, blank=kind in UNPRICED)
    return Transaction(kind, status, amount, place_of(text(entry, "url"), payment_id))


def _amount(value: object, currency: str, *, blank: bool) -> int:
    if blank and value in (None, ""):
        return 0
    try:
        return to_minor(value, currency)
    except NotAnAmount:
        raise bad_answer() from None


def _state(value: object) -> int:
    named = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return int(named) if re.fullmatch(r"[0-9]{1,2}", named) else -1
