"""Control routes about payments: checkouts that a test makes up, the back office, and what time and banks decide."""

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from sandboxes.paygate.account import PaygateAccount
from sandboxes.paygate.codes import SUCCESS, complete, pending
from sandboxes.paygate.model import Payment
from sandboxes.paygate.operations import finish, look, perform
from sandboxes.paygate.seeding import Seed, seed
from sandboxes.paygate.server import Server
from sandboxes.paygate.steps import BACK_OFFICE, Wanted, lapse
from sandboxes.paygate.views import action_view, payment_view


class Body(BaseModel):
    """Base of the hook bodies: an unknown key is a mistake."""

    model_config = ConfigDict(extra="forbid")


class Movement(Body):
    """Body of the back office routes; 0 is allowed for a capture only and books nothing."""

    amount_minor: Annotated[int, Field(ge=0, lt=10**10)]


class Reversal(Body):
    """Without an amount the last action is undone as it was."""

    amount_minor: Annotated[int, Field(ge=0, lt=10**10)] | None = None


class Finish(Body):
    """Decides a pending action, the newest one when no `xid` is given."""

    xid: str = ""
    code: str = SUCCESS


def account_of(server: Server, name: str) -> PaygateAccount:
    """The account `name`, or a 404 that says how to make it."""
    found = server.find(name)
    if found is None:
        raise HTTPException(404, f"no account {name!r}; create it with PUT /control/accounts/{name}")
    return found


def back_office_router(server: Server) -> APIRouter:
    """The routes below `/control/accounts/{name}/payments`."""
    router = APIRouter(prefix="/control/accounts/{name}/payments", tags=["payments"])

    def payment_of(name: str, pay_id: str) -> tuple[PaygateAccount, Payment]:
        account = account_of(server, name)
        found = account.payments.get(pay_id)
        if found is None:
            raise HTTPException(404, f"no payment {pay_id!r} in account {name!r}")
        return account, look(account, found)

    def by_hand(name: str, pay_id: str, call: str, amount: int) -> dict[str, Any]:
        account, payment = payment_of(name, pay_id)
        _, action = perform(account, Wanted(call, BACK_OFFICE, pay_id=payment.pay_id, amount=amount))
        account.touch()
        return {**payment_view(payment), "action": action_view(action)}

    @router.post("", status_code=201)
    async def make_payment(name: str, wanted: Seed) -> dict[str, Any]:
        try:
            return payment_view(seed(account_of(server, name), wanted))
        except ValueError as error:
            raise HTTPException(422, str(error)) from error

    @router.get("")
    async def list_payments(name: str, trans_id: str = "") -> list[dict[str, Any]]:
        account = account_of(server, name)
        found = account.of_trans_id(trans_id) if trans_id else list(account.payments.values())
        return [payment_view(look(account, one)) for one in found]

    @router.get("/{pay_id}")
    async def get_payment(name: str, pay_id: str) -> dict[str, Any]:
        return payment_view(payment_of(name, pay_id)[1])

    @router.post("/{pay_id}/capture")
    async def capture(name: str, pay_id: str, body: Movement) -> dict[str, Any]:
        return by_hand(name, pay_id, "capture", body.amount_minor)

    @router.post("/{pay_id}/credit")
    async def credit(name: str, pay_id: str, body: Movement) -> dict[str, Any]:
        return by_hand(name, pay_id, "credit", body.amount_minor)

    @router.post("/{pay_id}/reverse")
    async def reverse(name: str, pay_id: str, body: Reversal | None = None) -> dict[str, Any]:
        _, payment = payment_of(name, pay_id)
        given = body.amount_minor if body is not None else None
        return by_hand(name, pay_id, "reverse", payment.undoable() if given is None else given)

    @router.post("/{pay_id}/expire")
    async def expire(name: str, pay_id: str) -> dict[str, Any]:
        account, payment = payment_of(name, pay_id)
        if payment.open + payment.ignored == 0:
            raise HTTPException(409, "nothing is held that could run out")
        lapse(account, payment, "expired")
        account.touch()
        return payment_view(payment)

    @router.post("/{pay_id}/finish")
    async def post_finish(name: str, pay_id: str, body: Finish | None = None) -> dict[str, Any]:
        account, payment = payment_of(name, pay_id)
        wanted = body or Finish()
        waiting = [one for one in payment.pending() if wanted.xid in ("", one.xid)]
        if not waiting:
            raise HTTPException(409, "no such pending action")
        finish(account, payment, waiting[-1], _final(wanted.code))
        account.touch()
        return {**payment_view(payment), "action": action_view(waiting[-1])}

    return router


def _final(code: str) -> str:
    try:
        found = complete(code)
    except ValueError as error:
        raise HTTPException(422, str(error)) from error
    if pending(found):
        raise HTTPException(422, "a pending action ends in a code that is final")
    return found
