"""What each answer of the provider that is no answer means: certain that nothing was executed, a definite no, or
nobody knows. Rows as they were measured with the library; all but the first two against a running server."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from adapters.stripe_psp.adapter import StripeHolds
from adapters.stripe_psp.failures import LOCK_PAUSE, RATE_PAUSE, RUNNING_PAUSE
from domain import reasons
from domain.errors import Misconfigured, Transient
from domain.outcomes import OperationResult, Outcome
from domain.ports import Earlier
from tests.contract.stripe.merchant import Asked, Merchant, capture, case
from tests.support.ports import free_port

FIRST, AGAIN = Earlier(), Earlier(sends=1, may_send=True, over=True)
NOW = datetime(2027, 3, 1, 10, 0, tzinfo=UTC)
HOLD = "pi_3MtwBwLkdIwHu7ix28a3tqPa"


def _error(code: str | None = None, kind: str = "invalid_request_error", **more: Any) -> dict[str, Any]:
    return {"error": {"message": "No.", "type": kind, **({"code": code} if code else {}), **more}}


@dataclass
class Scripted:
    """A server that gives one answer to everything."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    requests: list[tuple[str, str, str]] = field(default_factory=list)

    def says(self, status: int, body: Any, **headers: str) -> None:
        self.status, self.headers = status, headers
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()


