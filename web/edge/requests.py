"""One log event per request, and an answer even when a handler fails.

The event names the route, not the address: addresses of callbacks contain their token.
"""

import time

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.edge.errors import internal_error

log = structlog.get_logger()
_QUIET = frozenset({"/health", "/ready", "/internal/queues"})


class RequestLog:
    """Log method, route, status and duration; turn what no handler expected into a plain 500."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        begun = time.monotonic()
        try:
            await self._app(scope, receive, watched)
        except Exception:
            log.exception("http.failed", method=scope["method"], route=_route(scope))
            if status == 0:
                await internal_error().response()(scope, receive, watched)
        finally:
            _answered(scope, status, time.monotonic() - begun)


def _answered(scope: Scope, status: int, seconds: float) -> None:
    route = _route(scope)
    tell = log.debug if route in _QUIET else log.info
    tell("http.answered", method=scope["method"], route=route, status=status, ms=round(seconds * 1000))


def _route(scope: Scope) -> str:
    found = scope.get("route")
    return str(getattr(found, "path", "")) or "(none)"
