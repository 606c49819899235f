"""Create, change, show and delete accounts."""

import re
from typing import Any

from fastapi import APIRouter, HTTPException

from sandboxes.pixi.account import PixiAccount
from sandboxes.pixi.sandbox import Sandbox
from sandboxes.pixi.settings import AccountSettings

_NAME = re.compile(r"[A-Za-z0-9_-]{1,60}")


def shown(account: PixiAccount) -> dict[str, Any]:
    return {
        "name": account.name,
        "path": f"/soap/pixi{account.name}/",
        "orders": len(account.state.orders),
        "invoices": len(account.state.invoices),
        **account.settings.model_dump(mode="json"),
    }


def accounts_router(sandbox: Sandbox) -> APIRouter:
    router = APIRouter(prefix="/control/accounts", tags=["accounts"])

    @router.put("/{name}")
    async def put(name: str, settings: AccountSettings | None = None) -> dict[str, Any]:
        if not _NAME.fullmatch(name):
            raise HTTPException(422, "the name is letters, digits, - and _")
        return shown(sandbox.put(name, settings or AccountSettings()))

    @router.get("/{name}")
    async def get(name: str) -> dict[str, Any]:
        account = sandbox.find(name)
        if account is None:
            raise HTTPException(404, f"no account {name!r}")
        return shown(account)

    @router.delete("/{name}", status_code=204)
    async def delete(name: str) -> None:
        sandbox.remove(name)

    return router
