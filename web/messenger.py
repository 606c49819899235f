"""How the HTTP process speaks to workflows, as protocols, so that everything else is tested without a server."""

from typing import Protocol

from domain.authorization.explain import HoldExplanation
from domain.errors import Transient
from domain.explain import Explanation
from workflows.messages import HoldMessage, HoldReply, Message, PaymentHint, Reply


class TemporalUnreachable(Transient):
    """No answer from the workflow server or from a worker in time. What was sent may or may not have arrived."""


class NeverStarted(LookupError):
    """Nothing is stored by which the order or authorization could be started again."""


class Messenger(Protocol):
    """Messages to order workflows. Every method raises `TemporalUnreachable` when no answer came in time."""

    async def tell(self, workflow_id: str, message: Message) -> Reply:
        """Tell an order something, starting it again when it has ended. Raises `NeverStarted`."""

    async def hint_payment(self, workflow_id: str, hint: PaymentHint) -> None:
        """Let an order look at its payment, starting it again when it has ended. Raises `NeverStarted`."""

    async def explain(self, workflow_id: str) -> Explanation | None:
        """What the order waits for; None when the workflow server no longer knows the order."""

    async def reachable(self) -> bool:
        """Whether the workflow server answers."""


class HoldMessenger(Protocol):
    """Messages to authorizations. Every method raises `TemporalUnreachable` when no answer came in time."""

    async def begin(self, workflow_id: str) -> None:
        """Make sure that an authorization runs. Raises `NeverStarted`."""

    async def act(self, workflow_id: str, message: HoldMessage) -> HoldReply:
        """Ask an authorization for something, starting it again when it has ended. Raises `NeverStarted`."""

    async def explain(self, workflow_id: str) -> HoldExplanation | None:
        """Where it stands and why; None when the workflow server no longer knows it."""

    async def terms_changed(self, tenant: str, account: str) -> None:
        """Have changed terms of an account told at once, to its merchant and to open authorizations."""
