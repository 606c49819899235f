"""Control routes of this sandbox: accounts, seeds, laid-down outcomes, and what the dashboard or a bank would do."""

from typing import Any

from fastapi import APIRouter, HTTPException

from sandboxes.stripe.account import StripeAccount
from sandboxes.stripe.programs import Program
from sandboxes.stripe.seeding import CustomerSeed, Seed, seed, seed_customer, side_of
from sandboxes.stripe.server import Server
from sandboxes.stripe.settings import AccountSettings
from sandboxes.stripe.views import account_view, payment_view


def hook_router(server: Server) -> APIRouter:
    """The routes below `/control/accounts/{name}`."""
    router = APIRouter(prefix="/control/accounts/{name}", tags=["hooks"])

    def account_of(name: str) -> StripeAccount:
        found = server.find(name)
        if found is None:
            raise HTTPException(404, f"no account {name!r}; create it with PUT /control/accounts/{name}")
        return found

    @router.put("")
    async def put_account(name: str, settings: AccountSettings) -> dict[str, Any]:
        try:
            account = server.put(name, settings)
        except ValueError as error:
            raise HTTPException(409, str(error)) from error
        return account_view(account)

    @router.get("")
    async def get_account(name: str) -> dict[str, Any]:
        return account_view(account_of(name))

    @router.post("/customers", status_code=201)
    async def make_customer(name: str, wanted: CustomerSeed) -> dict[str, Any]:
        try:
            _, customer, method = seed_customer(account_of(name), wanted)
        except ValueError as error:
            raise HTTPException(422, str(error)) from error
        return {"customer": customer.id, "payment_method": method.id, "fingerprint": method.fingerprint}

    @router.post("/payments", status_code=201)
    async def make_payment(name: str, wanted: Seed) -> dict[str, Any]:
        try:
            side, intent = seed(account_of(name), wanted)
        except ValueError as error:
            raise HTTPException(422, str(error)) from error
        return payment_view(side, intent)

    @router.get("/payments")
    async def list_payments(name: str) -> list[dict[str, Any]]:
        account = account_of(name)
        account.agenda.run_due()
        return [payment_view(side, one) for side in account.sides() for one in side.intents.values()]

    @router.post("/outcomes", status_code=201)
    async def lay_down(name: str, program: Program) -> Program:
        account = account_of(name)
        made = side_of(account, program.mode).programs.add(program)
        account.touch()
        return made

    @router.get("/outcomes")
    async def laid_down(name: str) -> list[Program]:
        return [one for side in account_of(name).sides() for one in side.programs.open()]

    @router.delete("/outcomes", status_code=204)
    async def take_back(name: str) -> None:
        account = account_of(name)
        for side in account.sides():
            side.programs.clear()
        account.touch()

    return router
