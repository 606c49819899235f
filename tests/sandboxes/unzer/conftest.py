"""One sandbox process for the whole session and an account of its own for every test."""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from tests.support.sandbox_process import SandboxProcess, start_sandbox

QUIET: dict[str, Any] = {"trust_env": False, "timeout": 30, "verify": False}  # no TLS on the loopback address
JSON = {"content-type": "application/json; charset=UTF-8"}


@dataclass
class Shop:
    """One account: its control routes and the API as its private key sees it."""

    url: str
    name: str
    key: str = ""
    control: httpx.Client = field(init=False)
    api: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.key = self.key or f"s-priv-{self.name}"
        self.control = httpx.Client(base_url=f"{self.url}/control/accounts/{self.name}", **QUIET)
        self.api = httpx.Client(base_url=self.url, auth=(self.key, ""), headers=JSON, **QUIET)

    def close(self) -> None:
        self.control.close()
        self.api.close()

    def configure(self, **settings: Any) -> dict[str, Any]:
        return _good(self.api.put(f"/control/accounts/{self.name}", json=settings))

    def seed(self, kind: str, amount: int = 10000, **more: Any) -> str:
        payment = _good(self.control.post("/payments", json={"type": kind, "amount_minor": amount, **more}))
        return str(payment["payment_id"])

    def hook(self, payment: str, what: str, **body: Any) -> httpx.Response:
        return self.control.post(f"/payments/{payment}/{what}", json=body)

    def arm(self, call: str, kind: str, **more: Any) -> None:
        _good(self.control.post("/faults", json={"call": call, "kind": kind, **more}))

    def special(self, call: str, name: str, **params: Any) -> None:
        self.arm(call, "special", name=name, params=params)

    def post(self, path: str, **body: Any) -> httpx.Response:
        return self.api.post(f"/v1/{path}", json=body)

    def get(self, path: str) -> Any:
        return self.api.get(f"/v1/{path}").json()

    def capture(self, payment: str, **body: Any) -> httpx.Response:
        return self.post(f"payments/{payment}/charges", **body)

    def amounts(self, payment: str) -> tuple[str, str]:
        """The four amounts without trailing zeros, and the name of the state."""
        body = self.get(f"payments/{payment}")
        order = ("total", "charged", "canceled", "remaining")
        numbers = " / ".join(f"{float(body['amount'][key]):g}" for key in order)
        return numbers, body["state"]["name"]

    def listed(self, payment: str) -> list[tuple[str, str, str, str]]:
        """Type, status, path below the payment and amount of every transaction."""
        found = self.get(f"payments/{payment}")["transactions"]
        return [(one["type"], one["status"], one["url"].partition(f"{payment}/")[2], one["amount"]) for one in found]

    def effects(self) -> list[tuple[str, int]]:
        return [(one["kind"], one["amount_minor"]) for one in self.control.get("/effects").json()]

    def webhook(self, url: str, *events: str) -> None:
        assert self.post("webhooks", url=url, eventList=list(events)).status_code == 201

    def clock(self, **change: Any) -> None:
        _good(self.control.put("/clock", json=change))

    def type_id(self, kind: str, **data: Any) -> str:
        return str(_good(self.post(f"types/{kind}", **data))["id"])


def _good(answer: httpx.Response) -> dict[str, Any]:
    assert answer.is_success, answer.text
    found: dict[str, Any] = answer.json()
    return found


def code(answer: httpx.Response) -> str:
    """The code of the first error in an answer."""
    return str(answer.json()["errors"][0]["code"])


@pytest.fixture(scope="session")
def sandbox() -> Iterator[SandboxProcess]:
    process = start_sandbox("sandboxes.unzer")
    yield process
    process.stop()


@pytest.fixture
def shop(sandbox: SandboxProcess, request: pytest.FixtureRequest) -> Iterator[Shop]:
    """A new account, named after the test."""
    name = "".join(one for one in request.node.name if one.isalnum())
    found = Shop(sandbox.url, name)
    found.configure()
    yield found
    found.close()


@dataclass
class Receiver:
    """A server that takes notifications and answers as the test wants."""

    url: str
    statuses: list[int] = field(default_factory=list)  # of the next answers; 200 when empty
    got: list[dict[str, Any]] = field(default_factory=list)
    types: list[str] = field(default_factory=list)
    silent: threading.Event = field(default_factory=threading.Event)  # answers wait until it is set

    def __post_init__(self) -> None:
        self.silent.set()

    def events(self) -> list[str]:
        return [one["event"] for one in self.got]

    async def until(self, count: int) -> list[str]:
        await until(lambda: len(self.got) >= count)
        return self.events()


async def until(condition: Callable[[], bool], within: float = 20.0) -> None:
    """Wait for a condition; fails when it does not come true."""
    limit = time.monotonic() + within
    while not condition():
        assert time.monotonic() < limit, "the condition never came true"
        await asyncio.sleep(0.02)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """It runs in a thread of its own, so that a test may wait for a release without stopping it."""
    found = Receiver("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            found.types.append(self.headers["content-type"])
            found.got.append(json.loads(body))
            found.silent.wait(30)
            status = found.statuses.pop(0) if found.statuses else 200
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    found.url = f"http://127.0.0.1:{server.server_port}/hook"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield found
    server.shutdown()
    server.server_close()
