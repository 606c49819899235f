"""Capturing: a charge on the authorization."""

from dataclasses import dataclass
from typing import ClassVar

from adapters.unzer.answers import Answer
from adapters.unzer.mapping import STATE_CANCELED, SUCCESS, Listed, may_have_lapsed, refusal, to_wire
from adapters.unzer.once import Once, Ours, Step, bears, told
from adapters.unzer.payment import Payment, Transaction
from domain import reasons
from domain.ports import CaptureRequest


@dataclass(frozen=True)
class Capture(Once):
    """One capture. The first one goes out unseen: the provider knows best what is left."""

    request: CaptureRequest

    looks_first: ClassVar[bool] = False
    one_request: ClassVar[bool] = True

    @property
    def currency(self) -> str:
        return self.request.currency

    def is_complete(self, ours: Ours) -> bool:
        return bool(ours.effects)

    def could_be_ours(self, listed: Transaction) -> bool:
        return listed.kind is Listed.CHARGE and listed.amount_minor == self.request.amount_minor

    def is_ours(self, answer: Answer) -> bool:
        return bears(answer, self.request.reference)

    def steps(self, payment: Payment | None, ours: Ours) -> tuple[Step, ...]:
        body = told(
            amount=to_wire(self.request.amount_minor, self.request.currency),
            orderId=self.request.order_reference,
            invoiceId=self.request.invoice_no,
            paymentReference=self.request.reference,
        )
        return (Step("charges", body),)

    def refusal_reason(self, answer: Answer, payment: Payment | None) -> str:
        if payment is not None and not payment.holds:
            return reasons.UNSUPPORTED
        if payment is not None and _lapsed(payment, answer, self.request.amount_minor):
            return reasons.EXPIRED
        if payment is not None and payment.remaining < self.request.amount_minor:
            return reasons.EXCEEDS
        return refusal(answer.codes)[1]


def _lapsed(payment: Payment, answer: Answer, amount_minor: int) -> bool:
    """Whether the hold is gone: the provider has no code for it, so the refusal is held against what should be left.

    A payment that was canceled counts too, for nothing that is voided is captured. What never was a hold cannot lapse.
    """
    if all(hold.status != SUCCESS for hold in payment.holds):
        return False
    if payment.state == STATE_CANCELED or payment.total == 0:
        return True
    return payment.remaining >= amount_minor and may_have_lapsed(answer.codes)
