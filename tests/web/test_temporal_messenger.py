"""The messenger over Temporal: its deadlines, and what it makes of the server's failures."""

import asyncio
from collections.abc import Callable

import pytest
from temporalio.client import (
    Client,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.service import RPCError, RPCStatusCode

from domain.explain import Explanation
from domain.facts import Wish
from domain.operations import Note
from web import temporal_messenger
from web.messenger import NeverStarted, TemporalUnreachable
from web.temporal_messenger import TemporalMessenger
from workflows.messages import Answer, Message, PaymentHint, Reply

MESSAGE = Message("r", Wish.LOOK_AGAIN)
REPLY = Reply(Answer.ACCEPTED, "order/a/b/c/message/r")
TOLD = Explanation("shipping", Note("wait_shipping"))


def rpc(status: RPCStatusCode) -> RPCError:
    return RPCError("the server's words", status, b"")


class FakeSender:
    """Does what it is given; notes what it was handed."""

    def __init__(self, failure: Exception | None = None, *, silent: bool = False) -> None:
        self.failure = failure
        self.silent = silent
        self.handed: list[object] = []

    async def hint(self, order: str, hint: PaymentHint) -> None:
        self.handed.append((order, hint))
        await self._behave()

    async def tell(self, workflow_id: str, message: Message, find: Callable[[], str]) -> Reply:
        self.handed.append((workflow_id, message, find()))
        await self._behave()
        return REPLY

    async def explain(self, workflow_id: str) -> Explanation:
        await self._behave()
        return TOLD

    async def _behave(self) -> None:
        if self.silent:
            await asyncio.Event().wait()
        if self.failure is not None:
            raise self.failure


async def nobody() -> Client:
    """A client of a server that is not there."""
    return await Client.connect("127.0.0.1:1", lazy=True)


async def messenger(sender: FakeSender) -> TemporalMessenger[str]:
    """A messenger that knows one order."""
    return TemporalMessenger(await nobody(), sender, {"known": "what is stored"}.get)


async def test_what_is_stored_goes_along() -> None:
    """So that an order that ended is started again."""
    sender = FakeSender()
    to = await messenger(sender)
    hint = PaymentHint("h")
    assert await to.tell("known", MESSAGE) == REPLY
    await to.hint_payment("known", hint)
    assert await to.explain("known") == TOLD
    assert sender.handed == [("known", MESSAGE, "what is stored"), ("what is stored", hint)]


async def test_an_order_that_never_started_is_told_nothing() -> None:
    """There is nothing to start it with."""
    sender = FakeSender()
    to = await messenger(sender)
    with pytest.raises(NeverStarted):
        await to.tell("other", MESSAGE)
    with pytest.raises(NeverStarted):
        await to.hint_payment("other", PaymentHint("h"))
    assert sender.handed == []


@pytest.mark.parametrize(
    "failure",
    [
        rpc(RPCStatusCode.UNAVAILABLE),
        rpc(RPCStatusCode.DEADLINE_EXCEEDED),
        rpc(RPCStatusCode.RESOURCE_EXHAUSTED),
        rpc(RPCStatusCode.NOT_FOUND),
        WorkflowUpdateRPCTimeoutOrCancelledError(),
        WorkflowUpdateFailedError(ValueError("the order is ending")),
        RuntimeError("Failed client connect: refused"),
        TimeoutError(),
    ],
)
async def test_failures_of_the_server_mean_try_again(failure: Exception) -> None:
    """None of them says that the message was not heard."""
    to = await messenger(FakeSender(failure))
    with pytest.raises(TemporalUnreachable):
        await to.tell("known", MESSAGE)
    with pytest.raises(TemporalUnreachable):
        await to.hint_payment("known", PaymentHint("h"))


async def test_failures_of_ours_stay_failures() -> None:
    """A programming error must not look like a server that is away."""
    to = await messenger(FakeSender(RuntimeError("dictionary changed size during iteration")))
    with pytest.raises(RuntimeError, match="dictionary"):
        await to.tell("known", MESSAGE)


async def test_silence_ends_by_our_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the client itself would wait for."""
    for name in ("TELL_SECONDS", "HINT_SECONDS", "QUERY_SECONDS"):
        monkeypatch.setattr(temporal_messenger, name, 0.01)
    to = await messenger(FakeSender(silent=True))
    with pytest.raises(TemporalUnreachable, match="no answer within"):
        await to.tell("known", MESSAGE)
    with pytest.raises(TemporalUnreachable):
        await to.hint_payment("known", PaymentHint("h"))
    with pytest.raises(TemporalUnreachable):
        await to.explain("known")


@pytest.mark.parametrize("failure", [rpc(RPCStatusCode.NOT_FOUND), WorkflowQueryFailedError("no such query")])
async def test_an_order_that_cannot_say_is_none(failure: Exception) -> None:
    """Forgotten by the server: the reader falls back to what is stored."""
    assert await (await messenger(FakeSender(failure))).explain("known") is None


async def test_a_server_that_is_not_there_is_not_reachable() -> None:
    """Asked of a real client."""
    assert await (await messenger(FakeSender())).reachable() is False
