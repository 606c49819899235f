"""The pages for a person: all merchants, and one with its payments, scripts, faults and requests."""

from pathlib import Path

import jinja2
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from sandboxes.paygate.server import Server

ROWS = 100
WITHOUT_DECIMALS = ("JPY", "KRW", "CLP", "ISK", "VND", "XAF", "XOF", "XPF")


def money(amount: int, currency: str) -> str:
    """Minor units for a person."""
    if currency in WITHOUT_DECIMALS:
        return f"{amount} {currency}"
    return f"{amount // 100}.{amount % 100:02d} {currency}"


def add_pages(app: FastAPI, server: Server) -> None:
    """`/` and `/accounts/{a}`."""
    loader = jinja2.FileSystemLoader(Path(__file__).parent / "templates")
    templates = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    templates.globals.update(money=money)

    def render(name: str, **values: object) -> HTMLResponse:
        return HTMLResponse(templates.get_template(name).render(**values))

    async def index(_: Request) -> Response:
        return render("index.html", accounts=server.accounts())

    async def one_account(request: Request) -> Response:
        account = server.find(request.path_params["name"])
        if account is None:
            raise HTTPException(404, "no such account")
        return render(
            "account.html",
            account=account,
            payments=list(reversed(account.payments.values()))[:ROWS],
            violations=account.violations[-ROWS:][::-1],
            requests=list(account.log)[-ROWS:][::-1],
            faults=account.faults.armed(),
            scripts=account.scripts.every(),
        )

    app.add_route("/", index, methods=["GET"])
    app.add_route("/accounts/{name}", one_account, methods=["GET"])
