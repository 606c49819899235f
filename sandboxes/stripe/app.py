"""Puts the sandbox together: API, control routes, hooks, pages."""

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
from sandboxes.stripe.arriving import refuse_unknown
from sandboxes.stripe.auth import RateLimit
from sandboxes.stripe.call import endpoint
from sandboxes.stripe.errors import ApiError
from sandboxes.stripe.hooks import hook_router
from sandboxes.stripe.merchant_routes import merchant_routes
from sandboxes.stripe.pages import add_pages
from sandboxes.stripe.payment_hooks import payment_hook_router
from sandboxes.stripe.payment_routes import payment_routes
from sandboxes.stripe.server import Server


def make_app(state: Path | None) -> ASGIApp:
    """The sandbox with the accounts kept in `state`, or in memory only."""
    server = Server(state)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        server.start()
        yield
        await server.stop()

    app = FastAPI(title="Stripe sandbox", lifespan=lifespan)
    app.state.server = server
    app.include_router(control_router(server.find, server.every, server.save))
    app.include_router(hook_router(server))
    app.include_router(payment_hook_router(server))
    limit = RateLimit()
    for route in (*payment_routes(), *merchant_routes()):
        app.add_route(route.path, endpoint(route, limit), methods=[route.method])
    add_pages(app, server)
    app.add_exception_handler(HTTPException, _unknown_route)
    return app


async def _unknown_route(request: Request, error: Exception) -> Response:
    """Below the API's versions an unknown path or method is answered in the API's own form."""
    assert isinstance(error, HTTPException)
    if request.url.path.startswith(("/v1/", "/v2/")) and error.status_code in (404, 405):
        message = f"Unrecognized request URL ({request.method}: {request.url.path})."
        return refuse_unknown(request, ApiError(404, message))
    return await http_exception_handler(request, error)
