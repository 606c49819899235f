"""Capturing once. The provider has no idempotency keys, so what may already have happened is looked for first.

Our reference travels as the payment reference of the charge. It does not appear in the payment's list of
transactions: each charge that could be ours is read for itself.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from adapters.unzer.answers import IDENTIFIER, Answer, CallFailed, bad_answer, flag, text
from adapters.unzer.calls import Calls
from adapters.unzer.mapping import (
    ERROR,
    PENDING,
    STATE_CANCELED,
    SUCCESS,
    Listed,
    NotAnAmount,
    may_have_lapsed,
    refusal,
    to_minor,
    to_wire,
)
from adapters.unzer.payment import Payment
from domain import reasons
from domain.errors import NotSent
from domain.outcomes import Evidence, OperationResult, Outcome
from domain.ports import CaptureRequest, Earlier, SendPermit

_OUTCOMES = {PENDING: (Outcome.PENDING, reasons.WAITING), ERROR: (Outcome.DECLINED, reasons.REFUSED)}
_DONE = (Outcome.SUCCEEDED, "")


@dataclass(frozen=True)
class _Found:
    """Our charges on a payment: the one that counts, and how many were refused."""

    effect: OperationResult | None
    refused: tuple[Answer, ...]


@dataclass(frozen=True)
class Capture:
    """One capture operation, carried out on one payment."""

    calls: Calls
    request: CaptureRequest
    earlier: Earlier
    permit: SendPermit
    clock: Callable[[], datetime]

    def perform(self) -> OperationResult:
        """Look for the effect of earlier sends, then send, as far as allowed."""
        if self.earlier.sends > 0:
            try:
                ended = self._look()
            except CallFailed as failure:
                return OperationResult(Outcome.UNKNOWN, failure.reason, retry_at=failure.retry_at)
            if ended is not None:
                return ended
            if not self.earlier.may_send:
                return OperationResult(Outcome.UNKNOWN, reasons.TOO_EARLY)
        return self._send()

    def _look(self) -> OperationResult | None:
        """What became of the earlier sends, None when they left nothing behind. Raises CallFailed."""
        payment = self.calls.payment()
        if payment is None:  # it took our request before: a key was changed, so nothing follows from this
            return OperationResult(Outcome.UNKNOWN, reasons.NOT_FOUND)
        found = self._search(payment)
        if found.effect is not None:
            return found.effect
        settled = self.earlier.may_send or self.earlier.over  # an earlier send that left nothing behind never will
        if found.refused and (settled or len(found.refused) >= self.earlier.sends):
            return self._declined(found.refused[0], payment, read=True)
        return None

    def _search(self, payment: Payment) -> _Found:
        """Our charges, by reference. Raises CallFailed when one that could be ours cannot be read."""
        refused = []
        for candidate in payment.of(Listed.CHARGE):
            if candidate.amount_minor != self.request.amount_minor:
                continue
            answer = self.calls.transaction(candidate)
            if text(answer.body, "paymentReference") != self.request.reference:
                continue
            if flag(answer.body) != ERROR:
                return _Found(self._effect(answer, candidate.place, read=True), ())
            refused.append(answer)
        return _Found(None, tuple(refused))

    def _send(self) -> OperationResult:
        try:
            answer = self.calls.charge(self._body(), self.permit)
            if not answer.refused:
                return self._effect(answer, f"charges/{text(answer.body, 'id')}", read=False)
        except NotSent as stop:
            return OperationResult(Outcome.NOT_SENT, stop.reason, retry_at=stop.retry_at)
        except CallFailed as failure:
            outcome = Outcome.UNKNOWN if failure.sent else Outcome.NOT_SENT
            return OperationResult(outcome, failure.reason, retry_at=failure.retry_at)
        outcome, reason = refusal(answer.codes)
        if outcome is not Outcome.DECLINED:
            return OperationResult(outcome, reason, self._evidence(answer))
        return self._refused(answer, reason)

    def _refused(self, answer: Answer, reason: str) -> OperationResult:
        """A refusal is checked against the payment: an earlier request may have come through just before it."""
        try:
            payment = self.calls.payment()
            found = self._search(payment) if payment is not None else _Found(None, ())
        except CallFailed as failure:
            if self.earlier.sends > 0:
                return OperationResult(Outcome.UNKNOWN, failure.reason, retry_at=failure.retry_at)
            return OperationResult(Outcome.DECLINED, reason, self._evidence(answer))
        return found.effect or self._declined(answer, payment, read=False)

    def _declined(self, answer: Answer, payment: Payment | None, *, read: bool) -> OperationResult:
        _, reason = refusal(answer.codes)
        if payment is None:
            reason = reasons.NOT_FOUND
        elif not payment.holds:
            reason = reasons.UNSUPPORTED
        elif _lapsed(payment, answer, self.request.amount_minor):
            reason = reasons.EXPIRED
        elif payment.remaining < self.request.amount_minor:
            reason = reasons.EXCEEDS
        return OperationResult(Outcome.DECLINED, reason, self._evidence(answer, read=read))

    def _effect(self, answer: Answer, place: str, *, read: bool) -> OperationResult:
        """The result of a charge that exists. Raises CallFailed(BAD_ANSWER) when it does not tell what it is."""
        status, currency = flag(answer.body), text(answer.body, "currency") or self.request.currency
        if not IDENTIFIER.fullmatch(text(answer.body, "id")):
            raise bad_answer()
        try:
            amount = to_minor(answer.body.get("amount"), currency)
        except NotAnAmount:
            raise bad_answer() from None
        outcome, reason = _OUTCOMES.get(status, _DONE)
        return OperationResult(
            outcome, reason, Evidence(place, answer.trace, amount, currency, self.clock(), found_by_reading=read)
        )

    def _evidence(self, answer: Answer, *, read: bool = False) -> Evidence:
        return Evidence(trace=answer.trace, at=self.clock(), found_by_reading=read)

    def _body(self) -> dict[str, str]:
        body = {
            "amount": to_wire(self.request.amount_minor, self.request.currency),
            "orderId": self.request.order_reference,
            "invoiceId": self.request.invoice_no,
            "paymentReference": self.request.reference,
        }
        return {name: value for name, value in body.items() if value}


def _lapsed(payment: Payment, answer: Answer, amount_minor: int) -> bool:
    """Whether the hold is gone: the provider has no code for it, so the refusal is held against what should be left.

    A payment that was canceled counts too, for nothing here gives holds back. What never was a hold cannot lapse.
    """
    if all(hold.status != SUCCESS for hold in payment.holds):
        return False
    if payment.state == STATE_CANCELED or payment.total == 0:
        return True
    return payment.remaining >= amount_minor and may_have_lapsed(answer.codes)
