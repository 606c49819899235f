"""The pages for a person, and the page on which a customer would authenticate."""

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs

import jinja2
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from sandboxes.stripe import confirming, setups
from sandboxes.stripe.account import StripeAccount
from sandboxes.stripe.model import Intent, SetupIntent
from sandboxes.stripe.server import Server
from sandboxes.stripe.side import Side
from sandboxes.stripe.views import payment_view

ROWS = 100
NO_DECIMALS = frozenset({"jpy", "krw", "clp", "vnd"})


def add_pages(app: FastAPI, server: Server) -> None:
    """`/`, `/accounts/{a}` and `/authenticate/{id}`."""
    loader = jinja2.FileSystemLoader(Path(__file__).parent / "templates")
    templates = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    templates.globals.update(money=money, instant=instant)

    def render(name: str, **values: object) -> HTMLResponse:
        return HTMLResponse(templates.get_template(name).render(**values))

    def waiting(key: str) -> tuple[Side, Intent | SetupIntent]:
        for account in server.accounts():
            for side in account.sides():
                found = side.intents.get(key) or side.setups.get(key)
                if found is not None:
                    return side, found
        raise HTTPException(404, "nobody waits here")

    async def index(_: Request) -> Response:
        return render("index.html", accounts=server.accounts())

    async def one_account(request: Request) -> Response:
        account = server.find(request.path_params["name"])
        if account is None:
            raise HTTPException(404, "no such account")
        account.agenda.run_due()
        return render("account.html", account=account, **_rows(account))

    async def ask(request: Request) -> Response:
        _, found = waiting(request.path_params["key"])
        return render("authenticate.html", found=found, is_payment=isinstance(found, Intent))

    async def decided(request: Request) -> Response:
        side, found = waiting(request.path_params["key"])
        form = parse_qs((await request.body()).decode("utf-8", "replace"))
        success = form.get("outcome") == ["succeeded"]
        try:
            with side.account.caused("customer"):
                if isinstance(found, Intent):
                    confirming.authenticated(side, found, success=success)
                else:
                    setups.authenticated(side, found, success=success)
        except ValueError as error:
            raise HTTPException(409, str(error)) from error
        finally:
            side.account.touch()
        return RedirectResponse(found.return_url or "/", 303)

    app.add_route("/", index, methods=["GET"])
    app.add_route("/accounts/{name}", one_account, methods=["GET"])
    app.add_route("/authenticate/{key}", ask, methods=["GET"])
    app.add_route("/authenticate/{key}", decided, methods=["POST"])


def _rows(account: StripeAccount) -> dict[str, object]:
    """What the page of an account lists, newest first."""
    payments = [payment_view(side, one) for side in account.sides() for one in list(side.intents.values())[-ROWS:]]
    events = [(side.mode, one) for side in account.sides() for one in list(side.events.values())[-ROWS:]]
    return {
        "payments": payments[::-1],
        "events": sorted(events, key=lambda pair: -pair[1].created),
        "effects": account.effects[-ROWS:][::-1],
        "violations": account.violations[-ROWS:][::-1],
        "requests": [{**one, "body": account.mask(one["body"])} for one in list(account.log)[-ROWS:][::-1]],
        "faults": account.faults.armed(),
        "programs": [one for side in account.sides() for one in side.programs.open()],
    }


def money(amount: int, currency: str) -> str:
    """An amount of minor units as a person writes it."""
    if currency in NO_DECIMALS:
        return f"{amount} {currency.upper()}"
    return f"{amount // 100}.{amount % 100:02d} {currency.upper()}"


def instant(seconds: float) -> str:
    """Unix seconds as date and time in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")
