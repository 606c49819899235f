"""Proving a key by a question: which answers mean yes, which no, and which mean that nobody knows."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from adapters.stripe_psp.account import StripeAccount
from adapters.stripe_psp.proof import prove
from domain.errors import Transient
from domain.setup import AccessVerdict

MISSING = {"type": "invalid_request_error", "code": "resource_missing", "message": "No such payment_intent"}


class Answering:
    """A server that answers every request alike."""

    def __init__(self) -> None:
        self.status = 404
        self.body: dict[str, Any] = {"error": MISSING}
        self.asked: list[str] = []
        told = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                told.asked.append(self.path)
                content = json.dumps(told.body).encode()
                self.send_response(told.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def account(self) -> StripeAccount:
        return StripeAccount("proof", "rk_test_acme", f"http://127.0.0.1:{self.server.server_port}")


@pytest.fixture
def answering() -> Iterator[Answering]:
    found = Answering()
    yield found
    found.server.shutdown()
    found.server.server_close()


def now() -> datetime:
    return datetime.now(UTC)


@pytest.mark.parametrize(
    ("status", "error", "verdict"),
    [
        (404, MISSING, AccessVerdict.PROVEN),
        (401, {"type": "invalid_request_error", "message": "Invalid API Key"}, AccessVerdict.REFUSED),
        (403, {"type": "invalid_request_error", "message": "lacks the permission"}, AccessVerdict.LACKS_RIGHTS),
    ],
)
async def test_what_an_answer_means(
    answering: Answering, status: int, error: dict[str, Any], verdict: AccessVerdict
) -> None:
    """A payment that does not exist is looked for, once, and nothing else is asked."""
    answering.status, answering.body = status, {"error": error}
    assert await prove(answering.account, now) is verdict
    assert len(answering.asked) == 1
    assert answering.asked[0].startswith("/v1/payment_intents/pi_")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, {"error": {"type": "api_error", "message": "down"}}),
        (429, {"error": {"type": "invalid_request_error", "code": "rate_limit", "message": "slow down"}}),
        (400, {"error": {"type": "invalid_request_error", "message": "odd"}}),
        (200, {"id": "pi_1", "object": "payment_intent"}),
    ],
)
async def test_what_says_nothing_of_the_key(answering: Answering, status: int, body: dict[str, Any]) -> None:
    """Whoever saves is told to try again later."""
    answering.status, answering.body = status, body
    with pytest.raises(Transient):
        await prove(answering.account, now)


@pytest.mark.parametrize(
    ("key", "base_url", "verdict"),
    [
        ("pk_test_acme", None, AccessVerdict.PUBLIC_AS_SECRET),
        ("whsec_acme", None, AccessVerdict.SECRET_MALFORMED),
        ("", None, AccessVerdict.SECRET_MALFORMED),
        ("sk_live_acme", "https://elsewhere.example", AccessVerdict.WRONG_ADDRESS),
        ("sk_test_acme", "ftp://elsewhere.example", AccessVerdict.WRONG_ADDRESS),
    ],
)
async def test_what_is_wrong_at_sight(key: str, base_url: str | None, verdict: AccessVerdict) -> None:
    """Nobody is asked."""
    assert await prove(StripeAccount("proof", key, base_url), now) is verdict
