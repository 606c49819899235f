"""The page on which a person sees what this server holds: accounts, orders, requests, faults, violations."""

from pathlib import Path
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from sandboxes.pixi.account import PixiAccount
from sandboxes.pixi.control import views
from sandboxes.pixi.money import to_minor
from sandboxes.pixi.sandbox import Sandbox

TEMPLATES = Path(__file__).parent / "templates"
ORDERS_SHOWN = 50
LINES_SHOWN = 50
REQUESTS_SHOWN = 30


def _money(minor: int) -> str:
    return f"{'-' if minor < 0 else ''}{abs(minor) // 100}.{abs(minor) % 100:02d}"


def _detail(account: PixiAccount, nr: int) -> dict[str, Any]:
    order = account.state.orders[nr]
    shown = order if len(order.lines) <= LINES_SHOWN else order.model_copy(update={"lines": order.lines[:LINES_SHOWN]})
    return {
        **views.full(account, shown),
        "total_minor": to_minor(order.total),
        "status": order.status,
        "counts": {status: count for status, count in sorted(order.tally.items()) if count},
        "hidden_lines": len(order.lines) - len(shown.lines),
    }


def page_router(sandbox: Sandbox) -> APIRouter:
    router = APIRouter(tags=["page"])
    jinja = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    jinja.filters["money"] = _money

    @router.get("/", response_class=HTMLResponse)
    async def accounts() -> str:
        return jinja.get_template("accounts.html").render(accounts=sandbox.every())

    @router.get("/accounts/{name}", response_class=HTMLResponse)
    async def account(name: str, request: Request) -> str:
        found = sandbox.find(name)
        if found is None:
            raise HTTPException(404, f"no account {name!r}")
        recent = sorted(found.state.orders.values(), key=lambda one: (one.updated_at, one.nr), reverse=True)
        return jinja.get_template("account.html").render(
            account=found,
            url=f"{request.base_url}soap/pixi{name}/",
            orders=[_detail(found, one.nr) for one in recent[:ORDERS_SHOWN]],
            hidden_orders=max(0, len(recent) - ORDERS_SHOWN),
            requests=list(found.log)[-REQUESTS_SHOWN:][::-1],
            effects=found.effects[-REQUESTS_SHOWN:][::-1],
            violations=found.violations[::-1],
            faults=found.faults.armed(),
            clock=found.clock.dump(),
        )

    return router
