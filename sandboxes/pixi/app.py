"""Puts the sandbox together: SOAP endpoints, control routes and hooks, the page for people."""

from pathlib import Path

from fastapi import FastAPI

from sandboxes.kit.control import control_router
from sandboxes.pixi.control.accounts import accounts_router
from sandboxes.pixi.control.hooks import hooks_router
from sandboxes.pixi.page import page_router
from sandboxes.pixi.sandbox import Sandbox
from sandboxes.pixi.soap.endpoint import SoapEndpoint


def make_app(state: Path | None = None) -> FastAPI:
    """One process with all its accounts; `state` is the file that keeps them."""
    sandbox = Sandbox(state)
    app = FastAPI(title="pixi sandbox", redirect_slashes=False, docs_url=None, redoc_url=None)
    soap = SoapEndpoint(sandbox)
    app.add_route("/soap/pixi{account}/", soap.of_account, methods=["GET", "POST"])
    app.add_route("/tms/pixi/", soap.gateway, methods=["GET", "POST"])
    app.include_router(control_router(sandbox.find, lambda: list(sandbox.every()), sandbox.save))
    app.include_router(accounts_router(sandbox))
    app.include_router(hooks_router(sandbox))
    app.include_router(page_router(sandbox))
    return app