@pytest.fixture
def scripted() -> Iterator[tuple[Scripted, str]]:
    """The server and its address."""
    script = Scripted()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            script.requests.append((self.command, self.path, self.headers.get("Idempotency-Key", "")))
            self.send_response(script.status)
            for name, value in {"Request-Id": "req_1", **script.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(script.body)))
            self.end_headers()
            self.wfile.write(script.body)

        do_GET = do_POST  # noqa: N815

        def log_message(self, *words: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield script, f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


async def _captured(merchant: Merchant, url: str, earlier: Earlier = FIRST) -> OperationResult:
    adapter = StripeHolds({"main": merchant.account(base_url=url)}.__getitem__, clock=lambda: NOW)
    try:
        return await adapter.capture("main", capture(HOLD), earlier, Asked().permits)
    finally:
        await adapter.close()


PAGE = b"<html><h1>502 Bad Gateway</h1></html>"
ROWS: dict[str, tuple[int, Any, dict[str, str], Outcome, str, timedelta | None]] = {
    "400": (400, _error("parameter_unknown"), {}, Outcome.DECLINED, reasons.REFUSED, None),
    "400 idempotency": (400, _error(kind="idempotency_error"), {}, Outcome.UNKNOWN, reasons.INPUT_CHANGED, None),
    "400 rate limit of old": (400, _error("rate_limit"), {}, Outcome.NOT_SENT, reasons.RATE, RATE_PAUSE),
    "401": (401, _error("api_key_expired"), {}, Outcome.NOT_SENT, reasons.MISCONFIGURED, None),
    "402": (402, _error("card_declined", "card_error"), {}, Outcome.DECLINED, reasons.REFUSED, None),
    "403": (403, _error("more_permissions_required"), {}, Outcome.NOT_SENT, reasons.MISCONFIGURED, None),
    "404": (404, _error("resource_missing", param="intent"), {}, Outcome.DECLINED, reasons.NOT_FOUND, None),
    "409": (409, _error("idempotency_key_in_use"), {}, Outcome.UNKNOWN, reasons.TOO_EARLY, RUNNING_PAUSE),
    "429": (429, _error("rate_limit"), {}, Outcome.NOT_SENT, reasons.RATE, RATE_PAUSE),
    "429 lock": (429, _error("lock_timeout"), {}, Outcome.NOT_SENT, reasons.BUSY, LOCK_PAUSE),
    "429 with a time": (
        429,
        _error("rate_limit"),
        {"Retry-After": "7"},
        Outcome.NOT_SENT,
        reasons.RATE,
        timedelta(seconds=7),
    ),
    "429 with nonsense": (
        429,
        _error("rate_limit"),
        {"Retry-After": "soon"},
        Outcome.NOT_SENT,
        reasons.RATE,
        RATE_PAUSE,
    ),
    "500": (500, _error(kind="api_error"), {}, Outcome.UNKNOWN, reasons.SERVER_ERROR, None),
    "502 page": (502, PAGE, {}, Outcome.UNKNOWN, reasons.SERVER_ERROR, None),
    "403 page": (403, PAGE, {}, Outcome.UNKNOWN, reasons.BAD_ANSWER, None),
    "302": (302, PAGE, {"Location": "/elsewhere"}, Outcome.UNKNOWN, reasons.BAD_ANSWER, None),
    "418": (418, _error("teapot"), {}, Outcome.UNKNOWN, reasons.BAD_ANSWER, None),
    "200 page": (200, PAGE, {}, Outcome.UNKNOWN, reasons.BAD_ANSWER, None),
    "200 nothing": (200, b"", {}, Outcome.UNKNOWN, reasons.BAD_ANSWER, None),
    "200 list": (200, [], {}, Outcome.UNKNOWN, reasons.BAD_ANSWER, None),
    "200 number": (200, 5, {}, Outcome.UNKNOWN, reasons.BAD_ANSWER, None),
    "200 null": (200, b"null", {}, Outcome.UNKNOWN, reasons.BAD_ANSWER, None),
    "200 bytes": (200, b"\xff\xfe{", {}, Outcome.UNKNOWN, reasons.BAD_ANSWER, None),
    "200 other object": (200, {"object": "refund", "id": "re_1"}, {}, Outcome.UNKNOWN, reasons.BAD_ANSWER, None),
    "200 odd object": (200, {"object": 7, "id": []}, {}, Outcome.UNKNOWN, reasons.BAD_ANSWER, None),
    "400 text": (400, {"error": "invalid_request"}, {}, Outcome.UNKNOWN, reasons.BAD_ANSWER, None),
    "400 list": (400, {"error": [1]}, {}, Outcome.UNKNOWN, reasons.BAD_ANSWER, None),
    "400 empty": (400, {"error": {}}, {}, Outcome.UNKNOWN, reasons.BAD_ANSWER, None),
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
async def test_an_answer_means_what_it_proves(merchant: Merchant, scripted: tuple[Scripted, str], row: Any) -> None:
    """A final capture is one request, so the answer to it decides; its key is the same whatever comes back."""
    script, url = scripted
    status, body, headers, outcome, reason, pause = row
    script.says(status, body, **headers)
    result = await _captured(merchant, url)
    assert (result.outcome, result.reason) == (outcome, reason)
    assert result.retry_at == (None if pause is None else NOW + pause)
    posts = [one for one in script.requests if one[0] == "POST"]
    assert [one[2] for one in posts] == [f"{capture(HOLD).reference}:capture"]


@pytest.mark.parametrize("status", [401, 403])
async def test_refused_credentials_leave_a_doubt_as_it_was(
    merchant: Merchant, scripted: tuple[Scripted, str], status: int
) -> None:
    """A question that is refused for its key says nothing about the request before."""
    script, url = scripted
    script.says(status, _error("api_key_expired"))
    result = await _captured(merchant, url, AGAIN)
    assert (result.outcome, result.reason) == (Outcome.UNKNOWN, reasons.MISCONFIGURED)
    adapter = StripeHolds({"main": merchant.account(base_url=url)}.__getitem__)
    with pytest.raises(Misconfigured):
        await adapter.read("main", case(HOLD), HOLD)
    await adapter.close()


async def test_nobody_listens(merchant: Merchant) -> None:
    """The connection is refused: nothing left us, for an effect as for a question."""
    url = f"http://127.0.0.1:{free_port()}"
    result = await _captured(merchant, url)
    assert (result.outcome, result.reason) == (Outcome.NOT_SENT, reasons.UNREACHABLE)
    adapter = StripeHolds({"main": merchant.account(base_url=url)}.__getitem__)
    with pytest.raises(Transient, match=reasons.UNREACHABLE):
        await adapter.read("main", case(HOLD), HOLD)
    await adapter.close()


@pytest.mark.parametrize("kind", ["refuse", "drop_after", "delay"])
async def test_no_answer(merchant: Merchant, kind: str) -> None:
    """The connection stood and then nothing came: it may have happened."""
    adapter = StripeHolds({"main": merchant.account(timeout_seconds=0.3)}.__getitem__)
    hold = merchant.hold()
    merchant.fault(kind, "payment_intents.capture", seconds=1.0)
    result = await adapter.capture("main", capture(hold), FIRST, Asked().permits)
    assert (result.outcome, result.reason) == (Outcome.UNKNOWN, reasons.NO_ANSWER)
    await adapter.close()


async def test_an_idempotency_error_is_never_passed_by_with_another_key(merchant: Merchant, holds: StripeHolds) -> None:
    """The key was used for something else: our mistake, which is not mended by taking the money under a new key."""
    hold = merchant.hold()
    merchant.special("lock_timeout", "payment_intents.capture")
    await holds.capture("main", capture(hold), FIRST, Asked().permits)
    merchant.special("error", "payment_intents.capture", type="idempotency_error", status=400)
    for earlier in (AGAIN, AGAIN):
        result = await holds.capture("main", capture(hold), earlier, Asked().permits)
        if result.outcome is Outcome.SUCCEEDED:
            break
        assert (result.outcome, result.reason) == (Outcome.UNKNOWN, reasons.INPUT_CHANGED)
    keys = {one["idempotency_key"] for one in merchant.sent()}
    assert keys == {f"{capture(hold).reference}:capture"}
