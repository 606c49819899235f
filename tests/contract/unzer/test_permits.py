"""Whom the adapter asks before which request: `send` before what changes something, `look` before a question."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from adapters.unzer.adapter import UnzerPayments
from domain import reasons
from domain.errors import NotSent
from domain.outcomes import OperationResult, Outcome
from domain.ports import Earlier, Permits
from tests.contract.unzer.merchant import Merchant, refund_for, request_for, shipment_for, void_for

FIRST, AGAIN, ASK = Earlier(), Earlier(sends=1), Earlier(sends=1, may_send=False)
UNTIL = datetime(2027, 5, 3, 12, 0, tzinfo=UTC)
Effect = Callable[[UnzerPayments, str, Earlier, Permits], OperationResult]


def _capture(payments: UnzerPayments, payment_id: str, earlier: Earlier, permits: Permits) -> OperationResult:
    return payments.capture("main", request_for(payment_id), earlier, permits)


def _void(payments: UnzerPayments, payment_id: str, earlier: Earlier, permits: Permits) -> OperationResult:
    return payments.void("main", void_for(payment_id), earlier, permits)


def _refund(payments: UnzerPayments, payment_id: str, earlier: Earlier, permits: Permits) -> OperationResult:
    return payments.refund("main", refund_for(payment_id), earlier, permits)


def _ship(payments: UnzerPayments, payment_id: str, earlier: Earlier, permits: Permits) -> OperationResult:
    return payments.report_shipment("main", shipment_for(payment_id), earlier, permits)


EFFECTS: dict[str, tuple[Effect, str, str]] = {
    "void": (_void, "card", "authorized"),
    "refund": (_refund, "card", "charged"),
    "shipment": (_ship, "invoice-secured", "waiting"),
}
LOOKING = pytest.mark.parametrize(("effect", "type_", "state"), EFFECTS.values(), ids=EFFECTS)


@dataclass
class Asked:
    """Notes what it was asked for; `let` says how many questions may leave."""

    let: int | None = None
    asked: list[str] = field(default_factory=list)

    @property
    def permits(self) -> Permits:
        return Permits(send=lambda: self.asked.append("send"), look=self._look)

    def _look(self) -> None:
        if self.let is not None and self.asked.count("look") >= self.let:
            raise NotSent(reasons.PAUSED, UNTIL)
        self.asked.append("look")


def _sent(merchant: Merchant) -> list[str]:
    return ["look" if one["method"] == "GET" else "send" for one in merchant.calls("*")]


@LOOKING
def test_an_effect_asks_before_each_question(
    merchant: Merchant, payments: UnzerPayments, effect: Effect, type_: str, state: str
) -> None:
    """The payment is read first, with leave to look; what changes something needs the leave to send."""
    payment_id, asked = merchant.seed(type_, state=state), Asked()
    assert effect(payments, payment_id, FIRST, asked.permits).outcome is Outcome.SUCCEEDED
    assert asked.asked == ["look", "send"] == _sent(merchant)


@LOOKING
def test_nothing_is_asked_of_a_stopped_account(
    merchant: Merchant, payments: UnzerPayments, effect: Effect, type_: str, state: str
) -> None:
    """A paused account hears no question, and the operation comes back when the pause is over."""
    payment_id, asked = merchant.seed(type_, state=state), Asked(let=0)
    result = effect(payments, payment_id, FIRST, asked.permits)
    assert (result.outcome, result.reason, result.retry_at) == (Outcome.NOT_SENT, reasons.PAUSED, UNTIL)
    assert merchant.calls("*") == []


@LOOKING
@pytest.mark.parametrize("earlier", [AGAIN, ASK])
def test_an_open_question_waits_while_the_account_is_stopped(
    merchant: Merchant, payments: UnzerPayments, effect: Effect, type_: str, state: str, earlier: Earlier
) -> None:
    """What was sent before is asked for later: not asking settles nothing, and nothing is sent again."""
    payment_id = merchant.seed(type_, state=state)
    effect(payments, payment_id, FIRST, Asked().permits)
    before = len(merchant.calls("*"))
    for let in (0, 1):
        asked = Asked(let=let)
        result = effect(payments, payment_id, earlier, asked.permits)
        assert (result.outcome, result.reason, result.retry_at) == (Outcome.NOT_SENT, reasons.PAUSED, UNTIL)
    found = effect(payments, payment_id, earlier, Asked().permits)
    assert (found.outcome, found.evidence.found_by_reading) == (Outcome.SUCCEEDED, True)
    assert "send" not in _sent(merchant)[before:]
    assert len(merchant.effects()) == 1


def test_a_capture_that_goes_well_asks_nothing(merchant: Merchant, payments: UnzerPayments) -> None:
    """One request, no question."""
    asked = Asked(let=0)
    assert _capture(payments, merchant.seed(), FIRST, asked.permits).outcome is Outcome.SUCCEEDED
    assert asked.asked == ["send"] == _sent(merchant)


@pytest.mark.parametrize(("earlier", "outcome"), [(FIRST, Outcome.NOT_SENT), (AGAIN, Outcome.UNKNOWN)])
def test_a_refusal_that_cannot_be_checked_ends_nothing(
    merchant: Merchant, payments: UnzerPayments, earlier: Earlier, outcome: Outcome
) -> None:
    """The account is stopped just after a refusal: what it means is found out when asking is allowed again."""
    payment_id = merchant.seed()
    asked = Asked(let=1 if earlier.sends else 0)
    merchant.special("decline", code="COR.800.100.152")
    result = _capture(payments, payment_id, earlier, asked.permits)
    assert (result.outcome, result.reason, result.retry_at) == (outcome, reasons.PAUSED, UNTIL)
    assert merchant.captures() == []


def test_a_lapsed_hold_is_named_after_the_stop(merchant: Merchant, payments: UnzerPayments) -> None:
    """The second execution, with leave to look, tells that the hold is gone, as the first would have."""
    payment_id = merchant.seed()
    merchant.happens(payment_id, "expire")
    assert _capture(payments, payment_id, FIRST, Asked(let=0).permits).outcome is Outcome.NOT_SENT
    again = _capture(payments, payment_id, AGAIN, Asked().permits)
    assert (again.outcome, again.reason) == (Outcome.DECLINED, reasons.EXPIRED)
