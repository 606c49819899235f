"""Capturing: at most once per hold, for what is not taken then lapses."""

from dataclasses import dataclass

from adapters.computop.answers import Answer
from adapters.computop.messages import Message, Page
from adapters.computop.on_hold import OnHold
from adapters.computop.picture import Picture
from domain import reasons
from domain.authorization.ports import HoldCaptureRequest
from domain.outcomes import Evidence


@dataclass(frozen=True)
class Capture(OnHold):
    """One capture. It goes out unseen, for Paygate knows best what is left.

    Found when exactly this amount was captured beyond what our books knew. Whose hand it was cannot be told, and need
    not be: the money was taken once. FinishAuth is never sent, it belongs to Paygate's own renewal.
    """

    request: HoldCaptureRequest

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
        if seen.captured != self.request.before_minor + self.amount_minor:
            return None
        return self.read_back(seen, self.amount_minor)

    def message(self, seen: Picture | None) -> Message:
        return self.about(Page.CAPTURE, self.amount_minor)

    def impossible(self, seen: Picture) -> str:
        return reasons.EXPIRED if seen.gone else super().impossible(seen)

    def why(self, answer: Answer, seen: Picture | None) -> str:
        if seen is None:
            return super().why(answer, seen)
        if seen.gone:
            return reasons.EXPIRED
        if self.amount_minor > seen.authorized - seen.captured:
            return reasons.EXCEEDS
        return reasons.EXPIRED if seen.captured else super().why(answer, seen)
