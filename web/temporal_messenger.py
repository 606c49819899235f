"""The messenger over Temporal: a deadline for every call, and the server's failures as ours.

Starting, signalling and updating is done by the `OrderSender` that the process brings along; the Temporal client
repeats on a clock of its own, so each call here ends by our deadline.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Generic, Protocol, TypeVar

from temporalio.client import (
    Client,
    WorkflowQueryFailedError,
    WorkflowQueryRejectedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.service import RPCError, RPCStatusCode

from domain.authorization.explain import HoldExplanation
from domain.explain import Explanation
from web.messenger import HoldMessenger, Messenger, NeverStarted, TemporalUnreachable
from workflows.messages import HoldMessage, HoldReply, LookNow, Message, PaymentHint, PickUp, Reply

# a worker that lost its place in the queue is waited for up to five seconds
TELL_SECONDS = 10.0
HINT_SECONDS = 5.0
QUERY_SECONDS = 2.0

Known = TypeVar("Known")
Known_contra = TypeVar("Known_contra", contravariant=True)


class OrderSender(Protocol[Known_contra]):
    """How an order is reached. `Known` is what is needed to start one again."""

    async def hint(self, order: Known_contra, hint: PaymentHint, /) -> None:
        """Signal a payment hint, starting the order if it does not run."""

    async def tell(self, workflow_id: str, message: Message, find: Callable[[], Known_contra], /) -> Reply:
        """Send a message as update, starting the order if it does not run."""

    async def explain(self, workflow_id: str, /) -> Explanation:
        """Ask the order what it waits for."""


class HoldSender(Protocol[Known_contra]):
    """How an authorization is reached. `Known` is what is needed to start one again."""

    async def begin(self, known: Known_contra, reason: PickUp, /) -> None:
        """Make sure that the authorization runs."""

    async def act(self, workflow_id: str, message: HoldMessage, find: Callable[[], Known_contra], /) -> HoldReply:
        """Send a message as update, starting the authorization if it does not run."""

    async def explain(self, workflow_id: str, /) -> HoldExplanation:
        """Ask the authorization where it stands."""


class TermsNews(Protocol):
    """How changed terms are told."""

    async def changed(self, tenant: str, account: str, reason: LookNow, /) -> None:
        """Start what tells them, or have it look at once."""


class TemporalMessenger(Messenger, Generic[Known]):
    """`find` gives what is stored of an order, None when nothing is; it reads our own SQL."""

    def __init__(self, client: Client, sender: OrderSender[Known], find: Callable[[str], Known | None]) -> None:
        self._client = client
        self._sender = sender
        self._find = find

    async def tell(self, workflow_id: str, message: Message) -> Reply:
        """Raises `NeverStarted` and `TemporalUnreachable`; then the message may be sent again."""
        known = await self._known(workflow_id)
        async with _answered_within(TELL_SECONDS):
            return await self._sender.tell(workflow_id, message, lambda: known)

    async def hint_payment(self, workflow_id: str, hint: PaymentHint) -> None:
        """Raises `NeverStarted` and `TemporalUnreachable`."""
        known = await self._known(workflow_id)
        async with _answered_within(HINT_SECONDS):
            await self._sender.hint(known, hint)

    async def explain(self, workflow_id: str) -> Explanation | None:
        """None when the server does not know the order any more, or the order cannot say."""
        try:
            async with _answered_within(QUERY_SECONDS):
                return await self._sender.explain(workflow_id)
        except (_Unknown, WorkflowQueryFailedError, WorkflowQueryRejectedError):
            return None

    async def reachable(self) -> bool:
        """Whether the server's frontend is healthy."""
        try:
            async with _answered_within(QUERY_SECONDS):
                return await self._client.service_client.check_health(timeout=timedelta(seconds=QUERY_SECONDS))
        except TemporalUnreachable:
            return False

    async def _known(self, workflow_id: str) -> Known:
        known = await asyncio.to_thread(self._find, workflow_id)
        if known is None:
            raise NeverStarted(workflow_id)
        return known


class TemporalHoldMessenger(HoldMessenger, Generic[Known]):
    """`find` gives what is stored of an authorization, None when nothing is; it reads our own SQL. `terms` is the way
    to what tells changed terms."""

    def __init__(self, sender: HoldSender[Known], find: Callable[[str], Known | None], terms: TermsNews) -> None:
        self._sender = sender
        self._find = find
        self._terms = terms

    async def begin(self, workflow_id: str) -> None:
        """Raises `NeverStarted` and `TemporalUnreachable`."""
        known = await self._known(workflow_id)
        async with _answered_within(HINT_SECONDS):
            await self._sender.begin(known, PickUp("begin"))

    async def act(self, workflow_id: str, message: HoldMessage) -> HoldReply:
        """Raises `NeverStarted` and `TemporalUnreachable`; then the message may be sent again."""
        known = await self._known(workflow_id)
        async with _answered_within(TELL_SECONDS):
            return await self._sender.act(workflow_id, message, lambda: known)

    async def explain(self, workflow_id: str) -> HoldExplanation | None:
        """None when the server does not know the authorization any more, or it cannot say."""
        try:
            async with _answered_within(QUERY_SECONDS):
                return await self._sender.explain(workflow_id)
        except (_Unknown, WorkflowQueryFailedError, WorkflowQueryRejectedError):
            return None

    async def _known(self, workflow_id: str) -> Known:
        known = await asyncio.to_thread(self._find, workflow_id)
        if known is None:
            raise NeverStarted(workflow_id)
        return known

    async def terms_changed(self, tenant: str, account: str) -> None:
        """Raises `TemporalUnreachable`; then a worker sees to it."""
        async with _answered_within(HINT_SECONDS):
            await self._terms.changed(tenant, account, LookNow("changed"))


class _Unknown(TemporalUnreachable):
    """The server knows no such workflow, or it ended while it was spoken to."""


@asynccontextmanager
async def _answered_within(seconds: float) -> AsyncIterator[None]:
    """Turn the client's failures into ours."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise TemporalUnreachable(f"no answer within {seconds:g} seconds") from error
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            raise _Unknown("no such workflow") from error
        raise TemporalUnreachable(_short(error)) from error
    except (WorkflowUpdateRPCTimeoutOrCancelledError, WorkflowUpdateFailedError) as error:
        # an order refuses by its answer; a failed update means that it was about to end
        raise TemporalUnreachable(_short(error)) from error
    except RuntimeError as error:
        if "connect" not in str(error):
            raise
        raise TemporalUnreachable("no connection to the workflow server") from error


def _short(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:200]
