"""Giving money back: what the customer still owes first, then what was taken."""

from dataclasses import dataclass

from adapters.unzer.answers import Answer
from adapters.unzer.mapping import CANCELS, WHY, to_wire
from adapters.unzer.once import Once, Ours, Step, bears, told
from adapters.unzer.payment import Charge, Payment, Transaction, owed, refundable, snapshot, still_charged
from domain import reasons
from domain.payment_methods import Extent, method
from domain.ports import RefundRequest

WHOLE = "charges"  # where the payment as a whole is refunded
_REVERSALS = "authorize/"


@dataclass(frozen=True)
class Refund(Once):
    """One refund, in as many cancels as it takes to give back exactly what was asked for."""

    request: RefundRequest

    @property
    def currency(self) -> str:
        return self.request.currency

    def is_complete(self, ours: Ours) -> bool:
        return ours.amount_minor >= self.request.amount_minor

    def could_be_ours(self, listed: Transaction) -> bool:
        if listed.kind not in CANCELS or listed.place.startswith(_REVERSALS):
            return False
        return listed.amount_minor <= self.request.amount_minor

    def is_ours(self, answer: Answer) -> bool:
        return bears(answer, self.request.reference)

    def steps(self, payment: Payment | None, ours: Ours) -> tuple[Step, ...]:
        assert payment is not None
        missing = self.request.amount_minor - ours.amount_minor
        row = method(payment.type.method)
        if row is None or row.refund is Extent.NONE or payment.currency != self.request.currency:
            raise self.declined(reasons.UNSUPPORTED, ours)
        sources = _sources(payment)
        available = sum(one.amount_minor for one in sources)
        if missing > available:
            charged_back = snapshot(payment, self.clock()).charged_back_minor
            enough = missing <= available + charged_back
            raise self.declined(reasons.CHARGED_BACK if enough else reasons.EXCEEDS, ours)
        found = []
        for source in sources:
            part = min(missing, source.amount_minor)
            if part > 0:
                found.append(Step(f"{source.place}/cancels", self._body(part)))
                missing -= part
        return tuple(found)

    def _body(self, amount_minor: int) -> dict[str, str]:
        return told(
            amount=to_wire(amount_minor, self.request.currency),
            orderId=self.request.order_reference,
            invoiceId=self.request.document_no,
            paymentReference=self.request.reference,
            reasonCode=WHY[self.request.cause],
        )


def _sources(payment: Payment) -> tuple[Charge, ...]:
    """Where money can be given back from, in the order in which it is."""
    if payment.type.refunded_as_a_whole:
        return (Charge(WHOLE, still_charged(payment)),)
    claim = owed(payment)
    return (*(() if claim is None else (claim,)), *refundable(payment))
