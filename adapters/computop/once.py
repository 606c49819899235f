"""Doing something once. Every request carries our reference as its ReqId, and Paygate answers a repetition with what
the first request came to; but only once that is decided, and for twelve months. So what may already have happened is
asked for first, and a repetition is sent when the first request can no longer be under way.

What counts as evidence after an earlier send:

- that amounts moved as the request would have moved them: it took effect (`found`);
- that the last action is PENDING: something is under way, so nothing is sent, and the outcome stays pending;
- the answer to a repetition with the same ReqId: what became of the first request, or of this one;
- once the time of the first request is over, that nothing moved and the last action failed: it took no effect.

What does not: that nothing moved while the first request may be under way; a status word on its own; a code in the
answer to an inquiry, which is about the inquiry. A refusal of a repetition is held against the amounts before it is
believed.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

import structlog

from adapters.computop.answers import Answer, CallFailed
from adapters.computop.calls import Calls
from adapters.computop.messages import Malformed, Message
from adapters.computop.picture import Picture
from domain import reasons
from domain.errors import NotSent
from domain.outcomes import Evidence, OperationResult, Outcome
from domain.ports import Earlier, SendPermit
from paygate.codes import Verdict

log = structlog.get_logger(__name__)


class Stop(Exception):
    """The operation ends here, with this result."""

    def __init__(self, result: OperationResult) -> None:
        super().__init__(result.reason)
        self.result = result


@dataclass(frozen=True)
class Once(ABC):
    """One operation: at most one request that changes something."""

    calls: Calls
    earlier: Earlier
    permit: SendPermit
    clock: Callable[[], datetime] = field(repr=False)

    asks_why: ClassVar[bool] = True  # a refusal is held against the amounts, also the first one

    @property
    def looks_first(self) -> bool:
        """Whether even the first request follows from how the payment stands."""
        return False

    @abstractmethod
    async def look(self) -> Picture | None:
        """How the payment stands that shows the effect; None when there is no such payment, and need not be. Raises
        Stop where there must be one."""

    @abstractmethod
    def found(self, seen: Picture) -> Evidence | None:
        """What an earlier request brought about, None when the amounts do not show it."""

    @abstractmethod
    def message(self, seen: Picture | None) -> Message:
        """What to send. Raises Stop when nothing can be or need be."""

    @abstractmethod
    def done(self, answer: Answer) -> Evidence:
        """What an accepted request brought about."""

    @abstractmethod
    def why(self, answer: Answer, seen: Picture | None) -> str:
        """Why a request was refused; how the payment stands afterwards, None when nobody could tell."""

    def contradicts(self, seen: Picture) -> bool:
        """Whether the books differ from ours so that not even a repetition under the same ReqId is safe."""
        return False

    def impossible(self, seen: Picture) -> str:
        """Why an earlier request that shows no effect will never have one, '' when it might."""
        return reasons.REFUSED if seen.last_failed else ""

    def nothing_was_left(self, answer: Answer, seen: Picture | None) -> bool:
        """Whether a refusal says that there is nothing to do."""
        return False

    async def perform(self) -> OperationResult:
        """Look for the effect of earlier sends, then send, as far as that is allowed."""
        try:
            seen = None
            if self.earlier.sends > 0 or self.looks_first:
                seen = await self._look_before()
            return await self._send(seen)
        except Stop as stop:
            return stop.result
        except Malformed as wrong:
            log.warning("request.malformed", reference=self.reference, fields=wrong.fields)
            reason = reasons.NO_AMOUNT if wrong.fields == ("Amount",) else reasons.MISCONFIGURED
            return self.not_sent(reason).result

    @property
    @abstractmethod
    def reference(self) -> str:
        """Our key, sent as ReqId."""

    @property
    @abstractmethod
    def amount_minor(self) -> int:
        """What is asked for."""

    def nothing_left(self) -> Stop:
        """The end of an operation that finds nothing to do."""
        evidence = Evidence(amount_minor=0, currency=self.calls.case.currency, at=self.clock(), found_by_reading=True)
        return Stop(OperationResult(Outcome.SUCCEEDED, evidence=evidence))

    def declined(self, reason: str, evidence: Evidence | None = None) -> Stop:
        return Stop(OperationResult(Outcome.DECLINED, reason, evidence or Evidence(at=self.clock())))

    async def _look_before(self) -> Picture | None:
        again = self.earlier.sends > 0
        try:
            seen = await self.look()
        except NotSent as stop:  # nobody was asked, which says nothing about earlier sends
            raise self.not_sent(stop.reason, stop.retry_at) from None
        except CallFailed as failure:
            raise (self.unknown(failure.reason) if again else self.not_sent(failure.reason)) from None
        if again:
            self._end_by_looking(seen)
        elif seen is not None and seen.running:  # what is under way decides what is left
            raise self.not_sent(reasons.TOO_EARLY)
        return seen

    def _end_by_looking(self, seen: Picture | None) -> None:
        """Raises Stop unless the request may be sent again."""
        if seen is not None:
            self._end_if_found(seen)
            if self.contradicts(seen):
                raise self.unknown(reasons.DIFFERS)
        if self.earlier.may_send:
            return
        if self.earlier.over:
            if seen is not None and (reason := self.impossible(seen)):
                raise self.declined(reason, Evidence(trace=seen.trace, at=self.clock(), found_by_reading=True))
            if self.earlier.withdrawn:
                raise self.declined(reasons.WITHDRAWN)
        raise self.unknown(reasons.TOO_EARLY)

    def _end_if_found(self, seen: Picture) -> None:
        evidence = self.found(seen)
        if evidence is not None:
            raise Stop(OperationResult(Outcome.SUCCEEDED, evidence=evidence))
        if seen.running:
            raise Stop(OperationResult(Outcome.PENDING, reasons.WAITING, Evidence(trace=seen.trace, at=self.clock())))

    async def _send(self, seen: Picture | None) -> OperationResult:
        try:
            answer = await self.calls.send(self.message(seen), self.permit)
        except NotSent as stop:
            raise self.not_sent(stop.reason, stop.retry_at) from None
        except CallFailed as failure:
            raise (self.unknown if failure.sent else self.not_sent)(failure.reason) from None
        match answer.verdict:
            case Verdict.SUCCESS:
                return OperationResult(Outcome.SUCCEEDED, evidence=self.done(answer))
            case Verdict.TRANSIENT:
                return self.in_between(answer)
            case Verdict.FAILURE:
                return await self._refused(answer, seen)
            case Verdict.UNCLEAR:
                raise self.unknown(reasons.BAD_ANSWER)

    def in_between(self, answer: Answer) -> OperationResult:
        """The outcome of a request that is not decided yet."""
        if answer.code.severity != "6":  # in the middle of an authentication, which no follow-up can be
            raise self.unknown(reasons.BAD_ANSWER)
        return OperationResult(Outcome.PENDING, reasons.WAITING, self.done(answer))

    async def _refused(self, answer: Answer, before: Picture | None) -> OperationResult:
        again, seen = self.earlier.sends > 0, before
        if again or self.asks_why:
            try:
                seen = await self.look()
            except (NotSent, CallFailed) as failure:
                if again:  # an earlier request may have come through just before this one
                    raise self.unknown(failure.reason, getattr(failure, "retry_at", None)) from None
        if again and seen is not None:
            self._end_if_found(seen)
        if self.nothing_was_left(answer, seen):
            raise self.nothing_left()
        raise self.declined(self.why(answer, seen), self.refusal(answer))

    def refusal(self, answer: Answer) -> Evidence:
        """What is known of a refused request."""
        return Evidence(trace=answer.identifier("XID"), at=self.clock(), code=answer.code.text)

    def evidence(self, reference: str, trace: str, amount_minor: int, *, read: bool = False) -> Evidence:
        """The proof of an effect."""
        return Evidence(
            reference=reference,
            trace=trace,
            amount_minor=amount_minor,
            currency=self.calls.case.currency,
            at=self.clock(),
            found_by_reading=read,
        )

    def not_sent(self, reason: str, retry_at: datetime | None = None) -> Stop:
        """The end of an operation of which nothing left us this time."""
        return Stop(OperationResult(Outcome.NOT_SENT, reason, retry_at=retry_at))

    def unknown(self, reason: str, retry_at: datetime | None = None) -> Stop:
        """The end of an operation that must be asked about."""
        return Stop(OperationResult(Outcome.UNKNOWN, reason, retry_at=retry_at))
