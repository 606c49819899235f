"""What captures, voids and refunds have in common: one hold, whose amounts show the effect."""

from abc import abstractmethod
from dataclasses import dataclass

from adapters.computop.answers import Answer
from adapters.computop.mapping import refusal_of
from adapters.computop.messages import Message, Page, following
from adapters.computop.once import Once, Stop
from adapters.computop.picture import Picture
from domain import reasons
from domain.outcomes import Evidence


@dataclass(frozen=True)
class OnHold(Once):
    """An operation on one hold, whose amounts show its effect."""

    @property
    @abstractmethod
    def hold_id(self) -> str:
        """The PayID of the hold."""

    async def look(self) -> Picture:
        seen = await self.calls.hold(self.hold_id)
        if seen is None:  # it took an earlier request: then a MerchantID was changed, and nothing follows from this
            raise self._nothing_follows(reasons.NOT_FOUND)
        if seen.currency != self.calls.case.currency:
            raise self._nothing_follows(reasons.DIFFERS)
        return seen

    def _nothing_follows(self, reason: str) -> Stop:
        return self.unknown(reason) if self.earlier.sends > 0 else self.declined(reason)

    def done(self, answer: Answer) -> Evidence:
        action = answer.identifier("XID")
        return self.evidence(action or self.hold_id, action, self.amount_minor)

    def read_back(self, seen: Picture, amount_minor: int) -> Evidence:
        """The proof by amounts. The action's own id is not told by an inquiry, so the payment's stands for it."""
        return self.evidence(seen.pay_id, seen.trace, amount_minor, read=True)

    def why(self, answer: Answer, seen: Picture | None) -> str:
        return refusal_of(answer.code)

    def about(self, page: Page, amount_minor: int) -> Message:
        if amount_minor <= 0:
            raise self.not_sent(reasons.NO_AMOUNT)
        return following(page, self.calls.case, self.hold_id, amount_minor, self.reference)
