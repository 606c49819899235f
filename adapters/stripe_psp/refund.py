"""Giving money back. Our reference goes into the Refund's metadata and is looked for in the payment's list of refunds.

Taking a capture back as if it had not been is a refund here, too."""

from dataclasses import dataclass

from adapters.stripe_psp import bodies
from adapters.stripe_psp.answers import Body, Refused, Reply, bad_answer, identifier, whole, word
from adapters.stripe_psp.calls import Step
from adapters.stripe_psp.intent import INTENT_ID, OURS, Intent
from adapters.stripe_psp.once import Once
from domain import reasons
from domain.authorization.ports import HoldRefundRequest
from domain.outcomes import OperationResult, Outcome

_UNDER_WAY = ("pending", "requires_action")
_FAILED = ("failed", "canceled")
_WHY = {
    "charge_already_refunded": reasons.EXCEEDS,
    "charge_disputed": reasons.CHARGED_BACK,
    "resource_missing": reasons.NOT_FOUND,
}


@dataclass(frozen=True)
class Given:
    """The refund that bears our reference, and the PaymentIntent as long as somebody looked."""

    ours: Body | None = None
    intent: Intent | None = None
    trace: str = ""


@dataclass
class Refund(Once[Given]):
    """One refund."""

    request: HoldRefundRequest

    @property
    def reference(self) -> str:
        return self.request.reference

    @property
    def currency(self) -> str:
        return self.request.case.currency

    def unseen(self) -> Given:
        if not INTENT_ID.fullmatch(self.request.hold_id):
            raise self.missing()
        return Given()

    async def see(self, before: Given | None) -> Given:
        """Should there be several of ours, the one that was not in vain."""
        intent = await self.calls.intent(self.request.hold_id)
        if intent is None:
            raise self.missing()
        found = await self.calls.refunds(intent.id, self.reference)
        ours = min(found, key=lambda one: word(one, "status") in _FAILED, default=None)
        return Given(ours, intent)

    def settled(self, seen: Given) -> OperationResult | None:
        ours = seen.ours
        if ours is None:
            return None
        status, key = word(ours, "status"), identifier(ours, "id")
        if status in _FAILED:
            return self.declined(reasons.REFUSED, word(ours, "failure_reason") or status, seen.trace)
        evidence = self.evidence(key, whole(ours, "amount"), trace=seen.trace)
        if status == "succeeded":
            return OperationResult(Outcome.SUCCEEDED, evidence=evidence)
        if status in _UNDER_WAY:
            return OperationResult(Outcome.PENDING, reasons.WAITING, evidence)
        raise self.unclear(reasons.BAD_ANSWER, trace=seen.trace)

    def step(self, seen: Given) -> Step:
        return Step("refund", bodies.refund(self.request))

    def taken(self, seen: Given, step: Step, reply: Reply) -> Given:
        metadata = reply.body.get("metadata")
        told = metadata.get(OURS) if isinstance(metadata, dict) else None
        if word(reply.body, "object") != "refund" or told != self.reference or not identifier(reply.body, "id"):
            raise bad_answer(reply.trace)
        return Given(reply.body, trace=reply.trace)

    def refused(self, seen: Given, answer: Refused) -> OperationResult:
        reason = _WHY.get(answer.code, reasons.REFUSED)
        if seen.intent is not None and _left(seen.intent) < self.request.amount_minor:
            reason = reasons.EXCEEDS
        return self.declined(reason, answer.code or word(answer.error, "type"))


def _left(intent: Intent) -> int:
    """What was taken and not given back."""
    return intent.received - (intent.charge.refunded if intent.charge else 0)
