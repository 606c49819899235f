"""What a simulated clock consists of: the stored offset of a tenant, and the clocks of the systems outside."""

import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import quote

import httpx

# stand-ins speak plain HTTP: reading the system's authorities for each client would take longer than a day of a life
NO_AUTHORITIES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class OpenWorkflow(Protocol):
    """A workflow of a simulated tenant that has not ended."""

    @property
    def workflow_id(self) -> str: ...


class OffsetStore(Protocol):
    """Simulated time = real time + offset, per tenant; and which workflows have to be moved along."""

    def offset(self, tenant: str) -> timedelta | None:
        """The tenant's offset; None for a tenant that lives in real time."""

    def set_offset(self, tenant: str, offset: timedelta) -> None:
        """Move the tenant's clock; refused in production and for tenants that live in real time."""

    def opened(self, tenant: str, workflow_id: str, started_at: datetime) -> object:
        """Note a workflow; nothing changes when it was noted before. `started_at` is simulated time (UTC)."""

    def closed(self, tenant: str, workflow_id: str) -> None:
        """Forget a workflow that has ended."""

    def open_workflows(self, tenant: str) -> Sequence[OpenWorkflow]:
        """The tenant's workflows that were noted and not forgotten."""


@dataclass(frozen=True)
class Agenda:
    """What a system outside will do by itself: when next (UTC), and how much is due already."""

    next: datetime | None = None
    pending: int = 0


class Outside(Protocol):
    """A system outside whose clock the driver moves. `name` is shown to people."""

    @property
    def name(self) -> str: ...

    async def set(self, instant: datetime, *, hold: bool) -> None:
        """Let the clock run on from `instant`; with `hold` nothing is delivered until `release`."""

    async def agenda(self) -> Agenda:
        """What it will do by itself."""

    async def release(self) -> int:
        """Do everything that is due now; returns how much was done."""

    async def changes(self) -> int:
        """How many changes others have made to it so far."""


class SandboxClock:
    """The clock of one account of a sandbox, over its control routes."""

    def __init__(self, base_url: str, account: str, *, client: httpx.AsyncClient | None = None) -> None:
        self.name = f"{base_url.rstrip('/')}/{account}"
        self._path = f"{base_url.rstrip('/')}/control/accounts/{quote(account, safe='')}"
        self._own = client is None
        self._client = client or httpx.AsyncClient(trust_env=False, timeout=60, verify=NO_AUTHORITIES)
        self._effects = 0

    async def set(self, instant: datetime, *, hold: bool) -> None:
        """Let the account's clock run on from `instant`."""
        change = {"instant": instant.isoformat(), "frozen": False, "hold": hold}
        _good(await self._client.put(f"{self._path}/clock", json=change))

    async def agenda(self) -> Agenda:
        """The account's next event and how many are due."""
        body = _good(await self._client.get(f"{self._path}/events")).json()
        due = body["next"]
        return Agenda(datetime.fromisoformat(due) if due else None, int(body["pending"]))

    async def next_event(self) -> datetime | None:
        """When the account next does something by itself."""
        return (await self.agenda()).next

    async def pending(self) -> int:
        """How many of its events are due and not done."""
        return (await self.agenda()).pending

    async def release(self) -> int:
        """Do everything that is due, callbacks included."""
        return int(_good(await self._client.post(f"{self._path}/events/release")).json()["done"])

    async def changes(self) -> int:
        """How many effects the account has recorded."""
        answer = _good(await self._client.get(f"{self._path}/effects", params={"after": self._effects}))
        self._effects += len(answer.json())
        return self._effects

    async def aclose(self) -> None:
        """Give the connections back, unless the client was handed in."""
        if self._own:
            await self._client.aclose()


def _good(answer: httpx.Response) -> httpx.Response:
    return answer.raise_for_status()
