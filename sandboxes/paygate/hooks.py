"""Control routes of this sandbox: merchants and their scripted results. Payments are in `back_office`."""

from typing import Any

from fastapi import APIRouter, HTTPException

from sandboxes.paygate.back_office import account_of
from sandboxes.paygate.scripts import Script
from sandboxes.paygate.server import Server
from sandboxes.paygate.settings import MerchantSettings
from sandboxes.paygate.views import account_view


def hook_router(server: Server) -> APIRouter:
    """The routes below `/control/accounts/{name}` that are about no payment."""
    router = APIRouter(prefix="/control/accounts/{name}", tags=["hooks"])

    @router.put("")
    async def put_account(name: str, settings: MerchantSettings) -> dict[str, Any]:
        try:
            return account_view(server.put(name, settings))
        except ValueError as error:
            raise HTTPException(409, str(error)) from error

    @router.get("")
    async def get_account(name: str) -> dict[str, Any]:
        return account_view(account_of(server, name))

    @router.post("/scripts", status_code=201)
    async def add_script(name: str, script: Script) -> Script:
        account = account_of(server, name)
        added = account.scripts.add(script)
        account.touch()
        return added

    @router.get("/scripts")
    async def scripts(name: str) -> list[Script]:
        return account_of(server, name).scripts.every()

    @router.delete("/scripts", status_code=204)
    async def clear_scripts(name: str) -> None:
        account = account_of(server, name)
        account.scripts.clear()
        account.touch()

    @router.delete("/scripts/{script_id}", status_code=204)
    async def remove_script(name: str, script_id: str) -> None:
        account = account_of(server, name)
        if not account.scripts.remove(script_id):
            raise HTTPException(404, f"There is no script {script_id!r} (any more).")
        account.touch()

    return router
