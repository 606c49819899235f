"""Doing something once.

Every request carries an idempotency key derived from the operation's reference, and every operation is about a thing
that can be read. So a doubt is resolved by reading first: what an earlier request brought about is found by our
reference in the metadata, or follows from the state of the PaymentIntent. That it came to nothing is believed once its
time is over; then it is sent again, with the same key, which still covers a request that is under way (rules SI1, SI3,
SI5).

The key remembers failures, too: a 500 comes back for 24 hours, whatever may have changed. An answer that is marked as
remembered proves that the first request is done; where reading then shows no effect of it, the step goes on under the
next key, `…:2`. Otherwise a key is never exchanged for another.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

import httpx

from adapters.stripe_psp.answers import CallFailed, Refused, Reply
from adapters.stripe_psp.calls import Calls, Step
from domain import reasons
from domain.errors import NotSent
from domain.outcomes import Evidence, OperationResult, Outcome
from domain.ports import Earlier, SendPermit

ROUNDS = 10  # requests that one execution makes at most, should the picture change under our hands
S = TypeVar("S")
WRONG_STATE = frozenset(
    {
        "payment_intent_unexpected_state",
        "charge_expired_for_capture",
        "capture_charge_authorization_expired",
        "charge_already_captured",
        "charge_already_refunded",
    }
)


class Stop(Exception):
    """The operation ends here, with this result."""

    def __init__(self, result: OperationResult) -> None:
        super().__init__(result.reason)
        self.result = result


@dataclass
class Once(ABC, Generic[S]):
    """One operation, carried out in as many steps as it takes. `S` is the picture that it goes by."""

    calls: Calls
    earlier: Earlier
    permit: SendPermit
    clock: Callable[[], datetime] = field(repr=False)
    _keys: dict[str, int] = field(default_factory=dict, init=False, repr=False)
    _trace: str = field(default="", init=False, repr=False)
    _answered: bool = field(default=False, init=False, repr=False)

    @property
    def looks_first(self) -> bool:
        """Whether even the first request follows from how things stand."""
        return False

    @property
    @abstractmethod
    def reference(self) -> str:
        """The derived key of the operation."""

    @property
    @abstractmethod
    def currency(self) -> str:
        """Of the amounts (upper case)."""

    @abstractmethod
    def unseen(self) -> S:
        """The picture of an operation that does not look first."""

    @abstractmethod
    async def see(self, before: S | None) -> S:
        """How things stand, with what our requests brought about. `before` is the picture until now, None at first.

        Raises CallFailed and NotSent when nobody could tell, Stop where that ends it.
        """

    @abstractmethod
    def settled(self, seen: S) -> OperationResult | None:
        """The end that the picture shows, None while something is left to send."""

    @abstractmethod
    def step(self, seen: S) -> Step:
        """What to send next. Raises Stop when nothing can be."""

    @abstractmethod
    def taken(self, seen: S, step: Step, reply: Reply) -> S:
        """The picture after a step that was carried out. Raises CallFailed when the reply tells nothing."""

    @abstractmethod
    def refused(self, seen: S, answer: Refused) -> OperationResult:
        """The end of an operation of which a step was refused, while the picture shows nothing else."""

    def needs_picture(self, answer: Refused) -> bool:
        """Whether a refusal means nothing without the state that it was about."""
        return answer.code in WRONG_STATE

    async def perform(self) -> OperationResult:
        """Look for the effect of earlier sends, then send what is missing, as far as allowed."""
        try:
            looks = self.earlier.sends > 0 or self.looks_first
            seen = await self._look(None) if looks else self.unseen()
            for _ in range(ROUNDS):
                ended = self.settled(seen)
                if ended is None:
                    self._leave_to_send()
                elif ended.outcome is Outcome.DECLINED and self._may_still_come:
                    raise self.unclear(reasons.TOO_EARLY)
                else:
                    return ended
                seen = await self._carry_out(self.step(seen), seen)
        except Stop as stop:
            return stop.result
        return self.unclear(reasons.BAD_ANSWER).result

    # -- ends

    def evidence(
        self, reference: str = "", amount_minor: int | None = None, *, trace: str = "", code: str = ""
    ) -> Evidence:
        """The proof of an end, found by reading unless a request of this execution was answered."""
        return Evidence(
            reference=reference,
            trace=trace or self._trace,
            amount_minor=amount_minor,
            currency=self.currency if amount_minor is not None else "",
            at=self.clock(),
            found_by_reading=not self._answered,
            code=code,
        )

    def declined(self, reason: str, code: str = "", trace: str = "") -> OperationResult:
        return OperationResult(Outcome.DECLINED, reason, self.evidence(code=code, trace=trace))

    def not_sent(self, reason: str, retry_at: datetime | None = None) -> Stop:
        """The end of an execution that left nothing behind."""
        return Stop(OperationResult(Outcome.NOT_SENT, reason, retry_at=retry_at))

    def unclear(self, reason: str, retry_at: datetime | None = None, trace: str = "") -> Stop:
        """The end of an execution that must be asked about."""
        return Stop(OperationResult(Outcome.UNKNOWN, reason, Evidence(trace=trace), retry_at=retry_at))

    def missing(self) -> Stop:
        """What the operation is about does not exist. It took an earlier request: then a key was exchanged for one of
        another account, and nothing follows from this."""
        if self.earlier.sends > 0:
            return self.unclear(reasons.NOT_FOUND)
        return Stop(self.declined(reasons.NOT_FOUND))

    # -- the way there

    @property
    def _may_still_come(self) -> bool:
        """Whether an earlier request may yet take effect, so that no picture shows that it came to nothing."""
        return self.earlier.sends > 0 and not (self.earlier.may_send or self.earlier.over)

    def _leave_to_send(self) -> None:
        """Raises Stop unless something may be sent. What nobody wants any more is not sent, whoever would let it."""
        if self.earlier.withdrawn and not self._may_still_come:
            raise Stop(self.declined(reasons.WITHDRAWN))
        if self.earlier.withdrawn or (self.earlier.sends > 0 and not self.earlier.may_send):
            raise self.unclear(reasons.TOO_EARLY)

    async def _look(self, before: S | None) -> S:
        try:
            return await self.see(before)
        except NotSent as stop:  # nobody was asked, which says nothing about earlier sends
            raise self.not_sent(stop.reason, stop.retry_at) from None
        except CallFailed as failure:
            end = self.unclear if self.earlier.sends > 0 else self.not_sent
            raise end(failure.reason, failure.retry_at) from None

    async def _carry_out(self, step: Step, seen: S) -> S:
        """The picture after one request."""
        number = self._keys.setdefault(step.name, 1)
        key = ":".join(filter(None, (self.reference, step.name, step.variant, str(number) if number > 1 else "")))
        try:
            answer = await self.calls.send(step, key, self.permit)
            if isinstance(answer, Reply):
                self._trace, self._answered = answer.trace, True
                return self.taken(seen, step, answer)
        except NotSent as stop:
            raise self.not_sent(stop.reason, stop.retry_at) from None
        except CallFailed as failure:
            if failure.replayed:
                return await self._under_next_key(step, seen, failure)
            if failure.sent:
                raise self.unclear(failure.reason, failure.retry_at, failure.trace) from None
            raise self.not_sent(failure.reason, failure.retry_at) from None
        return await self._after_refusal(step, seen, answer)

    async def _under_next_key(self, step: Step, seen: S, failure: CallFailed) -> S:
        """The first request failed and is over. What it left behind is read; without a trace of it, we go on."""
        try:
            again = await self.see(seen)
        except (NotSent, CallFailed) as trouble:
            raise self.unclear(trouble.reason, trouble.retry_at, failure.trace) from None
        self._keys[step.name] += 1
        return again

    async def _after_refusal(self, step: Step, seen: S, answer: Refused) -> S:
        """A refusal is held against how things stand: an earlier request may have come through just before it."""
        self._trace, self._answered = answer.trace, answer.status == httpx.codes.PAYMENT_REQUIRED
        try:
            again = await self.see(seen)
        except (NotSent, CallFailed) as trouble:
            if self.earlier.sends > 0 or self.needs_picture(answer):
                end = self.unclear if self.earlier.sends > 0 or self._answered else self.not_sent
                raise end(trouble.reason, trouble.retry_at) from None
            raise Stop(self.refused(seen, answer)) from None
        ended = self.settled(again)
        if ended is not None:
            raise Stop(ended)
        if self.step(again) == step:
            if not (answer.replayed and answer.code in WRONG_STATE):
                raise Stop(self.refused(again, answer))
            self._keys[step.name] += 1  # the key remembers a state that is no more
        return again
