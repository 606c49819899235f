"""Paths whose parts may contain anything, slashes included.

Servers hand over a decoded path, in which an order number `A/1` can no longer be told from two parts. Here the path
is routed as it was sent, and each part is decoded by the `part` convertor (`rest` for a last part with slashes).
"""

from urllib.parse import quote, unquote

from starlette.convertors import Convertor, register_url_convertor
from starlette.types import ASGIApp, Receive, Scope, Send

_PRINTABLE = "".join(chr(code) for code in range(0x21, 0x7F))


class _Part(Convertor[str]):
    regex = "[^/]+"

    def convert(self, value: str) -> str:
        return unquote(value)

    def to_string(self, value: str) -> str:
        return quote(value, safe="")


class _Rest(Convertor[str]):
    regex = ".+"

    def convert(self, value: str) -> str:
        return value  # who reads it decides, see `web.shop_api.operations`

    def to_string(self, value: str) -> str:
        return quote(value, safe="/")


register_url_convertor("part", _Part())
register_url_convertor("rest", _Rest())


class PathAsSent:
    """Route by the path as it was sent, still percent-encoded."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        raw = scope.get("raw_path")
        if scope["type"] == "http" and raw is not None:
            scope["path"] = quote(raw, safe=_PRINTABLE)
        await self._app(scope, receive, send)


def joined(*parts: str) -> str:
    """A path of encoded parts, with a slash in front."""
    return "".join(f"/{quote(part, safe='')}" for part in parts)
