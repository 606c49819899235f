"""Payments whose hold belongs to an authorization: what an order wants is asked for once, and read from our books."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio.service import RPCError, RPCStatusCode

from cli import held_payments
from cli.held_payments import HeldPayments
from domain import reasons
from domain.authorization.facts import ActionAsked, ActionKind, ActionSettled, Origin
from domain.authorization.handing_over import HandingOver, Needed
from domain.authorization.ports import Instrument
from domain.authorization.state import AuthorizationState, evolve
from domain.errors import NotSent
from domain.facts import Standing
from domain.outcomes import Outcome
from domain.parties import ProviderAccount
from domain.ports import CaptureRequest, Earlier, RefundRequest, VoidRequest
from storage.authorizations import StartedAuthorization
from tests.domain.authorization.life import Life
from workflows.messages import Answer, AuthorizationStart, HoldMessage, HoldReply, PickUp
from workflows.sending_holds import KnownAuthorization

T0 = datetime(2030, 6, 1, 10, tzinfo=UTC)
WANTED = CaptureRequest("hold1", 4_000, "EUR", "KEY", "R1")
REQUEST = "order/KEY"
NEVER, AGAIN = Earlier(), Earlier(sends=1)
ONLY_ASK = Earlier(sends=1, may_send=False)


@dataclass
class Ledger:
    """Our books and the authorization behind them. `answer` is what the authorization says."""

    state_: AuthorizationState | None = None
    handed_over: bool = True
    answer: HoldReply | Exception = HoldReply(Answer.ACCEPTED, "op")  # noqa: RUF009
    acts: Callable[["Ledger", HoldMessage], None] = lambda books, message: None
    heard: list[HoldMessage] = field(default_factory=list)
    begun: list[str] = field(default_factory=list)

    def account(self, account: str) -> ProviderAccount:
        return ProviderAccount(account, "acme", "memory", "https://provider.example")

    def known(self, workflow_id: str) -> KnownAuthorization | None:
        return KnownAuthorization(AuthorizationStart("acme", "memory", "a", "hold1")) if self.handed_over else None

    def state(self, workflow_id: str) -> AuthorizationState | None:
        return self.state_

    def begin(self, started: StartedAuthorization, instrument: Instrument, at: datetime) -> bool:
        assert (started.tenant, started.account, started.reference) == ("acme", "a", "hold1")
        assert instrument == Instrument()
        self.handed_over = True
        return True

    def start(self, account: ProviderAccount, reference: str) -> AuthorizationStart:
        return AuthorizationStart(account.tenant, account.provider, account.id, reference)

    # the sender

    async def begin_it(self, known: KnownAuthorization, reason: PickUp) -> None:
        self.begun.append(known.workflow_id)

    async def act(self, workflow_id: str, message: HoldMessage, find: Callable[[], Any]) -> HoldReply:
        self.heard.append(message)
        if isinstance(self.answer, Exception):
            raise self.answer
        self.acts(self, message)
        return self.answer


class Sender:
    """As `AuthorizationSender`, to the ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self.begin, self.act = ledger.begin_it, ledger.act


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    made = asyncio.new_event_loop()
    thread = threading.Thread(target=made.run_forever, daemon=True)
    thread.start()
    yield made
    made.call_soon_threadsafe(made.stop)
    thread.join()


