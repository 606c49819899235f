"""Taking money of a hold. Our reference goes into the PaymentIntent's metadata with the capture, so that it is known
afterwards whether it was ours."""

from dataclasses import dataclass

from adapters.stripe_psp import bodies
from adapters.stripe_psp.answers import Refused, Reply, bad_answer, word
from adapters.stripe_psp.calls import Step
from adapters.stripe_psp.intent import CANCELED, CAPTURE, HELD, SUCCEEDED, Intent
from adapters.stripe_psp.on_hold import OnHold
from domain import reasons
from domain.authorization.ports import HoldCaptureRequest
from domain.outcomes import OperationResult, Outcome

_WHY = {"amount_too_small": reasons.TOO_SMALL, "amount_too_large": reasons.EXCEEDS}


@dataclass
class Capture(OnHold):
    """One capture."""

    request: HoldCaptureRequest

    @property
    def looks_first(self) -> bool:
        """Whether the rest can stay held is a matter of the charge; a final capture goes out unseen."""
        return not self.request.final

    def settled(self, seen: Intent | None) -> OperationResult | None:
        """Ours has taken effect; or none ever can, as nothing is held any more."""
        if seen is None:
            return None
        if seen.bears(self.reference, CAPTURE):
            reference = seen.charge.id if seen.charge else seen.id
            return OperationResult(
                Outcome.SUCCEEDED,
                evidence=self.evidence(reference, self.request.amount_minor, trace=seen.trace),
            )
        if seen.status == HELD:
            return None
        reason = reasons.EXPIRED if seen.status in (CANCELED, SUCCEEDED) else reasons.REFUSED
        return self.declined(reason, seen.status, seen.trace)

    def step(self, seen: Intent | None) -> Step:
        parts = not self.request.final and seen is not None and seen.in_parts
        keeps_rest = parts and seen is not None and self.request.amount_minor < seen.capturable
        return Step("capture", bodies.capture(self.request, keeps_rest=keeps_rest), self.request.hold_id)

    def taken(self, seen: Intent | None, step: Step, reply: Reply) -> Intent | None:
        after = super().taken(seen, step, reply)
        if after is None or not after.bears(self.reference, CAPTURE) or after.received < self.request.amount_minor:
            raise bad_answer(reply.trace)
        return after

    def refused(self, seen: Intent | None, answer: Refused) -> OperationResult:
        return self.declined(_WHY.get(answer.code, reasons.REFUSED), answer.code or word(answer.error, "type"))
