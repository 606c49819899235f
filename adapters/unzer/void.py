"""Giving back what is held, or claiming no longer what is owed."""

from dataclasses import dataclass

from adapters.unzer.answers import Answer
from adapters.unzer.mapping import CANCELS, ERROR, PENDING, WHY, Listed, to_wire
from adapters.unzer.once import Once, Ours, Step, Stop, bears, told
from adapters.unzer.payment import Payment, Transaction, owed, standing
from domain import reasons
from domain.facts import Standing
from domain.outcomes import OperationResult, Outcome
from domain.payment_methods import method
from domain.ports import VoidRequest


@dataclass(frozen=True)
class Void(Once):
    """One void of all that is left: the authorization is reversed, or the rest of the first charge cancelled."""

    request: VoidRequest

    @property
    def currency(self) -> str:
        return self.request.currency

    def is_complete(self, ours: Ours) -> bool:
        return bool(ours.effects)

    def could_be_ours(self, listed: Transaction) -> bool:
        return listed.kind in CANCELS

    def is_ours(self, answer: Answer) -> bool:
        return bears(answer, self.request.reference)

    def steps(self, payment: Payment | None, ours: Ours) -> tuple[Step, ...]:
        assert payment is not None
        if payment.remaining <= 0 or standing(payment) in (Standing.VOIDED, Standing.DECLINED):
            raise self.nothing_left(payment.currency)
        claim = owed(payment)
        left = self._reversible(payment) if claim is None else claim.amount_minor
        if left <= 0:  # what is on its way decides how much is left
            raise Stop(OperationResult(Outcome.NOT_SENT, reasons.TOO_EARLY))
        place = "authorize/cancels" if claim is None else f"{claim.place}/cancels"
        body = told(
            amount=to_wire(left, payment.currency),
            orderId=self.request.order_reference,
            paymentReference=self.request.reference,
            reasonCode="" if claim is None else WHY[self.request.cause],
        )
        return (Step(place, body),)

    def _reversible(self, payment: Payment) -> int:
        """What can be reversed of the authorization, nothing as long as a part of it is on its way."""
        row = method(payment.type.method)
        captures = [one for one in payment.of(Listed.CHARGE) if one.status != ERROR]
        if not payment.holds or row is None or (captures and not row.void_after_capture):
            raise self.declined(reasons.UNSUPPORTED)
        waiting = [*captures, *payment.of(Listed.CANCEL_AUTHORIZE)]
        return 0 if any(one.status == PENDING for one in waiting) else payment.remaining
