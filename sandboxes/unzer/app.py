"""Puts the sandbox together: API, control routes, hooks, page, and the limit on request bodies."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from fastapi.exception_handlers import http_exception_handler
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from sandboxes.kit.control import control_router
from sandboxes.unzer.call import refusal
from sandboxes.unzer.errors import ApiError
from sandboxes.unzer.hooks import hook_router
from sandboxes.unzer.limit import BodyLimit
from sandboxes.unzer.merchant_routes import merchant_routes
from sandboxes.unzer.pages import add_pages
from sandboxes.unzer.payment_routes import payment_routes
from sandboxes.unzer.resource_routes import resource_routes
from sandboxes.unzer.server import Server
from sandboxes.unzer.type_routes import type_routes


def make_app(state: Path | None) -> ASGIApp:
    """The sandbox with the accounts kept in `state`, or in memory only."""
    server = Server(state)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        server.start()
        yield
        await server.stop()

    app = FastAPI(title="unzer sandbox", lifespan=lifespan)
    app.state.server = server
    app.include_router(control_router(server.find, server.every, server.save))
    app.include_router(hook_router(server))
    for method, path, endpoint in (*payment_routes(), *type_routes(), *resource_routes(), *merchant_routes()):
        app.add_route(path, endpoint, methods=[method])
    add_pages(app, server)
    app.add_exception_handler(HTTPException, _unknown_route)
    return BodyLimit(app)


async def _unknown_route(request: Request, error: Exception) -> Response:
    """Below the API's versions an unknown path or method is answered in the API's own form."""
    assert isinstance(error, HTTPException)
    if request.url.path.startswith(("/v1/", "/v2/", "/v3/")) and error.status_code in (404, 405):
        code = "API.500.300.404" if error.status_code == 404 else "API.500.000.405"
        return refusal(request, None, ApiError(code, status=error.status_code))
    return await http_exception_handler(request, error)
