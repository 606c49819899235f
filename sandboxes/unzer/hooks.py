"""Control routes of this sandbox: accounts, seeded payments, what happens to them outside the API, webhook mode."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from sandboxes.unzer import happenings
from sandboxes.unzer.account import UnzerAccount
from sandboxes.unzer.model import STATE_NAMES, Payment
from sandboxes.unzer.seeding import Seed, receipt, seed
from sandboxes.unzer.server import Server
from sandboxes.unzer.settings import AccountSettings, WebhookMode


class Body(BaseModel):
    """Base of the hook bodies: an unknown key is a mistake."""

    model_config = ConfigDict(extra="forbid")


class Finish(Body):
    """Body of `complete` and `fail`; without a transaction the pending one is meant."""

    transaction: str = ""
    code: str = "COR.700.400.100"


class Receipt(Body):
    amount_minor: Annotated[int, Field(gt=0)]


class Chargeback(Body):
    """`charge` empty: directly below the payment, as when it cannot be assigned."""

    charge: str = ""
    amount_minor: Annotated[int, Field(gt=0)] | None = None


class Expire(Body):
    """How later captures are refused, and whether the payment is cancelled by the expiry itself."""

    code: str = "COR.700.300.400"
    state: Literal["keep", "canceled"] = "keep"


def hook_router(server: Server) -> APIRouter:
    """The routes below `/control/accounts/{name}`."""
    router = APIRouter(prefix="/control/accounts/{name}", tags=["hooks"])

    def account_of(name: str) -> UnzerAccount:
        found = server.find(name)
        if found is None:
            raise HTTPException(404, f"no account {name!r}; create it with PUT /control/accounts/{name}")
        return found

    def payment_of(name: str, payment_id: str) -> tuple[UnzerAccount, Payment]:
        account = account_of(name)
        found = account.payment_of(payment_id, None)
        if found is None:
            raise HTTPException(404, f"no payment {payment_id!r} in account {name!r}")
        return account, found

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

    @router.put("/webhook-mode")
    async def put_mode(name: str, mode: WebhookMode) -> dict[str, Any]:
        account = account_of(name)
        account.agenda.set_mode(mode)
        account.touch()
        return {**account.agenda.mode.model_dump(), "hold": account.agenda.hold}

    @router.get("/deliveries")
    async def deliveries(name: str) -> list[dict[str, Any]]:
        agenda = account_of(name).agenda
        return [one.dump() for one in (*agenda.finished, *agenda.open)]

    @router.post("/payments", status_code=201)
    async def make_payment(name: str, wanted: Seed) -> dict[str, Any]:
        try:
            payment = seed(account_of(name), wanted)
        except ValueError as error:
            raise HTTPException(422, str(error)) from error
        return payment_view(payment)

    @router.get("/payments")
    async def list_payments(name: str) -> list[dict[str, Any]]:
        return [payment_view(one) for one in account_of(name).payments.values()]

    @router.get("/payments/{payment_id}")
    async def get_payment(name: str, payment_id: str) -> dict[str, Any]:
        return payment_view(payment_of(name, payment_id)[1])

    @router.post("/payments/{payment_id}/complete")
    async def complete(name: str, payment_id: str, body: Finish | None = None) -> dict[str, Any]:
        account, payment = payment_of(name, payment_id)
        return _done(payment, lambda: happenings.finish(account, payment, (body or Finish()).transaction))

    @router.post("/payments/{payment_id}/fail")
    async def fail(name: str, payment_id: str, body: Finish | None = None) -> dict[str, Any]:
        account, payment = payment_of(name, payment_id)
        wanted = body or Finish()
        return _done(payment, lambda: happenings.finish(account, payment, wanted.transaction, code=wanted.code))

    @router.post("/payments/{payment_id}/receipt")
    async def post_receipt(name: str, payment_id: str, body: Receipt) -> dict[str, Any]:
        account, payment = payment_of(name, payment_id)
        if payment.rule is None or payment.rule.charge != "transfer":
            raise HTTPException(422, "only prepayment and invoice payments receive transfers")
        return {"charge_id": receipt(account, payment, body.amount_minor), **payment_view(payment)}

    @router.post("/payments/{payment_id}/chargeback")
    async def post_chargeback(name: str, payment_id: str, body: Chargeback) -> dict[str, Any]:
        account, payment = payment_of(name, payment_id)
        return _done(payment, lambda: happenings.chargeback(account, payment, body.charge, body.amount_minor))

    @router.post("/payments/{payment_id}/expire")
    async def expire(name: str, payment_id: str, body: Expire | None = None) -> dict[str, Any]:
        account, payment = payment_of(name, payment_id)
        wanted = body or Expire()
        cancel = wanted.state == "canceled"
        return _done(payment, lambda: happenings.expire(account, payment, wanted.code, cancel=cancel))

    @router.post("/payments/{payment_id}/review")
    async def review(name: str, payment_id: str) -> dict[str, Any]:
        account, payment = payment_of(name, payment_id)
        return _done(payment, lambda: happenings.review(account, payment))

    return router


def _done(payment: Payment, happening: Any) -> dict[str, Any]:
    try:
        happening()
    except ValueError as error:
        raise HTTPException(409, str(error)) from error
    return payment_view(payment)


def account_view(account: UnzerAccount) -> dict[str, Any]:
    first = account.pairs[0]
    return {
        "name": account.name,
        "private_key": first.private_key,
        "public_key": first.public_key,
        "settings": account.settings.model_dump(),
        "payments": len(account.payments),
    }


def payment_view(payment: Payment) -> dict[str, Any]:
    """A payment as hooks show it: minor units, and everything each transaction was sent with."""
    rule = payment.rule
    return {
        "payment_id": payment.id,
        "type_id": payment.type_id,
        "type": rule.name if rule is not None else "",
        "state": STATE_NAMES[payment.state],
        "currency": payment.currency,
        "total_minor": payment.total,
        "charged_minor": payment.charged,
        "canceled_minor": payment.canceled,
        "remaining_minor": payment.remaining,
        "order_id": payment.order_id,
        "invoice_id": payment.invoice_id,
        "customer_id": payment.customer_id,
        "basket_id": payment.basket_id,
        "metadata_id": payment.metadata_id,
        "public_key": payment.public_key,
        "expired": bool(payment.expired_code),
        "transactions": [
            {
                "id": one.id,
                "kind": one.kind,
                "path": one.path,
                "status": one.status,
                "amount_minor": one.amount,
                "date": one.date,
                "charge_id": one.charge_id,
                "code": one.code,
                "order_id": one.order_id,
                "invoice_id": one.invoice_id,
                "payment_reference": one.payment_reference,
                "reason_code": one.reason_code,
                "redirect_url": one.redirect_url,
            }
            for one in payment.transactions
        ],
    }
