"""Refuses request bodies over the limit before they are kept in memory."""

import json

from starlette.types import ASGIApp, Message, Receive, Scope, Send

LIMIT_BYTES = 12 * 1024 * 1024


class BodyLimit:
    """Answers 413 for a body above the limit, announced or not."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if announced.isdigit() and int(announced) > LIMIT_BYTES:
            await _refuse(send)
            return
        if announced == b"0":
            taken: list[Message] = []
            size = 0
            while True:
                message = await receive()
                taken.append(message)
                size += len(message.get("body", b""))
                if size > LIMIT_BYTES:
                    await _refuse(send)
                    return
                if message["type"] != "http.request" or not message.get("more_body", False):
                    break
            await self._app(scope, _replay(taken, receive), send)
            return
        await self._app(scope, receive, send)


def _replay(taken: list[Message], receive: Receive) -> Receive:
    async def again() -> Message:
        return taken.pop(0) if taken else await receive()

    return again


async def _refuse(send: Send) -> None:
    body = json.dumps({"isError": True, "errors": [{"code": "API.500.300.413", "customerMessage": "too large"}]})
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body.encode()})
