"""Giving up what is left of a hold: an untouched one is cancelled, of one that was captured in part the rest is let
go. What is gone already needs nothing, and a capture is never taken back."""

from dataclasses import dataclass

from adapters.stripe_psp import bodies
from adapters.stripe_psp.answers import Refused, Reply
from adapters.stripe_psp.calls import Step
from adapters.stripe_psp.intent import CANCELED, PROCESSING, SUCCEEDED, Intent
from adapters.stripe_psp.on_hold import OnHold
from domain import reasons
from domain.authorization.ports import HoldVoidRequest
from domain.outcomes import OperationResult, Outcome


@dataclass
class Void(OnHold):
    """One void. Whether there is anything to give up, and how, follows from the hold."""

    request: HoldVoidRequest
    _let_go: int = 0  # minor units that a request of this execution gave up

    @property
    def looks_first(self) -> bool:
        return True

    def settled(self, seen: Intent | None) -> OperationResult | None:
        """Nothing is held any more. Only of a hold in parts, captured as our books say, is that a void."""
        if seen is None or seen.status not in (CANCELED, SUCCEEDED):
            return None
        known = self._let_go > 0 or (seen.in_parts and seen.received == self.request.captured_minor)
        if seen.status == SUCCEEDED and not known:
            return self.declined(reasons.LAST_WAS_CAPTURE, seen.status, seen.trace)
        return OperationResult(
            Outcome.SUCCEEDED, evidence=self.evidence(seen.id, self._given_up(seen), trace=seen.trace)
        )

    def _given_up(self, seen: Intent) -> int:
        """What our request gave up; nothing where the hold was gone before or ran out."""
        if self._let_go:
            return self._let_go
        ran_out = seen.cancellation == "expired" or not seen.was_held
        return 0 if ran_out or self.earlier.sends == 0 else seen.amount - seen.received

    def step(self, seen: Intent | None) -> Step:
        if seen is not None and seen.received > 0:
            return Step("release", bodies.release(), self.request.hold_id)
        return Step("cancel", bodies.cancel(), self.request.hold_id)

    def taken(self, seen: Intent | None, step: Step, reply: Reply) -> Intent | None:
        after = super().taken(seen, step, reply)
        if after is not None and after.was_held:
            self._let_go = after.amount - after.received
        return after

    def refused(self, seen: Intent | None, answer: Refused) -> OperationResult:
        if seen is not None and seen.status == PROCESSING:  # what is on its way decides what is left
            raise self.not_sent(reasons.TOO_EARLY)
        return self.declined(reasons.REFUSED, answer.code)
