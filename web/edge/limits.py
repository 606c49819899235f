"""Takes in the whole body before anything looks at it, and no more of it than allowed, whatever the headers claim."""

import asyncio
from collections.abc import Callable, Mapping

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.edge.errors import ApiError

READ_SECONDS = 20.0
# a sender in full swing hears the refusal only if we go on listening for a moment
LINGER_SECONDS = 2.0
_LINGER_BYTES = 64_000_000


def as_it_is(_scope: Scope, error: ApiError) -> Response:
    """The refusal in the one shape."""
    return error.response()


class BodyLimit:
    """413 for a body over `max_bytes`, or what `larger` says of a path; 408 for one that takes longer than
    `read_seconds`. `dressed` gives a refusal its shape."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        max_bytes: int,
        read_seconds: float = READ_SECONDS,
        linger_seconds: float = LINGER_SECONDS,
        dressed: Callable[[Scope, ApiError], Response] = as_it_is,
        larger: Mapping[str, int] | None = None,
    ) -> None:
        self._app = app
        self._max = max_bytes
        self._seconds = read_seconds
        self._linger_seconds = linger_seconds
        self._dressed = dressed
        self._larger = dict(larger or {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = self._larger.get(str(scope.get("path", "")), self._max)
        if _announced(scope) > most:
            await self._refuse(self._dressed(scope, _too_large(most)), receive, send)
            return
        try:
            async with asyncio.timeout(self._seconds):
                body = await _read(receive, most)
        except TimeoutError:
            await self._refuse(self._dressed(scope, _too_slow()), receive, send)
            return
        except _TooLarge:
            await self._refuse(self._dressed(scope, _too_large(most)), receive, send)
            return
        except _Gone:
            return
        await self._app(scope, _replay(body, receive), send)

    async def _refuse(self, response: Response, receive: Receive, send: Send) -> None:
        headers = [*response.raw_headers, (b"connection", b"close")]
        await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
        await send({"type": "http.response.body", "body": bytes(response.body), "more_body": True})
        await _linger(receive, self._linger_seconds)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


class _TooLarge(Exception):
    pass


class _Gone(Exception):
    """The client hung up."""


async def _read(receive: Receive, most: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _Gone
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > most:
            raise _TooLarge
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


def _too_large(most: int) -> ApiError:
    return ApiError(
        413,
        "body_too_large",
        f"The body is larger than {most} bytes.",
        "Send less; no request to this API needs a body of that size.",
    )


def _too_slow() -> ApiError:
    return ApiError(408, "body_too_slow", "The body did not arrive in time.", "Send the request again.")


def _announced(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0


async def _linger(receive: Receive, seconds: float) -> None:
    size = 0
    try:
        async with asyncio.timeout(seconds):
            while size <= _LINGER_BYTES:
                message = await receive()
                if message["type"] == "http.disconnect" or not message.get("more_body", False):
                    return
                size += len(message.get("body", b""))
    except TimeoutError:
        return


def _replay(body: bytes, receive: Receive) -> Receive:
    given = False

    async def replayed() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed
