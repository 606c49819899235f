"""Plays armed faults around a request, logs it, and runs a sandbox as a server of its own."""

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from sandboxes.kit.account import Account
from sandboxes.kit.faults import FaultKind

BODY_LOGGED = 20_000


class DroppedConnection(Response):
    """Answers by closing the connection without a byte, as a peer that dies does."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        cycle = getattr(scope.get("sandbox_send"), "__self__", None)
        transport = getattr(cycle, "transport", None)
        if transport is None:
            raise RuntimeError("cannot reach the connection: serve through sandboxes.kit.serving.serve")
        transport.abort()
        await asyncio.sleep(0)  # lets the server see that the connection is gone before it misses an answer


class RawSend:
    """Outermost layer: keeps the server's own `send` reachable, so that a connection can be cut."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope["sandbox_send"] = send
        await self._app(scope, receive, send)


async def play(
    account: Account,
    request: Request,
    call: str,
    facts: Mapping[str, str],
    work: Callable[[], Awaitable[Response]],
    *,
    note: Mapping[str, Any] | None = None,
) -> Response:
    """Run `work` (which takes effect and answers) with the fault armed for `call`, and log the request.

    `facts` are what a fault may match on; `note` is added to the log entry as it stands when work is done.
    """
    body = await request.body()
    entry: dict[str, Any] = {
        "at": account.clock.now().isoformat(),
        "call": call,
        "method": request.method,
        "path": request.url.path,
        "facts": dict(facts),
        "body": body[:BODY_LOGGED].decode("utf-8", "replace"),
        "fault": "",
        "status": 0,
    }
    account.log.append(entry)
    fault = account.faults.take(call, facts)
    began = time.monotonic()
    if fault is None:
        response = await work()
    else:
        entry["fault"] = fault.kind.value
        response = await _with_fault(fault, work)
    entry["status"] = 0 if isinstance(response, DroppedConnection) else response.status_code
    entry["milliseconds"] = round((time.monotonic() - began) * 1000)
    entry.update(note or {})
    return response


async def _with_fault(fault: Any, work: Callable[[], Awaitable[Response]]) -> Response:
    match fault.kind:
        case FaultKind.REFUSE:
            return DroppedConnection()
        case FaultKind.DROP_AFTER:
            await work()
            return DroppedConnection()
        case FaultKind.DELAY:
            response = await work()
            await asyncio.sleep(fault.seconds)
            return response
        case FaultKind.DELAY_BEFORE:
            await asyncio.sleep(fault.seconds)
            return await work()
        case FaultKind.STATUS:
            return Response("the service is not available", fault.status, media_type="text/plain")
        case FaultKind.STATUS_AFTER:
            await work()
            return Response("the service is not available", fault.status, media_type="text/plain")
        case FaultKind.MALFORMED:
            response = await work()
            return Response(b'<<"half an ans', response.status_code, media_type=response.media_type)
        case _:
            return await work()


# longer than clients keep a connection idle (five seconds, mostly): who closes first must be the one who sends next
KEEP_ALIVE_SECONDS = 60


def serve(make_app: Callable[[Path | None], ASGIApp], *, default_port: int, prog: str) -> None:
    """Parse `--host --port --state FILE` and serve until a signal; `--state` keeps accounts over a restart."""
    parser = argparse.ArgumentParser(prog=prog)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=default_port)
    parser.add_argument("--state", type=Path, default=None, help="SQLite file; memory only when left out")
    options = parser.parse_args()
    uvicorn.run(
        RawSend(make_app(options.state)),
        host=options.host,
        port=options.port,
        http="h11",
        log_level="warning",
        access_log=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=2,
    )
