"""What a person at the dashboard, a bank or a customer does to a payment, by control routes."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from sandboxes.stripe import confirming, holds, refunding, setups
from sandboxes.stripe.account import StripeAccount
from sandboxes.stripe.errors import ApiError
from sandboxes.stripe.model import Intent
from sandboxes.stripe.server import Server
from sandboxes.stripe.side import Side
from sandboxes.stripe.views import payment_view, refund_view


class Body(BaseModel):
    """Base of the hook bodies: an unknown key is a mistake."""

    model_config = ConfigDict(extra="forbid")


class Cancel(Body):
    reason: Literal["abandoned", "duplicate", "fraudulent", "requested_by_customer", "automatic", ""] = ""


class Capture(Body):
    """Without an amount all that is left is taken."""

    amount_minor: Annotated[int, Field(ge=0)] | None = None
    final: bool = True


class Refund(Body):
    """Without an amount all that is left is given back."""

    amount_minor: Annotated[int, Field(gt=0)] | None = None
    reason: Literal["duplicate", "fraudulent", "requested_by_customer", ""] = ""
    metadata: dict[str, str] = Field(default_factory=dict)


class Authenticate(Body):
    outcome: Literal["succeeded", "failed"] = "succeeded"


def payment_hook_router(server: Server) -> APIRouter:
    """The routes below `/control/accounts/{name}` that are about one payment."""
    router = APIRouter(prefix="/control/accounts/{name}", tags=["hooks"])

    def account_of(name: str) -> StripeAccount:
        found = server.find(name)
        if found is None:
            raise HTTPException(404, f"no account {name!r}; create it with PUT /control/accounts/{name}")
        return found

    def payment_of(name: str, key: str) -> tuple[Side, Intent]:
        account = account_of(name)
        account.agenda.run_due()
        for side in account.sides():
            if key in side.intents:
                return side, side.intents[key]
        raise HTTPException(404, f"no payment intent {key!r} in account {name!r}")

    def done(side: Side, intent: Intent, happening: Callable[[], Any]) -> dict[str, Any]:
        _happen(side.account, happening)
        return payment_view(side, intent)

    @router.get("/payments/{key}")
    async def get_payment(name: str, key: str) -> dict[str, Any]:
        return payment_view(*payment_of(name, key))

    @router.post("/payments/{key}/expire")
    async def expire(name: str, key: str) -> dict[str, Any]:
        side, intent = payment_of(name, key)
        return done(side, intent, lambda: holds.expire(side, intent, side.account.now()))

    @router.post("/payments/{key}/cancel")
    async def cancel(name: str, key: str, body: Cancel | None = None) -> dict[str, Any]:
        side, intent = payment_of(name, key)
        return done(side, intent, lambda: holds.cancel(side, intent, (body or Cancel()).reason))

    @router.post("/payments/{key}/capture")
    async def capture(name: str, key: str, body: Capture | None = None) -> dict[str, Any]:
        side, intent = payment_of(name, key)
        wanted = body or Capture()
        return done(side, intent, lambda: holds.capture(side, intent, wanted.amount_minor, final=wanted.final))

    @router.post("/payments/{key}/refund")
    async def refund(name: str, key: str, body: Refund | None = None) -> dict[str, Any]:
        side, intent = payment_of(name, key)
        wanted, charge = body or Refund(), side.charge_of(intent)
        if charge is None:
            raise HTTPException(409, "nothing was charged")
        return done(
            side,
            intent,
            lambda: refunding.refund(side, charge, wanted.amount_minor, reason=wanted.reason, metadata=wanted.metadata),
        )

    @router.post("/payments/{key}/authenticate")
    async def authenticate(name: str, key: str, body: Authenticate | None = None) -> dict[str, Any]:
        side, intent = payment_of(name, key)
        success = (body or Authenticate()).outcome == "succeeded"
        return done(side, intent, lambda: confirming.authenticated(side, intent, success=success))

    @router.post("/setups/{key}/authenticate")
    async def authenticate_setup(name: str, key: str, body: Authenticate | None = None) -> dict[str, Any]:
        account = account_of(name)
        side = next((one for one in account.sides() if key in one.setups), None)
        if side is None:
            raise HTTPException(404, f"no setup intent {key!r} in account {name!r}")
        setup, success = side.setups[key], (body or Authenticate()).outcome == "succeeded"
        _happen(account, lambda: setups.authenticated(side, setup, success=success))
        return {"setup_intent": setup.id, "status": setup.status, "payment_method": setup.payment_method}

    @router.post("/refunds/{key}/fail")
    async def fail_refund(name: str, key: str) -> dict[str, Any]:
        account = account_of(name)
        side = next((one for one in account.sides() if key in one.refunds), None)
        if side is None:
            raise HTTPException(404, f"no refund {key!r} in account {name!r}")
        found = side.refunds[key]
        _happen(account, lambda: refunding.fail(side, found))
        return refund_view(found)

    return router


def _happen(account: StripeAccount, happening: Callable[[], Any]) -> None:
    """Let something happen outside the API; what cannot be is a 409."""
    try:
        with account.caused("dashboard"):
            happening()
    except (ApiError, ValueError) as error:
        raise HTTPException(409, str(error)) from error
    finally:
        account.touch()
