"""Puts the routes together. What protects every route stands here; what each one does, in its own module."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError, version

from fastapi import FastAPI

from settings import Profile
from web import internal
from web.callbacks import unzer
from web.edge.errors import ErrorBody, install_error_handlers
from web.edge.headers import SecurityHeaders
from web.edge.limits import BodyLimit
from web.edge.paths import PathAsSent
from web.edge.requests import RequestLog
from web.pages import docs, orders, production, style
from web.paygate import pages as paygate_pages
from web.paygate.answers import dressed
from web.paygate.batch_work import BatchWorker, working
from web.relay import Relay, running
from web.services import Services
from web.setup_api import accounts, checks, configurations, connections, drops, mail, tenants, terms
from web.shop_api import actions, authorizations, batches, failure_files, forecasts, health, journal, operations, wishes
from web.shop_api import orders as shop_orders

_DESCRIPTION = """Holdfast looks after a merchant's payments between checkout and the last refund.

Every request but the health checks carries an API token as `Authorization: Bearer hf_…`. Errors always have the shape
`{"error": {"code", "message", "what_to_do"}}`, with `fields` where several are wrong at once. Amounts are integers in
minor units (cents), instants are UTC.

A merchant is set up below `/setup`, with the scope `setup`. What exists is changed with the header `If-Match`, which
names the version that was seen; passwords and private keys are kept and never shown.

What a shop tells an order or asks of an authorization is answered at once with an operation id; ask `/operations/…`
what became of it."""


def create_app(services: Services, *, relay: bool = True) -> FastAPI:
    """The application. With `relay` it passes on callbacks and messages as long as it runs."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        if not relay:
            yield
            return
        async with running(Relay(services)), working(BatchWorker(services)):
            yield

    app = FastAPI(
        title="Holdfast",
        version=_version(),
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    app.state.services = services
    install_error_handlers(app)
    _add_routes(app, services.settings.profile)
    # the last one added is the outermost
    app.add_middleware(PathAsSent)
    settings = services.settings
    batches_may = {"/batches": settings.max_batch_bytes}
    app.add_middleware(BodyLimit, max_bytes=settings.max_body_bytes, dressed=dressed, larger=batches_may)
    app.add_middleware(RequestLog)
    app.add_middleware(SecurityHeaders)
    return app


def _add_routes(app: FastAPI, profile: Profile) -> None:
    refusals = {code: {"model": ErrorBody, "description": text} for code, text in _REFUSALS.items()}
    protected = refusals | {code: {"model": ErrorBody, "description": text} for code, text in _PROTECTED.items()}
    app.include_router(health.router, responses=refusals)
    of_shops = (shop_orders, journal, wishes, operations, authorizations, actions, forecasts, failure_files, batches)
    for module in (*of_shops, tenants, connections, configurations, mail, drops, accounts, terms, checks):
        app.include_router(module.router, responses=protected)
    app.include_router(unzer.router, responses=refusals | {404: protected[404]})
    app.include_router(paygate_pages.router)
    app.include_router(style.router)
    docs.add_docs(app)
    if profile is Profile.PRODUCTION:
        app.include_router(production.router)
    else:
        app.include_router(internal.router)
        app.include_router(orders.router)


_REFUSALS: dict[int | str, str] = {
    408: "The body did not arrive in time.",
    413: "The body is too large.",
    503: "The database cannot be used at the moment.",
}
_PROTECTED: dict[int | str, str] = {
    401: "The API token is missing or not valid.",
    403: "The API token lacks a scope, or is bound to another tenant.",
    404: "There is no such thing here.",
    422: "A parameter or field is wrong.",
}


def _version() -> str:
    try:
        return version("holdfast")
    except PackageNotFoundError:
        return "0"
