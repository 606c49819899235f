"""Puts the sandbox together: API, control routes, hooks, page."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from starlette.types import ASGIApp

from sandboxes.kit.control import control_router
from sandboxes.paygate.back_office import back_office_router
from sandboxes.paygate.call import endpoint
from sandboxes.paygate.hooks import hook_router
from sandboxes.paygate.pages import add_pages
from sandboxes.paygate.server import Server


def make_app(state: Path | None) -> ASGIApp:
    """The sandbox with the accounts kept in `state`, or in memory only."""
    server = Server(state)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        server.start()
        yield
        await server.stop()

    app = FastAPI(title="paygate sandbox", lifespan=lifespan)
    app.state.server = server
    app.add_route("/{page}", endpoint, methods=["GET", "POST"])  # first: most requests come here
    app.include_router(control_router(server.find, server.every, server.save))
    app.include_router(hook_router(server))
    app.include_router(back_office_router(server))
    add_pages(app, server)
    return app
