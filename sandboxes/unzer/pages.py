"""The page for a person, and the redirect page on which a customer would confirm a payment."""

from pathlib import Path
from urllib.parse import parse_qs

import jinja2
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from sandboxes.unzer import happenings
from sandboxes.unzer.account import UnzerAccount
from sandboxes.unzer.amounts import plain
from sandboxes.unzer.model import STATE_NAMES, Payment
from sandboxes.unzer.server import Server

ROWS = 100


def add_pages(app: FastAPI, server: Server) -> None:
    """`/`, `/accounts/{a}` and `/redirect/{pid}`."""
    loader = jinja2.FileSystemLoader(Path(__file__).parent / "templates")
    templates = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    templates.globals.update(money=plain, states=STATE_NAMES)

    def render(name: str, **values: object) -> HTMLResponse:
        return HTMLResponse(templates.get_template(name).render(**values))

    def waiting(payment_id: str) -> tuple[UnzerAccount, Payment]:
        for account in server.accounts():
            payment = account.payments.get(payment_id)
            if payment is not None:
                return account, payment
        raise HTTPException(404, "no such payment")

    async def index(_: Request) -> Response:
        return render("index.html", accounts=server.accounts())

    async def one_account(request: Request) -> Response:
        account = server.find(request.path_params["name"])
        if account is None:
            raise HTTPException(404, "no such account")
        agenda = account.agenda
        return render(
            "account.html",
            account=account,
            payments=list(reversed(account.payments.values()))[:ROWS],
            webhooks=account.webhooks.every(),
            deliveries=[*reversed(agenda.open), *reversed(agenda.finished)][:ROWS],
            requests=[{**one, "body": account.mask(one["body"])} for one in list(account.log)[-ROWS:][::-1]],
            faults=account.faults.armed(),
        )

    async def redirect(request: Request) -> Response:
        _, payment = waiting(request.path_params["pid"])
        return render("redirect.html", payment=payment)

    async def decided(request: Request) -> Response:
        account, payment = waiting(request.path_params["pid"])
        form = parse_qs((await request.body()).decode("utf-8", "replace"))
        code = "" if form.get("outcome") == ["pay"] else "COR.100.396.101"
        target = payment.transactions[0].return_url if payment.transactions else ""
        try:
            happenings.finish(account, payment, code=code)
        except ValueError as error:
            raise HTTPException(409, str(error)) from error
        return RedirectResponse(target or "/", 303)

    app.add_route("/", index, methods=["GET"])
    app.add_route("/accounts/{name}", one_account, methods=["GET"])
    app.add_route("/redirect/{pid}", redirect, methods=["GET"])
    app.add_route("/redirect/{pid}", decided, methods=["POST"])
