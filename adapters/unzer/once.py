"""Doing something once. The provider has no idempotency keys, so what may already have happened is looked for first.

Our reference travels as the payment reference of a transaction. It does not appear in the payment's list of
transactions: each one that could be ours is read for itself.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import ClassVar

from adapters.unzer.answers import IDENTIFIER, Answer, CallFailed, bad_answer, flag, text
from adapters.unzer.calls import Calls
from adapters.unzer.mapping import ERROR, PENDING, NotAnAmount, refusal, to_minor
from adapters.unzer.payment import Payment, Transaction
from domain import reasons
from domain.errors import NotSent
from domain.outcomes import Evidence, OperationResult, Outcome
from domain.ports import Earlier, SendPermit

ROUNDS = 3  # how often what is to be sent is worked out, should the payment change under our hands


@dataclass(frozen=True)
class Step:
    """One request that changes something: where below the payment it goes, and what it says."""

    place: str
    body: dict[str, str]


@dataclass(frozen=True)
class Effect:
    """A transaction of ours that stands or is on its way. `read`: it was found by asking."""

    place: str
    status: str
    amount_minor: int
    currency: str
    trace: str
    read: bool


@dataclass(frozen=True)
class Ours:
    """What our requests brought about: the effects, oldest first, and the refusals that left a transaction."""

    effects: tuple[Effect, ...] = ()
    refused: tuple[Answer, ...] = ()

    @property
    def amount_minor(self) -> int:
        return sum(one.amount_minor for one in self.effects)

    def and_also(self, effect: Effect) -> "Ours":
        return Ours((*self.effects, effect), self.refused)


NOTHING = Ours()


class Stop(Exception):
    """The operation ends here, with this result."""

    def __init__(self, result: OperationResult) -> None:
        super().__init__(result.reason)
        self.result = result


@dataclass(frozen=True)
class Once(ABC):
    """One operation, carried out on one payment in as many steps as it takes."""

    calls: Calls
    earlier: Earlier
    permit: SendPermit
    clock: Callable[[], datetime] = field(repr=False)

    looks_first: ClassVar[bool] = True  # the steps follow from the payment, so it is read before anything is sent
    one_request: ClassVar[bool] = False  # each execution sends a single request
    anybodys: ClassVar[bool] = False  # what others did before counts as well as what we did
    moves_money: ClassVar[bool] = True

    @abstractmethod
    def is_complete(self, ours: Ours) -> bool:
        """Whether nothing is left to send."""

    @abstractmethod
    def could_be_ours(self, listed: Transaction) -> bool:
        """Whether a transaction in the payment's list has to be looked at."""

    @abstractmethod
    def is_ours(self, answer: Answer) -> bool:
        """Whether a transaction is ours, from all that it tells."""

    @abstractmethod
    def steps(self, payment: Payment | None, ours: Ours) -> tuple[Step, ...]:
        """What is left to send. Raises Stop when nothing can be or need be, CallFailed when that cannot be told.

        The payment is None only for an operation that does not look first.
        """

    def is_done_by(self, answer: Answer) -> bool:
        """Whether a refusal says that there is nothing to do."""
        return False

    def refusal_reason(self, answer: Answer, payment: Payment | None) -> str:
        """Why a request was refused; the payment as it stands afterwards, None when it could not be read."""
        return refusal(answer.codes)[1]

    def amount_of(self, answer: Answer) -> int:
        """What a transaction of ours moves, minor units. Raises CallFailed(BAD_ANSWER) when it does not tell."""
        try:
            return to_minor(answer.body.get("amount"), text(answer.body, "currency") or self.currency)
        except NotAnAmount:
            raise bad_answer() from None

    @property
    @abstractmethod
    def currency(self) -> str:
        """Of the amounts that do not tell."""

    def perform(self) -> OperationResult:
        """Look for the effect of earlier sends, then send what is missing, as far as allowed."""
        try:
            payment, ours = self._look() if self.earlier.sends > 0 or self.looks_first else (None, NOTHING)
            if self.earlier.sends > 0 or ours.effects:
                self._end_by_looking(payment, ours)
            return self._send(payment, ours)
        except Stop as stop:
            return stop.result

    def nothing_left(self, currency: str) -> Stop:
        """The end of an operation that finds nothing to do."""
        amount = 0 if self.moves_money else None
        evidence = Evidence(amount_minor=amount, currency=currency, at=self.clock(), found_by_reading=True)
        return Stop(OperationResult(Outcome.SUCCEEDED, evidence=evidence))

    def declined(self, reason: str, ours: Ours = NOTHING) -> Stop:
        """The end of an operation of which no more can take effect than `ours`."""
        return Stop(self._result(ours) if ours.effects else OperationResult(Outcome.DECLINED, reason))

    def _look(self) -> tuple[Payment, Ours]:
        """The payment, and with earlier sends what became of them."""
        again = self.earlier.sends > 0
        try:
            payment = self.calls.payment()
            ours = self._search(payment) if payment is not None and (again or self.anybodys) else NOTHING
        except NotSent as stop:  # nobody was asked, which says nothing about earlier sends
            raise self._stopped(stop.reason, stop.retry_at, NOTHING) from None
        except CallFailed as failure:
            outcome = Outcome.UNKNOWN if again else Outcome.NOT_SENT
            raise Stop(OperationResult(outcome, failure.reason, retry_at=failure.retry_at)) from None
        if payment is None:  # it took an earlier request: then a key was changed, and nothing follows from this
            raise Stop(OperationResult(Outcome.UNKNOWN if again else Outcome.DECLINED, reasons.NOT_FOUND))
        return payment, ours

    def _search(self, payment: Payment) -> Ours:
        """Our transactions, until they are complete. Raises CallFailed when one that could be ours cannot be read."""
        ours = NOTHING
        for listed in payment.transactions:
            if not self.could_be_ours(listed):
                continue
            answer = self.calls.transaction(listed)
            if not self.is_ours(answer):
                continue
            if flag(answer.body) == ERROR:
                ours = replace(ours, refused=(*ours.refused, answer))
                continue
            ours = ours.and_also(self._effect(answer, listed.place, read=True))
            if self.is_complete(ours):
                break
        return ours

    def _end_by_looking(self, payment: Payment | None, ours: Ours) -> None:
        """Raises Stop unless something is left to send, and may be."""
        if self.is_complete(ours):
            raise Stop(self._result(ours))
        settled = self.earlier.may_send or self.earlier.over  # an earlier send that left nothing behind never will
        conclusive = self.one_request and len(ours.refused) >= self.earlier.sends
        if ours.refused and (settled or conclusive):
            raise self._refused(ours.refused[0], payment, ours, read=True)
        if self.earlier.may_send:
            return
        if ours.effects and self.earlier.over:
            raise Stop(self._result(ours))  # the rest never came, and never will
        if self.earlier.withdrawn and self.earlier.over:
            raise self.declined(reasons.WITHDRAWN)
        raise self._unclear(reasons.TOO_EARLY, None, ours)

    def _send(self, payment: Payment | None, ours: Ours) -> OperationResult:
        refused: tuple[Step, Answer] | None = None
        for _ in range(ROUNDS):
            try:
                steps = self.steps(payment, ours)
            except CallFailed as failure:
                raise self._stopped(failure.reason, failure.retry_at, ours) from None
            if refused is not None and (not steps or steps[0] == refused[0]):
                break
            refused = None
            for step in steps:
                done = self._take(step, ours)
                if isinstance(done, Answer):
                    refused = step, done
                    break
                ours = ours.and_also(done)
            if refused is None:
                return self._result(ours)
            payment, ours = self._after_refusal(refused[1], ours)
        assert refused is not None
        raise self._refused(refused[1], payment, ours, read=False)

    def _take(self, step: Step, ours: Ours) -> Effect | Answer:
        """The effect of one request, or the answer that definitely refuses it."""
        try:
            answer = self.calls.post(step.place, step.body, self.permit)
            if not answer.refused:
                return self._effect(answer, f"{step.place}/{text(answer.body, 'id')}", read=False)
        except NotSent as stop:
            raise self._stopped(stop.reason, stop.retry_at, ours) from None
        except CallFailed as failure:
            if failure.sent:
                raise self._unclear(failure.reason, failure.retry_at, ours) from None
            raise self._stopped(failure.reason, failure.retry_at, ours) from None
        outcome, reason = refusal(answer.codes)
        if self.is_done_by(answer):
            raise Stop(OperationResult(Outcome.SUCCEEDED, evidence=self._evidence(answer)))
        if outcome is Outcome.DECLINED:
            return answer
        if outcome is Outcome.NOT_SENT and ours.effects:
            outcome = Outcome.UNKNOWN
        raise Stop(OperationResult(outcome, reason, self._evidence(answer)))

    def _after_refusal(self, answer: Answer, ours: Ours) -> tuple[Payment | None, Ours]:
        """A refusal is checked against the payment: an earlier request may have come through just before it."""
        try:
            payment = self.calls.payment()
            found = self._search(payment) if payment is not None else NOTHING
        except NotSent as stop:  # what the refusal means is asked when asking is allowed again
            end = self._unclear if self.earlier.sends > 0 else self._stopped
            raise end(stop.reason, stop.retry_at, ours) from None
        except CallFailed as failure:
            if self.earlier.sends > 0:
                raise self._unclear(failure.reason, failure.retry_at, ours) from None
            raise self._refused(answer, None, ours, read=False) from None
        if payment is None:
            raise self._refused(answer, None, ours, read=False, missing=True)
        if found.amount_minor < ours.amount_minor:  # a list that lags behind what we were told is nothing to plan by
            raise self._refused(answer, payment, ours, read=False)
        ours = found
        if ours.effects and self.is_complete(ours):
            raise Stop(self._result(ours))
        return payment, ours

    def _refused(
        self, answer: Answer, payment: Payment | None, ours: Ours, *, read: bool, missing: bool = False
    ) -> Stop:
        """The end of an operation of which this answer refused the rest."""
        if ours.effects:
            return Stop(self._result(ours))
        reason = reasons.NOT_FOUND if missing else self.refusal_reason(answer, payment)
        return Stop(OperationResult(Outcome.DECLINED, reason, self._evidence(answer, read=read)))

    def _stopped(self, reason: str, retry_at: datetime | None, ours: Ours) -> Stop:
        """The next request never left. What took effect before it makes the whole of it unclear."""
        if ours.effects:
            return self._unclear(reason, retry_at, ours)
        return Stop(OperationResult(Outcome.NOT_SENT, reason, retry_at=retry_at))

    def _unclear(self, reason: str, retry_at: datetime | None, ours: Ours) -> Stop:
        evidence = self._result(ours).evidence if ours.effects else Evidence()
        return Stop(OperationResult(Outcome.UNKNOWN, reason, evidence, retry_at=retry_at))

    def _result(self, ours: Ours) -> OperationResult:
        """The outcome of what took effect; its evidence names the first transaction and the whole amount."""
        if not ours.effects:
            return self.nothing_left(self.currency).result
        first = ours.effects[0]
        evidence = Evidence(
            reference=first.place,
            trace=first.trace,
            amount_minor=ours.amount_minor if self.moves_money else None,
            currency=first.currency,
            at=self.clock(),
            found_by_reading=any(one.read for one in ours.effects),
        )
        if any(one.status == PENDING for one in ours.effects):
            return OperationResult(Outcome.PENDING, reasons.WAITING, evidence)
        return OperationResult(Outcome.SUCCEEDED, evidence=evidence)

    def _effect(self, answer: Answer, place: str, *, read: bool) -> Effect:
        """A transaction that exists. Raises CallFailed(BAD_ANSWER) when it does not tell what it is."""
        status = flag(answer.body)
        if not IDENTIFIER.fullmatch(text(answer.body, "id")):
            raise bad_answer()
        currency = text(answer.body, "currency") or self.currency
        return Effect(place, status, self.amount_of(answer), currency, answer.trace, read)

    def _evidence(self, answer: Answer, *, read: bool = False) -> Evidence:
        return Evidence(trace=answer.trace, at=self.clock(), found_by_reading=read)


def told(**values: str) -> dict[str, str]:
    """The body of a request, without what is empty."""
    return {name: value for name, value in values.items() if value}


def bears(answer: Answer, reference: str) -> bool:
    """Whether a transaction carries this payment reference of ours."""
    return text(answer.body, "paymentReference") == reference
