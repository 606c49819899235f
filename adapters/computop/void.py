"""Giving up a hold. Paygate has no void: `reverse` undoes the last action whatever it was, so it is sent only after an
inquiry that shows no capture (rules R42, R43)."""

from dataclasses import dataclass

from adapters.computop.answers import Answer
from adapters.computop.mapping import found_nothing
from adapters.computop.messages import Message, Page
from adapters.computop.on_hold import OnHold
from adapters.computop.picture import Picture
from domain import reasons
from domain.authorization.ports import HoldVoidRequest
from domain.outcomes import Evidence


@dataclass(frozen=True)
class Void(OnHold):
    """One void of all that is held.

    Found when nothing is held and nothing was captured, whoever brought that about. A hold that ran out looks as if it
    were held: the reversal that is then refused because nothing is left to undo is a success of nothing.
    """

    request: HoldVoidRequest

    @property
    def looks_first(self) -> bool:
        return True

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
        return self.read_back(seen, self.amount_minor) if seen.gone else None

    def message(self, seen: Picture | None) -> Message:
        assert seen is not None
        if seen.captured > 0:
            raise self.declined(reasons.LAST_WAS_CAPTURE)
        if seen.gone:
            raise self.nothing_left()
        return self.about(Page.REVERSE, seen.authorized)

    def impossible(self, seen: Picture) -> str:
        return reasons.LAST_WAS_CAPTURE if seen.captured > 0 else super().impossible(seen)

    def nothing_was_left(self, answer: Answer, seen: Picture | None) -> bool:
        assert seen is not None
        return seen.captured == 0 and (seen.gone or found_nothing(answer.code))

    def why(self, answer: Answer, seen: Picture | None) -> str:
        if seen is not None and seen.captured > 0:
            return reasons.LAST_WAS_CAPTURE
        return super().why(answer, seen)