@pytest.fixture
def ledger(monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """A hold of 100.00; waiting for an end takes no time."""
    monkeypatch.setattr(held_payments, "SETTLES_WITHIN_SECONDS", 0.0)
    return Ledger(Life.begin().state)


@pytest.fixture
def payments(ledger: Ledger, loop: asyncio.AbstractEventLoop) -> HeldPayments:
    holds = HandingOver("memory", r"hold\d+", "hold1")
    return HeldPayments(holds, ledger, Sender(ledger), loop, lambda: T0)  # type: ignore[arg-type]


def free() -> None:
    """Nothing is against sending."""


def settles(reason: str = "") -> Callable[[Ledger, HoldMessage], None]:
    """What is asked for ends at once, and our books say so."""

    def acted(books: Ledger, message: HoldMessage) -> None:
        assert books.state_ is not None
        request_id = message.withdraws or message.request_id
        if message.action is not None:
            books.state_ = evolve(books.state_, ActionAsked(request_id, message.action, T0, message.origin))
        books.state_ = evolve(books.state_, ActionSettled(T0, request_id, reason))

    return acted


def asked(books: Ledger, payments: HeldPayments) -> None:
    """The capture was asked for and waits."""
    books.acts = lambda ledger, message: setattr(
        ledger,
        "state_",
        evolve(ledger.state_, ActionAsked(message.request_id, message.action, T0)),  # type: ignore[arg-type]
    )
    assert payments.capture("a", WANTED, NEVER, free).outcome is Outcome.PENDING
    books.heard.clear()


def test_a_capture_is_a_patient_wish_of_the_order(ledger: Ledger, payments: HeldPayments) -> None:
    """Named after the order's operation; its end comes from our books."""
    ledger.acts = settles()
    assert payments.capture("a", WANTED, NEVER, free).outcome is Outcome.SUCCEEDED
    (told,) = ledger.heard
    assert (told.request_id, told.origin) == (REQUEST, Origin.ORDER)
    assert told.action is not None
    assert (told.action.kind, told.action.amount_minor, told.action.patient) == (ActionKind.CAPTURE, 4_000, True)
    assert told.action.reference == "R1"


def test_what_the_books_know_is_not_asked_again(ledger: Ledger, payments: HeldPayments) -> None:
    ledger.acts = settles()
    payments.capture("a", WANTED, NEVER, free)
    assert payments.capture("a", WANTED, AGAIN, free).outcome is Outcome.SUCCEEDED
    assert len(ledger.heard) == 1


def test_one_that_waits_is_pending_until_its_instant(ledger: Ledger, payments: HeldPayments) -> None:
    """The order is told when."""
    ledger.answer = HoldReply(Answer.ACCEPTED, "op", T0 + timedelta(hours=14))
    result = payments.capture("a", WANTED, NEVER, free)
    assert (result.outcome, result.retry_at) == (Outcome.PENDING, T0 + timedelta(hours=14))


@pytest.mark.parametrize(
    ("reason", "retry_at", "outcome", "told"),
    [
        (reasons.ONE_A_DAY, T0, Outcome.NOT_SENT, reasons.ONE_A_DAY),
        (reasons.NOTHING_HELD, None, Outcome.DECLINED, reasons.EXPIRED),
        (reasons.ABOVE_OPEN, None, Outcome.DECLINED, reasons.EXCEEDS),
        (reasons.TOO_SMALL, None, Outcome.DECLINED, reasons.TOO_SMALL),
    ],
)
def test_a_refusal(
    ledger: Ledger, payments: HeldPayments, reason: str, retry_at: datetime | None, outcome: Outcome, told: str
) -> None:
    """With an instant it was not sent; without one it is a no."""
    ledger.answer = HoldReply(Answer.REFUSED, "op", retry_at, reason)
    result = payments.capture("a", WANTED, NEVER, free)
    assert (result.outcome, result.reason, result.retry_at) == (outcome, told, retry_at)


def test_a_lost_answer_is_unknown_and_asked_for_by_the_same_name(ledger: Ledger, payments: HeldPayments) -> None:
    """Harmless, for the authorization knows the name again."""
    ledger.answer = RPCError("away", RPCStatusCode.UNAVAILABLE, b"")
    assert payments.capture("a", WANTED, NEVER, free).outcome is Outcome.UNKNOWN
    ledger.answer, ledger.acts = HoldReply(Answer.ALREADY, "op"), settles()
    assert payments.capture("a", WANTED, AGAIN, free).outcome is Outcome.SUCCEEDED
    assert [one.request_id for one in ledger.heard] == [REQUEST, REQUEST]


def test_nothing_leaves_without_permission(ledger: Ledger, payments: HeldPayments) -> None:
    def stopped() -> None:
        raise NotSent(reasons.PAUSED)

    with pytest.raises(NotSent):
        payments.capture("a", WANTED, NEVER, stopped)
    assert ledger.heard == []


def test_what_nobody_wants_any_more_is_withdrawn(ledger: Ledger, payments: HeldPayments) -> None:
    """Before it is carried out; the order hears a no."""
    asked(ledger, payments)
    ledger.acts = settles(reasons.WITHDRAWN)
    result = payments.capture("a", WANTED, replace(AGAIN, withdrawn=True), free)
    assert (result.outcome, result.reason) == (Outcome.DECLINED, reasons.WITHDRAWN)
    assert [one.withdraws for one in ledger.heard] == [REQUEST]


def test_what_is_under_way_cannot_be_withdrawn(ledger: Ledger, payments: HeldPayments) -> None:
    asked(ledger, payments)
    ledger.answer = HoldReply(Answer.REFUSED, "op", reason=reasons.TOO_LATE)
    assert payments.capture("a", WANTED, replace(AGAIN, withdrawn=True), free).outcome is Outcome.PENDING


def test_a_withdrawal_that_is_not_heard_leaves_it_pending(ledger: Ledger, payments: HeldPayments) -> None:
    """No error: the order comes again and withdraws it then."""
    asked(ledger, payments)
    ledger.answer = RPCError("away", RPCStatusCode.UNAVAILABLE, b"")
    assert payments.capture("a", WANTED, replace(AGAIN, withdrawn=True), free).outcome is Outcome.PENDING


@pytest.mark.parametrize(
    ("earlier", "outcome"),
    [
        (ONLY_ASK, Outcome.UNKNOWN),
        (replace(ONLY_ASK, over=True), Outcome.UNKNOWN),
        (replace(ONLY_ASK, withdrawn=True), Outcome.UNKNOWN),
        (replace(ONLY_ASK, over=True, withdrawn=True), Outcome.DECLINED),
    ],
)
def test_who_may_only_ask_sends_nothing(
    ledger: Ledger, payments: HeldPayments, earlier: Earlier, outcome: Outcome
) -> None:
    """What left no trace until its time was over was never heard."""
    assert payments.capture("a", WANTED, earlier, free).outcome is outcome
    assert ledger.heard == []


def test_voids_give_up_and_refunds_refund(ledger: Ledger, payments: HeldPayments) -> None:
    ledger.acts = settles()
    payments.void("a", VoidRequest("hold1", 4_000, "EUR", "VOID"), NEVER, free)
    payments.refund("a", RefundRequest("hold1", 500, "EUR", "BACK", None, "G1"), NEVER, free)  # type: ignore[arg-type]
    said = [(one.action.kind, one.action.amount_minor, one.action.reference) for one in ledger.heard if one.action]
    assert said == [(ActionKind.GIVE_UP, None, ""), (ActionKind.REFUND, 500, "G1")]


def test_a_payment_is_read_from_our_books(ledger: Ledger, payments: HeldPayments) -> None:
    found = payments.read_payment("a", "hold1")
    assert (found.standing, found.remaining_minor, found.method) == (Standing.ACCEPTED, 10_000, "card_hold")
    assert ledger.begun == []


def test_an_id_of_another_form_is_no_payment_of_this_provider(ledger: Ledger, payments: HeldPayments) -> None:
    assert payments.read_payment("a", "s-pay-1").standing is Standing.MISSING
    assert payments.capture("a", replace(WANTED, payment_id="hold1"), NEVER, free).outcome is not Outcome.UNKNOWN


def test_a_hold_that_needs_nothing_else_is_looked_after_from_now_on(ledger: Ledger, payments: HeldPayments) -> None:
    """The order waits for what the authorization will find."""
    ledger.state_, ledger.handed_over = None, False
    assert payments.read_payment("a", "hold1").standing is Standing.PENDING
    assert ledger.handed_over
    assert ledger.begun == ["authorization/acme/a/hold1"]


def test_a_hold_that_needs_more_waits_for_the_shop(ledger: Ledger, loop: asyncio.AbstractEventLoop) -> None:
    """Undecided, and nothing is begun without what a renewal needs."""
    ledger.state_, ledger.handed_over = None, False
    holds = HandingOver("memory", r"hold\d+", "hold1", frozenset({Needed.CARD_TOKEN}))
    waiting = HeldPayments(holds, ledger, Sender(ledger), loop, lambda: T0)  # type: ignore[arg-type]
    assert waiting.read_payment("a", "hold1").standing is Standing.PENDING
    assert (ledger.handed_over, ledger.begun) == (False, [])
    assert waiting.capture("a", WANTED, NEVER, free).outcome is Outcome.DECLINED
