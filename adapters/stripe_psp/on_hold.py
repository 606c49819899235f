"""What operations on one PaymentIntent have in common: it is addressed by its id, so in doubt it is read."""

from dataclasses import dataclass

from adapters.stripe_psp.answers import Reply
from adapters.stripe_psp.calls import Step
from adapters.stripe_psp.intent import INTENT_ID, Intent, intent_of
from adapters.stripe_psp.once import Once
from domain.authorization.ports import HoldCaptureRequest, HoldVoidRequest


@dataclass
class OnHold(Once[Intent | None]):
    """An operation on one hold. The picture is the PaymentIntent, None as long as nobody looked."""

    request: HoldCaptureRequest | HoldVoidRequest

    @property
    def reference(self) -> str:
        return self.request.reference

    @property
    def currency(self) -> str:
        return self.request.case.currency

    def unseen(self) -> Intent | None:
        if not INTENT_ID.fullmatch(self.request.hold_id):
            raise self.missing()
        return None

    async def see(self, before: Intent | None) -> Intent | None:
        found = await self.calls.intent(self.request.hold_id)
        if found is None:
            raise self.missing()
        return found

    def taken(self, seen: Intent | None, step: Step, reply: Reply) -> Intent | None:
        return intent_of(reply.body, reply.trace)
