"""Giving money back: a credit, or the reversal of the capture where that is the last thing that happened."""

from dataclasses import dataclass

from adapters.computop.answers import Answer
from adapters.computop.messages import Message, Page
from adapters.computop.on_hold import OnHold
from adapters.computop.picture import Picture
from domain import reasons
from domain.authorization.ports import HoldRefundRequest
from domain.outcomes import Evidence


@dataclass(frozen=True)
class Refund(OnHold):
    """One refund.

    Found when exactly this amount was credited beyond what our books knew, or, of an undo, when nothing is captured any
    more. After the undo of a capture Paygate holds the money again, to the old end of the hold.
    """

    request: HoldRefundRequest

    @property
    def looks_first(self) -> bool:
        return self.request.undo

    @property
    def hold_id(self) -> str:
        return self.request.hold_id

    @property
    def reference(self) -> str:
        return self.request.reference

    @property
    def amount_minor(self) -> int:
        return self.request.amount_minor

    def found(self, seen: Picture) -> Evidence | None:
        credited = seen.credited == self.request.before_minor + self.amount_minor
        undone = self.request.undo and seen.captured == 0
        return self.read_back(seen, self.amount_minor) if credited or undone else None

    def message(self, seen: Picture | None) -> Message:
        return self.about(Page.REVERSE if self._is_last(seen) else Page.CREDIT, self.amount_minor)

    def _is_last(self, seen: Picture | None) -> bool:
        """Whether the capture of this amount is what a reversal would undo."""
        return self.request.undo and seen is not None and seen.captured == self.amount_minor and seen.credited == 0

    def why(self, answer: Answer, seen: Picture | None) -> str:
        if seen is not None and self.amount_minor > seen.captured - seen.credited:
            return reasons.EXCEEDS
        return super().why(answer, seen)
