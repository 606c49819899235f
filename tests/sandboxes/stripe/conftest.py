"""One sandbox process for the whole session and an account of its own for every test."""

import asyncio
import calendar
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import stripe
from stripe import StripeClient

from tests.support.sandbox_process import SandboxProcess, start_sandbox

QUIET: dict[str, Any] = {"trust_env": False, "timeout": 30, "verify": False}  # no TLS on the loopback address
VERSION = "2026-10-28.endive"
START = "2027-03-01T10:00:00+00:00"
DAY = 86_400


@pytest.fixture(autouse=True)
def _no_telemetry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stripe, "enable_telemetry", False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@dataclass
class Merchant:
    """One account: its control routes, the unmodified library with its secret key, and plain HTTP."""

    url: str
    name: str
    key: str = ""
    control: httpx.Client = field(init=False)
    http: httpx.Client = field(init=False)
    keys_used: int = 0

    def __post_init__(self) -> None:
        self.key = self.key or f"sk_test_{self.name}"
        self.control = httpx.Client(base_url=f"{self.url}/control/accounts/{self.name}", **QUIET)
        headers = {"Authorization": f"Bearer {self.key}", "Stripe-Version": VERSION}
        self.http = httpx.Client(base_url=self.url, headers=headers, **QUIET)
        self.client = self.client_of(self.key)

    def client_of(self, key: str, **more: Any) -> StripeClient:
        """The library as the engine builds it, with another key or other settings."""
        base: Any = {"api": self.url, "files": self.url, "connect": self.url}
        more.setdefault("http_client", stripe.HTTPXClient(timeout=30, allow_sync_methods=True))
        return StripeClient(key, stripe_version=VERSION, base_addresses=base, max_network_retries=0, **more)

    @property
    def v1(self) -> Any:
        return self.client.v1

    def close(self) -> None:
        self.control.close()
        self.http.close()

    def once(self) -> Any:
        """Options with an idempotency key that nobody used before."""
        self.keys_used += 1
        return {"idempotency_key": f"test:{self.name}:{self.keys_used}"}

    def configure(self, **settings: Any) -> dict[str, Any]:
        return good(self.http.put(f"/control/accounts/{self.name}", json=settings))

    def seed(self, amount: int = 10000, **more: Any) -> dict[str, Any]:
        return good(self.control.post("/payments", json={"amount_minor": amount, **more}))

    def view(self, intent: str) -> dict[str, Any]:
        return good(self.control.get(f"/payments/{intent}"))

    def hook(self, intent: str, what: str, **body: Any) -> httpx.Response:
        return self.control.post(f"/payments/{intent}/{what}", json=body)

    def arm(self, call: str, kind: str, **more: Any) -> None:
        good(self.control.post("/faults", json={"call": call, "kind": kind, **more}))

    def special(self, call: str, name: str, **params: Any) -> None:
        self.arm(call, "special", name=name, params=params)

    def lay_down(self, *outcomes: Any, **narrowed: Any) -> None:
        good(self.control.post("/outcomes", json={"outcomes": list(outcomes), **narrowed}))

    def clock(self, **change: Any) -> None:
        good(self.control.put("/clock", json=change))

    def stand_at(self, seconds: float) -> None:
        """Freeze the clock `seconds` after START."""
        start = time.strptime(START[:19], "%Y-%m-%dT%H:%M:%S")
        whole = int(_utc(start) + seconds)
        instant = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(whole))
        self.clock(instant=instant, frozen=True)

    def effects(self, *facts: str) -> list[Any]:
        """The money effects: kind and amount, with further facts when they are named."""
        rows = self.control.get("/effects").json()
        return [(one["kind"], one["amount_minor"], *(one.get(name) for name in facts)) for one in rows]

    def violations(self) -> list[str]:
        return [one["rule"] for one in self.control.get("/violations").json()]

    def events(self) -> list[str]:
        """The types of all events, oldest first."""
        found = self.v1.events.list({"limit": 100})
        return [one.type for one in reversed(found.data)]

    def customer(self, **more: Any) -> tuple[str, str]:
        """A customer with a stored card: both ids."""
        made = good(self.control.post("/customers", json=more))
        return made["customer"], made["payment_method"]

    def create(self, amount: int = 10000, **params: Any) -> Any:
        """Create a payment with manual capture; confirmed when a method is given and nothing else is said."""
        body: dict[str, Any] = {"amount": amount, "currency": "eur", "capture_method": "manual"}
        body["allowed_payment_method_types"] = ["card"]
        if "payment_method" in params:
            body["confirm"] = True
        return self.v1.payment_intents.create({**body, **params}, self.once())

    def renew(self, customer: str, method: str, amount: int = 10000, **params: Any) -> Any:
        """A hold that the merchant starts, with the stored card of a customer."""
        return self.create(amount, customer=customer, payment_method=method, off_session=True, **params)


def _utc(when: time.struct_time) -> int:
    return calendar.timegm(when)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The library hands its body to httpx in a way that httpx warns about; nothing here can change that."""
    for item in items:
        if "tests/sandboxes/stripe/" in item.path.as_posix():
            item.add_marker(pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning"))


def good(answer: httpx.Response) -> dict[str, Any]:
    assert answer.is_success, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def until(condition: Callable[[], bool], within: float = 20.0) -> None:
    """Wait for a condition; fails when it does not come true."""
    limit = time.monotonic() + within
    while not condition():
        assert time.monotonic() < limit, "the condition never came true"
        await asyncio.sleep(0.02)


@pytest.fixture(scope="session")
def sandbox() -> Iterator[SandboxProcess]:
    process = start_sandbox("sandboxes.stripe")
    yield process
    process.stop()


@pytest.fixture
def merchant(sandbox: SandboxProcess, request: pytest.FixtureRequest) -> Iterator[Merchant]:
    """A new account, named after the test."""
    name = "".join(one for one in request.node.name if one.isalnum() and one.isascii())
    found = Merchant(sandbox.url, name)
    found.configure()
    yield found
    found.close()


@pytest.fixture
async def aclient(merchant: Merchant) -> AsyncIterator[StripeClient]:
    """The library for asynchronous calls."""
    transport = stripe.HTTPXClient(timeout=30)
    yield merchant.client_of(merchant.key, http_client=transport)
    await transport.close_async()  # type: ignore[no-untyped-call]
