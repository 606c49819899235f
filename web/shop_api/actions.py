"""What can be asked of an authorization: one address per action. Each is answered at once and carried out in turn."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field

from domain.authorization.facts import Action, ActionKind
from domain.tenant_config import Language
from web.authorizations import Asked, NotKnown, RequestIdReused, ask, ended
from web.deliver import NOT_KNOWN
from web.edge.bodies import described
from web.edge.errors import ApiError, ErrorBody
from web.messenger import TemporalUnreachable
from web.services import ServicesDep
from web.shop_api.access import Writer
from web.shop_api.authorization_views import ActionView, action_view, authorization_path
from web.shop_api.authorizations import MAX_MINOR, Account, Reference, find_authorization, unknown_authorization
from web.shop_api.operations import operation_path
from web.shop_api.orders import suffix_for
from web.shop_api.wishes import IdempotencyKey, Told, told_in
from web.why import reason_words
from workflows.ids import authorization_workflow_id
from workflows.messages import Answer, Care, HoldMessage

LONGEST_WAIT_SECONDS = 20

_ANSWERS: dict[int | str, dict[str, Any]] = {
    400: {"model": ErrorBody, "description": "The body is no JSON."},
    404: {"model": ErrorBody, "description": "There is no such authorization."},
    409: {"model": ErrorBody, "description": "It is not possible now, or the request id stands for something else."},
    415: {"model": ErrorBody, "description": "The body is not declared as JSON."},
    503: {"model": ErrorBody, "description": "Temporal is away; the request is stored and will be delivered."},
}

router = APIRouter(tags=["Actions on an authorization"], responses=_ANSWERS)


class AmountTold(Told):
    """`amount_minor` in minor units; without it, all there is. `currency` is compared with the authorization's.
    `document`: an invoice or credit note that the amount belongs to."""

    amount_minor: Annotated[int, Field(strict=True, ge=0, le=MAX_MINOR)] | None = None
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = None
    document: Annotated[str, Field(max_length=100)] = ""


class CaptureTold(AmountTold):
    """An amount of 0 ends renewal and takes nothing. `final`: no further capture will follow. `patient`: rather wait
    for the next instant at which it is allowed than be refused."""

    final: bool = False
    patient: bool = False


class ActionAccepted(BaseModel):
    """The authorization heard it. `already`: this request id was here before. `retry_at` (UTC): when an action that has
    to wait will be carried out. `action`: what became of it as far as the request waited for it."""

    operation_id: str
    answer: Answer
    retry_at: datetime | None
    action: ActionView | None
    links: dict[str, str]


Wait = Annotated[int, Query(ge=0, le=LONGEST_WAIT_SECONDS, description="Seconds to wait for the end of the action.")]


def _action(path: str, kind: ActionKind, model: type[Told], summary: str, description: str) -> None:
    """Add the address of one action."""

    async def body(request: Request, _caller: Writer, idempotency_key: IdempotencyKey = None) -> Told:
        return await told_in(request, model, idempotency_key)

    @router.post(
        f"/authorizations/{{account:part}}/{{reference:part}}/{path}",
        name=f"authorization_{kind.value}",
        summary=summary,
        description=description,
        status_code=202,
        openapi_extra=described(model, required=False),
    )
    async def asked(
        services: ServicesDep,
        caller: Writer,
        account: Account,
        reference: Reference,
        given: Annotated[Told, Depends(body)],
        wait: Wait = 0,
    ) -> ActionAccepted:
        tenant = caller.one_tenant()
        row = find_authorization(services, tenant, account, reference)
        if isinstance(given, AmountTold) and given.currency and row.currency and given.currency != row.currency:
            raise ApiError(
                422,
                "other_currency",
                f"currency: This authorization is in {row.currency}.",
                "Give the amount in that currency.",
            )
        action = Action(
            kind,
            amount_minor=given.amount_minor if isinstance(given, AmountTold) else None,
            final=isinstance(given, CaptureTold) and given.final,
            patient=isinstance(given, CaptureTold) and given.patient,
            reference=given.document if isinstance(given, AmountTold) else "",
        )
        message = HoldMessage(given.request_id or "", action=action)
        return await _ask(services, caller, account, reference, message, given.actor, wait)


def _care(path: str, care: Care, summary: str, description: str) -> None:
    """Add the address of something that an operator can tell an authorization."""

    async def body(request: Request, _caller: Writer, idempotency_key: IdempotencyKey = None) -> Told:
        return await told_in(request, Told, idempotency_key)

    @router.post(
        f"/authorizations/{{account:part}}/{{reference:part}}/{path}",
        name=f"authorization_{care.value}",
        summary=summary,
        description=description,
        status_code=202,
        openapi_extra=described(Told, required=False),
    )
    async def told(
        services: ServicesDep,
        caller: Writer,
        account: Account,
        reference: Reference,
        given: Annotated[Told, Depends(body)],
    ) -> ActionAccepted:
        message = HoldMessage(given.request_id or "", care=care)
        return await _ask(services, caller, account, reference, message, given.actor, 0)


async def _ask(
    services: ServicesDep,
    caller: Writer,
    account: str,
    reference: str,
    message: HoldMessage,
    actor: str,
    wait: int,
) -> ActionAccepted:
    tenant = caller.one_tenant()
    workflow_id = authorization_workflow_id(tenant, account, reference) if account and reference else ""
    try:
        asked = await ask(services, tenant, workflow_id, message, actor or caller.name)
    except NotKnown:
        raise unknown_authorization() from None
    except RequestIdReused:
        raise ApiError(
            409,
            "request_id_reused",
            "This request id stands for something else that was asked of this authorization.",
            "Give every request an id of its own.",
        ) from None
    except TemporalUnreachable:
        raise ApiError(
            503,
            "temporal_unavailable",
            "The authorization could not be reached. The request is stored and will be delivered as soon as it can be.",
            "Repeating it with the same request id is safe and tells what became of it.",
            {"Retry-After": "5"},
        ) from None
    if asked.answer is Answer.REFUSED:
        raise _refused(asked)
    record = await ended(services, workflow_id, message.request_id, wait) if message.action is not None else None
    suffix = suffix_for(caller, tenant)
    row = find_authorization(services, tenant, account, reference)
    return ActionAccepted(
        operation_id=asked.operation_id,
        answer=asked.answer,
        retry_at=asked.retry_at,
        action=action_view(record) if record is not None else None,
        links={
            "operation": operation_path(asked.operation_id) + suffix,
            "authorization": authorization_path(row) + suffix,
        },
    )


def _refused(asked: Asked) -> ApiError:
    if asked.reason == NOT_KNOWN:
        return unknown_authorization()
    words = reason_words(asked.reason, Language.ENGLISH)
    later = f"It will be possible from {asked.retry_at.isoformat()} on." if asked.retry_at is not None else ""
    return ApiError(
        409,
        asked.reason or "refused",
        f"This cannot be done now: {words}.",
        later or "Read the authorization to see where it stands.",
    )


_action(
    "capture",
    ActionKind.CAPTURE,
    CaptureTold,
    "Take money of the hold",
    "One capture a day, unless the terms say realtime; what is left is held anew by the terms of the account.",
)
_action(
    "void",
    ActionKind.VOID,
    Told,
    "Give the hold up",
    "Nothing is renewed any more. Refused when there is none, or when the last action was a capture.",
)
_action(
    "reverse",
    ActionKind.REVERSE,
    Told,
    "Undo the last action, whatever it was",
    "After a capture this gives the money back; otherwise it gives the hold up. Nothing is renewed any more.",
)
_action(
    "refund",
    ActionKind.REFUND,
    AmountTold,
    "Give captured money back",
    "Up to what was captured and not given back.",
)
_action(
    "stop-renewal",
    ActionKind.STOP_RENEWAL,
    Told,
    "Renew no more",
    "The hold stays until it runs out; a capture is still possible. Harmless to repeat.",
)
_care(
    "look-again",
    Care.LOOK_AGAIN,
    "Look at everything again",
    "The hold is read anew, and what is unknown or was not sent is tried once more.",
)
_care("mark-solved", Care.MARK_SOLVED, "Its problems are solved", "Clears the marks and does nothing else.")
